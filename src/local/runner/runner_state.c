#include "local/runner/runner_state.h"

#include "base/text.h"
#include "local/dataflow/dataflow_row.h"
#include "local/store/store.h"

#include <string.h>

struct change {
	struct arena *arena;
	int64_t now;
	const char *id, *outcome, *details;
	struct dataflow_row row;
	bool found;
};

static void read_run(struct dataflow_row *row, struct arena *a, struct run *ret)
{
	if (!row->record)
		dataflow_row_parse(row, a);
	field_decode(&run_record, row->record, FORM_REPLY, "", a, ret, NULL, NULL);
}

static bool set_state(sqlite3 *db, struct change *c, const char *state, struct err *err)
{
	node_put(c->arena, c->row.record, "lifecycleState", node_str(c->arena, state));
	dataflow_row_touch(&c->row, c->now, c->arena);
	return dataflow_row_update(db, &dataflow_run_table, &c->row, c->arena, err);
}

static void set_details(struct change *c, const char *details)
{
	if (details)
		node_put(c->arena, c->row.record, "lifecycleDetails", node_str(c->arena, details));
}

static const char *state_of(const struct change *c)
{
	return node_get_str(c->row.record, "lifecycleState");
}

static bool get(sqlite3 *db, struct change *c)
{
	c->found = dataflow_row_get(db, &dataflow_run_table, c->id, c->arena, &c->row);
	if (c->found)
		dataflow_row_parse(&c->row, c->arena);
	return c->found;
}

static bool claim(sqlite3 *db, void *ctx, struct err *err)
{
	struct change *c = ctx;
	sqlite3_stmt *st = store_prepare(
		db, "SELECT id FROM runs WHERE state = 'ACCEPTED' ORDER BY seq LIMIT 1", "");
	if (sqlite3_step(st) == SQLITE_ROW)
		c->id = store_text(c->arena, st, 0);
	store_done(st);
	if (!c->id || !get(db, c))
		return true;
	return set_state(db, c, "IN_PROGRESS", err) &&
		store_exec(db, NULL, err, "UPDATE runs SET time_started = ? WHERE id = ?", "is",
			c->now, c->id);
}

bool runner_state_claim(struct service *s, struct arena *a, struct run *ret, struct err *err)
{
	struct change c = {.arena = a, .now = clock_wall(s->clock)};
	if (!store_write(s->store, claim, &c, err))
		return false;
	*ret = (struct run){.id = NULL};
	if (c.found)
		read_run(&c.row, a, ret);
	return true;
}

static bool stop(sqlite3 *db, void *ctx, struct err *err)
{
	struct change *c = ctx;
	if (!get(db, c) || !text_equal(state_of(c), "IN_PROGRESS"))
		return true;
	set_details(c, c->details);
	return set_state(db, c, "STOPPING", err);
}

bool runner_state_stop(struct service *s, const char *id, const char *reason, struct err *err)
{
	arena_auto a = {0};
	struct change c = {.arena = &a, .now = clock_wall(s->clock), .id = id, .details = reason};
	return store_write(s->store, stop, &c, err);
}

static void set_duration(sqlite3 *db, struct change *c)
{
	sqlite3_stmt *st =
		store_prepare(db, "SELECT time_started FROM runs WHERE id = ?", "s", c->id);
	if (sqlite3_step(st) == SQLITE_ROW && sqlite3_column_type(st, 0) != SQLITE_NULL) {
		int64_t took = c->now - sqlite3_column_int64(st, 0);
		node_put(c->arena, c->row.record, "runDurationInMilliseconds",
			node_int(c->arena, took > 0 ? took : 0));
	}
	store_done(st);
}

static bool end(sqlite3 *db, void *ctx, struct err *err)
{
	struct change *c = ctx;
	if (!get(db, c) || run_state_is_terminal(state_of(c)))
		return true;
	set_duration(db, c);
	if (text_equal(state_of(c), "STOPPING"))
		return set_state(db, c, "STOPPED", err);
	if (text_equal(state_of(c), "CANCELING")) {
		set_details(c, "The run was cancelled.");
		return set_state(db, c, "CANCELED", err);
	}
	set_details(c, c->details);
	return set_state(db, c, c->outcome, err);
}

bool runner_state_end(struct service *s, const char *id, const char *outcome, const char *details,
	struct err *err)
{
	arena_auto a = {0};
	struct change c = {.arena = &a,
		.now = clock_wall(s->clock),
		.id = id,
		.outcome = outcome,
		.details = details};
	return store_write(s->store, end, &c, err);
}

bool runner_state_get(struct service *s, const char *id, struct arena *a, struct run *ret)
{
	struct dataflow_row row;
	if (!dataflow_row_get(store_db(s->store), &dataflow_run_table, id, a, &row))
		return false;
	read_run(&row, a, ret);
	return true;
}

const char **runner_state_unfinished(struct service *s, struct arena *a)
{
	const char **ids = NULL;
	size_t n = 0, cap = 0;
	sqlite3_stmt *st = store_prepare(store_db(s->store),
		"SELECT id FROM runs WHERE state IN ('IN_PROGRESS', 'CANCELING', 'STOPPING') ORDER BY seq",
		"");
	while (sqlite3_step(st) == SQLITE_ROW) {
		ids = arena_grow(a, ids, n, &cap, sizeof *ids);
		ids[n++] = store_text(a, st, 0);
	}
	store_done(st);
	ids = arena_grow(a, ids, n, &cap, sizeof *ids);
	ids[n] = NULL;
	return ids;
}

bool runner_state_any_accepted(struct service *s)
{
	sqlite3_stmt *st = store_prepare(
		store_db(s->store), "SELECT 1 FROM runs WHERE state = 'ACCEPTED' LIMIT 1", "");
	bool any = sqlite3_step(st) == SQLITE_ROW;
	store_done(st);
	return any;
}
