/* Object Storage's objects: list, head, get, download, delete. Putting is in storage_put.c. */
#include "base/fs.h"
#include "base/text.h"
#include "oci/objectstorage.h"
#include "oci/storage_call.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct call *storage_object_call(struct oci *oci, const char *method, const char *ns,
	const char *bucket, const char *verb, const char *name)
{
	struct call *c = storage_call(oci, method, ns, bucket, verb, name);
	call_path(c, "/o/%s", text_percent(&c->arena, name));
	return c;
}

struct object *storage_object_of(
	struct call *c, const struct http_reply *reply, const char *bucket, const char *name)
{
	struct arena *a = oci_arena(c->oci);
	struct object *o = arena_new(a, struct object);
	const char *length = http_fields_get(&reply->fields, "content-length");
	o->bucket = arena_strdup(a, bucket);
	o->name = arena_strdup(a, name);
	o->size.set = length && text_i64(length, &o->size.v);
	o->md5 = call_reply_header(c, reply, "content-md5");
	o->sha256 = call_reply_header(c, reply, OBJECT_META_SHA256);
	o->owner = call_reply_header(c, reply, OBJECT_META_OWNER);
	o->content_type = call_reply_header(c, reply, "content-type");
	o->etag = call_reply_header(c, reply, "etag");
	return o;
}

struct listing {
	storage_object_each_fn *fn;
	void *ctx;
	const char *bucket;
	size_t query_end;
	const char *start; /* of the page that is asked for; NULL: the first */
};

static bool each_object(struct listing *l, struct call *c, const struct node *page, struct err *err)
{
	const struct node *objects = node_get(page, "objects");
	if (!objects || objects->kind != NODE_SEQ)
		return err_set(err, ERR_PROTOCOL, "%s: the service's reply has no `objects`",
			c->http.what);
	for (size_t i = 0; i < objects->u.seq.n; i++) {
		struct object *o = call_decode(c, objects->u.seq.v[i], &object_record, err);
		if (!o)
			return false;
		o->bucket = l->bucket;
		l->fn(l->ctx, err, o);
	}
	return true;
}

static void on_objects(void *ctx, struct call *c, struct http_reply *reply)
{
	struct listing *l = ctx;
	struct err err = reply->err;
	const struct node *page = err.kind ? NULL : call_node(c, reply, &err);
	const char *next = NULL;
	if (page && each_object(l, c, page, &err))
		next = node_get_str(page, "nextStartWith");
	if (next && l->start && strcmp(next, l->start) <= 0) {
		err_set(&err, ERR_PROTOCOL, "%s: the service's pages do not go on", c->http.what);
		next = NULL;
	}
	if (!next) {
		l->fn(l->ctx, &err, NULL);
		return;
	}
	l->start = arena_strdup(&c->arena, next);
	buf_truncate(&c->url, l->query_end);
	call_query(c, "start", next);
	call_start(c, on_objects, l);
}

void storage_object_list(struct oci *oci, const char *ns, const char *bucket, const char *prefix,
	storage_object_each_fn *fn, void *ctx)
{
	struct call *c = storage_call(oci, "GET", ns, bucket, "list", NULL);
	struct listing *l = arena_new(&c->arena, struct listing);
	call_path(c, "/o");
	call_query(c, "fields", "name,size,md5,etag");
	call_query(c, "limit", "1000");
	if (!text_empty(prefix))
		call_query(c, "prefix", prefix);
	*l = (struct listing){.fn = fn,
		.ctx = ctx,
		.bucket = arena_strdup(oci_arena(oci), bucket),
		.query_end = c->url.len};
	call_start(c, on_objects, l);
}

/* What asked for one object. */
struct asking {
	const char *ns, *bucket, *name;
	storage_object_fn *headed;
	storage_content_fn *got;
	oci_done_fn *done;
	void *ctx;
	/* Download. */
	const char *path;
	char *aside;
	int fd;
	int saved_errno; /* of the write that failed */
};

static struct asking *asking_new(
	struct oci *oci, const char *ns, const char *bucket, const char *name, void *ctx)
{
	struct arena *a = oci_arena(oci);
	struct asking *k = arena_new(a, struct asking);
	*k = (struct asking){.ns = arena_strdup(a, ns),
		.bucket = arena_strdup(a, bucket),
		.name = arena_strdup(a, name),
		.ctx = ctx,
		.fd = -1};
	return k;
}

static void on_head(void *ctx, struct call *c, struct http_reply *reply)
{
	struct asking *k = ctx;
	bool ok = !reply->err.kind;
	k->headed(k->ctx, &reply->err, ok ? storage_object_of(c, reply, k->bucket, k->name) : NULL);
}

