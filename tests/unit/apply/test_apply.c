/*
 * How a plan is carried out: order, failures, interruption, the verdict. The typed calls of oci are played here
 * (they are pending until oci_run ends them, in an order that a seed decides), so that each outcome can be had
 * at will; what real requests do is for tests/e2e/test_apply_faults.py.
 */
#include "apply/apply.h"

#include "../twin.h"
#include "base/map.h"
#include "model/remember.h"
#include "oci/dataflow.h"
#include "oci/objectstorage.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

struct call {
	const char *text; /* "create apps.x" */
	dataflow_application_fn *on_app;
	dataflow_application_each_fn *on_each;
	storage_object_fn *on_object;
	storage_bucket_fn *on_bucket;
	oci_done_fn *on_done;
	void *ctx;
	const void *found; /* of a look: the record; NULL: it is not there */
	bool is_look;
};
/* The service as played. */
static struct {
	struct arena arena;
	struct call pending[256];
	size_t pending_n, most;
	struct buf log;                   /* a line for each call that ended well */
	struct map there;                 /* what looks find, by OCID or name */
	const struct application *listed; /* what a list of applications finds; NULL: none */
	size_t lists;
	struct map fails;  /* call's text to a struct err */
	size_t stop_after; /* calls, then oci_run is interrupted; 0: never */
	size_t grace;      /* calls that end after that, before the time is up */
	void (*on_time)(void *ctx);
	void *on_time_ctx;
	bool waited;
	uint32_t seed; /* 0: first come, first served */
	struct storage_put last_put;
	const char *last_etag;
	struct node *last_body;
	const struct application *last_app;
} S;

static struct resources want, live;
static struct plan plan;
static struct apply_result *results;
static struct err err;

struct arena *oci_arena(struct oci *oci)
{
	(void)oci;
	return &S.arena;
}

static void pend(struct call call)
{
	assert_true(S.pending_n < 256);
	S.pending[S.pending_n++] = call;
	S.most = S.pending_n > S.most ? S.pending_n : S.most;
}

static const char *call_text(const char *verb, const char *what)
{
	return arena_printf(&S.arena, "%s %s", verb, what);
}

void dataflow_application_create(struct oci *oci, const struct application *app,
	const char *identity, dataflow_application_fn *done, void *ctx)
{
	(void)oci, (void)identity;
	S.last_app = app;
	pend((struct call){call_text("create", app->display_name), .on_app = done, .ctx = ctx});
}
void dataflow_application_update(struct oci *oci, const char *id, const struct node *body,
	const char *etag, dataflow_application_fn *done, void *ctx)
{
	(void)oci;
	S.last_etag = etag;
	S.last_body = (struct node *)body;
	pend((struct call){call_text("update", id), .on_app = done, .ctx = ctx});
}
void dataflow_application_delete(
	struct oci *oci, const char *id, const char *etag, oci_done_fn *done, void *ctx)
{
	(void)oci;
	S.last_etag = etag;
	pend((struct call){call_text("delete", id), .on_done = done, .ctx = ctx});
}
void dataflow_application_move(struct oci *oci, const char *id, const char *compartment_id,
	const char *etag, oci_done_fn *done, void *ctx)
{
	(void)oci, (void)compartment_id;
	S.last_etag = etag;
	pend((struct call){call_text("move", id), .on_done = done, .ctx = ctx});
}
void storage_bucket_create(struct oci *oci, const char *ns, const struct bucket *bucket,
	storage_bucket_fn *done, void *ctx)
{
	(void)oci, (void)ns;
	pend((struct call){call_text("create", bucket->name), .on_bucket = done, .ctx = ctx});
}
void storage_object_put(
	struct oci *oci, const struct storage_put *put, storage_object_fn *done, void *ctx)
{
	(void)oci;
	S.last_put = *put;
	pend((struct call){call_text("put", put->name), .on_object = done, .ctx = ctx});
}
void storage_object_delete(struct oci *oci, const char *ns, const char *bucket, const char *name,
	const char *etag, oci_done_fn *done, void *ctx)
{
	(void)oci, (void)ns, (void)bucket;
	S.last_etag = etag;
	pend((struct call){call_text("delete", name), .on_done = done, .ctx = ctx});
}

