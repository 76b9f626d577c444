/* Pools: records and states. No machines stand behind them; a run that names one runs as any other does. */
#include "local/dataflow/dataflow_work.h"

#include "base/text.h"
#include "local/dataflow/stepper.h"
#include "local/store/store.h"
#include "model/pool.h"

#define READY "ACTIVE,STOPPED,SCHEDULED,FAILED"

static bool check_configurations(const struct node *list, struct dataflow_refusal *ret)
{
	if (list && list->kind == NODE_SEQ && !list->u.seq.n)
		return dataflow_refuse(
			ret, 400, "InvalidParameter", "configurations must name a shape.");
	for (size_t i = 0; list && list->kind == NODE_SEQ && i < list->u.seq.n; i++) {
		const struct node *min = node_get(list->u.seq.v[i], "min");
		const struct node *max = node_get(list->u.seq.v[i], "max");
		if (min && max && min->kind == NODE_INT && max->kind == NODE_INT &&
			min->u.i > max->u.i)
			return dataflow_refuse(ret, 400, "InvalidParameter",
				"configurations[%zu]: min is more than max.", i);
	}
	return true;
}

/* The body as a record, with what stands in its lists. False with a reply. */
static bool decode(struct dataflow_change *c, enum field_form form, struct pool *ret)
{
	struct dataflow_refusal refusal = {0};
	struct request *r = c->request;
	if (!request_decode(r, &pool_record, form, ret, c->reply) ||
		!request_check_items(
			r, ret->configurations, "configurations", &pool_config_record, c->reply) ||
		!request_check_items(
			r, ret->schedules, "schedules", &pool_schedule_record, c->reply))
		return false;
	if (check_configurations(ret->configurations, &refusal))
		return true;
	reply_error(c->reply, refusal.status, refusal.code, "%s", refusal.text);
	return false;
}

static bool has_schedules(const struct node *record)
{
	return !node_is_empty(node_get(record, "schedules"));
}

static void complete(struct dataflow_change *c, struct node *record)
{
	static const char *const maps[] = {"freeformTags", "definedTags", "poolMetrics"};
	for (size_t i = 0; i < sizeof maps / sizeof *maps; i++)
		if (node_is_empty(node_get(record, maps[i])))
			node_put(c->arena, record, maps[i], node_map(c->arena));
	struct node *metrics = node_get(record, "poolMetrics");
	if (!node_get(metrics, "activeRunsCount"))
		node_put(c->arena, metrics, "activeRunsCount", node_int(c->arena, 0));
}

const struct dataflow_kind dataflow_pool_kind = {.name = "pool",
	.table = &dataflow_pool_table,
	.path = "/pools/",
	.record = &pool_record,
	.state = "ACCEPTED",
	.complete = complete};

static bool insert(sqlite3 *db, void *ctx, struct err *err)
{
	struct dataflow_change *c = ctx;
	const struct dataflow_work work = {.kind = &dataflow_pool_kind,
		.operation = "CREATE_POOL",
		.action = "CREATED",
		.states = has_schedules(c->body) ? "CREATING,SCHEDULED" : "CREATING,ACTIVE"};
	return dataflow_work_create(db, c, &work, err);
}

void dataflow_create_pool(struct request *r, struct reply *reply)
{
	struct dataflow_change c;
	struct pool pool;
	dataflow_change_init(&c, r, reply);
	c.retry.operation = "CreatePool";
	if (!decode(&c, FORM_CREATE, &pool))
		return;
	c.body = field_encode(&pool_record, &pool, FORM_CREATE, c.arena);
	if (dataflow_carry_out(&c, insert))
		dataflow_work_created(&c, "CREATE_POOL");
}

void dataflow_get_pool(struct request *r, struct reply *reply)
{
	dataflow_get(r, reply, &dataflow_pool_table);
}

static bool update(sqlite3 *db, void *ctx, struct err *err)
{
	struct dataflow_change *c = ctx;
	return dataflow_find(db, c, &dataflow_pool_table) &&
		dataflow_check_state(c, READY, "updated") &&
		dataflow_work_update(db, c, &dataflow_pool_kind, "UPDATE_POOL", err);
}

void dataflow_update_pool(struct request *r, struct reply *reply)
{
	struct dataflow_change c;
	struct pool pool;
	dataflow_change_init(&c, r, reply);
	if (!decode(&c, FORM_UPDATE, &pool))
		return;
	c.body = request_json(r, reply);
	if (dataflow_carry_out(&c, update))
		dataflow_work_changed(&c, "UPDATE_POOL");
}

static bool delete_row(sqlite3 *db, void *ctx, struct err *err)
{
	struct dataflow_change *c = ctx;
	if (!dataflow_find(db, c, &dataflow_pool_table) ||
		!dataflow_check_state(c, READY, "deleted"))
		return false;
	if (dataflow_pool_runs(db, c->id))
		return dataflow_refuse(&c->refusal, 409, "IncorrectState",
			"Runs that have not ended use the pool.");
	const struct dataflow_work work = {.kind = &dataflow_pool_kind, .states = "DELETED"};
	return dataflow_work_change(db, c, "DELETING", &work, err);
}

void dataflow_delete_pool(struct request *r, struct reply *reply)
{
	struct dataflow_change c;
	dataflow_change_init(&c, r, reply);
	if (!dataflow_carry_out(&c, delete_row))
		return;
	reply->status = 204;
	stepper_wake(r->service->stepper);
}

static bool start(sqlite3 *db, void *ctx, struct err *err)
{
	struct dataflow_change *c = ctx;
	static const struct dataflow_work work = {.kind = &dataflow_pool_kind,
		.operation = "START_POOL",
		.action = "UPDATED",
		.states = "ACTIVE"};
	if (!dataflow_is_new(db, c, &dataflow_pool_table))
		return c->refusal.status == 0;
	return dataflow_find(db, c, &dataflow_pool_table) &&
		dataflow_check_state(c, "STOPPED,SCHEDULED", "started") &&
		dataflow_work_change(db, c, "ACCEPTED", &work, err) &&
		dataflow_retry_keep(db, &c->retry, c->id, c->now, err);
}

static bool stop(sqlite3 *db, void *ctx, struct err *err)
{
	struct dataflow_change *c = ctx;
	static const struct dataflow_work work = {.kind = &dataflow_pool_kind,
		.operation = "STOP_POOL",
		.action = "UPDATED",
		.states = "STOPPED"};
	if (!dataflow_is_new(db, c, &dataflow_pool_table))
		return c->refusal.status == 0;
	return dataflow_find(db, c, &dataflow_pool_table) &&
		dataflow_check_state(c, "ACTIVE,SCHEDULED", "stopped") &&
		dataflow_work_change(db, c, "STOPPING", &work, err) &&
		dataflow_retry_keep(db, &c->retry, c->id, c->now, err);
}

static void act(struct request *r, struct reply *reply, const char *operation,
	bool (*fn)(sqlite3 *db, void *ctx, struct err *err), const char *work)
{
	struct dataflow_change c;
	dataflow_change_init(&c, r, reply);
	c.retry.operation = arena_printf(r->arena, "%s %s", operation, c.id);
	if (!dataflow_carry_out(&c, fn))
		return;
	reply->status = 202;
	dataflow_work_tell(&c, work);
}

void dataflow_start_pool(struct request *r, struct reply *reply)
{
	act(r, reply, "StartPool", start, "START_POOL");
}

void dataflow_stop_pool(struct request *r, struct reply *reply)
{
	act(r, reply, "StopPool", stop, "STOP_POOL");
}
