#include "live/live.h"

#include "base/text.h"
#include "live/wanted.h"
#include "model/oci_uri.h"
#include "oci/dataflow.h"
#include "oci/objectstorage.h"

#include <string.h>

enum { TEXT_MAX = 1 << 20 };

struct reader {
	struct oci *oci;
	struct arena *a;
	const struct live_query *query;
	struct wanted wanted;
	struct resources found;
	struct map seen; /* OCIDs: one that is moved meanwhile may be listed twice */
	bool failed;     /* the first error; what comes after it does not count */
	struct err err;
};

/* One bucket, or one object, that is being looked at. */
struct look {
	struct reader *reader;
	struct wanted_bucket *bucket;
	const struct object *object; /* as listed, or wanted */
};

/* One compartment that is being listed. */
struct listing {
	struct reader *reader;
	const char *compartment;
};

static void fail(struct reader *r, const struct err *err)
{
	if (r->failed)
		return;
	r->failed = true;
	r->err = *err;
	http_cancel_all(oci_http(r->oci));
}

static void *look_new(struct reader *r, struct wanted_bucket *bucket, const struct object *object)
{
	struct look *look = arena_new(r->a, struct look);
	*look = (struct look){r, bucket, object};
	return look;
}

static void add_object(struct reader *r, const struct object *o)
{
	const struct resource *want = wanted_object(&r->wanted, o->bucket, o->name);
	struct resource *x = resources_add(&r->found, r->a);
	x->kind = RESOURCE_OBJECT;
	x->object = o;
	x->id = oci_uri_format(r->a, o->bucket, r->query->ns, o->name);
	x->address = want ? want->address : x->id;
	x->etag = o->etag;
}

static void on_versioning(void *ctx, const struct err *err, const struct bucket *found)
{
	const struct look *look = ctx;
	struct resources *all = &look->reader->found;
	for (size_t i = 0; !err->kind && i < all->n; i++)
		if (all->v[i].kind == RESOURCE_OBJECT && all->v[i].object == look->object)
			all->v[i].versioned =
				(struct opt_bool){true, text_equal(found->versioning, "Enabled")};
}

/* What may be written over is told with what becomes of it. Who may not read the bucket is not told. */
static void look_at_versioning(struct reader *r, const struct object *o)
{
	const struct resource *want = wanted_object(&r->wanted, o->bucket, o->name);
	if (want && !wanted_is_ours(&r->wanted, o->name) &&
		!text_equal(o->owner, want->object->owner))
		storage_bucket_get(
			r->oci, r->query->ns, o->bucket, on_versioning, look_new(r, NULL, o));
}

static void on_head(void *ctx, const struct err *err, const struct object *head)
{
	struct look *look = ctx;
	struct reader *r = look->reader;
	if (err->kind == ERR_NOT_FOUND) /* gone since it was listed, or not there yet */
		return;
	if (err->kind) {
		fail(r, err);
		return;
	}
	struct object *o = arena_new(r->a, struct object);
	*o = *head;
	o->bucket = look->object->bucket;
	o->name = look->object->name;
	add_object(r, o);
	look_at_versioning(r, o);
}

static void look_at_object(struct reader *r, const struct object *o)
{
	storage_object_head(
		r->oci, r->query->ns, o->bucket, o->name, on_head, look_new(r, NULL, o));
}

static void no_bucket(struct reader *r, const struct wanted_bucket *bucket, const struct err *err)
{
	struct err missing = *err;
	err_wrap(&missing, "%s needs bucket %s", bucket->needed_by, bucket->name);
	fail(r, &missing);
}

/* A bucket that is missing: nothing to see when it is to be created or nobody needs it. */
static void bucket_failed(
	struct reader *r, const struct wanted_bucket *bucket, const struct err *err)
{
	if (err->kind != ERR_NOT_FOUND)
		fail(r, err);
	else if (!bucket->declared && bucket->needed_by)
		no_bucket(r, bucket, err);
}