static void pend_look(struct call call, const char *what)
{
	call.text = call_text("look at", what);
	call.found = map_get(&S.there, what);
	call.is_look = true;
	pend(call);
}

void dataflow_application_list(
	struct oci *oci, const char *compartment_id, dataflow_application_each_fn *fn, void *ctx)
{
	(void)oci;
	S.lists++;
	pend((struct call){call_text("list", compartment_id), .on_each = fn, .ctx = ctx});
}
void dataflow_application_get(
	struct oci *oci, const char *id, dataflow_application_fn *done, void *ctx)
{
	(void)oci;
	pend_look((struct call){.on_app = done, .ctx = ctx}, id);
}
void storage_object_head(struct oci *oci, const char *ns, const char *bucket, const char *name,
	storage_object_fn *done, void *ctx)
{
	(void)oci, (void)ns, (void)bucket;
	pend_look((struct call){.on_object = done, .ctx = ctx}, name);
}
void storage_bucket_get(
	struct oci *oci, const char *ns, const char *name, storage_bucket_fn *done, void *ctx)
{
	(void)oci, (void)ns;
	pend_look((struct call){.on_bucket = done, .ctx = ctx}, name);
}

static void end_look(const struct call *c)
{
	static const struct err none = {0};
	struct err missing;
	err_set(&missing, ERR_NOT_FOUND, "not there");
	const struct err *why = c->found ? &none : &missing;
	buf_printf(&S.log, "%s\n", c->text);
	if (c->on_app)
		c->on_app(c->ctx, why, c->found, "e");
	else if (c->on_object)
		c->on_object(c->ctx, why, c->found);
	else
		c->on_bucket(c->ctx, why, c->found);
}

static void end_list(const struct call *c, const struct err *why)
{
	if (!why->kind && S.listed)
		c->on_each(c->ctx, why, S.listed);
	c->on_each(c->ctx, why, NULL);
}

static void end_call(const struct call *c, const struct err *why)
{
	if (c->on_each) {
		end_list(c, why);
		return;
	}
	static const struct application app = {.id = "ocid1.new"};
	static const struct object object = {0};
	static const struct bucket bucket = {.name = "b"};
	if (!why->kind)
		buf_printf(&S.log, "%s\n", c->text);
	if (c->on_app)
		c->on_app(c->ctx, why, why->kind ? NULL : &app, "e");
	else if (c->on_object)
		c->on_object(c->ctx, why, why->kind ? NULL : &object);
	else if (c->on_bucket)
		c->on_bucket(c->ctx, why, why->kind ? NULL : &bucket);
	else
		c->on_done(c->ctx, why);
}

static struct call take(void)
{
	if (S.seed)
		S.seed = S.seed * 1664525u + 1013904223u;
	size_t i = (S.seed >> 8) % S.pending_n;
	struct call c = S.pending[i];
	memmove(&S.pending[i], &S.pending[i + 1], (--S.pending_n - i) * sizeof c);
	return c;
}

static void end_one(void)
{
	static const struct err none = {0};
	struct call c = take();
	const struct err *why = map_get(&S.fails, c.text);
	if (c.is_look)
		end_look(&c);
	else
		end_call(&c, why ? why : &none);
}

bool oci_run(struct oci *oci, struct err *ret)
{
	(void)oci;
	for (size_t n = 0; S.pending_n; n++) {
		if (S.stop_after && n == S.stop_after)
			return err_set(ret, ERR_INTERRUPTED, "interrupted");
		end_one();
	}
	return true;
}

