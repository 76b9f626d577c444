#include "base/clock.h"
#include "base/text.h"
#include "local/objectstorage/objectstorage.h"
#include "local/server/server_inside.h"
#include "model/oci_uri.h"

#include <string.h>

enum { PART_MAX = 10000 };

struct multipart_details {
	const char *object;
	const char *content_type, *content_language, *content_encoding, *content_disposition,
		*cache_control, *storage_tier;
	struct pairs metadata;
};
#define DETAIL(m, api) STR(struct multipart_details, m, api, ABSENT_SERVER, "Header of the object.")
static const struct record multipart_details_record = RECORD("CreateMultipartUploadDetails",
	struct multipart_details,
	STR(struct multipart_details, object, "object", ABSENT_REQUIRED, "Its name.",
		.flags = FIELD_REQUIRED, .ok = object_name_ok,
		.ok_doc = "1 to 1024 bytes of UTF-8 in one line"),
	DETAIL(content_type, "contentType"), DETAIL(content_language, "contentLanguage"),
	DETAIL(content_encoding, "contentEncoding"),
	DETAIL(content_disposition, "contentDisposition"), DETAIL(cache_control, "cacheControl"),
	ENUM(struct multipart_details, storage_tier, storage_tiers, "storageTier", ABSENT_SERVER,
		"Tier."),
	PAIRS(struct multipart_details, metadata, "metadata", ABSENT_SERVER, "opc-meta-..."));

static bool add_header(struct buf *out, const char *name, const char *value)
{
	return text_empty(value) || storage_header_add(out, name, value);
}

static bool details_headers(const struct multipart_details *d, struct buf *out)
{
	bool ok = add_header(out, "content-type", d->content_type) &&
		add_header(out, "content-language", d->content_language) &&
		add_header(out, "content-encoding", d->content_encoding) &&
		add_header(out, "content-disposition", d->content_disposition) &&
		add_header(out, "cache-control", d->cache_control) && d->metadata.n <= META_MAX;
	for (size_t i = 0; ok && i < d->metadata.n; i++) {
		const char *name = d->metadata.v[i].name;
		ok = text_starts(name, "opc-meta-") &&
			add_header(out, name, d->metadata.v[i].value);
	}
	return ok;
}

/* One change of an upload in the writer's thread. */
struct upload_change {
	struct request *request;
	const char *id, *name, *headers;
	const char *tier; /* NULL: the bucket's; then what it is */
	int64_t time;
	/* of a part */
	int64_t num;
	uint64_t size;
	const char *sha256, *etag;
	const unsigned char *md5;
	enum change outcome;
};

static bool run(
	struct upload_change *c, bool (*fn)(sqlite3 *, void *, struct err *), struct reply *reply)
{
	struct err err;
	struct request *r = c->request;
	if (!store_write(r->service->store, fn, c, &err))
		storage_failed(reply, &err);
	else if (c->outcome != CHANGE_OK)
		storage_refuse(reply, r, c->outcome, r->args[1], c->name);
	else
		return true;
	return false;
}

static bool insert(sqlite3 *db, void *ctx, struct err *err)
{
	struct upload_change *c = ctx;
	struct request *r = c->request;
	struct bucket_brief b;
	if (!bucket_row_brief(db, r->args[1], &b)) {
		c->outcome = CHANGE_NO_BUCKET;
		return true;
	}
	if (!c->tier)
		c->tier = storage_tier(b.tier);
	c->outcome = storage_judge(db, &b, c->name, c->time, request_header(r, "if-match"),
		request_header(r, "if-none-match"));
	return c->outcome != CHANGE_OK ||
		store_exec(db, NULL, err,
			"INSERT INTO uploads(id, bucket, name, headers, time_created, tier)"
			" VALUES(?, ?, ?, ?, ?, ?)",
			"sissis", c->id, b.id, c->name, c->headers, c->time, c->tier);
}

static struct node *upload_node(
	struct request *r, const char *name, const char *id, int64_t created, const char *tier)
{
	char time[32];
	struct arena *a = r->arena;
	struct node *n = node_map(a);
	node_put(a, n, "namespace", node_str(a, r->service->ns));
	node_put(a, n, "bucket", node_str(a, r->args[1]));
	node_put(a, n, "object", node_str(a, name));
	node_put(a, n, "uploadId", node_str(a, id));
	node_put(a, n, "timeCreated", node_str(a, text_rfc3339(created, time)));
	node_put(a, n, "storageTier", node_str(a, tier));
	return n;
}

