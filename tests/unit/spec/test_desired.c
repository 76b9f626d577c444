/* The resources that a pipeline wants, and what a launch runs. */
#include "../unit.h"
#include "base/err.h"
#include "base/text.h"
#include "spec/harness_spec.h"

static const struct object *object(struct bench *b, const char *address)
{
	const struct resource *r = resources_find(&b->want, address);
	if (!r)
		fail_msg("no %s", address);
	assert_int_equal(r->kind, RESOURCE_OBJECT);
	return r->object;
}

/* "a b c" */
static const char *needs(struct bench *b, const char *address)
{
	const struct resource *r = resources_find(&b->want, address);
	assert_non_null(r);
	buf_auto out = {0};
	for (size_t i = 0; i < r->needs.n; i++)
		buf_printf(&out, "%s%s", i ? " " : "", r->needs.v[i]);
	return arena_strdup(&b->arena, buf_str(&out));
}

static const char *addresses(struct bench *b)
{
	buf_auto out = {0};
	for (size_t i = 0; i < b->want.n; i++)
		buf_printf(&out, "%s%s", i ? " " : "", b->want.v[i].address);
	return arena_strdup(&b->arena, buf_str(&out));
}

#define FIELDS                                                                            \
	"defaults: {spark_version: 3.5.0, driver_shape: VM.Standard2.1, executor_shape: " \
	"VM.Standard2.1, num_executors: 1, script_bucket: code, logs_bucket: logs}\n"

static void everything(void **state)
{
	struct bench *b = *state;
	b->builtins = (struct spec_builtins){"ns", "r", "t", "ocid1.c"};
	bench_file(b, "jobs/a.py", "print(1)\n");
	bench_file(b, "deps.zip", "PK");
	bench_file(b, "data/x.csv", "1,2\n");
	bench_open(b,
		"pipeline: p\n" FIELDS
		"buckets: {code: {}, logs: {versioning: enabled, freeform_tags: {a: b}}}\n"
		"objects: {x: {path: data/x.csv, bucket: code}, y: {path: data/x.csv, bucket: other, object: "
		"in/y.csv, content_type: text/csv}}\n"
		"archives: {deps: {path: deps.zip}}\n"
		"apps:\n  a: {script: jobs/a.py, archive: deps, warehouse_bucket: w, freeform_tags: {team: t}}\n");
	assert_string_equal(bench_told(b), "");
	assert_string_equal(addresses(b),
		"buckets.code buckets.logs objects.x objects.y scripts.a archives.deps apps.a");
	const struct bucket *logs = resources_find(&b->want, "buckets.logs")->bucket;
	assert_string_equal(logs->versioning, "Enabled");
	assert_string_equal(logs->compartment_id, "ocid1.c");
	assert_string_equal(logs->freeform_tags.v[0].name, "a");
	const struct object *x = object(b, "objects.x");
	assert_string_equal(x->name, "weir/p/local/objects/x/x.csv");
	assert_string_equal(x->owner, "p/local");
	assert_int_equal(x->size.v, 4);
	assert_null(x->md5); /* content is hashed where there is something to compare it with */
	assert_null(x->sha256);
	assert_string_equal(object(b, "objects.y")->name, "in/y.csv");
	assert_string_equal(object(b, "objects.y")->content_type, "text/csv");
	assert_string_equal(object(b, "scripts.a")->content_type, "text/x-python");
	assert_string_equal(object(b, "archives.deps")->name, "weir/p/local/archives/deps.zip");
	const struct application *a = bench_want_app(b, "a");
	assert_string_equal(a->file_uri, "oci://code@ns/weir/p/local/scripts/jobs/a.py");
	assert_string_equal(a->archive_uri, "oci://code@ns/weir/p/local/archives/deps.zip");
	assert_string_equal(a->logs_bucket_uri, "oci://logs@ns/");
	assert_string_equal(a->warehouse_bucket_uri, "oci://w@ns/");
	assert_int_equal(a->freeform_tags.n, 2);
	assert_string_equal(a->freeform_tags.v[1].name, "weir");
	assert_string_equal(a->freeform_tags.v[1].value, "p/local/a");
	assert_string_equal(needs(b, "apps.a"), "scripts.a archives.deps buckets.logs");
	assert_string_equal(needs(b, "scripts.a"), "buckets.code");
	assert_string_equal(needs(b, "objects.y"), "");
	assert_int_equal(resources_find(&b->want, "apps.a")->mark.line, 7);
}

