#include "base/csv.h"

#include <string.h>

void csv_field(struct buf *out, const char *s, size_t n)
{
	bool bare = n && s[0] != ' ' && s[n - 1] != ' ';
	for (size_t i = 0; bare && i < n; i++)
		bare = s[i] != ',' && s[i] != '"' && s[i] != '\r' && s[i] != '\n';
	if (bare) {
		buf_add(out, s, n);
		return;
	}
	buf_addc(out, '"');
	for (const char *end = s + n, *quote; s < end; s = quote + 1) {
		quote = memchr(s, '"', (size_t)(end - s));
		if (!quote) {
			buf_add(out, s, (size_t)(end - s));
			break;
		}
		buf_add(out, s, (size_t)(quote - s + 1));
		buf_addc(out, '"');
	}
	buf_addc(out, '"');
}

/* Behind the closing quote of the field that begins at s; NULL: it is not closed. */
static const char *quoted_end(const char *s, const char *end)
{
	for (const char *quote = s + 1; quote < end; quote += 2) {
		quote = memchr(quote, '"', (size_t)(end - quote));
		if (!quote)
			return NULL;
		if (quote + 1 == end || quote[1] != '"')
			return quote + 1;
	}
	return NULL;
}

static const char *bare_end(const char *s, const char *end, bool *ret_quote)
{
	for (; s < end && *s != ',' && *s != '\n'; s++)
		*ret_quote |= *s == '"';
	return s;
}

static const char *line_end(const char *s, const char *end)
{
	const char *newline = memchr(s, '\n', (size_t)(end - s));
	return newline ? newline : end;
}

bool csv_next(const char **at, const char *end, struct csv_record *ret)
{
	const char *s = *at;
	if (s >= end)
		return false;
	*ret = (struct csv_record){.text = s, .sound = true};
	for (bool more = true; more; ret->fields++) {
		bool stray = false;
		const char *behind = s < end && *s == '"' ? quoted_end(s, end) : NULL;
		if (s < end && *s == '"' && !behind)
			stray = true;
		s = bare_end(behind ? behind : s, end, &stray);
		/* Behind a closing quote only the end of the field may come. */
		if (stray || (behind && s != behind && !(s == behind + 1 && *behind == '\r'))) {
			ret->sound = false;
			s = line_end(ret->text, end);
		}
		more = s < end && *s == ',' && ret->sound;
		s += more;
	}
	*at = s < end ? s + 1 : end;
	ret->len = (size_t)(s - ret->text);
	if (ret->len && ret->text[ret->len - 1] == '\r')
		ret->len--;
	return true;
}
