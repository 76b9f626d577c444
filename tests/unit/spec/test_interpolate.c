/* `$<key>`: what it becomes, and what is told when it cannot. */
#include "../unit.h"
#include "base/text.h"
#include "spec/harness_spec.h"

#include <stdlib.h>
#include <unistd.h>

/* The value that `text` has as a tag of a bucket, after `parameters:` given as lines. */
static const char *value_of(struct bench *b, const char *parameters, const char *text)
{
	bench_open(b,
		arena_printf(&b->arena,
			"pipeline: p\nparameters:\n%s\nbuckets:\n  bucket:\n"
			"    freeform_tags: {x: %s}\n",
			parameters, text));
	if (!b->pipeline)
		return bench_told(b);
	const struct bucket_decl *decl = b->pipeline->buckets.v;
	return decl->freeform_tags.n ? decl->freeform_tags.v[0].value : "(absent)";
}

static void texts(void **state)
{
	struct bench *b = *state;
	const char *p =
		"  a: {default: one}\n  v: {default: 3.10, type: number}\n"
		"  t: {default: true, type: boolean}\n  s: {default: 3.10}\n  e: {default: \"\"}";
	assert_string_equal(value_of(b, p, "\"$<a>\""), "one");
	assert_string_equal(value_of(b, p, "x-$<a>-$<v>-y"), "x-one-3.10-y");
	assert_string_equal(value_of(b, p, "$<s>"), "3.10");
	assert_string_equal(value_of(b, p, "$<t>$<t>"), "truetrue");
	assert_has(value_of(b, p, "[$<e>]"), "must be a string, not a list");
	assert_string_equal(value_of(b, p, "$<e>"), "");
}

static void literals_and_defaults(void **state)
{
	struct bench *b = *state;
	const char *p = "  a: {default: one}\n  n: {default: null}\n  d: {default: \"$<n|zwei>\"}\n"
			"  tricky: {default: \"$$<a>\"}";
	assert_string_equal(value_of(b, p, "$$<a>"), "$<a>");
	assert_string_equal(value_of(b, p, "\"$$<a> is $<a>\""), "$<a> is one");
	assert_string_equal(value_of(b, p, "$<a|other>"), "one");
	assert_string_equal(value_of(b, p, "$<n|other text>"), "other text");
	assert_string_equal(value_of(b, p, "x$<n|>y"), "xy");
	assert_string_equal(value_of(b, p, "$<n|>"), "");
	assert_string_equal(value_of(b, p, "$<n|null>"), "(absent)");
	assert_string_equal(value_of(b, p, "x$<n|null>"), "xnull");
	assert_string_equal(value_of(b, p, "$<n>"), "(absent)");
	assert_string_equal(value_of(b, p, "$<d>"), "zwei");
	/* Never inside a result. */
	assert_string_equal(value_of(b, p, "$<tricky>"), "$<a>");
	assert_string_equal(value_of(b, p, "<$<tricky>>"), "<$<a>>");
	assert_has(value_of(b, p, "x$<n>"),
		"9:24: error: `$<n>` is null and cannot stand inside a text "
		"| give a default: `$<n|text>`");
	assert_has(value_of(b, p, "\"$<a\""),
		"error: `$<` without `>` | a literal `$<` is written `$$<`");
	assert_has(value_of(b, p, "\"$<a|x\""), "`$<` without `>`");
}

static void unknown_names(void **state)
{
	struct bench *b = *state;
	const char *p = "  landing: {default: one}";
	assert_string_equal(value_of(b, p, "$<landign>"),
		"6:24: error: nothing is called `landign` that `$<landign>` could stand for | did you "
		"mean `landing`?\n");
	assert_has(value_of(b, p, "$<zzz>"), "declare it under `parameters`");
	assert_has(value_of(b, p, "$<zzz|default>"), "nothing is called `zzz`");
	assert_has(value_of(b, p, "$<oci.namespce>"), "did you mean `oci.namespace`?");
	assert_has(value_of(b, p, "$<steps.a.run_id>"), "nothing is called");
	assert_has(value_of(b, p, "$<apps.none.file_uri>"), "nothing is called");
	assert_has(value_of(b, p, "$<>"), "nothing is called ``");
	/* One mistake a text, and nothing more of what it would have made. */
	assert_int_equal(b->diags.errors, 1);
}

