/*
 * An upload in parts: begun, parts hashed and sent side by side, committed; whatever makes it fail, what has gone up is
 * taken back. Every step ends in advance(), which decides what comes next.
 */
#include "base/progress.h"
#include "base/text.h"
#include "oci/storage_call.h"
#include "oci/upload.h"

#include <stdio.h>
#include <string.h>

static const uint64_t PART_SIZE = (uint64_t)16 << 20;
enum { PARTS_MAX = 10000, AT_ONCE = 4 };
/* Parts that are hashed ahead of those that are sent; more before the upload has begun, which waits for the hash of the
   whole where the plan does not know it: that keeps one core busy, and these the others. */
enum { AHEAD = 2, AHEAD_OF_ALL = 16 };

struct part {
	struct upload *upload;
	unsigned number; /* from 1 */
	uint64_t offset, len;
	unsigned char md5[16];
	const char *etag;
	bool hashed;
	struct err err; /* of its hashing */
};

uint64_t multipart_part_size(uint64_t size)
{
	uint64_t part = PART_SIZE;
	while (part * PARTS_MAX < size)
		part *= 2;
	return part;
}

static void advance(struct upload *u);

/* The first failure is the one that is told. */
static void fail(struct upload *u, const struct err *err)
{
	if (!u->err.kind)
		u->err = *err;
}

static struct call *upload_call(struct upload *u, const char *method, const char *verb)
{
	return storage_upload_call(
		u->oci, method, u->put.ns, u->put.bucket, verb, u->put.name, u->id);
}

static void hint_left(struct upload *u)
{
	err_hint(&u->err, "parts of it that went up are left: upload %s of bucket %s", u->id,
		u->put.bucket);
}

static void on_abandoned(void *ctx, struct call *c, struct http_reply *reply)
{
	struct upload *u = ctx;
	(void)c;
	if (reply->err.kind && reply->status != 404)
		hint_left(u);
	upload_end(u, &u->err, NULL);
}

static void abandon(struct upload *u)
{
	if (u->id && u->cancelled)
		hint_left(u);
	if (!u->id || u->cancelled) {
		upload_end(u, &u->err, NULL);
		return;
	}
	struct call *c = upload_call(u, "DELETE", "take back the upload of");
	/* Where nothing gets through, this does not either. */
	c->http.no_retry = err_retryable(u->err.kind);
	call_start(c, on_abandoned, u);
}

static void fail_and_abandon(struct upload *u, const struct err *err)
{
	fail(u, err);
	abandon(u);
}

static void on_committed(void *ctx, struct call *c, struct http_reply *reply)
{
	struct upload *u = ctx;
	(void)c;
	bool gone = reply->status == 404 && call_is_repeated(reply);
	u->cancelled |= reply->err.kind == ERR_INTERRUPTED;
	if (!reply->err.kind)
		upload_succeed(u, http_fields_get(&reply->fields, "etag"), NULL);
	else if (gone || upload_may_be_there(u, reply))
		upload_look(u, &reply->err, fail_and_abandon);
	else
		fail_and_abandon(u, &reply->err);
}

static void commit(struct upload *u)
{
	struct err err;
	if (!content_unchanged(&u->content, &err)) {
		fail_and_abandon(u, &err);
		return;
	}
	struct call *c = upload_call(u, "POST", "complete the upload of");
	struct arena *a = &c->arena;
	struct node *body = node_map(a), *parts = node_seq(a);
	for (size_t i = 0; i < u->n; i++) {
		struct node *part = node_map(a);
		node_put(a, part, "partNum", node_int(a, u->parts[i].number));
		node_put(a, part, "etag", node_str(a, u->parts[i].etag));
		node_append(a, parts, part);
	}
	node_put(a, body, "partsToCommit", parts);
	node_put(a, body, "partsToExclude", node_seq(a));
	call_json(c, body);
	upload_conditions(u, c);
	call_start(c, on_committed, u);
}

static void part_failed(struct part *p, const struct http_reply *reply, const struct err *err)
{
	struct err told = *err;
	told.maybe_done = false; /* a part alone is no object */
	if (reply && upload_is_changed(reply))
		err_set(&told, ERR_CONFLICT, "%s changed while it was uploaded",
			p->upload->put.path ? p->upload->put.path : p->upload->put.name);
	fail(p->upload, &told);
}

static void on_part(void *ctx, struct call *c, struct http_reply *reply)
{
	struct part *p = ctx;
	struct upload *u = p->upload;
	struct err err = reply->err;
	const char *etag = http_fields_get(&reply->fields, "etag");
	u->busy--;
	u->sending--;
	u->cancelled |= err.kind == ERR_INTERRUPTED;
	if (!err.kind && !etag)
		err_set(&err, ERR_PROTOCOL, "%s: the service gave no etag", c->http.what);
	if (err.kind || !upload_check_md5(reply, p->md5, c->http.what, &err)) {
		part_failed(p, reply, &err);
	} else {
		p->etag = arena_strdup(&u->arena, etag);
		u->finished++;
		u->bytes_done += p->len;
		progress_send(oci_progress(u->oci), PROGRESS_STEP, u->put.name, u->bytes_done,
			u->content.size, NULL);
	}
	advance(u);
}

