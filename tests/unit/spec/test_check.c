/* What must hold between the parts of a pipeline. */
#include "../unit.h"
#include "spec/harness_spec.h"

#include <unistd.h>

static const char *told(struct bench *b, const char *more)
{
	return bench_tell(b, bench_app(b, more));
}

/* An app of its own, without a script. */
static const char *bare(struct bench *b, const char *fields)
{
	return bench_tell(b,
		arena_printf(&b->arena,
			"pipeline: p\ndefaults: {spark_version: 3.5.0, driver_shape: VM.Standard2.1, "
			"executor_shape: VM.Standard2.1, num_executors: 1}\napps:\n  a: {%s}\n",
			fields));
}

static void programs(void **state)
{
	struct bench *b = *state;
	assert_string_equal(told(b, ""), "");
	assert_has(told(b, "    file_uri: oci://b@n/x.py\n"),
		"10:15: error: `script` and `file_uri` exclude each other in apps.copy | keep one of them");
	assert_has(told(b, "    execute: x\n"), "`script` and `execute` exclude each other");
	assert_has(
		bare(b, "language: SQL"), "4:3: error: apps.a has no program | give it `script`");
	assert_string_equal(bare(b, "file_uri: oci://b@n/x.sql"), "");
	assert_has(bare(b, "file_uri: x.sql"), "`file_uri` must be");
	assert_string_equal(bare(b, "execute: --class a.B oci://b@n/a.jar, language: JAVA"), "");
	assert_has(bare(b, "execute: x, language: JAVA, arguments: [\"${x}\"]"),
		"warning: `arguments` of apps.a is ignored by the service");
	assert_true(b->desired);
}

static void buckets_and_archives(void **state)
{
	struct bench *b = *state;
	bench_file(b, "d.zip", "z");
	assert_has(told(b, "    script_bucket: null\n"), "duplicate key");
	bench_file(b, "x.py", "");
	assert_has(bare(b, "script: x.py"),
		"4:15: error: `script` of apps.a needs a bucket to be uploaded to | set `script_bucket`");
	assert_has(told(b, "    archive: nope\narchives: {dope: {path: d.zip}}\n"),
		"10:14: error: there is no archive `nope` | did you mean `dope`?");
	assert_has(b->diags.n ? bench_told(b) : "", "warning: no app uses archives.dope");
	assert_has(told(b, "    archive: nope\n"), "declare it under `archives`");
	assert_has(
		told(b, "    archive: d\n    archive_uri: oci://b@n/x.zip\narchives: {d: {path: d.zip}}\n"),
		"`archive` and `archive_uri` exclude each other");
	assert_has(told(b, "    logs_bucket: l\n    logs_bucket_uri: oci://l@n/\n"),
		"`logs_bucket` and `logs_bucket_uri` exclude each other");
	assert_has(told(b, "    logs_bucket: a/b\n"), "`logs_bucket` must be");
	assert_has(
		told(b, "    archive_uri: \"oci://b@n/x.zip,y.zip\"\n"), "`archive_uri` must be");
	assert_string_equal(told(b, "    archive_uri: \"oci://b@n/x.zip,oci://b@n/y.zip\"\n"), "");
	assert_has(told(b, "archives: {d: {packages: p.txt}}\n"),
		"packages of archives.d: there is no file `p.txt`");
	assert_has(told(b, "archives: {d: {}}\n"), "archives.d is of nothing");
}

static void languages(void **state)
{
	struct bench *b = *state;
	bench_file(b, "x.jar", "");
	assert_has(told(b, "    language: SQL\n"),
		"10:15: error: apps.copy has language SQL, but `copy.py` is PYTHON | `language: PYTHON`, or "
		"leave it out");
	assert_has(bare(b, "script: x.jar, script_bucket: s, language: PYTHON"),
		"but `x.jar` is a jar");
	assert_has(bare(b, "script: x.jar, script_bucket: s, language: JAVA"),
		"apps.a has language JAVA and needs a `class_name`");
	assert_string_equal(
		bare(b, "script: x.jar, script_bucket: s, language: JAVA, class_name: a.B"), "");
	assert_has(bare(b, "script: x.jar, script_bucket: s, class_name: a.B"),
		"missing required key `language` in apps.a");
	assert_has(told(b, "    language: python\n"), "did you mean `PYTHON`?");
}

static const char *shapes(struct bench *b, const char *driver, const char *executor)
{
	return bench_tell(b,
		arena_printf(&b->arena,
			"pipeline: p\napps:\n  a:\n    file_uri: oci://b@n/x.py\n    spark_version: "
			"3.5.0\n    num_executors: 1\n    driver_shape%s\n    executor_shape%s\n",
			driver, executor));
}

