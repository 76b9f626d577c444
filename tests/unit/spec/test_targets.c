/* Which target, and what it changes. */
#include "../unit.h"
#include "spec/harness_spec.h"

#include <stdlib.h>

#define TWO                                                                     \
	"pipeline: p\ntargets:\n  dev: {type: local, default: true}\n  prod:\n" \
	"    compartment_id: ocid1.c\n    profile: PROD\n    region: x-y-1\n"

static void choice(void **state)
{
	struct bench *b = *state;
	bench_open(b, "pipeline: p\n");
	assert_string_equal(spec_target(b->spec)->head.key, "local");
	assert_string_equal(spec_target(b->spec)->type, "local");
	bench_open(b, "pipeline: p\ntargets: {only: {type: local}}\n");
	assert_string_equal(spec_target(b->spec)->head.key, "only");
	bench_open(b, TWO);
	assert_string_equal(spec_target(b->spec)->head.key, "dev");
	b->options.target = "prod";
	bench_open(b, TWO);
	assert_string_equal(spec_target(b->spec)->profile, "PROD");
	assert_string_equal(spec_target(b->spec)->region, "x-y-1");
	assert_int_equal(b->pipeline->targets.n, 2);
	assert_ptr_equal(b->pipeline->target, spec_target(b->spec));
}

static void no_choice(void **state)
{
	struct bench *b = *state;
	assert_has(bench_tell(b, "pipeline: p\ntargets: {a: {type: local}, b: {type: local}}\n"),
		"there are several targets, and none is the default | choose with -t: a, b");
	assert_has(bench_tell(b,
			   "pipeline: p\ntargets: {a: {type: local, default: true}, b: {type: "
			   "local, default: true}}\n"),
		"2:44: error: targets `a` and `b` are both the default");
	b->options.target = "prdo";
	assert_has(bench_tell(b, TWO),
		"no target is called `prdo` | did you mean `prod`? there are dev, prod");
	b->options.target = "x";
	assert_has(bench_tell(b, "pipeline: p\n"), "no target is called `x` | there is local");
}

static void what_a_target_is(void **state)
{
	struct bench *b = *state;
	assert_has(bench_tell(b, "pipeline: p\ntargets: {a: {type: local, profil: x}}\n"),
		"unknown key `profil` in targets.a | did you mean `profile`?");
	assert_has(bench_tell(b, "pipeline: p\ntargets: {a: {type: cloud}}\n"),
		"must be one of oci, local");
	assert_has(bench_tell(b, "pipeline: p\ntargets: {A: {type: local}}\n"),
		"[a-z0-9][a-z0-9_-]{0,39}");
	assert_has(
		bench_tell(b, "pipeline: p\ntargets: {a: {type: local, profile: x, region: y}}\n"),
		"`profile` means nothing to a target of type local | remove it");
	assert_has(bench_told(b), "`region` means nothing");
	assert_has(bench_tell(b, "pipeline: p\ntargets: {a: {endpoint: \"http://x/y\"}}\n"),
		"`endpoint` must be a URL without a path");
	/* Of others than the chosen one too. */
	assert_has(
		bench_tell(b,
			"pipeline: p\ntargets:\n  a: {type: local, default: true}\n  b: {regoin: x}\n"),
		"unknown key `regoin` in targets.b");
	assert_has(bench_tell(b, "pipeline: p\ntargets: {a: {type: local, synk: false}}\n"),
		"unknown key `synk`");
}

static void references_in_a_target(void **state)
{
	struct bench *b = *state;
	const char *text = "pipeline: p\nparameters: {zone: {default: x}}\ntargets:\n  a:\n"
			   "    region: \"$<zone>-1\"\n    compartment_id: $<env.WEIR_TEST_C>\n";
	setenv("WEIR_TEST_C", "ocid1.c", 1);
	bench_open(b, text);
	assert_string_equal(bench_told(b), "");
	assert_string_equal(spec_target(b->spec)->region, "x-1");
	assert_string_equal(spec_target(b->spec)->compartment_id, "ocid1.c");
	unsetenv("WEIR_TEST_C");
	assert_has(bench_tell(b, text),
		"6:21: error: the environment variable WEIR_TEST_C is not set");
	assert_null(b->spec);
	assert_has(bench_tell(b, "pipeline: p\ntargets: {a: {profile: $<oci.region>}}\n"),
		"known only once the target is: it cannot stand in one");
}

/* fields that come from the three places. */
static const char merged[] =
	"defaults:\n  num_executors: 2\n  description: d\n  logs_bucket: logs\n"
	"  configuration: {a: 1, b: 2, c: 3}\n  arguments: [d]\n"
	"targets:\n  t:\n    type: local\n    apps:\n"
	"      copy: {configuration: {b: over}, logs_bucket: null, arguments: [t]}\n";

static void merge_of_three(void **state)
{
	struct bench *b = *state;
	bench_open(b,
		bench_app(b,
			arena_printf(&b->arena,
				"    configuration: {a: app, c: null, d: 4}\n    arguments: [a, b]\n%s",
				merged)));
	assert_string_equal(bench_told(b), "");
	const struct app_fields *f = &bench_get_app(b, "copy")->fields;
	assert_int_equal(f->app.num_executors.v, 1); /* the app's own */
	assert_string_equal(f->app.description, "d");
	assert_null(f->logs_bucket);
	assert_int_equal(f->app.arguments.n, 1);
	assert_string_equal(f->app.arguments.v[0], "t");
	assert_int_equal(f->app.configuration.n, 3);
	assert_string_equal(f->app.configuration.v[0].value, "app");
	assert_string_equal(f->app.configuration.v[1].value, "over");
	assert_string_equal(f->app.configuration.v[2].name, "d");
}

