#include "base/text.h"
#include "local/bucket_row.h"
#include "local/home.h"
#include "local/objectstorage.h"
#include "local/server_inside.h"

#include <string.h>

static void reply_bucket(struct request *r, const struct bucket *b, struct reply *reply)
{
	reply_json(reply, 200, field_encode(&bucket_record, b, FORM_REPLY, r->arena));
	reply_field(reply, "etag", b->etag);
}

/* One change of a bucket in the writer's thread. */
struct bucket_change {
	struct request *request;
	const char *name;
	struct bucket *bucket; /* as it shall be */
	enum change outcome;
};

static bool insert(sqlite3 *db, void *ctx, struct err *err)
{
	struct bucket_change *c = ctx;
	if (bucket_row_id(db, c->name)) {
		c->outcome = CHANGE_BUCKET_EXISTS;
		return true;
	}
	return bucket_row_insert(db, c->bucket, err);
}

static bool write_or_fail(
	struct bucket_change *c, bool (*fn)(sqlite3 *, void *, struct err *), struct reply *reply)
{
	struct err err;
	if (!store_write(c->request->service->store, fn, c, &err))
		storage_failed(reply, &err);
	else if (c->outcome != CHANGE_OK)
		storage_refuse(reply, c->request, c->outcome, c->name, NULL);
	else
		return true;
	return false;
}

void storage_bucket_create(struct request *r, struct reply *reply)
{
	struct bucket b = {0};
	struct service *s = r->service;
	if (!storage_ns_ok(r, reply) || !request_decode(r, &bucket_record, FORM_CREATE, &b, reply))
		return;
	if (!strcmp(b.name, ".") || !strcmp(b.name, "..")) {
		reply_error(
			reply, 400, "InvalidBucketName", "A bucket can't be named '%s'", b.name);
		return;
	}
	bucket_row_complete(r->arena, &b, s->ns, r->caller.user, HOME_REALM_REGION);
	struct bucket_change c = {.request = r, .name = b.name, .bucket = &b};
	if (!write_or_fail(&c, insert, reply))
		return;
	reply_bucket(r, &b, reply);
	reply_field(reply, "location",
		arena_printf(r->arena, "http://127.0.0.1:%d/n/%s/b/%s", server_port(s->server),
			s->ns, b.name));
}

/* The bucket, where the request's conditions hold; false with a reply. */
static bool find(struct request *r, struct bucket_row *ret, struct reply *reply)
{
	if (!storage_ns_ok(r, reply))
		return false;
	if (!bucket_row_get(store_db(r->service->store), r->arena, r->args[1], ret)) {
		storage_refuse(reply, r, CHANGE_NO_BUCKET, r->args[1], NULL);
		return false;
	}
	enum change c = storage_condition(
		request_header(r, "if-match"), request_header(r, "if-none-match"), ret->etag);
	if (c == CHANGE_IF_MATCH)
		storage_refuse(reply, r, c, r->args[1], NULL);
	if (c == CHANGE_IF_NONE_MATCH) {
		reply->status = 304;
		reply_field(reply, "etag", ret->etag);
	}
	return c == CHANGE_OK;
}

static void count_objects(struct request *r, struct bucket_row *row)
{
	const char *fields = request_query(r, "fields");
	if (!fields || !strstr(fields, "approximate"))
		return;
	sqlite3_stmt *st = store_prepare(store_db(r->service->store),
		"SELECT count(*), ifnull(sum(size), 0) FROM objects WHERE bucket = ?", "i",
		row->id);
	if (sqlite3_step(st) == SQLITE_ROW) {
		row->record.approximate_count = (struct opt_i64){true, sqlite3_column_int64(st, 0)};
		row->record.approximate_size = (struct opt_i64){true, sqlite3_column_int64(st, 1)};
	}
	store_done(st);
}

void storage_bucket_get(struct request *r, struct reply *reply)
{
	struct bucket_row row;
	if (!find(r, &row, reply))
		return;
	count_objects(r, &row);
	reply_bucket(r, &row.record, reply);
}

void storage_bucket_head(struct request *r, struct reply *reply)
{
	struct bucket_row row;
	if (find(r, &row, reply))
		reply_field(reply, "etag", row.etag);
}

static struct node *summary(struct arena *a, const char *record, bool tags)
{
	static const char *const keys[] = {"namespace", "name", "compartmentId", "createdBy",
		"timeCreated", "etag", "bucketScope", "freeformTags", "definedTags"};
	struct err err;
	struct node *whole = node_from_json(a, record, strlen(record), &err), *out = node_map(a);
	size_t n = sizeof keys / sizeof *keys - (tags ? 0 : 2);
	for (size_t i = 0; whole && i < n; i++) {
		struct node *value = node_get(whole, keys[i]);
		if (value)
			node_put(a, out, keys[i], value);
	}
	return out;
}

