/*
 * Local files that a pipeline names, relative to its folder. They must lie, links resolved, in the Git
 * repository that the pipeline is in (in the pipeline's folder where there is none), and not in its `.git`: a
 * file of a stranger's must not make weir upload what its reader's machine holds.
 */
#ifndef SPEC_SOURCE_H
#define SPEC_SOURCE_H

#include "spec/state.h"

/* Whether it is a regular file that may be used; told if not. at: where the path stands. what: "script of apps.copy". */
bool source_check(struct spec *s, const char *path, struct mark at, const char *what);
/* The path to open it by, from the working directory. */
const char *source_open_path(struct spec *s, const char *path);
/* Its name below a prefix of ours: without `.` and `..`, of letters, digits and . _ - / alone, so that it
   needs no encoding in any URI. */
const char *source_safe_name(struct spec *s, const char *path);
/* The commit that is checked out, read from `.git`; NULL: not had. Nothing is executed. */
const char *source_commit(struct spec *s);

#endif
