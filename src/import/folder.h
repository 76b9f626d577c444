/*
 * A new folder that is there whole or not at all: it is filled aside, and put in place at the end. Never over anything: a
 * folder that is there must be empty.
 *
 *	struct folder f;
 *	if (!folder_begin(&f, "flights", a, err))
 *		return false;
 *	bool ok = fill(f.aside) && folder_keep(&f, err);
 *	if (!ok)
 *		folder_drop(&f);
 */
#ifndef IMPORT_FOLDER_H
#define IMPORT_FOLDER_H

#include "base/arena.h"
#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>

struct folder {
	struct arena *arena;
	const char *path;  /* as it was named */
	const char *aside; /* where it is filled; NULL: kept or dropped */
	bool there;        /* it was there, and empty */
};
/* Without slashes at the end. */
size_t folder_length(const char *path);
/* ERR_USAGE where something is there. */
bool folder_check(const char *path, struct arena *a, struct err *err);
/* For what goes beside other files: of `names`, which end by NULL, none may be there. ERR_USAGE where one is, ERR_IO where
   nothing can be. */
bool folder_begin_beside(struct folder *ret, const char *path, const char *const *names,
	struct arena *a, struct err *err);
/* As folder_check, and ERR_IO where nothing can be. */
bool folder_begin(struct folder *ret, const char *path, struct arena *a, struct err *err);
/* A copy of a local file, by its name in the folder. */
bool folder_copy(const struct folder *f, const char *from, const char *name, struct err *err);
bool folder_keep(struct folder *f, struct err *err);
void folder_drop(struct folder *f);

#endif
