/* Storage tiers of objects: what is archived can't be read until it is restored, which here takes no time. */
#include "base/clock.h"
#include "base/text.h"
#include "local/objectstorage/objectstorage.h"

#include <string.h>

#define HOUR_MS (3600 * INT64_C(1000))

struct tier_details {
	const char *object, *version, *tier;
	struct opt_i64 hours;
};
#define OBJECT_AND_VERSION                                                           \
	STR(struct tier_details, object, "objectName", ABSENT_REQUIRED, "Its name.", \
		.flags = FIELD_REQUIRED),                                            \
		STR(struct tier_details, version, "versionId", ABSENT_SERVER,        \
			"Of this version; absent: of the latest.")
static const struct record tier_record =
	RECORD("UpdateObjectStorageTierDetails", struct tier_details, OBJECT_AND_VERSION,
		ENUM(struct tier_details, tier, storage_tiers, "storageTier", ABSENT_REQUIRED,
			"The tier it gets.", .flags = FIELD_REQUIRED));
static const struct record restore_record =
	RECORD("RestoreObjectsDetails", struct tier_details, OBJECT_AND_VERSION,
		I64(struct tier_details, hours, "hours", ABSENT_SERVER,
			"How long it can be read; 24 if absent.", .min = 1, .max = 240));

const char *storage_archival_state(const struct object_row *o, int64_t now)
{
	if (strcmp(o->tier, "Archive"))
		return NULL;
	return object_row_is_archived(o, now) ? "Archived" : "Restored";
}

struct tier_change {
	struct request *request;
	const struct tier_details *details;
	int64_t now;
	bool not_archived; /* there is nothing to restore */
	bool was_restored;
	enum change outcome;
};

static enum change look_up(sqlite3 *db, struct tier_change *c, struct object_row *ret)
{
	struct request *r = c->request;
	const struct tier_details *d = c->details;
	if (!bucket_row_id(db, r->args[1]))
		return CHANGE_NO_BUCKET;
	if (text_empty(d->version))
		return object_row_get(db, r->arena, r->args[1], d->object, ret) ? CHANGE_OK
										: CHANGE_NO_OBJECT;
	bool found = object_row_get_version(db, r->arena, r->args[1], d->object, d->version, ret);
	return found && ret->sha256 ? CHANGE_OK : CHANGE_NO_VERSION;
}

/* Neither makes a new version, nor touches the etag. */
static bool set_tier(
	sqlite3 *db, const struct object_row *o, const char *tier, int64_t until, struct err *err)
{
	return store_exec(db, NULL, err,
		       "UPDATE objects SET tier = ?, restored_until = nullif(?, 0)"
		       " WHERE bucket = ? AND name = ? AND version = ?",
		       "siiss", tier, until, o->bucket, o->name, o->version) &&
		store_exec(db, NULL, err,
			"UPDATE versions SET tier = ?, restored_until = nullif(?, 0)"
			" WHERE bucket = ? AND name = ? AND version = ?",
			"siiss", tier, until, o->bucket, o->name, o->version);
}

static bool update_tier(sqlite3 *db, void *ctx, struct err *err)
{
	struct tier_change *c = ctx;
	struct object_row o;
	c->outcome = look_up(db, c, &o);
	if (c->outcome == CHANGE_OK && object_row_is_archived(&o, c->now) &&
		strcmp(c->details->tier, "Archive"))
		c->outcome = CHANGE_NOT_RESTORED;
	return c->outcome != CHANGE_OK || set_tier(db, &o, c->details->tier, 0, err);
}

static bool restore(sqlite3 *db, void *ctx, struct err *err)
{
	struct tier_change *c = ctx;
	struct object_row o;
	int64_t hours = c->details->hours.set ? c->details->hours.v : 24;
	c->outcome = look_up(db, c, &o);
	if (c->outcome != CHANGE_OK)
		return true;
	c->not_archived = !storage_archival_state(&o, c->now);
	c->was_restored = !c->not_archived && !object_row_is_archived(&o, c->now);
	return c->not_archived || set_tier(db, &o, o.tier, c->now + hours * HOUR_MS, err);
}

/* False with a reply. */
static bool run(struct tier_change *c, const struct record *record, struct tier_details *d,
	bool (*fn)(sqlite3 *, void *, struct err *), struct reply *reply)
{
	struct request *r = c->request;
	struct err err;
	if (!storage_ns_ok(r, reply) || !request_decode(r, record, FORM_CREATE, d, reply))
		return false;
	c->details = d;
	c->now = clock_wall(r->service->clock);
	if (!store_write(r->service->store, fn, c, &err))
		storage_failed(reply, &err);
	else if (c->outcome != CHANGE_OK)
		storage_refuse(reply, r, c->outcome, r->args[1], d->object);
	else
		return true;
	return false;
}

void storage_tier_update(struct request *r, struct reply *reply)
{
	struct tier_details d;
	struct tier_change c = {.request = r};
	if (run(&c, &tier_record, &d, update_tier, reply))
		reply->status = 200;
}

void storage_object_restore(struct request *r, struct reply *reply)
{
	struct tier_details d;
	struct tier_change c = {.request = r};
	if (!run(&c, &restore_record, &d, restore, reply))
		return;
	if (c.not_archived)
		reply_error(reply, 409, "Conflict", "The object '%s' is not archived", d.object);
	else
		reply->status = c.was_restored ? 200 : 202;
}