static void wholes_keep_their_type(void **state)
{
	struct bench *b = *state;
	bench_open(b,
		bench_app(b,
			"    arguments: $<list>\n"
			"    configuration: $<map>\n"
			"    max_duration_in_minutes: $<n>\n"
			"parameters:\n"
			"  list: {type: list, default: [a, 1, $<n>]}\n"
			"  map: {type: map, default: {spark.x: $<n>}}\n"
			"  n: {type: integer, default: 7}\n"));
	assert_string_equal(bench_told(b), "");
	const struct application *app = &bench_get_app(b, "copy")->fields.app;
	assert_int_equal(app->arguments.n, 3);
	assert_string_equal(app->arguments.v[2], "7");
	assert_string_equal(app->configuration.v[0].value, "7");
	assert_int_equal(app->max_duration_in_minutes.v, 7);
	assert_has(value_of(b, "  l: {type: list, default: [1]}", "x$<l>"),
		"`$<l>` is a list and cannot stand inside a text | let the reference be the whole value");
}

static void wrong_types_are_told_where_they_are_used(void **state)
{
	struct bench *b = *state;
	bench_file(b, "copy.py", "");
	assert_string_equal(bench_tell(b,
				    bench_app(b,
					    "    max_duration_in_minutes: $<s>\n"
					    "parameters: {s: {default: soon}}\n")),
		"10:30: error: `max_duration_in_minutes` must be an integer, not a string\n");
	/* A default text is what YAML makes of it. */
	bench_open(b,
		bench_app(b,
			"    max_duration_in_minutes: $<n|12>\n"
			"parameters: {n: {type: integer, default: null}}\n"));
	assert_int_equal(bench_get_app(b, "copy")->fields.app.max_duration_in_minutes.v, 12);
}

static void map_keys(void **state)
{
	struct bench *b = *state;
	const char *text =
		"pipeline: p\nparameters: {a: {default: one}, l: {type: list, default: []}}\n"
		"buckets:\n  $<a>: {}\n  x-$<a>: {}\n";
	bench_open(b, text);
	assert_string_equal(bench_told(b), "");
	assert_non_null(resources_find(&b->want, "buckets.one"));
	assert_non_null(resources_find(&b->want, "buckets.x-one"));
	assert_has(bench_tell(b, arena_printf(&b->arena, "%s  one: {}\n", text)),
		"6:3: error: duplicate key `one` | the first is at 4:3; keep one");
	assert_has(bench_tell(b, arena_printf(&b->arena, "%s  $<l>: {}\n", text)),
		"6:3: error: `$<l>` is a list and cannot stand inside a text");
	assert_has(bench_tell(b, arena_printf(&b->arena, "%s  $<aa>: {}\n", text)),
		"did you mean `a`?");
}

static void cycles(void **state)
{
	struct bench *b = *state;
	assert_has(value_of(b, "  a: {default: $<b>}\n  b: {default: x$<c>}\n  c: {default: $<a>}",
			   "1"),
		"`a` refers to itself: a -> b -> c -> a");
	assert_int_equal(b->diags.errors, 1);
	assert_has(value_of(b, "  a: {default: $<a>}", "1"), "`a` refers to itself: a -> a");
	/* What is on the way to a cycle is not part of it. */
	assert_has(value_of(b, "  z: {default: $<a>}\n  a: {default: $<b>}\n  b: {default: $<a>}",
			   "1"),
		"itself: a -> b -> a");
	assert_has(bench_tell(b,
			   "pipeline: p\napps:\n  a: {file_uri: $<apps.b.file_uri>}\n"
			   "  b: {file_uri: $<apps.a.file_uri>}\n"),
		"refers to itself: apps.b.file_uri -> apps.a.file_uri -> apps.b.file_uri");
}

static void builtins(void **state)
{
	struct bench *b = *state;
	const char *p = "  date: {default: mine}";
	assert_string_equal(value_of(b, "  a: {default: 1}", "$<date>"), "2023-11-14");
	assert_string_equal(value_of(b, p, "$<date>"), "mine"); /* declared comes first */
	assert_string_equal(value_of(b, p, "$<target.name>/$<pipeline.name>"), "local/p");
	assert_string_equal(value_of(b, p, "$<oci.namespace>"), "namespace");
	b->builtins = (struct spec_builtins){"ns1", "eu-x-1", "ocid1.t", "ocid1.c"};
	assert_string_equal(value_of(b, p, "\"$<oci.namespace>,$<oci.region>,$<oci.tenancy>\""),
		"ns1,eu-x-1,ocid1.t");
}