struct http *oci_http(struct oci *oci)
{
	(void)oci;
	return NULL;
}
void http_after(struct http *h, int64_t ms, void (*fn)(void *ctx), void *ctx)
{
	(void)h, (void)ms;
	S.on_time = fn;
	S.on_time_ctx = ctx;
}
bool http_run(struct http *h, const bool *stop, struct err *ret)
{
	(void)h, (void)ret;
	for (size_t n = 0; S.pending_n && !*stop; n++) {
		if (n == S.grace)
			S.on_time(S.on_time_ctx);
		else
			end_one();
	}
	S.waited = !*stop; /* with nothing under way, for the time to be up */
	return true;
}
void http_cancel_all(struct http *h)
{
	(void)h;
	struct err interrupted;
	err_set(&interrupted, ERR_INTERRUPTED, "interrupted");
	while (S.pending_n) {
		struct call c = take();
		end_call(&c, &interrupted);
	}
}

static void will_fail(const char *text, enum err_kind kind)
{
	struct err *why = arena_new(&S.arena, struct err);
	err_set(why, kind, "no luck");
	map_put(&S.fails, text, why);
}

static void will_be_refused(const char *text, int http_status)
{
	will_fail(text, http_status == 404 ? ERR_NOT_FOUND : ERR_CONFLICT);
	((struct err *)map_get(&S.fails, text))->http_status = http_status;
}

static int setup(void **state)
{
	(void)state;
	memset(&S, 0, sizeof S);
	S.fails.arena = S.there.arena = &S.arena;
	want = twin_want(&S.arena);
	live = (struct resources){0};
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	buf_clear(&S.log);
	arena_clear(&S.arena);
	return 0;
}

static struct buf told;
static void tell(void *ctx, const struct plan_action *action, const struct apply_result *result)
{
	(void)ctx;
	buf_printf(&told, "%s %d\n", action->address, result ? (int)result->state : -1);
}

static bool carry_out(void)
{
	plan_build(&want, &live, &S.arena, &plan);
	assert_int_equal(plan.problems_n, 0);
	struct apply_options o = {.ns = "ns",
		.compartment_id = "ocid1.compartment.oc1..c",
		.owner = TWIN_OWNER,
		.dir = "/pipeline",
		.identity = TWIN_OWNER,
		.changed = tell};
	buf_clear(&told);
	results = NULL;
	err = (struct err){0};
	bool ok = apply_plan(NULL, &plan, &o, &results, &err);
	assert_int_equal(ok, err.kind == ERR_NONE);
	return ok;
}

static size_t at(const char *line)
{
	const char *found = strstr(buf_str(&S.log), line);
	if (!found)
		fail_msg("%s was not done: %s", line, buf_str(&S.log));
	return (size_t)(found - buf_str(&S.log));
}

static const struct apply_result *result_of(const char *address)
{
	for (size_t i = 0; i < plan.n; i++)
		if (!strcmp(plan.v[i].address, address))
			return &results[i];
	fail_msg("no action %s", address);
	return NULL;
}

static void assert_counts(
	size_t added, size_t changed, size_t destroyed, size_t failed, size_t skipped)
{
	struct apply_counts n = apply_count(&plan, results);
	assert_int_equal(n.added, added);
	assert_int_equal(n.changed, changed);
	assert_int_equal(n.destroyed, destroyed);
	assert_int_equal(n.failed, failed);
	assert_int_equal(n.skipped, skipped);
}

/* Whatever ends first: what is needed was there before. */
static void test_needs_come_first(void **state)
{
	(void)state;
	for (uint32_t seed = 0; seed < 50; seed++) {
		buf_clear(&S.log);
		S.seed = seed;
		assert_true(carry_out());
		assert_counts(9, 0, 0, 0, 0);
		assert_true(at("create flights\n") < at("put " TWIN_PREFIX "scripts/delays.py"));
		assert_true(
			at("put " TWIN_PREFIX "scripts/delays.py") < at("create flights-delays"));
		assert_true(at("create logs") < at("create flights-delays"));
	}
	assert_string_equal(result_of("apps.delays")->id, "ocid1.new");
	assert_string_equal(result_of("scripts.delays")->id,
		"oci://flights@ns/" TWIN_PREFIX "scripts/delays.py");
}

