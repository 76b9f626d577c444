/*
 * What the runner's own files share; others use runner.h.
 *
 * There is one thread for each run that may go on at once. A thread claims the oldest ACCEPTED run, makes it ready
 * (runner_job.c), starts its processes and watches them (runner_watch.c), stores its logs and tells its end. What
 * the thread is doing is in its slot. Two locks: `claims` orders claiming against cancelling and is held over a
 * transaction; `lock` guards the slots and is held for moments, since requests are verified under it.
 */
#ifndef LOCAL_RUNNER_INSIDE_H
#define LOCAL_RUNNER_INSIDE_H

#include "local/runner/runner.h"
#include "local/runner/runner_executors.h"
#include "local/runner/runner_place.h"
#include "local/runner/runner_process.h"
#include "local/runner/spark.h"

#include <pthread.h>

struct runner_slot {
	struct runner *runner;
	pthread_t thread;
	int wake; /* eventfd: look at the run's row again */
	/* Under the runner's lock. */
	const char *run_id;  /* NULL: idle. This and user_id live as long as the runner */
	const char *user_id; /* who launched it */
	EVP_PKEY *key;       /* NULL: none yet, or no more */
	char key_id[256];
};

/* A run on its way. */
struct runner_job {
	struct runner_slot *slot;
	struct service *service;
	struct arena *arena;
	const struct run *run;
	const struct identity_user *user; /* who launched it, and as whom it acts */
	struct spark_place place;
	const char *logs[RUNNER_LOGS];      /* paths */
	struct runner_executors *executors; /* NULL: they are in the driver's process */
	const char *note;                   /* begins stderr's log; NULL for none */
	int64_t token_due; /* of its resource principal: when it is renewed, ms, monotonic */
};

/* How a job becomes a command: Spark's, or what a test has in its place. */
typedef bool runner_launch_fn(struct runner_job *job, struct runner_command *ret, struct err *err);
runner_launch_fn runner_launch_spark;

struct runner {
	struct service *service;
	runner_launch_fn *launch;
	int64_t minute_ms; /* of maxDurationInMinutes */
	int64_t token_s;   /* a resource principal's lifetime */
	struct runner_slot *slots;
	int slots_n;
	pthread_mutex_t claims, lock;
	/* Under lock. */
	pthread_cond_t woken;
	uint64_t wakes;
	bool stop;
	struct arena ids;
};
struct runner *runner_start_with(
	struct service *s, int max_running, runner_launch_fn *launch, struct err *err);
bool runner_is_stopping(struct runner *r);
void runner_slot_wake(struct runner_slot *slot);

/* Folder, key, program and archive: all that must be there before it can start. The reason in err otherwise. */
bool runner_job_prepare(struct runner_job *job, struct err *err);
/* The logs of a job that did not begin: none on stdout, why on stderr. Whoever looks for them need not wait. */
void runner_job_log_failure(const struct runner_job *job, const char *why);
/* The logs, gzipped, into the logs bucket; those that are not there are not put. */
bool runner_job_store_logs(struct service *s, const struct run *run, struct err *err);
/* What lifecycleDetails says of a job that failed. */
char *runner_job_reason(const struct runner_job *job, const struct runner_exit *exit);

/* Starts the command and returns when its processes are gone, by themselves, because the row says CANCELING,
   because the maximum duration is over (then the row says STOPPING), or because the service stops. */
bool runner_watch(struct runner_job *job, const struct runner_command *command,
	struct runner_exit *ret, struct err *err);

#endif
