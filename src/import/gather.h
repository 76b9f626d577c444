/*
 * Reads the applications that are to be imported, whole: those named by OCID, and those of compartments. All at once.
 */
#ifndef IMPORT_GATHER_H
#define IMPORT_GATHER_H

#include "base/map.h"
#include "model/application.h"
#include "oci/oci.h"

/* What was asked for by one OCID, and what became of it. */
struct gather_item {
	const char *id;
	const struct application *app; /* NULL: err says why */
	struct err err;
};
struct gathered {
	struct gather_item *v;
	size_t n, cap;
};
/* Adds those OCIDs; what is deleted is ERR_NOT_FOUND. False only where nothing can be said of any of them. */
bool gather_ids(struct oci *oci, const struct strs *ids, struct gathered *ret, struct err *err);
/* Adds the live applications of a compartment, in the order of its list; with a tag (identity_tag's beginning) those
   that bear it. One that is deleted meanwhile is left out. */
bool gather_compartment(struct oci *oci, const char *compartment_id, const char *tag,
	struct gathered *ret, struct err *err);

/* Adds the "<pipeline>/<target>/<app>" of each application of weir's there. */
bool gather_tags(struct oci *oci, const char *compartment_id, struct map *ret, struct err *err);

#endif
