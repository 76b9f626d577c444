/*
 * Desired against live, as the commands that look at it share it: reading, the plan, showing it, asking, and
 * carrying it out.
 */
#ifndef CLI_PLANNING_H
#define CLI_PLANNING_H

#include "apply/apply.h"
#include "cli/session.h"
#include "plan/plan.h"

/* Confirms what session_open_early took for granted. */
bool planning_live(struct session *s, struct resources *ret, struct err *err);
/* What the file protects at this target. */
void planning_guards(struct session *s, struct plan_guards *ret);
/* --max-delete. */
void planning_limit(struct session *s, struct plan *plan);
/* The plan of the file against what is live, with the texts of scripts that change. */
bool planning_make(struct session *s, struct plan *ret, struct err *err);
/* The plan as text to cli->out (not with -o json), its notes as warnings. Problems are told by
   planning_problems. */
void planning_show(struct cli *cli, const struct plan *plan);
/* Tells each problem as an error; false, with an err whose text is empty, if there is one. */
bool planning_problems(struct cli *cli, const struct plan *plan, struct err *err);
/* Shows the plan, asks where it must, applies, and prints what became of it. what: "apply" or "destroy". */
bool planning_carry_out(struct session *s, const struct plan *plan, bool destroy, struct err *err);
/* As apply_plan, with a line on stderr for each action that ends. */
bool planning_apply(
	struct session *s, const struct plan *plan, struct apply_result **ret, struct err *err);

#endif
