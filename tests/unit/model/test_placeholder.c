#include "../unit.h"

#include "model/placeholder.h"

#include <string.h>

static const struct pairs parameters = {
	.v = (struct pair[]){{"a", "1"}, {"b_2", "two words"}, {"again", "${a}"}, {"empty", ""}},
	.n = 4};

static void expands(const char *text, const char *expected)
{
	arena_auto arena = {0};
	assert_string_equal(placeholder_expand(&arena, text, &parameters), expected);
}

static void test_expand(void **state)
{
	(void)state;
	expands("${a}", "1");
	expands("x${a}y${b_2}z", "x1ytwo wordsz");
	expands("${a}${a}", "11");
	expands("[${empty}]", "[]");
	expands("plain", "plain");
	expands("", "");
}

static void test_values_are_not_looked_at_again(void **state)
{
	(void)state;
	expands("${again}", "${a}");
}

static void test_what_is_no_placeholder_stays(void **state)
{
	(void)state;
	expands("$a ${ ${} ${a b} ${a", "$a ${ ${} ${a b} ${a");
	expands("${-} then ${a}", "${-} then 1");
	expands("${${a}}", "${1}");
	expands("$<a> ${unknown}", "$<a> ${unknown}");
}

static void test_value_needs_the_whole_name(void **state)
{
	(void)state;
	struct placeholder p;
	assert_true(placeholder_next("..${agai}", &p));
	assert_null(placeholder_value(&p, &parameters));
	assert_true(placeholder_next("${again}.", &p));
	assert_string_equal(placeholder_value(&p, &parameters), "${a}");
	assert_string_equal(p.end, ".");
	assert_false(placeholder_next("none", &p));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_expand),
		cmocka_unit_test(test_values_are_not_looked_at_again),
		cmocka_unit_test(test_what_is_no_placeholder_stays),
		cmocka_unit_test(test_value_needs_the_whole_name),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