static void environment(void **state)
{
	struct bench *b = *state;
	const char *p = "  a: {default: 1}";
	setenv("WEIR_TEST_X", "42", 1);
	unsetenv("WEIR_TEST_Y");
	setenv("OTHER_SECRET", "hidden", 1);
	assert_string_equal(value_of(b, p, "$<env.WEIR_TEST_X>"), "42");
	assert_string_equal(value_of(b, p, "$<env.WEIR_TEST_Y|none>"), "none");
	assert_has(value_of(b, p, "$<env.WEIR_TEST_Y>"),
		"the environment variable WEIR_TEST_Y is not set | set it, or give a default");
	const char *told = value_of(b, p, "$<env.OTHER_SECRET|x>");
	assert_has(
		told, "`$<env.OTHER_SECRET>` is not given out: only WEIR_..., HOME and USER are");
	assert_lacks(told, "hidden");
	assert_has(value_of(b, p, "$<env.HOMES>"), "is not given out");
	assert_string_equal(value_of(b, p, "$<env.HOME>"), getenv("HOME"));
	unsetenv("WEIR_TEST_X");
	unsetenv("OTHER_SECRET");
}

static void commit_of_git(void **state)
{
	struct bench *b = *state;
	const char *p = "  a: {default: 1}", *id = "0123456789abcdef0123456789abcdef01234567";
	assert_has(value_of(b, p, "$<git.commit>"), "there is no Git commit here");
	assert_string_equal(value_of(b, p, "$<git.commit|none>"), "none");
	bench_file(b, ".git/packed-refs",
		arena_printf(&b->arena, "# pack-refs\n%s refs/heads/other\n%s refs/heads/main\n",
			"ffffffffffffffffffffffffffffffffffffffff", id));
	assert_string_equal(value_of(b, p, "$<git.commit>"), id);
	bench_file(b, ".git/refs/heads/main", "89abcdef0123456789abcdef0123456789abcdef\n");
	assert_has(value_of(b, p, "$<git.commit>"), "89abcdef");
	bench_file(b, ".git/HEAD", id);
	assert_string_equal(value_of(b, p, "$<git.commit>"), id);
	bench_file(b, ".git/HEAD", "ref: refs/heads/../../../secret\n");
	assert_has(value_of(b, p, "$<git.commit>"), "there is no Git commit here");
	bench_file(b, ".git/HEAD", "not an id\n");
	assert_has(value_of(b, p, "$<git.commit>"), "there is no Git commit here");
}

/* In a work tree `.git` is a file that names a folder, which names the one where the branches are. */
static void commit_of_a_work_tree(void **state)
{
	struct bench *b = *state;
	static const char id[] = "0123456789abcdef0123456789abcdef01234567";
	assert_int_equal(unlink(arena_printf(&b->arena, "%s/.git/HEAD", b->dir)), 0);
	assert_int_equal(rmdir(arena_printf(&b->arena, "%s/.git", b->dir)), 0);
	bench_file(b, ".git", "gitdir: real/worktrees/one\n");
	bench_file(b, "real/worktrees/one/HEAD", "ref: refs/heads/side\n");
	bench_file(b, "real/worktrees/one/commondir", "../..\n");
	bench_file(b, "real/refs/heads/side", id);
	assert_string_equal(value_of(b, "  a: {default: 1}", "$<git.commit>"), id);
	bench_file(b, ".git", "no such thing\n");
	assert_has(
		value_of(b, "  a: {default: 1}", "$<git.commit>"), "there is no Git commit here");
}

