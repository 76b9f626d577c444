#include "../unit.h"
#include "base/diag.h"

static struct arena arena;

static int tear_down(void **state)
{
	(void)state;
	arena_clear(&arena);
	return 0;
}

static struct diags with_source(const char *text)
{
	struct diags d = {.arena = &arena};
	diag_source_add(&d, "p.yaml", text, strlen(text));
	return d;
}

static const char *rendered(const struct diags *d, bool color)
{
	buf_auto b = {0};
	diag_render_text(d, color, &b);
	return arena_strdup(&arena, buf_str(&b));
}

static struct mark at(unsigned line, unsigned col, unsigned len)
{
	return (struct mark){"p.yaml", line, col, len};
}

static void as_a_compiler_gives_them(void **state)
{
	(void)state;
	struct diags d = with_source("apps:\n  copy:\n    num_executor: 2\n");
	diag_add(&d, DIAG_ERROR, at(3, 5, 12), "did you mean `num_executors`?",
		"unknown key `%s` in apps.copy", "num_executor");
	assert_string_equal(rendered(&d, false),
		"p.yaml:3:5: error: unknown key `num_executor` in apps.copy\n"
		"    3 |     num_executor: 2\n"
		"      |     ^~~~~~~~~~~~\n"
		"      = did you mean `num_executors`?\n"
		"1 error\n");
}

static void without_a_place_or_a_source(void **state)
{
	(void)state;
	struct diags d = {.arena = &arena};
	diag_add(&d, DIAG_ERROR, (struct mark){0}, NULL, "no file");
	diag_add(&d, DIAG_WARNING, (struct mark){.file = "x"}, NULL, "whole");
	diag_add(&d, DIAG_WARNING, (struct mark){"x", 3, 0, 0}, NULL, "line");
	diag_add(&d, DIAG_NOTE, (struct mark){"x", 3, 4, 0}, "h", "place");
	assert_string_equal(rendered(&d, false),
		"error: no file\n"
		"x: warning: whole\n"
		"x:3: warning: line\n"
		"x:3:4: note: place\n"
		"      = h\n"
		"1 error, 2 warnings\n");
	struct diags none = {.arena = &arena};
	assert_string_equal(rendered(&none, false), "");
}

static void marks_at_the_edges(void **state)
{
	(void)state;
	/* Past the end of a line, past the end of the file, an empty file, a line without its end. */
	struct diags d = with_source("ab\nlast");
	diag_add(&d, DIAG_ERROR, at(1, 3, 1), NULL, "end");
	diag_add(&d, DIAG_ERROR, at(1, 50, 9), NULL, "beyond");
	diag_add(&d, DIAG_ERROR, at(2, 1, 400), NULL, "long");
	diag_add(&d, DIAG_ERROR, at(3, 1, 1), NULL, "no line");
	assert_string_equal(rendered(&d, false),
		"p.yaml:1:3: error: end\n"
		"    1 | ab\n"
		"      |   ^\n"
		"p.yaml:1:50: error: beyond\n"
		"    1 | ab\n"
		"      |   ^\n"
		"p.yaml:2:1: error: long\n"
		"    2 | last\n"
		"      | ^~~~\n"
		"p.yaml:3:1: error: no line\n"
		"4 errors\n");
	struct diags empty = with_source("");
	diag_add(&empty, DIAG_ERROR, at(1, 1, 1), NULL, "empty");
	assert_string_equal(rendered(&empty, false),
		"p.yaml:1:1: error: empty\n    1 | \n      | ^\n1 error\n");
}

static void columns_count_characters(void **state)
{
	(void)state;
	struct diags d = with_source("\xc3\xa4\xc3\xb6: \tx\r\n");
	diag_add(&d, DIAG_ERROR, at(1, 6, 1), NULL, "here");
	assert_has(rendered(&d, false), "    1 | \xc3\xa4\xc3\xb6:  x\n      |      ^\n");
}

static void nothing_hostile_reaches_the_terminal(void **state)
{
	(void)state;
	struct diags d = with_source("a\033[2Jb\xff x\n");
	diag_add(&d, DIAG_ERROR, at(1, 9, 1), "cure\033", "key `\033[31m\n`");
	const char *out = rendered(&d, false);
	assert_null(strchr(out, '\033'));
	assert_has(out, "key `\\x1B[31m\\x0A`\n");
	assert_has(out, "    1 | a\\x1B[2Jb\\xFF x\n      |               ^\n");
	assert_has(out, "= cure\\x1B\n");
}

