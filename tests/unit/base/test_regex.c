/* Patterns of users: what they match, and that none takes long. */
#include "../unit.h"

#include "base/buf.h"
#include "base/regex.h"

static bool matches(const char *pattern, enum regex_how how, const char *text)
{
	bool ret = false;
	const char *why = "";
	if (!regex_matches(pattern, how, text, strlen(text), &ret, &why))
		fail_msg("`%s` %s", pattern, why);
	return ret;
}

static void the_whole_text(void **state)
{
	(void)state;
	assert_true(matches("[a-z]+", REGEX_WHOLE, "abc"));
	assert_false(matches("[a-z]+", REGEX_WHOLE, "abc1"));
	assert_true(matches("a|ab", REGEX_WHOLE, "ab"));
	assert_true(matches("\\p{L}+", REGEX_WHOLE, "\xc3\xa9"));
}

static void somewhere_in_lines(void **state)
{
	(void)state;
	assert_true(matches("^rows: \\d+$", REGEX_LINES, "begin\nrows: 12\nend\n"));
	assert_false(matches("^rows: \\d+$", REGEX_LINES, "begin\n rows: 12\nend\n"));
	assert_true(matches("equal", REGEX_LINES, "\xff\xfe is not UTF-8\nall equal"));
}

static void what_is_refused(void **state)
{
	(void)state;
	bool ret;
	const char *why = NULL, *text = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaac";
	assert_false(regex_matches("(", REGEX_WHOLE, "x", 1, &ret, &why));
	assert_has(why, "no regular expression");
	assert_false(regex_matches("(a+)+[bd]", REGEX_WHOLE, text, strlen(text), &ret, &why));
	assert_has(why, "too long to match");
	char longest[1100];
	memset(longest, 'a', sizeof longest);
	longest[1001] = 0;
	assert_false(regex_matches(longest, REGEX_LINES, "x", 1, &ret, &why));
	assert_has(why, "longer than 1000");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_whole_text),
		cmocka_unit_test(somewhere_in_lines),
		cmocka_unit_test(what_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
