/*
 * Reads the live service into resources: one paged list of applications a compartment with a GET for each of
 * ours (beginning while the listing goes on), one bucket GET a bucket, one list a bucket prefix, a HEAD only
 * where md5 can't decide. An application that the cache knows as it is needs no GET. Content is not downloaded, but for `live_texts`.
 */
#ifndef LIVE_LIVE_H
#define LIVE_LIVE_H

#include "base/zip_index.h"
#include "live/ahead.h"
#include "live/cache.h"
#include "model/resource.h"
#include "oci/oci.h"

struct live_query {
	const char *ns;
	struct strs compartments;      /* each is listed once */
	const char *pipeline, *target; /* names */
	struct strs former;            /* "<pipeline>/<target>" of before: theirs is ours too */
	const struct resources *want;  /* which buckets, prefixes and display names matter */
	struct live_cache *cache;      /* of applications; NULL: none */
	struct live_ahead *ahead;      /* a list that is under way, to be taken; NULL: none */
};
/* Applications that bear our tag for this pipeline and target, a display name that is wanted or an OCID that is
   adopted (foreign; of the latter also what is deleted);
   objects under our prefix and those named elsewhere; buckets wanted. A bucket that is not there is just not
   there, unless something that is wanted needs it and the file does not declare it: ERR_NOT_FOUND with the
   cure. ret is in the session's arena. */
bool live_read(struct oci *oci, const struct live_query *q, struct resources *ret, struct err *err);

/* Content of small text objects (up to 1 MiB), for diffs: NULL where it is binary, large or gone. */
bool live_text(struct oci *oci, const char *ns, const char *bucket, const char *name,
	const char **ret, struct err *err);
/* What is in a live archive, of which only the end is read. *ret_had false: it is gone, or no zip that can be read. */
bool live_members(struct oci *oci, const char *ns, const struct object *o, struct arena *a,
	struct zip_index *ret, bool *ret_had, struct err *err);

#endif
