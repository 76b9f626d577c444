#include "base/regex.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdlib.h>
#include <string.h>

enum { MATCH_LIMIT = 100000, DEPTH_LIMIT = 1000, HEAP_LIMIT_KIB = 4096, PATTERN_MAX = 1000 };

static int match(const pcre2_code *code, enum regex_how how, const char *text, size_t len)
{
	uint32_t flags = how == REGEX_WHOLE ? PCRE2_ANCHORED | PCRE2_ENDANCHORED : 0;
	pcre2_match_context *limits = pcre2_match_context_create(NULL);
	pcre2_match_data *data = pcre2_match_data_create_from_pattern(code, NULL);
	if (!limits || !data)
		abort();
	pcre2_set_match_limit(limits, MATCH_LIMIT);
	pcre2_set_depth_limit(limits, DEPTH_LIMIT);
	pcre2_set_heap_limit(limits, HEAP_LIMIT_KIB);
	int n = pcre2_match(code, (PCRE2_SPTR)text, len, 0, flags, data, limits);
	pcre2_match_data_free(data);
	pcre2_match_context_free(limits);
	return n;
}

bool regex_matches(const char *pattern, enum regex_how how, const char *text, size_t len, bool *ret,
	const char **ret_why)
{
	int error;
	size_t at;
	uint32_t flags = PCRE2_UTF | PCRE2_NEVER_BACKSLASH_C | PCRE2_MATCH_INVALID_UTF |
		(how == REGEX_LINES ? PCRE2_MULTILINE : 0);
	if (strlen(pattern) > PATTERN_MAX) {
		*ret_why = "is longer than 1000 bytes";
		return false;
	}
	pcre2_code *code =
		pcre2_compile((PCRE2_SPTR)pattern, PCRE2_ZERO_TERMINATED, flags, &error, &at, NULL);
	if (!code) {
		*ret_why = "is no regular expression";
		return false;
	}
	int n = match(code, how, text, len);
	pcre2_code_free(code);
	if (n < 0 && n != PCRE2_ERROR_NOMATCH) {
		*ret_why = "takes too long to match";
		return false;
	}
	*ret = n >= 0;
	return true;
}
