/*
 * Files made to be too much: each is an error (or is taken) within 64 MiB of memory, and ends. A child does
 * each, so that its memory is its own.
 */
#include "../unit.h"
#include "base/text.h"
#include "spec/harness_spec.h"
#include "spec/yaml.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

/* AddressSanitizer keeps freed memory and pads every block. */
#ifdef __has_feature
#if __has_feature(address_sanitizer)
#define __SANITIZE_ADDRESS__ 1
#endif
#endif
#ifdef __SANITIZE_ADDRESS__
enum { LIMIT_MIB = 512 };
#else
enum { LIMIT_MIB = 64 };
#endif
enum { LIMIT_S = 60, VALID = 10, REFUSED = 11 };

typedef void make_fn(FILE *f);

static void child(struct bench *b, int report)
{
	alarm(LIMIT_S);
	bench_open(b, NULL);
	dprintf(report, "%s", b->diags.n ? b->diags.v[0].text : "");
	_exit(b->desired && !b->diags.errors ? VALID : REFUSED);
}

/* What make writes, opened; returns the first mistake. */
static const char *run(struct bench *b, make_fn *make, int expected)
{
	FILE *f = fopen(arena_printf(&b->arena, "%s/pipeline.yaml", b->dir), "w");
	assert_non_null(f);
	make(f);
	assert_int_equal(fclose(f), 0);
	int pipes[2], status;
	char text[512] = "";
	assert_int_equal(pipe(pipes), 0);
	pid_t pid = fork();
	if (!pid)
		child(b, pipes[1]);
	close(pipes[1]);
	assert_true(read(pipes[0], text, sizeof text - 1) >= 0);
	close(pipes[0]);
	struct rusage used;
	assert_int_equal(wait4(pid, &status, 0, &used), pid);
	if (!WIFEXITED(status) || WEXITSTATUS(status) != expected)
		fail_msg("ended with %x: %s", (unsigned)status, text);
	if (used.ru_maxrss > LIMIT_MIB * 1024)
		fail_msg("took %ld KiB: %s", used.ru_maxrss, text);
	return arena_strdup(&b->arena, text);
}

static void repeat(FILE *f, const char *part, size_t n)
{
	for (size_t i = 0; i < n; i++)
		fputs(part, f);
}

static void make_nine_mib(FILE *f)
{
	repeat(f, "# 16 characters\n", 9 << 16);
}
static void make_brackets(FILE *f)
{
	repeat(f, "[", 100000);
}
static void make_many_brackets(FILE *f)
{
	repeat(f, "[", (8 << 20) - 1);
}
static void make_maps(FILE *f)
{
	repeat(f, "{a: ", 100000);
}
static void make_dashes(FILE *f)
{
	repeat(f, "- ", 4 << 20);
}
static void make_question_marks(FILE *f)
{
	repeat(f, "? ", 4 << 20);
}
static void make_one_text(FILE *f)
{
	repeat(f, "abcdefgh", (8 << 20) / 8 - 1);
}
static void make_open_quote(FILE *f)
{
	fputs("a: \"", f);
	repeat(f, "b\n\n", 2 << 20);
}
static void make_colons(FILE *f)
{
	repeat(f, "a: ", 2 << 20);
}
static void make_anchors(FILE *f)
{
	fputs("a: [", f);
	for (int i = 0; i < 1000000 / 2; i++)
		fprintf(f, "&a%d 1,", i);
}
static void make_binary(FILE *f)
{
	unsigned seed = 1;
	for (size_t i = 0; i < 8 << 20; i++) {
		seed = seed * 1103515245 + 12345;
		fputc((int)(seed >> 16 & 0xff), f);
	}
}
static void make_zeros(FILE *f)
{
	for (size_t i = 0; i < 1 << 20; i++)
		fputc(0, f);
}
static void make_alias_bomb(FILE *f)
{
	fputs("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n", f);
	for (int i = 1; i < 100; i++)
		fprintf(f, "a%d: &a%d [*a%d, *a%d, *a%d, *a%d]\n", i, i, i - 1, i - 1, i - 1,
			i - 1);
}
static void make_alias_cycle(FILE *f)
{
	fputs("a: &a\n  b: [1, {c: *a}]\n", f);
}

