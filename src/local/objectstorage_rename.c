#include "base/clock.h"
#include "base/text.h"
#include "local/bucket_row.h"
#include "local/objectstorage.h"
#include "model/oci_uri.h"

struct rename_details {
	const char *source_name, *new_name;
	const char *source_if_match, *new_if_match, *new_if_none_match;
};
static const struct record rename_details_record =
	RECORD("RenameObjectDetails", struct rename_details,
		STR(struct rename_details, source_name, "sourceName", ABSENT_REQUIRED, "Its name.",
			.flags = FIELD_REQUIRED),
		STR(struct rename_details, new_name, "newName", ABSENT_REQUIRED,
			"The name it gets.", .flags = FIELD_REQUIRED, .ok = object_name_ok,
			.ok_doc = "1 to 1024 bytes of UTF-8 in one line"),
		STR(struct rename_details, source_if_match, "srcObjIfMatchETag", ABSENT_SERVER,
			"Only if the object has this etag."),
		STR(struct rename_details, new_if_match, "newObjIfMatchETag", ABSENT_SERVER,
			"Only over an object of this etag."),
		STR(struct rename_details, new_if_none_match, "newObjIfNoneMatchETag",
			ABSENT_SERVER, "`*`: not over an object that is there."));

struct rename_change {
	struct request *request;
	const struct rename_details *details;
	const char *etag;
	int64_t time;
	enum change outcome;
};

static enum change judge(sqlite3 *db, struct rename_change *c, int64_t bucket)
{
	const struct rename_details *d = c->details;
	char source[37], target[37];
	if (!bucket)
		return CHANGE_NO_BUCKET;
	if (!object_row_etag(db, bucket, d->source_name, source))
		return CHANGE_NO_OBJECT;
	if (storage_condition(d->source_if_match, NULL, source) != CHANGE_OK)
		return CHANGE_IF_MATCH;
	object_row_etag(db, bucket, d->new_name, target);
	return storage_condition(d->new_if_match, d->new_if_none_match, target);
}

static bool rename_row(sqlite3 *db, void *ctx, struct err *err)
{
	struct rename_change *c = ctx;
	const struct rename_details *d = c->details;
	int64_t bucket = bucket_row_id(db, c->request->args[1]);
	c->outcome = judge(db, c, bucket);
	if (c->outcome != CHANGE_OK)
		return true;
	return object_row_delete(db, bucket, d->new_name, NULL, err) &&
		store_exec(db, NULL, err,
			"UPDATE objects SET name = ?, etag = ?, time_modified = ?"
			" WHERE bucket = ? AND name = ?",
			"ssiis", d->new_name, c->etag, c->time, bucket, d->source_name);
}

void storage_object_rename(struct request *r, struct reply *reply)
{
	struct rename_details d;
	struct err err;
	char etag[37], modified[32];
	if (!storage_ns_ok(r, reply) ||
		!request_decode(r, &rename_details_record, FORM_CREATE, &d, reply))
		return;
	if (text_equal(d.source_name, d.new_name)) {
		reply_error(reply, 400, "InvalidParameter", "sourceName and newName are the same");
		return;
	}
	store_uuid(etag);
	struct rename_change c = {
		.request = r, .details = &d, .etag = etag, .time = clock_wall(r->service->clock)};
	if (!store_write(r->service->store, rename_row, &c, &err)) {
		storage_failed(reply, &err);
	} else if (c.outcome != CHANGE_OK) {
		bool source = c.outcome != CHANGE_IF_NONE_MATCH;
		storage_refuse(
			reply, r, c.outcome, r->args[1], source ? d.source_name : d.new_name);
	} else {
		reply_field(reply, "etag", arena_strdup(r->arena, etag));
		reply_field(reply, "last-modified",
			arena_strdup(r->arena, text_http_date(c.time, modified)));
	}
}
