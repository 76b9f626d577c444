/*
 * Objects as the store has them. Reads take any connection; changes take the writer's, inside store_write, with
 * the content durable and pinned (store_content_commit).
 */
#ifndef LOCAL_OBJECT_ROW_H
#define LOCAL_OBJECT_ROW_H

#include "base/arena.h"
#include "base/err.h"

#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct object_row {
	int64_t bucket;
	const char *name;
	const char *sha256;
	uint64_t size;
	const char *md5; /* base64; of multipart objects with "-N" behind it */
	const char *etag;
	const char *headers; /* `name: value` lines, names in lower case */
	/* Unix ms. */
	int64_t time_created, time_modified;
};
bool object_row_get(
	sqlite3 *db, struct arena *a, const char *bucket, const char *name, struct object_row *ret);
/* Its etag in out ("" if there is no such object). */
bool object_row_etag(sqlite3 *db, int64_t bucket, const char *name, char out[static 37]);
bool object_row_put(sqlite3 *db, const struct object_row *o, struct err *err);
bool object_row_delete(
	sqlite3 *db, int64_t bucket, const char *name, int *changes, struct err *err);
/* The next line of headers: *at moves behind it. False at the end. */
bool object_row_header(const char **at, const char **ret_name, size_t *ret_name_len,
	const char **ret_value, size_t *ret_value_len);
/* Whether md5 is that of several parts. */
bool object_row_is_multipart(const struct object_row *o);

#endif
