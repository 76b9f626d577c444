/*
 * The one value that data has on its way through weir: what YAML, JSON and the field engine exchange. A
 * scalar keeps the text it was written as ("3.10" stays "3.10") beside its type; every node knows its place
 * in a file. Nodes live in an arena and are not changed once built, but by those who build them.
 */
#ifndef FIELD_NODE_H
#define FIELD_NODE_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/diag.h"
#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum node_kind { NODE_NULL, NODE_BOOL, NODE_INT, NODE_FLOAT, NODE_STR, NODE_SEQ, NODE_MAP };

struct node;
struct node_pair {
	const char *key;
	struct mark key_mark;
	struct node *value;
};
struct node {
	enum node_kind kind;
	struct mark mark;
	const char *text; /* scalars: as written, NUL-terminated; "" for null */
	size_t len;       /* of text; a JSON string may hold NUL only as \u0000, which is refused */
	union {
		bool b;
		int64_t i;
		double d;
		struct {
			struct node **v;
			size_t n, cap;
		} seq;
		struct {
			struct node_pair *v; /* keys unique, in order */
			size_t n, cap;
		} map;
	} u;
};

struct node *node_null(struct arena *a);
struct node *node_bool(struct arena *a, bool b);
struct node *node_int(struct arena *a, int64_t i);
struct node *node_float(struct arena *a, double d);
struct node *node_str(struct arena *a, const char *s); /* copies; NULL gives a null node */
struct node *node_seq(struct arena *a);
struct node *node_map(struct arena *a);
void node_append(struct arena *a, struct node *seq, struct node *item);
/* Replaces the value where the key is there. */
void node_put(struct arena *a, struct node *map, const char *key, struct node *value);
/* As node_put, without the search: for builders that know the key is new. */
void node_add(struct arena *a, struct node *map, const char *key, struct node *value);
/* Deep; NULL for NULL. Marks are kept. */
struct node *node_copy(struct arena *a, const struct node *n);

struct node *node_get(const struct node *map, const char *key);    /* NULL if absent or no map */
const char *node_get_str(const struct node *map, const char *key); /* NULL unless a string */
bool node_is_empty(const struct node *n);                          /* NULL, null, "", [] or {} */
/* Deep equality; 1 equals 1.0; maps without regard to order. NULL equals only NULL. */
bool node_equal(const struct node *a, const struct node *b);
const char *node_kind_name(enum node_kind kind); /* "a string", "a list", ... for messages */

/* JSON; any value, not only a list or map. Depth is limited to 100, values to 200,000; duplicate keys, \u0000 and
   integers beyond 64 bits are refused. ERR_PROTOCOL on bad JSON. A number without value (.inf, .nan) is
   written as null. */
struct node *node_from_json(struct arena *a, const char *text, size_t len, struct err *err);
enum node_json { NODE_JSON_COMPACT, NODE_JSON_INDENT };
void node_to_json(const struct node *n, enum node_json form, struct buf *out);

#endif
