#include "base/clock.h"
#include "base/text.h"
#include "local/objectstorage/objectstorage.h"
#include "model/oci_uri.h"

#include <stdio.h>
#include <string.h>

bool storage_upload_begin(struct request *r, struct reply *reply)
{
	struct storage_upload *u = arena_new(r->arena, struct storage_upload);
	struct err err;
	buf_auto headers = {0};
	if (!storage_headers(r, &headers, reply))
		return false;
	u->headers = arena_strdup(r->arena, buf_str(&headers));
	if (!store_content_begin(r->service->store, &u->content, &err)) {
		storage_failed(reply, &err);
		return false;
	}
	r->stream = u;
	return true;
}

bool storage_upload_bytes(struct request *r, const void *bytes, size_t n, struct reply *reply)
{
	struct storage_upload *u = r->stream;
	struct err err;
	if (store_content_add(&u->content, bytes, n, &err))
		return true;
	storage_failed(reply, &err);
	return false;
}

void storage_upload_abort(struct request *r)
{
	struct storage_upload *u = r->stream;
	store_content_abort(&u->content);
}

/* Content-MD5 is asked for before the content gets its name. */
static bool md5_holds(struct request *r, const struct store_content *c, struct reply *reply)
{
	const char *want = request_header(r, "content-md5");
	const char *have = text_base64(r->arena, c->md5_raw, sizeof c->md5_raw);
	if (!want || text_equal(want, have))
		return true;
	reply_error(reply, 400, "UnmatchedContentMD5",
		"The computed MD5 of the request body (%s) does not match the Content-MD5 header (%s)",
		have, want);
	return false;
}

const struct store_content *storage_upload_end(struct request *r, struct reply *reply)
{
	struct storage_upload *u = r->stream;
	struct err err;
	store_content_end(&u->content);
	if (!md5_holds(r, &u->content, reply)) {
		store_content_abort(&u->content);
		return NULL;
	}
	if (store_content_commit(r->service->store, &u->content, &err))
		return &u->content;
	storage_failed(reply, &err);
	return NULL;
}

struct put {
	struct request *request;
	struct object_row row;
	enum change outcome;
};

static bool put_row(sqlite3 *db, void *ctx, struct err *err)
{
	struct put *p = ctx;
	struct request *r = p->request;
	struct bucket_brief b;
	if (!bucket_row_brief(db, r->args[1], &b)) {
		p->outcome = CHANGE_NO_BUCKET;
		return true;
	}
	p->outcome = storage_judge(db, &b, p->row.name, p->row.time_modified,
		request_header(r, "if-match"), request_header(r, "if-none-match"));
	return p->outcome != CHANGE_OK || object_row_put(db, &b, &p->row, err);
}

/* Refuses what can be refused before the body comes. */
void storage_object_put_head(struct request *r, struct reply *reply)
{
	sqlite3 *db = store_db(r->service->store);
	struct bucket_brief b;
	if (!storage_ns_ok(r, reply) || !storage_name_ok(r, reply))
		return;
	enum change c = CHANGE_NO_BUCKET;
	if (bucket_row_brief(db, r->args[1], &b))
		c = storage_judge(db, &b, r->args[2], clock_wall(r->service->clock),
			request_header(r, "if-match"), request_header(r, "if-none-match"));
	if (c != CHANGE_OK)
		storage_refuse(reply, r, c, r->args[1], r->args[2]);
	else
		storage_upload_begin(r, reply);
}

static void reply_put(struct request *r, const struct put *p, struct reply *reply)
{
	char modified[32];
	reply->status = 200;
	reply_field(reply, "etag", p->row.etag);
	storage_reply_version(r, &p->row, reply);
	reply_field(reply, "opc-content-md5", p->row.md5);
	reply_field(reply, "last-modified",
		arena_strdup(r->arena, text_http_date(p->row.time_modified, modified)));
}

void storage_object_put(struct request *r, struct reply *reply)
{
	struct storage_upload *u = r->stream;
	struct store *store = r->service->store;
	struct err err;
	const struct store_content *content = storage_upload_end(r, reply);
	if (!content)
		return;
	const char *tier = request_header(r, "storage-tier");
	struct put p = {.request = r,
		.row = {.name = r->args[2],
			.sha256 = content->sha256_hex,
			.size = content->size,
			.md5 = text_base64(r->arena, content->md5_raw, sizeof content->md5_raw),
			.headers = u->headers,
			.tier = tier ? storage_tier(tier) : NULL}};
	object_row_stamp(r->arena, &p.row, clock_wall(r->service->clock));
	bool ok = store_write(store, put_row, &p, &err);
	if (!ok)
		storage_failed(reply, &err);
	else if (p.outcome != CHANGE_OK)
		storage_refuse(reply, r, p.outcome, r->args[1], r->args[2]);
	else
		reply_put(r, &p, reply);
	store_content_unpin(store, content->sha256_hex, ok && p.outcome == CHANGE_OK);
}
