/* PCRE2, by JIT. */
#include "spec/reference.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* No part of it can be matched in two ways, so that no text makes it slow; the limits are for the day when
   somebody changes it. */
static const char pattern_text[] = "\\$\\$<|\\$<([^>|]*+)(?:\\|([^>]*+))?+(>)?+";
enum { MATCH_LIMIT = 100000, DEPTH_LIMIT = 1000, HEAP_LIMIT_KIB = 4096 };

static pcre2_code *own_pattern;
static pcre2_match_context *limits;
static pcre2_match_data *own_match;

static void prepare(void)
{
	int error;
	size_t at;
	own_pattern = pcre2_compile(
		(PCRE2_SPTR)pattern_text, PCRE2_ZERO_TERMINATED, 0, &error, &at, NULL);
	limits = pcre2_match_context_create(NULL);
	own_match = own_pattern ? pcre2_match_data_create_from_pattern(own_pattern, NULL) : NULL;
	if (!own_pattern || !limits || !own_match)
		abort();
	/* Where there is no JIT, the pattern is interpreted. */
	pcre2_jit_compile(own_pattern, PCRE2_JIT_COMPLETE);
	pcre2_set_match_limit(limits, MATCH_LIMIT);
	pcre2_set_depth_limit(limits, DEPTH_LIMIT);
	pcre2_set_heap_limit(limits, HEAP_LIMIT_KIB);
}

static void prepare_once(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	pthread_once(&once, prepare);
}

bool reference_in(const char *text, size_t len)
{
	return memmem(text, len, "$<", 2);
}

bool reference_next(const char *text, size_t len, size_t from, struct reference *ret)
{
	prepare_once();
	if (!reference_in(text + from, len - from))
		return false;
	int n = pcre2_match(
		own_pattern, (PCRE2_SPTR)text, len, from, PCRE2_NO_UTF_CHECK, own_match, limits);
	if (n < 0)
		return false;
	const size_t *v = pcre2_get_ovector_pointer(own_match);
	struct reference r = {.kind = REFERENCE_LITERAL, .start = v[0], .end = v[1]};
	if (n > 1) {
		r.kind = n == 4 ? REFERENCE_KEY : REFERENCE_UNCLOSED;
		r.key = text + v[2];
		r.key_len = v[3] - v[2];
		if (n > 2 && v[4] != PCRE2_UNSET) {
			r.otherwise = text + v[4];
			r.otherwise_len = v[5] - v[4];
		}
	}
	*ret = r;
	return true;
}
