/*
 * The dependency archive of a run, as Data Flow unpacks it: archive.zip with
 *
 *	python/lib/python3.11/site-packages/...   goes on PYTHONPATH
 *	java/NAME.jar                             go on the class path
 *	version.txt, anything else                is there, and nothing more
 *
 * The archive is somebody else's: an entry whose name is absolute, has a `..` or `\`, or is a link or device is
 * refused, as is one that would unpack to more than RUNNER_ARCHIVE_MAX bytes in all.
 */
#ifndef LOCAL_RUNNER_ARCHIVE_H
#define LOCAL_RUNNER_ARCHIVE_H

#include "base/arena.h"
#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>

#define RUNNER_ARCHIVE_MAX (8ULL << 30)

struct runner_archive {
	const char **python; /* site-packages folders, absolute as `folder` is */
	size_t python_n;
	const char **jars;
	size_t jars_n;
};
/* Unpacks the zip that fd holds (not closed) into folder, which is made. ERR_INVALID for what is no zip or is
   refused, with the entry's name. */
bool runner_archive_unpack(
	int fd, const char *folder, struct arena *a, struct runner_archive *ret, struct err *err);

#endif
