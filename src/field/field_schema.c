/* The JSON Schema and the reference page of a record's YAML form. */
#include "field/field.h"

#include "base/text.h"
#include "field/rows.h"

#include <math.h>
#include <string.h>

static struct node *schema_record(const struct record *r, bool partial, struct arena *a);

static struct node *typed(struct arena *a, const char *type)
{
	struct node *n = node_map(a);
	node_add(a, n, "type", node_str(a, type));
	return n;
}

static struct node *number(struct arena *a, double d)
{
	return d == trunc(d) && fabs(d) < 1e15 ? node_int(a, (int64_t)d) : node_float(a, d);
}

/* The range of a row, as minimum and maximum of a number or of a count. */
static void add_range(
	struct arena *a, const struct field *f, struct node *n, const char *min, const char *max)
{
	if (f->min == 0 && f->max == 0)
		return;
	node_add(a, n, min, number(a, f->min));
	if (f->max >= f->min)
		node_add(a, n, max, number(a, f->max));
}

/* Scalars that a string may be written as. */
static struct node *any_scalar(struct arena *a)
{
	static const char *const types[] = {"string", "number", "boolean", NULL};
	struct node *list = node_seq(a), *n = node_map(a);
	for (size_t i = 0; types[i]; i++)
		node_append(a, list, node_str(a, types[i]));
	node_add(a, n, "type", list);
	return n;
}

static struct node *schema_str(const struct field *f, bool partial, struct arena *a)
{
	(void)f, (void)partial;
	return any_scalar(a);
}

static struct node *schema_enum(const struct field *f, bool partial, struct arena *a)
{
	(void)partial;
	struct node *n = node_map(a), *list = node_seq(a);
	for (const char *const *c = f->choices; *c; c++)
		node_append(a, list, node_str(a, *c));
	node_add(a, n, f->flags & FIELD_OPEN ? "examples" : "enum", list);
	return n;
}

static struct node *schema_i64(const struct field *f, bool partial, struct arena *a)
{
	(void)partial;
	struct node *n = typed(a, "integer");
	add_range(a, f, n, "minimum", "maximum");
	return n;
}

static struct node *schema_num(const struct field *f, bool partial, struct arena *a)
{
	(void)partial;
	struct node *n = typed(a, "number");
	add_range(a, f, n, "minimum", "maximum");
	return n;
}

static struct node *schema_bool(const struct field *f, bool partial, struct arena *a)
{
	(void)f, (void)partial;
	return typed(a, "boolean");
}

static struct node *schema_obj(const struct field *f, bool partial, struct arena *a)
{
	return schema_record(f->of, partial, a);
}

static struct node *schema_strs(const struct field *f, bool partial, struct arena *a)
{
	(void)partial;
	struct node *n = typed(a, "array");
	node_add(a, n, "items", any_scalar(a));
	add_range(a, f, n, "minItems", "maxItems");
	return n;
}

static struct node *any_of(struct arena *a, struct node *first, struct node *second)
{
	struct node *n = node_map(a), *list = node_seq(a);
	node_append(a, list, first);
	node_append(a, list, second);
	node_add(a, n, "anyOf", list);
	return n;
}

static struct node *map_of(const struct field *f, struct node *values, struct arena *a)
{
	struct node *n = typed(a, "object");
	node_add(a, n, "additionalProperties", any_of(a, values, typed(a, "null")));
	add_range(a, f, n, "minProperties", "maxProperties");
	return n;
}

static struct node *schema_pairs(const struct field *f, bool partial, struct arena *a)
{
	(void)partial;
	return map_of(f, any_scalar(a), a);
}

static struct node *schema_tags(const struct field *f, bool partial, struct arena *a)
{
	(void)partial;
	struct node *space = typed(a, "object");
	node_add(a, space, "additionalProperties", any_scalar(a));
	return map_of(f, any_of(a, any_scalar(a), space), a);
}

static struct node *schema_keyed(const struct field *f, bool partial, struct arena *a)
{
	return map_of(f, schema_record(f->of, partial, a), a);
}

static struct node *schema_any(const struct field *f, bool partial, struct arena *a)
{
	(void)f, (void)partial;
	return node_map(a);
}

struct kind_row {
	const char *type; /* for people */
	struct node *(*schema)(const struct field *f, bool partial, struct arena *a);
};
static const struct kind_row kinds[] = {
	[FIELD_STR] = {"string", schema_str},
	[FIELD_ENUM] = {"string", schema_enum},
	[FIELD_I64] = {"integer", schema_i64},
	[FIELD_NUM] = {"number", schema_num},
	[FIELD_BOOL] = {"boolean", schema_bool},
	[FIELD_OBJ] = {"map", schema_obj},
	[FIELD_STRS] = {"list of strings", schema_strs},
	[FIELD_PAIRS] = {"map of strings", schema_pairs},
	[FIELD_PARAMS] = {"map of strings", schema_pairs},
	[FIELD_TAGS] = {"map of tag namespaces", schema_tags},
	[FIELD_KEYED] = {"map", schema_keyed},
	[FIELD_ANY] = {"any", schema_any},
};

