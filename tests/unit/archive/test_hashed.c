/* A file that was hashed is read again when anything tells that it may have changed. */
#include "../unit.h"
#include "archive/hashed.h"
#include "base/fs.h"
#include "base/keep.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define ABC "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
#define XYZ "3608bca1e44ea6c4d268eb6db02260269892c0b42b86bbf1e77a6fa16c3c9282"

static char base[] = "/tmp/weir-unit-hashed-XXXXXX";
static struct arena A;
static struct err err;
static const char *folder, *path;

static int set_up(void **state)
{
	(void)state;
	if (!mkdtemp(base) || setenv("XDG_CACHE_HOME", fs_join(&A, base, "cache"), 1))
		return -1;
	folder = keep_folder(&A);
	path = fs_join(&A, base, "file");
	return folder ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)state;
	bool ok = fs_remove_tree(base, &err);
	arena_clear(&A);
	return ok ? 0 : -1;
}

static void write_file(const char *text)
{
	FILE *f = fopen(path, "w");
	assert_non_null(f);
	fputs(text, f);
	assert_int_equal(fclose(f), 0);
}

/* Its times can't be set back by this program: ctime is the kernel's. So that a moment has to pass. */
static void settle(void)
{
	usleep((HASHED_SETTLED_MS + 100) * 1000);
}

static const char *sha256(void)
{
	struct hashed *h = hashed_open(&A, folder, base);
	const char *text = hashed_file(h, DIGEST_SHA256, "file", path, &err);
	hashed_save(h);
	return text;
}

/* What the file would be if it were read again; its times stay. */
static void change_unseen(const char *text)
{
	struct stat st;
	assert_int_equal(stat(path, &st), 0);
	write_file(text);
	const struct timespec times[] = {st.st_atim, st.st_mtim};
	assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
}

static bool is_kept(void)
{
	char command[512];
	snprintf(command, sizeof command, "grep -q %s %s/content-* 2>/dev/null", ABC, folder);
	return !system(command);
}

static void test_kept_when_it_has_settled(void **state)
{
	(void)state;
	write_file("abc");
	assert_string_equal(sha256(), ABC);
	assert_false(is_kept());
	settle();
	assert_string_equal(sha256(), ABC);
	assert_true(is_kept());
	/* Of the same size, mtime and inode: ctime tells. */
	change_unseen("xyz");
	assert_string_equal(sha256(), XYZ);
	assert_false(is_kept());
}

static void test_another_file_in_its_place(void **state)
{
	(void)state;
	write_file("abc");
	settle();
	assert_string_equal(sha256(), ABC);
	const char *other = fs_join(&A, base, "other");
	assert_true(fs_write(other, "xyz", 3, 0600, &err));
	assert_int_equal(rename(other, path), 0);
	assert_string_equal(sha256(), XYZ);
	assert_int_equal(unlink(path), 0);
	assert_null(sha256());
	assert_has(err.text, "/file: ");
}

static void test_it_is_not_read_again(void **state)
{
	(void)state;
	write_file("abc");
	settle();
	struct hashed *h = hashed_open(&A, folder, base);
	assert_string_equal(hashed_file(h, DIGEST_SHA256, "file", path, &err), ABC);
	hashed_save(h);
	/* That it comes from what was kept shows by a digest that no reading would give. */
	char command[512];
	snprintf(command, sizeof command, "ls %s/content-*", folder);
	FILE *f = popen(command, "r");
	char name[256] = "";
	assert_int_equal(fscanf(f, "%255s", name), 1);
	pclose(f);
	buf_auto bytes = {0};
	size_t n;
	const char *kept = keep_read(&A, folder, fs_basename(name), "local files 1", &n);
	assert_non_null(kept);
	buf_add(&bytes, kept, n);
	char *at = memmem(bytes.data, bytes.len, ABC, strlen(ABC));
	assert_non_null(at);
	memcpy(at, XYZ, strlen(XYZ));
	assert_true(keep_write(folder, fs_basename(name), "local files 1", &bytes));
	assert_string_equal(sha256(), XYZ);
	/* Nothing kept: read. */
	h = hashed_open(&A, NULL, base);
	assert_string_equal(hashed_file(h, DIGEST_SHA256, "file", path, &err), ABC);
}

static void test_both_digests(void **state)
{
	(void)state;
	write_file("abc");
	settle();
	for (int i = 0; i < 2; i++) {
		struct hashed *h = hashed_open(&A, folder, base);
		assert_string_equal(
			hashed_file(h, DIGEST_MD5, "file", path, &err), "kAFQmDzST7DWlj99KOF/cg==");
		assert_string_equal(hashed_file(h, DIGEST_SHA256, "file", path, &err), ABC);
		hashed_save(h);
	}
	/* Not asked for any more: not kept any more. */
	hashed_save(hashed_open(&A, folder, base));
	assert_false(is_kept());
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_kept_when_it_has_settled),
		cmocka_unit_test(test_another_file_in_its_place),
		cmocka_unit_test(test_it_is_not_read_again),
		cmocka_unit_test(test_both_digests),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
