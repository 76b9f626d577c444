/*
 * run_steps and run_find against a service that is played here: the typed calls of oci are ours, they are
 * answered when oci_run comes round, and timers fire at once. Each run goes through the states of a script.
 */
#include "run/run.h"

#include "base/text.h"
#include "oci/dataflow.h"
#include "oci/objectstorage.h"
#include "run/log.h"

#include "../unit.h"

enum { CALLS = 4096 };
enum call_kind { CREATE, GET, LOGS, LOG, LIST, OBJECTS, TIMER };
struct call {
	enum call_kind kind;
	const char *text; /* run id, log name */
	const struct run *run;
	union {
		dataflow_run_fn *on_run;
		dataflow_run_each_fn *on_each;
		dataflow_log_list_fn *on_logs;
		dataflow_log_fn *on_log;
		storage_object_each_fn *on_object;
		void (*on_time)(void *ctx);
	};
	void *ctx;
};
/* What becomes of the run of a step: states one look after the other; an error instead of a create. */
struct script {
	const char *step;
	const char *states[6];
	enum err_kind refused;
	const char *details, *out, *errors; /* logs; NULL: none */
	const char *language;
	int logs_late; /* looks for logs that find nothing */
};
static struct {
	struct arena arena;
	struct call queue[CALLS];
	size_t at, n;
	struct script *scripts;
	size_t scripts_n;
	struct run runs[32];
	size_t looks[32], runs_n;
	struct buf log; /* "create copy\n" ... */
	int64_t waited;
	size_t most, going;
	size_t stop_after; /* calls answered; 0: never */
	const char *filter;
} S;

static void add(struct call call)
{
	assert_true(S.n < CALLS);
	S.queue[S.n++] = call;
}

struct arena *oci_arena(struct oci *oci)
{
	(void)oci;
	return &S.arena;
}

bool oci_is_local(const struct oci *oci)
{
	(void)oci;
	return false;
}

struct http *oci_http(struct oci *oci)
{
	return (struct http *)oci;
}

void http_after(struct http *h, int64_t ms, void (*fn)(void *ctx), void *ctx)
{
	(void)h;
	S.waited += ms;
	add((struct call){.kind = TIMER, .on_time = fn, .ctx = ctx});
}

void dataflow_run_create(
	struct oci *oci, const struct run *run, const char *seed, dataflow_run_fn *done, void *ctx)
{
	(void)oci;
	S.going++;
	S.most = S.going > S.most ? S.going : S.most;
	add((struct call){.kind = CREATE, .text = seed, .run = run, .on_run = done, .ctx = ctx});
}

void dataflow_run_get(struct oci *oci, const char *id, dataflow_run_fn *done, void *ctx)
{
	(void)oci;
	add((struct call){.kind = GET, .text = id, .on_run = done, .ctx = ctx});
}

void dataflow_run_list(struct oci *oci, const char *compartment_id, struct dataflow_filter filter,
	dataflow_run_each_fn *fn, void *ctx)
{
	(void)oci;
	assert_string_equal(compartment_id, "ocid1.compartment");
	S.filter = filter.name ? arena_printf(&S.arena, "%s=%s", filter.name, filter.value) : "";
	add((struct call){.kind = LIST, .text = filter.value, .on_each = fn, .ctx = ctx});
}

void dataflow_run_log_list(
	struct oci *oci, const char *run_id, dataflow_log_list_fn *done, void *ctx)
{
	(void)oci;
	add((struct call){.kind = LOGS, .text = run_id, .on_logs = done, .ctx = ctx});
}

void dataflow_run_log_get(
	struct oci *oci, const char *run_id, const char *name, dataflow_log_fn *done, void *ctx)
{
	(void)oci;
	add((struct call){.kind = LOG,
		.text = arena_printf(&S.arena, "%s %s", run_id, name),
		.on_log = done,
		.ctx = ctx});
}

