/*
 * A list of applications that is under way before it is known what else to look for: while the namespace is asked for,
 * or the file resolved. What comes is held back until somebody takes it.
 */
#ifndef LIVE_AHEAD_H
#define LIVE_AHEAD_H

#include "oci/dataflow.h"

struct live_ahead;
/* Starts the list of a compartment; in the session's arena. */
struct live_ahead *live_ahead_begin(struct oci *oci, const char *compartment_id);
const char *live_ahead_compartment(const struct live_ahead *l);
/* fn gets all that came so far, at once, and what comes from then on: as from dataflow_application_list. Once. */
void live_ahead_take(struct live_ahead *l, dataflow_application_each_fn *fn, void *ctx);

#endif
