#include "base/clock.h"
#include "base/text.h"
#include "local/bucket_row.h"
#include "local/objectstorage.h"
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
static bool md5_holds(struct request *r, const unsigned char md5[static 16], struct reply *reply)
{
	const char *want = request_header(r, "content-md5");
	const char *have = text_base64(r->arena, md5, 16);
	if (!want || text_equal(want, have))
		return true;
	reply_error(reply, 400, "UnmatchedContentMD5",
		"The computed MD5 of the request body (%s) does not match the Content-MD5 header (%s)",
		have, want);
	return false;
}

bool storage_upload_end(struct request *r, char sha256[static 65], unsigned char md5[static 16],
	uint64_t *ret_size, struct reply *reply)
{
	struct storage_upload *u = r->stream;
	struct store *store = r->service->store;
	struct err err;
	*ret_size = u->content.size;
	if (!store_content_commit(store, &u->content, sha256, md5, &err)) {
		storage_failed(reply, &err);
		return false;
	}
	if (md5_holds(r, md5, reply))
		return true;
	store_content_unpin(store, sha256);
	return false;
}

struct put {
	struct request *request;
	struct object_row row;
	enum change outcome;
};

static bool put_row(sqlite3 *db, void *ctx, struct err *err)
{
	struct put *p = ctx;
	char etag[37];
	p->row.bucket = bucket_row_id(db, p->request->args[1]);
	if (!p->row.bucket) {
		p->outcome = CHANGE_NO_BUCKET;
		return true;
	}
	object_row_etag(db, p->row.bucket, p->row.name, etag);
	p->outcome = storage_condition(request_header(p->request, "if-match"),
		request_header(p->request, "if-none-match"), etag);
	return p->outcome != CHANGE_OK || object_row_put(db, &p->row, err);
}

/* Refuses what can be refused before the body comes. */
void storage_object_put_head(struct request *r, struct reply *reply)
{
	char etag[37];
	const char *name = r->args[2];
	int64_t bucket = storage_bucket(r, reply);
	if (!bucket)
		return;
	if (!object_name_ok(name)) {
		reply_error(reply, 400, "InvalidObjectName", 
			"An object's name is 1 to 1024 bytes of UTF-8 without CR and LF");
		return;
	}
	object_row_etag(store_db(r->service->store), bucket, name, etag);
	enum change c = storage_condition(
		request_header(r, "if-match"), request_header(r, "if-none-match"), etag);
	if (c != CHANGE_OK)
		storage_refuse(reply, r, c, r->args[1], name);
	else
		storage_upload_begin(r, reply);
}

static void reply_put(struct request *r, const struct put *p, struct reply *reply)
{
	char modified[32];
	reply->status = 200;
	reply_field(reply, "etag", arena_strdup(r->arena, p->row.etag));
	reply_field(reply, "opc-content-md5", p->row.md5);
	reply_field(reply, "last-modified",
		arena_strdup(r->arena, text_http_date(p->row.time_modified, modified)));
}

void storage_object_put(struct request *r, struct reply *reply)
{
	struct storage_upload *u = r->stream;
	struct store *store = r->service->store;
	char sha256[65], etag[37];
	unsigned char md5[16];
	uint64_t size;
	struct err err;
	if (!storage_upload_end(r, sha256, md5, &size, reply))
		return;
	store_uuid(etag);
	int64_t now = clock_wall(r->service->clock);
	struct put p = {.request = r,
		.row = {.name = r->args[2], .sha256 = sha256, .size = size,
			.md5 = text_base64(r->arena, md5, 16), .etag = etag, .headers = u->headers,
			.time_created = now, .time_modified = now}};
	if (!store_write(store, put_row, &p, &err))
		storage_failed(reply, &err);
	else if (p.outcome != CHANGE_OK)
		storage_refuse(reply, r, p.outcome, r->args[1], r->args[2]);
	else
		reply_put(r, &p, reply);
	store_content_unpin(store, sha256);
}