static void shared_scripts(void **state)
{
	struct bench *b = *state;
	bench_file(b, "a.py", "1");
	bench_file(b, "dir/x.py", "1");
	bench_open(b,
		"pipeline: p\n" FIELDS
		"apps:\n  one: {script: a.py}\n  two: {script: ./dir/../a.py}\n"
		"  three: {script: a.py, script_bucket: elsewhere}\n  four: {script: a.py}\n");
	assert_has(bench_told(b),
		"`a.py` and `./dir/../a.py` would be one object: weir/p/local/scripts/a.py");
	bench_open(b,
		"pipeline: p\n" FIELDS "apps:\n  one: {script: a.py}\n"
		"  three: {script: a.py, script_bucket: elsewhere}\n  four: {script: a.py}\n");
	assert_string_equal(bench_told(b), "");
	assert_string_equal(
		addresses(b), "scripts.one scripts.three apps.one apps.three apps.four");
	assert_string_equal(needs(b, "apps.four"), "scripts.one");
	assert_string_equal(object(b, "scripts.three")->bucket, "elsewhere");
	bench_file(b, "a b.py", "1");
	bench_file(b, "a+b.py", "2");
	bench_open(
		b, "pipeline: p\n" FIELDS "apps: {one: {script: a b.py}, two: {script: a+b.py}}\n");
	assert_has(bench_told(b),
		"`a b.py` and `a+b.py` would be one object: weir/p/local/scripts/a_b.py | "
		"rename one of them");
}

static void archives_in_two_buckets(void **state)
{
	struct bench *b = *state;
	bench_file(b, "a.py", "1");
	bench_file(b, "d.zip", "1");
	bench_open(b,
		"pipeline: p\n" FIELDS "archives: {d: {path: d.zip}, e: {path: d.zip}}\n"
		"apps:\n  one: {script: a.py, archive: d, arguments: [$<archives.e.uri>]}\n"
		"  two: {script: a.py, archive: d, script_bucket: other}\n");
	assert_string_equal(bench_told(b), "");
	assert_string_equal(addresses(b),
		"scripts.one archives.d scripts.two archives.d.other archives.e apps.one apps.two");
	assert_string_equal(needs(b, "apps.two"), "scripts.two archives.d.other");
	assert_string_equal(object(b, "archives.e")->bucket, "code");
}

static void names_of_ones_own(void **state)
{
	struct bench *b = *state;
	b->builtins.ns = "ns";
	b->builtins.compartment_id = "c";
	bench_file(b, "a.py", "1");
	bench_file(b, "d.zip", "1");
	bench_open(b,
		"pipeline: p\nparameters: {dir: {default: jobs}}\n" FIELDS
		"archives: {d: {path: d.zip, object: $<dir>/deps.zip, overwrite: true}}\n"
		"apps:\n  one: {script: a.py, script_object: $<dir>/a.py, archive: d}\n"
		"  two: {script: a.py, arguments: [$<apps.one.file_uri>, $<archives.d.uri>]}\n"
		"  three: {script: a.py, script_object: jobs/a.py, overwrite: true}\n");
	assert_string_equal(bench_told(b), "");
	assert_string_equal(
		addresses(b), "scripts.one archives.d scripts.two apps.one apps.two apps.three");
	assert_string_equal(object(b, "scripts.one")->name, "jobs/a.py");
	assert_string_equal(object(b, "archives.d")->name, "jobs/deps.zip");
	assert_true(resources_find(&b->want, "archives.d")->overwrite);
	assert_false(resources_find(&b->want, "scripts.two")->overwrite);
	assert_string_equal(bench_want_app(b, "one")->file_uri, "oci://code@ns/jobs/a.py");
	assert_string_equal(bench_want_app(b, "one")->archive_uri, "oci://code@ns/jobs/deps.zip");
	assert_string_equal(bench_want_app(b, "two")->arguments.v[0], "oci://code@ns/jobs/a.py");
	assert_string_equal(
		bench_want_app(b, "two")->arguments.v[1], "oci://code@ns/jobs/deps.zip");
	assert_string_equal(needs(b, "apps.three"), "scripts.one");
	static const struct {
		const char *more, *told;
	} wrong[] = {{"    script_object: /a\n", "an object's name does not begin with /"},
		{"    script_object: weir/x\n", "leave `script_object` out for a name there"},
		{"    script_object: \"a\\nb\"\n", "1 to 1024 bytes of UTF-8"},
		{"    overwrite: true\n", "it has no `script_object`"},
		{"targets: {local: {type: local, apps: {copy: {script: null, file_uri: oci://b@n/x, "
		 "script_object: x}}}}\n",
			"`script_object` of apps.copy is a name for nothing: it has no `script`"}};
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
		assert_has(bench_tell(b, bench_app(b, wrong[i].more)), wrong[i].told);
	assert_has(bench_tell(b, "pipeline: p\narchives: {d: {path: d.zip, object: weir/x}}\n"),
		"names that begin with weir/ are weir's own");
}

