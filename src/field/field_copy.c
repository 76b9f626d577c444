/* Deep copies of records. */
#include "field/field.h"
#include "field/rows.h"

#include <string.h>

static void copy_str(const struct field *f, const void *from, void *to, struct arena *a)
{
	(void)f;
	*(const char **)to = arena_strdup(a, *(const char *const *)from);
}

static void copy_i64(const struct field *f, const void *from, void *to, struct arena *a)
{
	(void)f, (void)a;
	*(struct opt_i64 *)to = *(const struct opt_i64 *)from;
}

static void copy_num(const struct field *f, const void *from, void *to, struct arena *a)
{
	(void)f, (void)a;
	*(struct opt_num *)to = *(const struct opt_num *)from;
}

static void copy_bool(const struct field *f, const void *from, void *to, struct arena *a)
{
	(void)f, (void)a;
	*(struct opt_bool *)to = *(const struct opt_bool *)from;
}

static void copy_obj(const struct field *f, const void *from, void *to, struct arena *a)
{
	const void *inner;
	memcpy(&inner, from, sizeof inner);
	if (!inner)
		return;
	void *made = arena_alloc(a, f->of->size);
	field_copy(f->of, inner, made, a);
	memcpy(to, &made, sizeof made);
}

static void copy_strs(const struct field *f, const void *from, void *to, struct arena *a)
{
	(void)f;
	const struct strs *s = from;
	if (!s->v)
		return;
	struct strs made = {arena_array(a, s->n, sizeof *made.v), s->n};
	for (size_t i = 0; i < s->n; i++)
		made.v[i] = arena_strdup(a, s->v[i]);
	*(struct strs *)to = made;
}

static void copy_pairs(const struct field *f, const void *from, void *to, struct arena *a)
{
	(void)f;
	const struct pairs *p = from;
	if (!p->v)
		return;
	struct pairs made = {arena_array(a, p->n, sizeof *made.v), p->n};
	for (size_t i = 0; i < p->n; i++)
		made.v[i] = (struct pair){
			arena_strdup(a, p->v[i].name), arena_strdup(a, p->v[i].value)};
	*(struct pairs *)to = made;
}

static void copy_keyed(const struct field *f, const void *from, void *to, struct arena *a)
{
	const struct keyed *k = from;
	if (!k->v)
		return;
	struct keyed made = {arena_array(a, k->n, f->of->size), k->n};
	for (size_t i = 0; i < k->n; i++) {
		void *old = rows_keyed(f, k, i), *new = rows_keyed(f, &made, i);
		field_copy(f->of, old, new, a);
		const struct keyed_head *head = rows_head(f, old);
		*rows_head(f, new) =
			(struct keyed_head){arena_strdup(a, head->key), head->mark, head->node};
	}
	*(struct keyed *)to = made;
}

static void copy_any(const struct field *f, const void *from, void *to, struct arena *a)
{
	(void)f;
	*(const struct node **)to = node_copy(a, *(const struct node *const *)from);
}

typedef void copy_fn(const struct field *f, const void *from, void *to, struct arena *a);
static copy_fn *const copiers[] = {
	[FIELD_STR] = copy_str,
	[FIELD_ENUM] = copy_str,
	[FIELD_I64] = copy_i64,
	[FIELD_NUM] = copy_num,
	[FIELD_BOOL] = copy_bool,
	[FIELD_OBJ] = copy_obj,
	[FIELD_STRS] = copy_strs,
	[FIELD_PAIRS] = copy_pairs,
	[FIELD_PARAMS] = copy_pairs,
	[FIELD_TAGS] = copy_pairs,
	[FIELD_KEYED] = copy_keyed,
	[FIELD_ANY] = copy_any,
};

void field_copy(const struct record *r, const void *from, void *to, struct arena *a)
{
	memset(to, 0, r->size);
	field_overlay(r, from, to, a);
}

void field_overlay(const struct record *r, const void *from, void *to, struct arena *a)
{
	const struct field *f;
	for (struct rows i = rows_of(r); (f = rows_next(&i));)
		if (field_is_set(f, from))
			copiers[f->kind](f, rows_const_member(f, from), rows_member(f, to), a);
}
