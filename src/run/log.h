/*
 * The application log of a run, asynchronously: which of its logs it is, and the waiting for it.
 */
#ifndef RUN_LOG_H
#define RUN_LOG_H

#include "run/run.h"

/* text NULL with an err of kind ERR_NOT_FOUND when there is none after patience_ms. */
typedef void log_fetch_fn(void *ctx, const struct err *err, const char *text, size_t len);
void log_fetch(struct oci *oci, const char *run_id, enum run_stream stream, int64_t patience_ms,
	log_fetch_fn *done, void *ctx);

/* Which of its logs is the application's own of that stream; NULL if it is not there. Pure. */
const struct run_log *log_choose(const struct run_log *logs, size_t n, enum run_stream stream);
/* Its object: {logsBucketUri}/{opcRequestId}/{name}; NULL where the run does not tell. Pure. */
char *log_uri(struct arena *a, const struct run *run, const char *name);
/* How long to look again for the logs of a run, in ms: they may be late when it ended within two minutes of now_ms; else 0.
   Pure. */
int64_t log_patience(const struct run *run, int64_t now_ms);
/* Where the last `lines` lines of text begin; a final newline is no line. Pure. */
size_t log_tail_at(const char *text, size_t len, size_t lines);
/* Where line `lines` ends: the length of the first lines. Pure. */
size_t log_head_end(const char *text, size_t len, size_t lines);

#endif
