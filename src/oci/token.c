#include "oci/token.h"

#include "base/fs.h"
#include "base/jwt.h"
#include "base/text.h"
#include "field/node.h"

#include <ctype.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <string.h>

enum { TOKEN_MAX = 64 * 1024 };
#define EXPIRES_MAX (INT64_MAX / 1000)

static struct node *claims(const char *text, struct arena *a)
{
	struct jwt jwt;
	struct err ignored;
	if (!jwt_split(a, text, &jwt))
		return NULL;
	struct node *n = node_from_json(a, jwt.payload, jwt.payload_n, &ignored);
	return n && n->kind == NODE_MAP ? n : NULL;
}

/* Seconds since 1970; real tokens have whole ones. */
static bool expiry(const struct node *claims, int64_t *ret_ms)
{
	const struct node *exp = node_get(claims, "exp");
	if (!exp || exp->kind != NODE_INT || exp->u.i < 0 || exp->u.i > EXPIRES_MAX)
		return false;
	*ret_ms = exp->u.i * 1000;
	return true;
}

bool token_parse(const char *text, size_t n, struct arena *a, struct token *ret, struct err *err)
{
	arena_wipe_auto scratch = {0};
	while (n && isspace((unsigned char)*text))
		text++, n--;
	while (n && isspace((unsigned char)text[n - 1]))
		n--;
	struct token made = {.text = arena_strndup(a, text, n)};
	const struct node *said = strlen(made.text) == n ? claims(made.text, &scratch) : NULL;
	if (!said || !expiry(said, &made.expires_ms)) {
		OPENSSL_cleanse(made.text, n);
		return err_set(err, ERR_CONFIG,
			"not a session token (a JSON Web Token that tells when it "
			"expires)");
	}
	made.user = arena_strdup(a, node_get_str(said, "sub"));
	*ret = made;
	return true;
}

static const char cure[] =
	"`oci session authenticate` makes a session; `security_token_file` names its "
	"token";

bool token_read(const char *path, struct arena *a, struct token *ret, struct err *err)
{
	struct buf text = {.max = TOKEN_MAX};
	bool ok = fs_read(path, &text, err);
	if (!ok)
		err->kind = ERR_CONFIG;
	else if (!(ok = token_parse(buf_str(&text), text.len, a, ret, err)))
		err_wrap(err, "%s", path);
	buf_wipe(&text);
	return ok || err_hint(err, "%s", cure);
}

bool token_write(const char *path, const char *text, struct err *err)
{
	arena_auto a = {0};
	struct err ignored;
	const char *real = fs_real(&a, path, &ignored);
	return fs_write(real ? real : path, text, strlen(text), 0600, err);
}

char *token_claim(const struct token *t, const char *name, struct arena *a)
{
	arena_wipe_auto scratch = {0};
	return arena_strdup(a, node_get_str(claims(t->text, &scratch), name));
}

/* The modulus as a JSON Web Key has it. */
static const char *modulus(EVP_PKEY *key, struct arena *a)
{
	BIGNUM *n = NULL;
	if (!EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_N, &n))
		return NULL;
	size_t size = (size_t)BN_num_bytes(n);
	unsigned char *bytes = arena_alloc(a, size);
	BN_bn2bin(n, bytes);
	BN_free(n);
	return text_base64url(a, bytes, size);
}

bool token_is_for(const struct token *t, EVP_PKEY *key)
{
	arena_wipe_auto a = {0};
	struct err ignored;
	const struct node *said = claims(t->text, &a), *jwk = node_get(said, "jwk");
	/* A text that holds JSON, in OCI's tokens. */
	if (jwk && jwk->kind == NODE_STR)
		jwk = node_from_json(&a, jwk->text, jwk->len, &ignored);
	const char *theirs = node_get_str(jwk, "n"), *ours = modulus(key, &a);
	return !theirs || !ours || !strcmp(theirs, ours);
}
