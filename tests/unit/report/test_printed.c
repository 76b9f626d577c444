#include "report/printed.h"

#include "../unit.h"

#define LOGGED "24/01/31 09:00:00 WARN X: y\n"

static void is(enum printed_form form, const char *log, const char *out, size_t kept, size_t logged,
	size_t unfit)
{
	buf_auto got = {0};
	struct printed_count n = printed(form, log, strlen(log), &got);
	assert_string_equal(buf_str(&got), out);
	assert_int_equal(n.kept, kept);
	assert_int_equal(n.logged, logged);
	assert_int_equal(n.unfit, unfit);
}

static void test_raw(void **state)
{
	(void)state;
	is(PRINTED_RAW, "", "", 0, 0, 0);
	is(PRINTED_RAW, LOGGED "a\n\nb\r\n" LOGGED "c", "a\n\nb\r\nc", 4, 2, 0);
}

static void test_jsonl(void **state)
{
	(void)state;
	is(PRINTED_JSONL,
		LOGGED
		"  {\"b\": 1.50, \"a\": [\"\\u00e9\"]} \r\n[1,2]\n\nrows: 3\n7\n\"x\"\n{\"a\":NaN}\n"
		"{\"a\":1} trailing\n{\"a\":\n{}",
		"{\"b\": 1.50, \"a\": [\"\\u00e9\"]}\n[1,2]\n{}\n", 3, 1, 6);
}

static void test_csv_of_objects(void **state)
{
	(void)state;
	is(PRINTED_CSV,
		"{\"a\":1,\"b\":\"x,y\"}\n" LOGGED
		"{\"c\":null,\"a\":true,\"d\":{\"e\":[1]}}\n[1]\nsaid\n{}\n",
		"a,b,c,d\r\n1,\"x,y\",,\r\ntrue,,,\"{\"\"e\"\":[1]}\"\r\n,,,\r\n", 3, 1, 2);
}

static void test_csv_passed_through(void **state)
{
	(void)state;
	is(PRINTED_CSV,
		"begun\n" LOGGED "name,n\r\n\"a, \"\"b\"\"\",1\n\"two\nlines\",2\n1,2,3\nc,\"\"\n",
		"name,n\r\n\"a, \"\"b\"\"\",1\r\n\"two\nlines\",2\r\nc,\"\"\r\n", 4, 1, 2);
	is(PRINTED_CSV, "n\n1\n2\n", "n\r\n1\r\n2\r\n", 3, 0, 0);
	is(PRINTED_CSV, "", "", 0, 0, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_raw),
		cmocka_unit_test(test_jsonl),
		cmocka_unit_test(test_csv_of_objects),
		cmocka_unit_test(test_csv_passed_through),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
