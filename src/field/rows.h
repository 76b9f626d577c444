/*
 * For the files of the engine alone: the walk over the rows of a record, those of its base first.
 *
 *	const struct field *f;
 *	for (struct rows i = rows_of(record); (f = rows_next(&i));)
 *		use(f);
 */
#ifndef FIELD_ROWS_H
#define FIELD_ROWS_H

#include "base/map.h"
#include "field/field.h"

struct rows {
	const struct record *top, *at;
	const struct field *next;
};

struct rows rows_of(const struct record *r);
const struct field *rows_next(struct rows *i);

/* The member that a row describes. */
static inline void *rows_member(const struct field *f, void *record)
{
	return (char *)record + f->at;
}
static inline const void *rows_const_member(const struct field *f, const void *record)
{
	return (const char *)record + f->at;
}

/* The i-th record of a KEYED member, and its head. */
static inline void *rows_keyed(const struct field *f, const struct keyed *k, size_t i)
{
	return (char *)k->v + i * f->of->size;
}
static inline struct keyed_head *rows_head(const struct field *f, void *record)
{
	return (struct keyed_head *)(void *)((char *)record + f->head_at);
}

/* Rows that a difference can be in: the API's, and weir's own that are remembered. */
static inline bool rows_compared(const struct field *f)
{
	return (f->api || f->letter) && !(f->flags & (FIELD_COMPUTED | FIELD_READ_ONLY_DIFF));
}
/* Only the keys that want has count, and an update keeps the others. */
static inline bool rows_merged(const struct field *f)
{
	return f->kind == FIELD_TAGS || f->flags & FIELD_MERGED;
}
/* The record that an OBJ member points to; an empty one where there is none. */
const void *rows_inner(struct arena *a, const struct field *f, const void *record);
/* Names of pairs to their struct pair. */
struct map rows_index(struct arena *a, const struct pairs *p);

/* The node of `dflt` in the kind of the row (scalars only); NULL if there is none. */
struct node *rows_default(const struct field *f, struct arena *a);
/* A field of a record as a node; NULL if it is absent. redact: what is sensitive becomes "(sensitive)". */
struct node *rows_encode(const struct field *f, const void *record, enum field_form form,
	bool redact, struct arena *a);

#endif
