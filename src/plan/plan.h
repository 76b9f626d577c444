/*
 * The plan: desired resources against live ones, as actions. Pure: no I/O, no clock; the same input in any
 * order gives the same plan. Everything is in the arena given; resources are borrowed.
 *
 * Actions stand in the order of apply: buckets, objects, applications, then deletions in reverse (applications,
 * objects), each kind by address. `needs` are indexes of actions that must have succeeded before; what has
 * nothing to do is in nobody's needs. A replacement deletes and creates at its place among the applications.
 *
 * What is deleted: live applications with our tag that the file no longer has, and live objects that nothing
 * names, neither a declaration nor the file_uri or archive_uri of a wanted application. Never buckets, never
 * what is foreign. What a guard protects is kept, and so is what a kept application runs.
 *
 * A live application is a desired one by its identity, by one that it had before (`was`), or by the OCID that the
 * desired one adopts. Two that are one are a problem (ERR_CONFLICT).
 *
 *	struct plan plan;
 *	plan_build(&want, &live, &arena, &plan);
 *	if (plan_is_empty(&plan))
 *		...
 */
#ifndef PLAN_PLAN_H
#define PLAN_PLAN_H

#include "base/zip_index.h"
#include "model/resource.h"

enum plan_verb {
	PLAN_NONE,
	PLAN_CREATE,
	PLAN_UPDATE,
	PLAN_REPLACE,
	PLAN_DELETE,
	PLAN_ADOPT, /* an application is taken over, and nothing of it changes but weir's tags */
	PLAN_KEEP,  /* it would be deleted, but something protects it: nothing is done */
	PLAN_VERBS
};
struct plan_action {
	enum plan_verb verb;
	const char *address;
	const struct resource *want;  /* NULL: delete */
	const struct resource *live;  /* NULL: create */
	const char *kept;             /* PLAN_KEEP: by what */
	struct field_changes changes; /* create: all that is set, was NULL; delete: empty */
	size_t *needs;
	size_t needs_n;
	/* Script objects that change: text of both sides for the diff; filled by whoever can read them, both
	   NULL where not text or not had. */
	const char *old_text, *new_text;
	/* An archive that changes: its members that differ; NULL where they are not known. Likewise. */
	const struct zip_diff *members;
};
/* What must not go on: two live applications with one identity, a display name or an object that is another's
   (ERR_CONFLICT); two declarations of one object (ERR_SPEC). A plan with problems is shown, never applied. */
struct plan_problem {
	enum err_kind kind;                /* of a note: ERR_NONE */
	const char *address, *text, *hint; /* address NULL: it is of the whole plan */
};
struct plan {
	struct plan_action *v; /* PLAN_NONE ones too */
	size_t n, cap;
	struct plan_problem *problems;
	size_t problems_n, problems_cap;
	struct plan_problem
		*notes; /* worth a warning, no obstacle: a bucket whose settings differ */
	size_t notes_n, notes_cap;
	size_t create, update, replace, remove; /* counts; Terraform's line adds replace to both */
	size_t adopt, keep;
};
/* What must stay. */
struct plan_guards {
	const char *protect;               /* why nothing at all is deleted; NULL: it may be */
	const struct resources *prevented; /* of these those with prevent_delete stay; NULL: none */
};
void plan_build(const struct resources *want, const struct resources *live, struct arena *a,
	struct plan *ret);
void plan_build_guarded(const struct resources *want, const struct resources *live,
	const struct plan_guards *guards, struct arena *a, struct plan *ret);
/* A problem (ERR_GUARD) where more would be destroyed, replacements included. */
void plan_limit_deletions(struct plan *p, size_t most, struct arena *a);
bool plan_acts(const struct plan_action *x); /* apply has something to do for it */
bool plan_changes(const struct plan *p); /* something live will differ; an adoption is no change */
/* Whether an update takes an application to another compartment: by the service's own action. */
bool plan_moves(const struct plan_action *x);
bool plan_is_empty(const struct plan *p); /* nothing to do and no problem */
const char *plan_verb_name(
	enum plan_verb verb); /* "no-op", "create", "update", "replace", "delete" */
const char *plan_verb_symbol(enum plan_verb verb); /* "", "+", "~", "-/+", "-" */

#endif
