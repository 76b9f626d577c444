/*
 * What must hold of any three records of a table: what was set last, what is live, and what is wanted. The rules are
 * said again here, by the values themselves and one field at a time, so that the engine (digests, paths, bodies) is held
 * against them. Each check returns NULL, or what is wrong.
 */
#ifndef TESTS_UNIT_TRIPLES_H
#define TESTS_UNIT_TRIPLES_H

#include "records.h"

struct triple {
	const struct record *r;
	const void *set, *live, *want;
	bool known; /* whether set is known */
	struct arena *a;
};

/* A row and its value in each of four records; after is NULL before the update. */
struct triple_row {
	const struct field *f, *outer;
	const char *path;
	bool outer_set; /* the record that it stands in is wanted */
	const struct node *set, *live, *want, *after;
};
typedef const char *triple_fn(const struct triple *t, const struct triple_row *row, void *ctx);

struct triple_walk {
	const struct triple *t;
	const void *set, *live, *want, *after;
	const struct field *outer;
	const char *path;
	bool outer_set;
	triple_fn *fn;
	void *ctx;
	const char *wrong;
};

/* The value of a row as YAML has it; NULL where it is absent. */
static inline const struct node *triple_value(
	const struct record *r, const struct field *f, const void *in, struct arena *a)
{
	if (!in || !field_is_set(f, in))
		return NULL;
	return node_get(field_encode(r, in, FORM_YAML, a), f->name);
}

static inline const void *triple_inner(const struct field *f, const void *in)
{
	const void *inner = NULL;
	if (in)
		memcpy(&inner, (const char *)in + f->at, sizeof inner);
	return inner;
}

static inline bool triple_compared(const struct field *f)
{
	return f->api && !(f->flags & (FIELD_COMPUTED | FIELD_READ_ONLY_DIFF));
}

static inline bool triple_merged(const struct field *f)
{
	return f->kind == FIELD_TAGS || f->flags & FIELD_MERGED;
}

static inline bool triple_visit(void *ctx, const struct field *f)
{
	struct triple_walk *w = ctx;
	const struct triple *t = w->t;
	const struct record *r = w->outer ? w->outer->of : t->r;
	if (!triple_compared(f))
		return true;
	const char *path = w->outer ? arena_printf(t->a, "%s.%s", w->path, f->name) : f->name;
	bool whole = f->absent == ABSENT_RESET && !(w->want && field_is_set(f, w->want));
	if (f->kind == FIELD_OBJ && !w->outer && !whole) {
		struct triple_walk inner = *w;
		inner.outer = f;
		inner.path = path;
		inner.set = triple_inner(f, w->set);
		inner.live = triple_inner(f, w->live);
		inner.want = triple_inner(f, w->want);
		inner.after = triple_inner(f, w->after);
		inner.outer_set = inner.want != NULL;
		record_each(f->of, triple_visit, &inner);
		w->wrong = inner.wrong;
		return !w->wrong;
	}
	const struct node *want = triple_value(r, f, w->want, t->a);
	if (f->flags & FIELD_FILLED && node_is_empty(want))
		want = NULL;
	struct triple_row row = {f, w->outer, path, w->outer_set, triple_value(r, f, w->set, t->a),
		triple_value(r, f, w->live, t->a), want, triple_value(r, f, w->after, t->a)};
	w->wrong = w->fn(t, &row, w->ctx);
	return !w->wrong;
}

static inline const char *triple_each(
	const struct triple *t, const void *after, triple_fn *fn, void *ctx)
{
	struct triple_walk w = {.t = t,
		.set = t->set,
		.live = t->live,
		.want = t->want,
		.after = after,
		.outer_set = true,
		.fn = fn,
		.ctx = ctx};
	record_each(t->r, triple_visit, &w);
	return w.wrong;
}

static inline bool triple_same(
	const struct triple *t, const struct field *f, const struct node *a, const struct node *b)
{
	if (node_is_empty(a) || node_is_empty(b))
		return node_is_empty(a) && node_is_empty(b);
	if (f->canon && a->kind == NODE_STR && b->kind == NODE_STR)
		return !strcmp(f->canon(t->a, a->text), f->canon(t->a, b->text));
	return node_equal(a, b);
}

static inline const struct node *triple_default(const struct field *f, struct arena *a)
{
	struct err err;
	bool text = f->kind == FIELD_STR || f->kind == FIELD_ENUM;
	return text ? node_str(a, f->dflt) : node_from_json(a, f->dflt, strlen(f->dflt), &err);
}

