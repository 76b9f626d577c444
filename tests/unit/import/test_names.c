/* Names that are safe, of names that may be anything. */
#include "../unit.h"
#include "base/fs.h"
#include "import/names.h"
#include "model/pipeline.h"

#include <stdlib.h>

static struct arena arena;

static int teardown(void **state)
{
	(void)state;
	arena_clear(&arena);
	return 0;
}

static struct import_names names(void)
{
	return (struct import_names){.used = {.arena = &arena}};
}

static void keys(void **state)
{
	(void)state;
	struct import_names n = names();
	static const struct {
		const char *text, *key;
	} cases[] = {{"Nightly copy", "nightly-copy"}, {"nightly  COPY", "nightly-copy-2"},
		{"../../etc/passwd", "etc-passwd"}, {"a_b", "a_b"}, {"__a__", "a"}, {"", "app"},
		{"\xe6\x97\xa5\xe6\x9c\xac", "app-2"}, {"-", "app-3"}, {"null", "null"}, {"1", "1"},
		{"x\x01y", "x-y"},
		{"a23456789012345678901234567890123456789012345",
			"a234567890123456789012345678901234567890"},
		{"a23456789012345678901234567890123456789012345",
			"a2345678901234567890123456789012"}};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const char *key = import_names_key(&n, cases[i].text, "app");
		assert_string_equal(key, cases[i].key);
		assert_true(pipeline_key_ok(key));
	}
}

static void files(void **state)
{
	(void)state;
	struct import_names n = names();
	assert_true(import_names_take(&n, "pipeline.yaml"));
	static const struct {
		const char *text, *file;
	} cases[] = {{"jobs/copy.py", "copy.py"}, {"other/COPY.py", "COPY-2.py"},
		{"copy.py", "copy-3.py"}, {"../../x.py", "x.py"}, {"..", "file"}, {".", "file-2"},
		{"a/", "file-3"}, {"pipeline.yaml", "pipeline-2.yaml"}, {".git", "git"},
		{"-rf", "rf"}, {"a b\n.py", "a_b_.py"}, {"x.tar.gz", "x.tar.gz"}, {".py", "py"},
		{"x.", "x."}};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_string_equal(import_names_file(&n, cases[i].text), cases[i].file);
}

/* Whatever the name, the file's is one part, plain, short and its own. */
static void random_files(void **state)
{
	(void)state;
	struct import_names n = names(), again = names(), k = names();
	srand(8);
	for (int i = 0; i < 20000; i++) {
		char text[300];
		int len = rand() % 4 ? rand() % 12 : rand() % 299;
		for (int at = 0; at < len; at++)
			text[at] =
				(char)(rand() % 3 ? "./-_ aZ0\\:~"[rand() % 11] : 1 + rand() % 255);
		text[len] = 0;
		const char *file = import_names_file(&n, text);
		if (!import_names_path_ok(file) || strchr(file, '/'))
			fail_msg("`%s` became `%s`", text, file);
		assert_true(import_names_take(&again, file));
		const char *key = import_names_key(&k, text, "app");
		if (!pipeline_key_ok(key))
			fail_msg("`%s` became key `%s`", text, key);
	}
}

static void paths(void **state)
{
	(void)state;
	static const char *const good[] = {"a", "a/b.py", "A-1/b_c/d.e"};
	static const char *const bad[] = {"", "/a", "a/", "a//b", "..", "a/../b", ".a", "a/.b",
		"-a", "a b", "a\\b", "a\nb", "\xc3\xa9"};
	for (size_t i = 0; i < sizeof good / sizeof *good; i++)
		assert_true(import_names_path_ok(good[i]));
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		if (import_names_path_ok(bad[i]))
			fail_msg("`%s` was taken", bad[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys),
		cmocka_unit_test(files),
		cmocka_unit_test(random_files),
		cmocka_unit_test(paths),
	};
	return cmocka_run_group_tests(tests, NULL, teardown);
}