static void sizes(void **state)
{
	struct bench *b = *state;
	const char *whole =
		": VM.Standard.E4.Flex\n    driver_shape_config: {ocpus: 1, memory_in_gbs: 16}";
	const char *flex =
		": VM.Standard.E4.Flex\n    executor_shape_config: {ocpus: 1, memory_in_gbs: 16}";
	assert_string_equal(shapes(b, whole, flex), "");
	assert_has(shapes(b, ": VM.Standard.E4.Flex", flex),
		"7:19: error: VM.Standard.E4.Flex is a Flex shape and needs `driver_shape_config` in apps.a | "
		"`driver_shape_config: {ocpus: 1, memory_in_gbs: 16}`");
	assert_has(shapes(b, whole, ": VM.Standard.E4.Flex\n    executor_shape_config: {ocpus: 1}"),
		"`executor_shape_config` of apps.a needs both `ocpus` and `memory_in_gbs`");
	assert_has(shapes(b, ": VM.Standard2.1\n    driver_shape_config: {ocpus: 1}",
			   ": VM.Standard2.4"),
		"warning: `driver_shape_config` of apps.a is for Flex shapes, and VM.Standard2.1 is none");
	assert_has(shapes(b, whole, ": VM.Standard2.1"),
		"9:21: warning: driver and executors of apps.a are of different families");
	assert_has(shapes(b, ": VM.Standard2.1",
			   ": VM.Standard3.Flex\n    executor_shape_config: {ocpus: 1, "
			   "memory_in_gbs: 8}"),
		"of different families");
	assert_true(b->desired);
	assert_has(shapes(b, whole,
			   ": VM.Standard.E4.Flex\n    executor_shape_config: {ocpus: 0.5, "
			   "memory_in_gbs: 16}"),
		"10:36: error: `ocpus` must be between 1 and 256, not 0.5");
}

static void placeholders(void **state)
{
	struct bench *b = *state;
	assert_string_equal(
		told(b, "    arguments: [\"${a}\", \"x${b_2}y\"]\n    parameters: {a: 1, b_2: 2}\n"),
		"");
	assert_string_equal(
		told(b, "    arguments: [\"${source}\", \"${sink}\"]\n    parameters: {sourc: 1}\n"),
		"10:17: error: no parameter `source` is declared for `${source}` | did you mean `${sourc}`?\n"
		"10:30: error: no parameter `sink` is declared for `${sink}` | declare it in the app: "
		"`parameters: {name: value}`\n");
	assert_string_equal(told(b, "    arguments: [\"${\", \"${a b}\", \"$a\", \"${}\"]\n"), "");
	/* Of what defaults give, once. */
	assert_has(told(b,
			   "  d:\n    script: copy.py\n    script_bucket: s\n    spark_version: 3\n"
			   "    driver_shape: a\n    executor_shape: a\n    num_executors: 1\n"
			   "defaults: {arguments: [\"${x}\"]}\n"),
		"17:24: error: no parameter `x` is declared");
	assert_int_equal(b->diags.errors, 1);
	assert_has(told(b, "    parameters: {a-b: 1}\n"), "letters, digits and _");
}

static void tags_and_names(void **state)
{
	struct bench *b = *state;
	assert_has(told(b, "    freeform_tags: {weir: mine}\n"),
		"10:21: error: the tag `weir` is weir's own");
	assert_has(
		told(b, "    freeform_tags: {a: 1, b: 1, c: 1, d: 1, e: 1, f: 1, g: 1, h: 1, i: 1, j: 1}\n"),
		"apps.copy has 10 freeform tags; the service takes ten, and two are weir's");
	assert_has(told(b, "    display_name: one\n  other:\n    display_name: one\n"),
		"apps.copy and apps.other have one display name, `one`");
	assert_has(told(b, "    configuration: {spark.master: local}\n"), "which is the service's");
	assert_has(told(b, "    lifecycle_state: ACTIVE\n"),
		"is set by the service and cannot be given");
	assert_has(told(b, "  Copy_2: {}\n"), "[a-z0-9][a-z0-9_-]{0,39}");
}

