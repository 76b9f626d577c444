/*
 * The service refused an action, since something is not as the plan saw it. That is a conflict, unless what is
 * there now is what the action was to bring about: an apply that was killed a moment ago may have done it, its
 * last requests may even be carried out while we plan again. So look before judging.
 */
#ifndef APPLY_LOOK_H
#define APPLY_LOOK_H

#include "apply/act.h"

/* Whether a refusal is of that kind: a 404, 409 or 412 of the service. */
bool look_is_due(const struct err *refused);
/* Calls `then` from oci_run: with no error, and the id where there is one, when all is as it was to be; else with
   `refused`. */
void look_start(struct act *act, const struct err *refused, act_done_fn *then);
/* An application that the plan did not see has the identity of the one that was to be created: no error where it is
   as that was to be, else ERR_CONFLICT. */
void look_at_twin(struct act *act, const char *id, act_done_fn *then);

#endif
