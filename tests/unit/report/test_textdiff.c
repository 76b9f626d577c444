/* Unified diffs: the forms that diff -u gives, and that a diff put on the old text gives the new one. */
#include "report/textdiff.h"

#include "base/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static struct arena A;

static int teardown(void **state)
{
	(void)state;
	arena_clear(&A);
	return 0;
}

static const char *diff(const char *old, const char *now)
{
	struct textdiff d;
	buf_auto out = {0};
	textdiff_lines(old, now, &A, &d);
	textdiff_unified(&d, &out);
	return arena_strdup(&A, buf_str(&out));
}

static void test_forms(void **state)
{
	(void)state;
	static const struct {
		const char *old, *now, *diff;
	} cases[] = {
		{"", "", ""},
		{"a\nb\n", "a\nb\n", ""},
		{"a\nb\nc\n", "a\nB\nc\n", "@@ -1,3 +1,3 @@\n a\n-b\n+B\n c\n"},
		{"", "a\nb\n", "@@ -0,0 +1,2 @@\n+a\n+b\n"},
		{"a\nb\n", "", "@@ -1,2 +0,0 @@\n-a\n-b\n"},
		{"a\n", "b\n", "@@ -1 +1 @@\n-a\n+b\n"},
		{"a", "a\n", "@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+a\n"},
		{"a\nb", "a\nc",
			"@@ -1,2 +1,2 @@\n a\n-b\n\\ No newline at end of file\n+c\n"
			"\\ No newline at end of file\n"},
		{"a\nb", "x\nb", "@@ -1,2 +1,2 @@\n-a\n+x\n b\n\\ No newline at end of file\n"},
		{"1\n2\n3\n4\n5\n6\n7\n8\n9\n", "1\n2\n3\n4\nx\n5\n6\n7\n8\n9\n",
			"@@ -2,6 +2,7 @@\n 2\n 3\n 4\n+x\n 5\n 6\n 7\n"},
		/* Six lines between two changes: one hunk. Seven: two. */
		{"a\n1\n2\n3\n4\n5\n6\nb\n", "A\n1\n2\n3\n4\n5\n6\nB\n",
			"@@ -1,8 +1,8 @@\n-a\n+A\n 1\n 2\n 3\n 4\n 5\n 6\n-b\n+B\n"},
		{"a\n1\n2\n3\n4\n5\n6\n7\nb\n", "A\n1\n2\n3\n4\n5\n6\n7\nB\n",
			"@@ -1,4 +1,4 @@\n-a\n+A\n 1\n 2\n 3\n"
			"@@ -6,4 +6,4 @@\n 5\n 6\n 7\n-b\n+B\n"},
		{"\n\n", "\n", "@@ -1,2 +1 @@\n \n-\n"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_string_equal(diff(cases[i].old, cases[i].now), cases[i].diff);
}

static uint32_t seed = 1;
static uint32_t random_below(uint32_t n)
{
	seed = seed * 1664525u + 1013904223u;
	return (seed >> 8) % n;
}

/* Few different lines, so that many are equal by chance. */
static char *random_text(uint32_t lines)
{
	buf_auto b = {0};
	for (uint32_t n = random_below(lines); n; n--)
		buf_printf(&b, "%c\n", 'a' + (char)random_below(4));
	if (b.len && !random_below(3))
		buf_truncate(&b, b.len - 1);
	return arena_strdup(&A, buf_str(&b));
}

static void copy_lines(const char **at, size_t n, struct buf *out)
{
	while (n--) {
		size_t len = strcspn(*at, "\n");
		len += (*at)[len] == '\n';
		assert_true(len > 0);
		buf_add(out, *at, len);
		*at += len;
	}
}

/* What `patch` would do, strictly: what goes or stays must be there. */
static const char *patched(const char *old, const struct textdiff *d)
{
	buf_auto out = {0};
	const char *at = old;
	size_t line = 1;
	for (size_t i = 0; i < d->n; i++) {
		const struct textdiff_line *l = &d->v[i];
		if (l->sign == '@') {
			size_t from = 0, n = 0;
			const char *digit = l->text + strlen("@@ -");
			for (; *digit >= '0' && *digit <= '9'; digit++)
				from = from * 10 + (size_t)(*digit - '0');
			n = digit[0] == ',' && digit[1] == '0' ? 0 : 1;
			from += !n; /* of no lines: the line before them */
			copy_lines(&at, from - line, &out);
			line = from;
			continue;
		}
		if (l->sign != '+') {
			assert_int_equal(strncmp(at, l->text, l->len), 0);
			at += l->len + !l->no_newline;
			line++;
		}
		if (l->sign != '-') {
			buf_add(&out, l->text, l->len);
			buf_adds(&out, l->no_newline ? "" : "\n");
		}
	}
	buf_adds(&out, at);
	return arena_strdup(&A, buf_str(&out));
}

static size_t edits(const struct textdiff *d)
{
	size_t n = 0;
	for (size_t i = 0; i < d->n; i++)
		n += d->v[i].sign == '+' || d->v[i].sign == '-';
	return n;
}

static void test_patching_gives_the_new_text(void **state)
{
	(void)state;
	for (int i = 0; i < 3000; i++) {
		const char *old = random_text(30), *now = random_text(30);
		struct textdiff there, back;
		textdiff_lines(old, now, &A, &there);
		assert_string_equal(patched(old, &there), now);
		/* The fewest edits are as many in either direction. */
		textdiff_lines(now, old, &A, &back);
		assert_int_equal(edits(&there), edits(&back));
	}
}

static void test_bounded(void **state)
{
	(void)state;
	buf_auto old = {0}, now = {0};
	buf_adds(&old, "same\n");
	buf_adds(&now, "same\n");
	for (int i = 0; i < 20000; i++) {
		buf_printf(&old, "old %d\n", i);
		buf_printf(&now, "now %d\n", i);
	}
	struct textdiff d;
	textdiff_lines(buf_str(&old), buf_str(&now), &A, &d);
	assert_int_equal(d.too_many, 20000);
	assert_int_equal(d.n, 0);
	assert_string_equal(diff(buf_str(&old), buf_str(&now)), "20000 lines differ\n");
	/* A large text with few changes is shown. */
	buf_adds(&now, "more\n");
	assert_true(text_ends(diff(buf_str(&now), arena_strndup(&A, now.data, now.len - 5)),
		" now 19999\n-more\n"));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, NULL, teardown)
int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_forms),
		TEST(test_patching_gives_the_new_text),
		TEST(test_bounded),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
