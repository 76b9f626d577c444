/*
 * Carries a plan out: in dependency order, in parallel, past failures with what does not depend on them, with
 * if-match from the plan. Always ends with what was done, what was not, and why. Running again converges.
 */
#ifndef APPLY_APPLY_H
#define APPLY_APPLY_H

#include "oci/oci.h"
#include "plan/plan.h"

enum apply_state { APPLY_NOTHING, APPLY_DONE, APPLY_FAILED, APPLY_SKIPPED };
struct apply_result {
	enum apply_state state;
	struct err err;        /* FAILED: why. SKIPPED: the address of what failed before it, in text */
	const char *id;        /* of what was created or changed */
	int64_t ms;
};
struct apply_options {
	const char *ns, *compartment_id, *owner; /* owner: "<pipeline>/<target>" */
	const char *dir; /* that paths of objects are relative to */
	const struct progress *progress;
	const struct clock *clock;
	const char *identity; /* "<pipeline>/<target>" for retry tokens */
};
/* results has one a plan action, in the same order (session's arena). False: err is ERR_PARTIAL (something was
   done), or the first failure's own kind when nothing was; ERR_INTERRUPTED when stopped. */
bool apply_plan(struct oci *oci, const struct plan *plan, const struct apply_options *o,
	struct apply_result **ret, struct err *err);

/* Everything of this pipeline and target as deletions (buckets stay). */
void apply_plan_destroy(const struct resources *live, struct arena *a, struct plan *ret);

#endif
