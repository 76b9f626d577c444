#include "local/objectstorage/object_row.h"

#include "local/store/store.h"

#include <stdio.h>
#include <string.h>

#define COLUMNS                                                                                 \
	"bucket, sha256, size, md5, etag, headers, time_created, time_modified, version, tier," \
	" restored_until"
#define IN_BUCKET " WHERE bucket = (SELECT id FROM buckets WHERE name = ?1) AND name = ?2"

void object_row_stamp(struct arena *a, struct object_row *o, int64_t now)
{
	char id[37];
	store_uuid(id);
	o->etag = arena_strdup(a, id);
	store_uuid(id);
	o->version = arena_strdup(a, id);
	o->time_created = o->time_modified = now;
}

/* The row that st is at, or none. */
static bool take_row(sqlite3_stmt *st, struct arena *a, const char *name, struct object_row *ret)
{
	if (sqlite3_step(st) != SQLITE_ROW)
		return false;
	*ret = (struct object_row){
		.bucket = sqlite3_column_int64(st, 0),
		.name = name,
		.sha256 = store_text(a, st, 1),
		.size = (uint64_t)sqlite3_column_int64(st, 2),
		.md5 = store_text(a, st, 3),
		.etag = store_text(a, st, 4),
		.headers = store_text(a, st, 5),
		.time_created = sqlite3_column_int64(st, 6),
		.time_modified = sqlite3_column_int64(st, 7),
		.version = store_text(a, st, 8),
		.tier = store_text(a, st, 9),
		.restored_until = sqlite3_column_int64(st, 10),
	};
	return true;
}

bool object_row_get(
	sqlite3 *db, struct arena *a, const char *bucket, const char *name, struct object_row *ret)
{
	sqlite3_stmt *st =
		store_prepare(db, "SELECT " COLUMNS " FROM objects" IN_BUCKET, "ss", bucket, name);
	bool found = take_row(st, a, name, ret);
	store_done(st);
	return found;
}

void object_row_copy(struct arena *a, const struct object_row *o, struct object_row *ret)
{
	*ret = *o;
	ret->name = arena_strdup(a, o->name);
	ret->version = arena_strdup(a, o->version);
	ret->sha256 = arena_strdup(a, o->sha256);
	ret->md5 = arena_strdup(a, o->md5);
	ret->etag = arena_strdup(a, o->etag);
	ret->headers = arena_strdup(a, o->headers);
	ret->tier = arena_strdup(a, o->tier);
}

bool object_row_get_version(sqlite3 *db, struct arena *a, const char *bucket, const char *name,
	const char *version, struct object_row *ret)
{
	sqlite3_stmt *st = store_prepare(db,
		"SELECT " COLUMNS " FROM objects" IN_BUCKET " AND version = ?3 UNION ALL"
		" SELECT " COLUMNS " FROM versions" IN_BUCKET " AND version = ?3",
		"sss", bucket, name, version);
	bool found = take_row(st, a, name, ret);
	store_done(st);
	return found;
}

bool object_row_etag(sqlite3 *db, int64_t bucket, const char *name, char out[static 37])
{
	sqlite3_stmt *st = store_prepare(
		db, "SELECT etag FROM objects WHERE bucket = ? AND name = ?", "is", bucket, name);
	bool found = sqlite3_step(st) == SQLITE_ROW;
	snprintf(out, 37, "%s", found ? (const char *)sqlite3_column_text(st, 0) : "");
	store_done(st);
	return found;
}

/* The latest version becomes a previous one, if there is one. */
static bool keep(sqlite3 *db, int64_t bucket, const char *name, struct err *err)
{
	return store_exec(db, NULL, err,
		"INSERT INTO versions(" COLUMNS ", name) SELECT " COLUMNS ", name FROM objects"
		" WHERE bucket = ? AND name = ?",
		"is", bucket, name);
}

bool object_row_put(
	sqlite3 *db, const struct bucket_brief *b, const struct object_row *o, struct err *err)
{
	if (b->versioned && !keep(db, b->id, o->name, err))
		return false;
	return store_exec(db, NULL, err,
		"INSERT INTO objects(bucket, name, sha256, size, md5, etag, headers, time_created,"
		" time_modified, version, tier) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
		" ON CONFLICT DO UPDATE SET sha256 = excluded.sha256, size = excluded.size,"
		" md5 = excluded.md5, etag = excluded.etag, headers = excluded.headers,"
		" time_created = excluded.time_created, time_modified = excluded.time_modified,"
		" version = excluded.version, tier = excluded.tier, restored_until = NULL",
		"ississsiiss", b->id, o->name, o->sha256, (int64_t)o->size, o->md5, o->etag,
		o->headers, o->time_created, o->time_modified, o->version,
		o->tier ? o->tier : b->tier);
}

