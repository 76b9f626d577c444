#include "base/text.h"
#include "local/identity/identity.h"
#include "local/objectstorage/objectstorage.h"

struct namespace_details {
	const char *s3, *swift;
};
static const struct record namespace_record = RECORD("UpdateNamespaceMetadataDetails",
	struct namespace_details,
	STR(struct namespace_details, s3, "defaultS3CompartmentId", ABSENT_SERVER, "OCID."),
	STR(struct namespace_details, swift, "defaultSwiftCompartmentId", ABSENT_SERVER, "OCID."));

struct namespace_change {
	struct request *request;
	struct namespace_details details;
};

/* What is set; else the tenancy. */
static void read_details(sqlite3 *db, struct request *r, struct namespace_details *ret)
{
	sqlite3_stmt *st = store_prepare(db,
		"SELECT s3_compartment_id, swift_compartment_id FROM namespaces WHERE name = ?",
		"s", r->args[0]);
	*ret = (struct namespace_details){r->caller.tenancy, r->caller.tenancy};
	if (sqlite3_step(st) == SQLITE_ROW)
		*ret = (struct namespace_details){
			store_text(r->arena, st, 0), store_text(r->arena, st, 1)};
	store_done(st);
}

static void reply_namespace(
	struct request *r, const struct namespace_details *d, struct reply *reply)
{
	struct node *n = node_map(r->arena);
	node_put(r->arena, n, "namespace", node_str(r->arena, r->args[0]));
	node_put(r->arena, n, "defaultS3CompartmentId", node_str(r->arena, d->s3));
	node_put(r->arena, n, "defaultSwiftCompartmentId", node_str(r->arena, d->swift));
	reply_json(reply, 200, n);
}

void storage_get_namespace(struct request *r, struct reply *reply)
{
	reply_json(reply, 200, node_str(r->arena, r->service->ns));
}

void storage_get_namespace_metadata(struct request *r, struct reply *reply)
{
	struct namespace_details d;
	if (!storage_ns_ok(r, reply))
		return;
	read_details(store_db(r->service->store), r, &d);
	reply_namespace(r, &d, reply);
}

static bool update(sqlite3 *db, void *ctx, struct err *err)
{
	struct namespace_change *c = ctx;
	struct namespace_details now;
	read_details(db, c->request, &now);
	c->details.s3 = text_empty(c->details.s3) ? now.s3 : c->details.s3;
	c->details.swift = text_empty(c->details.swift) ? now.swift : c->details.swift;
	return store_exec(db, NULL, err, "INSERT OR REPLACE INTO namespaces VALUES(?, ?, ?)", "sss",
		c->request->args[0], c->details.s3, c->details.swift);
}

/* False with a reply. */
static bool compartment_ok(struct request *r, const char *id, struct reply *reply)
{
	if (text_empty(id) || identity_compartment(r->caller.identity, r->caller.who->tenancy, id))
		return true;
	reply_error(reply, 404, "NotAuthorizedOrNotFound",
		"The compartment %s is not there, or you are not authorized to see it", id);
	return false;
}

void storage_update_namespace_metadata(struct request *r, struct reply *reply)
{
	struct namespace_change c = {.request = r};
	struct namespace_details *d = &c.details;
	struct err err;
	if (!storage_ns_ok(r, reply) ||
		!request_decode(r, &namespace_record, FORM_UPDATE, d, reply) ||
		!compartment_ok(r, d->s3, reply) || !compartment_ok(r, d->swift, reply))
		return;
	if (store_write(r->service->store, update, &c, &err))
		reply_namespace(r, d, reply);
	else
		storage_failed(reply, &err);
}
