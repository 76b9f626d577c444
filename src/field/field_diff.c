/* What differs between a live record and the wanted one, and the update that ends it. */
#include "base/map.h"
#include "base/text.h"
#include "field/field.h"
#include "field/rows.h"

#include <stdlib.h>
#include <string.h>

struct diffing {
	struct arena *a;
	struct field_changes *ret;
	const struct field *top; /* the row of the outermost record */
	unsigned around;         /* flags of the rows that the record stands in */
};

static void diff_field(struct diffing *d, const struct field *f, const char *path, const void *live,
	const void *want);

static bool is_compared(const struct field *f)
{
	return f->api && !(f->flags & (FIELD_COMPUTED | FIELD_READ_ONLY_DIFF));
}

/* Only the keys that want has count, and an update keeps the others. */
static bool is_merged(const struct field *f)
{
	return f->kind == FIELD_TAGS || f->flags & FIELD_MERGED;
}

static void add_change(struct diffing *d, const struct field *f, const char *path,
	const struct node *was, const struct node *now)
{
	unsigned flags = f->flags | d->around;
	const struct node *secret = flags & FIELD_SENSITIVE ? node_str(d->a, "(sensitive)") : NULL;
	struct field_changes *c = d->ret;
	c->v = arena_grow(d->a, c->v, c->n, &c->cap, sizeof *c->v);
	c->v[c->n++] = (struct field_change){.path = path,
		.field = d->top,
		.was = was && secret ? secret : was,
		.now = now && secret ? secret : now,
		.replaces = flags & FIELD_IMMUTABLE && !(flags & FIELD_MOVED)};
}

static const struct node *not_empty(const struct node *n)
{
	return node_is_empty(n) ? NULL : n;
}

static bool same_value(
	struct arena *a, const struct field *f, const struct node *was, const struct node *now)
{
	if (node_is_empty(was) || node_is_empty(now))
		return node_is_empty(was) && node_is_empty(now);
	if (f->canon && was->kind == NODE_STR && now->kind == NODE_STR)
		return text_equal(f->canon(a, was->text), f->canon(a, now->text));
	return node_equal(was, now);
}

static void diff_value(struct diffing *d, const struct field *f, const char *path, const void *live,
	const struct node *now)
{
	const struct node *was = rows_encode(f, live, FORM_YAML, false, d->a);
	if (same_value(d->a, f, was, now))
		return;
	/* Once more where something inside may have to be hidden. */
	if (f->of)
		was = rows_encode(f, live, FORM_YAML, true, d->a);
	add_change(d, f, path, not_empty(was), not_empty(now));
}

static int by_path(const void *x, const void *y)
{
	const struct field_change *a = x, *b = y;
	return strcmp(a->path, b->path);
}

static struct map index_of(struct arena *a, const struct pairs *p)
{
	struct map m = {.arena = a};
	for (size_t i = 0; i < p->n; i++)
		map_put(&m, p->v[i].name, &p->v[i]);
	return m;
}

static void diff_pair(struct diffing *d, const struct field *f, const char *path, const char *name,
	const struct pair *was, const struct pair *now)
{
	if (was && now && text_equal(was->value, now->value))
		return;
	add_change(d, f, arena_printf(d->a, "%s.%s", path, name),
		was ? node_str(d->a, was->value) : NULL, now ? node_str(d->a, now->value) : NULL);
}

static void diff_pairs(struct diffing *d, const struct field *f, const char *path,
	const struct pairs *live, const struct pairs *want)
{
	struct map had = index_of(d->a, live), has = index_of(d->a, want);
	size_t first = d->ret->n;
	for (size_t i = 0; i < has.n; i++)
		diff_pair(d, f, path, has.v[i].key, map_get(&had, has.v[i].key), has.v[i].value);
	for (size_t i = 0; i < had.n && !is_merged(f); i++)
		if (!map_has(&has, had.v[i].key))
			diff_pair(d, f, path, had.v[i].key, had.v[i].value, NULL);
	if (d->ret->n > first)
		qsort(d->ret->v + first, d->ret->n - first, sizeof *d->ret->v, by_path);
}

/* The record that an OBJ member points to; an empty one where there is none. */
static const void *inner_of(struct arena *a, const struct field *f, const void *record)
{
	const void *inner;
	memcpy(&inner, rows_const_member(f, record), sizeof inner);
	return inner ? inner : arena_alloc(a, f->of->size);
}

static void diff_inside(struct diffing *d, const struct field *f, const char *path,
	const void *live, const void *want)
{
	const void *was = inner_of(d->a, f, live), *now = inner_of(d->a, f, want);
	const struct field *g;
	unsigned around = d->around;
	d->around |= f->flags;
	for (struct rows i = rows_of(f->of); (g = rows_next(&i));)
		if (is_compared(g))
			diff_field(d, g, arena_printf(d->a, "%s.%s", path, g->name), was, now);
	d->around = around;
}

