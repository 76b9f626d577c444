/*
 * Runs: launches the steps of a sequence as a DAG (dag.h), watches them, fetches their logs. A create that is
 * retried never launches twice: its token comes from pipeline, target, sequence, invocation and step. A run
 * that was launched goes on when weir is interrupted; its id is in the result.
 *
 * Results, runs and logs are in the session's arena.
 *
 *	struct run_step step = {.name = "copy", .application_id = id, .live = app, .run = &differs};
 *	struct run_options o = {..., .invocation = run_invocation(a, now), .wait = true};
 *	bool ok = run_steps(oci, &step, 1, &o, &results, &err);
 */
#ifndef RUN_RUN_H
#define RUN_RUN_H

#include "base/clock.h"
#include "model/run.h"
#include "oci/oci.h"
#include "run/check.h"

struct run_step {
	const char *name;
	const char *application_id;
	const struct application *live; /* the applied application: what is inherited */
	const struct run
		*run; /* what is wanted otherwise: of run_given_record, and the compartment */
	const size_t *needs; /* indexes into the steps */
	size_t needs_n;
	/* struct check_decl: made when the run has succeeded, if it is waited for. */
	struct keyed checks;
};
enum run_step_state {
	RUN_WAITING,
	RUN_LAUNCHING, /* asked for; at the end of run_steps: it is not known whether it was launched */
	RUN_LAUNCHED,
	RUN_ENDED,
	RUN_NOT_LAUNCHED, /* a need did not succeed */
	RUN_ERROR,        /* could not be launched (run NULL), or watched (run set: it may go on) */
};
struct run_result {
	enum run_step_state state;
	const struct run *run; /* last seen; NULL before launch */
	struct err err;        /* RUN_ERROR */
	/* When it did not succeed: the last lines of its log, NULL if not had, and which log. */
	const char *log_tail;
	bool log_is_stderr;
	const struct check_result
		*checks; /* RUN_ENDED: NULL before they were made, or where there are none */
	size_t checks_n, checks_failed;
};
struct run_options {
	const char *compartment_id, *pipeline, *target, *name; /* name: of the sequence or app */
	const char *invocation;    /* unique a launch, run_invocation() */
	const struct clock *clock; /* NULL: the system's */
	bool wait;                 /* false: launches what needs nothing and returns */
	int max_parallel;          /* 0: 8 */
	struct pairs secrets;      /* of the steps' checks, by the reference (check.h) */
	/* Called at each change of a step's state or its run's lifecycle state. */
	void (*changed)(void *ctx, const struct run_step *step, const struct run_result *result);
	/* Called at each other look at a run that goes on, with the run as it is now, until it returns. NULL: nobody. */
	void (*looked)(void *ctx, const struct run_step *step, const struct run *run);
	void *ctx;
};
/* ret: one a step, set whatever is returned. False: ERR_RUN_FAILED, ERR_RUN_STOPPED, ERR_INTERRUPTED, or why a
   launch failed. */
bool run_steps(struct oci *oci, const struct run_step *steps, size_t n, const struct run_options *o,
	struct run_result **ret, struct err *err);

/* The runs of a pipeline at a target, by their tags, newest first. Summaries: no arguments, no parameters. */
struct run_find {
	struct strs compartments; /* looked in side by side, each once */
	const char *pipeline, *target;
};
struct runs {
	const struct run **v;
	size_t n, cap;
};
bool run_list(struct oci *oci, const struct run_find *q, struct runs *ret, struct err *err);
/* A RUN argument: an OCID, a display name (the newest of that name in the compartments), or "last" (of this
   pipeline and target). Whole, not a summary. */
bool run_find(struct oci *oci, const struct run_find *q, const char *what, const struct run **ret,
	struct err *err);

enum run_stream { RUN_STDOUT, RUN_STDERR };
/* The application log of a run, whole. Just after the end the service may not have it yet: it is looked for
   again for patience_ms. ERR_NOT_FOUND when there is none. */
bool run_log_text(struct oci *oci, const char *run_id, enum run_stream stream, int64_t patience_ms,
	const char **ret, size_t *len, struct err *err);
/* All logs of a run, as the service lists them; one of them, whole. */
bool run_logs(struct oci *oci, const char *run_id, const struct run_log **ret, size_t *ret_n,
	struct err *err);
bool run_log_named(struct oci *oci, const char *run_id, const char *name, const char **ret,
	size_t *len, struct err *err);

#endif
