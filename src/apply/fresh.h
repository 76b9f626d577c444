/*
 * Looks once more, just before applications are created. That an application is not there cannot be bound to a request,
 * as an etag binds a change: somebody else may have created it since the plan was made, while it was read, or while
 * content was uploaded. One list of a compartment serves all creations that begin within a few seconds of it.
 */
#ifndef APPLY_FRESH_H
#define APPLY_FRESH_H

#include "apply/act.h"

struct fresh;
struct fresh *fresh_new(struct oci *oci, const struct clock *clock); /* in the session's arena */
/* id, for `then`: of an application that is alive and has this identity tag; NULL where there is none. `then` is
   called from oci_run, or at once where a look is not old yet; then there is no error. */
void fresh_look(struct fresh *f, const char *compartment_id, const char *tag, struct act *act,
	act_done_fn *then);

#endif
