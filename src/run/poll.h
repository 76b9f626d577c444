/*
 * How often a run is looked at: at first twice a second, then ever less often, down to every 5 s; at a weir-local, which
 * costs nobody anything, twice a second until it ends.
 */
#ifndef RUN_POLL_H
#define RUN_POLL_H

#include "oci/oci.h"

enum { POLL_MS = 500, POLL_MAX_MS = 5000 };

/* The wait after one of `wait` ms in which nothing has changed. */
static inline int64_t poll_longer(const struct oci *oci, int64_t wait)
{
	int64_t longer = wait + wait / 3;
	int64_t most = oci_is_local(oci) ? POLL_MS : POLL_MAX_MS;
	return longer < most ? longer : most;
}

#endif
