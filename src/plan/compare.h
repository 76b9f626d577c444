/*
 * What differs between one live resource and the one that is wanted, as field changes. Applications and buckets
 * by their field tables; objects by size and content hash, never by time or name of the local file.
 *
 * Of an application three are compared: the file, the live one, and what weir set last (model/remember.h). So each
 * change has a reason, and what weir set and the file no longer has is cleared.
 */
#ifndef PLAN_COMPARE_H
#define PLAN_COMPARE_H

#include "field/memory.h"
#include "model/resource.h"

struct comparison {
	struct field_changes changes;
	struct field_changes
		stays; /* weir set it, the file no longer has it, the service can't clear it */
	enum memory_state memory; /* of a live application; else MEMORY_NONE */
};
/* live NULL: all that is set, as added. */
void compare_resource(const struct resource *live, const struct resource *want, struct arena *a,
	struct comparison *ret);

/* The body of the update of an application: the changes, and weir-set brought up to date; {} where all that changes is
   its compartment. Where ten tags are there without weir-set, it goes without. */
struct node *compare_update_body(const struct resource *live, const struct resource *want,
	const struct field_changes *changes, struct arena *a);
/* How many freeform tags an update leaves, without weir-set. */
size_t compare_tags_after(const struct resource *live, const struct resource *want,
	const struct field_changes *changes);

#endif
