#include "plan/plan.h"

#include "base/text.h"
#include "plan/builder.h"
#include "plan/compare.h"
#include "plan/order.h"
#include "plan/tell.h"

#include <string.h>

void builder_problem(struct builder *b, enum err_kind kind, const char *address, const char *text,
	const char *hint)
{
	tell_problem(b->plan, b->a, kind, address, text, hint);
}

void builder_note(struct builder *b, const char *address, const char *text, const char *hint)
{
	tell_note(b->plan, b->a, address, text, hint);
}

struct plan_action *builder_action(struct builder *b, enum plan_verb verb,
	const struct resource *want, const struct resource *live)
{
	struct plan *p = b->plan;
	p->v = arena_grow(b->a, p->v, p->n, &p->cap, sizeof *p->v);
	struct plan_action *action = &p->v[p->n++];
	*action = (struct plan_action){.verb = verb,
		.address = want ? want->address : live->address,
		.want = want,
		.live = live};
	return action;
}

/* A new display name that an application which is not ours bears already. */
static void check_display_name(
	struct builder *b, const struct resource *want, const struct field_changes *changes)
{
	const char *name = want->app->display_name;
	const struct resource *other = name ? map_get(&b->foreign_names, name) : NULL;
	bool is_new = false;
	for (size_t i = 0; other && i < changes->n; i++)
		is_new |= !strcmp(changes->v[i].path, "display_name");
	if (!is_new)
		return;
	const char *theirs = identity_tag_of(&other->app->freeform_tags);
	builder_problem(b, ERR_CONFLICT, want->address,
		arena_printf(b->a,
			"an application with the display name \"%s\" is there already, %s: %s",
			name,
			theirs ? arena_printf(b->a, "and is weir's `%s`", theirs)
			       : "and is not weir's",
			other->id),
		arena_printf(b->a,
			theirs ? "to leave it alone, give %s another display_name"
			       : "to take it over, give %s `adopt: %s`; to leave it alone, give "
				 "it another display_name",
			want->address, other->id));
}

/* Where one gives an object a name of its own: `objects.x` and `archives.x` have it, a script's is its app's. */
static const char *who_names(struct builder *b, const struct resource *want, const char **ret_key)
{
	bool script = text_starts(want->address, "scripts.");
	*ret_key = script ? "script_object" : "object";
	return script ? arena_printf(b->a, "apps.%s", want->address + strlen("scripts."))
		      : want->address;
}

/* An object with a name of its own, outside our prefix, is only written over what we put there, or what an application
   runs that is adopted. */
static void check_owner(struct builder *b, const struct resource *want, const struct resource *live)
{
	const struct object *o = want->object;
	const char *theirs = live->object->owner, *key;
	const char *who = who_names(b, want, &key);
	if (text_equal(theirs, o->owner) || !o->owner || resource_was(want, theirs) ||
		(!theirs && live->id && map_has(&b->adopted_uses, live->id)) ||
		text_starts(o->name, arena_printf(b->a, "weir/%s/", o->owner)))
		return;
	const char *whose =
		theirs ? arena_printf(b->a, "is weir's `%s`", theirs) : "was not put there by weir";
	const char *kept = !live->versioned.set ? NULL
		: live->versioned.v ? "its bucket keeps what is there as a previous version"
				    : "its bucket keeps no versions: what is there is lost";
	if (want->overwrite)
		builder_note(b, want->address,
			arena_printf(b->a, "%s is written over, and %s", live->id, whose), kept);
	else
		builder_problem(b, ERR_CONFLICT, want->address,
			arena_printf(b->a, "%s would be written over, and %s", live->id, whose),
			arena_printf(b->a,
				"give %s another `%s:` name, or write over it by `overwrite: true` "
				"or --overwrite%s%s",
				who, key, kept ? "\n" : "", kept ? kept : ""));
}

/* Versioning is suspended where it was enabled before. */
static void check_versioning(struct builder *b, const struct resource *want)
{
	if (text_equal(want->bucket->versioning, "Suspended"))
		builder_problem(b, ERR_GUARD, want->address,
			"a bucket is not created with its versioning suspended",
			"`versioning: enabled`, or disabled; what it is later is not changed");
}