static inline bool triple_clearable(const struct triple_row *row)
{
	unsigned flags = row->f->flags | (row->outer ? row->outer->flags : 0);
	return !(flags & FIELD_IMMUTABLE) && row->f->absent != ABSENT_STAYS &&
		!(row->outer && row->outer->absent == ABSENT_STAYS);
}

/* A field that is left to the service, and was set to something before. */
static inline bool triple_gone(const struct triple *t, const struct triple_row *row)
{
	bool left = !row->outer_set || row->f->absent == ABSENT_SERVER ||
		row->f->absent == ABSENT_STAYS || row->f->absent == ABSENT_REQUIRED;
	return t->known && left && !row->want && !node_is_empty(row->set);
}

/* The value that the update must leave. */
static inline const struct node *triple_end(const struct triple *t, const struct triple_row *row)
{
	if (row->want)
		return row->want;
	if (triple_gone(t, row))
		return triple_clearable(row) ? NULL : row->live;
	if (row->outer_set && row->f->absent == ABSENT_DEFAULT)
		return triple_default(row->f, t->a);
	return row->outer_set && row->f->absent == ABSENT_RESET ? NULL : row->live;
}

static inline const char *triple_text(const struct triple *t, const struct node *n)
{
	buf_auto b = {0};
	if (!n)
		return "nothing";
	node_to_json(n, NODE_JSON_COMPACT, &b);
	return arena_strdup(t->a, buf_str(&b));
}

static inline const char *triple_flat_name(
	const struct triple *t, const struct field *f, const char *space, const char *key)
{
	return f->kind == FIELD_TAGS ? arena_printf(t->a, "%s.%s", space, key) : key;
}

/* A map of tags as one of names to values, that of a namespace before the dot. */
static inline const struct node *triple_flat(
	const struct triple *t, const struct field *f, const struct node *n)
{
	struct node *flat = node_map(t->a);
	for (size_t i = 0; n && i < n->u.map.n; i++) {
		const struct node_pair *p = &n->u.map.v[i];
		if (f->kind != FIELD_TAGS)
			node_put(t->a, flat, p->key, p->value);
		for (size_t k = 0; f->kind == FIELD_TAGS && k < p->value->u.map.n; k++)
			node_put(t->a, flat,
				triple_flat_name(t, f, p->key, p->value->u.map.v[k].key),
				p->value->u.map.v[k].value);
	}
	return flat;
}

/* Tags: each key by itself. */
static inline const char *triple_tags_left(const struct triple *t, const struct triple_row *row)
{
	const struct node *set = triple_flat(t, row->f, row->set),
			  *live = triple_flat(t, row->f, row->live),
			  *want = triple_flat(t, row->f, row->want),
			  *after = triple_flat(t, row->f, row->after);
	const struct node *const all[] = {set, live, want, after};
	for (size_t k = 0; k < 4; k++) {
		for (size_t i = 0; i < all[k]->u.map.n; i++) {
			const char *key = all[k]->u.map.v[i].key;
			const struct node *end = node_get(want, key);
			if (!end && !(t->known && node_get(set, key)))
				end = node_get(live, key);
			if (!node_equal(end, node_get(after, key)))
				return arena_printf(t->a, "%s.%s is %s after the update, not %s",
					row->path, key, triple_text(t, node_get(after, key)),
					triple_text(t, end));
		}
	}
	return NULL;
}

static inline const char *triple_row_left(
	const struct triple *t, const struct triple_row *row, void *ctx)
{
	(void)ctx;
	if (triple_merged(row->f))
		return triple_tags_left(t, row);
	const struct node *end = triple_end(t, row);
	if (triple_same(t, row->f, row->after, end))
		return NULL;
	return arena_printf(t->a, "%s is %s after the update, not %s", row->path,
		triple_text(t, row->after), triple_text(t, end));
}

/* After the update each field is as it must be, and what is nobody's business is as it was. */
static inline const char *triple_left(const struct triple *t, const void *after)
{
	return triple_each(t, after, triple_row_left, NULL);
}

static inline const struct field_change *triple_change(
	const struct field_changes *c, const char *path)
{
	for (size_t i = 0; i < c->n; i++)
		if (!strcmp(c->v[i].path, path))
			return &c->v[i];
	return NULL;
}

