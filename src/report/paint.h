/*
 * Colors of a terminal, and the escape of what others wrote. Text from a file, a service or a log goes through
 * paint_safe, never straight into a report.
 */
#ifndef REPORT_PAINT_H
#define REPORT_PAINT_H

#include "base/buf.h"

#include <stdbool.h>
#include <stddef.h>

enum paint { PAINT_PLAIN, PAINT_BOLD, PAINT_RED, PAINT_GREEN, PAINT_YELLOW, PAINT_CYAN };

/* Text of our own, in color where color is set. */
void paint_text(struct buf *out, bool color, enum paint paint, const char *text);
/* Escaped, in one line. NULL: nothing. */
void paint_safe(struct buf *out, const char *text);
void paint_safe_n(struct buf *out, const char *text, size_t n);
/* Escaped; lines after the first are indented. */
void paint_lines(struct buf *out, const char *text, size_t indent);
void paint_spaces(struct buf *out, size_t n);

#endif
