/* Where references are in a text. */
#include "../unit.h"
#include "base/buf.h"
#include "spec/reference.h"

/* As "key<x>", "lit", "open<x>", "key<x|default>", with the text between. */
static const char *found(const char *text)
{
	static struct buf out;
	struct reference r;
	size_t at = 0, len = strlen(text);
	buf_clear(&out);
	for (; reference_next(text, len, at, &r); at = r.end) {
		buf_add(&out, text + at, r.start - at);
		static const char *const names[] = {"[key", "[lit", "[open"};
		buf_printf(&out, "%s %.*s", names[r.kind], (int)r.key_len, r.key ? r.key : "");
		if (r.otherwise)
			buf_printf(&out, "|%.*s", (int)r.otherwise_len, r.otherwise);
		buf_addc(&out, ']');
	}
	buf_adds(&out, text + at);
	return buf_str(&out);
}

static void references(void **state)
{
	(void)state;
	assert_string_equal(found("plain ${x} $ < <x> $x"), "plain ${x} $ < <x> $x");
	assert_string_equal(found("$<a>"), "[key a]");
	assert_string_equal(found("x$<a>y$<b.c-d>z"), "x[key a]y[key b.c-d]z");
	assert_string_equal(found("$<a|>"), "[key a|]");
	assert_string_equal(found("$<a|b c>d>"), "[key a|b c]d>");
	assert_string_equal(found("$<a|b|c>"), "[key a|b|c]");
	assert_string_equal(found("$<a|$<b>>"), "[key a|$<b]>"); /* not nested */
	assert_string_equal(found("$<>"), "[key ]");
	assert_string_equal(found("$$<a>"), "[lit ]a>");
	assert_string_equal(found("$$$<a>"), "$[lit ]a>");
	assert_string_equal(found("$$<$<a>"), "[lit ][key a]");
	assert_string_equal(found("$<a"), "[open a]");
	assert_string_equal(found("$<a|b"), "[open a|b]");
	assert_string_equal(found("$<a> $<"), "[key a] [open ]");
	assert_string_equal(found("$<a\nb>"), "[key a\nb]");
	assert_string_equal(found("\xc3\xa9$<\xc3\xa9>\xc3\xa9"), "\xc3\xa9[key \xc3\xa9]\xc3\xa9");
	assert_string_equal(found(""), "");
}

static void reference_in_text(void **state)
{
	(void)state;
	assert_true(reference_in("a$<", 3));
	assert_true(reference_in("$$<", 3));
	assert_false(reference_in("$ <", 3));
	assert_false(reference_in("", 0));
}

/* A text of a megabyte of what is almost a reference takes one reading. */
static void long_texts(void **state)
{
	(void)state;
	struct buf b = {0};
	struct reference r;
	for (int i = 0; i < 500000; i++)
		buf_adds(&b, "$<");
	assert_true(reference_next(buf_str(&b), b.len, 0, &r));
	assert_int_equal(r.kind, REFERENCE_UNCLOSED);
	assert_int_equal(r.end, b.len);
	buf_truncate(&b, 0);
	for (int i = 0; i < 200000; i++)
		buf_adds(&b, "$<a|b>");
	size_t n = 0;
	for (size_t at = 0; reference_next(buf_str(&b), b.len, at, &r); at = r.end)
		n++;
	assert_int_equal(n, 200000);
	buf_clear(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(references),
		cmocka_unit_test(reference_in_text),
		cmocka_unit_test(long_texts),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