void storage_object_head(struct oci *oci, const char *ns, const char *bucket, const char *name,
	storage_object_fn *done, void *ctx)
{
	struct asking *k = asking_new(oci, ns, bucket, name, ctx);
	k->headed = done;
	call_start(storage_object_call(oci, "HEAD", ns, bucket, "look at", name), on_head, k);
}

static void on_content(void *ctx, struct call *c, struct http_reply *reply)
{
	struct asking *k = ctx;
	if (reply->err.kind)
		k->got(k->ctx, &reply->err, NULL, 0);
	else
		k->got(k->ctx, &reply->err,
			arena_strndup(oci_arena(c->oci), buf_str(&reply->body), reply->body.len),
			reply->body.len);
}

void storage_object_get(struct oci *oci, const char *ns, const char *bucket, const char *name,
	size_t max, storage_content_fn *done, void *ctx)
{
	struct asking *k = asking_new(oci, ns, bucket, name, ctx);
	struct call *c = storage_object_call(oci, "GET", ns, bucket, "get", name);
	k->got = done;
	c->http.max_body = max;
	call_start(c, on_content, k);
}

static bool to_file(void *ctx, const void *bytes, size_t n)
{
	struct asking *k = ctx;
	struct err err;
	bool ok = bytes ? fs_write_all(k->fd, bytes, n, &err)
			: !ftruncate(k->fd, 0) && lseek(k->fd, 0, SEEK_SET) == 0;
	if (!ok)
		k->saved_errno = errno;
	return ok;
}

/* Whole on disk under its own name, or not at all. */
static bool keep_file(struct asking *k, struct err *err)
{
	bool ok = !fsync(k->fd) && !rename(k->aside, k->path);
	return ok || err_errno(err, ERR_IO, "write %s", k->path);
}

static void on_download(void *ctx, struct call *c, struct http_reply *reply)
{
	(void)c;
	struct asking *k = ctx;
	struct err err = reply->err;
	if (err.kind && k->saved_errno)
		err_set(&err, ERR_IO, "write %s: %s", k->path, strerror(k->saved_errno));
	bool kept = !err.kind && keep_file(k, &err);
	close(k->fd);
	if (!kept)
		unlink(k->aside);
	k->done(k->ctx, &err);
}

void storage_object_download(struct oci *oci, const char *ns, const char *bucket, const char *name,
	const char *path, oci_done_fn *done, void *ctx)
{
	struct asking *k = asking_new(oci, ns, bucket, name, ctx);
	k->done = done;
	k->path = arena_strdup(oci_arena(oci), path);
	k->aside = arena_printf(oci_arena(oci), "%s.XXXXXX", path);
	k->fd = mkostemp(k->aside, O_CLOEXEC);
	if (k->fd < 0) {
		struct err err;
		err_errno(&err, ERR_IO, "write %s", path);
		done(ctx, &err);
		return;
	}
	struct call *c = storage_object_call(oci, "GET", ns, bucket, "download", name);
	c->http.sink = to_file;
	c->http.sink_ctx = k;
	call_start(c, on_download, k);
}

/* After a DELETE whose reply was lost: gone is done. */
static void on_delete_look(void *ctx, struct call *c, struct http_reply *reply)
{
	(void)c;
	struct asking *k = ctx;
	struct err none = {0}, lost;
	bool gone = reply->status == 404;
	err_set(&lost, ERR_NETWORK,
		"the reply to the deletion of object %s in bucket %s was lost, and it is there",
		k->name, k->bucket);
	k->done(k->ctx, gone ? &none : reply->err.kind ? &reply->err : &lost);
}

static void on_deleted(void *ctx, struct call *c, struct http_reply *reply)
{
	struct asking *k = ctx;
	struct err none = {0};
	if (reply->status == 404 && call_is_repeated(reply))
		k->done(k->ctx, &none);
	else if (call_is_lost(reply))
		call_start(
			storage_object_call(c->oci, "HEAD", k->ns, k->bucket, "look at", k->name),
			on_delete_look, k);
	else
		k->done(k->ctx, &reply->err);
}

void storage_object_delete(struct oci *oci, const char *ns, const char *bucket, const char *name,
	const char *etag, oci_done_fn *done, void *ctx)
{
	struct asking *k = asking_new(oci, ns, bucket, name, ctx);
	struct call *c = storage_object_call(oci, "DELETE", ns, bucket, "delete", name);
	k->done = done;
	if (etag)
		call_header(c, "if-match", etag);
	call_start(c, on_deleted, k);
}
