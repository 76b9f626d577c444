/* Values of fields from nodes, one function a kind; those of many values are in field_values.c. */
#include "base/text.h"
#include "field/reading.h"

#include <math.h>
#include <string.h>

/* The text of a scalar: in YAML any, as it was written; in the API a string. NULL and a complaint if not. */
const char *reading_text(
	struct reading *r, const struct place *at, const struct node *n, const char *what)
{
	bool fits = reading_api(r)
		? n->kind == NODE_STR
		: n->kind != NODE_NULL && n->kind != NODE_SEQ && n->kind != NODE_MAP;
	if (!fits) {
		reading_mismatch(r, at, n, what, NULL);
		return NULL;
	}
	if (memchr(n->text, 0, n->len)) {
		reading_error(r, at, n, n->mark, NULL, "`%s` must not hold a NUL character",
			reading_label(r, at));
		return NULL;
	}
	return arena_strndup(r->a, n->text, n->len);
}

static bool check_str(
	struct reading *r, const struct place *at, const struct field *f, const struct node *n)
{
	if (!n->len && f->flags & FIELD_REQUIRED)
		return reading_error(
			r, at, n, n->mark, NULL, "`%s` must not be empty", reading_label(r, at));
	if (f->max_len && n->len > f->max_len)
		return reading_error(r, at, n, n->mark, NULL,
			"`%s` must be at most %zu bytes long, not %zu", reading_label(r, at),
			f->max_len, n->len);
	if (f->ok && n->len && !f->ok(n->text))
		return reading_error(r, at, n, n->mark, NULL, "`%s` must be %s",
			reading_label(r, at), f->ok_doc ? f->ok_doc : "valid");
	return true;
}

static bool read_str(struct reading *r, const struct place *at, const struct field *f,
	const struct node *n, void *member)
{
	const char *s = reading_text(r, at, n, "a string");
	if (!s || (reading_checks(r) && !check_str(r, at, f, n)))
		return false;
	*(const char **)member = s;
	return true;
}

static const char *list_choices(struct reading *r, const char *const *choices)
{
	enum { SHOWN = 12 };
	buf_auto b = {0};
	size_t n = 0;
	for (; choices[n]; n++)
		if (n < SHOWN)
			buf_printf(&b, "%s%s", n ? ", " : "", choices[n]);
	if (n > SHOWN)
		buf_printf(&b, ", ... (%zu in all)", n);
	return arena_strdup(r->a, buf_str(&b));
}

static bool read_enum(struct reading *r, const struct place *at, const struct field *f,
	const struct node *n, void *member)
{
	const char *s = reading_text(r, at, n, "a string");
	if (!s)
		return false;
	const char *const *c = f->choices;
	while (*c && strcmp(*c, s))
		c++;
	*(const char **)member = s;
	if (*c || !reading_checks(r) || (reading_api(r) && !*s && !(f->flags & FIELD_REQUIRED)))
		return true;
	const char *near = text_nearest(s, f->choices);
	const char *hint = near ? arena_printf(r->a, "did you mean `%s`?", near) : NULL;
	const char *label = reading_label(r, at), *list = list_choices(r, f->choices);
	if (!(f->flags & FIELD_OPEN))
		return reading_error(
			r, at, n, n->mark, hint, "`%s` must be one of %s", label, list);
	reading_warning(r, at, n, hint, "`%s` is none of those known: %s", label, list);
	return true;
}

bool reading_in_range(const struct field *f, double v)
{
	bool limited = f->min != 0 || f->max != 0, no_top = f->max < f->min;
	return !limited || (v >= f->min && (no_top || v <= f->max));
}

static bool check_range(struct reading *r, const struct place *at, const struct field *f,
	const struct node *n, double v)
{
	char min[32], max[32], got[32];
	if (!reading_checks(r) || reading_in_range(f, v))
		return true;
	text_number(f->min, min);
	text_number(f->max, max);
	text_number(v, got);
	const char *label = reading_label(r, at);
	if (f->max < f->min)
		return reading_error(r, at, n, n->mark, NULL, "`%s` must be at least %s, not %s",
			label, min, got);
	return reading_error(r, at, n, n->mark, NULL, "`%s` must be between %s and %s, not %s",
		label, min, max, got);
}

