/* What differs between a live record and the wanted one, and whose doing it is. */
#include "base/map.h"
#include "base/text.h"
#include "field/field.h"
#include "field/memory.h"
#include "field/rows.h"

#include <stdlib.h>
#include <string.h>

struct diffing {
	struct arena *a;
	struct field_changes *ret, *stays; /* stays may be NULL */
	const struct memory *set;          /* NULL where what was set last is not known */
	const struct field *top;           /* the row of the outermost record */
	const struct field *outer; /* the row that the record stands in; NULL for the outermost */
	unsigned around;           /* flags of the rows that the record stands in */
};

typedef void diff_fn(struct diffing *d, const struct field *f, const char *path, const void *live,
	const void *want);
static diff_fn diff_field;

static void add_change(struct diffing *d, struct field_changes *c, const struct field *f,
	const char *path, const struct node *was, const struct node *now, enum field_reason reason)
{
	unsigned flags = f->flags | d->around;
	const struct node *secret = flags & FIELD_SENSITIVE ? node_str(d->a, "(sensitive)") : NULL;
	c->v = arena_grow(d->a, c->v, c->n, &c->cap, sizeof *c->v);
	c->v[c->n++] = (struct field_change){.path = path,
		.field = d->top,
		.was = was && secret ? secret : was,
		.now = now && secret ? secret : now,
		.replaces = flags & FIELD_IMMUTABLE && !(flags & FIELD_MOVED),
		.reason = reason};
}

/* Whether each side is still as it was set last; of a record, in all that was set inside. */
struct sides {
	bool remembered, live, want;
};

static void hold_against(struct diffing *d, const struct field *outer, const struct field *f,
	const struct node *live, const struct node *want, struct sides *ret)
{
	char set[MEMORY_DIGEST + 1], side[MEMORY_DIGEST + 1];
	if (!memory_field(d->set, outer, f, set)) {
		if (f->absent != ABSENT_RESET || !f->letter)
			return;
		memory_digest(f, NULL, set); /* what was set to nothing is not written down */
	}
	memory_digest(f, live, side);
	ret->live = ret->live && !strcmp(set, side);
	memory_digest(f, want, side);
	ret->want = ret->want && !strcmp(set, side);
	ret->remembered = true;
}

static const struct node *yaml(struct diffing *d, const struct field *f, const void *record)
{
	return rows_encode(f, record, FORM_YAML, false, d->a);
}

static void hold_inside(struct diffing *d, const struct field *f, const void *live,
	const void *want, struct sides *ret)
{
	const void *was = rows_inner(d->a, f, live), *now = rows_inner(d->a, f, want);
	const struct field *g;
	for (struct rows i = rows_of(f->of); (g = rows_next(&i));)
		if (rows_compared(g))
			hold_against(d, f, g, yaml(d, g, was), yaml(d, g, now), ret);
}

static enum field_reason judged(const struct sides *s)
{
	if (!s->remembered || s->live)
		return FIELD_BY_FILE;
	return s->want ? FIELD_BY_OTHERS : FIELD_BY_BOTH;
}

/* now: what want comes to, by a default too. */
static enum field_reason reason_of(struct diffing *d, const struct field *f, const void *live,
	const void *want, const struct node *now)
{
	struct sides s = {.live = true, .want = true};
	if (!d->set || !f->letter)
		return FIELD_BY_UNKNOWN;
	if (f->kind == FIELD_OBJ && !d->outer)
		hold_inside(d, f, live, want, &s);
	else
		hold_against(d, d->outer, f, yaml(d, f, live), now, &s);
	return judged(&s);
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
	if (f->canon && was && now && was->kind == NODE_STR && now->kind == NODE_STR)
		return text_equal(f->canon(a, was->text), f->canon(a, now->text));
	return node_equal(was, now);
}

