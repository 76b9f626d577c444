/*
 * Digests of local files as they were hashed before, so that a plan does not read again what has not changed: a file
 * is the one that was hashed when size, inode, device, mtime and ctime are the same, to the nanosecond. Two changes may
 * have one time: what was changed less than HASHED_SETTLED_MS before it was hashed is not kept. A file for each folder
 * of a pipeline (base/keep.h), with what the last plan hashed or found.
 */
#ifndef ARCHIVE_HASHED_H
#define ARCHIVE_HASHED_H

#include "base/arena.h"
#include "base/digest.h"

#include <stdint.h>

enum { HASHED_SETTLED_MS = 2000 };

struct hashed;
/* folder: of keep_folder(), or NULL: everything is read. dir: the pipeline's. In the arena; never fails. */
struct hashed *hashed_open(struct arena *a, const char *folder, const char *dir);
/* The digest of the file at path, by which it is opened; name: by which it is known in this folder. MD5 in base64,
   SHA-256 in hex. NULL with ERR_IO that names the path. */
const char *hashed_file(struct hashed *h, enum digest_kind kind, const char *name, const char *path,
	struct err *err);
void hashed_save(struct hashed *h);

#endif
