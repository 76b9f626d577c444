/*
 * list_runs and list_apps against a service that is played here, which gives pages of three, in the order that was asked
 * for or in one of its own, and counts what it was asked.
 */
#include "run/list.h"

#include "base/text.h"
#include "oci/dataflow.h"

#include "../unit.h"

enum { PAGE = 3, RUNS = 12, APPS = 100 };
struct pending {
	const char *compartment_id;
	struct dataflow_order order;
	dataflow_run_each_fn *on_run;
	dataflow_application_each_fn *on_app;
	void *ctx;
};
static struct {
	struct arena arena;
	struct pending queue[256];
	size_t n, pages, singles;
	struct run runs[RUNS];
	struct application apps[APPS];
	size_t apps_n;
	bool own_order;      /* sortBy is not heeded */
	bool counts_sorting; /* as a filter: 400 for both */
	const char *filter, *value;
} S;

struct arena *oci_arena(struct oci *oci)
{
	(void)oci;
	return &S.arena;
}

void dataflow_application_list(
	struct oci *oci, const char *compartment_id, dataflow_application_each_fn *fn, void *ctx)
{
	(void)oci;
	S.queue[S.n++] = (struct pending){compartment_id, {.more = NULL}, NULL, fn, ctx};
}

void dataflow_run_list_by(struct oci *oci, const char *compartment_id,
	const struct dataflow_order *order, dataflow_run_each_fn *fn, void *ctx)
{
	(void)oci;
	S.queue[S.n++] = (struct pending){compartment_id, *order, fn, NULL, ctx};
}

static bool passes(const struct dataflow_filter *f, const struct run *run)
{
	if (!f->name)
		return true;
	S.filter = f->name;
	S.value = f->value;
	if (!strcmp(f->name, "lifecycleState"))
		return text_equal(run->lifecycle_state, f->value);
	if (!strcmp(f->name, "applicationId"))
		return text_equal(run->application_id, f->value);
	return strcmp(run->time_created, f->value) > 0;
}

/* Newest first, or, in its own order, with the newest at the end. */
static void give_runs(const struct pending *p)
{
	static const struct err none = {0};
	size_t on_page = 0;
	S.pages++;
	if (S.counts_sorting && p->order.sort_by && p->order.filter.name) {
		p->on_run(p->ctx, &(struct err){.kind = ERR_INVALID, .http_status = 400}, NULL);
		return;
	}
	S.singles += p->order.page_size == 1;
	for (size_t i = 0; i < RUNS; i++) {
		bool back =
			S.own_order || !p->order.sort_by ? !p->order.ascending : p->order.ascending;
		const struct run *run = &S.runs[back ? RUNS - 1 - i : i];
		if (!passes(&p->order.filter, run) ||
			!text_equal(run->compartment_id, p->compartment_id))
			continue;
		if (on_page == PAGE) {
			if (p->order.more && !p->order.more(p->ctx))
				break;
			on_page = 0;
			S.pages++;
		}
		p->on_run(p->ctx, &none, run);
		on_page++;
	}
	p->on_run(p->ctx, &none, NULL);
}

static void give_apps(const struct pending *p)
{
	static const struct err none = {0};
	for (size_t i = 0; i < S.apps_n; i++)
		if (text_equal(S.apps[i].compartment_id, p->compartment_id))
			p->on_app(p->ctx, &none, &S.apps[i]);
	p->on_app(p->ctx, &none, NULL);
}

bool oci_run(struct oci *oci, struct err *err)
{
	(void)oci, (void)err;
	for (size_t at = 0; at < S.n; at++)
		if (S.queue[at].on_app)
			give_apps(&S.queue[at]);
		else
			give_runs(&S.queue[at]);
	S.n = 0;
	return true;
}

static struct pair ours[] = {{"weir", "p/t/s/20260101T000000Z-abcd/x"}};
static struct pair app_tag[] = {{"weir", "p/t/x"}};
static const char *in_a[] = {"a"};

