/* Namespace, buckets, and objects where no content is involved. Content: storage_get.c, storage_put.c. */
#include "oci/objectstorage.h"

#include "base/text.h"
#include "oci/storage_call.h"

#include <stdlib.h>
#include <string.h>

static const struct err NO_ERR = {0};

/* What a caller waits for: one of the callbacks, and what is needed to judge a reply. */
struct waiter {
	union {
		storage_namespace_fn *ns;
		storage_bucket_fn *bucket;
		storage_object_fn *object;
		oci_done_fn *done;
	} fn;
	void *ctx;
	const char *ns, *bucket, *name;
	struct err lost; /* of the reply that made us look */
};

static struct waiter *waiter_new(
	struct call *c, const char *ns, const char *bucket, const char *name, void *ctx)
{
	struct waiter *w = arena_new(&c->arena, struct waiter);
	*w = (struct waiter){.ctx = ctx,
		.ns = arena_strdup(&c->arena, ns),
		.bucket = arena_strdup(&c->arena, bucket),
		.name = arena_strdup(&c->arena, name)};
	return w;
}

/* A waiter for a second call that judges the first: it must outlive the first one's arena. */
static struct waiter *waiter_over(struct call *c, const struct waiter *w, const struct err *lost)
{
	struct waiter *made = waiter_new(c, w->ns, w->bucket, w->name, w->ctx);
	made->fn = w->fn;
	made->lost = *lost;
	return made;
}

static void on_namespace(void *ctx, struct call *c, struct http_reply *reply)
{
	struct waiter *w = ctx;
	struct err err = reply->err;
	const struct node *n = err.kind ? NULL : call_node(c, reply, &err);
	const char *ns = n && n->kind == NODE_STR ? arena_strdup(oci_arena(c->oci), n->text) : NULL;
	if (!ns && !err.kind)
		err_set(&err, ERR_PROTOCOL, "%s: the service's reply is no string", c->http.what);
	w->fn.ns(w->ctx, &err, ns);
}

void storage_namespace_get(struct oci *oci, storage_namespace_fn *done, void *ctx)
{
	struct call *c = call_new(oci, "GET", oci_storage_url(oci), "get the namespace");
	struct waiter *w = waiter_new(c, NULL, NULL, NULL, ctx);
	w->fn.ns = done;
	call_path(c, "/n");
	call_policy(c, "read objectstorage-namespaces in tenancy");
	call_start(c, on_namespace, w);
}

static void on_bucket(void *ctx, struct call *c, struct http_reply *reply)
{
	struct waiter *w = ctx;
	struct err err = reply->err;
	const struct bucket *b = err.kind ? NULL : call_record(c, reply, &bucket_record, &err);
	w->fn.bucket(w->ctx, &err, b);
}

void storage_bucket_get(
	struct oci *oci, const char *ns, const char *name, storage_bucket_fn *done, void *ctx)
{
	struct call *c = storage_bucket_call(oci, "GET", ns, name, "get");
	struct waiter *w = waiter_new(c, ns, name, NULL, ctx);
	w->fn.bucket = done;
	storage_start(c, name, on_bucket, w);
}

/* The bucket after a create whose outcome is open: there, it is ours; else the create's error stands. */
static void on_bucket_looked(void *ctx, struct call *c, struct http_reply *reply)
{
	struct waiter *w = ctx;
	if (reply->err.kind) {
		call_settle(&w->lost, &reply->err);
		w->fn.bucket(w->ctx, &w->lost, NULL);
	} else {
		on_bucket(ctx, c, reply);
	}
}

static void look_for_bucket(struct call *c, const struct waiter *w, const struct err *lost)
{
	struct call *look = storage_bucket_call(c->oci, "GET", w->ns, w->bucket, "look for");
	/* After a reply that all retries were lost of, one more question has to do. */
	look->http.no_retry = err_retryable(lost->kind);
	call_start(look, on_bucket_looked, waiter_over(look, w, lost));
}

