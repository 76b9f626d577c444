/*
 * Buckets as the store has them: a row with the bucket's record as the service tells it. Reads take any
 * connection; changes take the writer's, inside store_write.
 */
#ifndef LOCAL_BUCKET_ROW_H
#define LOCAL_BUCKET_ROW_H

#include "base/arena.h"
#include "base/err.h"
#include "model/bucket.h"

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

struct bucket_row {
	int64_t id;
	const char *etag;
	struct bucket record;
};
/* What changes of its objects ask for. */
struct bucket_brief {
	int64_t id;
	bool versioned; /* what is replaced or deleted becomes a previous version */
	bool retained;  /* it has retention rules */
	char tier[16];  /* of new objects */
};
bool bucket_row_brief(sqlite3 *db, const char *name, struct bucket_brief *ret);
int64_t bucket_row_id(sqlite3 *db, const char *name); /* 0: there is none */
/* Its compartment's OCID; NULL: there is none. */
const char *bucket_row_compartment(sqlite3 *db, struct arena *a, const char *name);
bool bucket_row_get(sqlite3 *db, struct arena *a, const char *name, struct bucket_row *ret);
/* The record of a new bucket: what b leaves out gets the service's defaults, and id, etag, time. */
void bucket_row_complete(struct arena *a, struct bucket *b, const char *ns, const char *created_by,
	const char *realm_region);
/* ERR_CONFLICT where the name is taken. */
bool bucket_row_insert(sqlite3 *db, const struct bucket *b, struct err *err);
/* Writes record and its etag over the row. */
bool bucket_row_update(sqlite3 *db, int64_t id, const struct bucket *b, struct err *err);
/* What it holds: "objects", "previous versions of objects", "multipart uploads", "pre-authenticated requests"; NULL
   for nothing. */
const char *bucket_row_holds(sqlite3 *db, int64_t id);

#endif
