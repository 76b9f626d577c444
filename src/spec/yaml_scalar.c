/* What text is, and what a scalar is: the parts of reading YAML that need no parser. */
#include "base/text.h"
#include "spec/yaml.h"

#include <math.h>
#include <string.h>

static bool is_one_of(const char *text, const char *const *words)
{
	while (*words && strcmp(text, *words))
		words++;
	return *words;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static const char *skip_digits(const char *p)
{
	while (is_digit(*p))
		p++;
	return p;
}

/* [-+]?[0-9]+ */
static bool is_decimal(const char *p)
{
	p += *p == '-' || *p == '+';
	return is_digit(*p) && !*skip_digits(p);
}

/* [-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)? */
static bool is_float(const char *p)
{
	p += *p == '-' || *p == '+';
	const char *fraction = skip_digits(p);
	bool whole = fraction > p;
	if (*fraction == '.') {
		p = skip_digits(fraction + 1);
		whole = whole || p > fraction + 1;
	} else {
		p = fraction;
	}
	if (!whole)
		return false;
	if (*p != 'e' && *p != 'E')
		return !*p;
	p++;
	p += *p == '-' || *p == '+';
	return is_digit(*p) && !*skip_digits(p);
}

/* 0o17 and 0x1F; base 0 if it is neither. */
static unsigned based(const char *p)
{
	if (p[0] != '0' || (p[1] != 'o' && p[1] != 'x') || !p[2])
		return 0;
	const char *digits = p[1] == 'o' ? "01234567" : "0123456789abcdefABCDEF";
	return p[2 + strspn(p + 2, digits)] ? 0 : p[1] == 'o' ? 8 : 16;
}

static int digit_of(char c)
{
	return is_digit(c) ? c - '0' : (c | 0x20) - 'a' + 10;
}

/* A number that does not fit an integer is a float, as it would be for JSON. */
static void set_based(struct node *n, const char *p, unsigned base)
{
	int64_t i = 0;
	double d = 0;
	bool fits = true;
	for (p += 2; *p; p++) {
		d = d * base + digit_of(*p);
		fits = fits && !__builtin_mul_overflow(i, base, &i) &&
			!__builtin_add_overflow(i, digit_of(*p), &i);
	}
	n->kind = fits ? NODE_INT : NODE_FLOAT;
	if (fits)
		n->u.i = i;
	else
		n->u.d = d;
}

static void set_float(struct node *n, const char *p)
{
	double d;
	n->kind = NODE_FLOAT;
	n->u.d = text_double(p + (*p == '+'), &d) ? d : *p == '-' ? -INFINITY : INFINITY;
}

static bool set_number(struct node *n, const char *p)
{
	static const char *const infinite[] = {
		".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF", NULL};
	static const char *const minus[] = {"-.inf", "-.Inf", "-.INF", NULL};
	static const char *const nan_words[] = {".nan", ".NaN", ".NAN", NULL};
	unsigned base = based(p);
	int64_t i;
	if (base) {
		set_based(n, p, base);
	} else if (is_decimal(p) && text_i64(p + (*p == '+'), &i)) {
		n->kind = NODE_INT;
		n->u.i = i;
	} else if (is_float(p)) {
		set_float(n, p);
	} else if (is_one_of(p, infinite) || is_one_of(p, minus)) {
		n->kind = NODE_FLOAT;
		n->u.d = *p == '-' ? -INFINITY : INFINITY;
	} else if (is_one_of(p, nan_words)) {
		n->kind = NODE_FLOAT;
		n->u.d = NAN;
	} else {
		return false;
	}
	return true;
}

struct node *yaml_plain(struct arena *a, const char *text, size_t len)
{
	static const char *const nulls[] = {"", "~", "null", "Null", "NULL", NULL};
	static const char *const yes[] = {"true", "True", "TRUE", NULL};
	static const char *const no[] = {"false", "False", "FALSE", NULL};
	struct node *n = arena_new(a, struct node);
	n->text = arena_strndup(a, text, len);
	n->len = len;
	if (is_one_of(n->text, nulls)) {
		n->kind = NODE_NULL;
	} else if (is_one_of(n->text, yes) || is_one_of(n->text, no)) {
		n->kind = NODE_BOOL;
		n->u.b = (*text | 0x20) == 't';
	} else if (!set_number(n, n->text)) {
		n->kind = NODE_STR;
	}
	return n;
}

/* Of YAML 1.2, c-printable. */
static const char *why_forbidden(uint32_t c)
{
	if (!c)
		return "a NUL byte: the file is binary, or UTF-16";
	if (c == 0xfeff)
		return "a byte order mark inside the text";
	bool control = (c < 0x20 && c != '\t' && c != '\n' && c != '\r') ||
		(c >= 0x7f && c < 0xa0 && c != 0x85);
	if (control || c == 0xfffe || c == 0xffff)
		return "a control character: the file is binary, or damaged";
	return NULL;
}

bool yaml_is_text(const char *text, size_t len, struct mark *ret_at, const char **ret_why)
{
	struct mark at = {.line = 1, .col = 1};
	for (size_t i = 0, n; i < len; i += n) {
		uint32_t c = 0;
		n = text_utf8(text + i, len - i, &c);
		const char *why = n ? why_forbidden(c) : "a byte that is not UTF-8";
		if (why) {
			ret_at->line = at.line;
			ret_at->col = at.col;
			*ret_why = why;
			return false;
		}
		at.col++;
		if (c == '\n') {
			at.line++;
			at.col = 1;
		}
	}
	return true;
}

size_t yaml_size(const struct node *n, size_t limit)
{
	size_t size = 1;
	for (size_t i = 0; n->kind == NODE_SEQ && i < n->u.seq.n && size < limit; i++)
		size += yaml_size(n->u.seq.v[i], limit - size);
	for (size_t i = 0; n->kind == NODE_MAP && i < n->u.map.n && size < limit; i++)
		size += yaml_size(n->u.map.v[i].value, limit - size);
	return size;
}
