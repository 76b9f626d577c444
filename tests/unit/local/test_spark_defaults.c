#include "../unit.h"

#include "local/runner/spark_defaults.h"

#include "base/fs.h"

#include <stdlib.h>
#include <string.h>

static void test_each_form_of_a_line(void **state)
{
	(void)state;
	arena_auto a = {0};
	struct pairs pairs;
	struct err err;
	assert_true(spark_defaults_parse(
		"# what\n\nspark.a  b c \nspark.d=e=f\r\n\t spark.g = h\n  # no\n"
		"spark.i=#j",
		&a, &pairs, &err));
	assert_int_equal(pairs.n, 4);
	static const char *const expected[][2] = {
		{"spark.a", "b c"}, {"spark.d", "e=f"}, {"spark.g", "h"}, {"spark.i", "#j"}};
	for (size_t i = 0; i < 4; i++) {
		assert_string_equal(pairs.v[i].name, expected[i][0]);
		assert_string_equal(pairs.v[i].value, expected[i][1]);
	}
}

static void test_lines_that_are_wrong(void **state)
{
	(void)state;
	static const char *const bad[] = {"\nspark.a", "\nspark.a ",
		"\nspark.a =", "\nfs.oci.impl x", "\n= x", "spark.a b\nspark.a c"};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		arena_auto a = {0};
		struct pairs pairs;
		struct err err;
		if (spark_defaults_parse(bad[i], &a, &pairs, &err))
			fail_msg("taken: %s", bad[i]);
		assert_non_null(strstr(err.text, "line 2"));
	}
}

static void test_the_file_of_a_home(void **state)
{
	(void)state;
	arena_auto a = {0};
	struct pairs pairs;
	struct err err;
	char folder[] = "/tmp/weir-defaults-XXXXXX";
	assert_non_null(mkdtemp(folder));
	const char *path = fs_join(&a, folder, SPARK_DEFAULTS_NAME);
	assert_true(spark_defaults_read(folder, &a, &pairs, &err));
	assert_int_equal(pairs.n, 0);
	assert_true(fs_write(path, "spark.a b\n", 10, 0600, &err));
	assert_true(spark_defaults_read(folder, &a, &pairs, &err));
	assert_int_equal(pairs.n, 1);
	assert_true(fs_write(path, "b\n", 2, 0600, &err));
	assert_false(spark_defaults_read(folder, &a, &pairs, &err));
	assert_non_null(strstr(err.text, path));
	fs_remove_tree(folder, &err);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_form_of_a_line),
		cmocka_unit_test(test_lines_that_are_wrong),
		cmocka_unit_test(test_the_file_of_a_home),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
