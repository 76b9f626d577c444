/*
 * JSON to nodes, in one pass: a list of 1,000 applications is half of what a plan without changes reads. RFC 8259 to
 * the letter: UTF-8 is checked, no NUL, no duplicate key, nothing behind the value. Unseeded hashes can be made to
 * collide, so that the keys of a large object are sorted to find doubles.
 */
#include "field/node.h"

#include "base/text.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A page of 1,000 applications has some ten thousand values; each takes some hundred bytes. */
enum { DEPTH_MAX = 100, FEW_KEYS = 12, VALUES_MAX = 200 * 1000 };

struct reader {
	const char *begin, *at, *end;
	struct arena *a;
	struct err *err;
	size_t values;
};

static struct node *value(struct reader *r, int depth);

static void *refuse(struct reader *r, const char *why)
{
	size_t line = 1, column = 1;
	for (const char *p = r->begin; p < r->at; p++) {
		line += *p == '\n';
		column = *p == '\n' ? 1 : column + 1;
	}
	err_set(r->err, ERR_PROTOCOL, "bad JSON at line %zu, column %zu: %s", line, column, why);
	return NULL;
}

static void skip_blanks(struct reader *r)
{
	while (r->at < r->end &&
		(*r->at == ' ' || *r->at == '\n' || *r->at == '\r' || *r->at == '\t'))
		r->at++;
}

/* Whether c comes next; it is taken then. */
static bool take(struct reader *r, char c)
{
	if (r->at == r->end || *r->at != c)
		return false;
	r->at++;
	return true;
}

static bool is_digit(const struct reader *r)
{
	return r->at < r->end && *r->at >= '0' && *r->at <= '9';
}

static bool digits(struct reader *r)
{
	const char *from = r->at;
	while (is_digit(r))
		r->at++;
	return r->at > from;
}

static struct node *scalar(struct reader *r, enum node_kind kind, const char *text, size_t len)
{
	struct node *n = arena_new(r->a, struct node);
	n->kind = kind;
	n->text = text;
	n->len = len;
	return n;
}

static struct node *integer(struct reader *r, const char *text, size_t len)
{
	struct node *n = scalar(r, NODE_INT, text, len);
	errno = 0;
	n->u.i = strtoll(text, NULL, 10);
	if (errno)
		return refuse(r, "the integer is too large");
	if (!strcmp(text, "-0")) {
		n->text = "0";
		n->len = 1;
	}
	return n;
}

static struct node *number(struct reader *r)
{
	const char *from = r->at;
	bool whole = true;
	take(r, '-');
	if (!take(r, '0') && !digits(r))
		return refuse(r, "a number has no digits");
	if (take(r, '.')) {
		whole = false;
		if (!digits(r))
			return refuse(r, "a number has no digits behind its point");
	}
	if (take(r, 'e') || take(r, 'E')) {
		whole = false;
		if (!take(r, '-'))
			take(r, '+');
		if (!digits(r))
			return refuse(r, "a number has no digits in its exponent");
	}
	size_t len = (size_t)(r->at - from);
	const char *text = arena_strndup(r->a, from, len);
	if (whole)
		return integer(r, text, len);
	double d = strtod(text, NULL);
	return isfinite(d) ? node_float(r->a, d) : refuse(r, "the number is too large");
}

static struct node *word(struct reader *r)
{
	static const char *const words[] = {"null", "true", "false"};
	for (size_t i = 0; i < 3; i++) {
		size_t n = strlen(words[i]);
		if ((size_t)(r->end - r->at) < n || memcmp(r->at, words[i], n))
			continue;
		r->at += n;
		return i ? node_bool(r->a, i == 1) : node_null(r->a);
	}
	return refuse(r, r->at == r->end ? "it ends here" : "no value begins so");
}

static bool hex4(struct reader *r, uint32_t *ret)
{
	uint32_t v = 0;
	if (r->end - r->at < 4)
		return false;
	for (int i = 0; i < 4; i++) {
		char c = *r->at++;
		bool small = c >= 'a' && c <= 'f', large = c >= 'A' && c <= 'F';
		if (!small && !large && (c < '0' || c > '9'))
			return false;
		v = v * 16 + (uint32_t)(small ? c - 'a' + 10 : large ? c - 'A' + 10 : c - '0');
	}
	*ret = v;
	return true;
}

static char *put_utf8(char *out, uint32_t c)
{
	if (c < 0x80) {
		*out++ = (char)c;
		return out;
	}
	if (c < 0x800) {
		*out++ = (char)(0xc0 | c >> 6);
	} else {
		if (c < 0x10000) {
			*out++ = (char)(0xe0 | c >> 12);
		} else {
			*out++ = (char)(0xf0 | c >> 18);
			*out++ = (char)(0x80 | (c >> 12 & 0x3f));
		}
		*out++ = (char)(0x80 | (c >> 6 & 0x3f));
	}
	*out++ = (char)(0x80 | (c & 0x3f));
	return out;
}

/* What follows `\u`. NULL: told. */
static char *unicode(struct reader *r, char *out)
{
	uint32_t c, low;
	if (!hex4(r, &c))
		return refuse(r, "\\u is not followed by four hex digits");
	if (!c)
		return refuse(r, "\\u0000 is not taken");
	if (c >= 0xd800 && c < 0xdc00) {
		if (!take(r, '\\') || !take(r, 'u') || !hex4(r, &low) || low < 0xdc00 ||
			low > 0xdfff)
			return refuse(r, "half of a surrogate pair");
		c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
	} else if (c >= 0xdc00 && c < 0xe000) {
		return refuse(r, "half of a surrogate pair");
	}
	return put_utf8(out, c);
}

