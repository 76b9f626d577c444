#include "field/field.h"

#include "base/text.h"
#include "field/rows.h"

#include <string.h>

struct rows rows_of(const struct record *r)
{
	const struct record *lowest = r;
	while (lowest->base)
		lowest = lowest->base;
	return (struct rows){.top = r, .at = lowest, .next = lowest->fields};
}

const struct field *rows_next(struct rows *i)
{
	while (!i->next->name) {
		if (i->at == i->top)
			return NULL;
		const struct record *above = i->top;
		while (above->base != i->at)
			above = above->base;
		i->at = above;
		i->next = above->fields;
	}
	return i->next++;
}

bool record_each(const struct record *r, bool (*fn)(void *ctx, const struct field *f), void *ctx)
{
	const struct field *f;
	for (struct rows i = rows_of(r); (f = rows_next(&i));)
		if (!fn(ctx, f))
			return false;
	return true;
}

const struct field *record_field(const struct record *r, const char *name)
{
	const struct field *f;
	for (struct rows i = rows_of(r); (f = rows_next(&i));)
		if (text_same(f->name, name))
			return f;
	return NULL;
}

const struct field *record_field_api(const struct record *r, const char *api)
{
	const struct field *f;
	for (struct rows i = rows_of(r); (f = rows_next(&i));)
		if (f->api && text_same(f->api, api))
			return f;
	return NULL;
}

const void *rows_inner(struct arena *a, const struct field *f, const void *record)
{
	const void *inner;
	memcpy(&inner, rows_const_member(f, record), sizeof inner);
	return inner ? inner : arena_alloc(a, f->of->size);
}

struct map rows_index(struct arena *a, const struct pairs *p)
{
	struct map m = {.arena = a};
	for (size_t i = 0; i < p->n; i++)
		map_put(&m, p->v[i].name, &p->v[i]);
	return m;
}

struct node *rows_default(const struct field *f, struct arena *a)
{
	int64_t i;
	double d;
	if (!f->dflt)
		return NULL;
	if (f->kind == FIELD_STR || f->kind == FIELD_ENUM)
		return node_str(a, f->dflt);
	if (f->kind == FIELD_BOOL)
		return node_bool(a, text_equal(f->dflt, "true"));
	if (f->kind == FIELD_I64 && text_i64(f->dflt, &i))
		return node_int(a, i);
	if (f->kind == FIELD_NUM && text_double(f->dflt, &d))
		return node_float(a, d);
	return NULL;
}

/* Every kind but the optional scalars begins with a pointer that is NULL when absent. */
static bool member_is_set(enum field_kind kind, const void *member)
{
	if (kind == FIELD_I64)
		return ((const struct opt_i64 *)member)->set;
	if (kind == FIELD_NUM)
		return ((const struct opt_num *)member)->set;
	if (kind == FIELD_BOOL)
		return ((const struct opt_bool *)member)->set;
	void *first;
	memcpy(&first, member, sizeof first);
	return first != NULL;
}

bool field_is_set(const struct field *f, const void *record)
{
	return member_is_set(f->kind, rows_const_member(f, record));
}