static void buckets_in_addresses(void **state)
{
	struct bench *b = *state;
	b->builtins.ns = "ns";
	b->builtins.compartment_id = "c";
	bench_open(b,
		"pipeline: p\n" FIELDS "buckets: {mine: {}}\napps:\n"
		"  a: {file_uri: oci://b@n/a.py, logs_bucket: null, logs_bucket_uri: oci://mine@ns/logs}\n"
		"  b: {file_uri: oci://b@n/a.py, logs_bucket: null, logs_bucket_uri: oci://mine@not-ns/logs}\n");
	assert_string_equal(bench_told(b), "");
	assert_string_equal(needs(b, "apps.a"), "buckets.mine");
	assert_string_equal(needs(b, "apps.b"), "");
	assert_string_equal(bench_want_app(b, "a")->logs_bucket_uri, "oci://mine@ns/logs");
}

/* Resolved offline first, then with the service: the second is not changed by the first. */
static void twice(void **state)
{
	struct bench *b = *state;
	struct spec_builtins known = {"ns", "r", "t", "ocid1.c"};
	bench_file(b, "a.py", "1");
	bench_open(b,
		"pipeline: p\nparameters: {x: {default: $<oci.namespace>}}\n" FIELDS
		"apps: {a: {script: a.py, arguments: [$<x>, $<date>]}}\n");
	assert_true(b->desired);
	assert_string_equal(bench_want_app(b, "a")->arguments.v[0], "namespace");
	struct diags again = {.arena = &b->arena};
	b->pipeline = spec_resolve(b->spec, &known, &again);
	assert_true(spec_desired(b->spec, b->pipeline, &known, &b->want, &again));
	assert_string_equal(bench_want_app(b, "a")->arguments.v[0], "ns");
	assert_string_equal(
		bench_want_app(b, "a")->file_uri, "oci://code@ns/weir/p/local/scripts/a.py");
	assert_int_equal(again.warnings, 1);
}

#define SEQUENCES                                                                             \
	"pipeline: p\n" FIELDS "apps:\n  x: {file_uri: oci://b@n/x.py, parameters: {d: 1}}\n" \
	"  y: {file_uri: oci://b@n/y.py}\n  s: {file_uri: oci://b@n/s.py}\n"                  \
	"sequences:\n  s:\n    parameters: {day: {description: A day.}, n: {default: 5}}\n"   \
	"    steps:\n      last: {app: y, needs: [a, b]}\n      b: {app: x, needs: [a]}\n"    \
	"      a: {app: x, parameters: {d: $<day>}, arguments: [$<n>]}\n"                     \
	"  t: {steps: {one: {app: x}}}\n"

