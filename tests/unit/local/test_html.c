/* What gets into a page: markup from formats, values escaped. */
#include "../unit.h"

#include "local/pages/html.h"

#include <string.h>

static void is(const struct buf *out, const char *want)
{
	assert_string_equal(buf_str(out), want);
}

static void test_values_are_escaped(void **state)
{
	(void)state;
	buf_auto out = {0};
	html(&out, "<a href=\"%s\" title='%s'>%s</a>", "/x?a=1&b=\"><script>", "' onclick='x",
		"<b>&amp;</b>");
	is(&out,
		"<a href=\"/x?a=1&amp;b=&quot;&gt;&lt;script&gt;\" title='&#39; onclick=&#39;x'>"
		"&lt;b&gt;&amp;amp;&lt;/b&gt;</a>");
}

static void test_a_value_is_no_format(void **state)
{
	(void)state;
	buf_auto out = {0};
	html(&out, "%s", "%s%n%d%");
	is(&out, "%s%n%d%");
}

static void test_the_other_directives(void **state)
{
	(void)state;
	buf_auto out = {0};
	html(&out, "%d %lld %zu 100%% %s|", -1, (long long)1 << 40, (size_t)7, "");
	is(&out, "-1 1099511627776 7 100% |");
}

static void test_what_no_reader_sees_is_shown(void **state)
{
	(void)state;
	buf_auto out = {0};
	html(&out, "%s", "a\nb\x1b[31m\x7f\xff\xe2\x80\xae\xc3\xa4<");
	is(&out, "a\\x0Ab\\x1B[31m\\x7F\\xFF\\u{202E}\xc3\xa4&lt;");
}

static void test_lines_stay_in_logs(void **state)
{
	(void)state;
	buf_auto out = {0};
	html_text(&out, "a\n\tb\0<c", 7, true);
	is(&out, "a\n\tb\\x00&lt;c");
}

/* No byte, wherever it stands, ends the attribute or begins a tag. */
static void test_every_byte(void **state)
{
	(void)state;
	for (int c = 1; c < 256; c++) {
		buf_auto out = {0};
		const char value[] = {(char)c, 'x', (char)c, 0};
		html(&out, "%s", value);
		assert_null(strpbrk(buf_str(&out), "<>\"'"));
		const char *amp = strchr(buf_str(&out), '&');
		if (amp)
			assert_non_null(strchr(amp, ';'));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_values_are_escaped),
		cmocka_unit_test(test_a_value_is_no_format),
		cmocka_unit_test(test_the_other_directives),
		cmocka_unit_test(test_what_no_reader_sees_is_shown),
		cmocka_unit_test(test_lines_stay_in_logs),
		cmocka_unit_test(test_every_byte),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