static void on_listed(void *ctx, const struct err *err, const struct object *listed)
{
	struct look *look = ctx;
	struct reader *r = look->reader;
	if (err->kind) {
		bucket_failed(r, look->bucket, err);
		return;
	}
	if (!listed || !wanted_is_ours(&r->wanted, listed->name))
		return;
	struct object *o = arena_new(r->a, struct object);
	*o = *listed;
	o->bucket = look->bucket->name;
	/* Of what came in parts a list tells the MD5 of their MD5s, "-" and their number: not the content's. */
	if (o->md5 && strchr(o->md5, '-'))
		o->md5 = NULL;
	if (!o->md5 && wanted_object(&r->wanted, o->bucket, o->name))
		look_at_object(r, o);
	else
		add_object(r, o);
}

static void list_bucket(struct reader *r, struct wanted_bucket *bucket)
{
	for (size_t i = 0; i < r->wanted.prefixes.n; i++)
		storage_object_list(r->oci, r->query->ns, bucket->name, r->wanted.prefixes.v[i],
			on_listed, look_new(r, bucket, NULL));
}

static void on_bucket(void *ctx, const struct err *err, const struct bucket *found)
{
	struct look *look = ctx;
	struct reader *r = look->reader;
	if (err->kind) {
		bucket_failed(r, look->bucket, err);
		return;
	}
	if (!look->bucket->declared)
		return;
	struct resource *x = resources_add(&r->found, r->a);
	x->kind = RESOURCE_BUCKET;
	x->address = arena_printf(r->a, "buckets.%s", look->bucket->name);
	x->bucket = found;
	x->id = oci_uri_format(r->a, look->bucket->name, r->query->ns, NULL);
	x->etag = found->etag;
}

static bool is_alive(const struct application *app)
{
	return text_equal(app->lifecycle_state, "ACTIVE") ||
		text_equal(app->lifecycle_state, "INACTIVE");
}

/* A bucket that the file no longer names may still hold what our applications run. */
static void look_where_it_runs(struct reader *r, const struct application *app)
{
	struct oci_uri uri;
	if (!app->file_uri || !oci_uri_parse(app->file_uri, r->a, &uri) ||
		!text_equal(uri.ns, r->query->ns) || !wanted_is_ours(&r->wanted, uri.object))
		return;
	struct wanted_bucket *bucket = wanted_bucket(&r->wanted, uri.bucket);
	if (bucket->listed)
		return;
	bucket->listed = true;
	list_bucket(r, bucket);
}

static void add_application(struct reader *r, const struct application *app, const char *etag)
{
	const char *key = wanted_app_key(&r->wanted, app);
	const struct resource *adopts = map_get(&r->wanted.adopted, app->id);
	bool ours = key && is_alive(app);
	if (r->failed || (!ours && !adopts))
		return;
	struct resource *x = resources_add(&r->found, r->a);
	x->kind = RESOURCE_APPLICATION;
	x->address = ours ? arena_printf(r->a, "apps.%s", key) : adopts->address;
	x->app = app;
	x->id = app->id;
	x->etag = etag;
	x->foreign = !ours;
	if (ours)
		look_where_it_runs(r, app);
}

static void on_application(
	void *ctx, const struct err *err, const struct application *app, const char *etag)
{
	struct reader *r = ctx;
	if (err->kind == ERR_NOT_FOUND) /* deleted since it was listed */
		return;
	if (err->kind) {
		fail(r, err);
		return;
	}
	if (r->query->cache && is_alive(app))
		live_cache_keep(r->query->cache, app, etag, oci_reply_date(r->oci));
	add_application(r, app, etag);
}

static void look_at_application(struct reader *r, const struct application *summary)
{
	struct live_cache *cache = r->query->cache;
	const char *etag;
	const struct application *app = cache ? live_cache_find(cache, summary, &etag) : NULL;
	if (app)
		add_application(r, app, etag);
	else
		dataflow_application_get(r->oci, summary->id, on_application, r);
}

/* One of several compartments says which it is. */
static void list_failed(struct reader *r, const char *compartment, const struct err *err)
{
	struct err told = *err;
	if (r->query->compartments.n > 1)
		err_wrap(&told, "compartment %s", compartment);
	fail(r, &told);
}

