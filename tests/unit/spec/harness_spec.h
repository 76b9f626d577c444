/*
 * A pipeline in a folder of its own: files are put there, the pipeline is opened, resolved and made into
 * resources, and what was told is looked at.
 *
 *	struct bench b;
 *	bench_begin(&b);
 *	bench_file(&b, "a.py", "print(1)");
 *	bench_open(&b, "pipeline: p\n");
 *	assert_string_equal(bench_told(&b), "");
 *	bench_end(&b);
 */
#ifndef TESTS_UNIT_SPEC_HARNESS_SPEC_H
#define TESTS_UNIT_SPEC_HARNESS_SPEC_H

#include "spec/spec.h"

struct bench {
	struct arena arena;
	struct diags diags;
	char dir[64];
	struct spec_param params[8];
	struct spec_options options;
	struct spec_builtins builtins;
	struct spec *spec;
	const struct pipeline *pipeline;
	struct resources want;
	bool desired;
};

void bench_begin(struct bench *b);
void bench_end(struct bench *b);
/* As cmocka set-up and tear-down: *state is a struct bench. */
int bench_setup(void **state);
int bench_teardown(void **state);

/* Makes folders too. */
void bench_file(struct bench *b, const char *name, const char *text);
void bench_bytes(struct bench *b, const char *name, const void *bytes, size_t n);
void bench_param(struct bench *b, const char *name, const char *value);
/* Opens, resolves and, when there was no mistake, makes resources. text NULL: the file is there. */
void bench_open(struct bench *b, const char *text);
/* What was told, sorted: "3:5: error: text | hint\n" a line. */
const char *bench_told(struct bench *b);
/* The same of a text: opened and told. */
const char *bench_tell(struct bench *b, const char *text);

/* A pipeline with one whole app, `copy`, whose fields `more` adds to: lines indented by four spaces. */
const char *bench_app(struct bench *b, const char *more);
const struct app_decl *bench_get_app(struct bench *b, const char *key);
const struct application *bench_want_app(struct bench *b, const char *key);

#endif