static void what_changes_by_itself(void **state)
{
	struct bench *b = *state;
	assert_string_equal(bench_tell(b,
				    bench_app(b,
					    "    arguments: [\"$<date>\", x$<day>, $<fixed>]\n"
					    "parameters:\n  day: {default: $<date>}\n"
					    "  fixed: {default: 1}\n")),
		"10:17: warning: `$<date>` changes by itself: a plan would find a difference every time | "
		"pass it as a parameter of a sequence, or with -p\n"
		"10:28: warning: `$<date>` changes by itself: a plan would find a difference every time | "
		"pass it as a parameter of a sequence, or with -p\n");
	assert_true(b->desired);
	bench_param(b, "day", "monday");
	assert_has(bench_tell(b,
			   bench_app(b,
				   "    arguments: [$<day>]\n"
				   "parameters: {day: {default: $<date>}}\n")),
		"");
	b->options.params_n = 0;
	/* Elsewhere it is as it should be. */
	assert_string_equal(bench_tell(b, "pipeline: p\ndescription: $<date>\n"), "");
}

static void sensitive_values(void **state)
{
	struct bench *b = *state;
	const char *more = "    arguments: [$<key>]\n"
			   "parameters: {key: {sensitive: true, enum: [aaaa, bbbb]}}\n";
	bench_param(b, "key", "aaaa");
	assert_has(bench_tell(b, bench_app(b, more)), "warning: the value of `key` is sensitive");
	b->params[0].value = "topsecret";
	const char *told = bench_tell(b, bench_app(b, more));
	assert_has(told, "parameter `key` must be one of aaaa, bbbb, not `(sensitive)`");
	assert_lacks(told, "topsecret");
	assert_int_equal(spec_secrets(b->spec)->n, 0);
	b->params[0].value = "bbbb";
	bench_open(b, bench_app(b, more));
	assert_int_equal(spec_secrets(b->spec)->n, 1);
	assert_string_equal(spec_secrets(b->spec)->v[0], "bbbb");
	b->params[0].value = "abc";
	assert_has(bench_tell(b, bench_app(b, "parameters: {key: {sensitive: true}}\n")),
		"the value of `key` is too short to be kept out of what is printed");
}

static void addresses(void **state)
{
	struct bench *b = *state;
	bench_file(b, "deps.zip", "zip");
	bench_file(b, "other.py", "");
	bench_open(b,
		bench_app(b,
			"    arguments: [$<apps.other.file_uri>, $<apps.third.file_uri>, "
			"$<archives.deps.uri>]\n"
			"  other:\n    script: other.py\n    script_bucket: $<bucket>\n"
			"    spark_version: 3.5.0\n    driver_shape: VM.Standard2.1\n"
			"    executor_shape: VM.Standard2.1\n    num_executors: 1\n"
			"    archive: deps\n"
			"  third:\n    file_uri: oci://b@n/third.jar\n    language: SCALA\n"
			"    spark_version: 3.5.0\n    driver_shape: VM.Standard2.1\n"
			"    executor_shape: VM.Standard2.1\n    num_executors: 1\n"
			"    class_name: a.B\n"
			"archives: {deps: {path: deps.zip}}\n"
			"parameters: {bucket: {default: bb}}\n"));
	assert_string_equal(bench_told(b), "");
	const struct strs *arguments = &bench_get_app(b, "copy")->fields.app.arguments;
	assert_string_equal(arguments->v[0], "oci://bb@namespace/weir/p/local/scripts/other.py");
	assert_string_equal(arguments->v[1], "oci://b@n/third.jar");
	assert_string_equal(arguments->v[2], "oci://bb@namespace/weir/p/local/archives/deps.zip");
	assert_has(bench_tell(b,
			   "pipeline: p\napps:\n  a: {execute: x}\n"
			   "  b: {arguments: [$<apps.a.file_uri>, $<archives.d.uri>]}\n"
			   "archives: {d: {path: x.zip}}\n"),
		"apps.a has no file whose address could be given");
	assert_has(bench_told(b), "archives.d has no address: no `script_bucket` is set for it");
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, bench_setup, bench_teardown)
	const struct CMUnitTest tests[] = {
		TEST(texts),
		TEST(literals_and_defaults),
		TEST(unknown_names),
		TEST(wholes_keep_their_type),
		TEST(wrong_types_are_told_where_they_are_used),
		TEST(map_keys),
		TEST(cycles),
		TEST(builtins),
		TEST(environment),
		TEST(commit_of_git),
		TEST(commit_of_a_work_tree),
		TEST(what_changes_by_itself),
		TEST(sensitive_values),
		TEST(addresses),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