static void send_part(struct part *p)
{
	struct upload *u = p->upload;
	char number[16];
	struct call *c = upload_call(u, "PUT", "upload a part of");
	snprintf(number, sizeof number, "%u", p->number);
	call_query(c, "uploadPartNum", number);
	call_header(c, "content-type", "application/octet-stream");
	call_header(c, "content-md5", text_base64(&c->arena, p->md5, sizeof p->md5));
	c->http.body_unsigned = true;
	c->http.body_len = p->len;
	c->http.body_from_file = u->content.fd >= 0;
	c->http.body_fd = u->content.fd;
	c->http.body_offset = p->offset;
	if (!c->http.body_from_file)
		c->http.body = (const char *)u->content.bytes + p->offset;
	call_start(c, on_part, p);
}

static void hash_part(void *ctx)
{
	struct part *p = ctx;
	content_part_md5(&p->upload->content, p->offset, p->len, p->md5, &p->err);
}

static void on_part_hashed(void *ctx)
{
	struct part *p = ctx;
	struct upload *u = p->upload;
	u->busy--;
	p->hashed = !p->err.kind;
	if (p->err.kind)
		part_failed(p, NULL, &p->err);
	advance(u);
}

static void send_parts(struct upload *u)
{
	while (u->id && u->sending < AT_ONCE && u->sent < u->next && u->parts[u->sent].hashed) {
		u->busy++;
		u->sending++;
		send_part(&u->parts[u->sent++]);
	}
}

static void hash_parts(struct upload *u)
{
	const size_t ahead = u->id ? AHEAD : AHEAD_OF_ALL;
	while (u->next < u->n && u->next - u->sent < ahead) {
		u->busy++;
		http_work(oci_http(u->oci), hash_part, on_part_hashed, &u->parts[u->next++]);
	}
}

/* Interrupted, it is taken back, unless everything is on its way already. */
static void look_for_stop(struct upload *u)
{
	struct err err;
	if (u->sent == u->n || !oci_is_stopped(u->oci))
		return;
	err_set(&err, ERR_INTERRUPTED, "upload object %s to bucket %s: interrupted", u->put.name,
		u->put.bucket);
	fail(u, &err);
}

static void advance(struct upload *u)
{
	look_for_stop(u);
	if (!u->err.kind) {
		send_parts(u);
		hash_parts(u);
	}
	if (u->busy)
		return;
	if (u->err.kind && u->refused)
		upload_look(u, &u->err, fail_and_abandon);
	else if (u->err.kind)
		abandon(u);
	else if (u->finished == u->n)
		commit(u);
}

static void make_parts(struct upload *u)
{
	const uint64_t size = u->content.size, part = multipart_part_size(size);
	u->n = (size_t)((size + part - 1) / part);
	u->parts = arena_array(&u->arena, u->n + 1, sizeof *u->parts); /* the last: the whole */
	for (size_t i = 0; i < u->n; i++) {
		uint64_t offset = i * part, left = size - offset;
		u->parts[i] = (struct part){.upload = u,
			.number = (unsigned)i + 1,
			.offset = offset,
			.len = left < part ? left : part};
	}
}

static void on_begun(void *ctx, struct call *c, struct http_reply *reply)
{
	struct upload *u = ctx;
	reply->err.maybe_done = false; /* that it was begun changes no object */
	struct err err = reply->err;
	const struct node *n = err.kind ? NULL : call_node(c, reply, &err);
	const char *id = node_get_str(n, "uploadId");
	u->busy--;
	u->cancelled |= err.kind == ERR_INTERRUPTED;
	if (!err.kind && text_empty(id))
		err_set(&err, ERR_PROTOCOL, "%s: the service gave no uploadId", c->http.what);
	u->refused = upload_may_be_there(u, reply);
	if (err.kind)
		fail(u, &err);
	else
		u->id = arena_strdup(&u->arena, id);
	advance(u);
}

static void begin(struct upload *u)
{
	const struct storage_put *p = &u->put;
	struct call *c = upload_call(u, "POST", "begin the upload of");
	struct arena *a = &c->arena;
	struct node *body = node_map(a), *metadata = node_map(a);
	/* The hash is told before the parts; that it is the content's is made sure before the commit. */
	node_put(a, metadata, OBJECT_META_SHA256,
		node_str(a, p->sha256 ? p->sha256 : u->content.sha256));
	if (p->owner)
		node_put(a, metadata, OBJECT_META_OWNER, node_str(a, p->owner));
	node_put(a, body, "object", node_str(a, p->name));
	node_put(a, body, "contentType", node_str(a, p->content_type));
	node_put(a, body, "metadata", metadata);
	call_json(c, body);
	upload_conditions(u, c);
	storage_start(c, p->bucket, on_begun, u);
}

static void hash_whole(void *ctx)
{
	struct upload *u = ctx;
	struct part *whole = &u->parts[u->n];
	if (content_hash(&u->content, false, &whole->err))
		upload_check_hash(u, &whole->err);
}

static void on_whole_hashed(void *ctx)
{
	struct upload *u = ctx;
	const struct err *err = &u->parts[u->n].err;
	if (!err->kind && !u->put.sha256 && !u->err.kind) {
		begin(u);
		return;
	}
	u->busy--;
	if (err->kind)
		fail(u, err);
	advance(u);
}

void multipart_start(struct upload *u)
{
	make_parts(u);
	u->busy = 1;
	http_work(oci_http(u->oci), hash_whole, on_whole_hashed, u);
	if (u->put.sha256) {
		u->busy++;
		begin(u);
	}
	advance(u);
}
