#include "local/objectstorage/copy_row.h"

#include "local/objectstorage/objectstorage.h"
#include "local/store/store.h"
#include "model/oci_uri.h"

#include <string.h>

#define NAME(m, api, doc)                                                               \
	STR(struct copy_details, m, api, ABSENT_REQUIRED, doc, .flags = FIELD_REQUIRED, \
		.ok = object_name_ok, .ok_doc = "1 to 1024 bytes of UTF-8 in one line")
#define FOUND(m, api)                                                         \
	STR(struct copy_details, m, api, ABSENT_REQUIRED, "As it was found.", \
		.flags = FIELD_COMPUTED)
const struct record copy_details_record = RECORD("CopyObjectDetails", struct copy_details,
	NAME(source, "sourceObjectName", "The object."),
	STR(struct copy_details, source_etag, "sourceObjectIfMatchETag", ABSENT_SERVER,
		"Only if the object has this etag."),
	STR(struct copy_details, source_version, "sourceVersionId", ABSENT_SERVER,
		"This version; absent: the latest."),
	STR(struct copy_details, region, "destinationRegion", ABSENT_REQUIRED, "Its region.",
		.flags = FIELD_REQUIRED),
	STR(struct copy_details, ns, "destinationNamespace", ABSENT_REQUIRED, "Its namespace.",
		.flags = FIELD_REQUIRED),
	STR(struct copy_details, bucket, "destinationBucket", ABSENT_REQUIRED, "Its bucket.",
		.flags = FIELD_REQUIRED),
	NAME(object, "destinationObjectName", "Its name there."),
	STR(struct copy_details, if_match, "destinationObjectIfMatchETag", ABSENT_SERVER,
		"Only over an object of this etag."),
	STR(struct copy_details, if_none_match, "destinationObjectIfNoneMatchETag", ABSENT_SERVER,
		"`*`: not over an object that is there."),
	PAIRS(struct copy_details, metadata, "destinationObjectMetadata", ABSENT_SERVER,
		"opc-meta-...; empty: those of the source."),
	ENUM(struct copy_details, tier, storage_tiers, "destinationObjectStorageTier",
		ABSENT_SERVER, "Its tier; absent: the bucket's."),
	FOUND(source_bucket, "sourceBucket"), FOUND(found_version, "foundVersion"),
	FOUND(found_etag, "foundEtag"));

#define COLUMNS                                                                                 \
	"seq, id, compartment_id, status, details, time_accepted, time_started, time_finished," \
	" error_code, error_message"

static bool take_row(sqlite3_stmt *st, struct arena *a, struct copy_row *ret)
{
	struct err err;
	if (sqlite3_step(st) != SQLITE_ROW)
		return false;
	*ret = (struct copy_row){.seq = sqlite3_column_int64(st, 0),
		.id = store_text(a, st, 1),
		.compartment_id = store_text(a, st, 2),
		.status = store_text(a, st, 3),
		.time_accepted = sqlite3_column_int64(st, 5),
		.time_started = sqlite3_column_int64(st, 6),
		.time_finished = sqlite3_column_int64(st, 7),
		.error_code = store_text(a, st, 8),
		.error_message = store_text(a, st, 9)};
	const char *json = store_text(a, st, 4);
	struct node *details = node_from_json(a, json, strlen(json), &err);
	if (details)
		field_decode(&copy_details_record, details, FORM_REPLY, "", a, &ret->details, NULL,
			NULL);
	return true;
}

static size_t take_rows(sqlite3_stmt *st, struct arena *a, size_t limit, struct copy_row *ret)
{
	size_t n = 0;
	while (n < limit && take_row(st, a, &ret[n]))
		n++;
	store_done(st);
	return n;
}

bool copy_row_get(sqlite3 *db, struct arena *a, const char *id, struct copy_row *ret)
{
	return take_rows(store_prepare(db, "SELECT " COLUMNS " FROM copies WHERE id = ?", "s", id),
		a, 1, ret);
}

size_t copy_row_list(sqlite3 *db, struct arena *a, const char *compartment_id, int64_t before,
	size_t limit, struct copy_row *ret)
{
	return take_rows(store_prepare(db,
				 "SELECT " COLUMNS " FROM copies WHERE compartment_id = ?1"
				 " AND (?2 = 0 OR seq < ?2) ORDER BY seq DESC",
				 "si", compartment_id, before),
		a, limit, ret);
}

size_t copy_row_open(sqlite3 *db, struct arena *a, size_t limit, struct copy_row *ret)
{
	return take_rows(
		store_prepare(db,
			"SELECT " COLUMNS " FROM copies WHERE time_finished IS NULL ORDER BY seq",
			""),
		a, limit, ret);
}

bool copy_row_insert(sqlite3 *db, const struct copy_row *c, struct err *err)
{
	arena_auto a = {0};
	buf_auto json = {0};
	node_to_json(field_encode(&copy_details_record, &c->details, FORM_REPLY, &a),
		NODE_JSON_COMPACT, &json);
	return store_exec(db, NULL, err,
		"INSERT INTO copies(id, compartment_id, status, details, time_accepted)"
		" VALUES(?, ?, ?, ?, ?)",
		"ssssi", c->id, c->compartment_id, c->status, buf_str(&json), c->time_accepted);
}

bool copy_row_update(sqlite3 *db, const struct copy_row *c, struct err *err)
{
	return store_exec(db, NULL, err,
		"UPDATE copies SET status = ?, time_started = nullif(?, 0),"
		" time_finished = nullif(?, 0), error_code = ?, error_message = ? WHERE seq = ?",
		"siissi", c->status, c->time_started, c->time_finished, c->error_code,
		c->error_message, c->seq);
}

bool copy_row_forget(sqlite3 *db, int64_t before, struct err *err)
{
	return store_exec(db, NULL, err, "DELETE FROM copies WHERE time_finished < ?", "i", before);
}
