/*
 * defaults < app < the target's override: maps merge deeply, lists and scalars replace, null removes what was
 * inherited. Neither side is changed; what is not merged is shared.
 */
#ifndef SPEC_MERGE_H
#define SPEC_MERGE_H

#include "field/node.h"

/* base NULL: nothing is inherited. */
const struct node *merge(struct arena *a, const struct node *base, const struct node *over);

#endif
