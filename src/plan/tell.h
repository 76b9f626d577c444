/*
 * What a plan tells beside its actions: problems, which it can't be applied with, and notes, which are worth a warning.
 */
#ifndef PLAN_TELL_H
#define PLAN_TELL_H

#include "plan/compare.h"
#include "plan/plan.h"

/* The texts are borrowed. hint: the cure. */
void tell_problem(struct plan *p, struct arena *a, enum err_kind kind, const char *address,
	const char *text, const char *hint);
void tell_note(
	struct plan *p, struct arena *a, const char *address, const char *text, const char *hint);
/* A value within a text; "not set" for NULL. */
const char *tell_value(const struct node *n, struct arena *a);

/* Of an application: what weir set and can't be cleared, a tag weir-set that is not weir's, more tags than the service
   takes or weir-set has room for. live NULL: it is created. */
void tell_tags(struct plan *p, struct arena *a, const struct resource *want,
	const struct resource *live, const struct comparison *c, enum plan_verb verb);

#endif
