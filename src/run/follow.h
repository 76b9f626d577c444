/*
 * A log of a run as it grows, in whole lines, until the run has ended and all of it was given. Data Flow has an
 * application's log only afterwards; until then what its driver tells (a piece every ten minutes, as a log of its own)
 * is given in its place.
 */
#ifndef RUN_FOLLOW_H
#define RUN_FOLLOW_H

#include "run/run.h"

struct follow_options {
	const char *run_id;
	enum run_stream stream;
	/* Lines of the log of that name, each with its end, but for the last of all. */
	void (*lines)(void *ctx, const char *log, const char *text, size_t len);
	/* Once, with the run in its last state, until then borrowed; err: it could not be followed any more, or has
	   no such log (ERR_NOT_FOUND, run set). Not called when the session ends before. */
	void (*done)(void *ctx, const struct run *run, const struct err *err);
	void *ctx;
};
/* o is copied. */
void follow_run(struct oci *oci, const struct follow_options *o);

#endif
