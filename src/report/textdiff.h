/*
 * The difference of two texts by lines, as a unified diff with three lines of context: Myers' greedy algorithm
 * ("An O(ND) Difference Algorithm and Its Variations", 1986) between what both begin and end with. Bounded: texts
 * that differ in more than TEXTDIFF_MAX lines get a count instead.
 *
 *	struct textdiff diff;
 *	textdiff_lines(old, now, &arena, &diff);
 *	textdiff_unified(&diff, &out);
 */
#ifndef REPORT_TEXTDIFF_H
#define REPORT_TEXTDIFF_H

#include "base/arena.h"
#include "base/buf.h"

#include <stdbool.h>
#include <stddef.h>

enum { TEXTDIFF_MAX = 1000 };

struct textdiff_line {
	char sign;        /* ' ', '-', '+'; '@' for the header of a hunk */
	const char *text; /* without its newline; borrowed from the texts */
	size_t len;
	bool no_newline; /* the last line of a text that does not end in one */
};
struct textdiff {
	struct textdiff_line *v; /* none when the texts are equal, or differ too much */
	size_t n, cap;
	size_t too_many; /* lines that differ, where they are too many; else 0 */
};
void textdiff_lines(const char *old, const char *now, struct arena *a, struct textdiff *ret);
/* As diff -u prints hunks; nothing is escaped. "1234 lines differ" where they are too many. */
void textdiff_unified(const struct textdiff *d, struct buf *out);

#endif
