/* Lists and maps from nodes, one function a kind. */
#include "base/map.h"
#include "base/text.h"
#include "field/reading.h"
#include "field/rows.h"

#include <string.h>

static bool check_count(struct reading *r, const struct place *at, const struct field *f,
	const struct node *n, size_t count)
{
	if (!reading_checks(r) || reading_in_range(f, (double)count))
		return true;
	char min[32], max[32];
	const char *label = reading_label(r, at);
	text_number(f->min, min);
	text_number(f->max, max);
	if (f->max < f->min)
		return reading_error(r, at, n, n->mark, NULL,
			"`%s` must have at least %s entries, not %zu", label, min, count);
	if (f->min <= 0)
		return reading_error(r, at, n, n->mark, NULL,
			"`%s` must have at most %s entries, not %zu", label, max, count);
	return reading_error(r, at, n, n->mark, NULL,
		"`%s` must have between %s and %s entries, not %zu", label, min, max, count);
}

bool reading_strs(struct reading *r, const struct place *at, const struct field *f,
	const struct node *n, void *member)
{
	if (n->kind != NODE_SEQ)
		return reading_mismatch(r, at, n, "a list of strings", NULL);
	struct strs made = {arena_array(r->a, n->u.seq.n, sizeof *made.v), 0};
	bool ok = check_count(r, at, f, n, n->u.seq.n);
	for (size_t i = 0; i < n->u.seq.n; i++) {
		struct place inner = {.up = at, .index = i, .inner = true};
		const char *s = reading_text(r, &inner, n->u.seq.v[i], "a string");
		if (s)
			made.v[made.n++] = s;
		ok = ok && s;
	}
	*(struct strs *)member = made;
	return ok;
}

static bool check_key(struct reading *r, const struct place *at, const struct field *f,
	const struct node *n, struct mark mark)
{
	if (!reading_checks(r))
		return true;
	bool empty = !*at->name;
	if (!empty && (!f->key_ok || f->key_ok(at->name)))
		return true;
	const char *doc =
		f->key_ok && f->key_pattern_doc ? f->key_pattern_doc : "a key that is not empty";
	return reading_error(r, at, n, mark, NULL, "`%s` in `%s` must be %s", at->name,
		reading_label(r, at->up), doc);
}

bool reading_pairs(struct reading *r, const struct place *at, const struct field *f,
	const struct node *n, void *member)
{
	if (n->kind != NODE_MAP)
		return reading_mismatch(r, at, n, "a map of strings", NULL);
	struct pairs made = {arena_array(r->a, n->u.map.n, sizeof *made.v), 0};
	bool ok = true;
	for (size_t i = 0; i < n->u.map.n; i++) {
		const struct node_pair *p = &n->u.map.v[i];
		struct place inner = {.up = at, .name = p->key, .inner = true};
		if (p->value->kind == NODE_NULL)
			continue;
		ok = check_key(r, &inner, f, p->value, p->key_mark) && ok;
		const char *s = reading_text(r, &inner, p->value, "a string");
		if (s)
			made.v[made.n++] = (struct pair){arena_strdup(r->a, p->key), s};
		ok = ok && s;
	}
	*(struct pairs *)member = made;
	return check_count(r, at, f, n, made.n) && ok;
}

/* One {name, value} of the API; a null value is "". */
static bool read_param(struct reading *r, const struct place *at, const struct field *f,
	const struct node *n, struct pair *ret)
{
	if (n->kind != NODE_MAP)
		return reading_mismatch(r, at, n, "a map of name and value", NULL);
	for (size_t i = 0; i < n->u.map.n && reading_checks(r); i++) {
		const struct node_pair *p = &n->u.map.v[i];
		if (strcmp(p->key, "name") && strcmp(p->key, "value"))
			return reading_error(r, at, p->value, p->key_mark, NULL,
				"unknown key `%s` in %s", p->key, reading_path(r, at));
	}
	const struct node *name = node_get(n, "name"), *value = node_get(n, "value");
	if (!name || name->kind == NODE_NULL)
		return reading_error(r, at, n, n->mark, NULL, "missing required key `name` in %s",
			reading_path(r, at));
	ret->name = reading_text(r, at, name, "a string");
	ret->value =
		value && value->kind != NODE_NULL ? reading_text(r, at, value, "a string") : "";
	if (!ret->name || !ret->value)
		return false;
	struct place inner = {.up = at, .name = ret->name, .inner = true};
	return check_key(r, &inner, f, name, name->mark);
}

