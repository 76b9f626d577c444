/*
 * The content of local files, hashed where the live service has something to compare it with. A large object that is
 * not there yet, or has another size, is uploaded whatever its hash, and the upload hashes as it reads. A small one
 * (scripts are) is hashed before it is uploaded, so that what was reviewed in the plan is what is sent.
 */
#ifndef ARCHIVE_DIGESTS_H
#define ARCHIVE_DIGESTS_H

#include "model/resource.h"

enum { DIGESTS_SMALL = 1 << 20 }; /* bytes */

/* Gives each wanted object that comes from a file and has a live one of its size the digest that the live one tells:
   weir's SHA-256, or else the service's MD5; each small one that is to be uploaded its SHA-256. Paths are relative to dir; a file is read once for each kind, and not at all if it is
   as it was the last time (hashed.h; folder as there). The records
   of want that change are replaced by copies in the arena. ERR_IO names a file that cannot be read. */
bool digests_fill(struct resources *want, const struct resources *live, const char *dir,
	const char *folder, struct arena *a, struct err *err);

#endif
