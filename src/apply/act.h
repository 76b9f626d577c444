/*
 * One action of a plan, as calls of the service. Bound to what the plan saw: changes and deletions by if-match,
 * the creation of an object by if-none-match. act_start returns at once; `done` is called from oci_run.
 */
#ifndef APPLY_ACT_H
#define APPLY_ACT_H

#include "apply/apply.h"

struct act;
struct fresh;
/* id: of what is there now, NULL where nothing is. */
typedef void act_done_fn(struct act *act, const struct err *err, const char *id);
struct act {
	struct oci *oci;
	const struct apply_options *options;
	const struct plan_action *action;
	struct fresh *fresh; /* shared by the actions of a plan */
	act_done_fn *done;
	bool removed; /* of a replacement: the old one is deleted */
};
/* act must live until done; so must what its action borrows. */
void act_start(struct act *act);

#endif
