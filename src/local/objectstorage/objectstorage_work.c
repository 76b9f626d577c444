/* The work requests of Object Storage: copies of objects. They are told for 24 hours after their end. */
#include "base/clock.h"
#include "base/text.h"
#include "local/objectstorage/copier.h"
#include "local/objectstorage/copy_row.h"
#include "local/objectstorage/objectstorage.h"

#include <inttypes.h>
#include <string.h>

enum { LIMIT = 1000 };

static void put_time(struct arena *a, struct node *n, const char *key, int64_t ms)
{
	char time[32];
	node_put(a, n, key, ms ? node_str(a, text_rfc3339(ms, time)) : node_null(a));
}

static struct node *resource_node(struct request *r, const char *action, const char *region,
	const char *bucket, const char *object)
{
	struct arena *a = r->arena;
	struct node *n = node_map(a), *about = node_map(a);
	const char *uri = arena_printf(a, "/n/%s/b/%s/o/%s", r->service->ns,
		text_percent(a, bucket), text_percent(a, object));
	node_put(a, n, "actionType", node_str(a, action));
	node_put(a, n, "entityType", node_str(a, "object"));
	node_put(a, n, "identifier", node_str(a, uri));
	node_put(a, n, "entityUri", node_str(a, uri));
	node_put(a, about, "REGION", node_str(a, region));
	node_put(a, about, "NAMESPACE", node_str(a, r->service->ns));
	node_put(a, about, "BUCKET", node_str(a, bucket));
	node_put(a, about, "OBJECT", node_str(a, object));
	node_put(a, n, "metadata", about);
	return n;
}

static struct node *copy_node(struct request *r, const struct copy_row *c)
{
	struct arena *a = r->arena;
	const struct copy_details *d = &c->details;
	bool done = !strcmp(c->status, "COMPLETED");
	struct node *n = node_map(a), *resources = node_seq(a);
	node_put(a, n, "operationType", node_str(a, "COPY_OBJECT"));
	node_put(a, n, "status", node_str(a, c->status));
	node_put(a, n, "id", node_str(a, c->id));
	node_put(a, n, "compartmentId", node_str(a, c->compartment_id));
	node_append(a, resources,
		resource_node(r, "READ", r->service->region, d->source_bucket, d->source));
	node_append(a, resources,
		resource_node(
			r, done ? "WRITTEN" : "IN_PROGRESS", d->region, d->bucket, d->object));
	node_put(a, n, "resources", resources);
	node_put(a, n, "percentComplete", node_float(a, done ? 100 : 0));
	put_time(a, n, "timeAccepted", c->time_accepted);
	put_time(a, n, "timeStarted", c->time_started);
	put_time(a, n, "timeFinished", c->time_finished);
	return n;
}

static void refuse(struct request *r, struct reply *reply)
{
	reply_error(reply, 404, "NotAuthorizedOrNotFound",
		"The work request %s is not there, or you are not authorized to see it",
		r->args[0]);
}

/* False with a 404. */
static bool find(struct request *r, struct copy_row *ret, struct reply *reply)
{
	if (copy_row_get(store_db(r->service->store), r->arena, r->args[0], ret) &&
		permit_in(r, VERB_READ, TYPE_OBJECT, ret->compartment_id))
		return true;
	refuse(r, reply);
	return false;
}

void storage_work_get(struct request *r, struct reply *reply)
{
	struct copy_row c;
	if (!find(r, &c, reply))
		return;
	reply_json(reply, 200, copy_node(r, &c));
	if (!c.time_finished)
		reply_field(reply, "retry-after", "1");
}