static inline enum field_reason triple_judge(
	const struct triple *t, bool remembered, bool live_same, bool want_same)
{
	if (!t->known)
		return FIELD_BY_UNKNOWN;
	if (!remembered || live_same)
		return FIELD_BY_FILE;
	return want_same ? FIELD_BY_OTHERS : FIELD_BY_BOTH;
}

static inline const char *triple_reason_is(
	const struct triple *t, const struct field_change *c, enum field_reason reason)
{
	if (!c || c->reason == reason)
		return NULL;
	return arena_printf(
		t->a, "the reason of %s is %d, not %d", c->path, (int)c->reason, (int)reason);
}

struct triple_changes {
	const struct field_changes *changes, *stays;
};

static inline const char *triple_tags_reasons(
	const struct triple *t, const struct triple_row *row, const struct field_changes *c)
{
	const struct node *set = triple_flat(t, row->f, row->set),
			  *live = triple_flat(t, row->f, row->live),
			  *want = triple_flat(t, row->f, row->want);
	for (size_t i = 0; i < c->n; i++) {
		size_t n = strlen(row->path);
		if (strncmp(c->v[i].path, row->path, n) || c->v[i].path[n] != '.')
			continue;
		const char *key = c->v[i].path + n + 1;
		const struct node *was = node_get(set, key);
		const char *wrong = triple_reason_is(t, &c->v[i],
			triple_judge(t, was != NULL, node_equal(was, node_get(live, key)),
				node_equal(was, node_get(want, key))));
		if (wrong)
			return wrong;
	}
	return NULL;
}

/* Of a whole record that goes: by all that was set inside, or that absence alone would clear. */
static inline enum field_reason triple_whole_reason(
	const struct triple *t, const struct triple_row *row)
{
	bool remembered = false, live_same = true, want_same = true;
	for (const struct field *g = row->f->of->fields; g->name; g++) {
		const struct node *set = row->set ? node_get(row->set, g->name) : NULL;
		bool there = set && !(g->absent == ABSENT_RESET && node_is_empty(set));
		if (!there && g->absent != ABSENT_RESET)
			continue;
		remembered = true;
		live_same &=
			triple_same(t, g, set, row->live ? node_get(row->live, g->name) : NULL);
		want_same &= triple_same(t, g, set, NULL);
	}
	return triple_judge(t, remembered, live_same, want_same);
}

static inline enum field_reason triple_row_reason(
	const struct triple *t, const struct triple_row *row)
{
	const struct node *want = row->want, *set = row->set;
	if (!row->f->letter)
		return FIELD_BY_UNKNOWN;
	if (row->f->kind == FIELD_OBJ)
		return triple_whole_reason(t, row);
	bool dflt = row->outer_set && row->f->absent == ABSENT_DEFAULT;
	if (!want && dflt)
		want = triple_default(row->f, t->a);
	/* A default that was sent was set; inside a record, only where the record was. */
	if (!set && row->f->absent == ABSENT_DEFAULT && !row->outer)
		set = triple_default(row->f, t->a);
	bool remembered = set != NULL || row->f->absent == ABSENT_RESET;
	return triple_judge(t, remembered, triple_same(t, row->f, set, row->live),
		triple_same(t, row->f, set, want));
}

static inline const char *triple_row_told(
	const struct triple *t, const struct triple_row *row, void *ctx)
{
	const struct triple_changes *c = ctx;
	if (triple_merged(row->f))
		return triple_tags_reasons(t, row, c->changes);
	enum field_reason reason = triple_row_reason(t, row);
	const char *wrong = triple_reason_is(t, triple_change(c->changes, row->path), reason);
	bool map = row->f->kind == FIELD_PAIRS || row->f->kind == FIELD_PARAMS;
	size_t n = strlen(row->path);
	for (size_t i = 0; map && !wrong && i < c->changes->n; i++)
		if (!strncmp(c->changes->v[i].path, row->path, n) &&
			c->changes->v[i].path[n] == '.')
			wrong = triple_reason_is(t, &c->changes->v[i], reason);
	bool stays = triple_gone(t, row) && !triple_clearable(row) && !node_is_empty(row->live);
	if (!wrong && stays != (triple_change(c->stays, row->path) != NULL))
		return arena_printf(t->a, "%s stays: %d", row->path, (int)!stays);
	return wrong;
}

/* Each change has its reason, and what stays is told, nothing else. */
static inline const char *triple_told(const struct triple *t, const struct field_changes *changes,
	const struct field_changes *stays)
{
	struct triple_changes c = {changes, stays};
	return triple_each(t, NULL, triple_row_told, &c);
}

#endif
