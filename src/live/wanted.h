/*
 * What a query asks for, as maps: which buckets are looked at and why, which objects and display names are
 * wanted. Made once from the desired resources; pure.
 */
#ifndef LIVE_WANTED_H
#define LIVE_WANTED_H

#include "base/map.h"
#include "live/live.h"

struct wanted_bucket {
	const char *name;
	bool declared;         /* under `buckets:`: created when it is missing */
	bool listed;           /* our prefix in it is of interest */
	const char *needed_by; /* address of the first that can't do without it; NULL: nobody */
};
struct wanted {
	struct arena *arena;
	const struct live_query *query;
	struct strs prefixes; /* "weir/<pipeline>/<target>/", then those of before */
	struct map buckets;   /* name to struct wanted_bucket */
	struct map objects;   /* "bucket/name" to the desired struct resource */
	struct map names;     /* display names, to the desired struct resource */
	struct map adopted;   /* OCIDs, likewise */
};
void wanted_init(struct wanted *w, const struct live_query *q, struct arena *a);
/* The bucket, added when it is not known yet. */
struct wanted_bucket *wanted_bucket(struct wanted *w, const char *name);
const struct resource *wanted_object(const struct wanted *w, const char *bucket, const char *name);

/* Under a prefix of ours, in a folder that weir keeps in order: scripts/, archives/, objects/. */
bool wanted_is_ours(const struct wanted *w, const char *object);
/* The app's key when app bears our tag, or one of before; NULL otherwise. */
const char *wanted_app_key(const struct wanted *w, const struct application *app);

#endif
