/*
 * A program that setup runs: without standard input, its output appended to a log and given line by line to a
 * listener, with a tick about once a second so that the caller can say that something still goes on. It dies
 * with us.
 */
#ifndef LOCAL_SETUP_COMMAND_H
#define LOCAL_SETUP_COMMAND_H

#include "base/err.h"

#include <stdbool.h>

struct setup_command {
	const char *const *argv; /* argv[0] is looked up on PATH; ends with NULL */
	int log;                 /* descriptor that takes the output; -1: none */
	void (*line)(
		void *ctx, const char *line); /* may be NULL; without the newline, cut at 4 KiB */
	void (*tick)(void *ctx);              /* may be NULL */
	void *ctx;
};
/* *ret_status: the exit status, 128 + N for signal N, 127 where the program is not there. False only if it
   could not be tried. */
bool setup_command_run(const struct setup_command *c, int *ret_status, struct err *err);

#endif
