/*
 * The lock file of an archive: what its inputs became, each part at one version with the SHA-256 of its file. It lies beside the inputs
 * and in Git, so that the archive is the same on every machine and at any time; `weir archive build --update` makes it anew.
 *
 *	# weir archive lock 1: made by `weir archive build`; keep it in Git
 *	inputs 5891b5b5...
 *	python 3.11
 *	jar org.apache.hadoop:hadoop-azure:3.3.4 hadoop-azure-3.3.4.jar ab12...
 *	wheel six==1.17.0 six-1.17.0-py2.py3-none-any.whl 4721...
 *	built old==1.0 old-1.0-py3-none-any.whl -
 *
 * `built`: a wheel that was made on this machine of sources (--allow-sdist), whose bytes may be others the next time.
 */
#ifndef ARCHIVE_LOCK_H
#define ARCHIVE_LOCK_H

#include "base/arena.h"
#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>

enum archive_part_kind { PART_JAR, PART_WHEEL, PART_BUILT };
struct archive_part {
	enum archive_part_kind kind;
	const char *name;   /* "GROUP:ARTIFACT:VERSION[:CLASSIFIER]", "NAME==VERSION" */
	const char *file;   /* its file's name */
	const char *sha256; /* hex; "-" of PART_BUILT */
	const char *path;   /* where it is on this machine; NULL: not fetched */
};
struct archive_lock {
	const char *inputs; /* archive_inputs.digest that it was made of */
	const char *python;
	struct archive_part *v; /* by kind and name */
	size_t n, cap;
};
/* ERR_NOT_FOUND: there is none. ERR_SPEC with FILE:LINE where it is none of ours. */
bool archive_lock_read(const char *path, const char *shown, struct arena *a,
	struct archive_lock *ret, struct err *err);
/* Its text. */
const char *archive_lock_text(struct archive_lock *lock, struct arena *a);
void archive_lock_add(struct archive_lock *lock, struct arena *a, const struct archive_part *part);

#endif
