/*
 * What is kept between two calls of weir to save work, and can be lost at any time: files in a folder of the user's
 * own, $XDG_CACHE_HOME/weir or ~/.cache/weir. They are 0600, the folder is made 0700; a file that others may read, a
 * folder that others may write, and another's are not used. A file is replaced whole. It begins with a digest of what follows: one that is torn,
 * damaged, of another kind or of another version of weir reads as none. So nothing here is ever an error: at worst,
 * work is done again.
 *
 *	struct buf bytes = {0};
 *	const char *folder = keep_folder(&arena);
 *	if (keep_read(folder, "content", "local files 1", &bytes)) ...
 *	keep_write(folder, "content", "local files 1", &bytes);
 */
#ifndef BASE_KEEP_H
#define BASE_KEEP_H

#include "base/arena.h"
#include "base/buf.h"

#include <stdbool.h>

/* Made where it is not there; NULL where it cannot be had. */
const char *keep_folder(struct arena *a);
/* Appends what was kept. form: the kind of the content and the version of its layout. False: there is none. folder may
   be NULL. */
bool keep_read(const char *folder, const char *name, const char *form, struct buf *ret);
/* Whether it is kept. */
bool keep_write(const char *folder, const char *name, const char *form, const struct buf *bytes);

#endif
