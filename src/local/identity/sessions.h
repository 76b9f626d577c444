/*
 * Session tokens, as OCI's Identity gives them: a JSON Web Token, signed RS256 by a key of the service's own, that
 * stands for a user until it expires, or, as a resource principal's, for a run until it ends. Whoever has the private key that belongs to the claim `jwk` signs requests with
 * keyId `ST$TOKEN`. Nothing is kept of a session but the service's key, in $HOME_DIR/sessions.pem, which is made when
 * the first token is. Used by many threads at once.
 */
#ifndef LOCAL_SESSIONS_H
#define LOCAL_SESSIONS_H

#include "base/arena.h"
#include "base/err.h"
#include "field/node.h"

#include <openssl/types.h>
#include <stdbool.h>
#include <stdint.h>

struct sessions;
struct sessions *sessions_new(const char *home); /* borrows home */
void sessions_free(struct sessions *s);

struct session_claims {
	const char *user, *tenancy;  /* user NULL: it is a run's */
	const char *run;             /* OCID; NULL: it is a user's */
	const char *compartment;     /* of the run; for sessions_issue alone */
	int64_t issued_s, expires_s; /* Unix time */
	EVP_PKEY *key;               /* public; from sessions_check to be freed */
};
/* The token, in the arena, with OCI's claims for a user (ptype user) or a resource (ptype resource, res_type, res_id, res_tenant,
   res_compartment, which the SDKs read); NULL where the service's key cannot be kept. */
const char *sessions_issue(
	struct sessions *s, const struct session_claims *claims, struct arena *a, struct err *err);
/* Whether it is one of ours and has not expired. Strings in the arena. */
bool sessions_check(struct sessions *s, const char *token, int64_t now_ms, struct arena *a,
	struct session_claims *ret);

#endif
