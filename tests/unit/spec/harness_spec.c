#include "spec/harness_spec.h"

#include "../unit.h"
#include "base/fs.h"
#include "base/text.h"

#include <stdlib.h>

void bench_begin(struct bench *b)
{
	*b = (struct bench){.dir = "/tmp/weir-spec-XXXXXX"};
	b->diags.arena = &b->arena;
	assert_non_null(mkdtemp(b->dir));
	b->options.params = b->params;
	b->options.now_ms = 1700000000000; /* 2023-11-14 */
	/* The folder is a repository of its own. */
	bench_file(b, ".git/HEAD", "ref: refs/heads/main\n");
}

void bench_end(struct bench *b)
{
	struct err err;
	assert_true(fs_remove_tree(b->dir, &err));
	arena_clear(&b->arena);
}

int bench_setup(void **state)
{
	struct bench *b = xalloc(sizeof *b);
	bench_begin(b);
	*state = b;
	return 0;
}

int bench_teardown(void **state)
{
	bench_end(*state);
	free(*state);
	return 0;
}

void bench_bytes(struct bench *b, const char *name, const void *bytes, size_t n)
{
	struct err err;
	const char *path = arena_printf(&b->arena, "%s/%s", b->dir, name);
	assert_true(fs_mkdirs(fs_dirname(&b->arena, path), 0755, &err));
	assert_true(fs_write(path, bytes, n, 0644, &err));
}

void bench_file(struct bench *b, const char *name, const char *text)
{
	bench_bytes(b, name, text, strlen(text));
}

void bench_param(struct bench *b, const char *name, const char *value)
{
	b->params[b->options.params_n++] = (struct spec_param){name, value};
}

void bench_open(struct bench *b, const char *text)
{
	if (text)
		bench_file(b, "pipeline.yaml", text);
	b->diags = (struct diags){.arena = &b->arena};
	b->options.dir = b->dir;
	b->pipeline = NULL;
	b->want = (struct resources){0};
	b->spec = spec_open(&b->options, &b->arena, &b->diags);
	if (b->spec)
		b->pipeline = spec_resolve(b->spec, &b->builtins, &b->diags);
	b->desired = b->pipeline &&
		spec_desired(b->spec, b->pipeline, &b->builtins, &b->want, &b->diags);
}

const char *bench_told(struct bench *b)
{
	static const char *const levels[] = {"error", "warning", "note"};
	buf_auto out = {0};
	diag_sort(&b->diags);
	for (size_t i = 0; i < b->diags.n; i++) {
		const struct diag *d = &b->diags.v[i];
		buf_printf(&out, "%u:%u: %s: %s", d->mark.line, d->mark.col, levels[d->level],
			d->text);
		buf_printf(&out, "%s%s\n", d->hint ? " | " : "", d->hint ? d->hint : "");
	}
	return arena_strdup(&b->arena, buf_str(&out));
}

const char *bench_tell(struct bench *b, const char *text)
{
	bench_open(b, text);
	return bench_told(b);
}

const char *bench_app(struct bench *b, const char *more)
{
	bench_file(b, "copy.py", "print(1)\n");
	return arena_printf(&b->arena,
		"pipeline: p\n"
		"apps:\n"
		"  copy:\n"
		"    script: copy.py\n"
		"    script_bucket: scripts\n"
		"    spark_version: 3.5.0\n"
		"    driver_shape: VM.Standard2.1\n"
		"    executor_shape: VM.Standard2.1\n"
		"    num_executors: 1\n"
		"%s",
		more);
}

const struct app_decl *bench_get_app(struct bench *b, const char *key)
{
	assert_non_null(b->pipeline);
	const struct app_decl *v = b->pipeline->apps.v;
	for (size_t i = 0; i < b->pipeline->apps.n; i++)
		if (text_equal(v[i].head.key, key))
			return &v[i];
	fail_msg("no app %s", key);
	return NULL;
}

const struct application *bench_want_app(struct bench *b, const char *key)
{
	const struct resource *r =
		resources_find(&b->want, arena_printf(&b->arena, "apps.%s", key));
	assert_non_null(r);
	return r->app;
}
