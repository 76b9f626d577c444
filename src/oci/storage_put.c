/* Objects go up: hashed by a worker, then one PUT, or parts where they are large. */
#include "base/digest.h"
#include "base/progress.h"
#include "base/text.h"
#include "oci/objectstorage.h"
#include "oci/storage_call.h"
#include "oci/upload.h"

#include <stdlib.h>
#include <string.h>

static const uint64_t PARTS_ABOVE = (uint64_t)128 << 20;

void upload_end(struct upload *u, const struct err *err, const struct object *object)
{
	if (u->bytes_done)
		progress_send(oci_progress(u->oci), err->kind ? PROGRESS_FAILED : PROGRESS_DONE,
			u->put.name, u->bytes_done, u->content.size, NULL);
	content_close(&u->content);
	u->done(u->ctx, err, object);
	arena_clear(&u->arena);
	free(u);
}

static void fail(struct upload *u, const struct err *err)
{
	upload_end(u, err, NULL);
}

static bool is_large(const struct upload *u)
{
	return u->content.size > u->put.parts_above;
}

void upload_succeed(struct upload *u, const char *etag, const char *md5)
{
	struct arena *a = oci_arena(u->oci);
	static const struct err none = {0};
	struct object *o = arena_new(a, struct object);
	*o = (struct object){.bucket = arena_strdup(a, u->put.bucket),
		.name = arena_strdup(a, u->put.name),
		.size = {true, (int64_t)u->content.size},
		.md5 = arena_strdup(a, md5),
		.sha256 = arena_strdup(a, u->content.sha256),
		.owner = arena_strdup(a, u->put.owner),
		.content_type = arena_strdup(a, u->put.content_type),
		.etag = arena_strdup(a, etag),
		.path = arena_strdup(a, u->put.path)};
	upload_end(u, &none, o);
}

void upload_conditions(const struct upload *u, struct call *c)
{
	if (u->put.if_match)
		call_header(c, "if-match", u->put.if_match);
	if (u->put.if_none_match)
		call_header(c, "if-none-match", "*");
}

bool upload_check_hash(const struct upload *u, struct err *err)
{
	if (!u->put.sha256 || text_equal(u->put.sha256, u->content.sha256))
		return true;
	err_set(err, ERR_CONFLICT, "%s has changed since the plan was made",
		u->put.path ? u->put.path : u->put.name);
	return err_hint(err, "plan again");
}

bool upload_is_changed(const struct http_reply *reply)
{
	return !strcmp(reply->err.code, "UnmatchedContentMD5");
}

bool upload_check_md5(const struct http_reply *reply, const unsigned char md5[static 16],
	const char *what, struct err *err)
{
	arena_auto a = {0};
	const char *theirs = http_fields_get(&reply->fields, "opc-content-md5");
	return !theirs || text_equal(theirs, text_base64(&a, md5, 16)) ||
		err_set(err, ERR_PROTOCOL, "%s: the service got other bytes than were sent", what);
}

bool upload_may_be_there(const struct upload *u, const struct http_reply *reply)
{
	bool refused = reply->status == 412 && (u->put.if_none_match || call_is_repeated(reply));
	return refused || call_is_lost(reply);
}

struct look {
	struct upload *upload;
	struct err lost;
	upload_fail_fn *otherwise;
};

static void on_looked(void *ctx, struct call *c, struct http_reply *reply)
{
	struct look *l = ctx;
	struct upload *u = l->upload;
	struct object *o =
		reply->err.kind ? NULL : storage_object_of(c, reply, u->put.bucket, u->put.name);
	if (o && text_equal(o->sha256, u->content.sha256)) {
		upload_succeed(u, o->etag, o->md5);
	} else {
		call_settle(&l->lost, &reply->err);
		l->otherwise(u, &l->lost);
	}
}

