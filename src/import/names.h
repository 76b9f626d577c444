/*
 * Names that are safe, of names that may be anything: a key of a pipeline file, a file in a folder. Each is given once.
 */
#ifndef IMPORT_NAMES_H
#define IMPORT_NAMES_H

#include "base/map.h"

#include <stdbool.h>

struct import_names {
	struct map used;  /* in lower case: a file system may not tell them apart */
	struct map tried; /* names that were wanted twice, to the last number: size_t * */
};
/* [a-z0-9][a-z0-9_-]{0,39}, near to the text; `otherwise` where nothing of it is left. */
const char *import_names_key(struct import_names *names, const char *text, const char *otherwise);
/* A file's name: the last part of the text, of letters, digits, '.', '_' and '-', not hidden, at most 80 characters. */
const char *import_names_file(struct import_names *names, const char *text);
/* Takes a name as it is; false if it was given before. */
bool import_names_take(struct import_names *names, const char *name);
/* Whether a relative path is one that import_names_file could have made, part by part. */
bool import_names_path_ok(const char *path);

#endif
