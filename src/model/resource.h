/*
 * A resource: something that a pipeline wants in the live service, or that is there. Desired and live ones
 * are the same struct, so that the plan is a comparison. A new kind is a table, one row in resource_types and
 * one struct in `apply`.
 *
 * Addresses name a resource in plans and on the command line: buckets.landing, scripts.copy, archives.azure,
 * objects.lookup, apps.copy. Identity in the live service (no state file): an application by its freeform tag
 * `weir` = "<pipeline>/<target>/<app>"; an object by its bucket and name; a bucket by its name.
 */
#ifndef MODEL_RESOURCE_H
#define MODEL_RESOURCE_H

#include "model/application.h"
#include "model/bucket.h"
#include "model/object.h"

#define IDENTITY_TAG "weir"

enum resource_kind { RESOURCE_BUCKET, RESOURCE_OBJECT, RESOURCE_APPLICATION, RESOURCE_KINDS };
struct resource_type {
	const char *name; /* "bucket", "object", "application" */
	const struct record *record;
	bool deletable; /* buckets never are */
};
extern const struct resource_type resource_types[RESOURCE_KINDS];

struct resource {
	enum resource_kind kind;
	const char *
		address; /* live ones that nothing names have one too: "apps.old", or the object's URI */
	struct mark mark; /* where the file declares it; line 0 for live ones */
	union {
		const void *record;
		const struct application *app;
		const struct object *object;
		const struct bucket *bucket;
	};
	/* Live ones. */
	const char *id; /* OCID; of an object or bucket its oci:// URI */
	const char *etag;
	bool foreign; /* an application that bears a wanted display name but not our tag */
	struct opt_bool
		versioned; /* an object of somebody else's: whether its bucket keeps versions */
	/* Desired ones: addresses that must be there first (an app's bucket, script, archive). */
	struct strs needs;
	struct strs
		was; /* identities that it had before: tags of an application, owners of an object */
	const char *adopt; /* OCID of the application that it takes over */
	bool prevent_delete;
	bool overwrite; /* an object that somebody else put there */
};
struct resources {
	struct resource *v;
	size_t n, cap;
};
struct resource *resources_add(struct resources *r, struct arena *a);
const struct resource *resources_find(const struct resources *r, const char *address);

/* Whether a desired one had that identity before; NULL: no. */
bool resource_was(const struct resource *want, const char *identity);

/* "<pipeline>/<target>/<app>", the value of the tag. */
char *identity_tag(struct arena *a, const char *pipeline, const char *target, const char *app);
/* The tag's value among freeform tags, of an application or a run; NULL without it. */
const char *identity_tag_of(const struct pairs *tags);
/* "weir/<pipeline>/<target>/", under which objects are ours. */
char *identity_prefix(struct arena *a, const char *pipeline, const char *target);

#endif
