/*
 * Carries a plan out: in dependency order, in parallel, past failures with what does not depend on them, with
 * if-match from the plan. Deletions come last. Always ends with what was done, what was not, and why. Running
 * again converges.
 *
 * When the session's stop flag is set, nothing more is begun, and what is under way has ten seconds to end, so
 * that it is known what became of it. When the service can't be reached eight times in a row, nothing more is
 * begun either.
 */
#ifndef APPLY_APPLY_H
#define APPLY_APPLY_H

#include "oci/oci.h"
#include "plan/plan.h"

enum apply_state {
	APPLY_NOTHING, /* the plan has nothing to do here */
	APPLY_DONE,
	APPLY_FAILED, /* err: why; what a lost reply left open has been looked at */
	APPLY_SKIPPED, /* never begun; err: since what failed before it, or since weir was interrupted */
};
struct apply_result {
	enum apply_state state;
	const struct err *err; /* FAILED and SKIPPED; NULL otherwise */
	bool removed;          /* a PLAN_REPLACE that failed when the old one was deleted already */
	const char *id;        /* of what was created or changed; NULL where it is not known */
	int64_t ms;
};
/* How many of each, as the closing line counts: a replacement is an addition and a removal. */
struct apply_counts {
	size_t added, changed, destroyed, adopted, failed, skipped;
	size_t maybe; /* of those that failed: done perhaps all the same */
};
struct apply_options {
	const char *ns, *compartment_id, *owner; /* owner: "<pipeline>/<target>" */
	const char *dir;                         /* that paths of objects are relative to */
	const struct progress *progress;
	const struct clock *clock;
	const char *identity; /* "<pipeline>/<target>" for retry tokens */
	/* An action begins (result NULL) or has ended, also as FAILED or SKIPPED. NULL: nobody listens. */
	void (*changed)(
		void *ctx, const struct plan_action *action, const struct apply_result *result);
	void *ctx;
};
/* results has one a plan action, in the same order (session's arena). False: err is ERR_PARTIAL (something was
   done), or the first failure's own kind when nothing was; ERR_INTERRUPTED when stopped. *ret is set then too.
   A plan with problems is not begun: the first problem's kind, *ret untouched. */
bool apply_plan(struct oci *oci, const struct plan *plan, const struct apply_options *o,
	struct apply_result **ret, struct err *err);
struct apply_counts apply_count(const struct plan *plan, const struct apply_result *results);

/* Everything of this pipeline and target as deletions (buckets, and what is guarded, stay). */
void apply_plan_destroy(const struct resources *live, const struct plan_guards *guards,
	struct arena *a, struct plan *ret);

#endif
