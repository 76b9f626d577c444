/* base64, hex and percent-encoding of base/text.h. */
#include "base/text.h"

#include <string.h>

static char *encode64(struct arena *a, const unsigned char *p, size_t n, bool url)
{
	const char *digits = url
		? "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
		: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	char *out = arena_array(a, n / 3 + 2, 4), *o = out;
	for (size_t i = 0; i < n; i += 3) {
		size_t left = n - i < 3 ? n - i : 3;
		uint32_t v = (uint32_t)p[i] << 16;
		if (left > 1)
			v |= (uint32_t)p[i + 1] << 8;
		if (left > 2)
			v |= p[i + 2];
		for (size_t k = 0; k < 4; k++) {
			if (k <= left)
				*o++ = digits[v >> (18 - 6 * k) & 63];
			else if (!url)
				*o++ = '=';
		}
	}
	*o = 0;
	return out;
}

char *text_base64(struct arena *a, const void *bytes, size_t n)
{
	return encode64(a, bytes, n, false);
}

char *text_base64url(struct arena *a, const void *bytes, size_t n)
{
	return encode64(a, bytes, n, true);
}

/* By a table: the branches of ranges would be guessed wrong on most digits. */
static int digit64(char c)
{
	/* clang-format off */
	static const signed char values[128] = {
		-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1,
		-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1,
		-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, 62, -1, -1, -1, 63,
		52, 53, 54, 55, 56, 57, 58, 59, 60, 61, -1, -1, -1, -1, -1, -1,
		-1, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14,
		15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, -1, -1, -1, -1, -1,
		-1, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40,
		41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, -1, -1, -1, -1, -1,
	};
	/* clang-format on */
	return (unsigned char)c < 128 ? values[(unsigned char)c] : -1;
}

bool text_unbase64(struct arena *a, const char *s, unsigned char **ret, size_t *ret_n)
{
	size_t n = strlen(s);
	if (n % 4)
		return false;
	size_t pad = n && s[n - 1] == '=' ? 1 + (s[n - 2] == '=') : 0;
	unsigned char *out = arena_alloc(a, n / 4 * 3 + 1);
	size_t made = 0;
	uint32_t v = 0;
	for (size_t i = 0; i < n; i++) {
		int d = i < n - pad ? digit64(s[i]) : 0;
		if (d < 0)
			return false;
		v = v << 6 | (uint32_t)d;
		if (i % 4 == 3) {
			out[made++] = (unsigned char)(v >> 16);
			out[made++] = (unsigned char)(v >> 8);
			out[made++] = (unsigned char)v;
			v = 0;
		}
	}
	/* The bits that padding cuts off are zero in the one right encoding. */
	for (size_t i = 0; i < pad; i++)
		if (out[--made])
			return false;
	*ret = out;
	*ret_n = made;
	return true;
}

bool text_unbase64url(struct arena *a, const char *s, size_t n, unsigned char **ret, size_t *ret_n)
{
	char *padded = arena_alloc(a, n + 4);
	for (size_t i = 0; i < n; i++) {
		if (s[i] == '+' || s[i] == '/' || s[i] == '=')
			return false;
		padded[i] = s[i] == '-' ? '+' : s[i] == '_' ? '/' : s[i];
	}
	for (size_t at = n; at % 4; at++)
		padded[at] = '=';
	return n % 4 != 1 && text_unbase64(a, padded, ret, ret_n);
}

char *text_hex(struct arena *a, const void *bytes, size_t n)
{
	const unsigned char *p = bytes;
	char *out = arena_array(a, n + 1, 2);
	for (size_t i = 0; i < n; i++) {
		out[2 * i] = "0123456789abcdef"[p[i] >> 4];
		out[2 * i + 1] = "0123456789abcdef"[p[i] & 15];
	}
	return out;
}

static bool unreserved(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
		c == '-' || c == '.' || c == '_' || c == '~';
}

char *text_percent(struct arena *a, const char *s)
{
	bool dots = !strcmp(s, ".") || !strcmp(s, "..");
	char *out = arena_array(a, strlen(s) + 1, 3), *o = out;
	for (; *s; s++) {
		unsigned char c = (unsigned char)*s;
		if (unreserved(*s) && !dots) {
			*o++ = *s;
			continue;
		}
		*o++ = '%';
		*o++ = "0123456789ABCDEF"[c >> 4];
		*o++ = "0123456789ABCDEF"[c & 15];
	}
	return out;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

bool text_unpercent(struct arena *a, const char *s, size_t n, char **ret)
{
	char *out = arena_alloc(a, n + 1), *o = out;
	for (size_t i = 0; i < n; i++) {
		char c = s[i];
		if (c == '%') {
			int hi = n - i > 2 ? hex_digit(s[i + 1]) : -1;
			int lo = hi >= 0 ? hex_digit(s[i + 2]) : -1;
			if (lo < 0)
				return false;
			c = (char)(hi << 4 | lo);
			i += 2;
		}
		if (!c)
			return false;
		*o++ = c;
	}
	*ret = out;
	return true;
}
