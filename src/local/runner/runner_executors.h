/*
 * The executors of a run on a cluster: processes of the cluster's workers, not of the run's supervisor. They bear the
 * run's mark (RUNNER_MARK, which spark.executorEnv gives them), so they are found while they live, and ended when the
 * run has ended, whatever the cluster does. Where a worker keeps their logs is their working directory,
 * <worker's folder>/<app-...>/<number>; it is remembered from the looks, and the logs are copied at the end to
 *
 *	<home>/runs/<ocid>/executors/spark_executor_<n>_<stdout|stderr>_<time>.log
 *
 * from where they go into the logs bucket. A worker of another user's cannot be looked into: then there are none.
 */
#ifndef LOCAL_RUNNER_EXECUTORS_H
#define LOCAL_RUNNER_EXECUTORS_H

#include "base/arena.h"

#include <stddef.h>
#include <stdint.h>

enum { RUNNER_EXECUTORS_MAX = 64 }; /* whose logs are kept */

struct runner_executors {
	struct arena *arena;
	const char *run_id;
	const char *folders[RUNNER_EXECUTORS_MAX];
	size_t n;
};
/* Remembers who is there now. */
void runner_executors_look(struct runner_executors *e);
/* The driver is gone: gives them a moment to end by themselves, then ends them. */
void runner_executors_end(struct runner_executors *e);
/* Copies their logs into the folder, which is made if there are any. unix_ms: goes into the names. */
void runner_executors_keep_logs(
	const struct runner_executors *e, const char *folder, int64_t unix_ms);

#endif
