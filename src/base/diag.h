/*
 * Diagnostics of a spec, as a compiler gives them: all of them, each at file:line:col, with the line itself,
 * a caret and a cure.
 *
 *	pipeline.yaml:12:5: error: unknown key `num_executor` in apps.copy
 *	   12 |     num_executor: 2
 *	      |     ^~~~~~~~~~~~
 *	      = did you mean `num_executors`?
 *
 * The arena given at init owns texts; files added must outlive the diags. At most DIAG_MAX are kept, the
 * rest counted.
 */
#ifndef BASE_DIAG_H
#define BASE_DIAG_H

#include "base/arena.h"
#include "base/buf.h"

#include <stdbool.h>
#include <stddef.h>

/* A place in a file: line and col from 1, col counted in characters; 0 where there is none. */
struct mark {
	const char *file; /* as given on the command line; NULL for none */
	unsigned line, col;
	unsigned len; /* characters to underline; at least 1 is drawn */
};

enum diag_level { DIAG_ERROR, DIAG_WARNING, DIAG_NOTE };
struct diag {
	enum diag_level level;
	struct mark mark;
	const char *text;
	const char *hint; /* the cure; NULL for none */
};
enum { DIAG_MAX = 1000 };
struct diag_source {
	const char *file, *text;
	size_t len;
};
struct diags {
	struct arena *arena;
	struct diag *v;
	size_t n, cap;
	size_t errors, warnings, dropped;
	struct diag_source *sources;
	size_t sources_n, sources_cap;
};

/* Tells the text of a file, for the excerpts. */
void diag_source_add(struct diags *d, const char *file, const char *text, size_t len);
void diag_add(struct diags *d, enum diag_level level, struct mark at, const char *hint,
	const char *fmt, ...) __attribute__((format(printf, 5, 6)));
/* Sorts by file, line, column (stable). */
void diag_sort(struct diags *d);
/* All of them, with excerpts; the last line counts them. color: ANSI escapes. */
void diag_render_text(const struct diags *d, bool color, struct buf *out);
/* One JSON object a line, as Terraform's "diagnostic" messages (see docs/reference/output.md); no
   time in them, so that the same file gives the same bytes. */
void diag_render_json(const struct diags *d, struct buf *out);

#endif
