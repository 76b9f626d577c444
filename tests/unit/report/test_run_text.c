#include "report/run_text.h"

#include "report/run_json.h"
#include "report/table.h"

#include "../unit.h"

#include <locale.h>

enum { NOW = 1763652999 };
#define NOW_MS ((int64_t)NOW * 1000) /* 2025-11-20T15:36:39Z */

static struct pair tag[] = {{"weir", "flights/local/daily/20251120T153000Z-abcd/ingest"}};
static const struct run done = {
	.id = "ocid1.dataflowrun.oc1..one",
	.display_name = "flights-ingest-1",
	.lifecycle_state = "SUCCEEDED",
	.run_duration_in_milliseconds = {true, 31900},
	.time_created = "2025-11-20T15:30:00.000Z",
	.freeform_tags = {tag, 1},
};
static const struct run going = {
	.id = "ocid1.dataflowrun.oc1..two",
	.display_name = "flights\033[2Jdelays",
	.lifecycle_state = "IN_PROGRESS",
	.time_created = "2025-11-20T15:35:39.5Z",
};
static const struct run_step steps[] = {
	{.name = "ingest"}, {.name = "delays"}, {.name = "routes"}, {.name = "last"}};
static const struct run_result results[] = {
	{.state = RUN_ENDED, .run = &done},
	{.state = RUN_LAUNCHED, .run = &going},
	{.state = RUN_NOT_LAUNCHED},
	{.state = RUN_ERROR, .err = {.kind = ERR_NETWORK, .text = "no"}},
};

static void test_steps(void **state)
{
	(void)state;
	arena_auto a = {0};
	buf_auto out = {0};
	run_text_steps(steps, results, 4, NOW_MS, 0, &a, &out);
	assert_string_equal(out.data,
		"STEP    STATE          TIME  RUN                   OCID\n"
		"ingest  SUCCEEDED     31.9s  flights-ingest-1      ocid1.dataflowrun.oc1..one\n"
		"delays  IN_PROGRESS   59.5s  flights\\x1B[2Jdelays  ocid1.dataflowrun.oc1..two\n"
		"routes  NOT_LAUNCHED      -  -                     -\n"
		"last    ERROR             -  -                     -\n");
}

static void test_width_of_a_terminal(void **state)
{
	(void)state;
	arena_auto a = {0};
	buf_auto out = {0};
	run_text_steps(steps, results, 4, NOW_MS, 60, &a, &out);
	for (const char *line = out.data, *end; *line; line = end + 1) {
		end = strchr(line, '\n');
		assert_true(end - line <= 60);
	}
	assert_has(out.data, "flights-ingest-1");
	assert_lacks(out.data, "oc1..one");
}

static void test_runs(void **state)
{
	(void)state;
	arena_auto a = {0};
	buf_auto out = {0};
	const struct run *v[] = {&going, &done};
	run_text_runs(&(struct runs){v, 2, 2}, false, NOW_MS, 0, &a, &out);
	assert_has(out.data, "daily/ingest");
	assert_has(out.data, "ocid1.dataflowrun.oc1..one\n");
	assert_has(out.data, "2025-11-20 15:30:00");
	assert_lacks(out.data, "flights/local");
	buf_truncate(&out, 0);
	run_text_runs(&(struct runs){v, 2, 2}, true, NOW_MS, 0, &a, &out);
	assert_has(out.data, "flights/local/daily/ingest");
	buf_truncate(&out, 0);
	run_text_runs(&(struct runs){0}, false, NOW_MS, 0, &a, &out);
	assert_int_equal(out.len, 0);
}

