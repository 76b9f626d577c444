/*
 * Sequences: steps with the sequence's own parameters resolved, their order, and what runs when one is launched.
 */
#ifndef SPEC_SEQUENCES_H
#define SPEC_SEQUENCES_H

#include "spec/interpolate.h"

/* `sequences`, resolved as far as it can be without a launch: a parameter without a value stays `$<key>`. */
const struct node *sequences_resolved(struct spec *s, const struct node *raw);
/* One of them, for a launch: such a parameter is a mistake. */
const struct node *sequence_resolved(
	struct spec *s, const char *key, const struct node *raw, bool launch);

/* Indexes of the steps, each after those it needs, else in the order of the file. Needs that there are not are
   left out. False: there is a cycle, of which *ret_cycle tells: "a -> b -> a". */
bool sequence_order(struct spec *s, const struct sequence_decl *sequence, size_t *ret_order,
	const char **ret_cycle, size_t *ret_at);

#endif
