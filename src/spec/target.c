#include "spec/target.h"

#include "base/map.h"
#include "base/text.h"
#include "spec/interpolate.h"
#include "spec/params.h"
#include "spec/reference.h"
#include "spec/uris.h"

#include <stddef.h>
#include <string.h>

static const char *names_of(struct spec *s)
{
	const struct target_decl *t = s->targets.v;
	buf_auto b = {0};
	for (size_t i = 0; i < s->targets.n; i++)
		buf_printf(&b, "%s%s", i ? ", " : "", t[i].head.key);
	return arena_strdup(s->a, buf_str(&b));
}

static const struct target_decl *by_name(struct spec *s, const char *name)
{
	const struct target_decl *t = s->targets.v;
	for (size_t i = 0; i < s->targets.n; i++)
		if (text_equal(t[i].head.key, name))
			return &t[i];
	const char **names =
		state_keyed_keys(s, &s->targets, sizeof *t, offsetof(struct target_decl, head));
	const char *near = state_nearest(s, name, names);
	state_error(s, (struct mark){.file = s->file},
		arena_printf(s->a, "%s%sthere %s %s", near ? near : "", near ? " " : "",
			s->targets.n == 1 ? "is" : "are", names_of(s)),
		"no target is called `%s`", name);
	return NULL;
}

static const struct target_decl *by_default(struct spec *s)
{
	const struct target_decl *t = s->targets.v, *found = NULL;
	for (size_t i = 0; i < s->targets.n; i++) {
		if (!t[i].is_default.v)
			continue;
		if (found)
			state_error(s, t[i].head.mark, "keep one `default: true`",
				"targets `%s` and `%s` are both the default", found->head.key,
				t[i].head.key);
		found = found ? found : &t[i];
	}
	if (found || s->targets.n == 1)
		return found ? found : t;
	state_error(s, (struct mark){.file = s->file},
		arena_printf(s->a, "choose with -t: %s", names_of(s)),
		"there are several targets, and none is the default");
	return NULL;
}

static const struct target_decl *implied(struct spec *s)
{
	struct target_decl *t = arena_new(s->a, struct target_decl);
	t->head = (struct keyed_head){.key = "local", .node = node_map(s->a)};
	t->type = "local";
	return t;
}

bool target_choose(struct spec *s)
{
	struct pipeline p;
	state_decode_field(s, &pipeline_record, "targets", node_get(s->raw, "targets"), "", &p);
	s->targets = p.targets;
	if (!s->targets.n)
		s->targets = (struct keyed){(void *)implied(s), 1};
	s->target = s->o.target ? by_name(s, s->o.target) : by_default(s);
	return s->target;
}

/* A target of type local is weir-local: who and where are not the file's to say. */
static void check_local(struct spec *s, const struct target_decl *t)
{
	static const char *const only_oci[] = {
		"auth", "profile", "config_file", "region", "endpoint", NULL};
	for (const char *const *key = only_oci; *key; key++) {
		const struct node *n = node_get(t->head.node, *key);
		if (n && n->kind != NODE_NULL && text_equal(t->type, "local"))
			state_error(s, n->mark, "remove it, or make the target one of type oci",
				"`%s` means nothing to a target of type local", *key);
	}
}

void target_resolve(struct spec *s)
{
	struct scope scope = {.s = s};
	const struct node *raw = s->target->head.node;
	struct node *resolved = node_map(s->a);
	const char *where = arena_printf(s->a, "targets.%s", s->target->head.key);
	struct target_decl *t = arena_new(s->a, struct target_decl);
	resolved->mark = raw->mark;
	for (size_t i = 0; raw->kind == NODE_MAP && i < raw->u.map.n; i++) {
		const struct node_pair *pair = &raw->u.map.v[i];
		bool later = text_equal(pair->key, "parameters") || text_equal(pair->key, "apps");
		const struct node *value = later ? pair->value : interpolate(&scope, pair->value);
		node_add(s->a, resolved, pair->key, (struct node *)value);
		resolved->u.map.v[i].key_mark = pair->key_mark;
	}
	if (s->target->head.mark.line)
		state_decode(s, &target_decl_record, resolved, where, t);
	else
		*t = *s->target;
	t->head = s->target->head;
	s->target = t;
	check_local(s, t);
}

