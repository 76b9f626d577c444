#include "base/text.h"

#include <string.h>

bool text_equal(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : a == b;
}

bool text_starts(const char *s, const char *prefix)
{
	return !strncmp(s, prefix, strlen(prefix));
}

bool text_ends(const char *s, const char *suffix)
{
	size_t n = strlen(s), m = strlen(suffix);
	return n >= m && !memcmp(s + n - m, suffix, m);
}

bool text_empty(const char *s)
{
	return !s || !*s;
}

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

/* Optimal string alignment in three rows: insert, delete, replace, swap of neighbours. */
enum { NEAREST_MAX = 128 };

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

static size_t distance(const char *a, size_t n, const char *b, size_t m)
{
	size_t rows[3][NEAREST_MAX + 1];
	size_t *before = rows[0], *above = rows[1], *here = rows[2];
	for (size_t j = 0; j <= m; j++)
		above[j] = j;
	for (size_t i = 1; i <= n; i++) {
		here[0] = i;
		for (size_t j = 1; j <= m; j++) {
			bool same = lower(a[i - 1]) == lower(b[j - 1]);
			size_t d = least(above[j], here[j - 1]) + 1;
			d = least(d, above[j - 1] + !same);
			if (i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) &&
				lower(a[i - 2]) == lower(b[j - 1]))
				d = least(d, before[j - 2] + 1);
			here[j] = d;
		}
		size_t *free_row = before;
		before = above;
		above = here;
		here = free_row;
	}
	return above[m];
}

const char *text_nearest(const char *s, const char *const *choices)
{
	size_t n = strlen(s), limit = n / 3 ? n / 3 : 1;
	const char *found = NULL;
	if (n > NEAREST_MAX)
		return NULL;
	for (; *choices; choices++) {
		size_t m = strlen(*choices);
		if (m > NEAREST_MAX || m > n + limit || n > m + limit)
			continue;
		size_t d = distance(s, n, *choices, m);
		if (d < limit || (d == limit && !found)) {
			found = *choices;
			limit = d;
			if (!strcmp(s, found))
				break;
		}
	}
	return found;
}

size_t text_utf8(const char *s, size_t n, uint32_t *ret_code)
{
	static const uint32_t lowest[] = {0, 0, 0x80, 0x800, 0x10000};
	const unsigned char *p = (const unsigned char *)s;
	if (!n)
		return 0;
	size_t len = p[0] < 0x80 ? 1 : p[0] < 0xc0 ? 0 : p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;
	if (!len || len > n || p[0] > 0xf4)
		return 0;
	uint32_t code = len == 1 ? p[0] : p[0] & (0xffu >> (len + 1));
	for (size_t i = 1; i < len; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		code = code << 6 | (p[i] & 0x3f);
	}
	if (code < lowest[len] || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))
		return 0;
	*ret_code = code;
	return len;
}

bool text_is_utf8(const char *s, size_t n)
{
	uint32_t code;
	for (size_t i = 0, len; i < n; i += len) {
		len = text_utf8(s + i, n - i, &code);
		if (!len)
			return false;
	}
	return true;
}

/* What could move the cursor, recolour, or reorder what a reader sees. */
static bool is_unsafe(uint32_t c)
{
	return c < 0x20 || (c >= 0x7f && c <= 0x9f) || c == 0x61c || c == 0x200e || c == 0x200f ||
		(c >= 0x2028 && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069) || c == 0xfeff;
}

void text_escape(struct buf *out, const char *s, size_t n, bool keep_lines)
{
	for (size_t i = 0, len; i < n; i += len) {
		uint32_t code = 0;
		len = text_utf8(s + i, n - i, &code);
		if (!len) {
			buf_printf(out, "\\x%02X", (unsigned char)s[i]);
			len = 1;
		} else if (!is_unsafe(code) || (keep_lines && (code == '\n' || code == '\t'))) {
			buf_add(out, s + i, len);
		} else if (len == 1) {
			buf_printf(out, "\\x%02X", (unsigned)code);
		} else {
			buf_printf(out, "\\u{%04X}", (unsigned)code);
		}
	}
}

void text_json(struct buf *out, const char *s, size_t n)
{
	static const char short_forms[] = {['\b'] = 'b',
		['\t'] = 't',
		['\n'] = 'n',
		['\f'] = 'f',
		['\r'] = 'r',
		['"'] = '"',
		['\\'] = '\\'};
	buf_addc(out, '"');
	for (size_t i = 0, len; i < n; i += len) {
		uint32_t code = 0;
		len = text_utf8(s + i, n - i, &code);
		if (!len) {
			buf_adds(out, "\xef\xbf\xbd");
			len = 1;
		} else if (code < sizeof short_forms && short_forms[code]) {
			buf_addc(out, '\\');
			buf_addc(out, short_forms[code]);
		} else if (code < 0x20 || code == 0x7f) {
			buf_printf(out, "\\u%04x", (unsigned)code);
		} else {
			buf_add(out, s + i, len);
		}
	}
	buf_addc(out, '"');
}
