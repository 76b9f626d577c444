/* CopyObject: it is accepted when its source is there, and carried out by copier.c. */
#include "base/clock.h"
#include "base/text.h"
#include "local/objectstorage/copier.h"
#include "local/objectstorage/copy_row.h"
#include "local/objectstorage/objectstorage.h"

#include <string.h>

struct copy_change {
	struct request *request;
	struct copy_row row;
	const char *no_bucket; /* the one that is meant where it is not there */
	enum change outcome;
};

static bool metadata_ok(const struct copy_details *d, struct reply *reply)
{
	buf_auto lines = {0};
	bool ok = d->metadata.n <= META_MAX;
	for (size_t i = 0; ok && i < d->metadata.n; i++)
		ok = text_starts(d->metadata.v[i].name, "opc-meta-") &&
			storage_header_add(&lines, d->metadata.v[i].name, d->metadata.v[i].value);
	if (!ok)
		reply_error(reply, 400, "InvalidParameter",
			"destinationObjectMetadata: names begin with opc-meta-, values are those of a header,"
			" and there are %d at most",
			META_MAX);
	return ok;
}

static bool destination_ok(struct request *r, const struct copy_details *d, struct reply *reply)
{
	const struct service *s = r->service;
	if (strcmp(d->ns, s->ns)) {
		reply_error(reply, 404, "NamespaceNotFound",
			"destinationNamespace: there is no namespace '%s'", d->ns);
		return false;
	}
	if (strcmp(d->region, s->region)) {
		reply_error(reply, 400, "InvalidParameter",
			"destinationRegion: weir-local has one region, %s", s->region);
		return false;
	}
	return true;
}

static bool headers_ok(struct request *r, struct reply *reply)
{
	const char *name, *value;
	for (size_t i = 0; request_header_at(r, i, &name, &value); i++) {
		if (text_starts(name, "opc-source-sse-")) {
			reply_error(reply, 400, "InvalidParameter", "weir-local does not have %s",
				name);
			return false;
		}
		if (!storage_header_is_had(name, value, reply))
			return false;
	}
	return true;
}

/* Fills in what was found. */
static enum change judge(sqlite3 *db, struct copy_change *c)
{
	struct request *r = c->request;
	struct copy_details *d = &c->row.details;
	struct bucket_row bucket;
	struct object_row o;
	c->no_bucket = r->args[1];
	if (!bucket_row_get(db, r->arena, r->args[1], &bucket))
		return CHANGE_NO_BUCKET;
	c->row.compartment_id = bucket.record.compartment_id;
	if (text_empty(d->source_version))
		d->source_version = NULL;
	bool found = d->source_version
		? object_row_get_version(db, r->arena, r->args[1], d->source, d->source_version, &o)
		: object_row_get(db, r->arena, r->args[1], d->source, &o);
	if (!found || !o.sha256)
		return d->source_version ? CHANGE_NO_VERSION : CHANGE_NO_OBJECT;
	if (object_row_is_archived(&o, c->row.time_accepted))
		return CHANGE_NOT_RESTORED;
	const char *to = bucket_row_compartment(db, r->arena, d->bucket);
	c->no_bucket = d->bucket;
	if (!to || !permit_in(r, VERB_MANAGE, TYPE_OBJECT, to))
		return CHANGE_NO_BUCKET;
	d->source_bucket = r->args[1];
	d->found_version = o.version;
	d->found_etag = o.etag;
	return storage_condition(d->source_etag, NULL, o.etag);
}

static bool accept(sqlite3 *db, void *ctx, struct err *err)
{
	struct copy_change *c = ctx;
	c->outcome = judge(db, c);
	return c->outcome != CHANGE_OK || copy_row_insert(db, &c->row, err);
}

void storage_object_copy(struct request *r, struct reply *reply)
{
	struct copy_change c = {.request = r};
	struct copy_details *d = &c.row.details;
	struct err err;
	char id[37];
	if (!storage_ns_ok(r, reply) || !headers_ok(r, reply) ||
		!request_decode(r, &copy_details_record, FORM_CREATE, d, reply) ||
		!destination_ok(r, d, reply) || !metadata_ok(d, reply))
		return;
	store_uuid(id);
	c.row.id = id;
	c.row.status = "ACCEPTED";
	c.row.time_accepted = clock_wall(r->service->clock);
	if (!store_write(r->service->store, accept, &c, &err)) {
		storage_failed(reply, &err);
	} else if (c.outcome != CHANGE_OK) {
		storage_refuse(reply, r, c.outcome,
			c.outcome == CHANGE_NO_BUCKET ? c.no_bucket : r->args[1], d->source);
	} else {
		reply->status = 202;
		reply_field(reply, "opc-work-request-id", arena_strdup(r->arena, id));
		copier_wake(r->service->copier);
	}
}
