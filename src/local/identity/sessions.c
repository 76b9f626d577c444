#include "local/identity/sessions.h"

#include "base/fs.h"
#include "base/jwt.h"
#include "base/text.h"
#include "local/home.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct sessions {
	const char *home;
	pthread_mutex_t lock;
	EVP_PKEY *key; /* NULL: not needed so far */
};

struct sessions *sessions_new(const char *home)
{
	struct sessions *s = xalloc(sizeof *s);
	s->home = home;
	pthread_mutex_init(&s->lock, NULL);
	return s;
}

void sessions_free(struct sessions *s)
{
	if (!s)
		return;
	EVP_PKEY_free(s->key);
	pthread_mutex_destroy(&s->lock);
	free(s);
}

/* The service's own key; to be freed. make: where there is none yet. */
static EVP_PKEY *own_key(struct sessions *s, bool make, struct err *err)
{
	arena_auto a = {0};
	const char *path = fs_join(&a, s->home, "sessions.pem");
	pthread_mutex_lock(&s->lock);
	if (!s->key && (make || fs_exists(path)))
		s->key = home_key(path, err);
	if (s->key)
		EVP_PKEY_up_ref(s->key);
	EVP_PKEY *key = s->key;
	pthread_mutex_unlock(&s->lock);
	return key;
}

/* A number of an RSA key as a JSON Web Key has it. */
static struct node *jwk_number(EVP_PKEY *key, const char *name, struct arena *a)
{
	BIGNUM *n = NULL;
	if (!EVP_PKEY_get_bn_param(key, name, &n))
		return node_null(a);
	size_t size = (size_t)BN_num_bytes(n);
	unsigned char *bytes = arena_alloc(a, size);
	BN_bn2bin(n, bytes);
	BN_free(n);
	return node_str(a, text_base64url(a, bytes, size));
}

static const char *jwk_of(EVP_PKEY *key, struct arena *a)
{
	buf_auto text = {0};
	struct node *n = node_map(a);
	node_put(a, n, "kty", node_str(a, "RSA"));
	node_put(a, n, "n", jwk_number(key, OSSL_PKEY_PARAM_RSA_N, a));
	node_put(a, n, "e", jwk_number(key, OSSL_PKEY_PARAM_RSA_E, a));
	node_put(a, n, "alg", node_str(a, "RS256"));
	node_put(a, n, "use", node_str(a, "sig"));
	node_to_json(n, NODE_JSON_COMPACT, &text);
	return arena_strdup(a, buf_str(&text));
}

static BIGNUM *number_of(const struct node *jwk, const char *name, struct arena *a)
{
	unsigned char *bytes;
	size_t n;
	const char *text = node_get_str(jwk, name);
	if (!text || !text_unbase64url(a, text, strlen(text), &bytes, &n))
		return NULL;
	return BN_bin2bn(bytes, (int)n, NULL);
}

static EVP_PKEY *key_of(const struct node *jwk, struct arena *a)
{
	EVP_PKEY *key = NULL;
	BIGNUM *n = number_of(jwk, "n", a), *e = number_of(jwk, "e", a);
	OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
	OSSL_PARAM *params = NULL;
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
	if (n && e && build && OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_N, n) &&
		OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_E, e))
		params = OSSL_PARAM_BLD_to_param(build);
	if (params && ctx && EVP_PKEY_fromdata_init(ctx) == 1 &&
		EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_PUBLIC_KEY, params) != 1)
		key = NULL;
	OSSL_PARAM_free(params);
	OSSL_PARAM_BLD_free(build);
	EVP_PKEY_CTX_free(ctx);
	BN_free(n);
	BN_free(e);
	return key;
}

static const char *part(const struct node *n, struct arena *a)
{
	buf_auto text = {0};
	node_to_json(n, NODE_JSON_COMPACT, &text);
	return text_base64url(a, buf_str(&text), text.len);
}