static void diff_value(struct diffing *d, const struct field *f, const char *path, const void *live,
	const void *want, const struct node *now)
{
	const struct node *was = yaml(d, f, live);
	if (same_value(d->a, f, was, now))
		return;
	/* Once more where something inside may have to be hidden. */
	if (f->of)
		was = rows_encode(f, live, FORM_YAML, true, d->a);
	add_change(d, d->ret, f, path, not_empty(was), not_empty(now),
		reason_of(d, f, live, want, now));
}

static int by_path(const void *x, const void *y)
{
	const struct field_change *a = x, *b = y;
	return strcmp(a->path, b->path);
}

/* Of a merged map each key is remembered by itself. */
static enum field_reason reason_of_key(struct diffing *d, const struct field *f, const char *name,
	const struct pair *was, const struct pair *now)
{
	struct sides s = {0};
	bool ignored;
	if (!d->set)
		return FIELD_BY_UNKNOWN;
	s.remembered = memory_key(d->set, f, name, "", &ignored);
	if (s.remembered && was)
		memory_key(d->set, f, name, was->value, &s.live);
	if (s.remembered && now)
		memory_key(d->set, f, name, now->value, &s.want);
	return judged(&s);
}

static void diff_pair(struct diffing *d, const struct field *f, const char *path, const char *name,
	const struct pair *was, const struct pair *now)
{
	if (was && now && text_equal(was->value, now->value))
		return;
	add_change(d, d->ret, f, arena_printf(d->a, "%s.%s", path, name),
		was ? node_str(d->a, was->value) : NULL, now ? node_str(d->a, now->value) : NULL,
		rows_merged(f) ? reason_of_key(d, f, name, was, now) : FIELD_BY_UNKNOWN);
}

/* Keys that are live and not wanted go, of a merged map only those that were set before. */
static bool key_goes(struct diffing *d, const struct field *f, const char *name)
{
	bool ignored;
	return !rows_merged(f) || (d->set && memory_key(d->set, f, name, "", &ignored));
}

static void diff_pairs(struct diffing *d, const struct field *f, const char *path, const void *live,
	const void *want)
{
	struct map had = rows_index(d->a, rows_const_member(f, live)),
		   has = rows_index(d->a, rows_const_member(f, want));
	size_t first = d->ret->n;
	for (size_t i = 0; i < has.n; i++)
		diff_pair(d, f, path, has.v[i].key, map_get(&had, has.v[i].key), has.v[i].value);
	for (size_t i = 0; i < had.n; i++)
		if (!map_has(&has, had.v[i].key) && key_goes(d, f, had.v[i].key))
			diff_pair(d, f, path, had.v[i].key, had.v[i].value, NULL);
	if (d->ret->n == first)
		return;
	qsort(d->ret->v + first, d->ret->n - first, sizeof *d->ret->v, by_path);
	if (rows_merged(f))
		return;
	enum field_reason reason = reason_of(d, f, live, want, yaml(d, f, want));
	for (size_t i = first; i < d->ret->n; i++)
		d->ret->v[i].reason = reason;
}

static bool same_texts(const struct strs *a, const struct strs *b)
{
	size_t i = 0;
	while (i < a->n && i < b->n && text_equal(a->v[i], b->v[i]))
		i++;
	return a->n && i == a->n && i == b->n;
}

/* Said by both sides, and alike as it stands. Most of what is compared is, and needs no nodes to find that out. */
static bool is_same(const struct field *f, const void *live, const void *want)
{
	const void *was = rows_const_member(f, live), *now = rows_const_member(f, want);
	const struct opt_i64 *i = was, *k = now;
	const struct opt_num *x = was, *y = now;
	const struct opt_bool *b = was, *c = now;
	switch (f->kind) {
	case FIELD_STR:
	case FIELD_ENUM:
		return !text_empty(*(const char *const *)was) &&
			text_equal(*(const char *const *)was, *(const char *const *)now);
	case FIELD_I64:
		return i->set && k->set && i->v == k->v;
	case FIELD_NUM:
		return x->set && y->set && x->v == y->v;
	case FIELD_STRS:
		return same_texts(was, now);
	case FIELD_BOOL:
		return b->set && c->set && b->v == c->v;
	default:
		return false;
	}
}

