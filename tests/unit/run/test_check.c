/* What holds of what was printed, of objects and of a manifest; e2e/test_checks has the rest. */
#include "../unit.h"

#include "base/map.h"
#include "run/check.h"

static struct arena A;

static int clear(void **state)
{
	(void)state;
	arena_clear(&A);
	return 0;
}

static const char *printed_is(struct printed_check want, const char *text, bool ok)
{
	const char *said = "";
	if (check_printed(&want, text, strlen(text), &A, &said) != ok)
		fail_msg("not %d: %s", ok, said);
	return said;
}

static void paths_lead_to_values(void **state)
{
	(void)state;
	struct pair v[] = {{"a.1.b", "2.0"}, {"s", "true"}, {"n", "null"}, {"l", "[1,2]"}};
	struct printed_check want = {.json = {v, 4}};
	printed_is(want,
		"{\"a\":0}\n{\"a\":[0,{\"b\":2}],\"s\":\"true\",\"n\":null,\"l\":[1,2]}\nnot {JSON\n",
		true);
	assert_string_equal(printed_is(want, "{\"a\":[0,{\"b\":\"two\"}]}", false),
		"expected a.1.b = 2.0, found two");
	assert_has(printed_is(want, "{\"a\":[0]}", false), "which has no a.1.b");
	assert_has(printed_is(want, "", false), "it printed nothing");
	assert_has(printed_is(want, "done\n\n", false), "its last line is `done`");
}

static void what_is_found_is_shown_short_and_escaped(void **state)
{
	(void)state;
	char text[2000];
	memset(text, 'x', sizeof text);
	memcpy(text, "\x1b[31m", 5);
	text[sizeof text - 1] = '\0';
	const char *said = printed_is((struct printed_check){.contains = "y"}, text, false);
	assert_lacks(said, "\x1b");
	assert_true(strlen(said) < 400);
}

static void texts_that_no_log_has(void **state)
{
	(void)state;
	const char *v[] = {"$<vault.ocid1.vaultsecret.oc1..a>", "plain"};
	struct pair value = {v[0], "two\nlines"};
	struct strs texts = {v, 2};
	struct pairs secrets = {&value, 1};
	const char *said = "";
#define IS_IN(text) (!check_not_logged(&texts, &secrets, "a.log", text, strlen(text), &A, &said))
	assert_false(IS_IN(""));
	assert_false(IS_IN("one\ntwo\nline"));
	/* A reference is not looked for, only what it stands for. */
	assert_false(IS_IN("$<vault.ocid1.vaultsecret.oc1..a>"));
	assert_true(IS_IN("0\n1\nxtwo\nlinesx"));
	assert_string_equal(said, "`$<vault.ocid1.vaultsecret.oc1..a>` is in a.log, line 3");
	assert_true(IS_IN("is plain"));
	assert_string_equal(said, "`plain` is in a.log, line 1");
#undef IS_IN
}

static const char *objects_are(struct check_decl want, uint64_t count, uint64_t bytes, bool ok)
{
	const char *said = "";
	struct check_found found = {"oci://b@n/p/", count, bytes};
	if (check_objects(&want, &found, &A, &said) != ok)
		fail_msg("not %d: %s", ok, said);
	return said;
}

static void counts_of_objects(void **state)
{
	(void)state;
	assert_string_equal(
		objects_are((struct check_decl){0}, 1, 7, true), "1 object of 7 bytes in all");
	objects_are((struct check_decl){0}, 0, 0, false);
	objects_are((struct check_decl){.exists = {true, true}}, 0, 0, false);
	objects_are((struct check_decl){.exists = {true, false}}, 0, 0, true);
	objects_are((struct check_decl){.count = {true, 0}}, 0, 0, true);
	objects_are((struct check_decl){.max_count = {true, 2}}, 0, 0, true);
	objects_are((struct check_decl){.max_count = {true, 2}}, 3, 0, false);
	objects_are((struct check_decl){.min_count = {true, 2}}, 1, 9, false);
	objects_are((struct check_decl){.min_bytes = {true, 10}}, 2, 10, true);
	objects_are((struct check_decl){.min_bytes = {true, 1}}, 0, 0, false);
	objects_are((struct check_decl){.max_bytes = {true, 9}}, 2, 10, false);
}

static void a_manifest(void **state)
{
	(void)state;
	struct map objects = {.arena = &A};
	struct check_object one = {1, "AA=="}, in_parts = {2, NULL};
	struct err err;
	const char *said;
	bool ok;
#define MANIFEST(text) check_manifest(text, strlen(text), &objects, &A, &ok, &said, &err)
	map_put(&objects, "p/1", &one);
	map_put(&objects, "p/2", &in_parts);
	assert_true(MANIFEST("{\"name\":\"p/1\",\"size\":1,\"md5\":\"AA==\"}\r\n\n"
			     "{\"name\":\"p/2\",\"size\":2,\"md5\":\"BB==\"}\n{\"summary\":1}"));
	assert_true(ok);
	assert_string_equal(said, "2 objects are as it says, 1 of them compared by size alone");
	assert_true(MANIFEST(
		"{\"name\":\"p/1\",\"size\":1,\"md5\":\"CC==\"}\n{\"name\":\"p/3\",\"size\":1}"));
	assert_false(ok);
	assert_string_equal(said,
		"of 2 objects in it 2 differ: p/1 has the MD5 AA==, not CC==; p/3 is not there");
	assert_true(MANIFEST(""));
	assert_false(ok);
	assert_false(MANIFEST("{\"name\":\"p/1\",\"size\":1}\n{\"name\":\"p/2\"}"));
	assert_has(err.text, "line 2 is no object with a `name` and a `size`");
	assert_false(MANIFEST("[]"));
	assert_false(MANIFEST("{\"name\":\"p/1\",\"size\":\"1\"}"));
#undef MANIFEST
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(paths_lead_to_values, clear),
		cmocka_unit_test_teardown(what_is_found_is_shown_short_and_escaped, clear),
		cmocka_unit_test_teardown(texts_that_no_log_has, clear),
		cmocka_unit_test_teardown(counts_of_objects, clear),
		cmocka_unit_test_teardown(a_manifest, clear),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
