/*
 * The plan: desired resources against live ones, as actions. Pure: no I/O, no clock; the same input in any
 * order gives the same plan. Everything is in the arena given; resources are borrowed.
 *
 * Actions stand in the order of apply: buckets, objects, applications, then deletions in reverse. `needs`
 * are indexes of actions that must have succeeded before.
 */
#ifndef PLAN_PLAN_H
#define PLAN_PLAN_H

#include "model/resource.h"

enum plan_verb { PLAN_NONE, PLAN_CREATE, PLAN_UPDATE, PLAN_REPLACE, PLAN_DELETE };
struct plan_action {
	enum plan_verb verb;
	const char *address;
	const struct resource *want; /* NULL: delete */
	const struct resource *live; /* NULL: create */
	struct field_changes changes; /* create: all that is set, was NULL; delete: empty */
	size_t *needs;
	size_t needs_n;
	/* Script objects that change: text of both sides for the diff; filled by whoever can read them, both
	   NULL where not text or not had. */
	const char *old_text, *new_text;
};
/* What must not go on: two live applications with one identity; a display name that is another's. */
struct plan_problem {
	enum err_kind kind; /* ERR_CONFLICT */
	const char *address, *text, *hint;
};
struct plan {
	struct plan_action *v; /* PLAN_NONE ones too */
	size_t n, cap;
	struct plan_problem *problems;
	size_t problems_n, problems_cap;
	size_t create, update, replace, remove; /* counts; Terraform's line adds replace to both */
};
void plan_build(const struct resources *want, const struct resources *live, struct arena *a,
	struct plan *ret);
bool plan_is_empty(const struct plan *p); /* nothing to do and no problem */
const char *plan_verb_name(enum plan_verb verb); /* "no-op", "create", "update", "replace", "delete" */
const char *plan_verb_symbol(enum plan_verb verb); /* "", "+", "~", "-/+", "-" */

#endif
