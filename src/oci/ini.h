/*
 * The OCI config file's INI dialect, as the Python SDK and the CLI read it: [SECTION], `key = value` or
 * `key: value`, whole-line comments with # or ;, no interpolation, a byte-order mark and CRLF tolerated. A ";" in a
 * value is part of it and lines have no limit, which is why no INI library is used: they cut both.
 * Keys are lower-cased, as the SDK does it; names of sections are not. A section or key that stands twice is an error, as is an indented line, which the SDK would read as part of the
 * value above it.
 */
#ifndef OCI_INI_H
#define OCI_INI_H

#include "base/arena.h"
#include "base/err.h"
#include "base/map.h"

struct ini_value {
	const char *text;
	unsigned line; /* from 1 */
};
/* sections: name -> struct map of key -> struct ini_value *. In the arena; file is for messages, which name the line.
   ERR_CONFIG. */
bool ini_parse(const char *text, size_t len, const char *file, struct arena *a,
	struct map *sections, struct err *err);

#endif
