/* CommitMultipartUpload: the parts become one content file, then, in one transaction, the object. */
#include "base/clock.h"
#include "base/text.h"
#include "local/objectstorage/objectstorage.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PART_MAX = 10000 };

struct part {
	int64_t num;
	const char *etag; /* as the request says; NULL: excluded */
	const char *sha256;
	unsigned char md5[16];
};
struct commit {
	struct request *request;
	const char *upload;
	struct part *parts; /* by number; committed and excluded */
	size_t n, committed;
	struct object_row row;
	enum change outcome;
};

static bool bad(struct reply *reply, const char *text)
{
	reply_error(reply, 400, "InvalidUploadPart", "%s", text);
	return false;
}

static bool num_ok(const struct node *n)
{
	return n && n->kind == NODE_INT && n->u.i >= 1 && n->u.i <= PART_MAX;
}

static int by_num(const void *a, const void *b)
{
	const struct part *x = a, *y = b;
	return (x->num > y->num) - (x->num < y->num);
}

static bool read_committed(struct commit *c, const struct node *list, struct reply *reply)
{
	if (!list || list->kind != NODE_SEQ || !list->u.seq.n)
		return bad(reply, "partsToCommit names no parts");
	for (size_t i = 0; i < list->u.seq.n; i++) {
		const struct node *num = node_get(list->u.seq.v[i], "partNum");
		const char *etag = node_get_str(list->u.seq.v[i], "etag");
		if (!num_ok(num) || text_empty(etag))
			return bad(reply,
				"a part of partsToCommit lacks partNum (1 to 10000) or etag");
		c->parts[c->n++] = (struct part){.num = num->u.i, .etag = etag};
	}
	c->committed = c->n;
	return true;
}

static bool read_excluded(struct commit *c, const struct node *list, struct reply *reply)
{
	for (size_t i = 0; list && list->kind == NODE_SEQ && i < list->u.seq.n; i++) {
		if (!num_ok(list->u.seq.v[i]))
			return bad(reply, "partsToExclude takes numbers of parts");
		c->parts[c->n++] = (struct part){.num = list->u.seq.v[i]->u.i};
	}
	return true;
}

static size_t length_of(const struct node *list)
{
	return list && list->kind == NODE_SEQ ? list->u.seq.n : 0;
}

static bool read_body(struct commit *c, struct reply *reply)
{
	struct request *r = c->request;
	struct node *body = request_json(r, reply);
	if (!body)
		return false;
	const struct node *yes = node_get(body, "partsToCommit"),
			  *no = node_get(body, "partsToExclude");
	c->parts = arena_array(r->arena, length_of(yes) + length_of(no), sizeof *c->parts);
	if (!read_committed(c, yes, reply) || !read_excluded(c, no, reply))
		return false;
	qsort(c->parts, c->n, sizeof *c->parts, by_num);
	for (size_t i = 1; i < c->n; i++)
		if (c->parts[i].num == c->parts[i - 1].num)
			return bad(reply, "a part is named twice");
	return true;
}

/* Whether what was uploaded is what the request names, each part once. Fills in the parts. */
static enum change match_parts(sqlite3 *db, struct commit *c)
{
	struct request *r = c->request;
	size_t i = 0;
	bool same = true;
	sqlite3_stmt *st = store_prepare(db,
		"SELECT p.num, p.etag, p.sha256, p.md5 FROM parts p JOIN uploads u ON u.id = p.upload"
		" WHERE u.id = ? AND u.name = ? AND u.bucket = (SELECT id FROM buckets WHERE name = ?)"
		" ORDER BY p.num",
		"sss", c->upload, r->args[2], r->args[1]);
	while (same && sqlite3_step(st) == SQLITE_ROW) {
		struct part *p = i < c->n ? &c->parts[i++] : NULL;
		same = p && p->num == sqlite3_column_int64(st, 0) &&
			(!p->etag || text_equal(p->etag, (const char *)sqlite3_column_text(st, 1)));
		if (!same)
			break;
		if (!p->sha256)
			p->sha256 = store_text(r->arena, st, 2);
		memcpy(p->md5, sqlite3_column_blob(st, 3), sizeof p->md5);
	}
	store_done(st);
	return same && i == c->n ? CHANGE_OK : CHANGE_PARTS;
}

