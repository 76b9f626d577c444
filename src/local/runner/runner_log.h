/*
 * One output stream of a run, kept in a file while the run goes on and gzipped at its end. It is bounded: the
 * first `max` bytes are kept as they come, then only the last RUNNER_LOG_TAIL ones, which are put behind a line
 * that says how much is missing when the log is closed.
 *
 *	struct runner_log log;
 *	runner_log_open(&log, path, RUNNER_LOG_MAX, &err);
 *	while (runner_log_take(&log, pipe))
 *		;
 *	runner_log_close(&log, &err);
 */
#ifndef LOCAL_RUNNER_LOG_H
#define LOCAL_RUNNER_LOG_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { RUNNER_LOG_MAX = 64 << 20, RUNNER_LOG_TAIL = 64 << 10 };

struct runner_log {
	int fd;
	uint64_t max, kept, seen; /* bytes */
	char *tail;               /* a ring of RUNNER_LOG_TAIL bytes, once max is passed */
};
bool runner_log_open(struct runner_log *l, const char *path, uint64_t max, struct err *err);
/* Takes what the pipe has, at most 64 KiB. False at its end, or when there is nothing now (O_NONBLOCK). A disk
   that is full loses bytes, not the run: they count as dropped. */
bool runner_log_take(struct runner_log *l, int pipe);
void runner_log_add(struct runner_log *l, const char *bytes, size_t n);
void runner_log_close(struct runner_log *l);

/* The file as one gzip member. A file that is not there is an empty one. */
bool runner_log_gzip(const char *path, struct buf *out, struct err *err);
/* The last line of the file that tells of an error ("ValueError: ...", "Error in query: ...", "Exception in thread
   ..."), escaped and cut to one short line; NULL if there is none. */
char *runner_log_error(struct arena *a, const char *path);

#endif