void storage_object_list(struct oci *oci, const char *ns, const char *bucket, const char *prefix,
	storage_object_each_fn *fn, void *ctx)
{
	(void)oci;
	add((struct call){.kind = OBJECTS,
		.text = arena_printf(&S.arena, "%s/%s/%s", ns, bucket, prefix),
		.on_object = fn,
		.ctx = ctx});
}

void storage_object_get(struct oci *oci, const char *ns, const char *bucket, const char *name,
	size_t max, storage_content_fn *done, void *ctx)
{
	(void)oci, (void)ns, (void)bucket, (void)name, (void)max, (void)done, (void)ctx;
	fail_msg("no manifest is asked for here");
}

static struct script *script_of(const char *step)
{
	for (size_t i = 0; i < S.scripts_n; i++)
		if (!strcmp(S.scripts[i].step, step))
			return &S.scripts[i];
	fail_msg("no script of %s", step);
	return NULL;
}

static size_t run_of(const char *id)
{
	for (size_t i = 0; i < S.runs_n; i++)
		if (!strcmp(S.runs[i].id, id))
			return i;
	return S.runs_n;
}

/* A copy at this moment, as a reply is. */
static const struct run *seen(size_t i)
{
	struct run *copy = arena_new(&S.arena, struct run);
	*copy = S.runs[i];
	return copy;
}

static const char *step_of(const char *seed)
{
	return strrchr(seed, '/') + 1;
}

static void answer_create(const struct call *c)
{
	const struct script *s = script_of(step_of(c->text));
	struct err err = {0};
	if (s->refused) {
		S.going--;
		err_set(&err, s->refused, "refused");
		c->on_run(c->ctx, &err, NULL, NULL);
		return;
	}
	struct run *run = &S.runs[S.runs_n];
	*run = *c->run;
	run->id = arena_printf(&S.arena, "ocid1.run.%s", s->step);
	run->lifecycle_state = s->states[0];
	run->language = s->language ? s->language : "PYTHON";
	buf_printf(&S.log, "%s%s", S.log.len ? " " : "", s->step);
	c->on_run(c->ctx, &err, seen(S.runs_n++), NULL);
}

static void answer_get(const struct call *c)
{
	struct err err = {0};
	size_t i = run_of(c->text);
	if (i == S.runs_n) {
		err_set(&err, ERR_NOT_FOUND, "no such run");
		c->on_run(c->ctx, &err, NULL, NULL);
		return;
	}
	const struct script *s = script_of(strrchr(c->text, '.') + 1);
	if (s->states[S.looks[i] + 1])
		S.looks[i]++;
	S.runs[i].lifecycle_state = s->states[S.looks[i]];
	if (run_state_is_terminal(S.runs[i].lifecycle_state)) {
		S.runs[i].lifecycle_details = s->details;
		S.going--;
	}
	c->on_run(c->ctx, &err, seen(i), NULL);
}

static void answer_logs(const struct call *c)
{
	struct script *s = script_of(strrchr(c->text, '.') + 1);
	struct run_log logs[3];
	size_t n = 0;
	struct err err = {0};
	if (s->logs_late-- <= 0) {
		logs[n++] =
			(struct run_log){.name = "driver.gz", .source = "DRIVER", .type = "STDOUT"};
		if (s->out)
			logs[n++] = (struct run_log){
				.name = "out.gz", .source = "APPLICATION", .type = "STDOUT"};
		if (s->errors)
			logs[n++] = (struct run_log){
				.name = "err.gz", .source = "APPLICATION", .type = "STDERR"};
	}
	c->on_logs(c->ctx, &err, logs, n);
}

static void answer_log(const struct call *c)
{
	const char *space = strchr(c->text, ' '),
		   *id = arena_strndup(&S.arena, c->text, (size_t)(space - c->text));
	const struct script *s = script_of(strrchr(id, '.') + 1);
	const char *text = strstr(space, "out") ? s->out : s->errors;
	struct err err = {0};
	c->on_log(c->ctx, &err, text, strlen(text));
}

