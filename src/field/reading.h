/*
 * For the decoding files of the engine alone: what a reading carries along, where it is, and how it
 * complains. Places are a list on the stack, so that a path has no limit and costs nothing until there is
 * something to complain about.
 */
#ifndef FIELD_READING_H
#define FIELD_READING_H

#include "field/field.h"

struct reading {
	enum field_form form;
	const char *prefix;
	struct arena *a;
	field_complain_fn *complain;
	void *ctx;
	bool partial; /* inside a FIELD_PARTIAL record: nothing is required */
	bool ok;
	size_t mistakes; /* so far */
};

/* A step of the path: a field or key by name, or an element of a list. */
struct place {
	const struct place *up; /* NULL: the record that the prefix names */
	const char *name;       /* NULL: index counts */
	size_t index;
	bool inner; /* a part of the field above: "arguments[2]", "parameters.day" */
};

/* "apps.copy.arguments[2]", and its last part, "arguments[2]", as messages name it. */
const char *reading_path(struct reading *r, const struct place *at);
const char *reading_label(struct reading *r, const struct place *at);

/* What is wrong at a place. hint may be NULL. Always returns false. */
bool reading_error(struct reading *r, const struct place *at, const struct node *n,
	struct mark mark, const char *hint, const char *fmt, ...)
	__attribute__((format(printf, 6, 7)));
void reading_warning(struct reading *r, const struct place *at, const struct node *n,
	const char *hint, const char *fmt, ...) __attribute__((format(printf, 5, 6)));
/* "`label` must be WHAT, not a list". */
bool reading_mismatch(struct reading *r, const struct place *at, const struct node *n,
	const char *what, const char *hint);

/* Reads a map into a record that is zeroed first. */
bool reading_record(struct reading *r, const struct place *at, const struct record *record,
	const struct node *n, void *out);

/* Names and scalars as the API has them, or YAML's, where a scalar is also a string as it was written. */
static inline bool reading_api(const struct reading *r)
{
	return r->form != FORM_YAML;
}
/* Replies are taken as they are; what people and clients send is checked. */
static inline bool reading_checks(const struct reading *r)
{
	return r->form != FORM_REPLY;
}
/* The text of a scalar; NULL and a complaint that it must be `what` if it has none. */
const char *reading_text(
	struct reading *r, const struct place *at, const struct node *n, const char *what);
bool reading_in_range(const struct field *f, double v);

typedef bool reading_fn(struct reading *r, const struct place *at, const struct field *f,
	const struct node *n, void *member);
/* Reads the value of a row, which is not null, into its member: by the function of its kind. */
reading_fn reading_field;
reading_fn reading_strs, reading_pairs, reading_params, reading_tags, reading_keyed;

#endif
