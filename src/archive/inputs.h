/*
 * What a dependency archive is built of, as its author wrote it:
 *
 *	packages.txt       # Maven coordinates, one a line; what is behind `!` is left out of its dependencies
 *	                   org.apache.hadoop:hadoop-azure:3.3.4 !org.apache.hadoop:hadoop-common
 *	requirements.txt   Python requirements, as pip takes them
 *	files              as they are
 *
 * Exact versions only in packages.txt: a range would be another archive tomorrow, and nobody would have changed a thing.
 * Python requirements may be open, since the lock file (lock.h) has what they became.
 */
#ifndef ARCHIVE_INPUTS_H
#define ARCHIVE_INPUTS_H

#include "base/arena.h"
#include "base/err.h"
#include "model/pipeline.h"

#include <stdbool.h>
#include <stddef.h>

#define ARCHIVE_PYTHON "3.11" /* Data Flow's, with Spark 3.5 */

struct archive_package {
	const char *group, *artifact, *version;
	struct strs without; /* GROUP:ARTIFACT */
	unsigned line;       /* of the file, from 1 */
};
struct archive_inputs {
	const char *key, *dir;                         /* of `archives:`; the pipeline's folder */
	const char *packages_file, *requirements_file; /* as declared; NULL: none */
	struct strs files;
	const char *python; /* "3.11" */
	struct archive_package *packages;
	size_t packages_n;
	const char **requirements; /* lines, from the first on; ends with NULL */
	char digest[65];           /* SHA-256 of all of it, hex */
};
/* ERR_SPEC with FILE:LINE and the cure for a line that is none; ERR_IO. */
bool archive_inputs_read(const struct archive_decl *decl, const char *dir, struct arena *a,
	struct archive_inputs *ret, struct err *err);
/* Where the lock file is: beside the first of them, KEY.lock; relative to dir. */
char *archive_lock_name(const struct archive_inputs *in, struct arena *a);
/* What names of packages, artifacts and versions are made of. */
#define ARCHIVE_NAME_CHARACTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-"
/* Whether the n bytes are the name of that Python package: whatever the case, with `-`, `_` and `.` as one (PEP 503). */
bool archive_same_package(const char *s, size_t n, const char *name);
/* The line of the file of requirements that asks for this package, from 1; 0: none. */
unsigned archive_requirement_line(const struct archive_inputs *in, const char *name);

#endif
