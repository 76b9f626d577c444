/* Records from nodes: which keys there are, which are missing, and how mistakes are told. */
#include "base/text.h"
#include "field/reading.h"
#include "field/rows.h"

#include <string.h>

enum { SUGGEST_MAX = 1000 };

static void put_place(struct buf *out, const struct place *at)
{
	if (!at->name) {
		buf_printf(out, "[%zu]", at->index);
		return;
	}
	if (out->len)
		buf_addc(out, '.');
	buf_adds(out, at->name);
}

static void put_path(struct buf *out, const struct place *at)
{
	if (!at)
		return;
	put_path(out, at->up);
	put_place(out, at);
}

const char *reading_path(struct reading *r, const struct place *at)
{
	buf_auto b = {0};
	buf_adds(&b, r->prefix);
	put_path(&b, at);
	return arena_strdup(r->a, buf_str(&b));
}

static void put_label(struct buf *out, const struct place *at)
{
	if (at->inner)
		put_label(out, at->up);
	put_place(out, at);
}

const char *reading_label(struct reading *r, const struct place *at)
{
	buf_auto b = {0};
	if (at)
		put_label(&b, at);
	else
		buf_adds(&b, r->prefix);
	return arena_strdup(r->a, buf_str(&b));
}

bool reading_error(struct reading *r, const struct place *at, const struct node *n,
	struct mark mark, const char *hint, const char *fmt, ...)
{
	r->ok = false;
	r->mistakes++;
	if (!r->complain)
		return false;
	va_list ap;
	va_start(ap, fmt);
	const char *text = arena_vprintf(r->a, fmt, ap);
	va_end(ap);
	r->complain(r->ctx, reading_path(r, at), n, mark, false, text, hint);
	return false;
}

void reading_warning(struct reading *r, const struct place *at, const struct node *n,
	const char *hint, const char *fmt, ...)
{
	if (!r->complain)
		return;
	va_list ap;
	va_start(ap, fmt);
	const char *text = arena_vprintf(r->a, fmt, ap);
	va_end(ap);
	r->complain(r->ctx, reading_path(r, at), n, n->mark, true, text, hint);
}

bool reading_mismatch(struct reading *r, const struct place *at, const struct node *n,
	const char *what, const char *hint)
{
	const char *label = reading_label(r, at);
	if (!*label)
		return reading_error(r, at, n, n->mark, hint, "the top level must be %s, not %s",
			what, node_kind_name(n->kind));
	return reading_error(r, at, n, n->mark, hint, "`%s` must be %s, not %s", label, what,
		node_kind_name(n->kind));
}

static const char *name_of(const struct reading *r, const struct field *f)
{
	return r->form == FORM_YAML ? f->name : f->api;
}

/* The row whose name, in either form, is nearest to key; NULL if none is near. Only rows that may be given. */
static const struct field *nearest_by(
	const struct reading *r, const struct record *record, const char *key, bool api)
{
	size_t n = 0, i = 0;
	const struct field *f;
	for (struct rows it = rows_of(record); rows_next(&it);)
		n++;
	const char **names = arena_array(r->a, n + 1, sizeof *names);
	for (struct rows it = rows_of(record); (f = rows_next(&it));)
		if (name_of(r, f) && (f->api || !api) && !(f->flags & FIELD_COMPUTED))
			names[i++] = api ? f->api : f->name;
	const char *name = text_nearest(key, names);
	if (!name)
		return NULL;
	return api ? record_field_api(record, name) : record_field(record, name);
}

static bool unknown_key(struct reading *r, const struct place *up, const struct record *record,
	const struct node_pair *p)
{
	/* A file of nothing but unknown keys must not make each cost a list of names. */
	bool suggests = r->mistakes < SUGGEST_MAX;
	const struct field *near =
		suggests ? nearest_by(r, record, p->key, r->form != FORM_YAML) : NULL;
	if (!near && suggests)
		near = nearest_by(r, record, p->key, r->form == FORM_YAML);
	const char *hint = near ? arena_printf(r->a, "did you mean `%s`?", name_of(r, near)) : NULL;
	const char *where = reading_path(r, up);
	struct place at = {.up = up, .name = p->key};
	return reading_error(r, &at, p->value, p->key_mark, hint, "unknown key `%s`%s%s", p->key,
		*where ? " in " : "", where);
}

static bool may_be_given(
	struct reading *r, const struct place *at, const struct field *f, const struct node_pair *p)
{
	if (r->form == FORM_REPLY)
		return true;
	if (f->flags & FIELD_COMPUTED)
		return reading_error(r, at, p->value, p->key_mark, "remove it",
			"`%s` is set by the service and cannot be given", p->key);
	if (r->form == FORM_UPDATE && f->flags & FIELD_IMMUTABLE)
		return reading_error(
			r, at, p->value, p->key_mark, NULL, "`%s` cannot be changed", p->key);
	return true;
}

static bool read_pair(struct reading *r, const struct place *up, const struct record *record,
	const struct node_pair *p, void *out)
{
	const struct field *f = r->form == FORM_YAML ? record_field(record, p->key)
						     : record_field_api(record, p->key);
	struct place at = {.up = up, .name = p->key};
	if (!f)
		return r->form == FORM_REPLY || unknown_key(r, up, record, p);
	if (p->value->kind == NODE_NULL)
		return true;
	if (!may_be_given(r, &at, f, p))
		return false;
	return reading_field(r, &at, f, p->value, rows_member(f, out));
}

static bool has_required(struct reading *r, const struct place *up, const struct record *record,
	const struct node *n)
{
	bool ok = true;
	const struct field *f;
	const char *where = NULL;
	for (struct rows i = rows_of(record); (f = rows_next(&i));) {
		const char *name = name_of(r, f);
		if (!(f->flags & FIELD_REQUIRED) || f->flags & FIELD_COMPUTED || !name)
			continue;
		const struct node *value = node_get(n, name);
		if (value && value->kind != NODE_NULL)
			continue;
		struct place at = {.up = up, .name = name};
		if (!where)
			where = reading_path(r, up);
		const char *hint = NULL;
		if (r->form == FORM_YAML)
			hint = arena_printf(r->a, "`%s`: %s", name, f->doc);
		ok = reading_error(r, &at, n, n->mark, hint, "missing required key `%s`%s%s", name,
			*where ? " in " : "", where);
	}
	return ok;
}

bool reading_record(struct reading *r, const struct place *at, const struct record *record,
	const struct node *n, void *out)
{
	memset(out, 0, record->size);
	if (n->kind != NODE_MAP)
		return reading_mismatch(r, at, n, "a map", NULL);
	bool ok = true;
	for (size_t i = 0; i < n->u.map.n; i++)
		ok = read_pair(r, at, record, &n->u.map.v[i], out) && ok;
	if ((r->form == FORM_YAML || r->form == FORM_CREATE) && !r->partial)
		ok = has_required(r, at, record, n) && ok;
	return ok;
}

bool field_decode(const struct record *r, const struct node *node, enum field_form form,
	const char *path, struct arena *a, void *out, field_complain_fn *complain, void *ctx)
{
	struct reading reading = {.form = form,
		.prefix = path ? path : "",
		.a = a,
		.complain = complain,
		.ctx = ctx,
		.ok = true};
	reading_record(&reading, NULL, r, node, out);
	return reading.ok;
}