static void keys_of_overrides(void **state)
{
	struct bench *b = *state;
	bench_open(b,
		bench_app(b,
			"parameters: {name: {default: copy}}\ntargets:\n"
			"  t: {type: local, default: true, apps: {$<name>: {description: over}}}\n"
			"  u: {apps: {$<name>: {}}}\n"));
	assert_string_equal(bench_told(b), "");
	assert_string_equal(bench_get_app(b, "copy")->fields.app.description, "over");
	assert_has(bench_tell(b,
			   bench_app(b,
				   "parameters: {name: {default: cpy}}\n"
				   "targets: {t: {type: local, apps: {$<name>: {}}}}\n")),
		"target `t` names app `cpy`, which is not declared | did you mean `copy`?");
}

static void mistakes_of_the_merge(void **state)
{
	struct bench *b = *state;
	assert_has(bench_tell(b, bench_app(b, "targets: {t: {type: local, apps: {cpoy: {}}}}\n")),
		"target `t` names app `cpoy`, which is not declared | did you mean `copy`?");
	assert_has(bench_tell(b,
			   bench_app(b,
				   "targets:\n  t: {type: local, default: true}\n"
				   "  u: {apps: {copy: {num_executor: 1}}}\n")),
		"12:21: error: unknown key `num_executor` in targets.u.apps.copy | did you mean "
		"`num_executors`?");
	/* A mistake in defaults is one mistake. */
	assert_string_equal(
		bench_tell(b,
			"pipeline: p\ndefaults: {descripton: x, num_executors: many, script: a.py, "
			"script_bucket: s, spark_version: 3, driver_shape: a, executor_shape: a}\n"
			"apps: {a: , b: , c: }\n"),
		arena_printf(&b->arena,
			"2:12: error: unknown key `descripton` in defaults | did you mean `description`?\n"
			"2:42: error: `num_executors` must be an integer, not a string\n"
			"2:56: error: script: there is no file `a.py` | paths are relative to %s\n",
			b->dir));
}

static void compartments(void **state)
{
	struct bench *b = *state;
	b->builtins.ns = "ns";
	assert_has(bench_tell(b, bench_app(b, "")),
		"target `local` has no compartment | set `compartment_id`");
	b->builtins.compartment_id = "ocid1.given";
	bench_open(b, bench_app(b, ""));
	assert_string_equal(bench_want_app(b, "copy")->compartment_id, "ocid1.given");
	bench_open(b, bench_app(b, "targets: {t: {type: local, compartment_id: ocid1.file}}\n"));
	assert_string_equal(bench_want_app(b, "copy")->compartment_id, "ocid1.given");
	b->builtins = (struct spec_builtins){0};
	bench_open(b, NULL);
	assert_string_equal(bench_want_app(b, "copy")->compartment_id, "ocid1.file");
	bench_open(b, bench_app(b, "    compartment_id: ocid1.app\n"));
	assert_string_equal(bench_want_app(b, "copy")->compartment_id, "ocid1.app");
}

static void name_and_language(void **state)
{
	struct bench *b = *state;
	bench_open(b, bench_app(b, ""));
	assert_string_equal(bench_get_app(b, "copy")->fields.app.display_name, "p-copy");
	assert_string_equal(bench_get_app(b, "copy")->fields.app.language, "PYTHON");
	bench_open(b, bench_app(b, "    display_name: $<target.name>\n"));
	assert_string_equal(bench_get_app(b, "copy")->fields.app.display_name, "local");
	assert_has(bench_tell(b, bench_app(b, "    script: run.sh\n    language: null\n")),
		"duplicate key");
	bench_file(b, "x.txt", "");
	assert_has(bench_tell(b, "pipeline: p\napps: {a: {script: x.txt}}\n"),
		"missing required key `language` in apps.a");
}

static void missing_keys(void **state)
{
	struct bench *b = *state;
	const char *told = bench_tell(b, "apps: {a: {script: x}}\n");
	assert_has(told, "1:1: error: missing required key `pipeline`");
	assert_has(told, "1:8: error: missing required key `spark_version` in apps.a");
	assert_has(told, "missing required key `driver_shape` in apps.a");
	assert_has(bench_tell(b, "pipeline: My Pipeline\n"), "`pipeline` must be");
	assert_has(bench_tell(b, "pipeline: $<target.name>\n"), "`pipeline` must be");
	assert_has(bench_tell(b, "- a\n"),
		"a pipeline is a map, not a list | begin with `pipeline: name`");
	assert_has(
		bench_tell(b, "pipeline: p\ntimeout: 2h\nincludes: []\n"), "unknown key `timeout`");
	assert_int_equal(b->diags.errors, 2);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, bench_setup, bench_teardown)
	const struct CMUnitTest tests[] = {
		TEST(choice),
		TEST(no_choice),
		TEST(what_a_target_is),
		TEST(references_in_a_target),
		TEST(merge_of_three),
		TEST(keys_of_overrides),
		TEST(mistakes_of_the_merge),
		TEST(compartments),
		TEST(name_and_language),
		TEST(missing_keys),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
