#include "field/pack.h"

#include "base/digest.h"
#include "base/text.h"
#include "field/rows.h"

#include <stdlib.h>
#include <string.h>

static void pack_pairs(struct buf *out, const struct pairs *p)
{
	pack_u32(out, (uint32_t)p->n);
	for (size_t i = 0; i < p->n; i++) {
		pack_str(out, p->v[i].name);
		pack_str(out, p->v[i].value);
	}
}

static void pack_strs(struct buf *out, const struct strs *s)
{
	pack_u32(out, (uint32_t)s->n);
	for (size_t i = 0; i < s->n; i++)
		pack_str(out, s->v[i]);
}

static void pack_member(struct buf *out, const struct field *f, const void *member)
{
	const void *inner;
	switch (f->kind) {
	case FIELD_STR:
	case FIELD_ENUM:
		pack_str(out, *(const char *const *)member);
		break;
	case FIELD_I64:
		pack_i64(out, ((const struct opt_i64 *)member)->v);
		break;
	case FIELD_NUM:
		pack_num(out, ((const struct opt_num *)member)->v);
		break;
	case FIELD_BOOL:
		pack_u32(out, ((const struct opt_bool *)member)->v);
		break;
	case FIELD_OBJ:
		memcpy(&inner, member, sizeof inner);
		pack_record(out, f->of, inner);
		break;
	case FIELD_STRS:
		pack_strs(out, member);
		break;
	case FIELD_PAIRS:
	case FIELD_PARAMS:
	case FIELD_TAGS:
		pack_pairs(out, member);
		break;
	case FIELD_KEYED:
	case FIELD_ANY:
		abort();
	}
}

/* The fields that are set, each behind its number, from 1; then 0. */
void pack_record(struct buf *out, const struct record *r, const void *in)
{
	const struct field *f;
	uint32_t number = 0;
	for (struct rows i = rows_of(r); (f = rows_next(&i));) {
		number++;
		if (!field_is_set(f, in))
			continue;
		pack_u32(out, number);
		pack_member(out, f, rows_const_member(f, in));
	}
	pack_u32(out, 0);
}

static const char *text_of(struct unpack *in)
{
	const char *s = unpack_str(in);
	if (!s) /* in lists, and where a field is set, there is no NULL */
		in->bad = true;
	return s;
}

static void unpack_pairs(struct unpack *in, struct arena *a, struct pairs *p)
{
	p->n = unpack_count(in);
	p->v = arena_array(a, p->n, sizeof *p->v);
	for (size_t i = 0; i < p->n; i++) {
		p->v[i].name = text_of(in);
		p->v[i].value = unpack_str(in);
	}
}

static void unpack_strs(struct unpack *in, struct arena *a, struct strs *s)
{
	s->n = unpack_count(in);
	s->v = arena_array(a, s->n, sizeof *s->v);
	for (size_t i = 0; i < s->n; i++)
		s->v[i] = text_of(in);
}

static void unpack_member(struct unpack *in, const struct field *f, struct arena *a, void *member)
{
	void *inner;
	switch (f->kind) {
	case FIELD_STR:
	case FIELD_ENUM:
		*(const char **)member = text_of(in);
		break;
	case FIELD_I64:
		*(struct opt_i64 *)member = (struct opt_i64){true, unpack_i64(in)};
		break;
	case FIELD_NUM:
		*(struct opt_num *)member = (struct opt_num){true, unpack_num(in)};
		break;
	case FIELD_BOOL:
		*(struct opt_bool *)member = (struct opt_bool){true, unpack_u32(in)};
		break;
	case FIELD_OBJ:
		inner = arena_alloc(a, f->of->size);
		memcpy(member, &inner, sizeof inner);
		unpack_record(in, f->of, a, inner);
		break;
	case FIELD_STRS:
		unpack_strs(in, a, member);
		break;
	case FIELD_PAIRS:
	case FIELD_PARAMS:
	case FIELD_TAGS:
		unpack_pairs(in, a, member);
		break;
	case FIELD_KEYED:
	case FIELD_ANY:
		in->bad = true;
	}
}

bool unpack_record(struct unpack *in, const struct record *r, struct arena *a, void *out)
{
	const struct field *f;
	memset(out, 0, r->size);
	uint32_t number = 0, next = unpack_u32(in);
	for (struct rows i = rows_of(r); next && !in->bad && (f = rows_next(&i));) {
		if (++number != next)
			continue;
		unpack_member(in, f, a, rows_member(f, out));
		next = unpack_u32(in);
	}
	if (next)
		in->bad = true;
	return !in->bad;
}

static void add_layout(struct digest *d, const struct record *r)
{
	const struct field *f;
	for (struct rows i = rows_of(r); (f = rows_next(&i));) {
		unsigned char kind = (unsigned char)f->kind;
		digest_add(d, f->name, strlen(f->name) + 1);
		digest_add(d, &kind, 1);
		if (f->kind == FIELD_OBJ)
			add_layout(d, f->of);
	}
	digest_add(d, "", 1);
}

const char *pack_layout(const struct record *r, struct arena *a)
{
	struct digest d;
	unsigned char hash[DIGEST_MAX];
	digest_init(&d, DIGEST_SHA256);
	add_layout(&d, r);
	digest_final(&d, hash);
	return text_hex(a, hash, 8);
}
