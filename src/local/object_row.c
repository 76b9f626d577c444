#include "local/object_row.h"

#include "local/store.h"

#include <stdio.h>
#include <string.h>

bool object_row_get(
	sqlite3 *db, struct arena *a, const char *bucket, const char *name, struct object_row *ret)
{
	sqlite3_stmt *st = store_prepare(db,
		"SELECT o.bucket, o.sha256, o.size, o.md5, o.etag, o.headers, o.time_created,"
		" o.time_modified FROM objects o"
		" WHERE o.bucket = (SELECT id FROM buckets WHERE name = ?) AND o.name = ?",
		"ss", bucket, name);
	bool found = sqlite3_step(st) == SQLITE_ROW;
	if (found) {
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
		};
	}
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

bool object_row_put(sqlite3 *db, const struct object_row *o, struct err *err)
{
	return store_exec(db, NULL, err,
		"INSERT INTO objects(bucket, name, sha256, size, md5, etag, headers, time_created,"
		" time_modified) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?)"
		" ON CONFLICT DO UPDATE SET sha256 = excluded.sha256, size = excluded.size,"
		" md5 = excluded.md5, etag = excluded.etag, headers = excluded.headers,"
		" time_created = excluded.time_created, time_modified = excluded.time_modified",
		"ississsii", o->bucket, o->name, o->sha256, (int64_t)o->size, o->md5, o->etag,
		o->headers, o->time_created, o->time_modified);
}

bool object_row_delete(sqlite3 *db, int64_t bucket, const char *name, int *changes, struct err *err)
{
	return store_exec(db, changes, err, "DELETE FROM objects WHERE bucket = ? AND name = ?",
		"is", bucket, name);
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
