#include "local/vault/vault_seal.h"

#include "base/fs.h"
#include "base/text.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

enum { KEY = 32, NONCE = 12, TAG = 16 };

static bool random_bytes(unsigned char *to, size_t n, struct err *err)
{
	return getrandom(to, n, 0) == (ssize_t)n || err_errno(err, ERR_IO, "getrandom");
}

static bool make_key(const char *path, unsigned char key[static KEY], struct err *err)
{
	return random_bytes(key, KEY, err) && fs_write(path, key, KEY, 0600, err);
}

static bool read_key(const char *home, bool make, unsigned char key[static KEY], struct err *err)
{
	arena_auto a = {0};
	const char *path = fs_join(&a, home, "vault.key");
	buf_auto bytes = {.max = KEY + 1};
	if (make && !fs_exists(path))
		return make_key(path, key, err);
	if (!fs_read(path, &bytes, err))
		return false;
	if (bytes.len != KEY)
		return err_set(err, ERR_IO, "%s is no key of this service's", path);
	memcpy(key, bytes.data, KEY);
	OPENSSL_cleanse(bytes.data, bytes.len);
	return true;
}

static bool broken(struct err *err)
{
	return err_set(err, ERR_IO, "the secret is not as it was sealed, or vault.key is another");
}

static EVP_CIPHER_CTX *begin(
	bool seal, const unsigned char *key, const unsigned char *nonce, const char *of)
{
	int n;
	EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
	if (c && EVP_CipherInit_ex(c, EVP_aes_256_gcm(), NULL, key, nonce, seal) == 1 &&
		EVP_CipherUpdate(c, NULL, &n, (const unsigned char *)of, (int)strlen(of)) == 1)
		return c;
	EVP_CIPHER_CTX_free(c);
	return NULL;
}

const char *vault_seal(const char *home, const char *of, const void *bytes, size_t n,
	struct arena *a, struct err *err)
{
	unsigned char key[KEY];
	unsigned char *out = arena_alloc(a, NONCE + n + TAG);
	if (!read_key(home, true, key, err) || !random_bytes(out, NONCE, err))
		return NULL;
	int done, rest;
	EVP_CIPHER_CTX *c = begin(true, key, out, of);
	bool ok = c && EVP_CipherUpdate(c, out + NONCE, &done, bytes, (int)n) == 1 &&
		EVP_CipherFinal_ex(c, out + NONCE + done, &rest) == 1 &&
		EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_GCM_GET_TAG, TAG, out + NONCE + n) == 1;
	EVP_CIPHER_CTX_free(c);
	OPENSSL_cleanse(key, sizeof key);
	if (ok)
		return text_base64url(a, out, NONCE + n + TAG);
	err_set(err, ERR_IO, "OpenSSL does not seal the secret");
	return NULL;
}

static bool open_bytes(
	const unsigned char *key, const char *of, unsigned char *in, size_t n, unsigned char *out)
{
	int done, rest;
	EVP_CIPHER_CTX *c = begin(false, key, in, of);
	bool ok = c && EVP_CipherUpdate(c, out, &done, in + NONCE, (int)n) == 1 &&
		EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_GCM_SET_TAG, TAG, in + NONCE + n) == 1 &&
		EVP_CipherFinal_ex(c, out + done, &rest) == 1;
	EVP_CIPHER_CTX_free(c);
	return ok;
}

bool vault_unseal(const char *home, const char *of, const char *sealed, unsigned char **ret,
	size_t *ret_n, struct err *err)
{
	arena_auto a = {0};
	unsigned char key[KEY], *in;
	size_t n;
	if (!read_key(home, false, key, err))
		return false;
	if (!text_unbase64url(&a, sealed, strlen(sealed), &in, &n) || n < NONCE + TAG)
		return broken(err);
	n -= NONCE + TAG;
	unsigned char *out = xalloc(n + 1);
	bool ok = open_bytes(key, of, in, n, out);
	OPENSSL_cleanse(key, sizeof key);
	if (!ok) {
		vault_forget(out, n);
		return broken(err);
	}
	*ret = out;
	*ret_n = n;
	return true;
}

void vault_forget(unsigned char *bytes, size_t n)
{
	if (bytes)
		OPENSSL_cleanse(bytes, n);
	free(bytes);
}
