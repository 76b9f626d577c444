/*
 * Another program that is run: without standard input, its output appended to a log and given line by line to a
 * listener, with a tick about once a second so that the caller can say that something still goes on. It dies
 * with us.
 */
#ifndef BASE_PROGRAM_H
#define BASE_PROGRAM_H

#include "base/err.h"

#include <stdbool.h>

struct program {
	const char *const *argv; /* argv[0] is looked up on PATH; ends with NULL */
	int log;                 /* descriptor that takes the output; -1: none */
	void (*line)(
		void *ctx, const char *line); /* may be NULL; without the newline, cut at 4 KiB */
	void (*tick)(void *ctx);              /* may be NULL */
	const bool *
		stop; /* what a signal's handler sets: the program is ended with SIGTERM; may be NULL */
	void *ctx;
};
/* *ret_status: the exit status, 128 + N for signal N, 127 where the program is not there. False only if it
   could not be tried, or ERR_INTERRUPTED. */
bool program_run(const struct program *c, int *ret_status, struct err *err);

#endif
