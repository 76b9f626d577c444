/* Private endpoints: records and states. No network stands behind them. */
#include "local/dataflow/dataflow_work.h"

#include "base/text.h"
#include "local/store/store.h"
#include "model/private_endpoint.h"

#define READY "ACTIVE,INACTIVE,FAILED"
enum { HOSTS = 256 };

static bool decode(struct dataflow_change *c, enum field_form form, struct private_endpoint *ret)
{
	struct request *r = c->request;
	if (!request_decode(r, &private_endpoint_record, form, ret, c->reply) ||
		!request_check_items(r, ret->scan_details, "scanDetails", &scan_record, c->reply))
		return false;
	if (!ret->security_attributes || ret->security_attributes->kind == NODE_MAP)
		return true;
	reply_error(c->reply, 400, "InvalidParameter", "securityAttributes must be a map.");
	return false;
}

static void complete(struct dataflow_change *c, struct node *record)
{
	struct arena *a = c->arena;
	const struct node *hosts = node_get(record, "maxHostCount");
	int64_t n = hosts && hosts->kind == NODE_INT ? hosts->u.i : HOSTS;
	node_put(a, record, "maxHostCount", node_int(a, (n + HOSTS - 1) / HOSTS * HOSTS));
	if (node_is_empty(node_get(record, "displayName")))
		node_put(a, record, "displayName",
			node_str(a,
				node_get_str(record, "id") ? node_get_str(record, "id")
							   : c->row.id));
	if (node_is_empty(node_get(record, "freeformTags")))
		node_put(a, record, "freeformTags", node_map(a));
	if (node_is_empty(node_get(record, "definedTags")))
		node_put(a, record, "definedTags", node_map(a));
}

static bool insert(sqlite3 *db, void *ctx, struct err *err)
{
	struct dataflow_change *c = ctx;
	struct private_endpoint endpoint;
	static const struct dataflow_work work = {.kind = &dataflow_private_endpoint_kind,
		.operation = "CREATE_PRIVATE_ENDPOINT",
		.action = "CREATED",
		.states = "INACTIVE"};
	if (!dataflow_is_new(db, c, &dataflow_private_endpoint_table))
		return c->refusal.status == 0;
	field_decode(
		&private_endpoint_record, c->body, FORM_REPLY, "", c->arena, &endpoint, NULL, NULL);
	struct node *record =
		field_encode(&private_endpoint_record, &endpoint, FORM_REPLY, c->arena);
	c->row = (struct dataflow_row){
		.id = dataflow_ocid(c->arena, "dataflowprivateendpoint"), .record = record};
	complete(c, record);
	dataflow_put_origin(c, record, c->row.id, "CREATING");
	return dataflow_row_insert(db, &dataflow_private_endpoint_table, &c->row, c->arena, err) &&
		dataflow_work_begin(db, c, &work, err) &&
		dataflow_retry_keep(db, &c->retry, c->row.id, c->now, err);
}

void dataflow_create_private_endpoint(struct request *r, struct reply *reply)
{
	struct dataflow_change c;
	struct private_endpoint endpoint;
	dataflow_change_init(&c, r, reply);
	c.retry.operation = "CreatePrivateEndpoint";
	if (!decode(&c, FORM_CREATE, &endpoint))
		return;
	c.body = field_encode(&private_endpoint_record, &endpoint, FORM_CREATE, c.arena);
	if (!dataflow_carry_out(&c, insert))
		return;
	dataflow_reply_row(reply, &c.row);
	reply->status = 202;
	dataflow_work_tell(&c, "CREATE_PRIVATE_ENDPOINT");
}

void dataflow_get_private_endpoint(struct request *r, struct reply *reply)
{
	dataflow_get(r, reply, &dataflow_private_endpoint_table);
}

/* A change by which it comes back to the state that it has. */
static bool change(sqlite3 *db, struct dataflow_change *c, const char *operation, struct err *err)
{
	const struct dataflow_work work = {.kind = &dataflow_private_endpoint_kind,
		.operation = operation,
		.action = "UPDATED",
		.states = node_get_str(c->row.record, "lifecycleState")};
	dataflow_merge(c->row.record, c->body, &private_endpoint_record, c->arena);
	complete(c, c->row.record);
	return dataflow_work_change(db, c, "UPDATING", &work, err);
}

static bool find_ready(sqlite3 *db, struct dataflow_change *c, const char *what)
{
	return dataflow_find(db, c, &dataflow_private_endpoint_table) &&
		dataflow_check_state(c, READY, what);
}

static bool update(sqlite3 *db, void *ctx, struct err *err)
{
	return find_ready(db, ctx, "updated") && change(db, ctx, "UPDATE_PRIVATE_ENDPOINT", err);
}

void dataflow_update_private_endpoint(struct request *r, struct reply *reply)
{
	struct dataflow_change c;
	struct private_endpoint endpoint;
	dataflow_change_init(&c, r, reply);
	if (!decode(&c, FORM_UPDATE, &endpoint))
		return;
	c.body = request_json(r, reply);
	if (!dataflow_carry_out(&c, update))
		return;
	reply->status = 202;
	reply_field(reply, "etag", c.row.etag);
	dataflow_work_tell(&c, "UPDATE_PRIVATE_ENDPOINT");
}

static bool move_row(sqlite3 *db, void *ctx, struct err *err)
{
	return find_ready(db, ctx, "moved") && change(db, ctx, "MOVE_PRIVATE_ENDPOINT", err);
}

void dataflow_move_private_endpoint(struct request *r, struct reply *reply)
{
	struct dataflow_change c;
	dataflow_change_init(&c, r, reply);
	if (!(c.body = dataflow_move_body(r, reply)) || !dataflow_carry_out(&c, move_row))
		return;
	reply->status = 202;
	reply_field(reply, "etag", c.row.etag);
	dataflow_work_tell(&c, "MOVE_PRIVATE_ENDPOINT");
}

static bool delete_row(sqlite3 *db, void *ctx, struct err *err)
{
	static const struct dataflow_work work = {.kind = &dataflow_private_endpoint_kind,
		.operation = "DELETE_PRIVATE_ENDPOINT",
		.action = "DELETED",
		.states = "DELETED"};
	return find_ready(db, ctx, "deleted") &&
		dataflow_work_change(db, ctx, "DELETING", &work, err);
}

void dataflow_delete_private_endpoint(struct request *r, struct reply *reply)
{
	struct dataflow_change c;
	dataflow_change_init(&c, r, reply);
	if (!dataflow_carry_out(&c, delete_row))
		return;
	reply->status = 202;
	dataflow_work_tell(&c, "DELETE_PRIVATE_ENDPOINT");
}