static void test_deletions_come_last(void **state)
{
	(void)state;
	live = twin_live(&want, &S.arena);
	twin_drop(&want, "apps.routes");
	twin_drop(&want, "scripts.routes");
	twin_get_app(&live, "apps.delays")->num_executors.v = 2;
	for (uint32_t seed = 0; seed < 20; seed++) {
		buf_clear(&S.log);
		S.seed = seed;
		assert_true(carry_out());
		assert_string_equal(buf_str(&S.log),
			"update ocid1.dataflowapplication.oc1..delays\n"
			"delete ocid1.dataflowapplication.oc1..routes\n"
			"delete " TWIN_PREFIX "scripts/routes.py\n");
	}
	assert_counts(0, 1, 2, 0, 0);
}

static void test_nothing_to_do(void **state)
{
	(void)state;
	live = twin_live(&want, &S.arena);
	assert_true(carry_out());
	assert_string_equal(buf_str(&S.log), "");
	assert_int_equal(result_of("apps.delays")->state, APPLY_NOTHING);
}

static void test_failure_holds_up_only_what_needs_it(void **state)
{
	(void)state;
	will_fail("put " TWIN_PREFIX "scripts/delays.py", ERR_LIMIT);
	assert_false(carry_out());
	assert_int_equal(err.kind, ERR_PARTIAL);
	assert_string_equal(err.text, "7 of 9 changes were made, 1 failed, 1 were not begun");
	assert_counts(7, 0, 0, 1, 1);
	assert_int_equal(result_of("scripts.delays")->err->kind, ERR_LIMIT);
	assert_string_equal(
		result_of("apps.delays")->err->text, "not begun, since scripts.delays failed");
	assert_non_null(strstr(buf_str(&told), "apps.delays 3\n"));
	assert_null(strstr(buf_str(&told), "apps.delays -1\n"));
}

static void test_first_cause_is_named(void **state)
{
	(void)state;
	will_fail("create flights", ERR_PERMISSION);
	assert_false(carry_out());
	assert_counts(1, 0, 0, 1, 7);
	assert_string_equal(
		result_of("apps.delays")->err->text, "not begun, since buckets.flights failed");
}

static void test_failure_of_the_only_change_keeps_its_kind(void **state)
{
	(void)state;
	live = twin_live(&want, &S.arena);
	twin_get_app(&live, "apps.delays")->num_executors.v = 2;
	will_fail("update ocid1.dataflowapplication.oc1..delays", ERR_CONFLICT);
	assert_false(carry_out());
	assert_int_equal(err.kind, ERR_CONFLICT);
	assert_string_equal(err.text, "apps.delays: no luck");
}

/* The script that an application still runs, since its change failed, is not taken from it. */
static void test_script_in_use_stays(void **state)
{
	(void)state;
	live = twin_live(&want, &S.arena);
	twin_get_object(&want, "scripts.delays")->name = TWIN_PREFIX "scripts/late.py";
	twin_get_app(&want, "apps.delays")->file_uri =
		"oci://flights@ns/" TWIN_PREFIX "scripts/late.py";
	((struct resource *)resources_find(&live, "scripts.delays"))->address = "oci://old";
	will_fail("update ocid1.dataflowapplication.oc1..delays", ERR_SERVICE);
	assert_false(carry_out());
	assert_string_equal(buf_str(&S.log), "put " TWIN_PREFIX "scripts/late.py\n");
	assert_counts(1, 0, 0, 1, 1);
}