/* The headers and the tier that the object will have; false if there is no such upload. */
static bool find_upload(struct commit *c)
{
	struct request *r = c->request;
	sqlite3_stmt *st = store_prepare(store_db(r->service->store),
		"SELECT headers, tier FROM uploads WHERE id = ? AND name = ?"
		" AND bucket = (SELECT id FROM buckets WHERE name = ?)",
		"sss", c->upload, r->args[2], r->args[1]);
	bool found = sqlite3_step(st) == SQLITE_ROW;
	if (found) {
		c->row.headers = store_text(r->arena, st, 0);
		c->row.tier = store_text(r->arena, st, 1);
	}
	store_done(st);
	return found;
}

/* base64(MD5 of the parts' MD5s) and how many they are. */
static const char *md5_of_parts(struct commit *c)
{
	unsigned char md5[DIGEST_MAX];
	struct digest d;
	digest_init(&d, DIGEST_MD5);
	for (size_t i = 0; i < c->n; i++)
		if (c->parts[i].etag)
			digest_add(&d, c->parts[i].md5, sizeof c->parts[i].md5);
	size_t n = digest_final(&d, md5);
	struct arena *a = c->request->arena;
	return arena_printf(a, "%s-%zu", text_base64(a, md5, n), c->committed);
}

/* Pinned. A part that was removed meanwhile is ERR_NOT_FOUND. */
static bool join_parts(struct commit *c, struct store_content *ret, struct err *err)
{
	struct store *s = c->request->service->store;
	if (!store_content_begin(s, ret, err))
		return false;
	for (size_t i = 0; i < c->n; i++) {
		if (!c->parts[i].etag)
			continue;
		if (!store_content_add_content(s, ret, c->parts[i].sha256, err)) {
			store_content_abort(ret);
			return false;
		}
	}
	return store_content_commit(s, ret, err);
}

static bool commit_rows(sqlite3 *db, void *ctx, struct err *err)
{
	struct commit *c = ctx;
	struct request *r = c->request;
	struct bucket_brief b;
	c->outcome = match_parts(db, c);
	if (c->outcome != CHANGE_OK)
		return true;
	c->outcome = CHANGE_NO_BUCKET;
	if (bucket_row_brief(db, r->args[1], &b))
		c->outcome = storage_judge(db, &b, c->row.name, c->row.time_modified,
			request_header(r, "if-match"), request_header(r, "if-none-match"));
	if (c->outcome != CHANGE_OK)
		return true;
	return object_row_put(db, &b, &c->row, err) &&
		store_exec(db, NULL, err, "DELETE FROM uploads WHERE id = ?", "s", c->upload);
}

static void reply_commit(struct request *r, const struct object_row *row, struct reply *reply)
{
	char modified[32];
	reply_field(reply, "etag", row->etag);
	storage_reply_version(r, row, reply);
	reply_field(reply, "opc-multipart-md5", row->md5);
	reply_field(reply, "last-modified",
		arena_strdup(r->arena, text_http_date(row->time_modified, modified)));
}

static bool write_commit(struct commit *c, const struct store_content *content, struct reply *reply)
{
	struct request *r = c->request;
	struct err err;
	object_row_stamp(r->arena, &c->row, clock_wall(r->service->clock));
	c->row.name = r->args[2];
	c->row.sha256 = content->sha256_hex;
	c->row.size = content->size;
	c->row.md5 = md5_of_parts(c);
	if (!store_write(r->service->store, commit_rows, c, &err)) {
		storage_failed(reply, &err);
		return false;
	}
	if (c->outcome != CHANGE_OK)
		storage_refuse(reply, r, c->outcome, r->args[1], r->args[2]);
	else
		reply_commit(r, &c->row, reply);
	return c->outcome == CHANGE_OK;
}

void storage_multipart_commit(struct request *r, struct reply *reply)
{
	struct commit c = {.request = r, .upload = request_query(r, "uploadId")};
	struct store *s = r->service->store;
	struct store_content content;
	struct err err;
	if (!storage_bucket(r, reply) || !read_body(&c, reply))
		return;
	enum change change = find_upload(&c) ? match_parts(store_db(s), &c) : CHANGE_NO_UPLOAD;
	if (change == CHANGE_OK && !join_parts(&c, &content, &err)) {
		if (err.kind != ERR_NOT_FOUND) {
			storage_failed(reply, &err);
			return;
		}
		change = CHANGE_NO_UPLOAD;
	}
	if (change != CHANGE_OK) {
		storage_refuse(reply, r, change, r->args[1], r->args[2]);
		return;
	}
	bool named = write_commit(&c, &content, reply);
	store_content_unpin(s, content.sha256_hex, named);
}
