/*
 * A small twin of pipelines/flights as resources, desired and live, for the tests of plan, apply and report:
 * two buckets, three scripts, an object, three applications. Everything is in the arena given.
 */
#ifndef TESTS_UNIT_TWIN_H
#define TESTS_UNIT_TWIN_H

#include "base/digest.h"
#include "base/text.h"
#include "model/oci_uri.h"
#include "model/resource.h"

#include <string.h>

#define TWIN_OWNER "flights/local"
#define TWIN_PREFIX "weir/" TWIN_OWNER "/"

static inline struct resource *twin_add(
	struct resources *r, struct arena *a, enum resource_kind kind, const char *address)
{
	struct resource *x = resources_add(r, a);
	x->kind = kind;
	x->address = arena_strdup(a, address);
	return x;
}

static inline struct bucket *twin_bucket(struct resources *r, struct arena *a, const char *name)
{
	struct bucket *bucket = arena_new(a, struct bucket);
	bucket->name = arena_strdup(a, name);
	twin_add(r, a, RESOURCE_BUCKET, arena_printf(a, "buckets.%s", name))->bucket = bucket;
	return bucket;
}

static inline void twin_content(struct object *o, struct arena *a, const char *content)
{
	unsigned char sum[DIGEST_MAX];
	size_t n = strlen(content);
	o->size = (struct opt_i64){true, (int64_t)n};
	o->md5 = text_base64(a, sum, digest_bytes(DIGEST_MD5, content, n, sum));
	o->sha256 = text_hex(a, sum, digest_bytes(DIGEST_SHA256, content, n, sum));
}

/* name: below TWIN_PREFIX unless it begins with a slash, which is cut off. */
static inline struct object *twin_object(struct resources *r, struct arena *a, const char *address,
	const char *name, const char *content)
{
	struct object *o = arena_new(a, struct object);
	o->bucket = "flights";
	o->name = *name == '/' ? name + 1 : arena_printf(a, TWIN_PREFIX "%s", name);
	o->owner = TWIN_OWNER;
	o->path = arena_printf(a, "data/%s", o->name);
	twin_content(o, a, content);
	struct resource *x = twin_add(r, a, RESOURCE_OBJECT, address);
	x->object = o;
	x->needs.v = arena_array(a, 1, sizeof *x->needs.v);
	x->needs.v[x->needs.n++] = "buckets.flights";
	return o;
}

static inline struct application *twin_app(struct resources *r, struct arena *a, const char *key)
{
	struct application *app = arena_new(a, struct application);
	*app = (struct application){.compartment_id = "ocid1.compartment.oc1..c",
		.display_name = arena_printf(a, "flights-%s", key),
		.language = "PYTHON",
		.spark_version = "3.5.0",
		.file_uri = arena_printf(a, "oci://flights@ns/" TWIN_PREFIX "scripts/%s.py", key),
		.driver_shape = "VM.Standard.E4.Flex",
		.executor_shape = "VM.Standard.E4.Flex",
		.num_executors = {true, 1},
		.logs_bucket_uri = "oci://logs@ns/"};
	struct pair *tag = arena_new(a, struct pair);
	*tag = (struct pair){IDENTITY_TAG, identity_tag(a, "flights", "local", key)};
	app->freeform_tags = (struct pairs){tag, 1};
	struct resource *x = twin_add(r, a, RESOURCE_APPLICATION, arena_printf(a, "apps.%s", key));
	x->app = app;
	x->needs.v = arena_array(a, 2, sizeof *x->needs.v);
	x->needs.v[x->needs.n++] = "buckets.logs";
	x->needs.v[x->needs.n++] = arena_printf(a, "scripts.%s", key);
	return app;
}

/* What pipelines/flights wants. */
static inline struct resources twin_want(struct arena *a)
{
	struct resources r = {0};
	static const char *const apps[] = {"ingest", "delays", "routes"};
	for (size_t i = 0; i < 3; i++)
		twin_app(&r, a, apps[i]);
	for (size_t i = 0; i < 3; i++)
		twin_object(&r, a, arena_printf(a, "scripts.%s", apps[i]),
			arena_printf(a, "scripts/%s.py", apps[i]), apps[i]);
	twin_object(&r, a, "objects.airlines", "objects/airlines.csv", "carrier,name\n");
	twin_bucket(&r, a, "flights");
	twin_bucket(&r, a, "logs");
	return r;
}

/* A resource as the service would show it when it is just as wanted: with an id, an etag, and of an object what
   a list tells. */
static inline struct resource twin_served(const struct resource *want, struct arena *a)
{
	struct resource live = *want;
	live.needs = (struct strs){0};
	live.mark = (struct mark){0};
	live.etag = arena_printf(a, "etag-%s", want->address);
	if (want->kind == RESOURCE_APPLICATION) {
		struct application *app = arena_new(a, struct application);
		field_copy(&application_record, want->app, app, a);
		app->id = arena_printf(
			a, "ocid1.dataflowapplication.oc1..%s", want->address + strlen("apps."));
		app->lifecycle_state = "ACTIVE";
		app->type = "BATCH";
		live.app = app;
		live.id = app->id;
	} else if (want->kind == RESOURCE_OBJECT) {
		struct object *o = arena_new(a, struct object);
		*o = (struct object){.bucket = want->object->bucket,
			.name = want->object->name,
			.size = want->object->size,
			.md5 = want->object->md5};
		live.object = o;
		live.id = oci_uri_format(a, o->bucket, "ns", o->name);
	} else {
		struct bucket *bucket = arena_new(a, struct bucket);
		field_copy(&bucket_record, want->bucket, bucket, a);
		live.bucket = bucket;
		live.id = oci_uri_format(a, bucket->name, "ns", NULL);
	}
	return live;
}

static inline struct resources twin_live(const struct resources *want, struct arena *a)
{
	struct resources live = {0};
	for (size_t i = 0; i < want->n; i++)
		*resources_add(&live, a) = twin_served(&want->v[i], a);
	return live;
}

/* The application or object of an address, to be changed by a test. */
static inline struct application *twin_get_app(const struct resources *r, const char *address)
{
	return (struct application *)resources_find(r, address)->app;
}
static inline struct object *twin_get_object(const struct resources *r, const char *address)
{
	return (struct object *)resources_find(r, address)->object;
}
static inline void twin_drop(struct resources *r, const char *address)
{
	size_t at = (size_t)(resources_find(r, address) - r->v);
	memmove(&r->v[at], &r->v[at + 1], (r->n - at - 1) * sizeof *r->v);
	r->n--;
}

#endif