static void test_replacement(void **state)
{
	(void)state;
	live = twin_live(&want, &S.arena);
	twin_get_app(&want, "apps.delays")->type = "SESSION";
	assert_true(carry_out());
	assert_string_equal(buf_str(&S.log),
		"delete ocid1.dataflowapplication.oc1..delays\ncreate flights-delays\n");
	assert_counts(1, 0, 1, 0, 0);
	will_fail("create flights-delays", ERR_LIMIT);
	assert_false(carry_out());
	assert_int_equal(err.kind, ERR_PARTIAL); /* the old one is gone */
	assert_true(result_of("apps.delays")->removed);
	assert_counts(0, 0, 1, 1, 0);
	will_fail("delete ocid1.dataflowapplication.oc1..delays", ERR_CONFLICT);
	assert_false(carry_out());
	assert_int_equal(err.kind, ERR_CONFLICT);
	assert_counts(0, 0, 0, 1, 0);
}

/* What was sent last tells what was set last. */
static void remembered(const char *text)
{
	struct memory m;
	char digest[MEMORY_DIGEST + 1];
	memory_read(text, "flights/local/delays", &m);
	assert_int_equal(m.state, MEMORY_KNOWN);
	assert_true(
		memory_field(&m, NULL, record_field(&application_record, "num_executors"), digest));
	assert_false(memory_field(&m, NULL, record_field(&application_record, "pool_id"), digest));
}

static void test_a_create_remembers_what_it_sets(void **state)
{
	(void)state;
	struct memory m;
	live = twin_live(&want, &S.arena);
	twin_drop(&live, "apps.delays");
	assert_true(carry_out());
	remember_read(S.last_app, &m);
	assert_int_equal(m.state, MEMORY_KNOWN);
	remembered(S.last_app->freeform_tags.v[1].value);
	assert_int_equal(twin_get_app(&want, "apps.delays")->freeform_tags.n, 1);
}

static void create_one_that_is_there(const struct application *there)
{
	live = twin_live(&want, &S.arena);
	twin_drop(&live, "apps.delays");
	S.listed = there;
	map_put(&S.there, there->id, (void *)there);
}

static struct application *same_as_wanted(void)
{
	struct application *app = arena_new(&S.arena, struct application);
	*app = *remember_on(twin_get_app(&want, "apps.delays"), &S.arena, NULL);
	app->id = "ocid1.somebodys";
	app->lifecycle_state = "ACTIVE";
	return app;
}

static void test_created_by_somebody_else_meanwhile(void **state)
{
	(void)state;
	struct application *there = same_as_wanted();
	there->num_executors.v += 1;
	create_one_that_is_there(there);
	assert_false(carry_out());
	assert_int_equal(err.kind, ERR_CONFLICT);
	assert_non_null(strstr(err.text, "created it since the plan was made: ocid1.somebodys"));
	assert_null(strstr(buf_str(&S.log), "create"));
	assert_counts(0, 0, 0, 1, 0);
}

static void test_created_as_wanted_meanwhile(void **state)
{
	(void)state;
	create_one_that_is_there(same_as_wanted());
	assert_true(carry_out());
	assert_string_equal(result_of("apps.delays")->id, "ocid1.somebodys");
	assert_null(strstr(buf_str(&S.log), "create"));
}

static void test_deleted_meanwhile_is_not_there(void **state)
{
	(void)state;
	struct application *there = same_as_wanted();
	there->lifecycle_state = "DELETED";
	create_one_that_is_there(there);
	assert_true(carry_out());
	at("create flights-delays");
}

static void test_creates_need_a_list_that_works(void **state)
{
	(void)state;
	live = twin_live(&want, &S.arena);
	twin_drop(&live, "apps.delays");
	will_fail("list ocid1.compartment.oc1..c", ERR_SERVICE);
	assert_false(carry_out());
	assert_int_equal(err.kind, ERR_SERVICE);
	assert_null(strstr(buf_str(&S.log), "create"));
}

static void test_one_list_for_all_creates(void **state)
{
	(void)state;
	live = twin_live(&want, &S.arena);
	twin_drop(&live, "apps.delays");
	twin_drop(&live, "apps.ingest");
	assert_true(carry_out());
	assert_int_equal(S.lists, 1);
	live = twin_live(&want, &S.arena);
	S.lists = 0;
	assert_true(carry_out());
	assert_int_equal(S.lists, 0);
}