static const char *signed_by(EVP_PKEY *key, const char *text, struct arena *a, struct err *err)
{
	unsigned char raw[1024];
	size_t n = sizeof raw;
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	bool ok = ctx && EVP_DigestSignInit(ctx, NULL, EVP_sha256(), NULL, key) == 1 &&
		EVP_DigestSign(ctx, raw, &n, (const unsigned char *)text, strlen(text)) == 1;
	EVP_MD_CTX_free(ctx);
	if (ok)
		return arena_printf(a, "%s.%s", text, text_base64url(a, raw, n));
	err_set(err, ERR_IO, "OpenSSL does not sign the token");
	return NULL;
}

static void put_principal(struct arena *a, struct node *n, const struct session_claims *claims)
{
	node_put(a, n, "sub", node_str(a, claims->run ? claims->run : claims->user));
	node_put(a, n, "tenant", node_str(a, claims->tenancy));
	node_put(a, n, "ptype", node_str(a, claims->run ? "resource" : "user"));
	if (!claims->run)
		return;
	node_put(a, n, "res_type", node_str(a, "dataflowrun"));
	node_put(a, n, "res_id", node_str(a, claims->run));
	node_put(a, n, "res_tenant", node_str(a, claims->tenancy));
	node_put(a, n, "res_compartment", node_str(a, claims->compartment));
}

const char *sessions_issue(
	struct sessions *s, const struct session_claims *claims, struct arena *a, struct err *err)
{
	struct node *head = node_map(a), *n = node_map(a);
	EVP_PKEY *key = own_key(s, true, err);
	if (!key)
		return NULL;
	node_put(a, head, "alg", node_str(a, "RS256"));
	node_put(a, head, "typ", node_str(a, "JWT"));
	node_put(a, n, "iss", node_str(a, "weir-local"));
	put_principal(a, n, claims);
	node_put(a, n, "iat", node_int(a, claims->issued_s));
	node_put(a, n, "exp", node_int(a, claims->expires_s));
	node_put(a, n, "jwk", node_str(a, jwk_of(claims->key, a)));
	const char *text = arena_printf(a, "%s.%s", part(head, a), part(n, a));
	const char *token = signed_by(key, text, a, err);
	EVP_PKEY_free(key);
	return token;
}

static bool verify(struct sessions *s, const char *token, const struct jwt *t)
{
	struct err ignored;
	EVP_PKEY *key = own_key(s, false, &ignored);
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	bool ok = key && ctx && EVP_DigestVerifyInit(ctx, NULL, EVP_sha256(), NULL, key) == 1 &&
		EVP_DigestVerify(ctx, t->signature, t->signature_n, (const unsigned char *)token,
			t->signed_n) == 1;
	EVP_MD_CTX_free(ctx);
	EVP_PKEY_free(key);
	return ok;
}

static bool seconds(const struct node *claims, const char *name, int64_t *ret)
{
	const struct node *n = node_get(claims, name);
	if (!n || n->kind != NODE_INT)
		return false;
	*ret = n->u.i;
	return true;
}

/* What is signed by us is as sessions_issue wrote it, so a signature that holds says all. */
bool sessions_check(struct sessions *s, const char *token, int64_t now_ms, struct arena *a,
	struct session_claims *ret)
{
	struct jwt t;
	struct err ignored;
	struct session_claims c = {0};
	if (!jwt_split(a, token, &t) || !verify(s, token, &t))
		return false;
	const struct node *said = node_from_json(a, t.payload, t.payload_n, &ignored);
	const char *jwk = node_get_str(said, "jwk");
	c.run = node_get_str(said, "res_id");
	c.user = c.run ? NULL : node_get_str(said, "sub");
	c.tenancy = node_get_str(said, "tenant");
	if (!jwk || !(c.user || c.run) || !c.tenancy || !seconds(said, "iat", &c.issued_s) ||
		!seconds(said, "exp", &c.expires_s) || now_ms / 1000 >= c.expires_s)
		return false;
	const struct node *key = node_from_json(a, jwk, strlen(jwk), &ignored);
	c.key = key ? key_of(key, a) : NULL;
	if (c.key)
		*ret = c;
	return c.key;
}
