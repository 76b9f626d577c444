/*
 * Copies of objects as the store has them: each is a work request of Object Storage. It is ACCEPTED when its row is
 * there, and the object that it makes comes in the same transaction as its end: after a kill -9 it is either done, or
 * still to be done. Reads take any connection; changes take the writer's, inside store_write.
 */
#ifndef LOCAL_COPY_ROW_H
#define LOCAL_COPY_ROW_H

#include "base/arena.h"
#include "base/err.h"
#include "field/field.h"

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

/* CopyObjectDetails, and what was found when it was accepted. */
struct copy_details {
	const char *source, *source_etag, *source_version;
	const char *region, *ns, *bucket, *object;
	const char *if_match, *if_none_match, *tier;
	struct pairs metadata;
	/* Computed: */
	const char *source_bucket;
	const char *found_version, *found_etag;
};
extern const struct record copy_details_record;

struct copy_row {
	int64_t seq;
	const char *id, *compartment_id;
	const char *status; /* of WorkRequest.status */
	struct copy_details details;
	int64_t time_accepted, time_started, time_finished; /* Unix ms; 0: not yet */
	const char *error_code, *error_message;             /* of one that FAILED; else NULL */
};
bool copy_row_get(sqlite3 *db, struct arena *a, const char *id, struct copy_row *ret);
/* Those of a compartment, newest first, from behind `before` on (0: from the first). At most limit; their number. */
size_t copy_row_list(sqlite3 *db, struct arena *a, const char *compartment_id, int64_t before,
	size_t limit, struct copy_row *ret);
/* The oldest that have not ended; their number. */
size_t copy_row_open(sqlite3 *db, struct arena *a, size_t limit, struct copy_row *ret);
bool copy_row_insert(sqlite3 *db, const struct copy_row *c, struct err *err);
/* Writes status, times and error. */
bool copy_row_update(sqlite3 *db, const struct copy_row *c, struct err *err);
/* Forgets those that ended before. */
bool copy_row_forget(sqlite3 *db, int64_t before, struct err *err);

#endif
