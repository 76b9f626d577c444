#include "field/node.h"

#include "base/text.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

static struct node *scalar(struct arena *a, enum node_kind kind, const char *text)
{
	struct node *n = arena_new(a, struct node);
	n->kind = kind;
	n->text = text;
	n->len = strlen(text);
	return n;
}

struct node *node_null(struct arena *a)
{
	return scalar(a, NODE_NULL, "");
}

struct node *node_bool(struct arena *a, bool b)
{
	struct node *n = scalar(a, NODE_BOOL, b ? "true" : "false");
	n->u.b = b;
	return n;
}

struct node *node_int(struct arena *a, int64_t i)
{
	char text[24], *p = text + sizeof text - 1;
	uint64_t left = i < 0 ? -(uint64_t)i : (uint64_t)i;
	*p = '\0';
	do
		*--p = (char)('0' + left % 10);
	while (left /= 10);
	if (i < 0)
		*--p = '-';
	struct node *n = scalar(a, NODE_INT, arena_strdup(a, p));
	n->u.i = i;
	return n;
}

struct node *node_float(struct arena *a, double d)
{
	char text[32];
	text_number(d, text);
	/* So that it is read back as the same kind. */
	bool whole = isfinite(d) && !text[strcspn(text, ".e")];
	struct node *n = scalar(a, NODE_FLOAT, arena_printf(a, "%s%s", text, whole ? ".0" : ""));
	n->u.d = d;
	return n;
}

struct node *node_str(struct arena *a, const char *s)
{
	return s ? scalar(a, NODE_STR, arena_strdup(a, s)) : node_null(a);
}

struct node *node_seq(struct arena *a)
{
	return scalar(a, NODE_SEQ, "");
}

struct node *node_map(struct arena *a)
{
	return scalar(a, NODE_MAP, "");
}

void node_append(struct arena *a, struct node *seq, struct node *item)
{
	/* A builder may have set v and n alone. */
	if (seq->u.seq.cap < seq->u.seq.n)
		seq->u.seq.cap = seq->u.seq.n;
	seq->u.seq.v =
		arena_grow(a, seq->u.seq.v, seq->u.seq.n, &seq->u.seq.cap, sizeof *seq->u.seq.v);
	seq->u.seq.v[seq->u.seq.n++] = item;
}

void node_add(struct arena *a, struct node *map, const char *key, struct node *value)
{
	if (map->u.map.cap < map->u.map.n)
		map->u.map.cap = map->u.map.n;
	map->u.map.v =
		arena_grow(a, map->u.map.v, map->u.map.n, &map->u.map.cap, sizeof *map->u.map.v);
	map->u.map.v[map->u.map.n++] =
		(struct node_pair){.key = arena_strdup(a, key), .value = value};
}

static struct node_pair *find(const struct node *map, const char *key)
{
	if (!map || map->kind != NODE_MAP)
		return NULL;
	for (size_t i = 0; i < map->u.map.n; i++)
		if (text_same(map->u.map.v[i].key, key))
			return &map->u.map.v[i];
	return NULL;
}

void node_put(struct arena *a, struct node *map, const char *key, struct node *value)
{
	struct node_pair *there = find(map, key);
	if (there)
		there->value = value;
	else
		node_add(a, map, key, value);
}

struct node *node_get(const struct node *map, const char *key)
{
	const struct node_pair *there = find(map, key);
	return there ? there->value : NULL;
}

const char *node_get_str(const struct node *map, const char *key)
{
	const struct node *n = node_get(map, key);
	return n && n->kind == NODE_STR ? n->text : NULL;
}

bool node_is_empty(const struct node *n)
{
	if (!n || n->kind == NODE_NULL)
		return true;
	if (n->kind == NODE_STR)
		return !n->len;
	if (n->kind == NODE_SEQ)
		return !n->u.seq.n;
	return n->kind == NODE_MAP && !n->u.map.n;
}

static double number(const struct node *n)
{
	return n->kind == NODE_INT ? (double)n->u.i : n->u.d;
}

static bool is_number(const struct node *n)
{
	return n->kind == NODE_INT || n->kind == NODE_FLOAT;
}

static bool scalars_equal(const struct node *a, const struct node *b)
{
	switch (a->kind) {
	case NODE_BOOL:
		return a->u.b == b->u.b;
	case NODE_INT:
		return a->u.i == b->u.i;
	case NODE_STR:
		return a->len == b->len && !memcmp(a->text, b->text, a->len);
	default:
		return true;
	}
}

static bool maps_equal(const struct node *a, const struct node *b)
{
	if (a->u.map.n != b->u.map.n)
		return false;
	for (size_t i = 0; i < a->u.map.n; i++) {
		const struct node_pair *p = &a->u.map.v[i], *q = &b->u.map.v[i];
		/* Mostly in the same order, which spares the search. */
		const struct node *other = strcmp(p->key, q->key) ? node_get(b, p->key) : q->value;
		if (!other || !node_equal(p->value, other))
			return false;
	}
	return true;
}

bool node_equal(const struct node *a, const struct node *b)
{
	if (!a || !b)
		return a == b;
	if (is_number(a) && is_number(b) && a->kind != b->kind)
		return number(a) == number(b);
	if (a->kind != b->kind)
		return false;
	if (a->kind == NODE_MAP)
		return maps_equal(a, b);
	if (a->kind == NODE_FLOAT)
		return a->u.d == b->u.d;
	if (a->kind != NODE_SEQ)
		return scalars_equal(a, b);
	if (a->u.seq.n != b->u.seq.n)
		return false;
	for (size_t i = 0; i < a->u.seq.n; i++)
		if (!node_equal(a->u.seq.v[i], b->u.seq.v[i]))
			return false;
	return true;
}

struct node *node_copy(struct arena *a, const struct node *n)
{
	if (!n)
		return NULL;
	struct node *made = arena_new(a, struct node);
	*made = *n;
	made->text = arena_strndup(a, n->text, n->len);
	if (n->kind == NODE_SEQ) {
		made->u.seq.cap = n->u.seq.n;
		made->u.seq.v = arena_array(a, n->u.seq.n, sizeof *made->u.seq.v);
		for (size_t i = 0; i < n->u.seq.n; i++)
			made->u.seq.v[i] = node_copy(a, n->u.seq.v[i]);
	}
	if (n->kind == NODE_MAP) {
		made->u.map.cap = n->u.map.n;
		made->u.map.v = arena_array(a, n->u.map.n, sizeof *made->u.map.v);
		for (size_t i = 0; i < n->u.map.n; i++) {
			made->u.map.v[i] = n->u.map.v[i];
			made->u.map.v[i].key = arena_strdup(a, n->u.map.v[i].key);
			made->u.map.v[i].value = node_copy(a, n->u.map.v[i].value);
		}
	}
	return made;
}

const char *node_kind_name(enum node_kind kind)
{
	static const char *const names[] = {[NODE_NULL] = "null",
		[NODE_BOOL] = "a boolean",
		[NODE_INT] = "an integer",
		[NODE_FLOAT] = "a number",
		[NODE_STR] = "a string",
		[NODE_SEQ] = "a list",
		[NODE_MAP] = "a map"};
	return names[kind];
}