/* What would be too little to read is left out, and the rest fits. */
static void test_columns_give_way(void **state)
{
	(void)state;
	static struct pair of[] = {{"weir", "flights/local/ingest"}};
	struct application app = {.id = "ocid1.dataflowapplication.oc1..a",
		.display_name = "flights-ingest-of-every-day",
		.lifecycle_state = "ACTIVE",
		.language = "PYTHON",
		.spark_version = "3.5.0",
		.time_updated = "2025-11-20T15:30:00Z",
		.freeform_tags = {of, 1}};
	struct listed_app v[] = {{&app, &done}, {&app, NULL}};
	struct listed_apps apps = {v, 2, 2};
	arena_auto a = {0};
	static const struct {
		int width;
		const char *has, *lacks;
	} at[] = {{0, "UPDATED", "\033"}, {130, "UPDATED", "\033"}, {100, "SPARK", "UPDATED"},
		{80, "AT (UTC)", "SPARK"}, {60, "LAST RUN", "AT (UTC)"}};
	for (size_t i = 0; i < sizeof at / sizeof *at; i++) {
		buf_auto out = {0};
		run_text_apps(&apps, false, at[i].width, &a, &out);
		assert_has(out.data, at[i].has);
		assert_lacks(out.data, at[i].lacks);
		for (const char *line = out.data, *end; at[i].width && *line; line = end + 1) {
			end = strchr(line, '\n');
			assert_true(end - line <= at[i].width);
		}
	}
}

static void test_one_run(void **state)
{
	(void)state;
	arena_auto a = {0};
	buf_auto out = {0};
	run_text_run(&done, &(struct run_place){"/d/x", "https://c"}, NOW_MS, &a, &out);
	assert_has(out.data, "lifecycle_state          SUCCEEDED\n");
	assert_has(out.data, "time                     31.9s\n");
	assert_has(out.data, "freeform_tags            {\"weir\":");
	buf_truncate(&out, 0);
	run_text_run(&going, &(struct run_place){0}, NOW_MS, &a, &out);
	assert_has(out.data, "flights\\x1B[2Jdelays");
}

static void test_apps(void **state)
{
	(void)state;
	arena_auto a = {0};
	buf_auto out = {0};
	struct pair ours[] = {{"weir", "flights/local/copy"}};
	struct application app = {.id = "ocid1.dataflowapplication.oc1..x",
		.display_name = "caf\xc3\xa9",
		.lifecycle_state = "ACTIVE",
		.language = "PYTHON",
		.spark_version = "3.5.0",
		.time_updated = "2025-11-20T15:30:00.000Z",
		.freeform_tags = {ours, 1}};
	struct listed_app v[] = {{&app, &done}};
	run_text_apps(&(struct listed_apps){v, 1, 1}, false, 0, &a, &out);
	assert_has(out.data,
		"copy  caf\xc3\xa9          ACTIVE  SUCCEEDED  2025-11-20 15:30:00  PYTHON    3.5.0  "
		"2025-11-20 15:30:00  ocid1.");
}

static void test_json(void **state)
{
	(void)state;
	arena_auto a = {0};
	buf_auto out = {0};
	struct run_json_head head = {"flights", "local", "daily", "i"};
	struct run_result with_log[4];
	memcpy(with_log, results, sizeof with_log);
	with_log[0].log_tail = "boom \"\x80\"";
	struct run_place places[4] = {{"/srv/dataflow/x", "https://cloud.oracle.com/y"}};
	node_to_json(
		run_json_steps(&head, steps, with_log, places, 4, &a), NODE_JSON_COMPACT, &out);
	struct err err;
	struct node *doc = node_from_json(&a, out.data, out.len, &err);
	assert_non_null(doc);
	const struct node *list = node_get(doc, "steps");
	assert_int_equal(list->u.seq.n, 4);
	assert_string_equal(node_get_str(list->u.seq.v[0], "name"), "ingest");
	assert_string_equal(node_get_str(node_get(list->u.seq.v[0], "run"), "id"), done.id);
	assert_has(node_get_str(list->u.seq.v[0], "log_tail"), "boom \"");
	assert_string_equal(node_get_str(list->u.seq.v[0], "folder"), places[0].folder);
	assert_string_equal(node_get_str(list->u.seq.v[0], "console"), places[0].console);
	assert_null(node_get(list->u.seq.v[1], "folder"));
	assert_string_equal(node_get_str(list->u.seq.v[2], "state"), "NOT_LAUNCHED");
	assert_null(node_get(list->u.seq.v[2], "run"));
	assert_string_equal(node_get_str(node_get(list->u.seq.v[3], "error"), "kind"), "network");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_steps),
		cmocka_unit_test(test_width_of_a_terminal),
		cmocka_unit_test(test_runs),
		cmocka_unit_test(test_columns_give_way),
		cmocka_unit_test(test_one_run),
		cmocka_unit_test(test_apps),
		cmocka_unit_test(test_json),
	};
	setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
