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

const struct dataflow_kind dataflow_private_endpoint_kind = {.name = "privateendpoint",
	.table = &dataflow_private_endpoint_table,
	.path = "/privateEndpoints/",
	.record = &private_endpoint_record,
	.state = "CREATING",
	.complete = complete};

static bool insert(sqlite3 *db, void *ctx, struct err *err)
{
	static const struct dataflow_work work = {.kind = &dataflow_private_endpoint_kind,
		.operation = "CREATE_PRIVATE_ENDPOINT",
		.action = "CREATED",
		.states = "INACTIVE"};
	return dataflow_work_create(db, ctx, &work, err);
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
	if (dataflow_carry_out(&c, insert))
		dataflow_work_created(&c, "CREATE_PRIVATE_ENDPOINT");
}

void dataflow_get_private_endpoint(struct request *r, struct reply *reply)
{
	dataflow_get(r, reply, &dataflow_private_endpoint_table);
}

static bool find_ready(sqlite3 *db, struct dataflow_change *c, const char *what)
{
	return dataflow_find(db, c, &dataflow_private_endpoint_table) &&
		dataflow_check_state(c, READY, what);
}

static bool update(sqlite3 *db, void *ctx, struct err *err)
{
	return find_ready(db, ctx, "updated") &&
		dataflow_work_update(
			db, ctx, &dataflow_private_endpoint_kind, "UPDATE_PRIVATE_ENDPOINT", err);
}

void dataflow_update_private_endpoint(struct request *r, struct reply *reply)
{
	struct dataflow_change c;
	struct private_endpoint endpoint;
	dataflow_change_init(&c, r, reply);
	if (!decode(&c, FORM_UPDATE, &endpoint))
		return;
	c.body = request_json(r, reply);
	if (dataflow_carry_out(&c, update))
		dataflow_work_changed(&c, "UPDATE_PRIVATE_ENDPOINT");
}

static bool move_row(sqlite3 *db, void *ctx, struct err *err)
{
	return find_ready(db, ctx, "moved") &&
		dataflow_work_update(
			db, ctx, &dataflow_private_endpoint_kind, "MOVE_PRIVATE_ENDPOINT", err);
}

void dataflow_move_private_endpoint(struct request *r, struct reply *reply)
{
	struct dataflow_change c;
	dataflow_change_init(&c, r, reply);
	if ((c.body = dataflow_move_body(r, reply)) && dataflow_carry_out(&c, move_row))
		dataflow_work_changed(&c, "MOVE_PRIVATE_ENDPOINT");
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
