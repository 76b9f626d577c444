/*
 * Objects as the store has them. Reads take any connection; changes take the writer's, inside store_write, with
 * the content durable and pinned (store_content_commit).
 *
 * The table `objects` has the latest version of each object that is there, `versions` those before it and the
 * delete markers: what was deleted has no row in `objects`. An object has a version of its own in every bucket;
 * previous ones only where the bucket is versioned (bucket_brief) or was when they were replaced.
 */
#ifndef LOCAL_OBJECT_ROW_H
#define LOCAL_OBJECT_ROW_H

#include "base/arena.h"
#include "base/err.h"
#include "local/objectstorage/bucket_row.h"

#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct object_row {
	int64_t bucket;
	const char *name;
	const char *version;
	const char *sha256; /* NULL: a delete marker */
	uint64_t size;
	const char *md5; /* base64; of multipart objects with "-N" behind it */
	const char *etag;
	const char *headers; /* `name: value` lines, names in lower case */
	/* Unix ms. */
	int64_t time_created, time_modified;
	const char *tier; /* Standard | InfrequentAccess | Archive; NULL in a put: the bucket's */
	int64_t restored_until; /* of an archived one; 0: it was not restored */
};
/* A new etag and version, made now, in the arena. */
void object_row_stamp(struct arena *a, struct object_row *o, int64_t now);

bool object_row_get(
	sqlite3 *db, struct arena *a, const char *bucket, const char *name, struct object_row *ret);
/* All of it in the arena. */
void object_row_copy(struct arena *a, const struct object_row *o, struct object_row *ret);
/* That version, be it the latest, a previous one or a delete marker. */
bool object_row_get_version(sqlite3 *db, struct arena *a, const char *bucket, const char *name,
	const char *version, struct object_row *ret);
/* Its etag in out ("" if there is no such object). */
bool object_row_etag(sqlite3 *db, int64_t bucket, const char *name, char out[static 37]);

/* o as the latest version in its bucket b. What was the latest is gone, or a previous version. */
bool object_row_put(
	sqlite3 *db, const struct bucket_brief *b, const struct object_row *o, struct err *err);
/* The latest version is gone, or a previous one with a delete marker of that version before it. There may be none. */
bool object_row_delete(sqlite3 *db, const struct bucket_brief *b, const char *name,
	const char *marker, int64_t now, struct err *err);
/* Removes one version for good. Was it the latest, the one before it takes its place. */
bool object_row_delete_version(
	sqlite3 *db, int64_t bucket, const char *name, const char *version, struct err *err);

/* The next line of headers: *at moves behind it. False at the end. */
bool object_row_header(const char **at, const char **ret_name, size_t *ret_name_len,
	const char **ret_value, size_t *ret_value_len);
/* Whether md5 is that of several parts. */
bool object_row_is_multipart(const struct object_row *o);
/* Whether its content can't be read now: archived, and not restored. */
bool object_row_is_archived(const struct object_row *o, int64_t now);

#endif
