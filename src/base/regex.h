/* Regular expressions of users (PCRE2, UTF-8), within limits: none is slow for long, whatever pattern and text are. */
#ifndef BASE_REGEX_H
#define BASE_REGEX_H

#include <stdbool.h>
#include <stddef.h>

/* REGEX_WHOLE: the whole text and nothing but it. REGEX_LINES: somewhere in it; `^` and `$` are those of its lines. */
enum regex_how { REGEX_WHOLE, REGEX_LINES };
/* False with *ret_why (static) where the pattern is none, or takes too long. What of the text is not UTF-8 matches
   nothing. */
bool regex_matches(const char *pattern, enum regex_how how, const char *text, size_t len, bool *ret,
	const char **ret_why);

#endif
