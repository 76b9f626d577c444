/*
 * Comma-separated values as RFC 4180 has them: records end in CR LF, a field that needs it is quoted, a quote in it
 * doubled. Read more leniently: LF alone ends a record too, and the last needs no end.
 */
#ifndef BASE_CSV_H
#define BASE_CSV_H

#include "base/buf.h"

#include <stdbool.h>
#include <stddef.h>

/* What is empty is quoted, so that it is told from what is not there, for which nothing is written. */
void csv_field(struct buf *out, const char *s, size_t n);

struct csv_record {
	const char *text; /* as it stands, without its end */
	size_t len;
	size_t fields;
	bool sound; /* false: a quote stands where none may, or is not closed */
};
/* The record at *at, which is moved behind its end; false at the end of the text. A quote that is never closed ends with
   its line, so that one stray quote does not swallow the rest. */
bool csv_next(const char **at, const char *end, struct csv_record *ret);

#endif
