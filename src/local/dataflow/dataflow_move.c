/* Moving a resource to another compartment. Whether the caller may is decided before (permit.h). */
#include "local/dataflow/dataflow.h"

struct move {
	const char *compartment_id;
};
static const struct record move_record = RECORD("move", struct move,
	STR(struct move, compartment_id, "compartmentId", ABSENT_REQUIRED, "Where it goes.",
		.flags = FIELD_REQUIRED));

static bool move_row(
	sqlite3 *db, struct dataflow_change *c, const struct dataflow_table *t, struct err *err)
{
	if (!dataflow_is_new(db, c, t))
		return c->refusal.status == 0;
	if (!dataflow_find(db, c, t))
		return false;
	node_put(c->arena, c->row.record, "compartmentId",
		node_str(c->arena, node_get_str(c->body, "compartmentId")));
	dataflow_row_touch(&c->row, c->now, c->arena);
	return dataflow_row_update(db, t, &c->row, c->arena, err) &&
		dataflow_retry_keep(db, &c->retry, c->id, c->now, err);
}

static bool move_application(sqlite3 *db, void *ctx, struct err *err)
{
	return move_row(db, ctx, &dataflow_application_table, err);
}

static bool move_run(sqlite3 *db, void *ctx, struct err *err)
{
	return move_row(db, ctx, &dataflow_run_table, err);
}

static bool move_pool(sqlite3 *db, void *ctx, struct err *err)
{
	return move_row(db, ctx, &dataflow_pool_table, err);
}

struct node *dataflow_move_body(struct request *r, struct reply *reply)
{
	struct move details;
	if (!request_decode(r, &move_record, FORM_CREATE, &details, reply))
		return NULL;
	return field_encode(&move_record, &details, FORM_CREATE, r->arena);
}

static void move(struct request *r, struct reply *reply, const char *operation,
	bool (*fn)(sqlite3 *db, void *ctx, struct err *err))
{
	struct dataflow_change c;
	dataflow_change_init(&c, r, reply);
	/* The body alone does not say what is moved. */
	c.retry.operation = arena_printf(r->arena, "%s %s", operation, c.id);
	if (!(c.body = dataflow_move_body(r, reply)) || !dataflow_carry_out(&c, fn))
		return;
	reply->status = 204;
	reply_field(reply, "etag", c.row.etag);
}

void dataflow_move_application(struct request *r, struct reply *reply)
{
	move(r, reply, "ChangeApplicationCompartment", move_application);
}

void dataflow_move_run(struct request *r, struct reply *reply)
{
	move(r, reply, "ChangeRunCompartment", move_run);
}

void dataflow_move_pool(struct request *r, struct reply *reply)
{
	move(r, reply, "ChangePoolCompartment", move_pool);
}
