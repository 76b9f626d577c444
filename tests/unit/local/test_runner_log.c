#include "../unit.h"

#include "local/runner/runner_log.h"

#include "base/fs.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

static char path[] = "/tmp/weir-log-XXXXXX";

static int setup(void **state)
{
	(void)state;
	int fd = mkstemp(path);
	return fd < 0 || close(fd);
}

static int teardown(void **state)
{
	(void)state;
	return unlink(path);
}

static void log_of(uint64_t max, const char *text, struct buf *out)
{
	struct runner_log l;
	struct err err;
	assert_true(runner_log_open(&l, path, max, &err));
	/* In pieces that do not fit the limit evenly. */
	for (size_t at = 0, len = strlen(text); at < len; at += 7)
		runner_log_add(&l, text + at, len - at < 7 ? len - at : 7);
	runner_log_close(&l);
	assert_true(fs_read(path, out, &err));
}

static void test_within_the_limit_is_kept_as_it_is(void **state)
{
	(void)state;
	buf_auto out = {0};
	log_of(20, "exactly twenty bytes", &out);
	assert_string_equal(buf_str(&out), "exactly twenty bytes");
}

static void test_beyond_it_head_and_tail_are_kept(void **state)
{
	(void)state;
	buf_auto out = {0}, big = {0};
	log_of(10, "0123456789abcdef", &out);
	assert_string_equal(buf_str(&out),
		"0123456789\n[weir-local: the log is larger than 10 bytes; 0 bytes are left out here]\nabcdef");

	buf_truncate(&out, 0);
	for (int i = 0; i < 20000; i++)
		buf_printf(&big, "line %d\n", i);
	log_of(100, buf_str(&big), &out);
	size_t dropped = big.len - 100 - RUNNER_LOG_TAIL;
	arena_auto a = {0};
	const char *note = arena_printf(&a, "; %zu bytes are left out here]\n", dropped);
	char *at = strstr(buf_str(&out), note);
	assert_non_null(at);
	assert_memory_equal(out.data, big.data, 100);
	assert_string_equal(at + strlen(note), big.data + big.len - RUNNER_LOG_TAIL);
}

static void test_take_from_a_pipe(void **state)
{
	(void)state;
	struct runner_log l;
	struct err err;
	int ends[2];
	buf_auto out = {0};
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(write(ends[1], "hello", 5), 5);
	close(ends[1]);
	assert_true(runner_log_open(&l, path, 100, &err));
	assert_true(runner_log_take(&l, ends[0]));
	assert_false(runner_log_take(&l, ends[0]));
	close(ends[0]);
	runner_log_close(&l);
	assert_true(fs_read(path, &out, &err));
	assert_string_equal(buf_str(&out), "hello");
}

static size_t gunzip(const struct buf *in, char *out, size_t size)
{
	z_stream z = {.next_in = (unsigned char *)in->data, .avail_in = (uInt)in->len};
	z.next_out = (unsigned char *)out;
	z.avail_out = (uInt)size;
	assert_int_equal(inflateInit2(&z, 15 + 16), Z_OK);
	assert_int_equal(inflate(&z, Z_FINISH), Z_STREAM_END);
	size_t n = size - z.avail_out;
	inflateEnd(&z);
	return n;
}

static void test_gzip(void **state)
{
	(void)state;
	buf_auto text = {0}, packed = {0};
	struct err err;
	for (int i = 0; i < 30000; i++)
		buf_printf(&text, "%d ", i * 7919);
	assert_true(fs_write(path, text.data, text.len, 0600, &err));
	assert_true(runner_log_gzip(path, &packed, &err));
	char *back = xalloc(text.len + 1);
	assert_int_equal(gunzip(&packed, back, text.len + 1), text.len);
	assert_memory_equal(back, text.data, text.len);
	free(back);

	char none[8];
	buf_truncate(&packed, 0);
	assert_true(runner_log_gzip("/tmp/no-such-log", &packed, &err));
	assert_int_equal(gunzip(&packed, none, sizeof none), 0);
}

static void error_is(const char *text, const char *expected)
{
	arena_auto a = {0};
	struct err err;
	assert_true(fs_write(path, text, strlen(text), 0600, &err));
	char *got = runner_log_error(&a, path);
	if (expected)
		assert_string_equal(got, expected);
	else
		assert_null(got);
}

static void test_line_that_tells_the_error(void **state)
{
	(void)state;
	error_is(
		"Traceback (most recent call last):\n  File \"x.py\", line 1\nValueError: bad day\n",
		"ValueError: bad day");
	error_is(
		"pyspark.errors.exceptions.captured.AnalysisException: [PATH_NOT_FOUND] Path does not "
		"exist: oci://a@b/c.\n\tat org.x.Y\nbye\n",
		"pyspark.errors.exceptions.captured.AnalysisException: [PATH_NOT_FOUND] Path does not "
		"exist: oci://a@b/c.");
	error_is(
		"Exception in thread \"main\" java.lang.RuntimeException: no\n\tat Main.main(Main.java:3)\n",
		"Exception in thread \"main\" java.lang.RuntimeException: no");
	error_is(
		"\n[PARSE_SYNTAX_ERROR] Syntax error at or near 'SELEC'.(line 1, pos 0)\n\n== SQL ==\n",
		"[PARSE_SYNTAX_ERROR] Syntax error at or near 'SELEC'.(line 1, pos 0)");
	error_is("[UNRESOLVED_COLUMN.WITHOUT_SUGGESTION] A column\n",
		"[UNRESOLVED_COLUMN.WITHOUT_SUGGESTION] A column");
	error_is("[INFO] fine\n", NULL);
	error_is("KeyError: 'a'\nlater\nTypeError: b\n", "TypeError: b");
	error_is("KeyboardInterrupt\n", "KeyboardInterrupt");
	error_is("all is well\n 0 errors\nerror free\n", NULL);
	error_is("", NULL);
}

static void test_error_is_one_short_safe_line(void **state)
{
	(void)state;
	error_is("ValueError: \x1b[31mred\n", "ValueError: \\x1B[31mred");
	arena_auto a = {0};
	struct err err;
	buf_auto text = {0};
	buf_adds(&text, "ValueError: ");
	for (int i = 0; i < 1000; i++)
		buf_adds(&text, "\u00e9");
	assert_true(fs_write(path, text.data, text.len, 0600, &err));
	char *got = runner_log_error(&a, path);
	assert_true(strlen(got) <= 403);
	assert_string_equal(got + strlen(got) - 5, "\u00e9...");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_within_the_limit_is_kept_as_it_is),
		cmocka_unit_test(test_beyond_it_head_and_tail_are_kept),
		cmocka_unit_test(test_take_from_a_pipe),
		cmocka_unit_test(test_gzip),
		cmocka_unit_test(test_line_that_tells_the_error),
		cmocka_unit_test(test_error_is_one_short_safe_line),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
