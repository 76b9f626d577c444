/*
 * Random records of any table, for properties: a seeded source, a generator that goes by the rows (kinds, choices,
 * checks, ranges), and what a shrinker needs to make a counter-example small. Values come from small pools, so that two
 * records often agree.
 *
 *	rnd_seed(records_seed(7));
 *	struct application *app = records_random(&application_record, RECORDS_COMMON, &arena);
 *
 * RECORDS_SEED in the environment gives another seed, RECORDS_TRIES another number of records; a failure prints the one it had.
 */
#ifndef TESTS_UNIT_RECORDS_H
#define TESTS_UNIT_RECORDS_H

#include "base/text.h"
#include "field/field.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint64_t records_state = 1;

static inline uint64_t records_seed(uint64_t otherwise)
{
	const char *given = getenv("RECORDS_SEED");
	return given ? strtoull(given, NULL, 10) : otherwise;
}

static inline int records_tries(int otherwise)
{
	const char *given = getenv("RECORDS_TRIES");
	return given ? atoi(given) : otherwise;
}

static inline void records_start(uint64_t seed)
{
	records_state = seed * 0x9e3779b97f4a7c15u + 1;
}

/* xorshift64* */
static inline uint32_t records_below(uint32_t n)
{
	records_state ^= records_state >> 12;
	records_state ^= records_state << 25;
	records_state ^= records_state >> 27;
	return (uint32_t)((records_state * 0x2545f4914f6cdd1du) >> 33) % n;
}

enum { RECORDS_TEXTS = 14 };
static const char *const records_texts[RECORDS_TEXTS] = {"", "x", "3.10", "true", "a b",
	"\xc3\xa4\n\"\\", "~", "oci://b@n/a.py", "oci://b@n/a.zip", "oci://b@n", "oci://b@n/",
	"oci://c@n/", "VM.Standard.E4.Flex", "${day}"};
/* Keys of every kind of map; rows take those that they accept. */
enum { RECORDS_KEYS = 5 };
static const char *const records_keys[RECORDS_KEYS] = {"a", "day", "spark.x", "b.c d", "team"};
static const char *const records_tags[RECORDS_KEYS] = {
	"n.a", "n.b", "m.a", "Oracle.By.Whom", "m.b"};

static inline const char *records_text(const struct field *f)
{
	for (;;) {
		const char *s = records_texts[records_below(RECORDS_TEXTS)];
		if (!*s && !(f->flags & FIELD_REQUIRED))
			return s;
		if (*s && (!f->ok || f->ok(s)) && (!f->max_len || strlen(s) <= f->max_len))
			return s;
	}
}

static inline double records_number(const struct field *f, bool whole)
{
	double low = f->min != 0 ? f->min : 1, d = low + records_below(3);
	if (!whole && !records_below(3))
		d += 0.5;
	return f->max > f->min && d > f->max ? f->max : d;
}

static inline size_t records_count(const struct field *f, size_t most)
{
	size_t low = f->min > 0 ? (size_t)f->min : 0;
	if (f->max > f->min && (double)most > f->max)
		most = (size_t)f->max;
	return low + (most > low ? records_below((uint32_t)(most - low + 1)) : 0);
}

static inline struct strs records_strs(const struct field *f, struct arena *a)
{
	struct strs s = {arena_array(a, 3, sizeof *s.v), records_count(f, 3)};
	for (size_t i = 0; i < s.n; i++)
		s.v[i] = records_texts[records_below(RECORDS_TEXTS)];
	return s;
}

/* The keys in any order. */
static inline struct pairs records_pairs(const struct field *f, struct arena *a)
{
	const char *const *keys = f->kind == FIELD_TAGS ? records_tags : records_keys;
	struct pairs p = {arena_array(a, RECORDS_KEYS, sizeof *p.v), 0};
	size_t first = records_below(RECORDS_KEYS);
	for (size_t i = 0; i < RECORDS_KEYS; i++) {
		const char *key = keys[(first + i) % RECORDS_KEYS];
		if (records_below(2) && (!f->key_ok || f->key_ok(key)))
			p.v[p.n++] = (struct pair){key, records_texts[records_below(6)]};
	}
	return p;
}

static inline void records_fill(
	const struct record *r, uint32_t one_in, bool computed, void *out, struct arena *a);

static inline struct keyed records_keyed(
	const struct field *f, uint32_t one_in, bool computed, struct arena *a)
{
	struct keyed k = {arena_array(a, 3, f->of->size), 0};
	size_t n = records_count(f, 2);
	for (size_t i = 0; i < RECORDS_KEYS && k.n < n; i++) {
		if (f->key_ok && !f->key_ok(records_keys[i]))
			continue;
		char *one = (char *)k.v + k.n++ * f->of->size;
		records_fill(f->of, one_in, computed, one, a);
		((struct keyed_head *)(void *)(one + f->head_at))->key = records_keys[i];
	}
	return k;
}

static inline const struct node *records_any(struct arena *a)
{
	static const char *const texts[] = {
		"1", "1.5", "[1,null,\"x\"]", "{\"a\":[],\"b\":{}}", "false", "\"\"", "[]"};
	const char *text = texts[records_below(7)];
	struct err err;
	return node_from_json(a, text, strlen(text), &err);
}

