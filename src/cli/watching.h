/*
 * What `weir run` tells of its runs while they go on, on stderr: a line at each change of state; on a terminal a line
 * a run that is redrawn in place, with elapsed time, size and OCPU-hours so far, elsewhere plain lines at growing
 * intervals; with --follow what the jobs print. And it keeps their folders (saving.h).
 */
#ifndef CLI_WATCHING_H
#define CLI_WATCHING_H

#include "cli/launch.h"
#include "cli/saving.h"

struct watching;
/* saving NULL: nothing is kept. In the session's arena. */
struct watching *watching_new(struct session *s, const struct launch *l, struct saving *saving);
/* For struct run_options: ctx is the watching. */
void watching_changed(void *ctx, const struct run_step *step, const struct run_result *r);
void watching_looked(void *ctx, const struct run_step *step, const struct run *run);

/* After an interruption on a terminal: tells what goes on, and waits a moment for a second Ctrl-C, which cancels it all.
   True: it did, and err says what came of it. */
bool watching_cancelled(struct session *s, const struct launch *l, const struct run_result *results,
	struct err *err);

#endif
