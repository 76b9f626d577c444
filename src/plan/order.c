#include "plan/order.h"

#include "base/map.h"
#include "plan/identity.h"

#include <stdlib.h>
#include <string.h>

static int phase(const struct plan_action *x)
{
	static const int creation[RESOURCE_KINDS] = {0, 1, 2}, deletion[RESOURCE_KINDS] = {5, 4, 3};
	return x->want ? creation[x->want->kind] : deletion[x->live->kind];
}

static int compare(const void *x, const void *y)
{
	const struct plan_action *a = x, *b = y;
	int order = phase(a) - phase(b);
	if (!order)
		order = strcmp(a->address, b->address);
	if (!order && a->live && b->live && a->live->id && b->live->id)
		order = strcmp(a->live->id, b->live->id);
	return order;
}

struct needs {
	struct plan *plan;
	struct arena *a;
	size_t *caps; /* of each action's `needs` */
};

static void add_need(struct needs *n, size_t action, size_t needed)
{
	struct plan_action *x = &n->plan->v[action];
	x->needs = arena_grow(n->a, x->needs, x->needs_n, &n->caps[action], sizeof *x->needs);
	x->needs[x->needs_n++] = needed;
}

/* What must be there first, by the addresses that the resource gives. */
static void need_declared(struct needs *n)
{
	struct map at = {.arena = n->a}; /* address to action */
	for (size_t i = 0; i < n->plan->n; i++)
		if (n->plan->v[i].want && plan_acts(&n->plan->v[i]))
			map_put(&at, n->plan->v[i].address, &n->plan->v[i]);
	for (size_t i = 0; i < at.n; i++) {
		const struct plan_action *x = at.v[i].value;
		for (size_t k = 0; k < x->want->needs.n; k++) {
			const struct plan_action *needed = map_get(&at, x->want->needs.v[k]);
			if (needed && needed != x)
				add_need(
					n, (size_t)(x - n->plan->v), (size_t)(needed - n->plan->v));
		}
	}
}

/* Objects that go, after what ends their use. */
static void need_unused(struct needs *n)
{
	struct map going = {.arena = n->a}; /* URI to action */
	for (size_t i = 0; i < n->plan->n; i++) {
		struct plan_action *x = &n->plan->v[i];
		if (x->verb == PLAN_DELETE && x->live->kind == RESOURCE_OBJECT && x->live->id)
			map_put(&going, x->live->id, x);
	}
	for (size_t i = 0; going.n && i < n->plan->n; i++) {
		const struct plan_action *x = &n->plan->v[i];
		if (!plan_acts(x) || !x->live || x->live->kind != RESOURCE_APPLICATION)
			continue;
		struct strs uses = identity_uses(x->live->app, n->a);
		for (size_t k = 0; k < uses.n; k++) {
			const struct plan_action *object = map_get(&going, uses.v[k]);
			if (object)
				add_need(n, (size_t)(object - n->plan->v), i);
		}
	}
}

void order_actions(struct plan *p, struct arena *a)
{
	if (p->n)
		qsort(p->v, p->n, sizeof *p->v, compare);
	struct needs n = {p, a, arena_array(a, p->n, sizeof *n.caps)};
	need_declared(&n);
	need_unused(&n);
}
