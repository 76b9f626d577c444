/*
 * Runs. A run begins as its application read as a run: the two have the API's names of fields in common, so what
 * the request leaves out is inherited by being there.
 */
#include "local/dataflow/dataflow_work.h"

#include "base/fs.h"
#include "base/text.h"
#include "local/runner/runner.h"
#include "local/runner/spark.h"
#include "local/store/store.h"

#include <string.h>

/* "CLIENT/SERVER", the folder of the run's logs: two segments, whatever the client made of its own. */
static char *two_segments(struct arena *a, const char *request_id)
{
	const char *first = strchr(request_id, '/'), *last = strrchr(request_id, '/');
	if (!first)
		return arena_printf(a, "%s/%s", request_id, request_id);
	return arena_printf(a, "%.*s%s", (int)(first - request_id), request_id, last);
}

static void put_if_empty(struct node *record, struct arena *a, const char *key, struct node *value)
{
	if (node_is_empty(node_get(record, key)))
		node_put(a, record, key, value);
}

static struct node *inherit(struct dataflow_change *c, const struct node *app)
{
	struct arena *a = c->arena;
	struct run run;
	field_decode(&run_record, app, FORM_REPLY, "", a, &run, NULL, NULL);
	struct node *record = field_encode(&run_record, &run, FORM_REPLY, a);
	/* Already in the fields that it stands for. */
	node_put(a, record, "execute", node_str(a, ""));
	dataflow_merge(record, c->body, &run_record, a);
	put_if_empty(record, a, "displayName", node_get(app, "displayName"));
	put_if_empty(record, a, "type", node_get(app, "type"));
	put_if_empty(record, a, "logsBucketUri", node_get(app, "logsBucketUri"));
	put_if_empty(record, a, "warehouseBucketUri", node_str(a, ""));
	node_put(a, record, "applicationId", node_get(app, "id"));
	return record;
}

static void put_start(struct dataflow_change *c, struct node *record, const struct run *run)
{
	static const char *const counts[] = {
		"dataReadInBytes", "dataWrittenInBytes", "runDurationInMilliseconds", NULL};
	struct arena *a = c->arena;
	for (const char *const *name = counts; *name; name++)
		node_put(a, record, *name, node_int(a, 0));
	node_put(a, record, "totalOCpu", node_int(a, spark_total_ocpus(run)));
	node_put(a, record, "opcRequestId", node_str(a, two_segments(a, c->request->request_id)));
	dataflow_put_origin(c, record, c->row.id, "ACCEPTED");
}

/* A run of a command line alone makes an application too (CLI: `run submit`). */
static struct node *submitted_application(sqlite3 *db, struct dataflow_change *c, struct err *err)
{
	static const char *const defaults[][2] = {{"displayName", "submitted"},
		{"language", "PYTHON"}, {"sparkVersion", "3.5.0"},
		{"driverShape", "VM.Standard.E4.Flex"}, {"executorShape", "VM.Standard.E4.Flex"}};
	struct arena *a = c->arena;
	struct node *body = node_map(a);
	for (size_t i = 0; i < sizeof defaults / sizeof *defaults; i++)
		node_put(a, body, defaults[i][0], node_str(a, defaults[i][1]));
	node_put(a, body, "numExecutors", node_int(a, 1));
	for (size_t i = 0; i < c->body->u.map.n; i++)
		node_put(a, body, c->body->u.map.v[i].key, c->body->u.map.v[i].value);

	struct dataflow_row row = {.id = dataflow_ocid(a, "dataflowapplication")};
	row.record = dataflow_new_application(c, body, row.id);
	if (!dataflow_settle_application(c, row.record))
		return NULL;
	if (!node_get(c->body, "displayName"))
		node_put(a, row.record, "displayName",
			node_str(a, fs_basename(node_get_str(row.record, "fileUri"))));
	return dataflow_row_insert(db, &dataflow_application_table, &row, a, err) ? row.record
										  : NULL;
}

static bool is_going(const char *state)
{
	return text_equal(state, "DELETED") || text_equal(state, "DELETING");
}

static struct node *application_of(sqlite3 *db, struct dataflow_change *c, struct err *err)
{
	struct dataflow_row row;
	const char *id = node_get_str(c->body, "applicationId");
	if (!text_empty(id)) {
		if (dataflow_row_get(db, &dataflow_application_table, id, c->arena, &row)) {
			dataflow_row_parse(&row, c->arena);
			if (!is_going(node_get_str(row.record, "lifecycleState")) &&
				permit_in(c->request, VERB_READ, TYPE_APPLICATION,
					node_get_str(row.record, "compartmentId")))
				return row.record;
		}
		dataflow_refuse(&c->refusal, 404, "NotAuthorizedOrNotFound",
			"applicationId: there is no application %s.", id);
		return NULL;
	}
	if (!text_empty(node_get_str(c->body, "execute")))
		return submitted_application(db, c, err);
	dataflow_refuse(
		&c->refusal, 400, "MissingParameter", "applicationId or execute is required.");
	return NULL;
}

static bool check(struct dataflow_change *c, const struct node *app_record, struct node *record,
	struct run *run)
{
	struct application app;
	const char *version = node_get_str(c->body, "sparkVersion");
	field_decode(&application_record, app_record, FORM_REPLY, "", c->arena, &app, NULL, NULL);
	if (!text_empty(version) && !text_equal(version, app.spark_version))
		return dataflow_refuse(&c->refusal, 400, "InvalidParameter",
			"sparkVersion is the application's, %s.", app.spark_version);
	if (!dataflow_execute(record, c->arena, &c->refusal))
		return false;
	field_decode(&run_record, record, FORM_REPLY, "", c->arena, run, NULL, NULL);
	return dataflow_check_run(run, &app, &c->refusal);
}

