/* sign_verify of http/sign.h. A thread checks one signature after the other, mostly of one key: what OpenSSL prepares for
   that key, an eighth of the work, is kept. */
#include "base/digest.h"
#include "base/text.h"
#include "http/sign.h"

#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <pthread.h>
#include <stdlib.h>

struct verifier {
	EVP_PKEY *key; /* held: no other key is at its address meanwhile */
	EVP_PKEY_CTX *ctx;
};
static pthread_key_t kept;
static pthread_once_t kept_once = PTHREAD_ONCE_INIT;

static void verifier_free(void *p)
{
	struct verifier *v = p;
	EVP_PKEY_CTX_free(v->ctx);
	EVP_PKEY_free(v->key);
	free(v);
}

static void make_kept(void)
{
	if (pthread_key_create(&kept, verifier_free))
		abort();
}

/* NULL: not a key for rsa-sha256. */
static EVP_PKEY_CTX *context_for(EVP_PKEY *key)
{
	if (EVP_PKEY_get_base_id(key) != EVP_PKEY_RSA)
		return NULL;
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(key, NULL);
	if (ctx && EVP_PKEY_verify_init(ctx) == 1 &&
		EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PADDING) == 1 &&
		EVP_PKEY_CTX_set_signature_md(ctx, EVP_sha256()) == 1)
		return ctx;
	EVP_PKEY_CTX_free(ctx);
	return NULL;
}

/* This thread's, for this key; it may be used again and again (EVP_PKEY_verify(3)). NULL as above. */
static EVP_PKEY_CTX *context(EVP_PKEY *key)
{
	pthread_once(&kept_once, make_kept);
	struct verifier *v = pthread_getspecific(kept);
	if (v && v->key == key)
		return v->ctx;
	EVP_PKEY_CTX *ctx = context_for(key);
	if (!ctx)
		return NULL;
	if (v)
		verifier_free(v);
	v = xalloc(sizeof *v);
	*v = (struct verifier){.key = key, .ctx = ctx};
	EVP_PKEY_up_ref(key);
	pthread_setspecific(kept, v);
	return ctx;
}

bool sign_verify(EVP_PKEY *key, const char *string, size_t len, const char *signature)
{
	arena_auto scratch = {0};
	unsigned char *raw, hash[DIGEST_MAX];
	size_t n;
	EVP_PKEY_CTX *ctx = context(key);
	if (!ctx || !text_unbase64(&scratch, signature, &raw, &n))
		return false;
	size_t hash_n = digest_bytes(DIGEST_SHA256, string, len, hash);
	return EVP_PKEY_verify(ctx, raw, n, hash, hash_n) == 1;
}