/* "remove the quotes" where a string in YAML would be a number without them. */
static const char *unquote_hint(struct reading *r, const struct node *n, bool whole)
{
	int64_t i;
	double d;
	if (reading_api(r) || n->kind != NODE_STR)
		return NULL;
	return text_i64(n->text, &i) || (!whole && text_double(n->text, &d)) ? "remove the quotes"
									     : NULL;
}

static bool read_i64(struct reading *r, const struct place *at, const struct field *f,
	const struct node *n, void *member)
{
	const double limit = 9007199254740992.0; /* beyond, a double has no ones */
	int64_t v = 0;
	if (n->kind == NODE_INT)
		v = n->u.i;
	else if (reading_api(r) && n->kind == NODE_FLOAT && n->u.d == trunc(n->u.d) &&
		fabs(n->u.d) <= limit)
		v = (int64_t)n->u.d;
	else
		return reading_mismatch(r, at, n, "an integer", unquote_hint(r, n, true));
	if (!check_range(r, at, f, n, (double)v))
		return false;
	*(struct opt_i64 *)member = (struct opt_i64){true, v};
	return true;
}

static bool read_num(struct reading *r, const struct place *at, const struct field *f,
	const struct node *n, void *member)
{
	double v;
	if (n->kind == NODE_INT)
		v = (double)n->u.i;
	else if (n->kind == NODE_FLOAT && isfinite(n->u.d))
		v = n->u.d;
	else
		return reading_mismatch(r, at, n, "a number", unquote_hint(r, n, false));
	if (!check_range(r, at, f, n, v))
		return false;
	*(struct opt_num *)member = (struct opt_num){true, v};
	return true;
}

/* YAML 1.1's other spellings of a boolean are strings in 1.2. */
static const char *bool_hint(struct reading *r, const struct node *n)
{
	static const char *const yes[] = {"yes", "on", "y", "true", NULL};
	static const char *const no[] = {"no", "off", "n", "false", NULL};
	if (reading_api(r) || n->kind != NODE_STR)
		return NULL;
	for (size_t i = 0; yes[i]; i++)
		if (!strcasecmp(n->text, yes[i]))
			return "write `true`";
	for (size_t i = 0; no[i]; i++)
		if (!strcasecmp(n->text, no[i]))
			return "write `false`";
	return NULL;
}

static bool read_bool(struct reading *r, const struct place *at, const struct field *f,
	const struct node *n, void *member)
{
	(void)f;
	if (n->kind != NODE_BOOL)
		return reading_mismatch(r, at, n, "true or false", bool_hint(r, n));
	*(struct opt_bool *)member = (struct opt_bool){true, n->u.b};
	return true;
}

static bool read_obj(struct reading *r, const struct place *at, const struct field *f,
	const struct node *n, void *member)
{
	void *made = arena_alloc(r->a, f->of->size);
	bool partial = r->partial;
	r->partial = partial || f->flags & FIELD_PARTIAL;
	bool ok = reading_record(r, at, f->of, n, made);
	r->partial = partial;
	memcpy(member, &made, sizeof made);
	return ok;
}

static bool read_any(struct reading *r, const struct place *at, const struct field *f,
	const struct node *n, void *member)
{
	(void)r, (void)at, (void)f;
	*(const struct node **)member = n;
	return true;
}

static reading_fn *const readers[] = {
	[FIELD_STR] = read_str,
	[FIELD_ENUM] = read_enum,
	[FIELD_I64] = read_i64,
	[FIELD_NUM] = read_num,
	[FIELD_BOOL] = read_bool,
	[FIELD_OBJ] = read_obj,
	[FIELD_STRS] = reading_strs,
	[FIELD_PAIRS] = reading_pairs,
	[FIELD_PARAMS] = reading_params,
	[FIELD_TAGS] = reading_tags,
	[FIELD_KEYED] = reading_keyed,
	[FIELD_ANY] = read_any,
};

bool reading_field(struct reading *r, const struct place *at, const struct field *f,
	const struct node *n, void *member)
{
	return readers[f->kind](r, at, f, n, member);
}