/* What follows a backslash. NULL: told. */
static char *escape(struct reader *r, char *out)
{
	static const char names[] = "\"\\/bfnrt", chars[] = "\"\\/\b\f\n\r\t";
	char c = r->at < r->end ? *r->at : '\0';
	const char *name = c ? strchr(names, c) : NULL;
	if (take(r, 'u'))
		return unicode(r, out);
	if (!name)
		return refuse(r, "no such escape");
	r->at++;
	*out++ = chars[name - names];
	return out;
}

/* Behind the quote: the length of what needs no look, up to a quote, backslash or control character. */
static size_t plain(const struct reader *r, bool *ascii)
{
	const char *p = r->at;
	unsigned char all = 0;
	for (; p < r->end && *p != '"' && *p != '\\' && (unsigned char)*p >= 0x20; p++)
		all |= (unsigned char)*p;
	*ascii = all < 0x80;
	return (size_t)(p - r->at);
}

/* Behind its quote. *ret_len may be NULL. NULL: told. */
static const char *string(struct reader *r, size_t *ret_len)
{
	char *made = NULL, *out = NULL;
	for (;;) {
		bool ascii;
		size_t n = plain(r, &ascii);
		if (!ascii && !text_is_utf8(r->at, n))
			return refuse(r, "bad UTF-8 in a string");
		bool ends = r->at + n < r->end && r->at[n] == '"';
		if (!made) {
			/* Escapes are never shorter than what they stand for. */
			const char *quote = ends ? r->at + n : r->end;
			for (const char *p = r->at + n; !ends && p < r->end; p++) {
				if (*p == '\\')
					p++;
				else if (*p == '"') {
					quote = p;
					break;
				}
			}
			made = out = arena_alloc(r->a, (size_t)(quote - r->at) + 1);
		}
		memcpy(out, r->at, n);
		out += n;
		r->at += n;
		if (take(r, '"'))
			break;
		if (!take(r, '\\'))
			return refuse(r,
				r->at == r->end ? "a string does not end"
						: "a control character in a string");
		if (!(out = escape(r, out)))
			return NULL;
	}
	if (ret_len)
		*ret_len = (size_t)(out - made);
	return made;
}

static struct node *list(struct reader *r, int depth)
{
	struct node *n = node_seq(r->a);
	skip_blanks(r);
	if (take(r, ']'))
		return n;
	do {
		struct node *item = value(r, depth + 1);
		if (!item)
			return NULL;
		node_append(r->a, n, item);
		skip_blanks(r);
	} while (take(r, ','));
	return take(r, ']') ? n : refuse(r, "`,` or `]` is missing");
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static bool are_unique(struct reader *r, const struct node *n)
{
	size_t count = n->u.map.n;
	if (count <= FEW_KEYS) {
		for (size_t i = 1; i < count; i++)
			for (size_t k = 0; k < i; k++)
				if (!strcmp(n->u.map.v[i].key, n->u.map.v[k].key))
					return refuse(r, "a key is there twice");
		return true;
	}
	const char **keys = xalloc(count * sizeof *keys);
	for (size_t i = 0; i < count; i++)
		keys[i] = n->u.map.v[i].key;
	qsort(keys, count, sizeof *keys, by_text);
	bool unique = true;
	for (size_t i = 1; i < count && unique; i++)
		unique = strcmp(keys[i - 1], keys[i]) != 0;
	free(keys);
	return unique || refuse(r, "a key is there twice");
}

static void add(struct reader *r, struct node *n, const char *key, struct node *item)
{
	n->u.map.v = arena_grow(r->a, n->u.map.v, n->u.map.n, &n->u.map.cap, sizeof *n->u.map.v);
	n->u.map.v[n->u.map.n++] = (struct node_pair){.key = key, .value = item};
}

static bool member(struct reader *r, struct node *n, int depth)
{
	skip_blanks(r);
	if (!take(r, '"'))
		return refuse(r, "a key is missing");
	const char *key = string(r, NULL);
	if (!key)
		return false;
	skip_blanks(r);
	if (!take(r, ':'))
		return refuse(r, "`:` is missing");
	struct node *item = value(r, depth + 1);
	if (item)
		add(r, n, key, item);
	return item;
}

static struct node *map(struct reader *r, int depth)
{
	struct node *n = node_map(r->a);
	skip_blanks(r);
	if (take(r, '}'))
		return n;
	do {
		if (!member(r, n, depth))
			return NULL;
		skip_blanks(r);
	} while (take(r, ','));
	if (!take(r, '}'))
		return refuse(r, "`,` or `}` is missing");
	return are_unique(r, n) ? n : NULL;
}

static struct node *value(struct reader *r, int depth)
{
	skip_blanks(r);
	if (depth > DEPTH_MAX) {
		err_set(r->err, ERR_PROTOCOL, "JSON is nested more than %d deep", DEPTH_MAX);
		return NULL;
	}
	if (r->values++ == VALUES_MAX) {
		err_set(r->err, ERR_PROTOCOL, "JSON has more than %d values", VALUES_MAX);
		return NULL;
	}
	if (take(r, '{'))
		return map(r, depth);
	if (take(r, '['))
		return list(r, depth);
	if (take(r, '"')) {
		size_t len;
		const char *text = string(r, &len);
		return text ? scalar(r, NODE_STR, text, len) : NULL;
	}
	return is_digit(r) || (r->at < r->end && *r->at == '-') ? number(r) : word(r);
}

struct node *node_from_json(struct arena *a, const char *text, size_t len, struct err *err)
{
	struct reader r = {.begin = text, .at = text, .end = text + len, .a = a, .err = err};
	struct node *n = value(&r, 1);
	skip_blanks(&r);
	if (n && r.at != r.end)
		return refuse(&r, "something follows the value");
	return n;
}
