/* The service as a process: puts its parts together, waits for its end, takes them apart. */
#ifndef LOCAL_SERVE_H
#define LOCAL_SERVE_H

#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>

struct serve_options {
	const char *home;
	int port;                 /* 0: the home's, or a free one */
	double idle_minutes;      /* ends after this long without a request or run; 0: never */
	int request_seconds;      /* deadline of a request's head; 0: 30 */
	int max_runs;             /* at once; 0: 2 */
	const char *spark_master; /* see runner/cluster.h; NULL: what the home keeps */
	int ready_fd;             /* told how the start went, see life.h; -1: none */
};
/* Until SIGTERM, SIGINT or idleness. */
bool serve_run(const struct serve_options *o, struct err *err);

#endif
