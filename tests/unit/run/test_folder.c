/* The names of a run's folder and of the files in it, and whose a folder is. */
#include "../unit.h"
#include "base/fs.h"
#include "base/text.h"
#include "run/folder.h"
#include "run/save.h"

#include <stdlib.h>

static struct arena arena;
static char base[] = "/tmp/weir-folder-XXXXXX";

static int set_up(void **state)
{
	(void)state;
	strcpy(base + strlen(base) - 6, "XXXXXX");
	return mkdtemp(base) ? 0 : 1;
}

static int tear_down(void **state)
{
	(void)state;
	struct err err;
	fs_remove_tree(base, &err);
	arena_clear(&arena);
	return 0;
}

static struct run run_called(const char *name, const char *id)
{
	return (struct run){.id = id,
		.display_name = name,
		.application_id = "ocid1.dataflowapplication.oc1.iad.anwabcdef",
		.time_created = "2026-11-20T15:36:39.123Z"};
}

static void test_names(void **state)
{
	(void)state;
	struct run run = run_called("copy-1", "r1");
	assert_string_equal(folder_of_run(&arena, &run), "copy-1-20261120T153639.123Z");
	assert_string_equal(
		folder_of_application(&arena, "copy", run.application_id), "copy-abcdef");
	assert_string_equal(
		folder_of_application(&arena, NULL, run.application_id), "application-abcdef");
	run.time_created = "soon";
	run.display_name = "..";
	assert_string_equal(folder_of_run(&arena, &run), "_.-unknown");
}

static void test_long_names_are_cut_between_characters(void **state)
{
	(void)state;
	char name[1024];
	for (size_t i = 0; i < 1000; i += 2)
		memcpy(name + i, "\xc3\xa9", 3);
	struct run run = run_called(name, "r1");
	const char *made = folder_of_run(&arena, &run);
	assert_in_range(strlen(made), 254, 255);
	assert_true(text_is_utf8(made, strlen(made)));
	assert_true(text_ends(made, "-20261120T153639.123Z"));
}

static void put_record(const char *path, const char *json)
{
	struct err err;
	assert_true(fs_mkdirs(path, 0700, &err));
	assert_true(fs_write(fs_join(&arena, path, FOLDER_RECORD), json, strlen(json), 0600, &err));
}

static void test_a_folder_is_its_runs(void **state)
{
	(void)state;
	struct run one = run_called("same", "ocid1.run.one111"),
		   two = run_called("same", "ocid1.run.two222");
	struct folder first, again, second;
	struct err err;
	assert_true(folder_claim(&arena, base, "copy", &one, &first, &err));
	assert_null(first.record);
	put_record(first.path, "{\"id\": \"ocid1.run.one111\"}");
	assert_true(folder_claim(&arena, base, "copy", &one, &again, &err));
	assert_string_equal(again.path, first.path);
	assert_string_equal(node_get_str(again.record, "id"), one.id);
	assert_true(folder_claim(&arena, base, "copy", &two, &second, &err));
	assert_string_equal(second.path, arena_printf(&arena, "%s-two222", first.path));
	/* The application was renamed since. */
	assert_true(folder_claim(&arena, base, "renamed", &one, &again, &err));
	assert_string_equal(again.path, first.path);
	folder_find(&arena, base, &two, &again);
	assert_null(again.path);
}

static void test_what_is_no_runs_is_left_alone(void **state)
{
	(void)state;
	struct run run = run_called("mine", "ocid1.run.one111");
	struct folder folder;
	struct err err;
	const char *path =
		arena_printf(&arena, "%s/copy-abcdef/%s", base, folder_of_run(&arena, &run));
	assert_true(fs_mkdirs(path, 0700, &err));
	assert_true(folder_claim(&arena, base, "copy", &run, &folder, &err));
	assert_string_equal(folder.path, path);
	assert_true(fs_write(fs_join(&arena, path, "notes"), "x", 1, 0600, &err));
	assert_false(folder_claim(&arena, base, "copy", &run, &folder, &err));
	assert_int_equal(err.kind, ERR_IO);
	assert_has(err.text, "holds other files");
	static const char *const wrong[] = {"", "[]", "{", "{\"id\": 1}"};
	for (size_t i = 0; i < 4; i++) {
		put_record(path, wrong[i]);
		folder_find(&arena, base, &run, &folder);
		assert_null(folder.path);
	}
}

static void test_names_of_files(void **state)
{
	(void)state;
	assert_string_equal(save_script_name(&arena, "weir/p/t/scripts/a b.py"), "a b.py");
	assert_string_equal(save_script_name(&arena, "x/run.json"), "script-run.json");
	assert_string_equal(save_script_name(&arena, "x/stdout.log"), "script-stdout.log");
	assert_string_equal(save_script_name(&arena, ".."), "_.");
	assert_string_equal(save_script_name(&arena, "x/"), "_");
	static const struct {
		struct run_log log;
		const char *file;
	} logs[] = {
		{{.name = "spark_application_stdout.log.gz",
			 .source = "APPLICATION",
			 .type = "STDOUT"},
			"stdout.log"},
		{{.name = "spark_application_stderr.log.gz",
			 .source = "APPLICATION",
			 .type = "STDERR"},
			"stderr.log"},
		{{.name = "spark_driver_stdout_20260101T000000Z.log.gz",
			 .source = "DRIVER",
			 .type = "STDOUT"},
			"spark_driver_stdout_20260101T000000Z.log"},
		{{.name = "stdout.log", .source = "EXECUTOR", .type = "STDOUT"},
			"executor-stdout.log"},
		{{.name = "run.json", .source = "DRIVER", .type = "STDOUT"}, "run.json.log"},
		{{.name = "../../x", .source = "DRIVER", .type = "STDOUT"}, "_._.._x.log"},
		{{.name = "again", .source = "APPLICATION", .type = "STDOUT"}, "again.log"},
		{{.name = "again.log", .source = "DRIVER", .type = "STDOUT"}, "7-again.log"},
	};
	const char *taken[8];
	for (size_t i = 0; i < 8; i++) {
		taken[i] = save_log_name(&arena, &logs[i].log, taken, i);
		assert_string_equal(taken[i], logs[i].file);
	}
}

static void test_what_was_hidden_stays_hidden(void **state)
{
	(void)state;
	struct err err;
	const char now[] =
		"{\"a\":\"x\",\"m\":{\"p\":\"secret\",\"q\":\"y\"},\"l\":[\"pre secret\",\"z\"]}";
	const char was[] =
		"{\"a\":\"w\",\"m\":{\"p\":\"(sensitive)\"},\"l\":[\"pre (sensitive)\"]}";
	buf_auto out = {0};
	node_to_json(save_keep_hidden(&arena, node_from_json(&arena, now, strlen(now), &err),
			     node_from_json(&arena, was, strlen(was), &err)),
		NODE_JSON_COMPACT, &out);
	assert_string_equal(buf_str(&out),
		"{\"a\":\"x\",\"m\":{\"p\":\"(sensitive)\",\"q\":\"y\"},\"l\":[\"pre (sensitive)\",\"z\"]}");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
		TEST(test_names),
		TEST(test_long_names_are_cut_between_characters),
		TEST(test_a_folder_is_its_runs),
		TEST(test_what_is_no_runs_is_left_alone),
		TEST(test_names_of_files),
		TEST(test_what_was_hidden_stays_hidden),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
