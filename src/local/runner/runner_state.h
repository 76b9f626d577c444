/*
 * The states of runs, as the runner moves them (contract, section 4.1):
 *
 *	ACCEPTED -> IN_PROGRESS -> SUCCEEDED | FAILED
 *	ACCEPTED | IN_PROGRESS -> CANCELING -> CANCELED
 *	IN_PROGRESS -> STOPPING -> STOPPED
 *
 * Each function is one transaction that looks before it writes, so that a cancel and an end that meet give one of
 * these paths.
 */
#ifndef LOCAL_RUNNER_STATE_H
#define LOCAL_RUNNER_STATE_H

#include "base/arena.h"
#include "base/err.h"
#include "local/service.h"
#include "model/run.h"

#include <stdbool.h>
#include <stdint.h>

/* The oldest ACCEPTED run becomes IN_PROGRESS; *ret->id NULL if there is none. */
bool runner_state_claim(struct service *s, struct arena *a, struct run *ret, struct err *err);
/* IN_PROGRESS becomes STOPPING with the reason; any other state stays. */
bool runner_state_stop(struct service *s, const char *id, const char *reason, struct err *err);
/* To its end: IN_PROGRESS to `outcome` with details (NULL for none), CANCELING to CANCELED, STOPPING to STOPPED (which
   keeps its reason); an ended run stays as it is. */
bool runner_state_end(struct service *s, const char *id, const char *outcome, const char *details,
	struct err *err);
/* As it is now; false if there is no such run. */
bool runner_state_get(struct service *s, const char *id, struct arena *a, struct run *ret);
/* Ids of runs that are neither ACCEPTED nor ended, ends with NULL: at start, those of a service that died. */
const char **runner_state_unfinished(struct service *s, struct arena *a);
bool runner_state_any_accepted(struct service *s);

#endif
