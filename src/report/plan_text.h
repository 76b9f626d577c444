/*
 * A plan as text, in the form that Terraform's users read: one block an action, then one line that counts.
 *
 *	  # apps.delays will be updated in-place
 *	  ~ application "flights-delays" {
 *	      ~ num_executors = 1 -> 2
 *	        # (13 unchanged attributes hidden)
 *	    }
 *
 *	Plan: 0 to add, 1 to change, 0 to destroy.
 *
 * Whatever comes from a file or the service is escaped; sensitive values are "(sensitive)".
 */
#ifndef REPORT_PLAN_TEXT_H
#define REPORT_PLAN_TEXT_H

#include "base/buf.h"
#include "plan/plan.h"

#include <stdbool.h>

/* Blocks and the closing line; "No changes. Your infrastructure matches the configuration." when there is
   nothing to do. color: ANSI escapes. Problems and notes are not in it. */
void plan_text(const struct plan *p, bool color, struct buf *out);
/* "Plan: 1 to add, 2 to change, 0 to destroy.\n", or the line that says that there is nothing to do. */
void plan_text_summary(const struct plan *p, bool color, struct buf *out);
/* A problem or note for people: "ADDRESS: text", in lines of its own the cure. No level, no final newline. */
void plan_text_problem(const struct plan_problem *x, struct buf *out);

#endif
