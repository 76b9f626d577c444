/* An application with its runs: those that have not ended are cancelled, and then it is deleted. */
#include "local/dataflow/dataflow_work.h"

#include "local/runner/runner.h"
#include "local/store/store.h"

static const char OPERATION[] = "DELETE_APPLICATION";

struct cascade {
	struct dataflow_change change;
	const char **runs; /* to be ended */
	size_t n, cap;
};

static bool cancel_runs(sqlite3 *db, struct cascade *k, struct err *err)
{
	struct dataflow_change *c = &k->change;
	sqlite3_stmt *st = store_prepare(db,
		"SELECT id FROM runs WHERE application_id = ? AND state IN ('ACCEPTED', 'IN_PROGRESS')"
		" ORDER BY seq",
		"s", c->id);
	while (sqlite3_step(st) == SQLITE_ROW) {
		k->runs = arena_grow(c->arena, k->runs, k->n, &k->cap, sizeof *k->runs);
		k->runs[k->n++] = store_text(c->arena, st, 0);
	}
	store_done(st);
	for (size_t i = 0; i < k->n; i++) {
		struct dataflow_row run;
		if (!dataflow_row_get(db, &dataflow_run_table, k->runs[i], c->arena, &run))
			continue;
		dataflow_row_parse(&run, c->arena);
		node_put(c->arena, run.record, "lifecycleState", node_str(c->arena, "CANCELING"));
		dataflow_row_touch(&run, c->now, c->arena);
		if (!dataflow_row_update(db, &dataflow_run_table, &run, c->arena, err))
			return false;
	}
	return true;
}

static bool cascade(sqlite3 *db, void *ctx, struct err *err)
{
	struct cascade *k = ctx;
	static const struct dataflow_work work = {.kind = &dataflow_application_kind,
		.operation = OPERATION,
		.action = "DELETED",
		.states = "DELETED"};
	return dataflow_find(db, &k->change, &dataflow_application_table) &&
		dataflow_check_state(&k->change, "ACTIVE,INACTIVE", "deleted") &&
		cancel_runs(db, k, err) &&
		dataflow_work_change(db, &k->change, "DELETING", &work, err);
}

void dataflow_cascade_application(struct request *r, struct reply *reply)
{
	struct cascade k = {.n = 0};
	dataflow_change_init(&k.change, r, reply);
	/* The change is the first member: who gets it gets the whole. */
	if (!dataflow_carry_out(&k.change, cascade))
		return;
	for (size_t i = 0; r->service->runner && i < k.n; i++)
		runner_end(r->service->runner, k.runs[i]);
	reply->status = 202;
	dataflow_work_tell(&k.change, OPERATION);
}
