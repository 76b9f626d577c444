/*
 * What is kept between two calls of weir to save work, and can be lost at any time: files in a folder of the user's
 * own, $XDG_CACHE_HOME/weir or ~/.cache/weir. They are 0600, the folder is made 0700; a file that others may read, a
 * folder that others may write, and another's are not used. A file is replaced whole. It begins with a digest of what follows: one that is torn,
 * damaged, of another kind or of another version of weir reads as none. So nothing here is ever an error: at worst,
 * work is done again.
 *
 *	struct buf bytes = {0};
 *	const char *folder = keep_folder(&arena);
 *	const char *bytes = keep_read(&arena, folder, "content", "local files 1", &n);
 *	keep_write(folder, "content", "local files 1", &bytes);
 */
#ifndef BASE_KEEP_H
#define BASE_KEEP_H

#include "base/arena.h"
#include "base/buf.h"

#include <stdbool.h>

/* Made where it is not there; NULL where it cannot be had. */
const char *keep_folder(struct arena *a);
/* What was kept, *ret bytes in the arena, with a NUL behind them. form: the kind of the content and the version of its
   layout. NULL: there is none. folder may be NULL. */
const char *keep_read(
	struct arena *a, const char *folder, const char *name, const char *form, size_t *ret);
/* Whether it is kept. */
bool keep_write(const char *folder, const char *name, const char *form, const struct buf *bytes);

#endif