static void test_calls_are_bound_to_what_was_planned(void **state)
{
	(void)state;
	live = twin_live(&want, &S.arena);
	twin_get_app(&live, "apps.delays")->num_executors.v = 2;
	assert_true(carry_out());
	assert_string_equal(S.last_etag, "etag-apps.delays");
	assert_int_equal(S.last_body->u.map.n, 2);
	assert_int_equal(node_get(S.last_body, "numExecutors")->u.i, 1);
	assert_string_equal(node_get_str(node_get(S.last_body, "freeformTags"), "weir"),
		"flights/local/delays");
	remembered(node_get_str(node_get(S.last_body, "freeformTags"), "weir-set"));

	live = twin_live(&want, &S.arena);
	struct object *script = twin_get_object(&want, "scripts.delays");
	twin_content(script, &S.arena, "new");
	script->path = "delays.py";
	assert_true(carry_out());
	assert_string_equal(S.last_put.if_match, "etag-scripts.delays");
	assert_false(S.last_put.if_none_match);
	assert_string_equal(S.last_put.path, "/pipeline/delays.py");
	assert_string_equal(S.last_put.sha256, script->sha256);
	assert_string_equal(S.last_put.owner, TWIN_OWNER);

	twin_drop(&live, "scripts.delays");
	assert_true(carry_out());
	assert_null(S.last_put.if_match);
	assert_true(S.last_put.if_none_match);
}

static void test_a_move_comes_behind_the_rest(void **state)
{
	(void)state;
	static const char id[] = "ocid1.dataflowapplication.oc1..delays";
	live = twin_live(&want, &S.arena);
	struct application *app = twin_get_app(&live, "apps.delays");
	app->compartment_id = "ocid1.compartment.oc1..before";
	assert_true(carry_out());
	assert_string_equal(buf_str(&S.log), arena_printf(&S.arena, "move %s\n", id));
	assert_string_equal(S.last_etag, "etag-apps.delays");
	assert_counts(0, 1, 0, 0, 0);

	/* Bound to what the update made of it. */
	buf_clear(&S.log);
	app->num_executors.v = 2;
	assert_true(carry_out());
	assert_string_equal(
		buf_str(&S.log), arena_printf(&S.arena, "update %s\nmove %s\n", id, id));
	assert_string_equal(S.last_etag, "e");
	assert_null(node_get(S.last_body, "compartmentId"));

	/* A move that is refused is none that was made, unless it was. */
	app->num_executors.v = 1;
	will_be_refused(arena_printf(&S.arena, "move %s", id), 412);
	assert_false(carry_out());
	assert_int_equal(err.kind, ERR_CONFLICT);
	map_put(&S.there, id, (void *)twin_get_app(&want, "apps.delays"));
	assert_true(carry_out());
}

#define DELAYS "ocid1.dataflowapplication.oc1..delays"
#define SCRIPT TWIN_PREFIX "scripts/delays.py"

/* What an apply that was killed a moment ago has done after all is no conflict; what somebody else did is one. */
static void test_update_that_is_done_already(void **state)
{
	(void)state;
	live = twin_live(&want, &S.arena);
	twin_get_app(&live, "apps.delays")->num_executors.v = 2;
	will_be_refused("update " DELAYS, 412);
	struct resource done = twin_served(resources_find(&want, "apps.delays"), &S.arena);
	struct application *there = (struct application *)done.app;
	map_put(&S.there, DELAYS, there);
	assert_true(carry_out());
	assert_counts(0, 1, 0, 0, 0);
	assert_string_equal(result_of("apps.delays")->id, DELAYS);
	there->num_executors.v = 5;
	assert_false(carry_out());
	assert_int_equal(err.kind, ERR_CONFLICT);
	assert_string_equal(err.text, "apps.delays: no luck");
	S.there.n = 0, S.there.slots_n = 0;
	assert_false(carry_out());
	assert_int_equal(err.kind, ERR_CONFLICT);
}

