/*
 * Files to start from, which are part of the program (templates/ in the source): their texts with a name put in, and the
 * kinds of `weir template`.
 */
#ifndef CLI_TEMPLATE_H
#define CLI_TEMPLATE_H

#include "base/arena.h"
#include "base/err.h"
#include "import/folder.h"

enum { TEMPLATE_FILES_MAX = 2 };
struct template_file {
	const char *from; /* in templates/ */
	const char *to;   /* in the folder; @KEY@ and @CLASS@ stand for the name */
};
struct template_kind {
	const char *name;
	struct template_file files[TEMPLATE_FILES_MAX + 1]; /* ends by from NULL */
	const char *entry;                                  /* its text under `apps:` */
	const char *next; /* what is to be done before it can be planned; NULL: nothing */
};
extern const struct template_kind template_kinds[]; /* ends by name NULL */

/* A text of templates/ with @KEY@ and @CLASS@ replaced: "word-count" and "WordCount". */
const char *template_text(struct arena *a, const char *from, const char *key);
/* The same of a short text, such as a file's name. */
const char *template_fill(struct arena *a, const char *text, const char *key);
/* Into the folder, with its folders; what ends in .sh can be run. */
bool template_write(const struct folder *f, const char *name, const char *text, struct err *err);

#endif