static void files_that_are_no_pipeline(void **state)
{
	static const struct {
		make_fn *make;
		const char *told;
	} cases[] = {{make_nine_mib, "larger than 8.0 MiB"}, {make_brackets, "too deep"},
		{make_many_brackets, "too deep"}, {make_maps, "too deep"},
		{make_dashes, "too deep"}, {make_question_marks, "a key must be a scalar"},
		{make_one_text, "a pipeline is a map, not a string"}, {make_open_quote, "not YAML"},
		{make_colons, "not YAML"}, {make_anchors, "more than 100000 values"},
		{make_binary, "not text"}, {make_zeros, "a NUL byte"},
		{make_alias_bomb, "the aliases stand for more than"},
		{make_alias_cycle, "inside its own anchor"}};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_has(run(*state, cases[i].make, REFUSED), cases[i].told);
}

static void make_text_bomb(FILE *f)
{
	fputs("pipeline: p\nparameters:\n  a0: {default: 0123456789abcdef}\n", f);
	for (int i = 1; i < 60; i++)
		fprintf(f, "  a%d: {default: \"$<a%d>$<a%d>\"}\n", i, i - 1, i - 1);
}
static void make_list_bomb(FILE *f)
{
	fputs("pipeline: p\nparameters:\n  a0: {type: list, default: [1, 2, 3, 4]}\n", f);
	for (int i = 1; i < 60; i++)
		fprintf(f, "  a%d: {type: list, default: [$<a%d>, $<a%d>]}\n", i, i - 1, i - 1);
}
static void make_deep_list(FILE *f)
{
	fputs("pipeline: p\nparameters:\n  a0: {type: list, default: [1]}\n", f);
	for (int i = 1; i < 90; i++)
		fprintf(f, "  a%d: {type: list, default: [[[$<a%d>]]]}\n", i, i - 1);
}
static void make_long_chain(FILE *f)
{
	fputs("pipeline: p\nparameters:\n", f);
	for (int i = 0; i < 4000; i++)
		fprintf(f, "  a%d: {default: $<a%d>}\n", i, i + 1);
	fputs("  a4000: {default: x}\n", f);
}
static void make_long_cycle(FILE *f)
{
	fputs("pipeline: p\nparameters:\n", f);
	for (int i = 0; i < 50; i++)
		fprintf(f, "  a%d: {default: $<a%d>}\n", i, (i + 1) % 50);
}
static void make_repeated_text(FILE *f)
{
	fputs("pipeline: p\nparameters:\n  a: {default: \"", f);
	repeat(f, "0123456789", 50000);
	fputs("\"}\ndescription: d\nbuckets:\n", f);
	for (int i = 0; i < 4000; i++)
		fprintf(f, "  b%d: {freeform_tags: {x: \"$<a>.\"}}\n", i);
}

static void references_that_grow(void **state)
{
	assert_has(
		run(*state, make_text_bomb, REFUSED), "references make a text of more than 1 MiB");
	assert_has(run(*state, make_list_bomb, REFUSED), "references stand for more than");
	assert_has(run(*state, make_deep_list, REFUSED), "too deep");
	assert_has(run(*state, make_long_chain, REFUSED), "more than 100 references");
	assert_has(run(*state, make_long_cycle, REFUSED), "refers to itself");
	assert_has(run(*state, make_repeated_text, REFUSED), "more than 8 MiB of text");
}

