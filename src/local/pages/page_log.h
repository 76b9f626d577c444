/*
 * The text of a run's log, for people: its end, or what came since a page was made. Offsets are in bytes of the text,
 * whether it lies as a file (the run goes on) or gzipped in the logs bucket.
 */
#ifndef LOCAL_PAGE_LOG_H
#define LOCAL_PAGE_LOG_H

#include "local/dataflow/dataflow_logs.h"
#include "local/runner/runner_log.h"

/* What a page shows of a log, and what it gets at once of one that goes on; what is read of a log at most, somewhat more than
   the runner writes. */
enum { PAGE_LOG_SHOWN = 128 * 1024, PAGE_LOG_MAX = RUNNER_LOG_MAX + (1 << 20) };

struct page_log {
	bool there;
	struct buf text; /* whole characters, and at its beginning whole lines; to be cleared */
	uint64_t from;   /* where it begins; what lies before is left out */
	uint64_t next;   /* where it ends */
};
/* The last bytes, at most `keep`. */
void page_log_end(struct request *r, const struct run *run, const struct runner_place_log *stream,
	size_t keep, struct page_log *ret);
/* What a run that goes on has written since; nothing once it has ended. */
void page_log_since(struct request *r, const struct run *run, const struct runner_place_log *stream,
	uint64_t from, struct page_log *ret);
/* "stdout" and "stderr" in addresses and on pages; NULL: none is called so. */
const struct runner_place_log *page_log_stream(const char *name);
const char *page_log_name(const struct runner_place_log *stream);

#endif
