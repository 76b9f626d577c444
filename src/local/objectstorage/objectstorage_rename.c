#include "base/clock.h"
#include "base/text.h"
#include "local/objectstorage/objectstorage.h"
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
	struct object_row stamp; /* what the object gets anew: etag, version, time */
	enum change outcome;
};

static enum change judge(
	sqlite3 *db, struct rename_change *c, struct bucket_brief *b, struct object_row *ret_source)
{
	const struct rename_details *d = c->details;
	struct request *r = c->request;
	int64_t now = c->stamp.time_modified;
	if (!bucket_row_brief(db, r->args[1], b))
		return CHANGE_NO_BUCKET;
	if (!object_row_get(db, r->arena, r->args[1], d->source_name, ret_source))
		return CHANGE_NO_OBJECT;
	enum change source = storage_judge(db, b, d->source_name, now, d->source_if_match, NULL);
	if (source != CHANGE_OK)
		return source;
	return storage_judge(db, b, d->new_name, now, d->new_if_match, d->new_if_none_match);
}

static bool rename_row(sqlite3 *db, void *ctx, struct err *err)
{
	struct rename_change *c = ctx;
	const struct rename_details *d = c->details;
	struct bucket_brief b;
	struct object_row o;
	char marker[37];
	c->outcome = judge(db, c, &b, &o);
	if (c->outcome != CHANGE_OK)
		return true;
	store_uuid(marker);
	o.name = d->new_name;
	o.etag = c->stamp.etag;
	o.version = c->stamp.version;
	o.time_modified = c->stamp.time_modified;
	return object_row_delete(db, &b, d->source_name, marker, o.time_modified, err) &&
		object_row_put(db, &b, &o, err);
}

void storage_object_rename(struct request *r, struct reply *reply)
{
	struct rename_details d;
	struct err err;
	char modified[32];
	if (!storage_ns_ok(r, reply) ||
		!request_decode(r, &rename_details_record, FORM_CREATE, &d, reply))
		return;
	if (text_equal(d.source_name, d.new_name)) {
		reply_error(reply, 400, "InvalidParameter", "sourceName and newName are the same");
		return;
	}
	struct rename_change c = {.request = r, .details = &d};
	object_row_stamp(r->arena, &c.stamp, clock_wall(r->service->clock));
	if (!store_write(r->service->store, rename_row, &c, &err)) {
		storage_failed(reply, &err);
	} else if (c.outcome != CHANGE_OK) {
		bool source = c.outcome != CHANGE_IF_NONE_MATCH;
		storage_refuse(
			reply, r, c.outcome, r->args[1], source ? d.source_name : d.new_name);
	} else {
		reply_field(reply, "etag", c.stamp.etag);
		storage_reply_version(r, &c.stamp, reply);
		reply_field(reply, "last-modified",
			arena_strdup(r->arena, text_http_date(c.stamp.time_modified, modified)));
	}
}