static bool any(sqlite3 *db, const char *sql, const char *id)
{
	sqlite3_stmt *st = store_prepare(db, sql, "s", id);
	bool found = sqlite3_step(st) == SQLITE_ROW;
	store_done(st);
	return found;
}

#define GO_ON "state IN ('ACCEPTED', 'IN_PROGRESS', 'CANCELING', 'STOPPING') LIMIT 1"

bool dataflow_application_runs(sqlite3 *db, const char *id)
{
	return any(db, "SELECT 1 FROM runs WHERE application_id = ? AND " GO_ON, id);
}

bool dataflow_pool_runs(sqlite3 *db, const char *id)
{
	return any(db, "SELECT 1 FROM runs WHERE pool_id = ? AND " GO_ON, id);
}

/* Two runs would spoil each other's checkpoints. Fact: Data Flow's page "Spark Streaming". */
static bool check_alone(sqlite3 *db, struct dataflow_change *c, const struct node *app)
{
	if (!text_equal(node_get_str(app, "type"), "STREAMING") ||
		!dataflow_application_runs(db, node_get_str(app, "id")))
		return true;
	return dataflow_refuse(&c->refusal, 409, "Conflict",
		"A STREAMING application has one run at a time, and one has not ended.");
}

static bool insert_run(sqlite3 *db, void *ctx, struct err *err)
{
	struct dataflow_change *c = ctx;
	struct run run;
	if (!dataflow_is_new(db, c, &dataflow_run_table))
		return c->refusal.status == 0;
	struct node *app = application_of(db, c, err);
	if (!app || !check_alone(db, c, app))
		return false;
	c->row = (struct dataflow_row){
		.id = dataflow_ocid(c->arena, "dataflowrun"), .record = inherit(c, app)};
	if (!check(c, app, c->row.record, &run) || !dataflow_check_related(db, c, c->row.record))
		return false;
	put_start(c, c->row.record, &run);
	return dataflow_row_insert(db, &dataflow_run_table, &c->row, c->arena, err) &&
		dataflow_retry_keep(db, &c->retry, c->row.id, c->now, err);
}

void dataflow_create_run(struct request *r, struct reply *reply)
{
	struct dataflow_change c;
	struct run run;
	dataflow_change_init(&c, r, reply);
	c.retry.operation = "CreateRun";
	if (!request_decode(r, &run_record, FORM_CREATE, &run, reply))
		return;
	c.body = field_encode(&run_record, &run, FORM_CREATE, c.arena);
	if (!dataflow_carry_out(&c, insert_run))
		return;
	if (r->service->runner)
		runner_wake(r->service->runner);
	dataflow_reply_row(reply, &c.row);
}

void dataflow_get_run(struct request *r, struct reply *reply)
{
	struct dataflow_row row;
	sqlite3 *db = store_db(r->service->store);
	if (dataflow_row_get(db, &dataflow_run_table, r->args[0], r->arena, &row))
		dataflow_reply_row(reply, &row);
	else
		dataflow_not_found(reply);
}

static bool change_run(sqlite3 *db, void *ctx, struct err *err)
{
	struct dataflow_change *c = ctx;
	if (!dataflow_find(db, c, &dataflow_run_table))
		return false;
	dataflow_merge(c->row.record, c->body, &run_record, c->arena);
	dataflow_row_touch(&c->row, c->now, c->arena);
	return dataflow_row_update(db, &dataflow_run_table, &c->row, c->arena, err);
}

void dataflow_update_run(struct request *r, struct reply *reply)
{
	struct dataflow_change c;
	struct run run;
	dataflow_change_init(&c, r, reply);
	if (!request_decode(r, &run_record, FORM_UPDATE, &run, reply))
		return;
	c.body = request_json(r, reply);
	if (!dataflow_carry_out(&c, change_run))
		return;
	/* The maximum duration may be another now. */
	if (r->service->runner)
		runner_wake(r->service->runner);
	dataflow_reply_row(reply, &c.row);
}

static bool cancel_run(sqlite3 *db, void *ctx, struct err *err)
{
	struct dataflow_change *c = ctx;
	if (!dataflow_find(db, c, &dataflow_run_table))
		return false;
	const char *state = node_get_str(c->row.record, "lifecycleState");
	if (run_state_is_terminal(state))
		return dataflow_refuse(&c->refusal, 409, "IncorrectState",
			"The run is %s and can't be cancelled.", state);
	/* A repeated request, its first reply lost, finds what it asked for. */
	if (text_equal(state, "CANCELING") || text_equal(state, "STOPPING"))
		return true;
	node_put(c->arena, c->row.record, "lifecycleState", node_str(c->arena, "CANCELING"));
	dataflow_row_touch(&c->row, c->now, c->arena);
	return dataflow_row_update(db, &dataflow_run_table, &c->row, c->arena, err);
}

void dataflow_delete_run(struct request *r, struct reply *reply)
{
	struct dataflow_change c;
	dataflow_change_init(&c, r, reply);
	if (!dataflow_carry_out(&c, cancel_run))
		return;
	if (r->service->runner)
		runner_end(r->service->runner, r->args[0]);
	reply->status = 204;
}