static void on_bucket_created(void *ctx, struct call *c, struct http_reply *reply)
{
	struct waiter *w = ctx;
	bool exists = !strcmp(reply->err.code, "BucketAlreadyExists");
	if ((exists && call_is_repeated(reply)) || call_is_lost(reply))
		look_for_bucket(c, w, &reply->err);
	else
		on_bucket(ctx, c, reply);
}

void storage_bucket_create(struct oci *oci, const char *ns, const struct bucket *bucket,
	storage_bucket_fn *done, void *ctx)
{
	struct call *c =
		call_new(oci, "POST", oci_storage_url(oci), "create bucket %s", bucket->name);
	struct waiter *w = waiter_new(c, ns, bucket->name, NULL, ctx);
	w->fn.bucket = done;
	call_path(c, "/n/%s/b", text_percent(&c->arena, ns));
	call_policy(c, "manage buckets in compartment <compartment>");
	call_json(c, field_encode(&bucket_record, bucket, FORM_CREATE, &c->arena));
	call_start(c, on_bucket_created, w);
}

/* Gone is what a DELETE is for, if one before may have done it. */
static void on_bucket_deleted(void *ctx, struct call *c, struct http_reply *reply)
{
	struct waiter *w = ctx;
	(void)c;
	bool ours = reply->status == 404 && call_is_repeated(reply);
	w->fn.done(w->ctx, ours ? &NO_ERR : &reply->err);
}

void storage_bucket_delete(
	struct oci *oci, const char *ns, const char *name, oci_done_fn *done, void *ctx)
{
	struct call *c = storage_bucket_call(oci, "DELETE", ns, name, "delete");
	struct waiter *w = waiter_new(c, ns, name, NULL, ctx);
	w->fn.done = done;
	storage_start(c, name, on_bucket_deleted, w);
}

static void on_head(void *ctx, struct call *c, struct http_reply *reply)
{
	struct waiter *w = ctx;
	struct err err = reply->err;
	struct object *o = err.kind ? NULL : storage_object_of(c, reply, w->bucket, w->name);
	w->fn.object(w->ctx, &err, o);
}

void storage_object_head(struct oci *oci, const char *ns, const char *bucket, const char *name,
	storage_object_fn *done, void *ctx)
{
	struct call *c = storage_object_call(oci, "HEAD", ns, bucket, "look at", name);
	struct waiter *w = waiter_new(c, ns, bucket, name, ctx);
	w->fn.object = done;
	storage_start(c, bucket, on_head, w);
}

static void on_gone_looked(void *ctx, struct call *c, struct http_reply *reply)
{
	struct waiter *w = ctx;
	(void)c;
	call_settle(&w->lost, &reply->err);
	w->fn.done(w->ctx, reply->status == 404 ? &NO_ERR : &w->lost);
}

static void look_whether_gone(struct call *c, const struct waiter *w, const struct err *lost)
{
	struct call *look =
		storage_object_call(c->oci, "HEAD", w->ns, w->bucket, "look at", w->name);
	look->http.no_retry = err_retryable(lost->kind);
	call_start(look, on_gone_looked, waiter_over(look, w, lost));
}

static void on_deleted(void *ctx, struct call *c, struct http_reply *reply)
{
	struct waiter *w = ctx;
	bool repeated = call_is_repeated(reply);
	if (reply->status == 404 && repeated)
		w->fn.done(w->ctx, &NO_ERR);
	else if ((reply->status == 412 && repeated) || call_is_lost(reply))
		look_whether_gone(c, w, &reply->err);
	else
		w->fn.done(w->ctx, &reply->err);
}

void storage_object_delete(struct oci *oci, const char *ns, const char *bucket, const char *name,
	const char *etag, oci_done_fn *done, void *ctx)
{
	struct call *c = storage_object_call(oci, "DELETE", ns, bucket, "delete", name);
	struct waiter *w = waiter_new(c, ns, bucket, name, ctx);
	w->fn.done = done;
	if (etag)
		call_header(c, "if-match", etag);
	storage_start(c, bucket, on_deleted, w);
}
