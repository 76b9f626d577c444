/*
 * An archive of its parts, in the layout of Data Flow's dependency packager:
 *
 *	python/lib/python3.11/site-packages/...   what wheels hold
 *	java/NAME.jar
 *	version.txt                               "python 3.11"
 *	NAME                                      other files, as they are called
 *
 * The same parts give the same bytes, on any machine: members are by name, have one time and mode, and what a wheel holds stays
 * compressed as it is there.
 */
#ifndef ARCHIVE_PACK_H
#define ARCHIVE_PACK_H

#include "archive/inputs.h"
#include "archive/lock.h"

/* More than that is refused: every node of every run downloads and unpacks it. */
#define ARCHIVE_MAX_BYTES (2ULL << 30)

/* Writes it to path. Every part has a path. ERR_SPEC where a part is not what it should be, or two are in each other's way;
   ERR_LIMIT; ERR_IO. */
bool archive_pack(const struct archive_inputs *in, const struct archive_lock *lock,
	const char *path, struct arena *a, struct err *err);
/* What may be in an archive that somebody else made: names that stay inside, no links, not too much. Not a zip: true. */
bool archive_zip_ok(const char *path, const char *shown, struct arena *a, struct err *err);

#endif