static void files(void **state)
{
	struct bench *b = *state;
	bench_file(b, "jobs/etl.py", "");
	bench_file(b, ".git/config", "secret");
	assert_has(bare(b, "script: jobs/elt.py, script_bucket: s"),
		"4:15: error: script: there is no file `jobs/elt.py` | did you mean `etl.py`?");
	assert_has(bare(b, "script: none/x.py, script_bucket: s"), "| paths are relative to");
	assert_has(bare(b, "script: jobs, language: SQL, script_bucket: s"), "not a regular file");
	assert_has(bare(b, "script: /proc/self/environ, language: SQL, script_bucket: s"),
		"script: `/proc/self/environ` is outside of the repository");
	assert_has(bare(b, "script: /no/such/file, language: SQL, script_bucket: s"),
		"is outside of the repository");
	assert_has(bare(b, "script: ../../etc/passwd, language: SQL, script_bucket: s"),
		"is outside of the repository");
	assert_has(bare(b, "script: .git/config, language: SQL, script_bucket: s"),
		"is in Git's own folder");
	assert_has(bare(b, "script: ~/x.py, script_bucket: s"), "is outside of the repository");
	assert_int_equal(symlink("/etc/passwd", arena_printf(&b->arena, "%s/link.py", b->dir)), 0);
	assert_has(bare(b, "script: link.py, script_bucket: s"), "is outside of the repository");
	assert_int_equal(symlink("etl.py", arena_printf(&b->arena, "%s/jobs/in.py", b->dir)), 0);
	assert_string_equal(bare(b, "script: jobs/in.py, script_bucket: s"), "");
	assert_string_equal(bare(b,
				    arena_printf(&b->arena,
					    "script: %s/jobs/etl.py, script_bucket: s", b->dir)),
		"");
}

static void a_pipeline_in_a_folder(void **state)
{
	struct bench *b = *state;
	const char *root = arena_printf(&b->arena, "%s", b->dir);
	bench_file(b, "common/x.py", "");
	bench_file(b, "pipelines/p/pipeline.yaml",
		"pipeline: p\napps:\n  a: {script: ../../common/x.py, script_bucket: s, spark_version: 3, "
		"driver_shape: a, executor_shape: a, num_executors: 1}\n");
	b->options.dir = arena_printf(&b->arena, "%s/pipelines/p", root);
	b->spec = spec_open(&b->options, &b->arena, &b->diags);
	b->pipeline = spec_resolve(b->spec, &b->builtins, &b->diags);
	assert_string_equal(bench_told(b), "");
	assert_true(spec_desired(b->spec, b->pipeline, &b->builtins, &b->want, &b->diags));
	const struct object *o = resources_find(&b->want, "scripts.a")->object;
	assert_string_equal(o->name, "weir/p/local/scripts/_up/_up/common/x.py");
	assert_string_equal(o->path, "../../common/x.py");
	/* -f below -C. */
	b->options.dir = root;
	b->options.file = "pipelines/p/pipeline.yaml";
	b->spec = spec_open(&b->options, &b->arena, &b->diags);
	assert_non_null(spec_resolve(b->spec, &b->builtins, &b->diags));
	b->options.file = "none.yaml";
	assert_null(spec_open(&b->options, &b->arena, &b->diags));
	assert_has(bench_told(b),
		"cannot read the pipeline: No such file or directory | name the folder with -C");
}

static void objects(void **state)
{
	struct bench *b = *state;
	bench_file(b, "x.csv", "");
	assert_has(bench_tell(b, "pipeline: p\nobjects: {a: {path: y.csv, bucket: b}}\n"),
		"2:21: error: path of objects.a: there is no file `y.csv` | did you mean `x.csv`?");
	assert_has(
		bench_tell(b,
			"pipeline: p\nobjects: {a: {path: x.csv, bucket: b, object: weir/p/x}}\n"),
		"names that begin with weir/ are weir's own");
	assert_has(
		bench_tell(b, "pipeline: p\nobjects: {a: {path: x.csv, bucket: b, object: /x}}\n"),
		"an object's name does not begin with /");
	assert_has(
		bench_tell(b,
			"pipeline: p\nobjects: {a: {path: x.csv, bucket: b, object: x}, c: {path: x.csv, "
			"bucket: b, object: x}}\n"),
		"objects.a and objects.c are one object: x in bucket b");
	assert_has(bench_tell(b,
			   "pipeline: p\nobjects: {a: {path: x.csv, bucket: b, overwrite: 3}}\n"),
		"`overwrite` must be true or false");
	assert_has(bench_tell(b, "pipeline: p\nobjects: {a: {}}\n"),
		"missing required key `bucket` in objects.a");
	assert_has(bench_tell(b, "pipeline: p\nbuckets: {a b: {}}\n"), "1 to 256");
	assert_has(bench_tell(b, "pipeline: p\nbuckets: {b: {versioning: on}}\n"),
		"must be one of enabled");
}

