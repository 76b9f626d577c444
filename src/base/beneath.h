/*
 * Files below a folder that a service names: whatever the name, nothing outside of the folder is read or written. A name
 * becomes a path by beneath_path(); the path is walked folder by folder from a descriptor, following no link.
 */
#ifndef BASE_BENEATH_H
#define BASE_BENEATH_H

#include "base/arena.h"
#include "base/err.h"

#include <stdbool.h>

/* The relative path of a name whose folders "/" parts: two names never have one path. A part that is empty or made of
   dots, control characters, a backslash and what is no UTF-8 are percent-encoded, and "%" where it stands before two
   hexadecimal digits; a part too long for a file's name ends in "~" and its digest. */
char *beneath_path(struct arena *a, const char *name);

/* The folder in which a path lies, as a descriptor to be closed, and its file's name (the end of path). make: folders that
   are not there are made. -1: with err, whose kind is ERR_NOT_FOUND when a folder is not there and was not to be made. A
   link, or what is no folder, in the way is ERR_IO. */
int beneath_open(int dir, const char *path, bool make, const char **ret_file, struct err *err);

#endif