void storage_work_list(struct request *r, struct reply *reply)
{
	const char *compartment = request_query(r, "compartmentId"), *after;
	int64_t limit, before = 0;
	if (text_empty(compartment)) {
		reply_error(reply, 400, "MissingParameter", "compartmentId is required");
		return;
	}
	if (!request_page(r, LIMIT, LIMIT, &limit, &after, reply))
		return;
	if (*after && !text_i64(after, &before)) {
		reply_error(
			reply, 400, "InvalidParameter", "page is not one that this service gave");
		return;
	}
	struct node *list = node_seq(r->arena);
	struct copy_row *rows = arena_array(r->arena, (size_t)limit + 1, sizeof *rows);
	/* All work requests are copies: none has a private endpoint. */
	size_t n = text_empty(request_query(r, "privateEndpointName"))
		? copy_row_list(store_db(r->service->store), r->arena, compartment, before,
			  (size_t)limit + 1, rows)
		: 0;
	for (size_t i = 0; i < n && i < (size_t)limit; i++)
		node_append(r->arena, list, copy_node(r, &rows[i]));
	reply_json(reply, 200, list);
	if (n > (size_t)limit)
		reply_next_page(reply, r, arena_printf(r->arena, "%" PRId64, rows[limit - 1].seq));
}

static void add_entry(
	struct request *r, struct node *list, const char *code, const char *message, int64_t time)
{
	struct node *n = node_map(r->arena);
	if (!time)
		return;
	if (code)
		node_put(r->arena, n, "code", node_str(r->arena, code));
	node_put(r->arena, n, "message", node_str(r->arena, message));
	put_time(r->arena, n, "timestamp", time);
	node_append(r->arena, list, n);
}

/* Part of a short list; its page token is a number. */
static void reply_page(struct request *r, const struct node *all, struct reply *reply)
{
	int64_t limit, from = 0;
	const char *after;
	if (!request_page(r, LIMIT, LIMIT, &limit, &after, reply))
		return;
	if (*after && (!text_i64(after, &from) || from < 0)) {
		reply_error(
			reply, 400, "InvalidParameter", "page is not one that this service gave");
		return;
	}
	if (from > (int64_t)all->u.seq.n)
		from = (int64_t)all->u.seq.n;
	struct node *list = node_seq(r->arena);
	for (size_t i = (size_t)from; i < all->u.seq.n && i < (size_t)(from + limit); i++)
		node_append(r->arena, list, all->u.seq.v[i]);
	reply_json(reply, 200, list);
	if (all->u.seq.n > (size_t)(from + limit))
		reply_next_page(reply, r, arena_printf(r->arena, "%" PRId64, from + limit));
}

void storage_work_errors(struct request *r, struct reply *reply)
{
	struct copy_row c;
	struct node *list = node_seq(r->arena);
	if (!find(r, &c, reply))
		return;
	if (c.error_code)
		add_entry(r, list, c.error_code, c.error_message, c.time_finished);
	reply_page(r, list, reply);
}

void storage_work_logs(struct request *r, struct reply *reply)
{
	struct copy_row c;
	struct node *list = node_seq(r->arena);
	if (!find(r, &c, reply))
		return;
	add_entry(r, list, NULL, "The copy was accepted.", c.time_accepted);
	add_entry(r, list, NULL, "The copy was begun.", c.time_started);
	add_entry(r, list, NULL, arena_printf(r->arena, "The copy has ended: %s.", c.status),
		c.time_finished);
	reply_page(r, list, reply);
}

struct cancel {
	struct request *request;
	bool found, ended;
};

/* One that was not begun has ended at once; of another the end is the copier's. */
static bool cancel(sqlite3 *db, void *ctx, struct err *err)
{
	struct cancel *x = ctx;
	struct request *r = x->request;
	struct copy_row c;
	x->found = copy_row_get(db, r->arena, r->args[0], &c) &&
		permit_in(r, VERB_MANAGE, TYPE_OBJECT, c.compartment_id);
	x->ended = x->found && c.time_finished;
	if (!x->found || x->ended)
		return true;
	bool begun = strcmp(c.status, "ACCEPTED") != 0;
	c.status = begun ? "CANCELING" : "CANCELED";
	c.time_finished = begun ? 0 : clock_wall(r->service->clock);
	return copy_row_update(db, &c, err);
}

void storage_work_cancel(struct request *r, struct reply *reply)
{
	struct cancel x = {.request = r};
	struct err err;
	if (!store_write(r->service->store, cancel, &x, &err))
		storage_failed(reply, &err);
	else if (!x.found)
		refuse(r, reply);
	else if (x.ended)
		reply_error(reply, 409, "Conflict", "The work request has ended");
	else
		reply->status = 202;
}
