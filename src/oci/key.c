#include "oci/key.h"

#include "base/buf.h"
#include "base/fs.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <string.h>

enum { KEY_FILE_MAX = 64 * 1024 };

struct pass {
	const char *phrase;
	bool asked;
};

static int give_pass(char *out, int size, int writing, void *ctx)
{
	(void)writing;
	struct pass *p = ctx;
	p->asked = true;
	size_t n = p->phrase ? strlen(p->phrase) : 0;
	if (!n || n > (size_t)size)
		return -1;
	memcpy(out, p->phrase, n);
	return (int)n;
}

static bool explain(const char *path, const struct pass *pass, struct err *err)
{
	if (pass->asked && !pass->phrase) {
		err_set(err, ERR_CONFIG, "the key file %s is encrypted", path);
		return err_hint(err, "add its pass phrase to the profile as pass_phrase=...");
	}
	if (pass->asked) {
		err_set(err, ERR_CONFIG,
			"the key file %s does not open with the profile's pass_phrase", path);
		return err_hint(err, "correct pass_phrase, or key_file if it is another key's");
	}
	err_set(err, ERR_CONFIG, "the key file %s holds no private key in PEM form", path);
	return err_hint(err,
		"key_file must name the private half (-----BEGIN ... PRIVATE KEY-----) of the API "
		"key whose public half is uploaded in the console");
}

EVP_PKEY *key_read(const char *path, const char *pass_phrase, struct err *err)
{
	struct buf text = {.max = KEY_FILE_MAX};
	if (!fs_read(path, &text, err)) {
		err->kind = ERR_CONFIG;
		err_hint(err,
			"key_file must name a file that you can read; check the path and its mode");
		buf_wipe(&text);
		return NULL;
	}
	struct pass pass = {.phrase = pass_phrase};
	BIO *bio = BIO_new_mem_buf(buf_str(&text), (int)text.len);
	EVP_PKEY *key = bio ? PEM_read_bio_PrivateKey(bio, NULL, give_pass, &pass) : NULL;
	BIO_free(bio);
	buf_wipe(&text);
	ERR_clear_error();
	if (!key) {
		explain(path, &pass, err);
		return NULL;
	}
	if (EVP_PKEY_get_base_id(key) != EVP_PKEY_RSA) {
		EVP_PKEY_free(key);
		err_set(err, ERR_CONFIG, "the key in %s is not an RSA key", path);
		err_hint(err, "OCI's API keys are RSA, 2048 bits or more: make one in the console");
		return NULL;
	}
	return key;
}