const char *target_compartment(const struct spec *s)
{
	return s->b.compartment_id          ? s->b.compartment_id
		: s->target->compartment_id ? s->target->compartment_id
					    : STAND_IN_COMPARTMENT;
}

struct strs spec_compartments(const struct spec *s, const struct resources *want, struct arena *a)
{
	struct map all = {.arena = a};
	map_put(&all, target_compartment(s), NULL);
	for (size_t i = 0; i < want->n; i++)
		if (want->v[i].kind == RESOURCE_APPLICATION && want->v[i].app->compartment_id)
			map_put(&all, want->v[i].app->compartment_id, NULL);
	for (size_t i = 0; i < s->target->also_look_in.n; i++)
		map_put(&all, s->target->also_look_in.v[i], NULL);
	struct strs ret = {arena_array(a, all.n, sizeof *ret.v), all.n};
	for (size_t i = 0; i < all.n; i++)
		ret.v[i] = all.v[i].key;
	return ret;
}

static void check_names(struct spec *s, const struct target_decl *t, const struct node *map,
	const char *what, const struct map *known)
{
	size_t n = state_suggests(s) ? known->n : 0;
	const char **names = arena_array(s->a, n + 1, sizeof *names);
	for (size_t i = 0; i < n; i++)
		names[i] = known->v[i].key;
	if (map->kind != NODE_MAP) {
		state_error(s, map->mark, NULL, "`%ss` of target `%s` must be a map, not %s", what,
			t->head.key, node_kind_name(map->kind));
		return;
	}
	for (size_t i = 0; i < map->u.map.n; i++) {
		const struct node_pair *pair = &map->u.map.v[i];
		/* What a reference is at another target is not known here. */
		const char *key = pair->key;
		if (text_equal(t->head.key, s->target->head.key))
			key = interpolate_key(&(struct scope){.s = s}, pair);
		if (!map_has(known, key) && !reference_in(key, strlen(key)))
			state_error(s, pair->key_mark, state_nearest(s, key, names),
				"target `%s` names %s `%s`, which is not declared", t->head.key,
				what, key);
	}
}

struct names {
	const char **v;
	size_t n, cap;
	struct arena *a;
};

static bool add_name(void *ctx, const struct field *f)
{
	struct names *names = ctx;
	if (f->flags & FIELD_COMPUTED)
		return true;
	names->v = arena_grow(names->a, names->v, names->n, &names->cap, sizeof *names->v);
	names->v[names->n++] = f->name;
	return true;
}

static const char *nearest_field(struct spec *s, const char *name)
{
	struct names names = {.a = s->a};
	if (!state_suggests(s))
		return NULL;
	record_each(&app_decl_record, add_name, &names);
	names.v = arena_grow(s->a, names.v, names.n, &names.cap, sizeof *names.v);
	names.v[names.n] = NULL;
	return state_nearest(s, name, names.v);
}

/* Overrides of the targets that are not chosen are not resolved, but their keys can be looked at. */
static void check_override(struct spec *s, const struct target_decl *t, const struct node_pair *app)
{
	const char *where = arena_printf(s->a, "targets.%s.apps.%s", t->head.key, app->key);
	const struct node *n = app->value;
	if (n->kind != NODE_MAP && n->kind != NODE_NULL)
		state_error(s, n->mark, NULL, "`%s` must be a map, not %s", where,
			node_kind_name(n->kind));
	for (size_t i = 0; n->kind == NODE_MAP && i < n->u.map.n; i++) {
		const struct node_pair *pair = &n->u.map.v[i];
		if (!record_field(&app_decl_record, pair->key))
			state_error(s, pair->key_mark, nearest_field(s, pair->key),
				"unknown key `%s` in %s", pair->key, where);
	}
}

void target_check(struct spec *s)
{
	const struct target_decl *t = s->targets.v;
	for (size_t i = 0; i < s->targets.n; i++) {
		const struct node *apps = t[i].apps;
		if (t[i].parameters)
			check_names(s, &t[i], t[i].parameters, "parameter", &s->params.by_name);
		if (apps)
			check_names(s, &t[i], apps, "app", &s->apps);
		bool chosen = text_equal(t[i].head.key, s->target->head.key);
		for (size_t j = 0; apps && !chosen && apps->kind == NODE_MAP && j < apps->u.map.n;
			j++)
			check_override(s, &t[i], &apps->u.map.v[j]);
	}
}
