/*
 * The parts of an archive, by the tools that know how: jars by Maven, wheels by pip. Either resolves what the inputs ask for, with
 * all that it depends on, or fetches what a lock file names and nothing else.
 *
 * Wheels are those for the run's Python on Linux, not for this machine's; sources are built only where that is allowed, since it
 * runs what their authors wrote. pip is one of a virtual environment of its own, in `tools`, which is made when first needed.
 */
#ifndef ARCHIVE_FETCH_H
#define ARCHIVE_FETCH_H

#include "archive/inputs.h"
#include "archive/lock.h"
#include "base/progress.h"

struct archive_fetch {
	const struct archive_inputs *in;
	const char *work;  /* a folder of its own; files come into it */
	const char *tools; /* a folder that stays */
	bool allow_sdist;
	const bool *stop;
	const struct progress *progress;
	struct arena *arena;
	/* Of the program that runs: what it complained of first. */
	char complaint[512];
	const char *what;
	bool (*is_complaint)(const char *line);
};
/* Adds what the inputs' packages, and requirements, become. ERR_SPEC with FILE:LINE where one of them is at fault, ERR_NETWORK
   where none is, ERR_MISSING_TOOL, ERR_IO where there is no room. */
bool archive_fetch_jars(struct archive_fetch *f, struct archive_lock *ret, struct err *err);
bool archive_fetch_wheels(struct archive_fetch *f, struct archive_lock *ret, struct err *err);
/* The same for the parts of a lock that have no path yet, which get one. Bytes that are not those of the lock: ERR_SPEC. */
bool archive_fetch_locked(struct archive_fetch *f, struct archive_lock *lock, struct err *err);

/* Common to both. */
bool archive_run(struct archive_fetch *f, const char *const *argv,
	bool (*is_complaint)(const char *), const char *what, struct err *err);
bool archive_fetch_locked_jars(struct archive_fetch *f, struct archive_lock *lock, struct err *err);
bool archive_fetch_locked_wheels(
	struct archive_fetch *f, struct archive_lock *lock, struct err *err);

#endif
