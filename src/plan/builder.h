/*
 * For the files of `plan` alone: a plan while it is being built.
 */
#ifndef PLAN_BUILDER_H
#define PLAN_BUILDER_H

#include "base/map.h"
#include "plan/identity.h"
#include "plan/plan.h"

struct builder {
	struct arena *a;
	struct plan *plan;
	const struct plan_guards *guards;
	struct identity *want, *live;
	size_t want_n, live_n;
	struct map live_by_identity; /* to the first of its struct identity */
	struct map live_by_id;    /* OCIDs of applications, foreign ones too, to struct resource */
	struct map wanted;        /* identities the file has, to their struct resource */
	struct map claimed;       /* those that they had before and are live, likewise */
	struct map adopted;       /* OCIDs that are taken over, likewise */
	struct map adopted_uses;  /* URIs that those run */
	struct map foreign_names; /* display name to struct resource */
	struct map referred;      /* URIs that wanted applications name */
	struct map named;         /* identities that the file has, without prevent_delete */
	struct map kept;          /* identities that are not deleted, to why */
};

void builder_problem(struct builder *b, enum err_kind kind, const char *address, const char *text,
	const char *hint);
void builder_note(struct builder *b, const char *address, const char *text, const char *hint);
struct plan_action *builder_action(struct builder *b, enum plan_verb verb,
	const struct resource *want, const struct resource *live);

/* Whether more than one live application has this identity, which is then told: nobody knows which is meant. */
bool claim_is_doubled(struct builder *b, const struct identity *first, const char *address);
/* The live resource that w is: by its identity, by one that it had before, or by the OCID that it adopts. NULL: none
   yet. False, and told, where that can't be said. */
bool claim(struct builder *b, const struct identity *w, const struct resource **ret);

/* Fills b->kept with what is protected by name, or by what it remembers. After the claims: what is wanted, under whatever
   name, is not kept but changed. */
void guard_index(struct builder *b);
/* Why a live resource that is not wanted stays; NULL: it goes. */
const char *guard_keeps(struct builder *b, const struct identity *live);
/* Tells of a replacement that a guard forbids, or that would delete what is to be adopted. */
void guard_replace(struct builder *b, const struct plan_action *x);

#endif