static const char *sequence(struct bench *b, const char *steps)
{
	return told(b,
		arena_printf(&b->arena,
			"    parameters: {day: 1}\nsequences:\n  s:\n    steps:\n%s", steps));
}

static void steps(void **state)
{
	struct bench *b = *state;
	assert_string_equal(
		sequence(b, "      a: {app: copy}\n      b: {app: copy, needs: [a]}\n"), "");
	assert_has(sequence(b, "      a: {app: cpoy}\n"),
		"14:16: error: there is no app `cpoy` | did you mean `copy`?");
	assert_has(sequence(b, "      a: {app: x}\n"),
		"there is no app `x` | declare it under `apps`");
	assert_has(sequence(b, "      one: {app: copy}\n      b: {app: copy, needs: [onee]}\n"),
		"15:30: error: there is no step `onee` in sequences.s | did you mean `one`?");
	assert_has(sequence(b, "      a: {app: copy, needs: [a]}\n"),
		"14:29: error: the steps of sequences.s need each other: a -> a");
	assert_has(sequence(b,
			   "      a: {app: copy, needs: [c]}\n      b: {app: copy, needs: [a]}\n"
			   "      c: {app: copy, needs: [b]}\n      d: {app: copy, needs: [a]}\n"),
		"need each other: a -> c -> b -> a | remove one of these needs");
	assert_int_equal(b->diags.errors, 1);
	assert_has(sequence(b, "      a: {}\n"), "missing required key `app`");
	assert_has(sequence(b, "      {}\n"), "must have between 1 and 1000 entries, not 0");
	assert_has(sequence(b, "      a: {app: copy, timeout: 2h, retries: 1, when: always}\n"),
		"unknown key `timeout` in sequences.s.steps.a");
	assert_int_equal(b->diags.errors, 3);
	assert_has(told(b, "sequences: {s: {max_parallel: 3, steps: {a: {app: copy}}}}\n"),
		"unknown key `max_parallel`");
}

static void parameters_of_steps(void **state)
{
	struct bench *b = *state;
	assert_string_equal(
		sequence(b,
			"      a: {app: copy, arguments: [\"${day}\", \"${x}\"], parameters: {x: 2}}\n"),
		"");
	assert_has(sequence(b, "      a: {app: copy, arguments: [\"${yad}\"]}\n"),
		"no parameter `yad` is declared for `${yad}` | declare it in the step or its app");
	bench_file(b, "q.sql", "");
	assert_has(
		bench_tell(b,
			"pipeline: p\napps:\n  q: {script: q.sql, script_bucket: s, spark_version: 3, "
			"driver_shape: a, executor_shape: a, num_executors: 1, parameters: {a: 1}}\n"
			"sequences: {s: {steps: {t: {app: q, parameters: {a: 2, b: 3}}}}}\n"),
		"4:59: error: sequences.s.steps.t sets `b`, which apps.q does not declare, as a SQL "
		"application must");
}

static void parameters_of_sequences(void **state)
{
	struct bench *b = *state;
	const char *steps =
		"sequences:\n  s:\n    parameters: {which: {}, day: {default: $<base>}}\n"
		"    steps: {a: {app: $<which>, parameters: {d: $<day>}}}\n"
		"parameters: {base: {default: 1}}\n";
	/* What only a launch can know is not asked for before. */
	assert_string_equal(told(b, steps), "");
	const struct sequence_decl *s = b->pipeline->sequences.v;
	const struct step_decl *step = s->steps.v;
	assert_string_equal(step->app, "$<which>");
	assert_string_equal(step->run.parameters.v[0].value, "1");
	bench_param(b, "which", "cop");
	assert_has(told(b, steps), "there is no app `cop` | did you mean `copy`?");
	assert_has(
		told(b,
			"sequences:\n  s:\n    parameters: {which: {type: integer, default: x}}\n"
			"    steps: {a: {app: $<wich>}}\n"),
		"parameter `which` must be an integer, not a string");
	assert_has(bench_told(b), "did you mean `which`?");
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, bench_setup, bench_teardown)
	const struct CMUnitTest tests[] = {
		TEST(programs),
		TEST(buckets_and_archives),
		TEST(languages),
		TEST(sizes),
		TEST(placeholders),
		TEST(tags_and_names),
		TEST(files),
		TEST(a_pipeline_in_a_folder),
		TEST(objects),
		TEST(steps),
		TEST(parameters_of_steps),
		TEST(parameters_of_sequences),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