bool reading_params(struct reading *r, const struct place *at, const struct field *f,
	const struct node *n, void *member)
{
	if (!reading_api(r))
		return reading_pairs(r, at, f, n, member);
	if (n->kind != NODE_SEQ)
		return reading_mismatch(r, at, n, "a list of names and values", NULL);
	struct pairs made = {arena_array(r->a, n->u.seq.n, sizeof *made.v), 0};
	struct map seen = {.arena = r->a};
	bool ok = check_count(r, at, f, n, n->u.seq.n);
	for (size_t i = 0; i < n->u.seq.n; i++) {
		struct place inner = {.up = at, .index = i, .inner = true};
		const struct node *one = n->u.seq.v[i];
		struct pair p;
		if (!read_param(r, &inner, f, one, &p))
			ok = false;
		else if (map_put(&seen, p.name, NULL))
			made.v[made.n++] = p;
		else if (reading_checks(r))
			ok = reading_error(r, &inner, one, one->mark, NULL,
				"`%s` is given twice in `%s`", p.name, reading_label(r, at));
	}
	*(struct pairs *)member = made;
	return ok;
}

struct tags {
	struct pairs *made;
	size_t cap;
	struct map seen;
};

static bool add_tag(struct reading *r, const struct place *at, const struct node *n,
	const char *name, struct tags *tags)
{
	/* A reply may hold numbers and booleans: a tag's value is what it was written as. */
	bool scalar = n->kind == NODE_BOOL || n->kind == NODE_INT || n->kind == NODE_FLOAT;
	const char *s = scalar ? arena_strdup(r->a, n->text) : reading_text(r, at, n, "a string");
	if (!s)
		return false;
	if (!map_put(&tags->seen, name, NULL))
		return reading_error(r, at, n, n->mark, NULL, "tag `%s` is given twice", name);
	struct pairs *p = tags->made;
	p->v = arena_grow(r->a, p->v, p->n, &tags->cap, sizeof *p->v);
	p->v[p->n++] = (struct pair){name, s};
	return true;
}

static bool read_tag_space(
	struct reading *r, const struct place *at, const struct node_pair *space, struct tags *tags)
{
	const struct node *n = space->value;
	bool ok = true;
	if (strchr(space->key, '.') || !*space->key)
		return reading_error(r, at, n, space->key_mark, NULL,
			"a tag namespace has no dot in it and is not empty, unlike `%s`",
			space->key);
	for (size_t i = 0; i < n->u.map.n; i++) {
		const struct node_pair *p = &n->u.map.v[i];
		struct place inner = {.up = at, .name = p->key, .inner = true};
		const char *name = arena_printf(r->a, "%s.%s", space->key, p->key);
		if (p->value->kind == NODE_NULL)
			continue;
		if (!*p->key)
			ok = reading_error(r, &inner, p->value, p->key_mark, NULL,
				"a tag key of `%s` is empty", reading_label(r, at));
		else
			ok = add_tag(r, &inner, p->value, name, tags) && ok;
	}
	return ok;
}

bool reading_tags(struct reading *r, const struct place *at, const struct field *f,
	const struct node *n, void *member)
{
	if (n->kind != NODE_MAP)
		return reading_mismatch(r, at, n, "a map of tag namespaces", NULL);
	struct pairs made = {arena_array(r->a, 1, sizeof *made.v), 0};
	struct tags tags = {.made = &made, .cap = 1, .seen = {.arena = r->a}};
	bool ok = true;
	for (size_t i = 0; i < n->u.map.n; i++) {
		const struct node_pair *p = &n->u.map.v[i];
		struct place inner = {.up = at, .name = p->key, .inner = true};
		const char *dot = strchr(p->key, '.');
		if (p->value->kind == NODE_NULL)
			continue;
		if (p->value->kind == NODE_MAP)
			ok = read_tag_space(r, &inner, p, &tags) && ok;
		else if (reading_api(r) || !dot || dot == p->key || !dot[1])
			ok = reading_mismatch(r, &inner, p->value, "a map of tag keys",
				"a tag is written `namespace.key: value`");
		else
			ok = add_tag(r, &inner, p->value, arena_strdup(r->a, p->key), &tags) && ok;
	}
	*(struct pairs *)member = made;
	return check_count(r, at, f, n, made.n) && ok;
}

bool reading_keyed(struct reading *r, const struct place *at, const struct field *f,
	const struct node *n, void *member)
{
	if (n->kind != NODE_MAP)
		return reading_mismatch(r, at, n, "a map", NULL);
	struct keyed made = {arena_array(r->a, n->u.map.n, f->of->size), n->u.map.n};
	bool ok = check_count(r, at, f, n, n->u.map.n);
	for (size_t i = 0; i < n->u.map.n; i++) {
		const struct node_pair *p = &n->u.map.v[i];
		struct place inner = {.up = at, .name = p->key, .inner = true};
		void *one = rows_keyed(f, &made, i);
		const struct node *value = p->value;
		if (value->kind == NODE_NULL) {
			struct node *nothing = node_map(r->a);
			nothing->mark = p->key_mark;
			value = nothing;
		}
		ok = check_key(r, &inner, f, value, p->key_mark) && ok;
		ok = reading_record(r, &inner, f->of, value, one) && ok;
		*rows_head(f, one) =
			(struct keyed_head){arena_strdup(r->a, p->key), p->key_mark, value};
	}
	*(struct keyed *)member = made;
	return ok;
}
