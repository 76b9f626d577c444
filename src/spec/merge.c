#include "spec/merge.h"

#include "base/map.h"

#include <string.h>

enum { FEW = 2048 }; /* comparisons, below which no index is made */

/* The pairs of `over`, found by key. */
struct index {
	const struct node *over;
	struct map by_key;
	bool indexed;
};

static void index_init(
	struct index *x, const struct node *base, const struct node *over, struct arena *scratch)
{
	*x = (struct index){.over = over, .by_key = {.arena = scratch}};
	x->indexed = base->u.map.n * over->u.map.n > FEW;
	for (size_t i = 0; x->indexed && i < over->u.map.n; i++)
		map_put(&x->by_key, over->u.map.v[i].key, &over->u.map.v[i]);
}

static const struct node_pair *index_get(const struct index *x, const char *key)
{
	if (x->indexed)
		return map_get(&x->by_key, key);
	for (size_t i = 0; i < x->over->u.map.n; i++)
		if (!strcmp(x->over->u.map.v[i].key, key))
			return &x->over->u.map.v[i];
	return NULL;
}

static void put(struct node *to, const struct node_pair *pair, const struct node *value)
{
	to->u.map.v[to->u.map.n++] = (struct node_pair){
		.key = pair->key, .key_mark = pair->key_mark, .value = (struct node *)value};
}

static const struct node *merge_maps(
	struct arena *a, const struct node *base, const struct node *over)
{
	struct arena scratch = {0};
	struct index in_over, in_base;
	size_t most = base->u.map.n + over->u.map.n;
	struct node *made = node_map(a);
	made->mark = over->mark;
	made->u.map.v = arena_array(a, most, sizeof *made->u.map.v);
	made->u.map.cap = most;
	index_init(&in_over, base, over, &scratch);
	for (size_t i = 0; i < base->u.map.n; i++) {
		const struct node_pair *inherited = &base->u.map.v[i];
		const struct node_pair *own = index_get(&in_over, inherited->key);
		if (!own)
			put(made, inherited, inherited->value);
		else if (own->value->kind != NODE_NULL)
			put(made, own, merge(a, inherited->value, own->value));
	}
	index_init(&in_base, over, base, &scratch);
	for (size_t i = 0; i < over->u.map.n; i++) {
		const struct node_pair *own = &over->u.map.v[i];
		if (!index_get(&in_base, own->key))
			put(made, own, own->value);
	}
	arena_clear(&scratch);
	return made;
}

const struct node *merge(struct arena *a, const struct node *base, const struct node *over)
{
	if (!base || base->kind != NODE_MAP || over->kind != NODE_MAP)
		return over;
	return merge_maps(a, base, over);
}