static void test_deletion_that_is_done_already(void **state)
{
	(void)state;
	live = twin_live(&want, &S.arena);
	twin_drop(&want, "apps.delays");
	twin_drop(&want, "scripts.delays");
	will_be_refused("delete " DELAYS, 404);
	will_be_refused("delete " SCRIPT, 404);
	assert_true(carry_out());
	assert_counts(0, 0, 2, 0, 0);
	struct application deleted = {.id = DELAYS, .lifecycle_state = "DELETED"};
	map_put(&S.there, DELAYS, &deleted);
	assert_true(carry_out());
	deleted.lifecycle_state = "ACTIVE";
	assert_false(carry_out());
	assert_int_equal(err.kind, ERR_NOT_FOUND);
	assert_counts(0, 0, 0, 1, 1);
}

static void test_object_that_is_there_already(void **state)
{
	(void)state;
	live = twin_live(&want, &S.arena);
	struct object *script = twin_get_object(&want, "scripts.delays");
	twin_content(script, &S.arena, "new");
	will_be_refused("put " SCRIPT, 412);
	struct object there = {.size = script->size, .sha256 = script->sha256};
	map_put(&S.there, SCRIPT, &there);
	assert_true(carry_out());
	assert_counts(0, 1, 0, 0, 0);
	there.sha256 = "another";
	assert_false(carry_out());
	assert_int_equal(err.kind, ERR_CONFLICT);
}

static void test_bucket_that_is_there_already(void **state)
{
	(void)state;
	static const struct bucket logs = {.name = "logs"};
	will_be_refused("create logs", 409);
	map_put(&S.there, "logs", (void *)&logs);
	assert_true(carry_out());
	assert_counts(9, 0, 0, 0, 0);
	S.there.n = 0, S.there.slots_n = 0;
	assert_false(carry_out());
	assert_counts(5, 0, 0, 1, 3);
}

static void test_replacement_that_is_half_done_already(void **state)
{
	(void)state;
	live = twin_live(&want, &S.arena);
	twin_get_app(&want, "apps.delays")->type = "SESSION";
	will_be_refused("delete " DELAYS, 404);
	assert_true(carry_out());
	assert_counts(1, 0, 1, 0, 0);
	/* That the old one is gone does not mean that the new one is there. */
	will_be_refused("create flights-delays", 409);
	assert_false(carry_out());
	assert_counts(0, 0, 1, 1, 0);
}

static void test_interrupted(void **state)
{
	(void)state;
	S.stop_after = 3; /* both buckets and a first object */
	S.grace = 2;
	assert_false(carry_out());
	assert_int_equal(err.kind, ERR_INTERRUPTED);
	assert_string_equal(err.text, "interrupted: 5 of 9 changes were made");
	assert_counts(5, 0, 0, 1, 3);
	assert_int_equal(S.pending_n, 0);
	assert_string_equal(result_of("scripts.routes")->err->text,
		"interrupted while it was under way: the next plan tells whether it was done");
	assert_string_equal(
		result_of("apps.delays")->err->text, "not begun, since weir was interrupted");
}

static void test_what_is_under_way_may_end(void **state)
{
	(void)state;
	S.stop_after = 3;
	S.grace = 100;
	will_fail("put " TWIN_PREFIX "scripts/routes.py", ERR_LIMIT);
	will_fail("put " TWIN_PREFIX "scripts/ingest.py", ERR_INTERRUPTED); /* read no further */
	assert_false(carry_out());
	assert_int_equal(err.kind, ERR_INTERRUPTED);
	assert_counts(4, 0, 0, 2, 3);
	assert_false(S.waited);
	assert_string_equal(
		result_of("apps.routes")->err->text, "not begun, since scripts.routes failed");
}

/* The signal came when all was done: there is nothing left to interrupt. */
static void test_interrupted_at_the_end(void **state)
{
	(void)state;
	live = twin_live(&want, &S.arena);
	twin_get_app(&live, "apps.delays")->num_executors.v = 2;
	S.stop_after = 1;
	assert_true(carry_out());
	assert_counts(0, 1, 0, 0, 0);
}

