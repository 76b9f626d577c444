/*
 * Applications as they were read before, so that a plan asks again only for those that have changed since. One file a
 * user, service, tenancy, pipeline and target (base/keep.h).
 *
 * A copy is taken for the live one when all that the listing tells of it is the same: timeUpdated, and every other
 * field that a summary has. Two changes in one moment have one timeUpdated, and the clocks of a service differ a
 * little: what was read less than CACHE_SETTLED_MS after its last change, both by the service's clock, is not kept.
 * What holds a secret is not kept either. The etag of a copy may be older than it says (where a service changes one
 * without the other): a change by it is then refused, so that what is about to be changed is forgotten first.
 *
 *	struct live_cache *c = live_cache_open(&arena, folder, scope, secrets);
 *	const struct application *app = live_cache_find(c, summary, &etag);   or NULL: ask
 *	live_cache_keep(c, app, etag, oci_reply_date(oci));                   what was asked for
 *	live_cache_save(c);                                                   whatever was found or kept, and no more
 */
#ifndef LIVE_CACHE_H
#define LIVE_CACHE_H

#include "model/resource.h"

enum { CACHE_SETTLED_MS = 10 * 1000 };

struct live_cache;
/* scope: all that tells one service, user, pipeline and target from another. secrets: texts that must not be on disk;
   may be NULL. folder NULL: nothing is known, and nothing is kept. Never fails; in the arena. */
struct live_cache *live_cache_open(
	struct arena *a, const char *folder, const char *scope, const struct strs *secrets);
/* Forgets everything: what is read is read anew. */
void live_cache_empty(struct live_cache *c);
/* The namespace as it was; NULL if not known. */
const char *live_cache_ns(const struct live_cache *c);
void live_cache_set_ns(struct live_cache *c, const char *ns);
/* Takes the applications out of what was read; else the first question does: for times when there is nothing else to do. */
void live_cache_load(struct live_cache *c);
/* The application that the summary tells of, and its etag; NULL: it must be asked for. */
const struct application *live_cache_find(
	struct live_cache *c, const struct application *summary, const char **ret_etag);
/* read_ms: the service's time of the reply, 0 if unknown. app and etag are borrowed until live_cache_save. */
void live_cache_keep(
	struct live_cache *c, const struct application *app, const char *etag, int64_t read_ms);
void live_cache_forget(struct live_cache *c, const char *id);
/* Writes what was found, kept and not forgotten, if that is not what is on disk. */
void live_cache_save(struct live_cache *c);

#endif