/* Run i is one minute older than run i - 1; odd ones failed; all but every third are ours. */
static int set_up(void **state)
{
	(void)state;
	memset(&S, 0, sizeof S);
	for (size_t i = 0; i < RUNS; i++)
		S.runs[i] = (struct run){.id = arena_printf(&S.arena, "r%02zu", i),
			.application_id = arena_printf(&S.arena, "app%02zu", i / 2),
			.compartment_id = "a",
			.lifecycle_state = i % 2 ? "FAILED" : "SUCCEEDED",
			.time_created =
				arena_printf(&S.arena, "2026-01-01T00:%02zu:00.000Z", 59 - i),
			.run_duration_in_milliseconds = {true, (int64_t)i * 1000},
			.freeform_tags = {i % 3 == 2 ? NULL : ours, i % 3 == 2 ? 0 : 1}};
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	arena_clear(&S.arena);
	return 0;
}

static const char *ids(const struct runs *runs)
{
	buf_auto out = {0};
	for (size_t i = 0; i < runs->n; i++)
		buf_printf(&out, "%s ", runs->v[i]->id);
	return arena_strdup(&S.arena, buf_str(&out));
}

static const char *list(struct list_query q)
{
	struct runs runs = {0};
	struct err err = {0};
	q.compartments = q.compartments.n ? q.compartments : (struct strs){in_a, 1};
	q.sort = q.sort ? q.sort : "time_created";
	S.pages = 0;
	assert_true(list_runs(NULL, &q, &runs, &err));
	return ids(&runs);
}

static void test_no_more_than_is_wanted(void **state)
{
	(void)state;
	assert_string_equal(list((struct list_query){.limit = 2}), "r00 r01 ");
	assert_int_equal(S.pages, 1);
	assert_string_equal(
		list((struct list_query){.limit = 4, .owner = "p/t"}), "r00 r01 r03 r04 ");
	assert_int_equal(S.pages, 2);
	assert_string_equal(list((struct list_query){.limit = 2, .reverse = true}), "r11 r10 ");
	assert_int_equal(S.pages, 1);
	list((struct list_query){0});
	assert_int_equal(S.pages, RUNS / PAGE);
	assert_string_equal(list((struct list_query){.limit = 2, .owner = "p/other"}), "");
}

/* One filter goes to the service, the other is weir's; the time ends the reading. */
static void test_filters(void **state)
{
	(void)state;
	static const char *failed[] = {"FAILED"}, *both[] = {"FAILED", "SUCCEEDED"};
	int64_t since = text_time_ms("2026-01-01T00:56:00Z");
	assert_string_equal(list((struct list_query){.since = since}), "r00 r01 r02 r03 ");
	assert_string_equal(S.filter, "timeCreatedGreaterThan");
	assert_string_equal(S.value, "2026-01-01T00:55:59.999Z");
	assert_string_equal(
		list((struct list_query){.since = since, .states = {failed, 1}}), "r01 r03 ");
	assert_string_equal(S.filter, "lifecycleState");
	assert_int_equal(S.pages, 1);
	assert_string_equal(
		list((struct list_query){.states = {both, 2}, .limit = 3}), "r00 r01 r02 ");
}

/* What a service gives in another order than asked for is read to its end, and sorted here. */
static void test_a_service_with_its_own_order(void **state)
{
	(void)state;
	S.own_order = true;
	assert_string_equal(list((struct list_query){.limit = 2}), "r00 r01 ");
	assert_int_equal(S.pages, RUNS / PAGE);
	int64_t since = text_time_ms("2026-01-01T00:58:00Z");
	static const char *failed[] = {"FAILED"};
	assert_string_equal(
		list((struct list_query){.since = since, .states = {failed, 1}}), "r01 ");
}

