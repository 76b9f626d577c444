/*
 * A plan, and what became of it, as one JSON document each. The formats are in docs/reference/output.md; a
 * later minor version of a format only adds.
 */
#ifndef REPORT_PLAN_JSON_H
#define REPORT_PLAN_JSON_H

#include "apply/apply.h"
#include "field/node.h"
#include "plan/plan.h"

#define PLAN_JSON_VERSION "1.0"

/* What the documents begin with. */
struct plan_json_head {
	const char *pipeline, *target;
};
/* {"format_version", "pipeline", "target", "resource_changes": [...], "summary", "problems", "notes"}.
   What does not change is counted, not listed. */
struct node *plan_json(const struct plan *p, const struct plan_json_head *head, struct arena *a);
/* {"format_version", "pipeline", "target", "results": [...], "summary", "error"}. results may be NULL: nothing
   was begun. err: apply_plan's, kind ERR_NONE for success. */
struct node *plan_json_applied(const struct plan *p, const struct apply_result *results,
	const struct err *err, const struct plan_json_head *head, struct arena *a);

#endif