void storage_multipart_create(struct request *r, struct reply *reply)
{
	struct multipart_details d;
	buf_auto headers = {0};
	char id[37];
	const char *name, *value;
	if (!storage_ns_ok(r, reply) ||
		!request_decode(r, &multipart_details_record, FORM_CREATE, &d, reply))
		return;
	for (size_t i = 0; request_header_at(r, i, &name, &value); i++)
		if (!storage_header_is_had(name, value, reply))
			return;
	if (!details_headers(&d, &headers)) {
		reply_error(reply, 400, "InvalidParameter",
			"a header or metadata of the object can't be kept, or there are too many");
		return;
	}
	store_uuid(id);
	struct upload_change c = {.request = r,
		.id = id,
		.name = d.object,
		.headers = buf_str(&headers),
		.tier = d.storage_tier,
		.time = clock_wall(r->service->clock)};
	if (!run(&c, insert, reply))
		return;
	reply_json(reply, 200, upload_node(r, d.object, id, c.time, c.tier));
	reply_field(reply, "location",
		arena_printf(r->arena, "http://127.0.0.1:%d/n/%s/b/%s/u/%s?uploadId=%s",
			server_port(r->service->server), r->service->ns, r->args[1],
			text_percent(r->arena, d.object), id));
}

/* Whether the upload of the request's bucket and object is there. */
static bool has_upload(sqlite3 *db, struct request *r)
{
	const char *id = request_query(r, "uploadId");
	sqlite3_stmt *st = store_prepare(db,
		"SELECT 1 FROM uploads WHERE id = ? AND name = ?"
		" AND bucket = (SELECT id FROM buckets WHERE name = ?)",
		"sss", id ? id : "", r->args[2], r->args[1]);
	bool found = sqlite3_step(st) == SQLITE_ROW;
	store_done(st);
	return found;
}

/* False with a reply. */
static bool find_upload(struct request *r, struct reply *reply)
{
	if (!storage_bucket(r, reply))
		return false;
	bool found = has_upload(store_db(r->service->store), r);
	if (!found)
		storage_refuse(reply, r, CHANGE_NO_UPLOAD, r->args[1], r->args[2]);
	return found;
}

static bool part_num(struct request *r, int64_t *ret)
{
	const char *num = request_query(r, "uploadPartNum");
	return num && text_i64(num, ret) && *ret >= 1 && *ret <= PART_MAX;
}

void storage_part_head(struct request *r, struct reply *reply)
{
	int64_t num;
	if (!find_upload(r, reply))
		return;
	if (!part_num(r, &num))
		reply_error(reply, 400, "InvalidParameter", "uploadPartNum is 1 to %d", PART_MAX);
	else
		storage_upload_begin(r, reply);
}

static void part_etag(sqlite3 *db, const struct upload_change *c, char out[static 37])
{
	sqlite3_stmt *st = store_prepare(
		db, "SELECT etag FROM parts WHERE upload = ? AND num = ?", "si", c->id, c->num);
	bool found = sqlite3_step(st) == SQLITE_ROW;
	memccpy(out, found ? (const char *)sqlite3_column_text(st, 0) : "", 0, 37);
	store_done(st);
}

static bool put_part(sqlite3 *db, void *ctx, struct err *err)
{
	struct upload_change *c = ctx;
	char etag[37];
	if (!has_upload(db, c->request)) {
		c->outcome = CHANGE_NO_UPLOAD;
		return true;
	}
	part_etag(db, c, etag);
	c->outcome = storage_condition(request_header(c->request, "if-match"),
		request_header(c->request, "if-none-match"), etag);
	return c->outcome != CHANGE_OK ||
		store_exec(db, NULL, err,
			"INSERT INTO parts(upload, num, sha256, size, md5, etag)"
			" VALUES(?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET"
			" sha256 = excluded.sha256, size = excluded.size, md5 = excluded.md5,"
			" etag = excluded.etag",
			"sisibs", c->id, c->num, c->sha256, (int64_t)c->size, c->md5, (size_t)16,
			c->etag);
}

