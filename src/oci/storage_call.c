#include "oci/storage_call.h"

#include "base/text.h"

#include <string.h>

/* The IAM policy reference of Object Storage: types buckets and objects, variable target.bucket.name. */
static void set_policy(struct call *c, const char *bucket, const char *things)
{
	bool reads = !strcmp(c->http.method, "GET") || !strcmp(c->http.method, "HEAD");
	call_policy(c,
		arena_printf(&c->arena,
			"%s %s in compartment <compartment> where target.bucket.name = '%s'",
			reads ? "read" : "manage", things, bucket));
}

static void set_path(struct call *c, const char *ns, const char *bucket)
{
	call_path(c, "/n/%s/b/%s", text_percent(&c->arena, ns), text_percent(&c->arena, bucket));
}

struct call *storage_bucket_call(
	struct oci *oci, const char *method, const char *ns, const char *bucket, const char *verb)
{
	struct call *c = call_new(oci, method, oci_storage_url(oci), "%s bucket %s", verb, bucket);
	set_path(c, ns, bucket);
	set_policy(c, bucket, "buckets");
	return c;
}

static struct call *content_call(struct oci *oci, const char *method, const char *ns,
	const char *bucket, const char *verb, const char *name)
{
	struct call *c = call_new(
		oci, method, oci_storage_url(oci), "%s object %s in bucket %s", verb, name, bucket);
	set_path(c, ns, bucket);
	set_policy(c, bucket, "objects");
	return c;
}

struct call *storage_object_call(struct oci *oci, const char *method, const char *ns,
	const char *bucket, const char *verb, const char *name)
{
	struct call *c = content_call(oci, method, ns, bucket, verb, name);
	call_path(c, "/o/%s", text_percent(&c->arena, name));
	return c;
}

struct call *storage_upload_call(struct oci *oci, const char *method, const char *ns,
	const char *bucket, const char *verb, const char *name, const char *id)
{
	struct call *c = content_call(oci, method, ns, bucket, verb, name);
	call_path(c, "/u");
	if (id) {
		call_path(c, "/%s", text_percent(&c->arena, name));
		call_query(c, "uploadId", id);
	}
	return c;
}

struct asking {
	const char *bucket;
	call_fn *done;
	void *ctx;
	bool again, maybe_done; /* the first time */
	int attempts;
};

static void on_reply(void *ctx, struct call *c, struct http_reply *reply)
{
	struct asking *a = ctx;
	bool missing = !strcmp(reply->err.code, "BucketNotFound");
	if (missing && !a->again) {
		a->again = true;
		a->maybe_done = reply->maybe_done;
		a->attempts = reply->attempts;
		call_start(c, on_reply, a);
		return;
	}
	reply->maybe_done = reply->maybe_done || a->maybe_done;
	reply->attempts += a->attempts;
	if (missing)
		err_hint(&reply->err,
			"if it is not, declare bucket %s under `buckets:`, or mend its name",
			a->bucket);
	a->done(a->ctx, c, reply);
}

void storage_start(struct call *c, const char *bucket, call_fn *done, void *ctx)
{
	struct asking *a = arena_new(&c->arena, struct asking);
	*a = (struct asking){.bucket = arena_strdup(&c->arena, bucket), .done = done, .ctx = ctx};
	call_start(c, on_reply, a);
}

static const char *time_of(struct call *c, const char *http_date)
{
	int64_t ms;
	char text[32];
	if (!http_date || !text_parse_http_date(http_date, &ms))
		return arena_strdup(oci_arena(c->oci), http_date);
	return arena_strdup(oci_arena(c->oci), text_rfc3339(ms, text));
}

struct object *storage_object_of(
	struct call *c, const struct http_reply *reply, const char *bucket, const char *name)
{
	struct arena *a = oci_arena(c->oci);
	struct object *o = arena_new(a, struct object);
	const char *size = http_fields_get(&reply->fields, "content-length");
	o->bucket = arena_strdup(a, bucket);
	o->name = arena_strdup(a, name);
	o->size.set = size && text_i64(size, &o->size.v);
	o->md5 = call_reply_header(c, reply, "content-md5");
	o->multipart_md5 = call_reply_header(c, reply, "opc-multipart-md5");
	o->sha256 = call_reply_header(c, reply, OBJECT_META_SHA256);
	o->owner = call_reply_header(c, reply, OBJECT_META_OWNER);
	o->content_type = call_reply_header(c, reply, "content-type");
	o->etag = call_reply_header(c, reply, "etag");
	o->version_id = call_reply_header(c, reply, "version-id");
	o->storage_tier = call_reply_header(c, reply, "storage-tier");
	o->archival_state = call_reply_header(c, reply, "archival-state");
	o->time_modified = time_of(c, http_fields_get(&reply->fields, "last-modified"));
	return o;
}