static bool remove_latest(sqlite3 *db, int64_t bucket, const char *name, struct err *err)
{
	return store_exec(db, NULL, err, "DELETE FROM objects WHERE bucket = ? AND name = ?", "is",
		bucket, name);
}

static bool mark_deleted(sqlite3 *db, int64_t bucket, const char *name, const char *marker,
	int64_t now, struct err *err)
{
	return store_exec(db, NULL, err,
		"INSERT INTO versions(bucket, name, version, size, md5, etag, headers, time_created,"
		" time_modified, tier) VALUES(?1, ?2, ?3, 0, '', '', '', ?4, ?4, 'Standard')",
		"issi", bucket, name, marker, now);
}

bool object_row_delete(sqlite3 *db, const struct bucket_brief *b, const char *name,
	const char *marker, int64_t now, struct err *err)
{
	if (!b->versioned)
		return remove_latest(db, b->id, name, err);
	return keep(db, b->id, name, err) && remove_latest(db, b->id, name, err) &&
		mark_deleted(db, b->id, name, marker, now, err);
}

/* There is no latest version: the newest of the previous ones is it now, unless that is a delete marker. */
static bool promote(sqlite3 *db, int64_t bucket, const char *name, struct err *err)
{
	sqlite3_stmt *st = store_prepare(db,
		"SELECT seq, sha256 IS NOT NULL FROM versions WHERE bucket = ? AND name = ?"
		" ORDER BY seq DESC LIMIT 1",
		"is", bucket, name);
	bool content = sqlite3_step(st) == SQLITE_ROW && sqlite3_column_int(st, 1);
	int64_t seq = content ? sqlite3_column_int64(st, 0) : 0;
	store_done(st);
	if (!content)
		return true;
	return store_exec(db, NULL, err,
		       "INSERT INTO objects(" COLUMNS ", name) SELECT " COLUMNS
		       ", name FROM versions WHERE seq = ?",
		       "i", seq) &&
		store_exec(db, NULL, err, "DELETE FROM versions WHERE seq = ?", "i", seq);
}

/* Whether a delete marker is why the object is not there. */
static bool hides(sqlite3 *db, int64_t bucket, const char *name, const char *version)
{
	sqlite3_stmt *st = store_prepare(db,
		"SELECT version = ?3 AND sha256 IS NULL AND NOT EXISTS"
		" (SELECT 1 FROM objects WHERE bucket = ?1 AND name = ?2)"
		" FROM versions WHERE bucket = ?1 AND name = ?2 ORDER BY seq DESC LIMIT 1",
		"iss", bucket, name, version);
	bool yes = sqlite3_step(st) == SQLITE_ROW && sqlite3_column_int(st, 0);
	store_done(st);
	return yes;
}

bool object_row_delete_version(
	sqlite3 *db, int64_t bucket, const char *name, const char *version, struct err *err)
{
	int latest;
	if (!store_exec(db, &latest, err,
		    "DELETE FROM objects WHERE bucket = ? AND name = ? AND version = ?", "iss",
		    bucket, name, version))
		return false;
	bool was_hiding = hides(db, bucket, name, version);
	if (!latest &&
		!store_exec(db, NULL, err,
			"DELETE FROM versions WHERE bucket = ? AND name = ? AND version = ?", "iss",
			bucket, name, version))
		return false;
	return !(latest || was_hiding) || promote(db, bucket, name, err);
}

bool object_row_header(const char **at, const char **ret_name, size_t *ret_name_len,
	const char **ret_value, size_t *ret_value_len)
{
	const char *line = *at, *colon = strstr(line, ": "), *end = strchr(line, '\n');
	if (!colon || !end)
		return false;
	*ret_name = line;
	*ret_name_len = (size_t)(colon - line);
	*ret_value = colon + 2;
	*ret_value_len = (size_t)(end - colon - 2);
	*at = end + 1;
	return true;
}

bool object_row_is_multipart(const struct object_row *o)
{
	return strchr(o->md5, '-') != NULL;
}

bool object_row_is_archived(const struct object_row *o, int64_t now)
{
	return o->tier && !strcmp(o->tier, "Archive") && o->restored_until <= now;
}
