#include "live/wanted.h"

#include "base/text.h"
#include "model/oci_uri.h"
#include "model/pipeline.h"

#include <string.h>

struct wanted_bucket *wanted_bucket(struct wanted *w, const char *name)
{
	struct wanted_bucket *bucket = map_get(&w->buckets, name);
	if (!bucket) {
		bucket = arena_new(w->arena, struct wanted_bucket);
		bucket->name = arena_strdup(w->arena, name);
		map_put(&w->buckets, name, bucket);
	}
	return bucket;
}

static void need_bucket(struct wanted *w, const char *name, const char *address, bool listed)
{
	struct wanted_bucket *bucket = wanted_bucket(w, name);
	bucket->listed |= listed;
	if (!bucket->needed_by)
		bucket->needed_by = address;
}

/* Of a bucket in another namespace nothing is known here. */
static void need_uri(struct wanted *w, const char *uri, const char *address)
{
	struct oci_uri parts;
	if (uri && oci_uri_parse(uri, w->arena, &parts) && text_equal(parts.ns, w->query->ns))
		need_bucket(w, parts.bucket, address, false);
}

static char *object_key(struct arena *a, const char *bucket, const char *name)
{
	return arena_printf(a, "%s/%s", bucket, name);
}

static void want_application(struct wanted *w, const struct resource *r)
{
	const struct application *app = r->app;
	if (app->display_name)
		map_put(&w->names, app->display_name, (void *)r);
	if (r->adopt)
		map_put(&w->adopted, r->adopt, (void *)r);
	need_uri(w, app->logs_bucket_uri, r->address);
	need_uri(w, app->warehouse_bucket_uri, r->address);
}

static struct strs prefixes(const struct live_query *q, struct arena *a)
{
	struct strs made = {arena_array(a, q->former.n + 1, sizeof *made.v), 0};
	made.v[made.n++] = identity_prefix(a, q->pipeline, q->target);
	for (size_t i = 0; i < q->former.n; i++)
		made.v[made.n++] = arena_printf(a, "weir/%s/", q->former.v[i]);
	return made;
}

void wanted_init(struct wanted *w, const struct live_query *q, struct arena *a)
{
	*w = (struct wanted){.arena = a,
		.query = q,
		.prefixes = prefixes(q, a),
		.buckets.arena = a,
		.objects.arena = a,
		.names.arena = a,
		.adopted.arena = a};
	for (size_t i = 0; i < q->want->n; i++) {
		const struct resource *r = &q->want->v[i];
		if (r->kind == RESOURCE_BUCKET) {
			struct wanted_bucket *bucket = wanted_bucket(w, r->bucket->name);
			bucket->declared = bucket->listed = true;
		} else if (r->kind == RESOURCE_OBJECT) {
			need_bucket(w, r->object->bucket, r->address, true);
			map_put(&w->objects, object_key(a, r->object->bucket, r->object->name),
				(void *)r);
		} else {
			want_application(w, r);
		}
	}
}

const struct resource *wanted_object(const struct wanted *w, const char *bucket, const char *name)
{
	arena_auto a = {0};
	return map_get(&w->objects, object_key(&a, bucket, name));
}

bool wanted_is_ours(const struct wanted *w, const char *object)
{
	static const char *const folders[] = {"scripts/", "archives/", "objects/"};
	for (size_t p = 0; p < w->prefixes.n; p++) {
		const char *prefix = w->prefixes.v[p];
		for (size_t i = 0; text_starts(object, prefix) && i < 3; i++)
			if (text_starts(object + strlen(prefix), folders[i]))
				return true;
	}
	return false;
}

const char *wanted_app_key(const struct wanted *w, const struct application *app)
{
	const char *value = identity_tag_of(&app->freeform_tags);
	for (size_t i = 0; value && i < w->prefixes.n; i++) {
		const char *owner = w->prefixes.v[i] + strlen("weir/"); /* "<pipeline>/<target>/" */
		if (text_starts(value, owner) && pipeline_key_ok(value + strlen(owner)))
			return value + strlen(owner);
	}
	return NULL;
}