static void answer_list(const struct call *c)
{
	struct err err = {0};
	for (size_t i = 0; i < S.runs_n; i++)
		if (!c->text || text_equal(c->text, S.runs[i].display_name))
			c->on_each(c->ctx, &err, seen(i));
	c->on_each(c->ctx, &err, NULL);
}

/* One object of 7 bytes under in/, nothing elsewhere; `broken` does not answer. */
static void answer_objects(const struct call *c)
{
	struct err err = {0};
	struct object object = {.name = "in/1", .size = {true, 7}};
	if (!strcmp(c->text, "n/broken/"))
		err_set(&err, ERR_NETWORK, "nobody answers");
	else if (!strcmp(c->text, "n/b/in/"))
		c->on_object(c->ctx, &err, &object);
	c->on_object(c->ctx, &err, NULL);
}

bool oci_run(struct oci *oci, struct err *err)
{
	(void)oci;
	for (; S.at < S.n; S.at++) {
		if (S.stop_after && S.at == S.stop_after)
			return err_set(err, ERR_INTERRUPTED, "interrupted");
		struct call c = S.queue[S.at];
		if (c.kind == TIMER)
			c.on_time(c.ctx);
		else
			(void (*[])(const struct call *)){answer_create, answer_get, answer_logs,
				answer_log, answer_list, answer_objects}[c.kind](&c);
	}
	return true;
}

/* The steps a, b, c, d: a -> b -> d, a -> c -> d. */
static const size_t need_a[] = {0}, need_bc[] = {1, 2};
static struct application app = {.display_name = "app"};
static const struct run nothing;
static struct run_step diamond[] = {
	{"a", "ocid1.app.a", &app, &nothing, NULL, 0, {NULL, 0}},
	{"b", "ocid1.app.b", &app, &nothing, need_a, 1, {NULL, 0}},
	{"c", "ocid1.app.c", &app, &nothing, need_a, 1, {NULL, 0}},
	{"d", "ocid1.app.d", &app, &nothing, need_bc, 2, {NULL, 0}},
};
static struct buf changes;

static void on_changed(void *ctx, const struct run_step *step, const struct run_result *r)
{
	(void)ctx;
	buf_printf(&changes, "%s %s; ", step->name,
		r->state == RUN_NOT_LAUNCHED    ? "NOT_LAUNCHED"
			: r->state == RUN_ERROR ? "ERROR"
						: r->run->lifecycle_state);
}

static struct run_options options = {.compartment_id = "ocid1.compartment",
	.pipeline = "flights",
	.target = "local",
	.name = "daily",
	.invocation = "20251120T153639Z-abcd",
	.wait = true,
	.changed = on_changed};

static int set_up(void **state)
{
	(void)state;
	memset(&S, 0, sizeof S);
	changes = (struct buf){0};
	options.wait = true;
	options.max_parallel = 0;
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	arena_clear(&S.arena);
	buf_clear(&S.log);
	buf_clear(&changes);
	return 0;
}

static bool run(struct script *scripts, size_t n, struct run_result **results, struct err *err)
{
	S.scripts = scripts;
	S.scripts_n = n;
	*err = (struct err){0};
	return run_steps(NULL, diamond, n, &options, results, err);
}

#define WELL                                                       \
	{                                                          \
		"ACCEPTED", "ACCEPTED", "IN_PROGRESS", "SUCCEEDED" \
	}

static void test_all_succeed_in_order(void **state)
{
	(void)state;
	struct script scripts[] = {{.step = "a", .states = WELL}, {.step = "b", .states = WELL},
		{.step = "c", .states = WELL}, {.step = "d", .states = WELL}};
	struct run_result *r;
	struct err err;
	assert_true(run(scripts, 4, &r, &err));
	assert_string_equal(S.log.data, "a b c d");
	for (size_t i = 0; i < 4; i++) {
		assert_int_equal(r[i].state, RUN_ENDED);
		assert_string_equal(r[i].run->lifecycle_state, "SUCCEEDED");
	}
	assert_int_equal(S.most, 2);
	assert_has(
		changes.data, "a ACCEPTED; a IN_PROGRESS; a SUCCEEDED; b ACCEPTED; c ACCEPTED; ");
	const struct pair *tag = S.runs[0].freeform_tags.v;
	assert_string_equal(tag->name, "weir");
	assert_string_equal(tag->value, "flights/local/daily/20251120T153639Z-abcd/a");
}

