#include "local/dataflow/stepper.h"

#include "base/text.h"
#include "local/dataflow/dataflow_work.h"
#include "local/store/store.h"
#include "local/waker.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { STEP_MS = 300, RETRY_MS = 1000, LONGEST_MS = 60 * 1000 };

struct stepper {
	struct service *service;
	pthread_t thread;
	struct waker waker;
};

struct step {
	int64_t seq;
	const char *kind, *resource, *states, *work_request;
};

/* What is due, in the writer's thread. */
struct round {
	struct arena *arena;
	int64_t now;
};

int64_t stepper_ms(void)
{
	const char *text = getenv("WEIR_LOCAL_STEP_MS");
	int64_t ms;
	return text && text_i64(text, &ms) && ms >= 0 && ms <= LONGEST_MS ? ms : STEP_MS;
}

static struct step *due_steps(sqlite3 *db, struct round *r, size_t *ret_n)
{
	struct step *v = NULL;
	size_t n = 0, cap = 0;
	sqlite3_stmt *st = store_prepare(db,
		"SELECT seq, kind, resource, states, work_request FROM steps WHERE due <= ?"
		" ORDER BY due, seq LIMIT 1000",
		"i", r->now);
	while (sqlite3_step(st) == SQLITE_ROW) {
		v = arena_grow(r->arena, v, n, &cap, sizeof *v);
		v[n++] = (struct step){.seq = sqlite3_column_int64(st, 0),
			.kind = store_text(r->arena, st, 1),
			.resource = store_text(r->arena, st, 2),
			.states = store_text(r->arena, st, 3),
			.work_request = store_text(r->arena, st, 4)};
	}
	store_done(st);
	*ret_n = n;
	return v;
}

/* An application goes when its last run has ended. */
static bool must_wait(sqlite3 *db, const struct step *s)
{
	return !strcmp(s->kind, dataflow_application_kind.name) &&
		dataflow_application_runs(db, s->resource);
}

static void put_metrics(struct round *r, struct node *record, const char *state)
{
	bool started = text_equal(state, "ACTIVE"), stopped = text_equal(state, "STOPPED");
	struct node *metrics = node_get(record, "poolMetrics");
	char now[32];
	if (metrics && metrics->kind == NODE_MAP && (started || stopped))
		node_put(r->arena, metrics, started ? "timeLastStarted" : "timeLastStopped",
			node_str(r->arena, text_rfc3339(r->now, now)));
}

static bool set_state(
	sqlite3 *db, struct round *r, const struct step *s, const char *state, struct err *err)
{
	const struct dataflow_kind *kind = dataflow_kind_of(s->kind);
	struct dataflow_row row;
	if (!dataflow_row_get(db, kind->table, s->resource, r->arena, &row))
		return true;
	dataflow_row_parse(&row, r->arena);
	node_put(r->arena, row.record, "lifecycleState", node_str(r->arena, state));
	put_metrics(r, row.record, state);
	dataflow_row_touch(&row, r->now, r->arena);
	return dataflow_row_update(db, kind->table, &row, r->arena, err);
}

static bool carry_out(sqlite3 *db, struct round *r, const struct step *s, struct err *err)
{
	const char *comma = strchr(s->states, ',');
	const char *state =
		comma ? arena_strndup(r->arena, s->states, (size_t)(comma - s->states)) : s->states;
	int64_t next = r->now + stepper_ms();
	if (must_wait(db, s))
		return store_exec(db, NULL, err, "UPDATE steps SET due = ? WHERE seq = ?", "ii",
			r->now + STEP_MS, s->seq);
	if (!set_state(db, r, s, state, err))
		return false;
	if (s->work_request &&
		!dataflow_work_note(db, s->work_request,
			arena_printf(r->arena, "The %s is %s.", s->kind, state), !comma, r->now,
			r->arena, err))
		return false;
	return comma
		? store_exec(db, NULL, err, "UPDATE steps SET states = ?, due = ? WHERE seq = ?",
			  "sii", comma + 1, next, s->seq)
		: store_exec(db, NULL, err, "DELETE FROM steps WHERE seq = ?", "i", s->seq);
}

static bool carry_out_due(sqlite3 *db, void *ctx, struct err *err)
{
	struct round *r = ctx;
	size_t n;
	struct step *steps = due_steps(db, r, &n);
	for (size_t i = 0; i < n; i++)
		if (!carry_out(db, r, &steps[i], err))
			return false;
	return true;
}

/* How long until the next is due; LONGEST_MS for none. */
static int64_t until_next(struct stepper *s)
{
	int64_t ms = LONGEST_MS, now = clock_wall(s->service->clock);
	sqlite3_stmt *st = store_prepare(
		store_db(s->service->store), "SELECT due FROM steps ORDER BY due LIMIT 1", "");
	if (sqlite3_step(st) == SQLITE_ROW)
		ms = sqlite3_column_int64(st, 0) - now;
	store_done(st);
	return ms < 0 ? 0 : ms > LONGEST_MS ? LONGEST_MS : ms;
}

static void *stepper_main(void *arg)
{
	struct stepper *s = arg;
	int64_t ms;
	while ((ms = until_next(s)), waker_wait(&s->waker, ms)) {
		arena_auto arena = {0};
		struct round r = {.arena = &arena, .now = clock_wall(s->service->clock)};
		struct err err;
		if (until_next(s) > 0 || store_write(s->service->store, carry_out_due, &r, &err))
			continue;
		fprintf(stderr, "weir-local: states: %s\n", err.text);
		if (!waker_wait(&s->waker, RETRY_MS))
			break;
	}
	return NULL;
}

struct stepper *stepper_start(struct service *service, struct err *err)
{
	struct stepper *s = xalloc(sizeof *s);
	*s = (struct stepper){.service = service};
	waker_init(&s->waker);
	if (!pthread_create(&s->thread, NULL, stepper_main, s))
		return s;
	err_set(err, ERR_IO, "cannot start a thread");
	waker_clear(&s->waker);
	free(s);
	return NULL;
}

void stepper_wake(struct stepper *s)
{
	if (s)
		waker_wake(&s->waker);
}

void stepper_stop(struct stepper *s)
{
	if (!s)
		return;
	waker_stop(&s->waker);
	pthread_join(s->thread, NULL);
	waker_clear(&s->waker);
	free(s);
}