static void long_lines_show_the_place(void **state)
{
	(void)state;
	char text[5001];
	memset(text, 'a', 5000);
	memcpy(text + 3000, "HERE", 4);
	text[5000] = 0;
	struct diags d = with_source(text);
	diag_add(&d, DIAG_ERROR, at(1, 3001, 4), NULL, "x");
	const char *out = rendered(&d, false);
	assert_true(strlen(out) < 500);
	assert_has(out, "    1 | ...aaa");
	assert_has(out, "aaa...\n");
	const char *here = strstr(out, "HERE"), *caret = strstr(out, "^~~~");
	assert_non_null(here);
	assert_non_null(caret);
	const char *line = strstr(out, "    1 |"), *under = strstr(out, "\n      |") + 1;
	assert_int_equal(here - line, caret - under);
}

static void colors_end_where_they_begin(void **state)
{
	(void)state;
	struct diags d = with_source("ab\n");
	diag_add(&d, DIAG_WARNING, at(1, 1, 2), NULL, "x");
	assert_string_equal(rendered(&d, true),
		"\033[1mp.yaml:1:1:\033[0m \033[1;33mwarning:\033[0m x\n"
		"    1 | ab\n"
		"      | \033[1;33m^~\033[0m\n"
		"1 warning\n");
}

static void sorted_and_stable(void **state)
{
	(void)state;
	struct diags d = {.arena = &arena};
	diag_add(&d, DIAG_ERROR, (struct mark){"b", 1, 1, 1}, NULL, "5");
	diag_add(&d, DIAG_ERROR, (struct mark){"a", 2, 1, 1}, NULL, "3");
	diag_add(&d, DIAG_ERROR, (struct mark){"a", 1, 9, 1}, NULL, "2");
	diag_add(&d, DIAG_ERROR, (struct mark){"a", 2, 1, 1}, NULL, "4");
	diag_add(&d, DIAG_ERROR, (struct mark){0}, NULL, "1");
	diag_sort(&d);
	for (size_t i = 0; i < 5; i++)
		assert_int_equal(d.v[i].text[0], '1' + (int)i);
}

static void too_many_are_counted(void **state)
{
	(void)state;
	struct diags d = {.arena = &arena};
	for (int i = 0; i < DIAG_MAX + 7; i++)
		diag_add(&d, i % 2 ? DIAG_WARNING : DIAG_ERROR, (struct mark){0}, NULL, "%d", i);
	assert_int_equal(d.n, DIAG_MAX);
	assert_int_equal(d.dropped, 7);
	assert_has(rendered(&d, false), "504 errors, 503 warnings (7 not shown)\n");
}

static void as_json_lines(void **state)
{
	(void)state;
	struct diags d = with_source("a: \"q\"\nb\n");
	diag_add(&d, DIAG_ERROR, at(1, 4, 3), "cure", "bad \"%s\"", "q");
	diag_add(&d, DIAG_NOTE, (struct mark){0}, NULL, "n");
	buf_auto b = {0};
	diag_render_json(&d, &b);
	assert_string_equal(buf_str(&b),
		"{\"@level\":\"error\",\"@message\":\"bad "
		"\\\"q\\\"\",\"@module\":\"weir\",\"type\":\"diagnostic\","
		"\"diagnostic\":{\"severity\":\"error\",\"summary\":\"bad "
		"\\\"q\\\"\",\"detail\":\"cure\","
		"\"range\":{\"filename\":\"p.yaml\",\"start\":{\"line\":1,\"column\":4},\"end\":{"
		"\"line\":1,"
		"\"column\":7}},\"snippet\":{\"code\":\"a: \\\"q\\\"\",\"start_line\":1}}}\n"
		"{\"@level\":\"info\",\"@message\":\"n\",\"@module\":\"weir\",\"type\":"
		"\"diagnostic\","
		"\"diagnostic\":{\"severity\":\"note\",\"summary\":\"n\",\"detail\":\"\"}}\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(as_a_compiler_gives_them),
		cmocka_unit_test(without_a_place_or_a_source),
		cmocka_unit_test(marks_at_the_edges),
		cmocka_unit_test(columns_count_characters),
		cmocka_unit_test(nothing_hostile_reaches_the_terminal),
		cmocka_unit_test(long_lines_show_the_place),
		cmocka_unit_test(colors_end_where_they_begin),
		cmocka_unit_test(sorted_and_stable),
		cmocka_unit_test(too_many_are_counted),
		cmocka_unit_test(as_json_lines),
	};
	return cmocka_run_group_tests(tests, NULL, tear_down);
}