static struct check_decl checks_of_a[] = {
	{.head = {.key = "there", .mark = {"p.yaml", 7, 3, 1}}, .objects = "oci://b@n/in/"},
	{.head = {.key = "text", .mark = {"p.yaml", 8, 3, 1}},
		.printed = &(struct printed_check){.contains = "equal"}},
	{.head = {.key = "more", .mark = {"p.yaml", 9, 3, 1}}, .objects = "oci://b@n/out/"},
};

/* What needs the step goes on when all hold, is dropped when one does not, or cannot be made. */
static void test_checks(void **state)
{
	(void)state;
	struct script scripts[] = {
		{.step = "a", .states = WELL, .out = "26/11/25 22:00:00 INFO X: equal\nequal\n"},
		{.step = "b", .states = WELL}};
	struct run_result *r;
	struct err err;
	diamond[0].checks = (struct keyed){checks_of_a, 2};
	assert_true(run(scripts, 2, &r, &err));
	assert_int_equal(r[0].checks_n, 2);
	assert_string_equal(r[0].checks[0].text, "1 object of 7 bytes in all");
	assert_has(changes.data, "a SUCCEEDED; a SUCCEEDED; b ACCEPTED");

	tear_down(state);
	set_up(state);
	diamond[0].checks.n = 3;
	assert_false(run(scripts, 2, &r, &err));
	assert_int_equal(err.kind, ERR_RUN_FAILED);
	assert_has(err.text,
		"succeeded, but not its check more: expected an object under oci://b@n/out/");
	assert_has(err.text, "it is at p.yaml:9:3");
	assert_int_equal(r[0].checks_failed, 1);
	assert_int_equal(r[1].state, RUN_NOT_LAUNCHED);

	tear_down(state);
	set_up(state);
	checks_of_a[0].objects = "oci://broken@n/";
	assert_false(run(scripts, 2, &r, &err));
	assert_int_equal(err.kind, ERR_NETWORK);
	assert_has(err.text, "a: check there: nobody answers");
	assert_int_equal(r[0].state, RUN_ERROR);
	diamond[0].checks.n = 0;
}

static void test_waits_grow_and_are_bounded(void **state)
{
	(void)state;
	struct script scripts[] = {{.step = "a", .states = WELL}};
	struct run_result *r;
	struct err err;
	assert_true(run(scripts, 1, &r, &err));
	assert_int_equal(S.waited, 500 + 666 + 888);
}

static void test_failure_shows_its_log_and_drops_the_rest(void **state)
{
	(void)state;
	struct script scripts[] = {{.step = "a",
					   .states = {"ACCEPTED", "FAILED"},
					   .details = "exit code 1",
					   .out = "one\ntwo\nboom\n\n",
					   .logs_late = 3},
		{.step = "b", .states = WELL}, {.step = "c", .states = WELL},
		{.step = "d", .states = WELL}};
	struct run_result *r;
	struct err err;
	assert_false(run(scripts, 4, &r, &err));
	assert_int_equal(err.kind, ERR_RUN_FAILED);
	assert_has(err.text, "a: the run app-2");
	assert_has(err.text, "failed: exit code 1");
	assert_string_equal(r[0].log_tail, "one\ntwo\nboom");
	assert_false(r[0].log_is_stderr);
	assert_string_equal(S.log.data, "a");
	for (size_t i = 1; i < 4; i++)
		assert_int_equal(r[i].state, RUN_NOT_LAUNCHED);
	assert_has(changes.data, "a FAILED; b NOT_LAUNCHED; c NOT_LAUNCHED; d NOT_LAUNCHED; ");
}

