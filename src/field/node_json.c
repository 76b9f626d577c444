/* Nodes from JSON, by jansson, and to JSON. */
#include "field/node.h"

#include "base/text.h"

#include <inttypes.h>
#include <jansson.h>
#include <math.h>
#include <string.h>

enum { DEPTH_MAX = 100 };

static struct node *from_jansson(struct arena *a, json_t *j, int depth, struct err *err);

static struct node *list_from(struct arena *a, json_t *j, int depth, struct err *err)
{
	struct node *n = node_seq(a);
	size_t i;
	json_t *item;
	json_array_foreach (j, i, item) {
		struct node *made = from_jansson(a, item, depth + 1, err);
		if (!made)
			return NULL;
		node_append(a, n, made);
	}
	return n;
}

static struct node *map_from(struct arena *a, json_t *j, int depth, struct err *err)
{
	struct node *n = node_map(a);
	const char *key;
	json_t *value;
	json_object_foreach (j, key, value) {
		struct node *made = from_jansson(a, value, depth + 1, err);
		if (!made)
			return NULL;
		node_add(a, n, key, made); /* jansson has refused duplicates */
	}
	return n;
}

static struct node *from_jansson(struct arena *a, json_t *j, int depth, struct err *err)
{
	if (depth > DEPTH_MAX) {
		err_set(err, ERR_PROTOCOL, "JSON is nested more than %d deep", DEPTH_MAX);
		return NULL;
	}
	switch (json_typeof(j)) {
	case JSON_OBJECT:
		return map_from(a, j, depth, err);
	case JSON_ARRAY:
		return list_from(a, j, depth, err);
	case JSON_STRING:
		return node_str(a, json_string_value(j));
	case JSON_INTEGER:
		return node_int(a, json_integer_value(j));
	case JSON_REAL:
		return node_float(a, json_real_value(j));
	case JSON_TRUE:
	case JSON_FALSE:
		return node_bool(a, json_is_true(j));
	case JSON_NULL:
		break;
	}
	return node_null(a);
}

struct node *node_from_json(struct arena *a, const char *text, size_t len, struct err *err)
{
	json_error_t e;
	json_auto_t *j = json_loadb(text, len, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &e);
	if (!j) {
		err_set(err, ERR_PROTOCOL, "bad JSON at line %d, column %d: %s", e.line, e.column,
			e.text);
		return NULL;
	}
	return from_jansson(a, j, 1, err);
}

static void new_line(enum node_json form, int depth, struct buf *out)
{
	if (form == NODE_JSON_INDENT)
		buf_printf(out, "\n%*s", depth * 2, "");
}

static void put_node(const struct node *n, enum node_json form, int depth, struct buf *out);

static void write_list(const struct node *n, enum node_json form, int depth, struct buf *out)
{
	buf_addc(out, '[');
	for (size_t i = 0; i < n->u.seq.n; i++) {
		if (i)
			buf_addc(out, ',');
		new_line(form, depth + 1, out);
		put_node(n->u.seq.v[i], form, depth + 1, out);
	}
	if (n->u.seq.n)
		new_line(form, depth, out);
	buf_addc(out, ']');
}

static void write_map(const struct node *n, enum node_json form, int depth, struct buf *out)
{
	buf_addc(out, '{');
	for (size_t i = 0; i < n->u.map.n; i++) {
		const struct node_pair *p = &n->u.map.v[i];
		if (i)
			buf_addc(out, ',');
		new_line(form, depth + 1, out);
		text_json(out, p->key, strlen(p->key));
		buf_adds(out, form == NODE_JSON_INDENT ? ": " : ":");
		put_node(p->value, form, depth + 1, out);
	}
	if (n->u.map.n)
		new_line(form, depth, out);
	buf_addc(out, '}');
}

/* Numbers go by value, not by text: YAML's 0x1F, +5 and .5 are no JSON. */
static void write_float(double d, struct buf *out)
{
	char text[32];
	if (!isfinite(d)) {
		buf_adds(out, "null");
		return;
	}
	text_number(d, text);
	buf_adds(out, text);
	if (!text[strcspn(text, ".e")])
		buf_adds(out, ".0");
}

static void put_node(const struct node *n, enum node_json form, int depth, struct buf *out)
{
	switch (n->kind) {
	case NODE_NULL:
		buf_adds(out, "null");
		break;
	case NODE_BOOL:
		buf_adds(out, n->u.b ? "true" : "false");
		break;
	case NODE_INT:
		buf_printf(out, "%" PRId64, n->u.i);
		break;
	case NODE_FLOAT:
		write_float(n->u.d, out);
		break;
	case NODE_STR:
		text_json(out, n->text, n->len);
		break;
	case NODE_SEQ:
		write_list(n, form, depth, out);
		break;
	case NODE_MAP:
		write_map(n, form, depth, out);
		break;
	}
}

void node_to_json(const struct node *n, enum node_json form, struct buf *out)
{
	put_node(n, form, 0, out);
}
