/* Files and digests. */
#include "../unit.h"
#include "base/arena.h"
#include "base/digest.h"
#include "base/fs.h"
#include "base/text.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

static char folder[] = "/tmp/weir-unit-fs-XXXXXX";
static struct arena arena;

static int set_up(void **state)
{
	(void)state;
	return !mkdtemp(folder) || chdir(folder);
}

static int tear_down(void **state)
{
	(void)state;
	struct err err;
	arena_clear(&arena);
	return chdir("/") || !fs_remove_tree(folder, &err);
}

static void write_then_read(void **state)
{
	(void)state;
	struct err err;
	struct stat st;
	buf_auto b = {0};
	assert_true(fs_write("f", "a\0b", 3, 0600, &err));
	assert_false(stat("f", &st));
	assert_int_equal(st.st_mode & 07777, 0600);
	buf_adds(&b, ">");
	assert_true(fs_read("f", &b, &err));
	assert_int_equal(b.len, 4);
	assert_memory_equal(b.data, ">a\0b", 5);
	assert_true(fs_write("f", "new", 3, 0644, &err));
	buf_clear(&b);
	assert_true(fs_read("f", &b, &err));
	assert_string_equal(buf_str(&b), "new");
	assert_false(stat("f", &st));
	assert_int_equal(st.st_mode & 07777, 0644);
}

static void what_cannot_be_read(void **state)
{
	(void)state;
	struct err err;
	buf_auto b = {.max = 5};
	assert_false(fs_read("none", &b, &err));
	assert_string_equal(err.text, "none: No such file or directory");
	assert_int_equal(err.kind, ERR_IO);
	assert_false(fs_read(".", &b, &err));
	assert_has(err.text, "not a regular file");
	assert_false(mkfifo("pipe", 0600));
	assert_false(fs_read("pipe", &b, &err)); /* at once: nobody writes */
	assert_has(err.text, "not a regular file");
	assert_false(fs_read("/dev/zero", &b, &err));
	assert_has(err.text, "not a regular file");
	assert_true(fs_write("six", "123456", 6, 0600, &err));
	assert_false(fs_read("six", &b, &err));
	assert_string_equal(err.text, "six: larger than 5 B");
	assert_int_equal(b.len, 0);
}

static void what_cannot_be_written(void **state)
{
	(void)state;
	struct err err;
	assert_false(fs_write("no/such/f", "x", 1, 0600, &err));
	assert_has(err.text, "no/such/f: No such file");
	assert_true(fs_mkdirs("dir/sub", 0700, &err));
	assert_false(fs_write("dir", "x", 1, 0600, &err));
	assert_has(err.text, "dir: ");
	/* No temporary file is left behind. */
	assert_int_equal(system("test -z \"$(ls -A | grep '^\\.')\""), 0);
	assert_false(fs_write_all(-1, "x", 1, &err));
	assert_has(err.text, "Bad file descriptor");
}

static void folders(void **state)
{
	(void)state;
	struct err err;
	assert_true(fs_mkdirs("a/b//c/", 0700, &err));
	assert_true(fs_is_dir("a/b/c"));
	assert_true(fs_mkdirs("a/b/c", 0700, &err));
	assert_true(fs_mkdirs("/", 0700, &err));
	assert_true(fs_write("a/f", "x", 1, 0600, &err));
	assert_true(fs_exists("a/f"));
	assert_false(fs_is_dir("a/f"));
	assert_false(fs_mkdirs("a/f/d", 0700, &err));
	assert_string_equal(err.text, "a/f: Not a directory");
	assert_false(fs_mkdirs("a/f", 0700, &err));
	assert_string_equal(err.text, "a/f: Not a directory");
	assert_true(fs_sync_dir("a", &err));
	assert_false(fs_sync_dir("a/f", &err));
}

static void removing_a_tree_follows_no_link(void **state)
{
	(void)state;
	struct err err;
	assert_true(fs_mkdirs("tree/x/y/z", 0700, &err));
	assert_true(fs_mkdirs("kept", 0700, &err));
	assert_true(fs_write("kept/f", "x", 1, 0600, &err));
	assert_false(symlink("../../kept", "tree/x/link"));
	assert_false(symlink("nowhere", "tree/dangling"));
	assert_true(fs_remove_tree("tree", &err));
	assert_false(fs_exists("tree"));
	assert_true(fs_exists("kept/f"));
	assert_true(fs_remove_tree("tree", &err));
	assert_false(symlink("kept", "to-kept"));
	assert_true(fs_remove_tree("to-kept", &err));
	assert_true(fs_exists("kept/f"));
	assert_true(fs_remove_tree("kept/f", &err));
	assert_false(fs_exists("kept/f"));
}

