#include "base/diag.h"

#include <stdlib.h>
#include <string.h>

void diag_source_add(struct diags *d, const char *file, const char *text, size_t len)
{
	d->sources =
		arena_grow(d->arena, d->sources, d->sources_n, &d->sources_cap, sizeof *d->sources);
	d->sources[d->sources_n++] = (struct diag_source){file, text, len};
}

void diag_add(struct diags *d, enum diag_level level, struct mark at, const char *hint,
	const char *fmt, ...)
{
	d->errors += level == DIAG_ERROR;
	d->warnings += level == DIAG_WARNING;
	if (d->n == DIAG_MAX) {
		d->dropped++;
		return;
	}
	va_list ap;
	va_start(ap, fmt);
	const char *text = arena_vprintf(d->arena, fmt, ap);
	va_end(ap);
	d->v = arena_grow(d->arena, d->v, d->n, &d->cap, sizeof *d->v);
	d->v[d->n++] = (struct diag){level, at, text, arena_strdup(d->arena, hint)};
}

struct ranked {
	struct diag diag;
	size_t rank;
};

static int compare(const void *x, const void *y)
{
	const struct ranked *a = x, *b = y;
	const struct mark *m = &a->diag.mark, *n = &b->diag.mark;
	int by_file = strcmp(m->file ? m->file : "", n->file ? n->file : "");
	if (by_file)
		return by_file;
	if (m->line != n->line)
		return m->line < n->line ? -1 : 1;
	if (m->col != n->col)
		return m->col < n->col ? -1 : 1;
	return a->rank < b->rank ? -1 : a->rank > b->rank;
}

void diag_sort(struct diags *d)
{
	struct ranked *v = xalloc(d->n * sizeof *v);
	for (size_t i = 0; i < d->n; i++)
		v[i] = (struct ranked){d->v[i], i};
	qsort(v, d->n, sizeof *v, compare);
	for (size_t i = 0; i < d->n; i++)
		d->v[i] = v[i].diag;
	free(v);
}
