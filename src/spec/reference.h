/*
 * References in a text: `$<key>`, `$<key|default text>`, and `$$<`, a literal `$<`. Found by one PCRE2
 * pattern, from left to right; a default text ends at the first `>`.
 *
 *	struct reference r;
 *	for (size_t at = 0; reference_next(text, len, at, &r); at = r.end)
 *		use(r);
 */
#ifndef SPEC_REFERENCE_H
#define SPEC_REFERENCE_H

#include <stdbool.h>
#include <stddef.h>

enum reference_kind {
	REFERENCE_KEY,
	REFERENCE_LITERAL,  /* `$$<` */
	REFERENCE_UNCLOSED, /* `$<` without `>`: reaches to the end */
};
struct reference {
	enum reference_kind kind;
	size_t start, end;           /* in the text, in bytes */
	const char *key, *otherwise; /* in the text, not terminated; otherwise NULL: no default */
	size_t key_len, otherwise_len;
};
bool reference_next(const char *text, size_t len, size_t from, struct reference *ret);

/* Whether there is anything to be replaced in the text. */
bool reference_in(const char *text, size_t len);

#endif
