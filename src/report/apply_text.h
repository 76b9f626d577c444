/*
 * What became of a plan's actions, as text: a line when an action ends, and the closing summary, which is true
 * whatever happened.
 *
 *	apps.delays: created in 0.2s [id=ocid1.dataflowapplication.oc1..a]
 *	apps.routes: create failed after 3.1s: POST ...: 429 TooManyRequests
 *
 *	Apply complete! Resources: 1 added, 0 changed, 0 destroyed.
 */
#ifndef REPORT_APPLY_TEXT_H
#define REPORT_APPLY_TEXT_H

#include "apply/apply.h"
#include "base/buf.h"
#include "plan/plan.h"

#include <stdbool.h>

/* "apps.delays: creating...\n" */
void apply_text_begun(const struct plan_action *action, bool color, struct buf *out);
/* One line, with its newline; nothing for an action that had nothing to do. */
void apply_text_ended(const struct plan_action *action, const struct apply_result *result,
	bool color, struct buf *out);
/* After success the closing line. After failure: what was not done and why, then the closing line. results may
   be NULL: nothing was begun. destroy: "Destroy complete! Resources: 3 destroyed." */
void apply_text_summary(const struct plan *p, const struct apply_result *results, bool destroy,
	bool color, struct buf *out);

#endif