/* Buckets are made, never changed: they hold more than weir knows of. */
static void note_bucket(
	struct builder *b, const struct resource *want, const struct field_changes *changes)
{
	for (size_t i = 0; i < changes->n; i++) {
		const struct field_change *c = &changes->v[i];
		builder_note(b, want->address,
			arena_printf(b->a, "%s of the bucket is %s, the file says %s", c->path,
				tell_value(c->was, b->a), tell_value(c->now, b->a)),
			"weir creates buckets and does not change them");
	}
}

static bool is_mark(const char *path)
{
	return !strcmp(path, "freeform_tags." IDENTITY_TAG);
}

/* Of an application that is taken over: whether nothing changes but what weir marks it by. */
static bool only_marks(const struct field_changes *changes)
{
	for (size_t i = 0; i < changes->n; i++)
		if (!is_mark(changes->v[i].path))
			return false;
	return true;
}

static enum plan_verb verb_of(const struct resource *live, const struct field_changes *changes)
{
	enum plan_verb verb = changes->n ? PLAN_UPDATE : PLAN_NONE;
	if (changes->n && live->foreign && only_marks(changes))
		verb = PLAN_ADOPT;
	for (size_t i = 0; i < changes->n; i++)
		if (changes->v[i].replaces)
			verb = PLAN_REPLACE;
	return verb;
}

static void plan_wanted(struct builder *b, const struct identity *w)
{
	const struct resource *want = w->r, *live;
	if (!claim(b, w, &live))
		return;
	struct comparison compared;
	compare_resource(live, want, b->a, &compared);
	struct field_changes changes = compared.changes;
	enum plan_verb verb = live ? verb_of(live, &changes) : PLAN_CREATE;
	if (want->kind == RESOURCE_BUCKET && !live)
		check_versioning(b, want);
	if (want->kind == RESOURCE_BUCKET && live) {
		note_bucket(b, want, &changes);
		changes = (struct field_changes){0};
		verb = PLAN_NONE;
	}
	if (want->kind == RESOURCE_OBJECT && verb == PLAN_UPDATE)
		check_owner(b, want, live);
	if (want->kind == RESOURCE_APPLICATION) {
		tell_tags(b->plan, b->a, want, live, &compared, verb);
		check_display_name(b, want, &changes);
	}
	struct plan_action *x = builder_action(b, verb, want, live);
	x->changes = changes;
	guard_replace(b, x);
}

static void plan_unwanted(struct builder *b, const struct identity *l)
{
	const struct resource *live = l->r;
	if (map_has(&b->wanted, l->key) || map_has(&b->claimed, l->key) ||
		!resource_types[live->kind].deletable)
		return;
	if (live->kind == RESOURCE_OBJECT &&
		(!text_starts(live->object->name, "weir/") ||
			(live->id && map_has(&b->referred, live->id))))
		return;
	if (live->kind == RESOURCE_APPLICATION && !identity_tag_of(&live->app->freeform_tags))
		return;
	if (map_get(&b->live_by_identity, l->key) == l)
		claim_is_doubled(b, l, live->address);
	const char *kept = guard_keeps(b, l);
	builder_action(b, kept ? PLAN_KEEP : PLAN_DELETE, NULL, live)->kept = kept;
}

static void index_wanted(struct builder *b)
{
	for (size_t i = 0; i < b->want_n; i++) {
		const struct resource *r = b->want[i].r,
				      *other = map_get(&b->wanted, b->want[i].key);
		if (other)
			builder_problem(b, ERR_SPEC, r->address,
				arena_printf(b->a, "%s and %s are one thing: %s", other->address,
					r->address, b->want[i].key),
				"keep one of them");
		else
			map_put(&b->wanted, b->want[i].key, (void *)r);
		if (r->kind != RESOURCE_APPLICATION)
			continue;
		if (r->adopt)
			map_put(&b->adopted, r->adopt, (void *)r);
		struct strs uses = identity_uses(r->app, b->a);
		for (size_t k = 0; k < uses.n; k++)
			map_put(&b->referred, uses.v[k], (void *)r);
	}
}

