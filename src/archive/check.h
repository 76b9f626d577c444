/*
 * What is in an archive, and what is wrong with it: parts with origin and licence; a lock file that is stale; jars that Spark has
 * in another version; wheels for another Python, or without one that they need; a size that is refused.
 */
#ifndef ARCHIVE_CHECK_H
#define ARCHIVE_CHECK_H

#include "archive/build.h"

enum archive_found_kind { FOUND_ERROR, FOUND_WARNING };
struct archive_found {
	enum archive_found_kind kind;
	const char *text, *cure;
};
struct archive_described {
	const char *name;    /* of the part, as in the lock file; a file's path */
	const char *origin;  /* "Maven", "Python package index", "built here", "this repository" */
	const char *licence; /* as its author calls it; NULL: it does not say, or is not here */
	uint64_t size;       /* bytes of its file; 0: not here */
};
struct archive_report {
	const char *python;
	struct archive_described *parts;
	size_t parts_n, parts_cap;
	struct archive_found *found;
	size_t found_n, found_cap;
	uint64_t size; /* of the archive; 0: not built */
};
/* spark_jars: a folder of Spark's own jars; NULL: not known. Runs nothing. False where an input is wrong. */
bool archive_report(const struct archive_build *b, const char *spark_jars, struct arena *a,
	struct archive_report *ret, struct err *err);

#endif
