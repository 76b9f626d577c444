#include "local/objectstorage/bucket_row.h"

#include "base/clock.h"
#include "base/text.h"
#include "local/store/store.h"

#include <stdio.h>
#include <string.h>

int64_t bucket_row_id(sqlite3 *db, const char *name)
{
	sqlite3_stmt *st = store_prepare(db, "SELECT id FROM buckets WHERE name = ?", "s", name);
	int64_t id = sqlite3_step(st) == SQLITE_ROW ? sqlite3_column_int64(st, 0) : 0;
	store_done(st);
	return id;
}

bool bucket_row_brief(sqlite3 *db, const char *name, struct bucket_brief *ret)
{
	sqlite3_stmt *st = store_prepare(db,
		"SELECT id, versioning = 'Enabled', retained, tier FROM buckets WHERE name = ?",
		"s", name);
	bool found = sqlite3_step(st) == SQLITE_ROW;
	if (found) {
		*ret = (struct bucket_brief){.id = sqlite3_column_int64(st, 0),
			.versioned = sqlite3_column_int(st, 1),
			.retained = sqlite3_column_int(st, 2)};
		snprintf(ret->tier, sizeof ret->tier, "%s", sqlite3_column_text(st, 3));
	}
	store_done(st);
	return found;
}

const char *bucket_row_compartment(sqlite3 *db, struct arena *a, const char *name)
{
	sqlite3_stmt *st =
		store_prepare(db, "SELECT compartment_id FROM buckets WHERE name = ?", "s", name);
	const char *id = sqlite3_step(st) == SQLITE_ROW ? store_text(a, st, 0) : NULL;
	store_done(st);
	return id;
}

static void ignore(void *ctx, const char *path, const struct node *at, struct mark mark,
	bool warning, const char *text, const char *hint)
{
	(void)ctx, (void)path, (void)at, (void)mark, (void)warning, (void)text, (void)hint;
}

bool bucket_row_get(sqlite3 *db, struct arena *a, const char *name, struct bucket_row *ret)
{
	sqlite3_stmt *st =
		store_prepare(db, "SELECT id, etag, record FROM buckets WHERE name = ?", "s", name);
	const char *record = NULL;
	struct bucket_row row = {0};
	if (sqlite3_step(st) == SQLITE_ROW) {
		row.id = sqlite3_column_int64(st, 0);
		row.etag = store_text(a, st, 1);
		record = store_text(a, st, 2);
	}
	store_done(st);
	struct err err;
	struct node *node = record ? node_from_json(a, record, strlen(record), &err) : NULL;
	if (!node)
		return false;
	field_decode(&bucket_record, node, FORM_REPLY, "", a, &row.record, ignore, NULL);
	*ret = row;
	return true;
}

static void or_default(const char **at, const char *value)
{
	if (!*at)
		*at = value;
}

void bucket_row_complete(struct arena *a, struct bucket *b, const char *ns, const char *created_by,
	const char *realm_region)
{
	static struct pair no_pairs[1];
	char etag[37], id[37], time[32];
	store_uuid(etag);
	store_uuid(id);
	b->ns = ns;
	b->created_by = created_by;
	b->etag = arena_strdup(a, etag);
	b->id = arena_printf(a, "ocid1.bucket.%s.%s", realm_region, id);
	b->time_created = arena_strdup(a, text_rfc3339(clock_wall(&clock_system), time));
	or_default(&b->public_access_type, "NoPublicAccess");
	or_default(&b->storage_tier, "Standard");
	or_default(&b->versioning, "Disabled");
	or_default(&b->auto_tiering, "Disabled");
	or_default(&b->bucket_scope, "NAMESPACE");
	if (!b->object_events_enabled.set)
		b->object_events_enabled = (struct opt_bool){.set = true};
	b->replication_enabled = (struct opt_bool){.set = true};
	b->is_read_only = (struct opt_bool){.set = true};
	struct pairs *maps[] = {&b->metadata, &b->freeform_tags, &b->defined_tags};
	for (size_t i = 0; i < sizeof maps / sizeof *maps; i++)
		if (!maps[i]->v)
			maps[i]->v = no_pairs;
}

static const char *record_json(struct arena *a, const struct bucket *b)
{
	buf_auto json = {0};
	node_to_json(field_encode(&bucket_record, b, FORM_REPLY, a), NODE_JSON_COMPACT, &json);
	return arena_strdup(a, buf_str(&json));
}

bool bucket_row_insert(sqlite3 *db, const struct bucket *b, struct err *err)
{
	arena_auto arena = {0};
	return store_exec(db, NULL, err,
		"INSERT INTO buckets(name, compartment_id, etag, record, versioning, access, tier)"
		" VALUES(?, ?, ?, ?, ?, ?, ?)",
		"sssssss", b->name, b->compartment_id, b->etag, record_json(&arena, b),
		b->versioning, b->public_access_type, b->storage_tier);
}

bool bucket_row_update(sqlite3 *db, int64_t id, const struct bucket *b, struct err *err)
{
	arena_auto arena = {0};
	return store_exec(db, NULL, err,
		"UPDATE buckets SET name = ?, compartment_id = ?, etag = ?, record = ?, versioning = ?,"
		" access = ?, tier = ? WHERE id = ?",
		"sssssssi", b->name, b->compartment_id, b->etag, record_json(&arena, b),
		b->versioning, b->public_access_type, b->storage_tier, id);
}

const char *bucket_row_holds(sqlite3 *db, int64_t id)
{
	static const char *const what[] = {"objects", "previous versions of objects",
		"multipart uploads", "pre-authenticated requests"};
	sqlite3_stmt *st = store_prepare(db,
		"SELECT 0 WHERE EXISTS (SELECT 1 FROM objects WHERE bucket = ?1)"
		" UNION ALL SELECT 1 WHERE EXISTS (SELECT 1 FROM versions WHERE bucket = ?1)"
		" UNION ALL SELECT 2 WHERE EXISTS (SELECT 1 FROM uploads WHERE bucket = ?1)"
		" UNION ALL SELECT 3 WHERE EXISTS (SELECT 1 FROM pars WHERE bucket = ?1)",
		"i", id);
	const char *held = sqlite3_step(st) == SQLITE_ROW ? what[sqlite3_column_int(st, 0)] : NULL;
	store_done(st);
	return held;
}