void storage_bucket_list(struct request *r, struct reply *reply)
{
	const char *compartment = request_query(r, "compartmentId"), *after;
	const char *fields = request_query(r, "fields");
	int64_t limit;
	if (!storage_ns_ok(r, reply))
		return;
	if (text_empty(compartment)) {
		reply_error(reply, 400, "MissingParameter", "compartmentId is required");
		return;
	}
	if (!request_page(r, 1000, 1000, &limit, &after, reply))
		return;
	struct node *list = node_seq(r->arena);
	const char *last = NULL;
	int64_t n = 0;
	sqlite3_stmt *st = store_prepare(store_db(r->service->store),
		"SELECT name, record FROM buckets WHERE compartment_id = ? AND name > ?"
		" ORDER BY name LIMIT ?",
		"ssi", compartment, after, limit + 1);
	while (sqlite3_step(st) == SQLITE_ROW && n++ < limit) {
		last = store_text(r->arena, st, 0);
		node_append(r->arena, list,
			summary(r->arena, store_text(r->arena, st, 1),
				fields && strstr(fields, "tags")));
	}
	store_done(st);
	reply_json(reply, 200, list);
	if (n > limit)
		reply_next_page(reply, r, last);
}

static void take_pairs(struct pairs *to, const struct pairs *from)
{
	if (from->v)
		*to = *from;
}

static void take_str(const char **to, const char *from)
{
	if (from)
		*to = from;
}

static void take_update(struct bucket *to, const struct bucket *from)
{
	take_str(&to->compartment_id, from->compartment_id);
	take_str(&to->public_access_type, from->public_access_type);
	take_str(&to->versioning, from->versioning);
	take_str(&to->kms_key_id, from->kms_key_id);
	take_str(&to->auto_tiering, from->auto_tiering);
	take_str(&to->bucket_scope, from->bucket_scope);
	if (from->object_events_enabled.set)
		to->object_events_enabled = from->object_events_enabled;
	take_pairs(&to->metadata, &from->metadata);
	take_pairs(&to->freeform_tags, &from->freeform_tags);
	take_pairs(&to->defined_tags, &from->defined_tags);
}

static bool update(sqlite3 *db, void *ctx, struct err *err)
{
	struct bucket_change *c = ctx;
	struct request *r = c->request;
	struct bucket_row row;
	char etag[37];
	if (!bucket_row_get(db, r->arena, c->name, &row)) {
		c->outcome = CHANGE_NO_BUCKET;
		return true;
	}
	c->outcome = storage_condition(request_header(r, "if-match"), NULL, row.etag);
	if (c->outcome != CHANGE_OK)
		return true;
	take_update(&row.record, c->bucket);
	store_uuid(etag);
	row.record.etag = arena_strdup(r->arena, etag);
	*c->bucket = row.record;
	return bucket_row_update(db, row.id, c->bucket, err);
}

/* Oracle's command line sends name and namespace as they are with every update; what says nothing is left out. */
static const struct node *without_same_name(struct request *r, const struct node *body)
{
	if (body->kind != NODE_MAP)
		return body;
	struct node *out = node_map(r->arena);
	for (size_t i = 0; i < body->u.map.n; i++) {
		const struct node_pair *p = &body->u.map.v[i];
		const char *text = p->value->kind == NODE_STR ? p->value->text : NULL;
		if ((!strcmp(p->key, "name") && text_equal(text, r->args[1])) ||
			(!strcmp(p->key, "namespace") && text_equal(text, r->service->ns)))
			continue;
		node_put(r->arena, out, p->key, p->value);
	}
	return out;
}

void storage_bucket_update(struct request *r, struct reply *reply)
{
	struct bucket b = {0};
	if (!storage_bucket(r, reply))
		return;
	const struct node *body = request_json(r, reply);
	if (!body ||
		!request_decode_node(
			r, without_same_name(r, body), &bucket_record, FORM_UPDATE, &b, reply))
		return;
	struct bucket_change c = {.request = r, .name = r->args[1], .bucket = &b};
	if (write_or_fail(&c, update, reply))
		reply_bucket(r, &b, reply);
}

static bool delete (sqlite3 *db, void *ctx, struct err *err)
{
	struct bucket_change *c = ctx;
	struct request *r = c->request;
	struct bucket_row row;
	if (!bucket_row_get(db, r->arena, c->name, &row))
		c->outcome = CHANGE_NO_BUCKET;
	else if (!bucket_row_is_empty(db, row.id))
		c->outcome = CHANGE_BUCKET_NOT_EMPTY;
	else
		c->outcome = storage_condition(request_header(r, "if-match"), NULL, row.etag);
	return c->outcome != CHANGE_OK ||
		store_exec(db, NULL, err, "DELETE FROM buckets WHERE id = ?", "i", row.id);
}

void storage_bucket_delete(struct request *r, struct reply *reply)
{
	struct bucket_change c = {.request = r, .name = r->args[1]};
	if (storage_ns_ok(r, reply) && write_or_fail(&c, delete, reply))
		reply->status = 204;
}