/* b fails, c does not: d is not launched, c's end is waited for. */
static void test_a_failure_leaves_what_does_not_need_it(void **state)
{
	(void)state;
	struct script scripts[] = {{.step = "a", .states = WELL},
		{.step = "b", .states = {"ACCEPTED", "FAILED"}, .out = "x"},
		{.step = "c", .states = WELL}, {.step = "d", .states = WELL}};
	struct run_result *r;
	struct err err;
	assert_false(run(scripts, 4, &r, &err));
	assert_int_equal(err.kind, ERR_RUN_FAILED);
	assert_string_equal(r[2].run->lifecycle_state, "SUCCEEDED");
	assert_int_equal(r[3].state, RUN_NOT_LAUNCHED);
}

static void test_only_the_last_lines_and_of_the_stream_that_has_some(void **state)
{
	(void)state;
	buf_auto out = {0};
	for (int i = 0; i < 50; i++)
		buf_printf(&out, "line %d\n", i);
	struct script scripts[] = {{.step = "a",
		.states = {"FAILED"},
		.language = "JAVA",
		.out = out.data,
		.errors = " \n\n"}};
	struct run_result *r;
	struct err err;
	assert_false(run(scripts, 1, &r, &err));
	assert_int_equal(strncmp(r[0].log_tail, "line 30\nline 31\n", 16), 0);
	assert_has(r[0].log_tail, "line 49");
}

static void test_no_log_is_no_obstacle(void **state)
{
	(void)state;
	struct script scripts[] = {{.step = "a", .states = {"FAILED"}}};
	struct run_result *r;
	struct err err;
	assert_false(run(scripts, 1, &r, &err));
	assert_int_equal(err.kind, ERR_RUN_FAILED);
	assert_null(r[0].log_tail);
	assert_true(S.waited >= 8000 && S.waited < 9000);
}

static void test_stopped_and_cancelled(void **state)
{
	(void)state;
	struct script stopped[] = {{.step = "a",
					   .states = {"ACCEPTED", "STOPPING", "STOPPED"},
					   .details = "maximum duration reached",
					   .errors = "one\ntwo\n"},
		{.step = "b", .states = WELL}};
	struct run_result *r;
	struct err err;
	assert_false(run(stopped, 2, &r, &err));
	assert_int_equal(err.kind, ERR_RUN_STOPPED);
	assert_has(err.text, "was stopped: maximum duration reached");
	assert_string_equal(r[0].log_tail, "one\ntwo");
	assert_true(r[0].log_is_stderr);
	assert_int_equal(r[1].state, RUN_NOT_LAUNCHED);
	tear_down(state);
	set_up(state);
	struct script cancelled[] = {
		{.step = "a", .states = {"ACCEPTED", "CANCELING", "CANCELED"}}};
	assert_false(run(cancelled, 1, &r, &err));
	assert_int_equal(err.kind, ERR_RUN_STOPPED);
	assert_has(err.text, "was cancelled");
	assert_null(r[0].log_tail);
	assert_true(S.waited < 8000);
}

static void test_a_refused_launch_has_its_own_kind(void **state)
{
	(void)state;
	struct script scripts[] = {
		{.step = "a", .refused = ERR_PERMISSION}, {.step = "b", .states = WELL}};
	struct run_result *r;
	struct err err;
	assert_false(run(scripts, 2, &r, &err));
	assert_int_equal(err.kind, ERR_PERMISSION);
	assert_string_equal(err.text, "a: refused");
	assert_int_equal(r[0].state, RUN_ERROR);
	assert_int_equal(r[1].state, RUN_NOT_LAUNCHED);
}

static void test_parallel_is_bounded(void **state)
{
	(void)state;
	struct script scripts[] = {{.step = "a", .states = WELL}, {.step = "b", .states = WELL},
		{.step = "c", .states = WELL}, {.step = "d", .states = WELL}};
	struct run_step steps[4];
	struct run_result *r;
	struct err err = {0};
	for (size_t i = 0; i < 4; i++) {
		steps[i] = diamond[i];
		steps[i].needs_n = 0;
	}
	S.scripts = scripts;
	S.scripts_n = 4;
	options.max_parallel = 2;
	assert_true(run_steps(NULL, steps, 4, &options, &r, &err));
	assert_int_equal(S.most, 2);
	assert_string_equal(S.log.data, "a b c d");
}