static void make_unknown_keys(FILE *f)
{
	fputs("pipeline: p\n", f);
	for (int i = 0; i < 99000; i++)
		fprintf(f, "key%d: 1\n", i);
}
static void make_bare_apps(FILE *f)
{
	fputs("pipeline: p\napps:\n", f);
	for (int i = 0; i < 5000; i++)
		fprintf(f, "  a%d: {scrip: x}\n", i);
}
static void make_too_many_apps(FILE *f)
{
	fputs("pipeline: p\napps:\n", f);
	for (int i = 0; i < 50000; i++)
		fprintf(f, "  a%d:\n", i);
}
static void make_heavy_defaults(FILE *f)
{
	fputs("pipeline: p\ndefaults:\n  configuration:\n", f);
	for (int i = 0; i < 40000; i++)
		fprintf(f, "    spark.k%d: %d\n", i, i);
	fputs("apps:\n", f);
	for (int i = 0; i < 5000; i++)
		fprintf(f, "  a%d: {configuration: {x: 1}}\n", i);
}
static void make_undeclared(FILE *f)
{
	fputs("pipeline: p\napps:\n  a:\n    parameters:\n", f);
	for (int i = 0; i < 40000; i++)
		fprintf(f, "      p%d: 1\n", i);
	fputs("    arguments:\n", f);
	for (int i = 0; i < 40000; i++)
		fprintf(f, "      - ${q%d}\n", i);
}
static void make_unknown_references(FILE *f)
{
	fputs("pipeline: p\nparameters:\n", f);
	for (int i = 0; i < 4000; i++)
		fprintf(f, "  p%d: {default: 1}\n", i);
	fputs("apps:\n  a:\n    arguments:\n", f);
	for (int i = 0; i < 80000; i++)
		fprintf(f, "      - $<q%d>\n", i);
}
static void make_steps(FILE *f)
{
	fputs("pipeline: p\nsequences:\n", f);
	for (int k = 0; k < 20; k++) {
		fprintf(f, "  s%d:\n    steps:\n", k);
		for (int i = 0; i < 1000; i++)
			fprintf(f, "      t%d: {app: nope, needs: [u%d]}\n", i, i);
	}
}
static void make_chain_of_steps(FILE *f)
{
	fputs("pipeline: p\nsequences:\n  s:\n    steps:\n", f);
	for (int i = 0; i < 1000; i++)
		fprintf(f, "      t%d: {app: a, needs: [t%d]}\n", i, (i + 1) % 1000);
}

static void files_full_of_mistakes(void **state)
{
	assert_has(run(*state, make_unknown_keys, REFUSED), "unknown key");
	assert_has(run(*state, make_bare_apps, REFUSED), "unknown key `scrip`");
	assert_has(run(*state, make_too_many_apps, REFUSED), "`apps` has 50000 entries");
	assert_has(run(*state, make_heavy_defaults, REFUSED), "too large: the apps have more than");
	assert_has(run(*state, make_undeclared, REFUSED), "missing required key");
	assert_has(run(*state, make_unknown_references, REFUSED), "nothing is called `q0`");
	assert_has(run(*state, make_steps, REFUSED), "there is no app `nope`");
	assert_has(run(*state, make_chain_of_steps, REFUSED), "there is no app `a`");
}

/* What is large, but right, is taken within the same memory. */
static void make_thousand_apps(FILE *f)
{
	fputs("pipeline: p\nparameters: {n: {type: integer, default: 2}}\n"
	      "defaults:\n  spark_version: 3.5.0\n  driver_shape: VM.Standard.E4.Flex\n"
	      "  driver_shape_config: {ocpus: 1, memory_in_gbs: 16}\n"
	      "  executor_shape: VM.Standard.E4.Flex\n"
	      "  executor_shape_config: {ocpus: 1, memory_in_gbs: 16}\n"
	      "  logs_bucket: logs\n  num_executors: $<n>\n  language: PYTHON\napps:\n",
		f);
	for (int i = 0; i < 1000; i++)
		fprintf(f,
			"  a%d:\n    file_uri: oci://b@n/a%d.py\n    arguments: [--x, \"${p}\", "
			"\"$<oci.namespace>\"]\n    parameters: {p: %d, q: $<target.name>}\n",
			i, i, i);
}

static void large_but_right(void **state)
{
	assert_string_equal(run(*state, make_thousand_apps, VALID), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			files_that_are_no_pipeline, bench_setup, bench_teardown),
		cmocka_unit_test_setup_teardown(references_that_grow, bench_setup, bench_teardown),
		cmocka_unit_test_setup_teardown(
			files_full_of_mistakes, bench_setup, bench_teardown),
		cmocka_unit_test_setup_teardown(large_but_right, bench_setup, bench_teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
