/*
 * The second freeform tag of an application, `weir-set`: what weir set last (field/memory.h), written with each create
 * and update. It is neither the user's tag nor a difference of its own: an application that lacks it, or has an old
 * one, is brought up to date with its next update. It is bound to the identity in the tag `weir`, so that it tells
 * nothing about an application that it was copied to.
 */
#ifndef MODEL_REMEMBER_H
#define MODEL_REMEMBER_H

#include "field/memory.h"
#include "model/application.h"

#define MEMORY_TAG "weir-set"

/* A copy of want with the tag; all else is borrowed. ret_left_out (may be NULL): how many of its tags weir would not
   know for its own later, since there is no room. */
struct application *remember_on(
	const struct application *want, struct arena *a, size_t *ret_left_out);
/* What a live application's tag tells; it points into the tag. */
void remember_read(const struct application *live, struct memory *ret);
/* Whether prevent_delete was set last: then *ret is what to; else absent. */
void remember_prevents(const struct memory *set, struct opt_bool *ret);
/* Tags that are weir's own, and so not the user's: `weir` and `weir-set`. */
bool remember_is_ours(const char *tag);

#endif