static void index_live(struct builder *b, const struct resources *live)
{
	b->live = identity_sort(live, false, b->a, &b->live_n);
	for (size_t i = 0; i < b->live_n; i++) {
		if (!map_has(&b->live_by_identity, b->live[i].key))
			map_put(&b->live_by_identity, b->live[i].key, &b->live[i]);
		if (b->live[i].r->kind == RESOURCE_APPLICATION && b->live[i].r->id)
			map_put(&b->live_by_id, b->live[i].r->id, (void *)b->live[i].r);
	}
	size_t n;
	struct identity *foreign = identity_sort(live, true, b->a, &n);
	for (size_t i = 0; i < n; i++) {
		const struct application *app = foreign[i].r->app;
		map_put(&b->live_by_id, foreign[i].r->id, (void *)foreign[i].r);
		if (map_has(&b->adopted, foreign[i].r->id))
			continue;
		if (app->display_name && !map_has(&b->foreign_names, app->display_name))
			map_put(&b->foreign_names, app->display_name, (void *)foreign[i].r);
	}
}

static void index_adopted(struct builder *b)
{
	for (size_t i = 0; i < b->adopted.n; i++) {
		const struct resource *live = map_get(&b->live_by_id, b->adopted.v[i].key);
		if (!live)
			continue;
		struct strs uses = identity_uses(live->app, b->a);
		for (size_t k = 0; k < uses.n; k++)
			map_put(&b->adopted_uses, uses.v[k], (void *)live);
	}
}

static void count(struct plan *p)
{
	for (size_t i = 0; i < p->n; i++) {
		p->create += p->v[i].verb == PLAN_CREATE;
		p->update += p->v[i].verb == PLAN_UPDATE;
		p->replace += p->v[i].verb == PLAN_REPLACE;
		p->remove += p->v[i].verb == PLAN_DELETE;
		p->adopt += p->v[i].verb == PLAN_ADOPT;
		p->keep += p->v[i].verb == PLAN_KEEP;
	}
}

void plan_build_guarded(const struct resources *want, const struct resources *live,
	const struct plan_guards *guards, struct arena *a, struct plan *ret)
{
	*ret = (struct plan){0};
	struct builder b = {.a = a,
		.plan = ret,
		.guards = guards,
		.live_by_identity.arena = a,
		.live_by_id.arena = a,
		.wanted.arena = a,
		.claimed.arena = a,
		.adopted.arena = a,
		.adopted_uses.arena = a,
		.foreign_names.arena = a,
		.referred.arena = a,
		.named.arena = a,
		.kept.arena = a};
	b.want = identity_sort(want, false, a, &b.want_n);
	index_wanted(&b);
	index_live(&b, live);
	index_adopted(&b);
	for (size_t i = 0; i < b.want_n; i++)
		if (map_get(&b.wanted, b.want[i].key) == b.want[i].r)
			plan_wanted(&b, &b.want[i]);
	guard_index(&b);
	for (size_t i = 0; i < b.live_n; i++)
		plan_unwanted(&b, &b.live[i]);
	order_actions(ret, a);
	count(ret);
}

void plan_build(const struct resources *want, const struct resources *live, struct arena *a,
	struct plan *ret)
{
	plan_build_guarded(want, live, &(struct plan_guards){0}, a, ret);
}

bool plan_acts(const struct plan_action *x)
{
	return x->verb != PLAN_NONE && x->verb != PLAN_KEEP;
}

bool plan_changes(const struct plan *p)
{
	return p->create || p->update || p->replace || p->remove;
}

bool plan_moves(const struct plan_action *x)
{
	for (size_t i = 0; x->verb == PLAN_UPDATE && i < x->changes.n; i++)
		if (x->changes.v[i].field->flags & FIELD_MOVED)
			return true;
	return false;
}

bool plan_is_empty(const struct plan *p)
{
	return !plan_changes(p) && !p->adopt && !p->problems_n;
}

const char *plan_verb_name(enum plan_verb verb)
{
	static const char *const names[] = {
		"no-op", "create", "update", "replace", "delete", "adopt", "keep"};
	return names[verb];
}

const char *plan_verb_symbol(enum plan_verb verb)
{
	static const char *const symbols[] = {"", "+", "~", "-/+", "-", "<=", ""};
	return symbols[verb];
}
