/* The update that ends a difference. */
#include "base/map.h"
#include "field/field.h"
#include "field/rows.h"

#include <string.h>

struct updating {
	struct arena *a;
	const struct field_changes *changes;
	const struct field *top; /* the row of the outermost record */
};

/* Whether a change takes away what the path names: a tag, or a field inside a record. */
static bool is_dropped(const struct updating *u, const char *path)
{
	for (size_t i = 0; i < u->changes->n; i++) {
		const struct field_change *c = &u->changes->v[i];
		if (c->field == u->top && !c->now && !strcmp(c->path, path))
			return true;
	}
	return false;
}

static struct node *body_record(const struct updating *u, const struct field *f, const char *path,
	const void *live, const void *want);

/* What an update has for a row, also inside a record: ours, else the default, else what is live. declared: want has
   the record; otherwise nothing in it is the spec's, but for what is dropped. */
static struct node *body_inner(const struct updating *u, const struct field *f, const char *path,
	const void *live, const void *want, bool declared)
{
	bool set = field_is_set(f, want);
	if (set && f->kind == FIELD_OBJ)
		return body_record(u, f, path, live, want);
	if (set)
		return rows_encode(f, want, FORM_UPDATE, false, u->a);
	if (declared && f->absent == ABSENT_DEFAULT)
		return rows_default(f, u->a);
	if ((declared && f->absent == ABSENT_RESET) || is_dropped(u, path))
		return NULL;
	struct node *n = rows_encode(f, live, FORM_UPDATE, false, u->a);
	return node_is_empty(n) ? NULL : n;
}

static struct node *body_record(const struct updating *u, const struct field *f, const char *path,
	const void *live, const void *want)
{
	const void *was = rows_inner(u->a, f, live), *now = rows_inner(u->a, f, want);
	bool declared = field_is_set(f, want);
	struct node *n = node_map(u->a);
	const struct field *g;
	for (struct rows i = rows_of(f->of); (g = rows_next(&i));) {
		if (!g->api || g->flags & FIELD_COMPUTED)
			continue;
		struct node *value = body_inner(
			u, g, arena_printf(u->a, "%s.%s", path, g->name), was, now, declared);
		if (value)
			node_add(u->a, n, g->api, value);
	}
	return n;
}

/* The live tags with ours merged in, in the form of the API. */
static struct node *body_merged(
	const struct updating *u, const struct record *r, const void *live, const void *want)
{
	const struct field *f = u->top;
	const struct pairs *had = rows_const_member(f, live), *has = rows_const_member(f, want);
	struct map ours = rows_index(u->a, has);
	struct pairs all = {arena_array(u->a, had->n + has->n, sizeof *all.v), 0};
	for (size_t i = 0; i < had->n; i++)
		if (!map_has(&ours, had->v[i].name) &&
			!is_dropped(u, arena_printf(u->a, "%s.%s", f->name, had->v[i].name)))
			all.v[all.n++] = had->v[i];
	for (size_t i = 0; i < has->n; i++)
		all.v[all.n++] = has->v[i];
	void *merged = arena_alloc(u->a, r->size);
	*(struct pairs *)rows_member(f, merged) = all;
	return rows_encode(f, merged, FORM_UPDATE, false, u->a);
}

/* How the API is told that a field is to be empty. */
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

static struct node *body_field(
	const struct updating *u, const struct record *r, const void *live, const void *want)
{
	const struct field *f = u->top;
	struct node *n = NULL;
	if (rows_merged(f))
		return body_merged(u, r, live, want);
	if (field_is_set(f, want) || f->absent == ABSENT_DEFAULT)
		n = body_inner(u, f, f->name, live, want, true);
	else if (f->kind == FIELD_OBJ && f->absent != ABSENT_RESET)
		n = body_record(u, f, f->name, live, want);
	return n ? n : body_clear(f, u->a);
}

static bool is_changed(const struct updating *u)
{
	for (size_t i = 0; i < u->changes->n; i++)
		if (u->changes->v[i].field == u->top)
			return true;
	return false;
}

struct node *field_update_body(const struct record *r, const void *live, const void *want,
	const struct field_changes *changes, struct arena *a)
{
	struct updating u = {.a = a, .changes = changes};
	struct node *body = node_map(a);
	for (struct rows i = rows_of(r); (u.top = rows_next(&i));)
		if (u.top->api && rows_compared(u.top) && !(u.top->flags & FIELD_IMMUTABLE) &&
			is_changed(&u))
			node_add(a, body, u.top->api, body_field(&u, r, live, want));
	return body;
}
