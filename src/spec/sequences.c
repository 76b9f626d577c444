#include "spec/sequences.h"

#include "base/text.h"
#include "spec/params.h"

/* From `steps` of a sequence to where weir itself has a use for a secret. */
static const char *const from_steps[] = {"*", "checks", "*", "not_logged", NULL};

const struct node *sequence_resolved(
	struct spec *s, const char *key, const struct node *raw, bool launch)
{
	const char *where = arena_printf(s->a, "sequences.%s", key);
	const struct node *decls = raw->kind == NODE_MAP ? node_get(raw, "parameters") : NULL;
	struct sequence_decl *decoded = arena_new(s->a, struct sequence_decl);
	struct params own;
	state_decode_field(s, &sequence_decl_record, "parameters", decls, where, decoded);
	params_declare(s, &own, &decoded->parameters, where);
	params_take_given(&own, &s->o);
	params_check(s, &own, launch);
	if (raw->kind != NODE_MAP)
		return raw;
	struct scope scope = {.s = s, .own = &own, .may_wait = !launch};
	struct node *made = node_map(s->a);
	made->mark = raw->mark;
	for (size_t i = 0; i < raw->u.map.n; i++) {
		const struct node_pair *pair = &raw->u.map.v[i];
		/* Declarations were decoded above; their defaults are resolved when they are asked for. */
		bool as_it_is = text_equal(pair->key, "parameters");
		scope.to_secrets = text_equal(pair->key, "steps") ? from_steps : NULL;
		const struct node *value =
			as_it_is ? pair->value : interpolate(&scope, pair->value);
		node_add(s->a, made, pair->key, (struct node *)value);
		made->u.map.v[i].key_mark = pair->key_mark;
	}
	return made;
}

const struct node *sequences_resolved(struct spec *s, const struct node *raw)
{
	struct scope scope = {.s = s};
	if (raw->kind != NODE_MAP)
		return raw;
	struct node *all = node_map(s->a);
	all->mark = raw->mark;
	for (size_t i = 0; i < raw->u.map.n; i++) {
		const struct node_pair *pair = &raw->u.map.v[i];
		const char *key = interpolate_key(&scope, pair);
		const struct node *one = sequence_resolved(s, key, pair->value, false);
		node_add(s->a, all, key, (struct node *)one);
		all->u.map.v[i].key_mark = pair->key_mark;
	}
	return all;
}

struct ordering {
	struct spec *s;
	const struct step_decl *steps;
	struct map by_name;   /* index + 1 */
	unsigned char *state; /* 0 new, 1 on the path, 2 done */
	size_t *path;
	size_t path_n, n;
	size_t *order;
	const char *cycle;
	size_t at;
};

static void tell_cycle(struct ordering *o, size_t step)
{
	buf_auto b = {0};
	size_t from = 0;
	while (o->path[from] != step)
		from++;
	for (size_t i = from; i < o->path_n; i++)
		buf_printf(&b, "%s -> ", o->steps[o->path[i]].head.key);
	buf_adds(&b, o->steps[step].head.key);
	o->cycle = arena_strdup(o->s->a, buf_str(&b));
	o->at = o->path[o->path_n - 1];
}

/* Depth first; a sequence has at most a thousand steps. */
static bool visit(struct ordering *o, size_t step)
{
	if (o->state[step] == 2)
		return true;
	if (o->state[step] == 1) {
		tell_cycle(o, step);
		return false;
	}
	o->state[step] = 1;
	o->path[o->path_n++] = step;
	for (size_t i = 0; i < o->steps[step].needs.n; i++) {
		size_t needed = (size_t)map_get(&o->by_name, o->steps[step].needs.v[i]);
		if (needed && !visit(o, needed - 1))
			return false;
	}
	o->path_n--;
	o->state[step] = 2;
	o->order[o->n++] = step;
	return true;
}

bool sequence_order(struct spec *s, const struct sequence_decl *sequence, size_t *ret_order,
	const char **ret_cycle, size_t *ret_at)
{
	arena_auto scratch = {0};
	size_t n = sequence->steps.n;
	struct ordering o = {.s = s,
		.steps = sequence->steps.v,
		.by_name = {.arena = &scratch},
		.state = arena_array(&scratch, n, 1),
		.path = arena_array(&scratch, n, sizeof(size_t)),
		.order = ret_order};
	for (size_t i = 0; i < n; i++)
		map_put(&o.by_name, o.steps[i].head.key, (void *)(i + 1));
	for (size_t i = 0; i < n; i++) {
		if (visit(&o, i))
			continue;
		*ret_cycle = o.cycle;
		*ret_at = o.at;
		return false;
	}
	return true;
}
