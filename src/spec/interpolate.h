/*
 * `$<key>` in values and map keys: once, left to right, never inside a result. A value that is one whole
 * reference becomes what it names, with its type; inside a longer text a scalar stands as it was written, and
 * a list or map is a mistake. Nodes without references are shared, not copied.
 *
 *	struct scope scope = {.s = s};
 *	const struct node *n = interpolate(&scope, raw);
 */
#ifndef SPEC_INTERPOLATE_H
#define SPEC_INTERPOLATE_H

#include "spec/state.h"

struct scope {
	struct spec *s;
	struct params *own; /* a sequence's, before the pipeline's; NULL: none */
	bool may_wait; /* where one of own has no value, the reference stays as it is written */
	bool in_app;   /* what changes by itself, and what is sensitive, gets a warning */
	/* What leads from here to where a secret may be named ("*": any key), ends by NULL: at its end it may be
	   here. NULL: nowhere below. */
	const char *const *to_secrets;
	/* Results, for what is kept: the built-in that makes the value change by itself, and the sensitive
	   parameter that is in it; NULL: none. */
	const char *changes, *secret;
};

/* What stays unresolved is told and marked wrong (state_is_wrong), and stands as it was written. */
const struct node *interpolate(struct scope *scope, const struct node *n);
/* The same, for a text that a scalar must be; NULL if it has no value, or none that is a scalar. */
const char *interpolate_text(struct scope *scope, const struct node *n);
/* The key of a pair; as it is written where that fails. */
const char *interpolate_key(struct scope *scope, const struct node_pair *pair);

/* What a name stands for. */
enum lookup {
	LOOKUP_VALUE,
	LOOKUP_NONE, /* it is known, but has no value: *why and *hint tell, or NULL where that was told before */
	LOOKUP_FAILED, /* told */
	LOOKUP_WAITS,
};
struct found {
	const struct node *value;
	const char *why, *hint;
};
enum lookup lookup_key(struct scope *scope, const char *key, struct mark at, struct found *ret);
/* Of names with dots, and `date`. LOOKUP_FAILED with nothing told and ret->why NULL: there is no such name. */
enum lookup builtin_lookup(
	struct scope *scope, const char *key, struct mark at, struct found *ret, bool *ret_known);
/* Their names, added to a list that ends by NULL; returns how many there are then. */
size_t builtin_names(struct spec *s, const char **names, size_t n);
size_t builtin_names_count(const struct spec *s);

/* Around the resolving of `name`: false, and told, when that is under way already: it refers to itself. */
bool chain_enter(struct spec *s, struct chain *link, const char *name, struct mark at);
void chain_leave(struct spec *s, const struct chain *link);

#endif