static inline void records_set(
	const struct field *f, uint32_t one_in, bool computed, void *member, struct arena *a)
{
	size_t choices = 0;
	void *inner;
	switch (f->kind) {
	case FIELD_STR:
		*(const char **)member = records_text(f);
		break;
	case FIELD_ENUM:
		while (f->choices[choices])
			choices++;
		*(const char **)member = f->choices[records_below((uint32_t)choices)];
		break;
	case FIELD_I64:
		*(struct opt_i64 *)member =
			(struct opt_i64){true, (int64_t)records_number(f, true)};
		break;
	case FIELD_NUM:
		*(struct opt_num *)member = (struct opt_num){true, records_number(f, false)};
		break;
	case FIELD_BOOL:
		*(struct opt_bool *)member = (struct opt_bool){true, records_below(2)};
		break;
	case FIELD_OBJ:
		inner = arena_alloc(a, f->of->size);
		records_fill(f->of, 2, computed, inner, a);
		memcpy(member, &inner, sizeof inner);
		break;
	case FIELD_STRS:
		*(struct strs *)member = records_strs(f, a);
		break;
	case FIELD_PAIRS:
	case FIELD_PARAMS:
	case FIELD_TAGS:
		*(struct pairs *)member = records_pairs(f, a);
		break;
	case FIELD_KEYED:
		*(struct keyed *)member = records_keyed(f, one_in, computed, a);
		break;
	case FIELD_ANY:
		*(const struct node **)member = records_any(a);
		break;
	}
}

struct records_filling {
	uint32_t one_in;
	bool computed;
	char *out;
	struct arena *a;
};

static inline bool records_fill_row(void *ctx, const struct field *f)
{
	struct records_filling *x = ctx;
	bool must = f->flags & FIELD_REQUIRED;
	if (f->flags & FIELD_COMPUTED && !x->computed)
		return true;
	if (must || !records_below(x->one_in))
		records_set(f, x->one_in, x->computed, x->out + f->at, x->a);
	return true;
}

static inline void records_fill(
	const struct record *r, uint32_t one_in, bool computed, void *out, struct arena *a)
{
	struct records_filling x = {one_in, computed, out, a};
	record_each(r, records_fill_row, &x);
}

/* Of the fields that may be absent, one in `one_in` is there. computed: what the service sets too. */
static inline void *records_random(
	const struct record *r, uint32_t one_in, bool computed, struct arena *a)
{
	void *out = arena_alloc(a, r->size);
	records_fill(r, one_in, computed, out, a);
	return out;
}

static inline const char *records_json(const struct record *r, const void *in, struct arena *a)
{
	buf_auto b = {0};
	node_to_json(field_encode(r, in, FORM_YAML, a), NODE_JSON_COMPACT, &b);
	return arena_strdup(a, buf_str(&b));
}

/* By way of text, as on the wire. */
static inline const struct node *records_wire(const struct node *n, struct arena *a)
{
	buf_auto b = {0};
	struct err err;
	node_to_json(n, NODE_JSON_COMPACT, &b);
	return node_from_json(a, buf_str(&b), b.len, &err);
}

/* The i-th simplification of a record: a field less, or an element of a list or map less. False: there is none. */
struct records_step {
	const struct record *r;
	char *record;
	size_t left;
	bool done;
};

static inline void records_shorten(const struct field *f, struct records_step *s)
{
	struct pairs *p = (void *)(s->record + f->at);
	bool map = f->kind == FIELD_PAIRS || f->kind == FIELD_PARAMS || f->kind == FIELD_TAGS;
	if (!map && f->kind != FIELD_STRS)
		return;
	struct strs *list = (void *)p;
	size_t n = map ? p->n : list->n;
	if (s->left >= n) {
		s->left -= n;
		return;
	}
	/* v is shared with the record that this is a copy of: the last takes the place of the one that goes. */
	if (map) {
		struct pair *v = malloc(p->n * sizeof *v);
		memcpy(v, p->v, p->n * sizeof *v);
		v[s->left] = v[--p->n];
		memcpy(p->v, v, p->n * sizeof *v);
		free(v);
	} else {
		list->v[s->left] = list->v[--list->n];
	}
	s->done = true;
}

static inline bool records_step_row(void *ctx, const struct field *f)
{
	struct records_step *s = ctx;
	static const char nothing[sizeof(struct pairs)];
	static const size_t sizes[] = {[FIELD_STR] = sizeof(char *),
		[FIELD_ENUM] = sizeof(char *),
		[FIELD_I64] = sizeof(struct opt_i64),
		[FIELD_NUM] = sizeof(struct opt_num),
		[FIELD_BOOL] = sizeof(struct opt_bool),
		[FIELD_OBJ] = sizeof(void *),
		[FIELD_STRS] = sizeof(struct strs),
		[FIELD_PAIRS] = sizeof(struct pairs),
		[FIELD_PARAMS] = sizeof(struct pairs),
		[FIELD_TAGS] = sizeof(struct pairs),
		[FIELD_KEYED] = sizeof(struct keyed),
		[FIELD_ANY] = sizeof(void *)};
	if (!field_is_set(f, s->record))
		return true;
	if (!(f->flags & FIELD_REQUIRED) && s->left-- == 0) {
		memcpy(s->record + f->at, nothing, sizes[f->kind]);
		s->done = true;
		return false;
	}
	records_shorten(f, s);
	return !s->done;
}

/* Makes the i-th smaller version of a record, in place; false when there are fewer than i. */
static inline bool records_smaller(const struct record *r, void *record, size_t i)
{
	struct records_step s = {r, record, i, false};
	record_each(r, records_step_row, &s);
	return s.done;
}

#endif
