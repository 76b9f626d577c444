/*
 * Small things on strings: encodings, escapes, comparison, the nearest name.
 * Results are in the arena given; inputs are NUL-terminated unless a length is given.
 */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include "base/arena.h"
#include "base/buf.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

bool text_equal(const char *a, const char *b); /* NULL equals only NULL */
/* Neither NULL. For walks over many names, most of which differ in their first letter. */
static inline bool text_same(const char *a, const char *b)
{
	return *a == *b && !strcmp(a, b);
}
bool text_starts(const char *s, const char *prefix);
bool text_ends(const char *s, const char *suffix);
bool text_empty(const char *s); /* NULL or "" */

/* RFC 4648. base64 keeps padding; base64url has none. */
char *text_base64(struct arena *a, const void *bytes, size_t n);
char *text_base64url(struct arena *a, const void *bytes, size_t n);
/* Strict: false on any other character, wrong padding. *ret_n bytes at *ret. */
bool text_unbase64(struct arena *a, const char *s, unsigned char **ret, size_t *ret_n);
/* Of n characters, without padding; a NUL follows what was made. */
bool text_unbase64url(struct arena *a, const char *s, size_t n, unsigned char **ret, size_t *ret_n);
char *text_hex(struct arena *a, const void *bytes, size_t n); /* lower case */

/* Percent-encoding of one path segment or query value: all but A-Za-z0-9-._~ is encoded, so "/" is too;
   a segment that is exactly "." or ".." becomes %2E, %2E%2E (as Oracle's clients do). */
char *text_percent(struct arena *a, const char *s);
/* Decodes %XX (not '+'); false on a bad escape or a NUL inside. */
bool text_unpercent(struct arena *a, const char *s, size_t n, char **ret);

/* For terminals and pages: control characters, DEL, C1, bidi overrides and bad UTF-8 become \xNN or
   \u{NNNN}; newline and tab stay when keep_lines. */
void text_escape(struct buf *out, const char *s, size_t n, bool keep_lines);
bool text_is_utf8(const char *s, size_t n);
/* Bytes of the character that s begins with, and its code; 0 for none or bad UTF-8. */
size_t text_utf8(const char *s, size_t n, uint32_t *ret_code);
/* As a JSON string, quotes included; a byte that is not UTF-8 becomes U+FFFD. */
void text_json(struct buf *out, const char *s, size_t n);

/* The choice nearest to s by edit distance with transposition, at most a third of its length away (at
   least 1), case not counted; NULL if none. choices ends by NULL. */
const char *text_nearest(const char *s, const char *const *choices);

/* Strict decimal: the whole string, no spaces, no plus sign. */
bool text_i64(const char *s, int64_t *ret);
bool text_double(const char *s, double *ret); /* finite only; C locale */
/* The shortest decimal that reads back as d. Result in out, returned. */
char *text_number(double d, char out[static 32]);

/* "1.5 MiB", "870 B"; "4.1s", "1m12s", "2h5m". Results in out, returned. */
char *text_bytes(uint64_t n, char out[static 16]);
char *text_duration(int64_t ms, char out[static 24]);
/* "90s", "2h", "1h30m", "7d", "2w": whole numbers with units, each smaller than the one before, at most 100 years. */
bool text_parse_duration(const char *s, int64_t *ret_ms);

/* RFC 7231 IMF-fixdate and RFC 3339 with milliseconds, UTC, of Unix time in ms. */
char *text_http_date(int64_t unix_ms, char out[static 32]);
bool text_parse_http_date(const char *s, int64_t *ret_unix_ms);
char *text_rfc3339(int64_t unix_ms, char out[static 32]);
/* Any fraction (kept to the ms) and offset. */
bool text_parse_rfc3339(const char *s, int64_t *ret_unix_ms);
int64_t text_time_ms(const char *rfc3339); /* Unix ms; 0 for NULL, or what is no time */
/* As people write it: also "2026-11-20", and "2026-11-20 15:36" with T or a space, with seconds or without; UTC where it
   names no offset. */
bool text_parse_time(const char *s, int64_t *ret_unix_ms);

#endif
