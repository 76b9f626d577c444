/*
 * The RUN of a command line: an OCID, a display name, or `last`. What must be known for each of them is asked for:
 * an OCID needs neither a file nor a compartment, a name the compartment, `last` the pipeline.
 */
#ifndef CLI_WHICH_RUN_H
#define CLI_WHICH_RUN_H

#include "cli/session.h"
#include "run/run.h"

/* Where runs may be: the target's compartment, and those that apps and steps name. */
struct strs which_compartments(const struct session *s);
/* Those of `of` that are not among known. */
struct strs which_others(const struct strs *of, const struct strs *known, struct arena *a);
/* NULL for `what`: the pipeline's runs as a whole, such as those that `weir status` tells of. ret may be used when
   true was returned. */
bool which_runs(const struct session *s, const char *what, struct run_find *ret, struct err *err);
/* Whole, not a summary. */
bool which_run(const struct session *s, const char *what, const struct run **ret, struct err *err);

#endif