static bool was_set(struct diffing *d, const struct field *f)
{
	char set[MEMORY_DIGEST + 1];
	return d->set && memory_field(d->set, d->outer, f, set);
}

static void diff_inside(struct diffing *d, const struct field *f, const char *path,
	const void *live, const void *want, diff_fn *fn)
{
	struct diffing inner = *d;
	const void *was = rows_inner(d->a, f, live), *now = rows_inner(d->a, f, want);
	const struct field *g;
	inner.around |= f->flags;
	inner.outer = f;
	for (struct rows i = rows_of(f->of); (g = rows_next(&i));)
		if (rows_compared(g) &&
			(fn == diff_field ? !is_same(g, was, now) : was_set(&inner, g)))
			fn(&inner, g, arena_printf(d->a, "%s.%s", path, g->name), was, now);
}

/* The spec leaves the field out, and absence alone would leave it to the service: what was set before, to
   something, is cleared. */
static void diff_left(struct diffing *d, const struct field *f, const char *path, const void *live,
	const void *want)
{
	char set[MEMORY_DIGEST + 1], nothing[MEMORY_DIGEST + 1];
	if (!d->set)
		return;
	if (f->kind == FIELD_OBJ && !d->outer) {
		diff_inside(d, f, path, live, want, diff_left);
		return;
	}
	if (!memory_field(d->set, d->outer, f, set))
		return;
	const struct node *was = yaml(d, f, live);
	if (node_is_empty(was))
		return;
	memory_digest(f, NULL, nothing);
	if (!strcmp(set, nothing))
		return;
	bool stays = f->absent == ABSENT_STAYS || d->top->absent == ABSENT_STAYS ||
		(f->flags | d->around) & FIELD_IMMUTABLE;
	if (!stays || d->stays)
		add_change(d, stays ? d->stays : d->ret, f, path, was, NULL,
			reason_of(d, f, live, want, NULL));
}

static bool is_left(const struct field *f)
{
	return f->absent == ABSENT_SERVER || f->absent == ABSENT_STAYS ||
		f->absent == ABSENT_REQUIRED;
}

static bool is_declared(struct diffing *d, const struct field *f, const void *want)
{
	return field_is_set(f, want) &&
		!(f->flags & FIELD_FILLED && node_is_empty(yaml(d, f, want)));
}

static void diff_field(struct diffing *d, const struct field *f, const char *path, const void *live,
	const void *want)
{
	if (is_same(f, live, want))
		return;
	bool set = is_declared(d, f, want);
	if (rows_merged(f))
		diff_pairs(d, f, path, live, want);
	else if (!set && is_left(f))
		diff_left(d, f, path, live, want);
	else if (!set)
		diff_value(d, f, path, live, want,
			f->absent == ABSENT_DEFAULT ? rows_default(f, d->a) : NULL);
	else if (f->kind == FIELD_OBJ)
		diff_inside(d, f, path, live, want, diff_field);
	else if (f->kind == FIELD_PAIRS || f->kind == FIELD_PARAMS)
		diff_pairs(d, f, path, live, want);
	else
		diff_value(d, f, path, live, want, yaml(d, f, want));
}

void field_diff_since(const struct record *r, const void *live, const void *want,
	const struct memory *set, struct arena *a, struct field_changes *ret,
	struct field_changes *ret_stays)
{
	struct diffing d = {.a = a,
		.ret = ret,
		.stays = ret_stays,
		.set = set && set->state == MEMORY_KNOWN ? set : NULL};
	for (struct rows i = rows_of(r); (d.top = rows_next(&i));)
		if (rows_compared(d.top))
			diff_field(&d, d.top, d.top->name, live, want);
}

void field_diff(const struct record *r, const void *live, const void *want, struct arena *a,
	struct field_changes *ret)
{
	field_diff_since(r, live, want, NULL, a, ret, NULL);
}