void storage_part_put(struct request *r, struct reply *reply)
{
	char etag[37];
	((struct storage_upload *)r->stream)->content.draft = true;
	const struct store_content *content = storage_upload_end(r, reply);
	if (!content)
		return;
	store_uuid(etag);
	struct upload_change c = {.request = r,
		.id = request_query(r, "uploadId"),
		.name = r->args[2],
		.sha256 = content->sha256_hex,
		.size = content->size,
		.md5 = content->md5_raw,
		.etag = etag};
	part_num(r, &c.num);
	bool ok = run(&c, put_part, reply);
	if (ok) {
		reply_field(reply, "etag", arena_strdup(r->arena, etag));
		reply_field(reply, "opc-content-md5", text_base64(r->arena, c.md5, 16));
	}
	store_content_unpin(r->service->store, content->sha256_hex, ok);
}

static bool remove_upload(sqlite3 *db, void *ctx, struct err *err)
{
	struct upload_change *c = ctx;
	if (has_upload(db, c->request))
		return store_exec(db, NULL, err, "DELETE FROM uploads WHERE id = ?", "s", c->id);
	c->outcome = CHANGE_NO_UPLOAD;
	return true;
}

void storage_multipart_abort(struct request *r, struct reply *reply)
{
	struct upload_change c = {
		.request = r, .id = request_query(r, "uploadId"), .name = r->args[2]};
	if (storage_bucket(r, reply) && run(&c, remove_upload, reply))
		reply->status = 204;
}

void storage_multipart_list(struct request *r, struct reply *reply)
{
	int64_t bucket = storage_bucket(r, reply), limit, n = 0;
	const char *after, *last = NULL;
	if (!bucket || !request_page(r, 1000, 1000, &limit, &after, reply))
		return;
	struct node *list = node_seq(r->arena);
	sqlite3_stmt *st = store_prepare(store_db(r->service->store),
		"SELECT name, id, time_created, tier, name || char(10) || id AS key FROM uploads"
		" WHERE bucket = ? AND key > ? ORDER BY key LIMIT ?",
		"isi", bucket, after, limit + 1);
	while (sqlite3_step(st) == SQLITE_ROW && n++ < limit) {
		node_append(r->arena, list,
			upload_node(r, (const char *)sqlite3_column_text(st, 0),
				(const char *)sqlite3_column_text(st, 1),
				sqlite3_column_int64(st, 2),
				(const char *)sqlite3_column_text(st, 3)));
		last = store_text(r->arena, st, 4);
	}
	store_done(st);
	reply_json(reply, 200, list);
	if (n > limit)
		reply_next_page(reply, r, last);
}

static struct node *part_node(struct arena *a, sqlite3_stmt *st)
{
	struct node *n = node_map(a);
	node_put(a, n, "partNumber", node_int(a, sqlite3_column_int64(st, 0)));
	node_put(a, n, "size", node_int(a, sqlite3_column_int64(st, 1)));
	node_put(a, n, "md5",
		node_str(a,
			text_base64(a, sqlite3_column_blob(st, 2),
				(size_t)sqlite3_column_bytes(st, 2))));
	node_put(a, n, "etag", node_str(a, (const char *)sqlite3_column_text(st, 3)));
	return n;
}

void storage_part_list(struct request *r, struct reply *reply)
{
	int64_t limit, n = 0, from = 0, last = 0;
	const char *after;
	if (!find_upload(r, reply) || !request_page(r, 1000, 1000, &limit, &after, reply))
		return;
	text_i64(after, &from);
	struct node *list = node_seq(r->arena);
	sqlite3_stmt *st = store_prepare(store_db(r->service->store),
		"SELECT num, size, md5, etag FROM parts WHERE upload = ? AND num > ?"
		" ORDER BY num LIMIT ?",
		"sii", request_query(r, "uploadId"), from, limit + 1);
	while (sqlite3_step(st) == SQLITE_ROW && n++ < limit) {
		node_append(r->arena, list, part_node(r->arena, st));
		last = sqlite3_column_int64(st, 0);
	}
	store_done(st);
	reply_json(reply, 200, list);
	if (n > limit)
		reply_next_page(reply, r, arena_printf(r->arena, "%lld", (long long)last));
}