static void test_detached_is_not_watched(void **state)
{
	(void)state;
	struct script scripts[] = {{.step = "a", .states = WELL}};
	struct run_result *r;
	struct err err;
	options.wait = false;
	assert_true(run(scripts, 1, &r, &err));
	assert_int_equal(r[0].state, RUN_LAUNCHED);
	assert_string_equal(r[0].run->id, "ocid1.run.a");
	assert_int_equal(S.n, 1);
}

/* Stopped at every call in turn: what was launched is known, or known to be unknown; what comes late is ignored. */
static void test_interruption_at_each_call(void **state)
{
	struct script scripts[] = {{.step = "a", .states = WELL}, {.step = "b", .states = WELL},
		{.step = "c", .states = WELL}, {.step = "d", .states = WELL}};
	struct run_result *r;
	struct err err;
	assert_true(run(scripts, 4, &r, &err));
	size_t calls = S.n;
	for (size_t stop = 1; stop < calls; stop++) {
		tear_down(state);
		set_up(state);
		S.stop_after = stop;
		assert_false(run(scripts, 4, &r, &err));
		assert_int_equal(err.kind, ERR_INTERRUPTED);
		for (size_t i = 0; i < 4; i++)
			assert_int_equal(r[i].run != NULL,
				r[i].state == RUN_LAUNCHED || r[i].state == RUN_ENDED);
		size_t said = changes.len, n = S.n;
		S.stop_after = 0;
		for (; S.at < n; S.at++)
			if (S.queue[S.at].kind == TIMER)
				S.queue[S.at].on_time(S.queue[S.at].ctx);
			else if (S.queue[S.at].kind == GET)
				answer_get(&S.queue[S.at]);
		assert_int_equal(changes.len, said);
		assert_int_equal(S.n, n);
	}
}

static struct pair ours[] = {{"weir", "flights/local/daily/i/a"}};
static struct pair others[] = {{"weir", "flights/prod/daily/i/a"}};

static void put_run(const char *id, const char *name, const char *made, struct pair *tag)
{
	S.runs[S.runs_n++] = (struct run){.id = id,
		.display_name = name,
		.time_created = made,
		.lifecycle_state = "SUCCEEDED",
		.freeform_tags = {tag, tag ? 1 : 0}};
}

static void test_finding(void **state)
{
	(void)state;
	struct script any[] = {{.step = "1", .states = {"SUCCEEDED"}},
		{.step = "2", .states = {"SUCCEEDED"}}, {.step = "3", .states = {"SUCCEEDED"}},
		{.step = "4", .states = {"SUCCEEDED"}}};
	S.scripts = any;
	S.scripts_n = 4;
	put_run("ocid1.run.1", "x", "2025-11-20T10:00:00.000Z", ours);
	put_run("ocid1.run.2", "x", "2025-11-20T12:00:00.5+01:00", ours);
	put_run("ocid1.run.3", "y", "2025-11-20T13:00:00.000Z", others);
	put_run("ocid1.run.4", "z", "2025-11-20T14:00:00.000Z", NULL);
	const char *compartment[] = {"ocid1.compartment"};
	struct run_find q = {{compartment, 1}, "flights", "local"};
	const struct run *found;
	struct runs runs;
	struct err err = {0};
	assert_true(run_find(NULL, &q, "last", &found, &err));
	assert_string_equal(found->id, "ocid1.run.2");
	assert_string_equal(S.filter, "");
	assert_true(run_find(NULL, &q, "x", &found, &err));
	assert_string_equal(found->id, "ocid1.run.2");
	assert_string_equal(S.filter, "displayName=x");
	assert_true(run_find(NULL, &q, "ocid1.run.4", &found, &err));
	assert_string_equal(found->id, "ocid1.run.4");
	assert_true(run_list(NULL, &q, &runs, &err));
	assert_int_equal(runs.n, 2);
	assert_string_equal(runs.v[0]->id, "ocid1.run.2");
	assert_false(run_find(NULL, &q, "nobody", &found, &err));
	assert_int_equal(err.kind, ERR_NOT_FOUND);
	assert_has(err.text, "`nobody`");
	assert_false(run_find(NULL, &q, "ocid1.run.9", &found, &err));
	q.target = "test";
	assert_false(run_find(NULL, &q, "last", &found, &err));
	assert_has(err.text, "flights has no run at target test yet");
}

