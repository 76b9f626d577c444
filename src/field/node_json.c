/* Nodes to JSON. From JSON: json_read.c. */
#include "field/node.h"

#include "base/text.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

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
