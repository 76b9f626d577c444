/* The little of Identity that sessions need: a token for a key, and a new one for an old one. */
#include "base/clock.h"
#include "base/text.h"
#include "local/identity/identity.h"
#include "local/identity/sessions.h"
#include "local/server/server_inside.h"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <string.h>

/* Minutes as `oci session authenticate` has them; seconds are ours, for tests. */
enum { MINUTES_MIN = 5, MINUTES_MAX = 60, SECONDS_MAX = 3600, KEY_BITS_MIN = 2048 };

/* A job's key must not outlive the job. */
static bool is_a_users(struct request *r, struct reply *reply)
{
	if (r->caller.who && !r->caller.run_id)
		return true;
	reply_error(reply, 404, "NotAuthorizedOrNotFound",
		"Authorization failed or requested resource not found.");
	return false;
}

static bool bad(struct reply *reply, const char *what)
{
	reply_error(reply, 400, "InvalidParameter", "%s", what);
	return false;
}

static EVP_PKEY *public_key(const char *pem)
{
	BIO *bio = BIO_new_mem_buf(pem, -1);
	EVP_PKEY *key = bio ? PEM_read_bio_PUBKEY(bio, NULL, NULL, NULL) : NULL;
	BIO_free(bio);
	if (key && EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA &&
		EVP_PKEY_get_bits(key) >= KEY_BITS_MIN)
		return key;
	EVP_PKEY_free(key);
	return NULL;
}

/* A number, or, as the command line sends it, a text that is one. */
static bool number(
	const struct node *body, const char *name, int64_t min, int64_t max, int64_t *ret)
{
	const struct node *n = node_get(body, name);
	if (!n || n->kind == NODE_NULL)
		return true;
	return (n->kind == NODE_INT || n->kind == NODE_STR) && text_i64(n->text, ret) &&
		*ret >= min && *ret <= max;
}

static bool lifetime(const struct node *body, int64_t *ret_s, struct reply *reply)
{
	int64_t minutes = MINUTES_MAX;
	*ret_s = 0;
	if (!number(body, "sessionExpirationInMinutes", MINUTES_MIN, MINUTES_MAX, &minutes))
		return bad(reply, "sessionExpirationInMinutes is a number from 5 to 60");
	if (!number(body, "weirExpirationInSeconds", 1, SECONDS_MAX, ret_s))
		return bad(reply, "weirExpirationInSeconds is a number from 1 to 3600");
	if (!*ret_s)
		*ret_s = minutes * 60;
	return true;
}

static void reply_token(struct request *r, struct reply *reply, const struct session_claims *claims)
{
	struct err err;
	const char *token = sessions_issue(r->service->sessions, claims, r->arena, &err);
	if (!token) {
		reply_error(reply, 500, "InternalServerError", "%s", err.text);
		return;
	}
	struct node *n = node_map(r->arena);
	node_put(r->arena, n, "token", node_str(r->arena, token));
	reply_json(reply, 200, n);
}

static void generate(struct request *r, struct reply *reply)
{
	int64_t now = clock_wall(r->service->clock) / 1000, seconds;
	const struct node *body = is_a_users(r, reply) ? request_json(r, reply) : NULL;
	if (!body || !lifetime(body, &seconds, reply))
		return;
	const char *pem = node_get_str(body, "publicKey");
	EVP_PKEY *key = pem ? public_key(pem) : NULL;
	if (!key) {
		bad(reply, "publicKey is an RSA key of 2048 bits or more, in PEM");
		return;
	}
	reply_token(r, reply,
		&(struct session_claims){.user = r->caller.user,
			.tenancy = r->caller.tenancy,
			.issued_s = now,
			.expires_s = now + seconds,
			.key = key});
	EVP_PKEY_free(key);
}

/* The old token has signed the request, so it is known to hold; the new one is as long-lived. */
static void refresh(struct request *r, struct reply *reply)
{
	struct session_claims claims;
	int64_t now = clock_wall(r->service->clock);
	const struct node *body = is_a_users(r, reply) ? request_json(r, reply) : NULL;
	if (!body)
		return;
	const char *token = node_get_str(body, "currentToken");
	if (!token || !text_starts(r->caller.key_id, "ST$") ||
		strcmp(token, r->caller.key_id + 3)) {
		bad(reply, "currentToken is the token that signs this request");
		return;
	}
	if (!sessions_check(r->service->sessions, token, now, r->arena, &claims)) {
		reply_error(reply, 401, "NotAuthenticated", "The token has expired.");
		return;
	}
	claims.expires_s += now / 1000 - claims.issued_s;
	claims.issued_s = now / 1000;
	reply_token(r, reply, &claims);
	EVP_PKEY_free(claims.key);
}

/* What `oci session validate` asks for. */
static void list_regions(struct request *r, struct reply *reply)
{
	struct node *list = node_seq(r->arena), *n = node_map(r->arena);
	node_put(r->arena, n, "key", node_str(r->arena, "IAD"));
	node_put(r->arena, n, "name", node_str(r->arena, r->service->region));
	node_append(r->arena, list, n);
	reply_json(reply, 200, list);
}

/* clang-format off */
const struct route session_routes[] = {
	{"POST", "/v1/token/upst/actions/GenerateUpst", NEEDS(NONE, NONE, ANYONE), .handle = generate},
	{"POST", "/v1/authentication/refresh", NEEDS(NONE, NONE, ANYONE), .handle = refresh},
	{"GET", "/20160918/regions", NEEDS(NONE, NONE, ANYONE), .handle = list_regions},
	{0},
};
/* clang-format on */