static void test_log_text(void **state)
{
	(void)state;
	struct script scripts[] = {
		{.step = "a", .states = {"SUCCEEDED"}, .out = "hello\n", .logs_late = 2}};
	const char *text;
	size_t len;
	struct err err = {0};
	S.scripts = scripts;
	S.scripts_n = 1;
	assert_false(run_log_text(NULL, "ocid1.run.a", RUN_STDOUT, 0, &text, &len, &err));
	assert_int_equal(err.kind, ERR_NOT_FOUND);
	assert_true(run_log_text(NULL, "ocid1.run.a", RUN_STDOUT, 5000, &text, &len, &err));
	assert_int_equal(len, 6);
	assert_false(run_log_text(NULL, "ocid1.run.a", RUN_STDERR, 0, &text, &len, &err));
	assert_has(err.text, "no standard error");
}

static void test_heads_and_tails(void **state)
{
	(void)state;
	static const char text[] = "a\nbb\nccc\n";
	assert_int_equal(log_tail_at(text, 9, 1), 5);
	assert_int_equal(log_tail_at(text, 8, 1), 5);
	assert_int_equal(log_tail_at(text, 9, 2), 2);
	assert_int_equal(log_tail_at(text, 9, 3), 0);
	assert_int_equal(log_tail_at(text, 9, 30), 0);
	assert_int_equal(log_tail_at("", 0, 1), 0);
	assert_int_equal(log_tail_at("\n\n", 2, 1), 1);
	assert_int_equal(log_head_end(text, 9, 1), 2);
	assert_int_equal(log_head_end(text, 9, 2), 5);
	assert_int_equal(log_head_end(text, 9, 9), 9);
	assert_int_equal(log_head_end(text, 8, 3), 8);
	assert_int_equal(log_head_end("", 0, 3), 0);
}

/* Just after its end, and not before or long after. */
static void test_logs_are_waited_for(void **state)
{
	(void)state;
	struct run run = {.lifecycle_state = "SUCCEEDED", .time_updated = "2026-01-01T00:00:00Z"};
	int64_t ended = 1767225600000;
	assert_true(log_patience(&run, ended + 1000) > 0);
	assert_int_equal(log_patience(&run, ended + 300000), 0);
	run.lifecycle_state = "IN_PROGRESS";
	assert_int_equal(log_patience(&run, ended + 1000), 0);
	run = (struct run){.lifecycle_state = "SUCCEEDED"};
	assert_int_equal(log_patience(&run, ended), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
		TEST(test_all_succeed_in_order),
		TEST(test_checks),
		TEST(test_logs_are_waited_for),
		TEST(test_waits_grow_and_are_bounded),
		TEST(test_failure_shows_its_log_and_drops_the_rest),
		TEST(test_a_failure_leaves_what_does_not_need_it),
		TEST(test_only_the_last_lines_and_of_the_stream_that_has_some),
		TEST(test_no_log_is_no_obstacle),
		TEST(test_stopped_and_cancelled),
		TEST(test_a_refused_launch_has_its_own_kind),
		TEST(test_parallel_is_bounded),
		TEST(test_detached_is_not_watched),
		TEST(test_interruption_at_each_call),
		TEST(test_finding),
		TEST(test_log_text),
		TEST(test_heads_and_tails),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