static void launch_of_a_sequence(void **state)
{
	struct bench *b = *state;
	struct spec_steps steps;
	struct err err = {0};
	bench_param(b, "day", "monday");
	bench_open(b, SEQUENCES);
	assert_string_equal(bench_told(b), "");
	assert_true(spec_launch(b->spec, b->pipeline, "sequences.s", &steps, &b->diags, &err));
	assert_true(steps.is_sequence);
	assert_string_equal(steps.name, "s");
	assert_int_equal(steps.n, 3);
	assert_string_equal(steps.v[0].name, "a");
	assert_string_equal(steps.v[0].app->head.key, "x");
	assert_string_equal(steps.v[0].run->parameters.v[0].value, "monday");
	assert_string_equal(steps.v[0].run->arguments.v[0], "5");
	assert_string_equal(steps.v[1].name, "b");
	assert_null(steps.v[1].run->arguments.v);
	assert_null(steps.v[1].run->parameters.v);
	assert_int_equal(steps.v[1].needs_n, 1);
	assert_int_equal(steps.v[1].needs[0], 0);
	assert_string_equal(steps.v[2].name, "last");
	assert_int_equal(steps.v[2].needs[0] + steps.v[2].needs[1], 1);
}

static void launch_of_an_app(void **state)
{
	struct bench *b = *state;
	struct spec_steps steps;
	struct err err = {0};
	bench_open(b, SEQUENCES);
	assert_true(spec_launch(b->spec, b->pipeline, "y", &steps, &b->diags, &err));
	assert_false(steps.is_sequence);
	assert_int_equal(steps.n, 1);
	assert_string_equal(steps.v[0].name, "y");
	assert_int_equal(steps.v[0].needs_n, 0);
	assert_true(spec_launch(b->spec, b->pipeline, "apps.s", &steps, &b->diags, &err));
	assert_false(steps.is_sequence);
	assert_true(spec_launch(b->spec, b->pipeline, "t", &steps, &b->diags, &err));
	assert_true(steps.is_sequence);
}

static void launches_refused(void **state)
{
	struct bench *b = *state;
	struct spec_steps steps;
	struct err err = {0};
	bench_open(b, SEQUENCES);
	assert_false(spec_launch(b->spec, b->pipeline, "s", &steps, &b->diags, &err));
	assert_has(err.text, "`s` is an app and a sequence: say apps.s or sequences.s");
	assert_int_equal(err_exit_status(err.kind), 1);
	assert_false(spec_launch(b->spec, b->pipeline, "sequences.y", &steps, &b->diags, &err));
	assert_false(spec_launch(b->spec, b->pipeline, "nope", &steps, &b->diags, &err));
	assert_has(err.text, "no sequence and no app is called `nope`\n  there are s, t, x, y, s");
	assert_false(spec_launch(b->spec, b->pipeline, "apps.yy", &steps, &b->diags, &err));
	assert_has(err.text, "did you mean `apps.y`?");
	assert_int_equal(b->diags.errors, 0);
	/* A parameter of the sequence that has no value. */
	assert_false(spec_launch(b->spec, b->pipeline, "sequences.s", &steps, &b->diags, &err));
	assert_int_equal(err.kind, ERR_SPEC);
	assert_has(bench_told(b),
		"parameter `day` is required and has no value | give it with -p day=VALUE");
}

static void launch_checks_what_it_resolves(void **state)
{
	struct bench *b = *state;
	struct spec_steps steps;
	struct err err = {0};
	bench_param(b, "which", "z");
	const char *text =
		"pipeline: p\n" FIELDS "apps: {x: {file_uri: oci://b@n/x.py}}\n"
		"sequences: {s: {parameters: {which: {default: x}}, steps: {a: {app: $<which>}}}}\n";
	bench_open(b, text);
	assert_null(b->pipeline);
	assert_has(bench_told(b), "there is no app `z`");
	b->options.params_n = 0;
	bench_open(b, text);
	assert_true(spec_launch(b->spec, b->pipeline, "s", &steps, &b->diags, &err));
	assert_string_equal(steps.v[0].app->head.key, "x");
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, bench_setup, bench_teardown)
	const struct CMUnitTest tests[] = {
		TEST(everything),
		TEST(shared_scripts),
		TEST(archives_in_two_buckets),
		TEST(names_of_ones_own),
		TEST(buckets_in_addresses),
		TEST(twice),
		TEST(launch_of_a_sequence),
		TEST(launch_of_an_app),
		TEST(launches_refused),
		TEST(launch_checks_what_it_resolves),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