void upload_look(struct upload *u, const struct err *lost, upload_fail_fn *otherwise)
{
	if (!u->content.hashed) { /* nothing to know it by */
		otherwise(u, lost);
		return;
	}
	struct call *c = storage_object_call(
		u->oci, "HEAD", u->put.ns, u->put.bucket, "look at", u->put.name);
	struct look *l = arena_new(&u->arena, struct look);
	*l = (struct look){u, *lost, otherwise};
	/* One that all retries were lost of is not worth waiting for once more. */
	c->http.no_retry = err_retryable(lost->kind);
	call_start(c, on_looked, l);
}

static void on_put(void *ctx, struct call *c, struct http_reply *reply)
{
	struct upload *u = ctx;
	struct err err = reply->err;
	if (!err.kind && upload_check_md5(reply, u->content.md5, c->http.what, &err)) {
		arena_auto a = {0};
		upload_succeed(u, http_fields_get(&reply->fields, "etag"),
			text_base64(&a, u->content.md5, sizeof u->content.md5));
		return;
	}
	if (upload_is_changed(reply))
		err_set(&err, ERR_CONFLICT, "%s: %s changed while it was uploaded", c->http.what,
			u->put.path ? u->put.path : "it");
	if (upload_may_be_there(u, reply))
		upload_look(u, &err, fail);
	else
		fail(u, &err);
}

static void put_whole(struct upload *u)
{
	const struct storage_put *p = &u->put;
	struct call *c = storage_object_call(u->oci, "PUT", p->ns, p->bucket, "upload", p->name);
	call_header(c, "content-type", p->content_type);
	call_header(c, "content-md5", text_base64(&c->arena, u->content.md5, 16));
	call_header(c, OBJECT_META_SHA256, u->content.sha256);
	if (p->owner)
		call_header(c, OBJECT_META_OWNER, p->owner);
	upload_conditions(u, c);
	c->http.body_unsigned = true;
	c->http.body = u->content.bytes;
	c->http.body_len = u->content.size;
	c->http.body_from_file = u->content.fd >= 0;
	c->http.body_fd = u->content.fd;
	storage_start(c, p->bucket, on_put, u);
}

/* On a worker. A large file is hashed by multipart_start. */
static void hash(void *ctx)
{
	struct upload *u = ctx;
	const struct storage_put *p = &u->put;
	if (!content_open(&u->content, u->oci, p->path, p->bytes, p->len, &u->err))
		return;
	if (!is_large(u) && content_hash(&u->content, true, &u->err))
		upload_check_hash(u, &u->err);
}

static void on_hashed(void *ctx)
{
	struct upload *u = ctx;
	if (u->err.kind) {
		err_wrap(&u->err, "upload object %s to bucket %s", u->put.name, u->put.bucket);
		fail(u, &u->err);
	} else if (is_large(u)) {
		multipart_start(u);
	} else {
		put_whole(u);
	}
}

void storage_object_put(
	struct oci *oci, const struct storage_put *put, storage_object_fn *done, void *ctx)
{
	struct upload *u = xalloc(sizeof *u);
	struct arena *a = &u->arena;
	u->oci = oci;
	u->done = done;
	u->ctx = ctx;
	u->content.fd = -1;
	u->put = (struct storage_put){.ns = arena_strdup(a, put->ns),
		.bucket = arena_strdup(a, put->bucket),
		.name = arena_strdup(a, put->name),
		.path = arena_strdup(a, put->path),
		.bytes = put->bytes,
		.len = put->len,
		.content_type = arena_strdup(
			a, put->content_type ? put->content_type : "application/octet-stream"),
		.owner = arena_strdup(a, put->owner),
		.if_match = arena_strdup(a, put->if_match),
		.if_none_match = put->if_none_match,
		.sha256 = arena_strdup(a, put->sha256),
		.parts_above = put->parts_above ? put->parts_above : PARTS_ABOVE};
	http_work(oci_http(oci), hash, on_hashed, u);
}
