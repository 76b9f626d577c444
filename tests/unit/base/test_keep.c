/* What is kept to save work is whole and ours, or as if it were not there. */
#include "../unit.h"
#include "base/fs.h"
#include "base/keep.h"
#include "base/pack.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>

static char base[] = "/tmp/weir-unit-keep-XXXXXX";
static struct arena A;
static struct err err;
static const char *folder, *path;

static int set_up(void **state)
{
	(void)state;
	if (!mkdtemp(base) || setenv("XDG_CACHE_HOME", fs_join(&A, base, "cache"), 1))
		return -1;
	folder = keep_folder(&A);
	path = folder ? fs_join(&A, folder, "x") : NULL;
	return folder ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)state;
	bool ok = fs_remove_tree(base, &err);
	arena_clear(&A);
	return ok ? 0 : -1;
}

static void keep(const char *text)
{
	buf_auto b = {0};
	buf_adds(&b, text);
	assert_true(keep_write(folder, "x", "form 1", &b));
}

static bool reads(const char *text)
{
	arena_auto a = {0};
	size_t n;
	const char *bytes = keep_read(&a, folder, "x", "form 1", &n);
	return bytes && n == strlen(text) && !memcmp(bytes, text, n + 1);
}

static bool reads_nothing(void)
{
	arena_auto a = {0};
	size_t n;
	return !keep_read(&a, folder, "x", "form 1", &n);
}

static void test_kept_for_its_owner_alone(void **state)
{
	(void)state;
	struct stat st;
	keep("one");
	keep("two\n\nthree");
	assert_true(reads("two\n\nthree"));
	assert_int_equal(stat(folder, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
}

static void test_another_form_is_none(void **state)
{
	(void)state;
	arena_auto a = {0};
	buf_auto b = {0};
	size_t n;
	keep("one");
	assert_null(keep_read(&a, folder, "x", "form 2", &n));
	assert_null(keep_read(&a, folder, "y", "form 1", &n));
	assert_null(keep_read(&a, NULL, "x", "form 1", &n));
	assert_false(keep_write(NULL, "x", "form 1", &b));
}

static void put(const char *bytes, size_t n)
{
	FILE *f = fopen(path, "w");
	assert_non_null(f);
	assert_int_equal(fwrite(bytes, 1, n, f), n);
	assert_int_equal(fclose(f), 0);
}

static void test_torn_or_damaged_is_none(void **state)
{
	(void)state;
	buf_auto whole = {0};
	keep("one and two");
	assert_true(fs_read(path, &whole, &err));
	for (size_t n = 0; n < whole.len; n++) {
		put(whole.data, n);
		if (!reads_nothing())
			fail_msg("cut to %zu bytes it was read", n);
	}
	for (size_t i = 0; i < whole.len; i++)
		for (int bit = 0; bit < 8; bit++) {
			whole.data[i] = (char)(whole.data[i] ^ (1 << bit));
			put(whole.data, whole.len);
			if (!reads_nothing())
				fail_msg("with bit %d of byte %zu changed it was read", bit, i);
			whole.data[i] = (char)(whole.data[i] ^ (1 << bit));
		}
	buf_adds(&whole, "more");
	put(whole.data, whole.len);
	assert_true(reads_nothing());
}

static void test_what_others_may_touch_is_none(void **state)
{
	(void)state;
	keep("one");
	assert_int_equal(chmod(path, 0640), 0);
	assert_true(reads_nothing());
	keep("two"); /* replaced, not written to */
	assert_true(reads("two"));
	const char *elsewhere = fs_join(&A, base, "elsewhere");
	assert_int_equal(rename(path, elsewhere), 0);
	assert_int_equal(symlink(elsewhere, path), 0);
	assert_true(reads_nothing());
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_true(reads_nothing());
	keep("three");
	if (geteuid() == 0) {
		assert_int_equal(chown(path, 12345, 12345), 0);
		assert_true(reads_nothing());
	}
	assert_int_equal(chmod(folder, 0770), 0);
	assert_null(keep_folder(&A));
	assert_int_equal(chmod(folder, 0700), 0);
	assert_non_null(keep_folder(&A));
}

static void test_where_nothing_can_be_kept(void **state)
{
	(void)state;
	buf_auto b = {0};
	buf_adds(&b, "one");
	assert_int_equal(setenv("XDG_CACHE_HOME", "/proc/none", 1), 0);
	assert_null(keep_folder(&A));
	assert_false(keep_write("/proc", "x", "form 1", &b));
	/* As on a full disk: what was kept before stays as it was. */
	struct rlimit no_more, was;
	keep("before");
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &was), 0);
	no_more = (struct rlimit){10, was.rlim_max};
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &no_more), 0);
	bool kept = keep_write(folder, "x", "form 1", &b);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &was), 0);
	assert_false(kept);
	assert_true(reads("before"));
	assert_int_equal(setenv("XDG_CACHE_HOME", fs_join(&A, base, "cache"), 1), 0);
}

static void test_values(void **state)
{
	(void)state;
	buf_auto b = {0};
	pack_u32(&b, 7);
	pack_i64(&b, -8);
	pack_num(&b, 0.5);
	pack_str(&b, "text");
	pack_str(&b, "");
	pack_str(&b, NULL);
	struct unpack in = {b.data, b.len, false};
	assert_int_equal(unpack_u32(&in), 7);
	assert_int_equal(unpack_i64(&in), -8);
	assert_true(unpack_num(&in) == 0.5);
	assert_string_equal(unpack_str(&in), "text");
	assert_string_equal(unpack_str(&in), "");
	assert_null(unpack_str(&in));
	assert_true(unpack_ended(&in));
	assert_int_equal(unpack_u32(&in), 0);
	assert_false(unpack_ended(&in));
}

static void test_values_that_are_none(void **state)
{
	(void)state;
	static const struct {
		const char *bytes;
		size_t n;
	} bad[] = {{"\3\0\0\0abc", 7}, {"\3\0\0\0abcd", 8}, {"\3\0\0\0a\0c\0", 8},
		{"\376\377\377\377a", 5}, {"\1", 1}};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct unpack in = {bad[i].bytes, bad[i].n, false};
		assert_null(unpack_str(&in));
		assert_true(in.bad);
	}
	struct unpack in = {"\377\377\377\0ab", 6, false};
	assert_int_equal(unpack_count(&in), 0);
	assert_true(in.bad);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_kept_for_its_owner_alone),
		cmocka_unit_test(test_another_form_is_none),
		cmocka_unit_test(test_torn_or_damaged_is_none),
		cmocka_unit_test(test_what_others_may_touch_is_none),
		cmocka_unit_test(test_where_nothing_can_be_kept),
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_values_that_are_none),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
