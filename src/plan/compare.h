/*
 * What differs between one live resource and the one that is wanted, as field changes. Applications and buckets
 * by their field tables; objects by size and content hash, never by time or name of the local file.
 */
#ifndef PLAN_COMPARE_H
#define PLAN_COMPARE_H

#include "model/resource.h"

/* live NULL: all that is set, as added. */
void compare_resource(const struct resource *live, const struct resource *want, struct arena *a,
	struct field_changes *ret);

#endif
