/* What must not be deleted: `protect`, `prevent_delete`, --max-delete. */
#include "model/remember.h"
#include "plan/builder.h"

#include <string.h>

static const char prevented[] = "prevent_delete",
		  remembered[] = "prevent_delete, when it was applied last";

/* By what it runs: a kept application without its script would be no use. */
static void keep_uses(struct builder *b, const struct resource *app)
{
	struct strs uses = identity_uses(app->app, b->a);
	for (size_t i = 0; i < uses.n; i++)
		if (!map_has(&b->kept, uses.v[i]))
			map_put(&b->kept, uses.v[i],
				arena_printf(b->a, "%s uses it", app->address));
}

/* What was to be kept when it was applied last stays so, until the file says otherwise. */
static void keep_remembered(struct builder *b, const struct identity *live)
{
	struct memory set;
	struct opt_bool prevents = {0};
	if (live->r->kind != RESOURCE_APPLICATION || map_has(&b->wanted, live->key) ||
		map_has(&b->claimed, live->key))
		return;
	remember_read(live->r->app, &set);
	remember_prevents(&set, &prevents);
	if (prevents.v && !map_has(&b->named, live->key) && !map_has(&b->kept, live->key))
		map_put(&b->kept, live->key, (void *)remembered);
	if (map_has(&b->kept, live->key))
		keep_uses(b, live->r);
}

void guard_index(struct builder *b)
{
	const struct resources *named = b->guards->prevented;
	for (size_t i = 0; named && i < named->n; i++) {
		const struct resource *r = &named->v[i];
		struct map *to = r->prevent_delete ? &b->kept : &b->named;
		map_put(to, identity_of(r, b->a), (void *)prevented);
		for (size_t k = 0; r->kind == RESOURCE_APPLICATION && k < r->was.n; k++)
			map_put(to, identity_key(r->was.v[k], b->a), (void *)prevented);
	}
	for (size_t i = 0; i < b->live_n; i++)
		keep_remembered(b, &b->live[i]);
}

const char *guard_keeps(struct builder *b, const struct identity *live)
{
	if (b->guards->protect)
		return b->guards->protect;
	const char *why = map_get(&b->kept, live->key);
	return why ? why : live->r->id ? map_get(&b->kept, live->r->id) : NULL;
}

void guard_replace(struct builder *b, const struct plan_action *x)
{
	const char *why = x->want->prevent_delete ? prevented : b->guards->protect;
	bool adopts = x->verb == PLAN_REPLACE && x->live->foreign;
	if (x->verb != PLAN_REPLACE || (!why && !adopts))
		return;
	const char *field = "";
	for (size_t i = 0; i < x->changes.n; i++)
		if (x->changes.v[i].replaces)
			field = x->changes.v[i].path;
	if (adopts) {
		builder_problem(b, ERR_GUARD, x->address,
			arena_printf(b->a,
				"%s of %s, which it adopts, can only change by deleting it", field,
				x->live->id),
			"give the field the value that it has there, or remove `adopt` to have a new "
			"one made");
		return;
	}
	builder_problem(b, ERR_GUARD, x->address,
		arena_printf(b->a,
			"%s can only change by deleting and creating it, and it is "
			"protected (%s)",
			field, why),
		"take the change back, or the protection");
}

void plan_limit_deletions(struct plan *p, size_t most, struct arena *a)
{
	struct builder b = {.a = a, .plan = p};
	size_t n = p->remove + p->replace;
	if (n > most)
		builder_problem(&b, ERR_GUARD, NULL,
			arena_printf(
				a, "%zu would be destroyed, and --max-delete allows %zu", n, most),
			arena_printf(
				a, "see that all of it is to go; then give --max-delete %zu", n));
}
