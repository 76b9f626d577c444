#include "../unit.h"

#include "local/command/setup.h"

#include "base/buf.h"
#include "base/fs.h"
#include "base/program.h"
#include "base/text.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SUM "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static void test_pins_of_this_program(void **state)
{
	(void)state;
	arena_auto a = {0};
	struct setup_pins pins;
	size_t pip = 0, early_pip = 0, maven = 0, early_maven = 0;
	setup_pins_load(&a, &pins);
	for (size_t i = 0; i < pins.n; i++) {
		const struct setup_pin *p = &pins.v[i];
		*(p->maven ? &maven : &pip) += 1;
		*(p->maven ? &early_maven : &early_pip) += p->early;
		assert_int_equal(strlen(p->sha256), 64);
		assert_true(p->maven == !text_empty(p->group));
	}
	assert_true(pip > early_pip && early_pip > 0);
	assert_true(maven > early_maven && early_maven > 0);
	assert_int_equal(strlen(pins.digest), 64);
}

static void test_pins_of_azure(void **state)
{
	(void)state;
	arena_auto a = {0};
	struct setup_pins pins, spark;
	setup_pins_load_azure(&a, &pins);
	setup_pins_load(&a, &spark);
	assert_true(pins.n > 0);
	for (size_t i = 0; i < pins.n; i++)
		assert_true(pins.v[i].maven && pins.v[i].early);
	assert_string_not_equal(pins.digest, spark.digest);
}

static void test_pins_are_read_in_order(void **state)
{
	(void)state;
	arena_auto a = {0};
	struct setup_pins pins;
	struct err err;
	assert_true(setup_pins_parse("# what\n\npip  x 1.0 " SUM " build\nmaven g.h:art:2.0 " SUM
				     " jars",
		&a, &pins, &err));
	assert_int_equal(pins.n, 2);
	assert_string_equal(pins.v[0].name, "x");
	assert_true(pins.v[0].early);
	assert_string_equal(pins.v[1].group, "g.h");
	assert_string_equal(setup_pin_jar(&a, &pins.v[1]), "art-2.0.jar");
	assert_false(pins.v[1].early);
}

static void test_pins_that_are_wrong(void **state)
{
	(void)state;
	static const char *const bad[] = {
		"\nnpm x 1 " SUM " run",
		"\npip x 1 " SUM,
		"\npip x 1 " SUM " later",
		"\npip x 1 0123 run",
		"\npip x 1 " SUM " run more",
		"\nmaven g:a " SUM " jars",
		"\nmaven g:a:1:jar " SUM " jars",
		"\nmaven g:a:1 " SUM " run",
	};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		arena_auto a = {0};
		struct setup_pins pins;
		struct err err;
		if (setup_pins_parse(bad[i], &a, &pins, &err))
			fail_msg("taken: %s", bad[i]);
		assert_non_null(strstr(err.text, "line 2"));
	}
}

static void test_java_versions(void **state)
{
	(void)state;
	assert_int_equal(setup_java_major("openjdk version \"17.0.15\" 2025-04-15"), 17);
	assert_int_equal(setup_java_major("java version \"1.8.0_292\""), 8);
	assert_int_equal(setup_java_major("openjdk version \"21\" 2023-09-19"), 21);
	assert_int_equal(setup_java_major("bash: java: command not found"), 0);
	assert_int_equal(setup_java_major(""), 0);
}

static void test_folder(void **state)
{
	(void)state;
	arena_auto a = {0};
	unsetenv("WEIR_LOCAL_SPARK");
	assert_string_equal(setup_folder(&a, "/h"), "/h/spark");
	setenv("WEIR_LOCAL_SPARK", "/shared", 1);
	assert_string_equal(setup_folder(&a, "/h"), "/shared");
	setenv("WEIR_LOCAL_SPARK", "there", 1);
	char *folder = setup_folder(&a, "/h");
	assert_true(folder[0] == '/' && text_ends(folder, "/there"));
	unsetenv("WEIR_LOCAL_SPARK");
}

static void note(void *ctx, const char *line)
{
	buf_printf(ctx, "[%s]", line);
}

static int run(const char *script, struct buf *lines)
{
	const char *const argv[] = {"sh", "-c", script, NULL};
	struct program c = {.argv = argv, .log = -1, .line = note, .ctx = lines};
	struct err err;
	int status;
	assert_true(program_run(&c, &status, &err));
	return status;
}

static void test_command_output_and_status(void **state)
{
	(void)state;
	buf_auto lines = {0};
	assert_int_equal(run("echo one; echo two >&2; printf three; exit 4", &lines), 4);
	assert_string_equal(buf_str(&lines), "[one][two][three]");
	assert_int_equal(run("kill -TERM $$", &lines), 128 + 15);
	assert_int_equal(run("cat", &lines), 0);

	const char *const argv[] = {"no-such-program", NULL};
	struct program c = {.argv = argv, .log = -1};
	struct err err;
	int status;
	assert_true(program_run(&c, &status, &err));
	assert_int_equal(status, 127);
}

