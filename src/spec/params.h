/*
 * Parameters: what `$<key>` names. A value comes from -p, else from the target, else from `default`; it is
 * checked against type, enum, pattern and range when it is first asked for. Those of a sequence come before
 * the pipeline's in its steps.
 */
#ifndef SPEC_PARAMS_H
#define SPEC_PARAMS_H

#include "spec/interpolate.h"

/* decls: struct param_decl. where is "" or "sequences.nightly". */
void params_declare(struct spec *s, struct params *p, const struct keyed *decls, const char *where);
/* Forgets values, not where they come from. */
void params_reset(struct params *p);
struct param *params_find(const struct params *p, const char *name); /* NULL: there is none */
/* Takes the -p that name one of these. */
void params_take_given(struct params *p, const struct spec_options *o);

/* The value. LOOKUP_NONE: it has none. */
enum lookup params_value(struct scope *scope, struct params *p, struct param *param, struct mark at,
	struct found *ret);

/* Tells of each that is required and has no value, and of declarations that contradict themselves. Values of
   all that have one are checked. */
void params_check(struct spec *s, struct params *p, bool required);
/* Tells of each that has no value and was asked for one. */
void params_check_used(struct spec *s, const struct params *p);

#endif
