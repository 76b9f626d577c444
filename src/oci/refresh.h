/*
 * Keeps the token of a session, or of a principal, fresh. A token is taken for expired a minute early: calls then wait
 * until a new one is there, by POST {auth}/v1/authentication/refresh, signed with the old one. It is written to the
 * token's file, as the CLI does it; where another program was faster, the file's is taken. A call that gets a 401
 * nevertheless is sent once more with a new token (call.c). That of a principal comes, with a key of its own, from where
 * the first one came from (principal.h), and is kept in memory alone. Facts: `oci session refresh` of the CLI 3.95.
 */
#ifndef OCI_REFRESH_H
#define OCI_REFRESH_H

#include "oci/call.h"

struct refresh;
/* auth_url: with base path, NULL where neither endpoint nor region say it. */
struct refresh *refresh_new(struct oci *oci, const struct oci_config *config,
	const struct clock *clock, const char *auth_url);
void refresh_free(struct refresh *r); /* wipes the token */
/* "ST$" and the token; changes with it. The old one stays until refresh_free. From any thread. */
const char *refresh_key_id(const struct refresh *r);
/* The key that signs with it; of the thread of the event loop. */
EVP_PKEY *refresh_key(const struct refresh *r);
/* Whether the call is kept until the token is fresh: then call_send or call_fail follows. refused: by a 401 that the
   token of used_key_id got. */
bool refresh_hold(struct refresh *r, struct call *c);
bool refresh_hold_refused(struct refresh *r, struct call *c, const char *used_key_id);

#endif
