/* Counting needs no service: reports link it alone. */
#include "apply/apply.h"

struct apply_counts apply_count(const struct plan *plan, const struct apply_result *results)
{
	struct apply_counts n = {0};
	for (size_t i = 0; results && i < plan->n; i++) {
		enum plan_verb verb = plan->v[i].verb;
		bool done = results[i].state == APPLY_DONE;
		n.added += done && (verb == PLAN_CREATE || verb == PLAN_REPLACE);
		n.changed += done && verb == PLAN_UPDATE;
		n.adopted += done && verb == PLAN_ADOPT;
		n.destroyed += done && (verb == PLAN_DELETE || verb == PLAN_REPLACE);
		n.destroyed += results[i].removed;
		n.failed += results[i].state == APPLY_FAILED;
		n.maybe += results[i].state == APPLY_FAILED && results[i].err->maybe_done;
		n.skipped += results[i].state == APPLY_SKIPPED;
	}
	return n;
}
