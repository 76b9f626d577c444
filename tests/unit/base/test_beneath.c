#include "base/beneath.h"

#include "../unit.h"
#include "base/fs.h"
#include "base/text.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static void test_paths(void **state)
{
	(void)state;
	static const char *const cases[][2] = {
		{"a", "a"},
		{"a/b.csv", "a/b.csv"},
		{"caf\xc3\xa9 \xe2\x82\xac", "caf\xc3\xa9 \xe2\x82\xac"},
		{"..", "%2E%2E"},
		{".", "%2E"},
		{"...", "..."},
		{".a", ".a"},
		{"a/../b", "a/%2E%2E/b"},
		{"/a", "%2F/a"},
		{"a//b", "a/%2F/b"},
		{"a/", "a/%2F"},
		{"", "%2F"},
		{"a\\b", "a%5Cb"},
		{"a\nb\x7f\x1b[", "a%0Ab%7F%1B["},
		{"\xc2\x9b", "%C2%9B"},
		{"\xff\xfe", "%FF%FE"},
		{"100%", "100%"},
		{"%2E%2e", "%252E%252e"},
		{"%zz", "%zz"},
	};
	arena_auto a = {0};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_string_equal(beneath_path(&a, cases[i][0]), cases[i][1]);
}

/* What is cut is told apart, and cut between characters. */
static void test_long_parts(void **state)
{
	(void)state;
	arena_auto a = {0};
	char one[1024] = "", other[1024] = "";
	for (size_t i = 0; i + 3 < 900; i += 3)
		memcpy(one + i, "\xe2\x82\xac", 3);
	memcpy(other, one, sizeof other);
	other[strlen(other) - 1] = '\xad';
	const char *x = beneath_path(&a, one), *y = beneath_path(&a, other);
	assert_string_not_equal(x, y);
	assert_true(strlen(x) <= 255);
	assert_true(text_is_utf8(x, strlen(x)));
	assert_int_equal(strlen(beneath_path(&a, arena_printf(&a, "%0230d", 7))), 230);
}

static void test_folders(void **state)
{
	(void)state;
	char path[] = "/tmp/weir-test-XXXXXX";
	const char *file;
	struct stat st;
	struct err err = {0};
	assert_non_null(mkdtemp(path));
	fd_auto dir = open(path, O_RDONLY | O_DIRECTORY);
	assert_int_equal(beneath_open(dir, "a/b/c", false, &file, &err), -1);
	assert_int_equal(err.kind, ERR_NOT_FOUND);
	fd_auto made = beneath_open(dir, "a/b/c", true, &file, &err);
	assert_true(made >= 0);
	assert_string_equal(file, "c");
	assert_int_equal(fstatat(dir, "a/b", &st, 0), 0);
	fd_auto again = beneath_open(dir, "a/b/d", false, &file, &err);
	assert_true(again >= 0);
	/* A link out of it is not followed, be it to a folder. */
	assert_int_equal(symlinkat("/tmp", dir, "link"), 0);
	err = (struct err){0};
	assert_int_equal(beneath_open(dir, "link/x", true, &file, &err), -1);
	assert_int_equal(err.kind, ERR_IO);
	assert_has(err.text, "link is in the way");
	assert_true(fs_remove_tree(path, &err));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_paths),
		cmocka_unit_test(test_long_parts),
		cmocka_unit_test(test_folders),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
