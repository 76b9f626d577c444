/*
 * Runs as real Spark processes: a queue, a bounded number at once, cancel, maximum duration, logs into the logs
 * bucket. A run's row in the store is the truth; the runner moves it ACCEPTED -> IN_PROGRESS -> an end state.
 * Jobs die with the service (runner_process.h); what is left of one that died is found at the next start by a
 * mark in its environment and ended, and its run is FAILED with the reason. Environment: WEIR_LOCAL_MINUTE_MS, the
 * length of a minute of maxDurationInMinutes, for tests.
 */
#ifndef LOCAL_RUNNER_H
#define LOCAL_RUNNER_H

#include "base/err.h"
#include "local/service.h"

#include <openssl/types.h>

struct runner;
struct runner *runner_start(struct service *s, int max_running, struct err *err);
void runner_stop(struct runner *r); /* ends running jobs; their runs are FAILED with the reason */
void runner_wake(struct runner *r); /* a run was accepted */
/* Asks a run to end: its row is already CANCELING or STOPPING. */
void runner_end(struct runner *r, const char *run_id);
bool runner_is_busy(struct runner *r); /* something runs or waits: the service is not idle */
/* The EVP_PKEY that a run's own key id names, while it runs; NULL if none. Caller frees with EVP_PKEY_free. The ids of
   the run and of the user who launched it live as long as the runner. */
EVP_PKEY *runner_key(
	struct runner *r, const char *key_id, const char **ret_run_id, const char **ret_user_id);

/* Whether that run goes on, and the key is its own: what its resource principal's token asks. */
bool runner_has_key(struct runner *r, const char *run_id, const EVP_PKEY *key,
	const char **ret_run_id, const char **ret_user_id);

#endif