static void make_apps(size_t n)
{
	for (size_t i = 0; i < n; i++)
		S.apps[i] = (struct application){.id = arena_printf(&S.arena, "app%02zu", i),
			.compartment_id = "a",
			.lifecycle_state = "ACTIVE",
			.time_created = "2026-01-01T00:00:00.000Z",
			.time_updated = "2026-01-01T00:00:00.000Z",
			.freeform_tags = {app_tag, 1}};
	S.apps_n = n;
}

static void test_a_service_that_sorts_only_what_is_not_filtered(void **state)
{
	(void)state;
	static const char *failed[] = {"FAILED"};
	struct listed_apps apps = {0};
	struct err err = {0};
	S.counts_sorting = true;
	assert_string_equal(
		list((struct list_query){.limit = 2, .states = {failed, 1}}), "r01 r03 ");
	assert_int_equal(S.pages, 3); /* one is refused, then all that failed */
	make_apps(8);
	struct list_query q = {.compartments = {in_a, 1}, .sort = "last_run"};
	assert_true(list_apps(NULL, &q, &apps, &err));
	for (size_t i = 0; i < 8; i++)
		assert_ptr_equal(apps.v[i].last_run, i < 6 ? &S.runs[2 * i] : NULL);
}

static void test_orders(void **state)
{
	(void)state;
	assert_string_equal(
		list((struct list_query){.sort = "run_duration_in_milliseconds", .limit = 1}),
		"r11 ");
	S.runs[5].display_name = "b";
	S.runs[7].display_name = "a";
	assert_string_equal(
		list((struct list_query){.sort = "display_name", .limit = 3}), "r07 r05 r00 ");
	assert_int_equal(S.pages, RUNS / PAGE);
}

static void test_last_runs(void **state)
{
	(void)state;
	struct listed_apps apps = {0};
	struct err err = {0};
	struct list_query q = {.compartments = {in_a, 1}, .sort = "last_run"};
	make_apps(8);
	assert_true(list_apps(NULL, &q, &apps, &err));
	assert_int_equal(apps.n, 8);
	for (size_t i = 0; i < 8; i++) {
		assert_string_equal(apps.v[i].app->id, arena_printf(&S.arena, "app%02zu", i));
		assert_ptr_equal(apps.v[i].last_run, i < 6 ? &S.runs[2 * i] : NULL);
	}
	/* The first page has two of them; the rest were asked for singly. */
	assert_int_equal(S.singles, 6);
	/* The most recent ones alone need no more than that page. */
	S.pages = S.singles = 0;
	q.limit = 2;
	assert_true(list_apps(NULL, &q, &apps, &err));
	assert_int_equal(apps.n, 2);
	assert_int_equal(S.pages, 1);
	/* Many that have not run: all pages are read, nobody is asked for singly. */
	S.pages = S.singles = 0;
	q.limit = 0;
	make_apps(APPS);
	assert_true(list_apps(NULL, &q, &apps, &err));
	assert_int_equal(S.pages, RUNS / PAGE);
	assert_int_equal(S.singles, 0);
	assert_ptr_equal(apps.v[5].last_run, &S.runs[10]);
	assert_null(apps.v[6].last_run);
}

static void test_runs_of_another_compartment(void **state)
{
	(void)state;
	static const char *in_b[] = {"b"};
	struct listed_apps apps = {0};
	struct err err = {0};
	struct list_query q = {.compartments = {in_a, 1}, .runs_in = {in_b, 1}, .sort = "last_run"};
	make_apps(2);
	S.runs[0].compartment_id = "b";
	assert_true(list_apps(NULL, &q, &apps, &err));
	assert_ptr_equal(apps.v[0].last_run, &S.runs[0]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
		TEST(test_no_more_than_is_wanted),
		TEST(test_filters),
		TEST(test_a_service_with_its_own_order),
		TEST(test_a_service_that_sorts_only_what_is_not_filtered),
		TEST(test_orders),
		TEST(test_last_runs),
		TEST(test_runs_of_another_compartment),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
