/* Object Storage's namespace and buckets. */
#include "base/text.h"
#include "oci/call.h"
#include "oci/objectstorage.h"
#include "oci/storage_call.h"

#include <string.h>

struct call *storage_call(struct oci *oci, const char *method, const char *ns, const char *bucket,
	const char *verb, const char *name)
{
	struct call *c = name
		? call_new(oci, method, oci_storage_url(oci), "%s object %s in bucket %s", verb,
			  name, bucket)
		: call_new(oci, method, oci_storage_url(oci), "%s bucket %s", verb, bucket);
	call_path(c, "/n/%s/b/%s", text_percent(&c->arena, ns), text_percent(&c->arena, bucket));
	c->policy = arena_printf(&c->arena,
		"manage %s in compartment <compartment> where target.bucket.name = '%s'",
		name ? "objects" : "buckets", bucket);
	return c;
}

struct asking {
	struct oci *oci;
	const char *ns, *name;
	storage_namespace_fn *named;
	storage_bucket_fn *done;
	oci_done_fn *deleted;
	void *ctx;
	int looks;      /* GETs that said BucketNotFound */
	bool created;   /* the GET is to see what a create came to */
	struct err err; /* of the create whose outcome is looked for */
};

static void on_namespace(void *ctx, struct call *c, struct http_reply *reply)
{
	struct asking *k = ctx;
	struct err err = reply->err;
	const struct node *n = err.kind ? NULL : call_node(c, reply, &err);
	if (n && n->kind != NODE_STR) {
		err_set(&err, ERR_PROTOCOL, "%s: the service's reply is no string", c->http.what);
		n = NULL;
	}
	k->named(k->ctx, &err, n ? arena_strdup(oci_arena(c->oci), n->text) : NULL);
}

void storage_namespace_get(struct oci *oci, storage_namespace_fn *done, void *ctx)
{
	struct asking *k = arena_new(oci_arena(oci), struct asking);
	*k = (struct asking){.oci = oci, .named = done, .ctx = ctx};
	struct call *c =
		call_new(oci, "GET", oci_storage_url(oci), "get the Object Storage namespace");
	call_path(c, "/n/");
	call_start(c, on_namespace, k);
}

static struct asking *asking_new(
	struct oci *oci, const char *ns, const char *name, storage_bucket_fn *done, void *ctx)
{
	struct asking *k = arena_new(oci_arena(oci), struct asking);
	*k = (struct asking){.oci = oci,
		.ns = arena_strdup(oci_arena(oci), ns),
		.name = arena_strdup(oci_arena(oci), name),
		.done = done,
		.ctx = ctx};
	return k;
}

static void get(struct asking *k);

static void end_with_reply(struct asking *k, struct call *c, struct http_reply *reply)
{
	struct err err = {0};
	const struct bucket *b = call_record(c, reply, &bucket_record, &err);
	k->done(k->ctx, &err, b);
}

static void on_bucket(void *ctx, struct call *c, struct http_reply *reply)
{
	struct asking *k = ctx;
	if (!reply->err.kind)
		end_with_reply(k, c, reply);
	else if (reply->status == 404 && !k->looks++ && !strcmp(reply->err.code, "BucketNotFound"))
		get(k);
	else
		k->done(k->ctx, k->created ? &k->err : &reply->err, NULL);
}

static void get(struct asking *k)
{
	call_start(storage_call(k->oci, "GET", k->ns, k->name, "get", NULL), on_bucket, k);
}

void storage_bucket_get(
	struct oci *oci, const char *ns, const char *name, storage_bucket_fn *done, void *ctx)
{
	get(asking_new(oci, ns, name, done, ctx));
}

static void on_created(void *ctx, struct call *c, struct http_reply *reply)
{
	struct asking *k = ctx;
	bool there = !strcmp(reply->err.code, "BucketAlreadyExists") && call_is_repeated(reply);
	if (!reply->err.kind) {
		end_with_reply(k, c, reply);
	} else if (there || call_is_lost(reply)) {
		k->err = reply->err;
		k->created = true;
		get(k);
	} else {
		k->done(k->ctx, &reply->err, NULL);
	}
}

void storage_bucket_create(struct oci *oci, const char *ns, const struct bucket *bucket,
	storage_bucket_fn *done, void *ctx)
{
	struct asking *k = asking_new(oci, ns, bucket->name, done, ctx);
	struct call *c =
		call_new(oci, "POST", oci_storage_url(oci), "create bucket %s", bucket->name);
	call_path(c, "/n/%s/b", text_percent(&c->arena, ns));
	call_json(c, field_encode(&bucket_record, bucket, FORM_CREATE, &c->arena));
	c->policy = "manage buckets in compartment <compartment>";
	call_start(c, on_created, k);
}

static void on_deleted(void *ctx, struct call *c, struct http_reply *reply)
{
	(void)c;
	struct asking *k = ctx;
	struct err none = {0};
	bool gone = reply->status == 404 && call_is_repeated(reply);
	k->deleted(k->ctx, gone ? &none : &reply->err);
}

void storage_bucket_delete(
	struct oci *oci, const char *ns, const char *name, oci_done_fn *done, void *ctx)
{
	struct asking *k = asking_new(oci, ns, name, NULL, ctx);
	k->deleted = done;
	call_start(storage_call(oci, "DELETE", ns, name, "delete", NULL), on_deleted, k);
}
