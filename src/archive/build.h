/*
 * Building a dependency archive, and knowing whether it is built:
 *
 *	<cache>/archives/parts/SHA256/FILE    jars and wheels that were fetched
 *	<cache>/archives/built/ID.zip         archives, by what they are made of: inputs and lock
 *	DIR/.weir/KEY.zip                     the one of the pipeline, and KEY.id, what it is made of
 *	DIR/.../KEY.lock                      the lock file (lock.h)
 *
 * Nothing is half there: an archive is made aside and renamed, and the one before stays until then. Where nothing has changed
 * no program is run and nothing is fetched.
 */
#ifndef ARCHIVE_BUILD_H
#define ARCHIVE_BUILD_H

#include "archive/inputs.h"
#include "archive/lock.h"
#include "base/progress.h"

struct archive_build {
	const struct archive_decl *decl; /* without a path */
	const char *dir;                 /* the pipeline's folder */
	const char *cache;               /* of keep_folder(); NULL: none can be had */
	bool update, allow_sdist;
	const bool *stop; /* set to end the build: ERR_INTERRUPTED; may be NULL */
	const struct progress *progress;
};
struct archive_built {
	struct archive_inputs inputs;
	struct archive_lock lock; /* n 0: there is none */
	const char *path;         /* relative to dir */
	const char *lock_name;    /* relative to dir */
	uint64_t size;            /* bytes */
	bool made;                /* false: it was there */
	bool locked;              /* the lock file is new, or another one */
};
enum archive_state {
	ARCHIVE_FRESH,
	ARCHIVE_UNBUILT,  /* or there is one of other inputs, or of another lock */
	ARCHIVE_UNLOCKED, /* no lock file yet */
	ARCHIVE_STALE,    /* the inputs have changed since the lock file was made */
};
/* How it is; runs nothing. False where an input or the lock file is wrong. */
bool archive_look(const struct archive_build *b, struct arena *a, struct archive_built *ret,
	enum archive_state *state, struct err *err);
bool archive_build(
	const struct archive_build *b, struct arena *a, struct archive_built *ret, struct err *err);
/* Where the parts of a lock are in the cache, for who looks into them; those that are not stay NULL. */
void archive_find_parts(const char *cache, struct archive_lock *lock, struct arena *a);

#endif
