/*
 * What a run's program printed, taken out of its log (run/logline.h): as it is, as the lines of it that are JSON, or as
 * CSV. Lines are left out whole; how many is counted, empty ones aside. Pure.
 *
 *	struct printed_count n = printed(PRINTED_JSONL, log, len, &out);
 */
#ifndef REPORT_PRINTED_H
#define REPORT_PRINTED_H

#include "base/buf.h"

#include <stddef.h>

enum printed_form {
	PRINTED_RAW,
	PRINTED_JSONL, /* lines that are JSON objects or arrays, without what stands around them */
	/* Objects become records, their keys columns in the order in which they appear first; where no line is an object:
	   the records of CSV that have as many fields as most, each as it stands. */
	PRINTED_CSV,
};
struct printed_count {
	size_t kept;
	size_t logged;   /* left out: of a log */
	size_t unfit;    /* left out: printed, but not of that form */
	bool is_columns; /* PRINTED_CSV: of objects */
};
struct printed_count printed(enum printed_form form, const char *log, size_t len, struct buf *out);

#endif
