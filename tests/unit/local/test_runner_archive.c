/* Archives made by libzip, good and hostile. */
#include "../unit.h"

#include "base/zip_index.h"
#include "local/runner/runner_archive.h"

#include "base/buf.h"
#include "base/fs.h"
#include "base/text.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zip.h>

struct fixture {
	struct arena arena;
	char folder[64]; /* its name has characters that glob() would take for a pattern */
	const char *zip, *out;
};

static int setup(void **state)
{
	struct fixture *f = xalloc(sizeof *f);
	*f = (struct fixture){.folder = "/tmp/weir-[a]*-XXXXXX"};
	assert_non_null(mkdtemp(f->folder));
	f->zip = arena_printf(&f->arena, "%s/a.zip", f->folder);
	f->out = arena_printf(&f->arena, "%s/run/archive", f->folder);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;
	struct err err;
	fs_remove_tree(f->folder, &err);
	arena_clear(&f->arena);
	free(f);
	return 0;
}

static zip_int64_t add(zip_t *z, const char *name, const char *text)
{
	zip_source_t *s = zip_source_buffer(z, text, strlen(text), 0);
	zip_int64_t i = zip_file_add(z, name, s, ZIP_FL_ENC_UTF_8);
	assert_true(i >= 0);
	return i;
}

static zip_t *begin(struct fixture *f)
{
	zip_t *z = zip_open(f->zip, ZIP_CREATE | ZIP_TRUNCATE, NULL);
	assert_non_null(z);
	return z;
}

static bool unpack(struct fixture *f, struct runner_archive *ret, struct err *err)
{
	fd_auto fd = open(f->zip, O_RDONLY);
	assert_true(fd >= 0);
	return runner_archive_unpack(fd, f->out, &f->arena, ret, err);
}

static void test_layout_of_data_flow(void **state)
{
	struct fixture *f = *state;
	struct runner_archive got;
	struct err err;
	zip_t *z = begin(f);
	zip_dir_add(z, "python/", 0);
	add(z, "python/lib/python3.11/site-packages/thing/__init__.py", "x = 1\n");
	add(z, "java/b.jar", "B");
	add(z, "java/a.jar", "A");
	add(z, "version.txt", "1\n");
	zip_close(z);
	assert_true(unpack(f, &got, &err));
	assert_int_equal(got.python_n, 1);
	assert_true(text_ends(got.python[0], "/archive/python/lib/python3.11/site-packages"));
	assert_int_equal(got.jars_n, 2);
	assert_true(text_ends(got.jars[0], "/archive/java/a.jar"));

	buf_auto text = {0};
	const char *file = arena_printf(&f->arena, "%s/thing/__init__.py", got.python[0]);
	assert_true(fs_read(file, &text, &err));
	assert_string_equal(buf_str(&text), "x = 1\n");
}

static void test_empty_archive_has_nothing(void **state)
{
	struct fixture *f = *state;
	struct runner_archive got;
	struct err err;
	zip_t *z = begin(f);
	add(z, "version.txt", "1\n");
	zip_close(z);
	assert_true(unpack(f, &got, &err));
	assert_int_equal(got.python_n, 0);
	assert_int_equal(got.jars_n, 0);
}

static void refused(struct fixture *f, const char *why)
{
	struct runner_archive got = {.jars_n = 77};
	struct err err;
	assert_false(unpack(f, &got, &err));
	assert_int_equal(err.kind, ERR_INVALID);
	if (!strstr(err.text, why))
		fail_msg("`%s` does not say `%s`", err.text, why);
	assert_int_equal(got.jars_n, 77);
}

static void test_names_that_leave_the_folder(void **state)
{
	struct fixture *f = *state;
	static const char *const names[] = {
		"../evil", "java/../../evil", "/tmp/evil", "a\\..\\evil", "java/..", NULL};
	for (size_t i = 0; names[i]; i++) {
		zip_t *z = begin(f);
		add(z, names[i], "x");
		zip_close(z);
		refused(f, "would not stay inside");
	}
	assert_false(fs_exists(arena_printf(&f->arena, "%s/run/evil", f->folder)));
	assert_false(fs_exists(arena_printf(&f->arena, "%s/evil", f->folder)));
}

static void test_links_are_refused(void **state)
{
	struct fixture *f = *state;
	zip_t *z = begin(f);
	zip_int64_t i = add(z, "java/x.jar", "/etc/passwd");
	zip_file_set_external_attributes(
		z, (zip_uint64_t)i, 0, ZIP_OPSYS_UNIX, (zip_uint32_t)(S_IFLNK | 0777) << 16);
	zip_close(z);
	refused(f, "is a link or a device");
}

static void test_what_is_no_zip(void **state)
{
	struct fixture *f = *state;
	struct err err;
	assert_true(fs_write(f->zip, "hello", 5, 0600, &err));
	refused(f, "no zip file");
	assert_true(fs_write(f->zip, "", 0, 0600, &err));
	refused(f, "no zip file");
}

static void test_damaged_content(void **state)
{
	struct fixture *f = *state;
	struct err err;
	zip_t *z = begin(f);
	zip_int64_t i = add(z, "java/x.jar", "the content of a jar");
	zip_set_file_compression(z, (zip_uint64_t)i, ZIP_CM_STORE, 0);
	zip_close(z);
	buf_auto bytes = {0};
	assert_true(fs_read(f->zip, &bytes, &err));
	char *at = memmem(bytes.data, bytes.len, "content", 7);
	assert_non_null(at);
	*at = 'X';
	assert_true(fs_write(f->zip, bytes.data, bytes.len, 0600, &err));
	refused(f, "is damaged");
}

static void test_name_ok(void **state)
{
	(void)state;
	assert_true(zip_name_ok("a/b/c.txt"));
	assert_true(zip_name_ok("a/..b/c..d"));
	assert_true(zip_name_ok("dir/"));
	assert_false(zip_name_ok(""));
	assert_false(zip_name_ok(".."));
	assert_false(zip_name_ok("a/../b"));
	assert_false(zip_name_ok("a/.."));
	assert_false(zip_name_ok("/a"));
}

int main(void)
{
#define CASE(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)
	const struct CMUnitTest tests[] = {
		CASE(test_layout_of_data_flow),
		CASE(test_empty_archive_has_nothing),
		CASE(test_names_that_leave_the_folder),
		CASE(test_links_are_refused),
		CASE(test_what_is_no_zip),
		CASE(test_damaged_content),
		cmocka_unit_test(test_name_ok),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