/* Beside its own type, a value may be one whole `$<key>`, which has the type that it names; and null, which
   removes what was inherited. */
static struct node *schema_field(const struct field *f, bool partial, struct arena *a)
{
	struct node *own = kinds[f->kind].schema(f, partial || f->flags & FIELD_PARTIAL, a);
	if (f->kind != FIELD_ANY && f->kind != FIELD_STR) {
		struct node *reference = typed(a, "string");
		node_add(a, reference, "pattern", node_str(a, "\\$<"));
		own = any_of(a, own, reference);
	}
	if (f->kind == FIELD_STR && !(f->flags & FIELD_REQUIRED))
		node_append(a, node_get(own, "type"), node_str(a, "null"));
	else if (f->kind != FIELD_ANY && !(f->flags & FIELD_REQUIRED))
		node_append(a, node_get(own, "anyOf"), typed(a, "null"));
	node_add(a, own, "description", node_str(a, f->doc));
	struct node *dflt = rows_default(f, a);
	if (dflt)
		node_add(a, own, "default", dflt);
	return own;
}

static struct node *schema_record(const struct record *r, bool partial, struct arena *a)
{
	struct node *n = typed(a, "object"), *properties = node_map(a), *required = node_seq(a);
	const struct field *f;
	for (struct rows i = rows_of(r); (f = rows_next(&i));) {
		if (f->flags & FIELD_COMPUTED)
			continue;
		node_add(a, properties, f->name, schema_field(f, partial, a));
		if (f->flags & FIELD_REQUIRED && !partial)
			node_append(a, required, node_str(a, f->name));
	}
	node_add(a, n, "title", node_str(a, r->name));
	node_add(a, n, "additionalProperties", node_bool(a, false));
	node_add(a, n, "properties", properties);
	if (required->u.seq.n)
		node_add(a, n, "required", required);
	return n;
}

struct node *field_schema(const struct record *r, struct arena *a)
{
	return schema_record(r, false, a);
}

static void put_cell(struct buf *out, const char *text)
{
	for (; *text; text++)
		buf_adds(out, *text == '|' ? "\\|" : (char[]){*text, 0});
}

static void put_note(struct buf *notes, const char *text)
{
	buf_printf(notes, "%s%s", notes->len ? "; " : "", text);
}

static void put_range(struct buf *notes, const struct field *f)
{
	if (f->min == 0 && f->max == 0)
		return;
	char min[32], max[32];
	bool count = f->kind != FIELD_I64 && f->kind != FIELD_NUM;
	text_number(f->min, min);
	text_number(f->max, max);
	put_note(notes, "");
	if (f->max < f->min)
		buf_printf(notes, "at least %s", min);
	else if (count && f->min <= 0)
		buf_printf(notes, "at most %s", max);
	else
		buf_printf(notes, "from %s to %s", min, max);
	buf_adds(notes, count ? " entries" : "");
}

static void put_notes(struct buf *notes, const struct field *f)
{
	if (f->flags & FIELD_REQUIRED)
		put_note(notes, "required");
	if (f->flags & FIELD_IMMUTABLE && !(f->flags & FIELD_MOVED))
		put_note(notes, "a change replaces");
	if (f->flags & FIELD_SENSITIVE)
		put_note(notes, "sensitive");
	put_range(notes, f);
	if (f->max_len)
		buf_printf(notes, "%sat most %zu bytes", notes->len ? "; " : "", f->max_len);
	if (f->choices) {
		put_note(notes, f->flags & FIELD_OPEN ? "such as" : "one of");
		for (const char *const *c = f->choices; *c; c++)
			buf_printf(notes, "%s `%s`", c == f->choices ? "" : ",", *c);
	}
	if (f->dflt)
		buf_printf(notes, "%sdefault `%s`", notes->len ? "; " : "", f->dflt);
}

static void put_rows(const struct record *r, const char *prefix, struct buf *out)
{
	const struct field *f;
	for (struct rows i = rows_of(r); (f = rows_next(&i));) {
		if (f->flags & FIELD_COMPUTED)
			continue;
		buf_auto notes = {0}, path = {0};
		put_notes(&notes, f);
		buf_printf(&path, "%s%s", prefix, f->name);
		bool named = f->kind == FIELD_KEYED || f->flags & FIELD_PARTIAL;
		buf_printf(out, "| `%s` | %s%s%s | ", buf_str(&path),
			f->kind == FIELD_OBJ && named ? "part" : kinds[f->kind].type,
			named ? " of " : "", named ? f->of->name : "");
		put_cell(out, buf_str(&notes));
		buf_adds(out, notes.len ? " | " : "| ");
		put_cell(out, f->doc);
		buf_adds(out, " |\n");
		if (f->kind == FIELD_OBJ && !named) {
			buf_addc(&path, '.');
			put_rows(f->of, buf_str(&path), out);
		}
	}
}

void field_reference(const struct record *r, struct buf *out)
{
	buf_adds(out, "| key | type | | meaning |\n|---|---|---|---|\n");
	put_rows(r, "", out);
}