static void on_summary(void *ctx, const struct err *err, const struct application *app)
{
	const struct listing *l = ctx;
	struct reader *r = l->reader;
	if (err->kind)
		list_failed(r, l->compartment, err);
	if (r->failed || !app || !is_alive(app) || !map_put(&r->seen, app->id, NULL))
		return;
	if (wanted_app_key(&r->wanted, app)) {
		look_at_application(r, app);
		return;
	}
	const struct resource *want =
		app->display_name ? map_get(&r->wanted.names, app->display_name) : NULL;
	if (!want)
		return;
	struct resource *x = resources_add(&r->found, r->a);
	x->kind = RESOURCE_APPLICATION;
	x->address = want->address;
	x->app = app;
	x->id = app->id;
	x->foreign = true;
}

/* Those that are adopted may be anywhere. The lists need not ask for them again. */
static void look_at_adopted(struct reader *r)
{
	for (size_t i = 0; i < r->wanted.adopted.n; i++) {
		const char *id = r->wanted.adopted.v[i].key;
		map_put(&r->seen, id, NULL);
		dataflow_application_get(r->oci, id, on_application, r);
	}
}

static void look_at_buckets(struct reader *r)
{
	/* Not the buckets that turn up meanwhile: those are looked at where they do. */
	size_t n = r->wanted.buckets.n;
	for (size_t i = 0; i < n; i++) {
		struct wanted_bucket *bucket = r->wanted.buckets.v[i].value;
		if (bucket->declared || !bucket->listed)
			storage_bucket_get(r->oci, r->query->ns, bucket->name, on_bucket,
				look_new(r, bucket, NULL));
		if (bucket->listed)
			list_bucket(r, bucket);
	}
	for (size_t i = 0; i < r->query->want->n; i++) {
		const struct resource *want = &r->query->want->v[i];
		if (want->kind == RESOURCE_OBJECT &&
			!wanted_is_ours(&r->wanted, want->object->name))
			look_at_object(r, want->object);
	}
}

static void list_compartment(struct reader *r, const char *compartment)
{
	struct listing *l = arena_new(r->a, struct listing);
	*l = (struct listing){r, compartment};
	struct live_ahead *ahead = r->query->ahead;
	if (ahead && text_equal(live_ahead_compartment(ahead), compartment))
		live_ahead_take(ahead, on_summary, l);
	else
		dataflow_application_list(r->oci, compartment, on_summary, l);
}

bool live_read(struct oci *oci, const struct live_query *q, struct resources *ret, struct err *err)
{
	struct arena *a = oci_arena(oci);
	struct reader *r = arena_new(a, struct reader);
	r->oci = oci;
	r->a = a;
	r->query = q;
	r->seen.arena = a;
	wanted_init(&r->wanted, q, a);
	look_at_adopted(r);
	look_at_buckets(r);
	for (size_t i = 0; i < q->compartments.n; i++)
		list_compartment(r, q->compartments.v[i]);
	http_kick(oci_http(oci));
	if (q->cache)
		live_cache_load(q->cache);
	struct err stopped;
	if (!oci_run(oci, &stopped))
		fail(r, &stopped);
	if (r->failed) {
		*err = r->err;
		return err_wrap(err, "read the live service");
	}
	*ret = r->found;
	return true;
}

struct text_wait {
	struct arena *a;
	struct err err;
	const char *text;
};

static bool is_text(const char *bytes, size_t len)
{
	return !memchr(bytes, 0, len) && text_is_utf8(bytes, len);
}

static void on_content(void *ctx, const struct err *err, const char *bytes, size_t len)
{
	struct text_wait *w = ctx;
	w->err = *err;
	if (!err->kind && is_text(bytes, len))
		w->text = arena_strndup(w->a, bytes, len);
}

bool live_text(struct oci *oci, const char *ns, const char *bucket, const char *name,
	const char **ret, struct err *err)
{
	struct text_wait *w = arena_new(oci_arena(oci), struct text_wait);
	w->a = oci_arena(oci);
	storage_object_get(oci, ns, bucket, name, TEXT_MAX, on_content, w);
	if (!oci_run(oci, err)) {
		http_cancel_all(oci_http(oci));
		return false;
	}
	bool none = w->err.kind == ERR_NOT_FOUND || w->err.kind == ERR_LIMIT;
	if (w->err.kind && !none) {
		*err = w->err;
		return false;
	}
	*ret = w->text;
	return true;
}
