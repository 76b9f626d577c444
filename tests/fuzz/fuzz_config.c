/*
 * An OCI config file and a key file: what stands before the first NUL is ~/.oci/config, what follows it ~/input.pem.
 * There are real keys beside it, ~/key.pem and ~/locked.pem (pass phrase "secret"); @FP@ stands for their
 * fingerprint.
 */
#include "fuzz.h"

#include "base/fs.h"
#include "base/text.h"
#include "http/sign.h"
#include "oci/config.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <string.h>

static char fingerprint[48];

static void keep_key(EVP_PKEY *key, const char *name, const EVP_CIPHER *cipher, const char *pass)
{
	BIO *bio = BIO_new(BIO_s_mem());
	char *text;
	FUZZ_CHECK(PEM_write_bio_PrivateKey(bio, key, cipher, (const unsigned char *)pass,
			   pass ? (int)strlen(pass) : 0, NULL, NULL) == 1);
	long n = BIO_get_mem_data(bio, &text);
	fuzz_write(name, text, (size_t)n);
	BIO_free(bio);
}

static void make_home(void)
{
	char path[512];
	struct err err;
	if (*fingerprint)
		return;
	snprintf(path, sizeof path, "%s/.oci", fuzz_folder());
	FUZZ_CHECK(fs_mkdirs(path, 0700, &err), "%s", err.text);
	setenv("HOME", fuzz_folder(), 1);
	static const char *const names[] = {"OCI_CLI_CONFIG_FILE", "OCI_CONFIG_FILE",
		"OCI_CLI_PROFILE", "OCI_CLI_REGION", "OCI_REGION", "OCI_CLI_USER",
		"OCI_CLI_TENANCY", "OCI_CLI_FINGERPRINT", "OCI_CLI_KEY_FILE", "OCI_CLI_KEY_CONTENT",
		"OCI_CLI_PASSPHRASE", "OCI_CLI_AUTH", "OCI_CLI_SECURITY_TOKEN_FILE",
		"OCI_CLI_RC_FILE", "OCI_RESOURCE_PRINCIPAL_VERSION"};
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		unsetenv(names[i]);
	/* A profile of an instance asks nobody: this is no URL that can be asked. */
	setenv("OCI_METADATA_BASE_URL", "none:", 1);
	EVP_PKEY *key = EVP_RSA_gen(2048);
	FUZZ_CHECK(key);
	keep_key(key, "key.pem", NULL, NULL);
	keep_key(key, "locked.pem", EVP_aes_128_cbc(), "secret");
	FUZZ_CHECK(sign_fingerprint(key, fingerprint, &err));
	EVP_PKEY_free(key);
}

static void write_config(const char *text, size_t n)
{
	buf_auto out = {0};
	for (const char *end = text + n; text < end;) {
		const char *at = memmem(text, (size_t)(end - text), "@FP@", 4);
		buf_add(&out, text, (size_t)((at ? at : end) - text));
		text = at ? at + 4 : end;
		if (at)
			buf_adds(&out, fingerprint);
	}
	fuzz_write(".oci/config", buf_str(&out), out.len);
}

static void check(const struct oci_config *c)
{
	char real[48];
	struct err err;
	FUZZ_CHECK(c->key && sign_fingerprint(c->key, real, &err));
	FUZZ_CHECK(!strcasecmp(real, c->fingerprint));
	/* What goes into a header or a host name cannot end either. */
	FUZZ_CHECK(text_starts(c->tenancy, "ocid") && !strpbrk(c->tenancy, "\r\n\""));
	if (c->auth == OCI_AUTH_SESSION)
		FUZZ_CHECK(!strpbrk(c->token.text, "\r\n\" "));
	else
		FUZZ_CHECK(text_starts(c->user, "ocid") && !strpbrk(c->user, "\r\n\""));
	FUZZ_CHECK(!c->region || !strpbrk(c->region, "/@:?# \r\n"));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	arena_auto a = {0};
	struct oci_config c = {0};
	struct err err = {0};
	make_home();
	const uint8_t *stop = n ? memchr(data, 0, n) : NULL;
	size_t head = stop ? (size_t)(stop - data) : n;
	write_config((const char *)data, head);
	fuzz_write("input.pem", stop ? stop + 1 : data, stop ? n - head - 1 : 0);
	struct oci_config_options first = {0}, other = {.profile = "OTHER", .region = "iad"};
	if (oci_config_load(&first, &a, &c, &err))
		check(&c);
	else
		fuzz_check_err(&err);
	oci_config_clear(&c);
	if (oci_config_load(&other, &a, &c, &err))
		check(&c);
	else
		fuzz_check_err(&err);
	oci_config_clear(&c);
	return 0;
}
