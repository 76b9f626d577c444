/*
 * Records as bytes and back (base/pack.h), by their rows: many times faster than JSON, and no form for others. Which
 * rows there are is told by pack_layout(), which goes into the form of a kept file (base/keep.h): bytes of another
 * table do not fit this one's. Rows of KEYED and ANY are not packed: the records that are kept have none.
 */
#ifndef FIELD_PACK_H
#define FIELD_PACK_H

#include "base/pack.h"
#include "field/field.h"

void pack_record(struct buf *out, const struct record *r, const void *in);
/* *out is zeroed first. Strings point into the bytes; lists are in the arena. False (in->bad) for bytes that are no
   record of these rows. */
bool unpack_record(struct unpack *in, const struct record *r, struct arena *a, void *out);
/* A text that differs where rows differ. */
const char *pack_layout(const struct record *r, struct arena *a);

#endif
