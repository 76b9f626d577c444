#include "../unit.h"
#include "base/text.h"

#include <stdlib.h>

static void comparisons(void **state)
{
	(void)state;
	assert_true(text_equal(NULL, NULL));
	assert_false(text_equal(NULL, ""));
	assert_false(text_equal("", NULL));
	assert_true(text_equal("a", "a"));
	assert_true(text_starts("abc", "ab"));
	assert_true(text_starts("abc", ""));
	assert_false(text_starts("ab", "abc"));
	assert_true(text_ends("abc", "bc"));
	assert_true(text_ends("", ""));
	assert_false(text_ends("bc", "abc"));
	assert_true(text_empty(NULL));
	assert_true(text_empty(""));
	assert_false(text_empty(" "));
}

static void base64_both_ways(void **state)
{
	(void)state;
	/* RFC 4648, section 10. */
	static const char *const vectors[][2] = {{"", ""}, {"f", "Zg=="}, {"fo", "Zm8="},
		{"foo", "Zm9v"}, {"foob", "Zm9vYg=="}, {"fooba", "Zm9vYmE="},
		{"foobar", "Zm9vYmFy"}};
	arena_auto a = {0};
	unsigned char *back;
	size_t n;
	for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++) {
		const char *plain = vectors[i][0], *coded = vectors[i][1];
		assert_string_equal(text_base64(&a, plain, strlen(plain)), coded);
		assert_true(text_unbase64(&a, coded, &back, &n));
		assert_int_equal(n, strlen(plain));
		assert_memory_equal(back, plain, n);
	}
	assert_string_equal(text_base64url(&a, "\xfb\xff\xfe", 3), "-__-");
	assert_string_equal(text_base64url(&a, "f", 1), "Zg");
	unsigned char all[256];
	for (size_t i = 0; i < 256; i++)
		all[i] = (unsigned char)i;
	for (size_t len = 0; len <= 256; len++) {
		assert_true(text_unbase64(&a, text_base64(&a, all, len), &back, &n));
		assert_int_equal(n, len);
		assert_memory_equal(back, all, len);
	}
}

static void bad_base64_is_refused(void **state)
{
	(void)state;
	static const char *const bad[] = {"Z", "Zg", "Zg=", "Zg===", "=", "====", "=Zg=", "Zg=a",
		"Zm9v ", " Zm9", "Zm9-", "Zm_v", "Zm9v\n", "Zh==", "Zm9=", "Z===", "Zg==Zg=="};
	arena_auto a = {0};
	unsigned char *back = NULL;
	size_t n = 99;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		if (text_unbase64(&a, bad[i], &back, &n))
			fail_msg("took %s", bad[i]);
		assert_null(back);
		assert_int_equal(n, 99);
	}
}

static void hex_is_lower_case(void **state)
{
	(void)state;
	arena_auto a = {0};
	assert_string_equal(text_hex(&a, "\x00\xff\x1a", 3), "00ff1a");
	assert_string_equal(text_hex(&a, "", 0), "");
}

static void percent_both_ways(void **state)
{
	(void)state;
	arena_auto a = {0};
	char *back;
	assert_string_equal(text_percent(&a, "aZ09-._~"), "aZ09-._~");
	assert_string_equal(text_percent(&a, "a/b c+%?\xc3\xa4"), "a%2Fb%20c%2B%25%3F%C3%A4");
	assert_string_equal(text_percent(&a, ""), "");
	assert_string_equal(text_percent(&a, "."), "%2E");
	assert_string_equal(text_percent(&a, ".."), "%2E%2E");
	assert_string_equal(text_percent(&a, "..."), "...");
	char all[256] = "";
	for (int i = 1; i < 256; i++)
		all[i - 1] = (char)i;
	const char *coded = text_percent(&a, all);
	assert_true(text_unpercent(&a, coded, strlen(coded), &back));
	assert_string_equal(back, all);
	assert_true(text_unpercent(&a, "a+b%2f%2F", 9, &back));
	assert_string_equal(back, "a+b//");
	assert_true(text_unpercent(&a, "%41%4", 3, &back));
	assert_string_equal(back, "A");
}

static void bad_percent_is_refused(void **state)
{
	(void)state;
	static const char *const bad[] = {
		"%", "%4", "a%", "%zz", "%4g", "%%41", "%00", "a%00b", "% 1", "%-1"};
	arena_auto a = {0};
	char *back = NULL;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		if (text_unpercent(&a, bad[i], strlen(bad[i]), &back))
			fail_msg("took %s", bad[i]);
	assert_false(text_unpercent(&a, "a\0b", 3, &back));
	assert_null(back);
}

