/*
 * What `weir run NAME` launches: the steps of the file, each with its applied application. Before that local
 * content that differs is uploaded, and what else differs is said.
 */
#ifndef CLI_LAUNCH_H
#define CLI_LAUNCH_H

#include "cli/session.h"
#include "run/run.h"

struct launch {
	const char *name;
	struct run_step *steps;
	size_t n;
	struct pairs secrets; /* of the checks, by the reference */
};
/* After session_load. ERR_GUARD when an application is not applied yet. */
bool launch_prepare(struct session *s, const char *name, struct launch *ret, struct err *err);

/* Puts --param over a step's own parameters. Takes those that the step or its application declares; marks in
   used which were. Pure. */
struct pairs launch_parameters(const struct pairs *step, const struct application *live,
	const struct cli_params *given, bool *used, struct arena *a);

#endif
