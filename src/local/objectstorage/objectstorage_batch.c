/* BatchDeleteObjects: each object as DeleteObject would remove it, all in one transaction; those that can't be
   removed are told one by one. */
#include "base/clock.h"
#include "base/text.h"
#include "local/objectstorage/objectstorage.h"
#include "model/oci_uri.h"

enum { OBJECTS_MAX = 1000 };

struct batch_item {
	const char *name, *if_match;
};
static const struct record batch_item_record = RECORD("BatchDeleteObjectIdentifier",
	struct batch_item,
	STR(struct batch_item, name, "objectName", ABSENT_REQUIRED, "Its name.",
		.flags = FIELD_REQUIRED, .ok = object_name_ok,
		.ok_doc = "1 to 1024 bytes of UTF-8 in one line"),
	STR(struct batch_item, if_match, "ifMatch", ABSENT_SERVER, "Only if it has this etag."));
struct batch_details {
	const struct node *objects;
	struct opt_bool skip_deleted;
};
static const struct record batch_record = RECORD("BatchDeleteObjectsDetails", struct batch_details,
	ANY(struct batch_details, objects, "objects", ABSENT_REQUIRED, "What goes.",
		.flags = FIELD_REQUIRED),
	BOOL(struct batch_details, skip_deleted, "isSkipDeletedResult", ABSENT_SERVER,
		"Not to tell what was removed."));

struct batch {
	struct request *request;
	struct storage_removal *removals;
	size_t n;
};

static bool refuse(struct reply *reply)
{
	reply_error(
		reply, 400, "InvalidParameter", "objects: a list of 1 to %d objects", OBJECTS_MAX);
	return false;
}

static bool read_objects(struct batch *b, const struct node *list, struct reply *reply)
{
	struct request *r = b->request;
	if (!list || list->kind != NODE_SEQ || !list->u.seq.n || list->u.seq.n > OBJECTS_MAX)
		return refuse(reply);
	int64_t now = clock_wall(r->service->clock);
	b->removals = arena_array(r->arena, list->u.seq.n, sizeof *b->removals);
	for (; b->n < list->u.seq.n; b->n++) {
		struct batch_item item;
		char marker[37];
		if (!request_decode_node(
			    r, list->u.seq.v[b->n], &batch_item_record, FORM_CREATE, &item, reply))
			return false;
		store_uuid(marker);
		b->removals[b->n] = (struct storage_removal){.bucket = r->args[1],
			.name = item.name,
			.if_match = item.if_match,
			.now = now,
			.marker = arena_strdup(r->arena, marker)};
	}
	return true;
}

static bool remove_all(sqlite3 *db, void *ctx, struct err *err)
{
	struct batch *b = ctx;
	for (size_t i = 0; i < b->n; i++)
		if (!storage_remove(db, &b->removals[i], err))
			return false;
	return true;
}

static struct node *deleted_node(struct arena *a, const struct storage_removal *d)
{
	char time[32];
	struct node *n = node_map(a);
	node_put(a, n, "objectName", node_str(a, d->name));
	node_put(a, n, "timeLastModified", node_str(a, text_rfc3339(d->now, time)));
	return n;
}

static struct node *failed_node(struct request *r, const struct storage_removal *d)
{
	struct arena *a = r->arena;
	struct storage_refusal why;
	struct node *n = node_map(a);
	storage_refusal(r->service, a, d->outcome, d->bucket, d->name, &why);
	node_put(a, n, "objectName", node_str(a, d->name));
	node_put(a, n, "statusCode", node_int(a, why.status));
	node_put(a, n, "errorMessage", node_str(a, why.message));
	return n;
}

void storage_batch_delete(struct request *r, struct reply *reply)
{
	struct batch_details d;
	struct batch b = {.request = r};
	struct arena *a = r->arena;
	struct err err;
	if (!storage_bucket(r, reply) ||
		!request_decode(r, &batch_record, FORM_CREATE, &d, reply) ||
		!read_objects(&b, d.objects, reply))
		return;
	if (!store_write(r->service->store, remove_all, &b, &err)) {
		storage_failed(reply, &err);
		return;
	}
	struct node *result = node_map(a), *deleted = node_seq(a), *failed = node_seq(a);
	for (size_t i = 0; i < b.n; i++) {
		if (b.removals[i].outcome != CHANGE_OK)
			node_append(a, failed, failed_node(r, &b.removals[i]));
		else if (!d.skip_deleted.v)
			node_append(a, deleted, deleted_node(a, &b.removals[i]));
	}
	node_put(a, result, "deleted", deleted);
	node_put(a, result, "failed", failed);
	reply_json(reply, 200, result);
}
