#include "base/text.h"
#include "local/home.h"
#include "local/objectstorage/bucket_row.h"
#include "local/objectstorage/objectstorage.h"
#include "local/server/server_inside.h"
#include "model/oci_uri.h"

#include <string.h>

enum { BUCKET_METADATA_MAX = 4096 };

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
	const char *holds;     /* why it is not empty */
	/* Why it can't be done, where no enum change says it. */
	int status;
	const char *code, *text;
	enum change outcome;
};

/* True: nothing is written. */
static bool refuse(struct bucket_change *c, int status, const char *code, const char *text)
{
	c->status = status;
	c->code = code;
	c->text = text;
	return true;
}

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
	else if (c->status)
		reply_error(reply, c->status, c->code, "%s", c->text);
	else if (c->outcome != CHANGE_OK)
		storage_refuse(reply, c->request, c->outcome, c->name, c->holds);
	else
		return true;
	return false;
}

/* Of both create and update. False with a 400. */
static bool metadata_ok(const struct bucket *b, struct reply *reply)
{
	size_t bytes = 0;
	for (size_t i = 0; i < b->metadata.n; i++)
		bytes += strlen(b->metadata.v[i].name) + strlen(b->metadata.v[i].value);
	if (bytes > BUCKET_METADATA_MAX)
		reply_error(reply, 400, "InvalidParameter",
			"metadata: %zu bytes, and there are %d at most", bytes,
			BUCKET_METADATA_MAX);
	return bytes <= BUCKET_METADATA_MAX;
}

static bool create_ok(const struct bucket *b, struct reply *reply)
{
	if (!strcmp(b->name, ".") || !strcmp(b->name, "..")) {
		reply_error(
			reply, 400, "InvalidBucketName", "A bucket can't be named '%s'", b->name);
		return false;
	}
	if (text_equal(b->versioning, "Suspended")) {
		reply_error(reply, 400, "InvalidParameter",
			"versioning: a new bucket has it Enabled or Disabled");
		return false;
	}
	return metadata_ok(b, reply);
}

void storage_bucket_create(struct request *r, struct reply *reply)
{
	struct bucket b = {0};
	struct service *s = r->service;
	if (!storage_ns_ok(r, reply) || !request_decode(r, &bucket_record, FORM_CREATE, &b, reply))
		return;
	if (!create_ok(&b, reply))
		return;
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

/* Whether `fields` names only what there is. False with a 400. */
static bool fields_ok(struct request *r, const char *const *known, struct reply *reply)
{
	const char *at = request_query(r, "fields");
	while (at && *at) {
		size_t len = strcspn(at, ","), i = 0;
		while (known[i] && (strlen(known[i]) != len || memcmp(known[i], at, len)))
			i++;
		if (!known[i]) {
			reply_error(reply, 400, "InvalidParameter",
				"fields: there is no field '%.*s'", (int)(len < 64 ? len : 64), at);
			return false;
		}
		at += len + (at[len] == ',');
	}
	return true;
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
	static const char *const known[] = {
		"approximateCount", "approximateSize", "autoTiering", NULL};
	struct bucket_row row;
	if (!find(r, &row, reply) || !fields_ok(r, known, reply))
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
	static const char *const known[] = {"tags", NULL};
	if (!fields_ok(r, known, reply) || !request_page(r, 1000, 1000, &limit, &after, reply))
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
	take_str(&to->name, from->name);
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

/* What an update asks for that this bucket can't have. True: refused. */
static bool refuse_update(sqlite3 *db, struct bucket_change *c, const struct bucket_row *row)
{
	const struct bucket *b = c->bucket, *now = &row->record;
	struct bucket_brief brief = {0};
	if (b->name && !text_equal(b->name, now->name) && bucket_row_id(db, b->name))
		return refuse(c, 409, "BucketAlreadyExists",
			arena_printf(
				c->request->arena, "The bucket '%s' is there already", b->name));
	if (text_equal(b->versioning, "Disabled") && !text_equal(now->versioning, "Disabled"))
		return refuse(c, 400, "InvalidParameter",
			"versioning: it can be suspended, not disabled again");
	if (text_equal(b->versioning, "Suspended") && text_equal(now->versioning, "Disabled"))
		return refuse(c, 400, "InvalidParameter",
			"versioning: only where it is enabled can it be suspended");
	if (text_equal(b->versioning, "Enabled") && bucket_row_brief(db, now->name, &brief) &&
		brief.retained)
		return refuse(c, 409, "Conflict",
			"versioning: a bucket with retention rules can't have it");
	return false;
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
	if (c->outcome != CHANGE_OK || refuse_update(db, c, &row))
		return true;
	take_update(&row.record, c->bucket);
	store_uuid(etag);
	row.record.etag = arena_strdup(r->arena, etag);
	*c->bucket = row.record;
	return bucket_row_update(db, row.id, c->bucket, err);
}

/* The body without what is no field that an update writes over: the namespace, which Oracle's command line always
   sends, and the name, which may be another one. NULL with a 400. */
static const struct node *take_names(
	struct request *r, const struct node *body, const char **ret_name, struct reply *reply)
{
	const char *ns = node_get_str(body, "namespace"), *name = node_get_str(body, "name");
	if (ns && strcmp(ns, r->service->ns)) {
		reply_error(reply, 400, "InvalidParameter",
			"namespace: a bucket can't move to another one");
		return NULL;
	}
	if (name && (!bucket_name_ok(name) || !strcmp(name, ".") || !strcmp(name, ".."))) {
		reply_error(reply, 400, "InvalidBucketName", "A bucket can't be named '%s'", name);
		return NULL;
	}
	*ret_name = name;
	struct node *out = node_map(r->arena);
	for (size_t i = 0; body->kind == NODE_MAP && i < body->u.map.n; i++) {
		const struct node_pair *p = &body->u.map.v[i];
		if (!(ns && !strcmp(p->key, "namespace")) && !(name && !strcmp(p->key, "name")))
			node_put(r->arena, out, p->key, p->value);
	}
	return body->kind == NODE_MAP ? out : body;
}

void storage_bucket_update(struct request *r, struct reply *reply)
{
	struct bucket b = {0};
	const char *name = NULL;
	if (!storage_bucket(r, reply))
		return;
	const struct node *body = request_json(r, reply);
	if (body)
		body = take_names(r, body, &name, reply);
	if (!body || !request_decode_node(r, body, &bucket_record, FORM_UPDATE, &b, reply) ||
		!metadata_ok(&b, reply))
		return;
	b.name = name;
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
	else if ((c->holds = bucket_row_holds(db, row.id)))
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