static void paths(void **state)
{
	(void)state;
	struct arena *a = &arena;
	struct err err;
	assert_string_equal(fs_join(a, "a", "b"), "a/b");
	assert_string_equal(fs_join(a, "a/", "b"), "a/b");
	assert_string_equal(fs_join(a, ".", "b"), "b");
	assert_string_equal(fs_join(a, "", "b"), "b");
	assert_string_equal(fs_join(a, "a", "/b"), "/b");
	setenv("HOME", "/h", 1);
	assert_string_equal(fs_join(a, "a", "~"), "/h");
	assert_string_equal(fs_join(a, "a", "~/x"), "/h/x");
	assert_string_equal(fs_join(a, "a", "~x"), "a/~x");
	assert_string_equal(fs_expand_home(a, "x/~"), "x/~");
	assert_string_equal(fs_basename("a/b"), "b");
	assert_string_equal(fs_basename("b"), "b");
	static const char *const dirs[][2] = {{"a/b", "a"}, {"b", "."}, {"/b", "/"}, {"a/b/", "a"},
		{"/", "/"}, {"a//b", "a"}, {"", "."}, {"//", "/"}};
	for (size_t i = 0; i < sizeof dirs / sizeof *dirs; i++)
		assert_string_equal(fs_dirname(a, dirs[i][0]), dirs[i][1]);
	assert_null(fs_real(a, "none", &err));
	assert_has(err.text, "none: No such file");
	assert_true(fs_mkdirs("r/s", 0700, &err));
	assert_false(symlink("r", "to-r"));
	assert_string_equal(fs_real(a, "to-r/../r/s", &err), fs_real(a, "r/s", &err));
}

static void digests(void **state)
{
	(void)state;
	struct err err;
	unsigned char out[DIGEST_MAX];
	/* FIPS 180-2 and RFC 1321. */
	assert_int_equal(digest_bytes(DIGEST_SHA256, "abc", 3, out), 32);
	assert_string_equal(text_hex(&arena, out, 32),
		"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	assert_int_equal(digest_bytes(DIGEST_MD5, "abc", 3, out), 16);
	assert_string_equal(text_hex(&arena, out, 16), "900150983cd24fb0d6963f7d28e17f72");
	assert_int_equal(digest_bytes(DIGEST_MD5, "", 0, out), 16);
	assert_string_equal(text_hex(&arena, out, 16), "d41d8cd98f00b204e9800998ecf8427e");
	struct digest d;
	digest_init(&d, DIGEST_SHA256);
	digest_add(&d, "a", 1);
	digest_abort(&d);

	unsigned char file[DIGEST_MAX];
	char *large = arena_alloc(&arena, 1000003);
	assert_true(fs_write("large", large, 1000003, 0600, &err));
	assert_true(digest_of_file(DIGEST_SHA256, "large", file, &err));
	digest_bytes(DIGEST_SHA256, large, 1000003, out);
	assert_memory_equal(file, out, 32);
	assert_true(digest_of_file(DIGEST_MD5, "large", file, &err));
	digest_bytes(DIGEST_MD5, large, 1000003, out);
	assert_memory_equal(file, out, 16);
	assert_false(digest_of_file(DIGEST_MD5, "none", file, &err));
	assert_has(err.text, "none: No such file");
	assert_false(digest_of_file(DIGEST_MD5, ".", file, &err));
	assert_memory_equal(file, out, 16);
}

static void safe_names(void **state)
{
	(void)state;
	arena_auto a = {0};
	static const char *const names[][2] = {{"copy", "copy"}, {"a/b\\c", "a_b_c"}, {"..", "_."},
		{".x.", "_x."}, {"", "_"}, {"a\nb\033[2J\x7f", "a_b_[2J_"},
		{"\xe2\x80\xae"
		 "x",
			"_x"},
		{"\xff\xc3", "__"}, {"caf\xc3\xa9", "caf\xc3\xa9"}};
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		assert_string_equal(fs_safe_name(&a, names[i][0], 255), names[i][1]);
	assert_string_equal(fs_safe_name(&a, "abc", 2), "ab");
	assert_string_equal(fs_safe_name(&a, "a\xc3\xa9", 2), "a");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(write_then_read),
		cmocka_unit_test(what_cannot_be_read),
		cmocka_unit_test(what_cannot_be_written),
		cmocka_unit_test(folders),
		cmocka_unit_test(removing_a_tree_follows_no_link),
		cmocka_unit_test(paths),
		cmocka_unit_test(safe_names),
		cmocka_unit_test(digests),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
