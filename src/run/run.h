/*
 * Runs: launches the steps of a sequence as a DAG (samurai's way: done decrements what it blocks), watches
 * them, fetches their logs. A create that is retried never launches twice: its token comes from pipeline,
 * target, invocation and step. A run that was launched goes on when weir is interrupted; its id is in the result.
 */
#ifndef RUN_RUN_H
#define RUN_RUN_H

#include "model/run.h"
#include "oci/oci.h"

struct run_step {
	const char *name;
	const char *application_id;
	const struct application *live; /* the applied application: what is inherited */
	const struct run *run;          /* what differs: arguments, parameters; the rest absent */
	const size_t *needs;            /* indexes into the steps */
	size_t needs_n;
};
enum run_step_state { RUN_WAITING, RUN_LAUNCHED, RUN_ENDED, RUN_NOT_LAUNCHED /* a need failed */, RUN_ERROR };
struct run_result {
	enum run_step_state state;
	const struct run *run; /* last seen; NULL before launch */
	struct err err;        /* RUN_ERROR */
	const char *log_tail;  /* last lines of stdout when FAILED; NULL if not had */
};
struct run_options {
	const char *compartment_id, *pipeline, *target, *name; /* of the sequence or app */
	const char *invocation; /* unique a launch */
	bool wait;              /* false: --detach, launch what needs nothing... refused for sequences with needs */
	int max_parallel;       /* 0: 8 */
	int64_t poll_ms;        /* first wait between looks; 0: 500, growing to 5 s */
	/* Called at each change of a step's state or its run's lifecycle state. */
	void (*changed)(void *ctx, const struct run_step *step, const struct run_result *result);
	void *ctx;
};
/* results: one a step. False: ERR_RUN_FAILED, ERR_RUN_STOPPED, ERR_INTERRUPTED, or why a launch failed. */
bool run_steps(struct oci *oci, const struct run_step *steps, size_t n, const struct run_options *o,
	struct run_result **ret, struct err *err);

/* A RUN argument: an OCID, a display name, or "last" (of this pipeline and target). The newest that fits. */
struct run_find { const char *compartment_id, *pipeline, *target; };
bool run_find(struct oci *oci, const struct run_find *q, const char *what, const struct run **ret,
	struct err *err);
enum run_stream { RUN_STDOUT, RUN_STDERR };
/* The application log of a run, whole; ERR_NOT_FOUND when the service has none yet. In the session's arena. */
bool run_log_text(struct oci *oci, const char *run_id, enum run_stream stream, const char **ret, size_t *len,
	struct err *err);

#endif