static void diff_field(struct diffing *d, const struct field *f, const char *path, const void *live,
	const void *want)
{
	bool set = field_is_set(f, want);
	bool left = f->absent == ABSENT_SERVER || f->absent == ABSENT_REQUIRED || is_merged(f);
	if (!set && left)
		return;
	if (!set)
		diff_value(d, f, path, live,
			f->absent == ABSENT_DEFAULT ? rows_default(f, d->a) : NULL);
	else if (f->kind == FIELD_OBJ)
		diff_inside(d, f, path, live, want);
	else if (f->kind == FIELD_PAIRS || f->kind == FIELD_PARAMS || f->kind == FIELD_TAGS)
		diff_pairs(d, f, path, rows_const_member(f, live), rows_const_member(f, want));
	else
		diff_value(d, f, path, live, rows_encode(f, want, FORM_YAML, false, d->a));
}

void field_diff(const struct record *r, const void *live, const void *want, struct arena *a,
	struct field_changes *ret)
{
	struct diffing d = {.a = a, .ret = ret};
	for (struct rows i = rows_of(r); (d.top = rows_next(&i));)
		if (is_compared(d.top))
			diff_field(&d, d.top, d.top->name, live, want);
}

static struct node *body_record(
	const struct record *r, const void *live, const void *want, struct arena *a);

/* What a record inside an update has for a row: ours, else the default, else what is live. */
static struct node *body_inner(
	const struct field *f, const void *live, const void *want, struct arena *a)
{
	if (field_is_set(f, want) && f->kind == FIELD_OBJ)
		return body_record(f->of, inner_of(a, f, live), inner_of(a, f, want), a);
	if (field_is_set(f, want))
		return rows_encode(f, want, FORM_UPDATE, false, a);
	if (f->absent == ABSENT_DEFAULT)
		return rows_default(f, a);
	struct node *n = NULL;
	if (f->absent == ABSENT_SERVER)
		n = rows_encode(f, live, FORM_UPDATE, false, a);
	return node_is_empty(n) ? NULL : n;
}

static struct node *body_record(
	const struct record *r, const void *live, const void *want, struct arena *a)
{
	struct node *n = node_map(a);
	const struct field *f;
	for (struct rows i = rows_of(r); (f = rows_next(&i));) {
		bool sent = f->api && !(f->flags & FIELD_COMPUTED);
		struct node *value = sent ? body_inner(f, live, want, a) : NULL;
		if (value)
			node_add(a, n, f->api, value);
	}
	return n;
}

/* Whether a change takes the key of a tag away. */
static bool is_dropped(const struct field_changes *changes, const struct field *f, const char *name)
{
	size_t len = strlen(f->name);
	for (size_t i = 0; i < changes->n; i++) {
		const struct field_change *c = &changes->v[i];
		if (c->field == f && !c->now && !strncmp(c->path, f->name, len) &&
			c->path[len] == '.' && !strcmp(c->path + len + 1, name))
			return true;
	}
	return false;
}

/* The live tags with ours merged in, in the form of the API. */
static struct node *body_merged(const struct record *r, const struct field *f, const void *live,
	const void *want, const struct field_changes *changes, struct arena *a)
{
	const struct pairs *had = rows_const_member(f, live), *has = rows_const_member(f, want);
	struct map ours = index_of(a, has);
	struct pairs all = {arena_array(a, had->n + has->n, sizeof *all.v), 0};
	for (size_t i = 0; i < had->n; i++)
		if (!map_has(&ours, had->v[i].name) && !is_dropped(changes, f, had->v[i].name))
			all.v[all.n++] = had->v[i];
	for (size_t i = 0; i < has->n; i++)
		all.v[all.n++] = has->v[i];
	void *merged = arena_alloc(a, r->size);
	*(struct pairs *)rows_member(f, merged) = all;
	return rows_encode(f, merged, FORM_UPDATE, false, a);
}

/* How the API is told that a field is to be empty. Numbers and booleans cannot be cleared. */
static struct node *body_clear(const struct field *f, struct arena *a)
{
	switch (f->kind) {
	case FIELD_STR:
	case FIELD_ENUM:
		return node_str(a, "");
	case FIELD_STRS:
	case FIELD_PARAMS:
		return node_seq(a);
	case FIELD_PAIRS:
	case FIELD_TAGS:
	case FIELD_OBJ:
		return node_map(a);
	default:
		return node_null(a);
	}
}

static struct node *body_field(const struct record *r, const struct field *f, const void *live,
	const void *want, const struct field_changes *changes, struct arena *a)
{
	if (is_merged(f))
		return body_merged(r, f, live, want, changes, a);
	struct node *n = NULL;
	if (field_is_set(f, want) || f->absent == ABSENT_DEFAULT)
		n = body_inner(f, live, want, a);
	return n ? n : body_clear(f, a);
}

static bool changes_field(const struct field_changes *changes, const struct field *f)
{
	for (size_t i = 0; i < changes->n; i++)
		if (changes->v[i].field == f)
			return true;
	return false;
}

struct node *field_update_body(const struct record *r, const void *live, const void *want,
	const struct field_changes *changes, struct arena *a)
{
	struct node *body = node_map(a);
	const struct field *f;
	for (struct rows i = rows_of(r); (f = rows_next(&i));)
		if (is_compared(f) && !(f->flags & FIELD_IMMUTABLE) && changes_field(changes, f))
			node_add(a, body, f->api, body_field(r, f, live, want, changes, a));
	return body;
}
