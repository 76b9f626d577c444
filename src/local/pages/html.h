/*
 * How text gets into a page: markup is written in the source, as a format, and every value that a %s puts into it is
 * escaped, here and nowhere else. Nothing else writes into a page's buffer.
 *
 *	html(out, "<a href=\"%s\">%s</a>", address, name);      values may hold anything
 */
#ifndef LOCAL_HTML_H
#define LOCAL_HTML_H

#include "base/buf.h"

/* Knows %s, %d, %lld, %zu and %%; values stand between tags or in a quoted attribute. */
void html(struct buf *out, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* What %s does, with n bytes that may hold a NUL: &, <, >, " and ' become references; control characters, bidi
   overrides and what is not UTF-8 are shown as \xNN, \u{NNNN}. keep_lines: newline and tab stay. */
void html_text(struct buf *out, const char *s, size_t n, bool keep_lines);

#endif