static void many_apps(size_t n)
{
	want.n = 0;
	for (size_t i = 0; i < n; i++)
		twin_app(&want, &S.arena, arena_printf(&S.arena, "a%zu", i));
}

static void test_many(void **state)
{
	(void)state;
	many_apps(10000);
	S.seed = 3;
	assert_true(carry_out());
	assert_counts(10000, 0, 0, 0, 0);
	assert_int_equal(S.most, 64);
}

static void test_unreachable_service_is_given_up(void **state)
{
	(void)state;
	many_apps(1000);
	for (size_t i = 0; i < want.n; i++)
		will_fail(call_text("create", want.v[i].app->display_name), ERR_NETWORK);
	assert_false(carry_out());
	assert_int_equal(err.kind, ERR_NETWORK);
	assert_counts(0, 0, 0, 64 + 7, 1000 - 64 - 7);
	assert_non_null(strstr(result_of("apps.a999")->err->text, "could not be reached"));
	S.fails = (struct map){.arena = &S.arena}; /* failures of actions are not of the service */
	for (size_t i = 0; i < want.n; i += 2)
		will_fail(call_text("create", want.v[i].app->display_name), ERR_LIMIT);
	assert_false(carry_out());
	assert_int_equal(err.kind, ERR_PARTIAL);
	assert_counts(500, 0, 0, 500, 0);
}

static void test_plan_with_problems_is_not_begun(void **state)
{
	(void)state;
	live = twin_live(&want, &S.arena);
	((struct resource *)resources_find(&live, "apps.delays"))->foreign = true;
	plan_build(&want, &live, &S.arena, &plan);
	struct apply_options o = {0};
	assert_false(apply_plan(NULL, &plan, &o, &results, &err));
	assert_int_equal(err.kind, ERR_CONFLICT);
	assert_string_equal(buf_str(&S.log), "");
}

static void test_destroy(void **state)
{
	(void)state;
	live = twin_live(&want, &S.arena);
	want.n = 0;
	assert_true(carry_out());
	assert_counts(0, 0, 7, 0, 0);
	struct plan destroy;
	apply_plan_destroy(&live, &(struct plan_guards){0}, &S.arena, &destroy);
	assert_int_equal(destroy.remove, 7);
	assert_int_equal(destroy.n, 7);
	assert_true(at("delete ocid1.dataflowapplication.oc1..routes") <
		at("delete " TWIN_PREFIX "scripts/routes.py"));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_needs_come_first),
		TEST(test_deletions_come_last),
		TEST(test_nothing_to_do),
		TEST(test_failure_holds_up_only_what_needs_it),
		TEST(test_first_cause_is_named),
		TEST(test_failure_of_the_only_change_keeps_its_kind),
		TEST(test_script_in_use_stays),
		TEST(test_replacement),
		TEST(test_a_create_remembers_what_it_sets),
		TEST(test_created_by_somebody_else_meanwhile),
		TEST(test_created_as_wanted_meanwhile),
		TEST(test_deleted_meanwhile_is_not_there),
		TEST(test_creates_need_a_list_that_works),
		TEST(test_one_list_for_all_creates),
		TEST(test_calls_are_bound_to_what_was_planned),
		TEST(test_a_move_comes_behind_the_rest),
		TEST(test_update_that_is_done_already),
		TEST(test_deletion_that_is_done_already),
		TEST(test_object_that_is_there_already),
		TEST(test_bucket_that_is_there_already),
		TEST(test_replacement_that_is_half_done_already),
		TEST(test_interrupted),
		TEST(test_what_is_under_way_may_end),
		TEST(test_interrupted_at_the_end),
		TEST(test_many),
		TEST(test_unreachable_service_is_given_up),
		TEST(test_plan_with_problems_is_not_begun),
		TEST(test_destroy),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	buf_clear(&told);
	return failed;
}
