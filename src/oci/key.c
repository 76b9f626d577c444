#include "oci/key.h"

#include "base/fs.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <string.h>

enum { KEY_FILE_MAX = 64 * 1024, KEY_BITS_MIN = 2048, PASS_MAX = 1024 };

struct pass {
	const struct key_source *source;
	const char *name;
	struct err *err;
	bool wanted;      /* by OpenSSL, which may want it again */
	struct buf typed; /* what was asked for */
};

static int copy_pass(const char *phrase, size_t n, char *out, int size)
{
	if (!n || n > (size_t)size)
		return -1;
	memcpy(out, phrase, n);
	return (int)n;
}

static int give_pass(char *out, int size, int writing, void *ctx)
{
	(void)writing;
	struct pass *p = ctx;
	const struct key_source *s = p->source;
	bool again = p->wanted;
	p->wanted = true;
	if (s->pass_phrase)
		return copy_pass(s->pass_phrase, strlen(s->pass_phrase), out, size);
	if (!again && s->ask && !s->ask(s->ask_ctx, p->name, &p->typed, p->err))
		buf_wipe(&p->typed);
	return copy_pass(buf_str(&p->typed), p->typed.len, out, size);
}

static bool explain_pass(const struct pass *p, struct err *err)
{
	if (err->kind == ERR_INTERRUPTED)
		return false;
	if (!p->source->pass_phrase && !p->typed.len) {
		err_set(err, ERR_CONFIG,
			"the key %s is encrypted, and its pass phrase is not known", p->name);
		return err_hint(err,
			"set OCI_CLI_PASSPHRASE, or add the pass phrase to the profile as pass_phrase=...; on "
			"a terminal weir asks for it");
	}
	err_set(err, ERR_CONFIG, "the key %s does not open with the pass phrase given", p->name);
	return err_hint(err,
		"correct pass_phrase (or OCI_CLI_PASSPHRASE), or key_file if it is another key's");
}

static bool has(const char *text, const char *what)
{
	return strstr(text, what);
}

/* What the file holds instead of a private key that can be read. */
static bool explain(const char *text, const struct pass *p, struct err *err)
{
	const char *begin = strstr(text, "-----BEGIN ");
	if (p->wanted)
		return explain_pass(p, err);
	if (begin && has(begin, "OPENSSH PRIVATE KEY-----")) {
		err_set(err, ERR_CONFIG, "the key %s is in OpenSSH's own form", p->name);
		return err_hint(err, "make it PEM: ssh-keygen -p -m PEM -f FILE");
	}
	if (begin && has(begin, "PRIVATE KEY-----")) {
		err_set(err, ERR_CONFIG, "the key %s is %s", p->name,
			has(begin, "-----END ") ? "damaged: its PEM cannot be read"
						: "cut off: its -----END line is missing");
		return err_hint(err, "copy the whole file again, or make a new API key");
	}
	if (begin && (has(begin, "PUBLIC KEY-----") || has(begin, "CERTIFICATE-----")))
		err_set(err, ERR_CONFIG, "%s holds a %s, not a private key", p->name,
			has(begin, "CERTIFICATE-----") ? "certificate" : "public key");
	else
		err_set(err, ERR_CONFIG, "%s holds no private key in PEM form", p->name);
	return err_hint(err,
		"it must be the private half (-----BEGIN ... PRIVATE KEY-----) of the API key whose "
		"public half is uploaded in the console");
}

static bool is_usable(const EVP_PKEY *key, const char *name, struct err *err)
{
	static const char cure[] =
		"OCI's API keys are RSA, 2048 bits or more: make one in the console, "
		"or with `oci setup keys`";
	if (EVP_PKEY_get_base_id(key) != EVP_PKEY_RSA)
		err_set(err, ERR_CONFIG, "the key %s is not an RSA key", name);
	else if (EVP_PKEY_get_bits(key) < KEY_BITS_MIN)
		err_set(err, ERR_CONFIG, "the key %s has only %d bits", name,
			EVP_PKEY_get_bits(key));
	else
		return true;
	return err_hint(err, cure);
}

static EVP_PKEY *parse(const char *text, size_t n, struct pass *p, struct err *err)
{
	BIO *bio = BIO_new_mem_buf(text, (int)n);
	EVP_PKEY *key = bio ? PEM_read_bio_PrivateKey(bio, NULL, give_pass, p) : NULL;
	BIO_free(bio);
	ERR_clear_error();
	if (!key) {
		explain(text, p, err);
		return NULL;
	}
	if (is_usable(key, p->name, err))
		return key;
	EVP_PKEY_free(key);
	return NULL;
}

EVP_PKEY *key_read(const struct key_source *s, struct err *err)
{
	struct buf text = {.max = KEY_FILE_MAX};
	struct pass pass = {.source = s,
		.name = s->path ? s->path : s->name,
		.err = err,
		.typed = {.max = PASS_MAX}};
	EVP_PKEY *key = NULL;
	if (!s->path)
		buf_adds(&text, s->content);
	*err = (struct err){0};
	if (s->path && !fs_read(s->path, &text, err)) {
		err->kind = ERR_CONFIG;
		err_hint(err,
			"key_file must name a file that you can read; check the path and its mode");
	} else {
		key = parse(buf_str(&text), text.len, &pass, err);
	}
	buf_wipe(&text);
	buf_wipe(&pass.typed);
	return key;
}
