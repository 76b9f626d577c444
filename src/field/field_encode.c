/* Records as nodes: request bodies, replies, YAML. */
#include "field/field.h"
#include "field/rows.h"

#include <math.h>
#include <string.h>

struct writing {
	enum field_form form;
	bool redact;
	struct arena *a;
};

static struct node *encode_record(const struct writing *w, const struct record *r, const void *in);

static struct node *encode_str(const struct writing *w, const struct field *f, const void *member)
{
	(void)f;
	return node_str(w->a, *(const char *const *)member);
}

static struct node *encode_i64(const struct writing *w, const struct field *f, const void *member)
{
	(void)f;
	return node_int(w->a, ((const struct opt_i64 *)member)->v);
}

/* 16.0 is written 16, as people do. */
static struct node *encode_num(const struct writing *w, const struct field *f, const void *member)
{
	(void)f;
	double d = ((const struct opt_num *)member)->v;
	if (d == trunc(d) && fabs(d) < 1e15)
		return node_int(w->a, (int64_t)d);
	return node_float(w->a, d);
}

static struct node *encode_bool(const struct writing *w, const struct field *f, const void *member)
{
	(void)f;
	return node_bool(w->a, ((const struct opt_bool *)member)->v);
}

static struct node *encode_obj(const struct writing *w, const struct field *f, const void *member)
{
	const void *inner;
	memcpy(&inner, member, sizeof inner);
	return encode_record(w, f->of, inner);
}

static struct node *encode_strs(const struct writing *w, const struct field *f, const void *member)
{
	(void)f;
	const struct strs *s = member;
	struct node *n = node_seq(w->a);
	for (size_t i = 0; i < s->n; i++)
		node_append(w->a, n, node_str(w->a, s->v[i]));
	return n;
}

static struct node *encode_pairs(const struct writing *w, const struct field *f, const void *member)
{
	(void)f;
	const struct pairs *p = member;
	struct node *n = node_map(w->a);
	for (size_t i = 0; i < p->n; i++)
		node_add(w->a, n, p->v[i].name, node_str(w->a, p->v[i].value));
	return n;
}

static struct node *encode_params(
	const struct writing *w, const struct field *f, const void *member)
{
	if (w->form == FORM_YAML)
		return encode_pairs(w, f, member);
	const struct pairs *p = member;
	struct node *n = node_seq(w->a);
	for (size_t i = 0; i < p->n; i++) {
		struct node *one = node_map(w->a);
		node_add(w->a, one, "name", node_str(w->a, p->v[i].name));
		node_add(w->a, one, "value", node_str(w->a, p->v[i].value));
		node_append(w->a, n, one);
	}
	return n;
}

static struct node *encode_tags(const struct writing *w, const struct field *f, const void *member)
{
	(void)f;
	const struct pairs *p = member;
	struct node *n = node_map(w->a);
	for (size_t i = 0; i < p->n; i++) {
		const char *name = p->v[i].name, *dot = strchrnul(name, '.');
		const char *space = arena_strndup(w->a, name, (size_t)(dot - name));
		struct node *inner = node_get(n, space);
		if (!inner) {
			inner = node_map(w->a);
			node_add(w->a, n, space, inner);
		}
		node_put(w->a, inner, *dot ? dot + 1 : "", node_str(w->a, p->v[i].value));
	}
	return n;
}

static struct node *encode_keyed(const struct writing *w, const struct field *f, const void *member)
{
	const struct keyed *k = member;
	struct node *n = node_map(w->a);
	for (size_t i = 0; i < k->n; i++) {
		void *one = rows_keyed(f, k, i);
		node_add(w->a, n, rows_head(f, one)->key, encode_record(w, f->of, one));
	}
	return n;
}

static struct node *encode_any(const struct writing *w, const struct field *f, const void *member)
{
	(void)f;
	return node_copy(w->a, *(const struct node *const *)member);
}

typedef struct node *encode_fn(const struct writing *w, const struct field *f, const void *member);
static encode_fn *const encoders[] = {
	[FIELD_STR] = encode_str,
	[FIELD_ENUM] = encode_str,
	[FIELD_I64] = encode_i64,
	[FIELD_NUM] = encode_num,
	[FIELD_BOOL] = encode_bool,
	[FIELD_OBJ] = encode_obj,
	[FIELD_STRS] = encode_strs,
	[FIELD_PAIRS] = encode_pairs,
	[FIELD_PARAMS] = encode_params,
	[FIELD_TAGS] = encode_tags,
	[FIELD_KEYED] = encode_keyed,
	[FIELD_ANY] = encode_any,
};

static bool is_written(const struct writing *w, const struct field *f)
{
	if (w->form == FORM_YAML)
		return true;
	if (!f->api || (w->form != FORM_REPLY && f->flags & FIELD_COMPUTED))
		return false;
	return w->form != FORM_UPDATE || !(f->flags & FIELD_IMMUTABLE);
}

static struct node *encode_field(const struct writing *w, const struct field *f, const void *record)
{
	if (field_is_set(f, record)) {
		if (w->redact && f->flags & FIELD_SENSITIVE)
			return node_str(w->a, "(sensitive)");
		return encoders[f->kind](w, f, rows_const_member(f, record));
	}
	if (w->form == FORM_REPLY)
		return node_null(w->a);
	if (w->form == FORM_CREATE && f->absent == ABSENT_DEFAULT)
		return rows_default(f, w->a);
	return NULL;
}

static struct node *encode_record(const struct writing *w, const struct record *r, const void *in)
{
	struct node *n = node_map(w->a);
	const struct field *f;
	for (struct rows i = rows_of(r); (f = rows_next(&i));) {
		struct node *value = is_written(w, f) ? encode_field(w, f, in) : NULL;
		if (value)
			node_add(w->a, n, w->form == FORM_YAML ? f->name : f->api, value);
	}
	return n;
}

struct node *field_encode(
	const struct record *r, const void *in, enum field_form form, struct arena *a)
{
	return encode_record(&(struct writing){.form = form, .a = a}, r, in);
}

struct node *rows_encode(const struct field *f, const void *record, enum field_form form,
	bool redact, struct arena *a)
{
	if (!field_is_set(f, record))
		return NULL;
	return encode_field(&(struct writing){form, redact, a}, f, record);
}
