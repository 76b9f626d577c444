/* DeleteObject: of the latest version, which a versioned bucket keeps behind a delete marker, or of one version. */
#include "base/clock.h"
#include "base/text.h"
#include "local/objectstorage/objectstorage.h"

static enum change judge_version(
	sqlite3 *db, struct arena *a, struct storage_removal *d, const struct bucket_brief *b)
{
	struct object_row o;
	if (!object_row_get_version(db, a, d->bucket, d->name, d->version, &o))
		return CHANGE_NO_VERSION;
	d->is_marker = !o.sha256;
	if (storage_condition(d->if_match, NULL, o.etag) != CHANGE_OK)
		return CHANGE_IF_MATCH;
	if (b->retained && storage_retained(db, b->id, o.time_modified, d->now))
		return CHANGE_RETAINED;
	return CHANGE_OK;
}

static enum change judge_latest(
	sqlite3 *db, struct storage_removal *d, const struct bucket_brief *b)
{
	char etag[37];
	bool found = object_row_etag(db, b->id, d->name, etag);
	d->is_marker = b->versioned;
	if (!found && !b->versioned)
		return CHANGE_NO_OBJECT;
	return storage_judge(db, b, d->name, d->now, d->if_match, NULL);
}

bool storage_remove(sqlite3 *db, struct storage_removal *d, struct err *err)
{
	arena_auto arena = {0};
	struct bucket_brief b;
	if (!bucket_row_brief(db, d->bucket, &b))
		d->outcome = CHANGE_NO_BUCKET;
	else if (d->version)
		d->outcome = judge_version(db, &arena, d, &b);
	else
		d->outcome = judge_latest(db, d, &b);
	if (d->outcome != CHANGE_OK)
		return true;
	return d->version ? object_row_delete_version(db, b.id, d->name, d->version, err)
			  : object_row_delete(db, &b, d->name, d->marker, d->now, err);
}

static bool remove_one(sqlite3 *db, void *ctx, struct err *err)
{
	return storage_remove(db, ctx, err);
}

static void reply_removal(struct request *r, const struct storage_removal *d, struct reply *reply)
{
	char time[32];
	const char *version = d->version ? d->version : d->marker;
	reply->status = 204;
	if (d->version || d->is_marker)
		reply_field(reply, "version-id", arena_strdup(r->arena, version));
	if (d->is_marker)
		reply_field(reply, "is-delete-marker", "true");
	reply_field(reply, "last-modified", arena_strdup(r->arena, text_http_date(d->now, time)));
}

void storage_object_delete(struct request *r, struct reply *reply)
{
	const char *version = request_query(r, "versionId");
	char marker[37];
	struct err err;
	if (!storage_ns_ok(r, reply) || !storage_name_ok(r, reply))
		return;
	store_uuid(marker);
	struct storage_removal d = {.bucket = r->args[1],
		.name = r->args[2],
		.version = text_empty(version) ? NULL : version,
		.if_match = request_header(r, "if-match"),
		.now = clock_wall(r->service->clock),
		.marker = marker};
	if (!store_write(r->service->store, remove_one, &d, &err))
		storage_failed(reply, &err);
	else if (d.outcome != CHANGE_OK)
		storage_refuse(reply, r, d.outcome, r->args[1], r->args[2]);
	else
		reply_removal(r, &d, reply);
}