/* Programs that say they are python, java and mvn; what setup runs with is their folder alone. */
static void fake(const char *folder, const char *name, const char *script)
{
	arena_auto a = {0};
	struct err err;
	const char *path = arena_printf(&a, "%s/%s", folder, name);
	const char *text = arena_printf(&a, "#!/bin/sh\n%s\n", script);
	assert_true(fs_write(path, text, strlen(text), 0755, &err));
}

static int setup_with_path(const char *path, struct buf *said)
{
	arena_auto a = {0};
	char file[] = "/tmp/weir-said-XXXXXX";
	int to = mkstemp(file), before = dup(STDERR_FILENO);
	char *old = arena_strdup(&a, getenv("PATH"));
	char *argv[] = {arena_strdup(&a, "setup"), NULL};
	struct err err;
	fflush(stderr);
	dup2(to, STDERR_FILENO);
	setenv("PATH", path, 1);
	int status = setup_main(1, argv);
	setenv("PATH", old, 1);
	fflush(stderr);
	dup2(before, STDERR_FILENO);
	close(before);
	close(to);
	buf_truncate(said, 0);
	assert_true(fs_read(file, said, &err));
	unlink(file);
	return status;
}

static void says(const struct buf *said, const char *text)
{
	if (!strstr(buf_str(said), text))
		fail_msg("`%s` does not say `%s`", buf_str(said), text);
}

static void test_setup_says_what_is_missing_and_leaves_nothing(void **state)
{
	(void)state;
	arena_auto a = {0};
	buf_auto said = {0};
	struct err err;
	char folder[] = "/tmp/weir-setup-XXXXXX";
	assert_non_null(mkdtemp(folder));
	const char *bin = arena_printf(&a, "%s/bin", folder),
		   *spark = arena_printf(&a, "%s/spark", folder);
	assert_true(fs_mkdirs(bin, 0755, &err));
	setenv("WEIR_LOCAL_SPARK", spark, 1);
	unsetenv("JAVA_HOME");

	assert_int_equal(setup_with_path(bin, &said), 3);
	says(&said, "lacks Python 3 with its venv module, Java 17 or later, Maven");
	says(&said, "apt-get install python3 python3-venv openjdk-17-jre-headless maven");

	fake(bin, "python3", "exit 0");
	fake(bin, "mvn", "exit 0");
	fake(bin, "java", "echo 'openjdk version \"11.0.2\"' >&2");
	assert_int_equal(setup_with_path(bin, &said), 3);
	says(&said, "lacks Java 17 or later\n");

	/* A step that fails: its last words, its log, no stamp. */
	fake(bin, "java", "echo 'openjdk version \"17.0.2\"' >&2");
	fake(bin, "python3", "case $1 in -m) echo no space left; exit 1;; esac");
	assert_int_equal(setup_with_path(bin, &said), 3);
	says(&said, "no space left\n");
	says(&said, "virtual environment: python3 ended with status 1");
	says(&said, "setup.log");
	struct setup_pins pins;
	setup_pins_load(&a, &pins);
	assert_false(setup_is_complete(spark, &pins));

	/* Complete: at once, whatever the machine lacks by now. */
	const char *stamp = arena_printf(&a, "%s/stamp", spark);
	assert_true(fs_write(stamp, pins.digest, 64, 0644, &err));
	assert_int_equal(setup_with_path("/nowhere", &said), 0);
	says(&said, "already installed");
	fs_remove_tree(folder, &err);
	unsetenv("WEIR_LOCAL_SPARK");
}

static void test_setup_empties_no_folder_of_others(void **state)
{
	(void)state;
	arena_auto a = {0};
	buf_auto said = {0};
	struct err err;
	char folder[] = "/tmp/weir-setup-XXXXXX";
	assert_non_null(mkdtemp(folder));
	const char *bin = arena_printf(&a, "%s/bin", folder),
		   *mine = arena_printf(&a, "%s/venv/mine", folder);
	assert_true(fs_mkdirs(bin, 0755, &err) && fs_mkdirs(mine, 0755, &err));
	fake(bin, "python3", "exit 0");
	fake(bin, "mvn", "exit 0");
	fake(bin, "java", "echo 'openjdk version \"17.0.2\"' >&2");
	setenv("WEIR_LOCAL_SPARK", folder, 1);
	assert_int_equal(setup_with_path(bin, &said), 3);
	says(&said, "did not put there");
	assert_true(fs_is_dir(mine));
	fs_remove_tree(folder, &err);
	unsetenv("WEIR_LOCAL_SPARK");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pins_of_this_program),
		cmocka_unit_test(test_pins_of_azure),
		cmocka_unit_test(test_pins_are_read_in_order),
		cmocka_unit_test(test_pins_that_are_wrong),
		cmocka_unit_test(test_java_versions),
		cmocka_unit_test(test_folder),
		cmocka_unit_test(test_command_output_and_status),
		cmocka_unit_test(test_setup_says_what_is_missing_and_leaves_nothing),
		cmocka_unit_test(test_setup_empties_no_folder_of_others),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