static const char *escaped(struct arena *a, const char *s, size_t n, bool keep_lines)
{
	buf_auto b = {0};
	text_escape(&b, s, n, keep_lines);
	return arena_strdup(a, buf_str(&b));
}

static void escape_disarms(void **state)
{
	(void)state;
	arena_auto a = {0};
	assert_string_equal(
		escaped(&a, "plain \xc3\xa4\xe2\x82\xac", 11, false), "plain \xc3\xa4\xe2\x82\xac");
	assert_string_equal(escaped(&a, "\033[31m\x7f\r", 7, true), "\\x1B[31m\\x7F\\x0D");
	assert_string_equal(escaped(&a, "a\n\tb", 4, true), "a\n\tb");
	assert_string_equal(escaped(&a, "a\n\tb", 4, false), "a\\x0A\\x09b");
	assert_string_equal(escaped(&a, "\0", 1, true), "\\x00");
	assert_string_equal(escaped(&a, "\xff\xc3", 2, true), "\\xFF\\xC3");
	assert_string_equal(escaped(&a, "\xc2\x85", 2, true), "\\u{0085}");
	assert_string_equal(escaped(&a, "\xe2\x80\xae", 3, true), "\\u{202E}");
	assert_string_equal(escaped(&a, "\xe2\x81\xa6", 3, true), "\\u{2066}");
	/* An overlong "/" is no slash. */
	assert_string_equal(escaped(&a, "\xc0\xaf", 2, true), "\\xC0\\xAF");
}

static void utf8_is_strict(void **state)
{
	(void)state;
	static const char *const bad[] = {"\x80", "\xc3", "\xc0\x80", "\xc1\xbf", "\xe0\x80\x80",
		"\xe2\x82", "\xed\xa0\x80", "\xf0\x80\x80\x80", "\xf4\x90\x80\x80",
		"\xf5\x80\x80\x80", "\xff", "a\xc3(", "\xf8\x88\x80\x80\x80"};
	static const char *const good[] = {"", "a", "\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80",
		"\xed\x9f\xbf", "\xee\x80\x80", "\xef\xbf\xbf", "\xf0\x90\x80\x80",
		"\xf4\x8f\xbf\xbf"};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_false(text_is_utf8(bad[i], strlen(bad[i])));
	for (size_t i = 0; i < sizeof good / sizeof *good; i++)
		assert_true(text_is_utf8(good[i], strlen(good[i])));
	uint32_t code;
	assert_int_equal(text_utf8("\xe2\x82\xac", 3, &code), 3);
	assert_int_equal(code, 0x20ac);
	assert_int_equal(text_utf8("\xe2\x82\xac", 2, &code), 0);
	assert_int_equal(text_utf8("", 0, &code), 0);
}

static void json_strings(void **state)
{
	(void)state;
	buf_auto b = {0};
	text_json(&b, "a\"\\\n\t\x01/\xc3\xa4\xff", 10);
	assert_string_equal(buf_str(&b), "\"a\\\"\\\\\\n\\t\\u0001/\xc3\xa4\xef\xbf\xbd\"");
}

static void the_nearest_name(void **state)
{
	(void)state;
	static const char *const names[] = {
		"num_executors", "driver_shape", "executor_shape", "type", NULL};
	static const char *const languages[] = {"PYTHON", "SCALA", "JAVA", "SQL", NULL};
	static const char *const none[] = {NULL};
	assert_string_equal(text_nearest("num_executor", names), "num_executors");
	assert_string_equal(text_nearest("nmu_executors", names), "num_executors");
	assert_string_equal(text_nearest("drivershape", names), "driver_shape");
	assert_string_equal(text_nearest("tpye", names), "type");
	assert_string_equal(text_nearest("type", names), "type");
	assert_string_equal(text_nearest("python", languages), "PYTHON");
	assert_string_equal(text_nearest("SLQ", languages), "SQL");
	assert_null(text_nearest("RUBY", languages));
	assert_null(text_nearest("something_else", names));
	assert_null(text_nearest("x", none));
	assert_null(text_nearest("", names));
	arena_auto a = {0};
	char *large = arena_alloc(&a, 100001);
	memset(large, 'x', 100000);
	assert_null(text_nearest(large, names));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(comparisons),
		cmocka_unit_test(base64_both_ways),
		cmocka_unit_test(bad_base64_is_refused),
		cmocka_unit_test(hex_is_lower_case),
		cmocka_unit_test(percent_both_ways),
		cmocka_unit_test(bad_percent_is_refused),
		cmocka_unit_test(escape_disarms),
		cmocka_unit_test(utf8_is_strict),
		cmocka_unit_test(json_strings),
		cmocka_unit_test(the_nearest_name),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
