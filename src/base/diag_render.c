/* How diagnostics look: as text with excerpts, and as JSON lines. */
#include "base/diag.h"
#include "base/text.h"

#include <string.h>

static const char *const level_names[] = {"error", "warning", "note"};
static const char *const level_colors[] = {"\033[1;31m", "\033[1;33m", "\033[1;36m"};
static const char bold[] = "\033[1m", plain[] = "\033[0m";

/* Where a line of a source begins. Kept between diagnostics, which mostly go forward, so that a thousand
   of them in a large file do not mean a thousand readings of it. */
struct cursor {
	const struct diag_source *source;
	size_t at;
	unsigned line;
};

static const struct diag_source *source_of(const struct diags *d, const char *file)
{
	for (size_t i = 0; i < d->sources_n; i++)
		if (!strcmp(d->sources[i].file, file))
			return &d->sources[i];
	return NULL;
}

/* Moves to the line of the mark; its text, or NULL if there is no such line. */
static const char *find_line(
	struct cursor *c, const struct diags *d, struct mark m, size_t *ret_len)
{
	const struct diag_source *s = m.file && m.line ? source_of(d, m.file) : NULL;
	if (!s)
		return NULL;
	if (c->source != s || c->line > m.line)
		*c = (struct cursor){s, 0, 1};
	for (; c->line < m.line; c->line++) {
		const char *end = memchr(s->text + c->at, '\n', s->len - c->at);
		if (!end)
			return NULL;
		c->at = (size_t)(end - s->text) + 1;
	}
	const char *line = s->text + c->at;
	const char *end = memchr(line, '\n', s->len - c->at);
	size_t len = end ? (size_t)(end - line) : s->len - c->at;
	*ret_len = len && line[len - 1] == '\r' ? len - 1 : len;
	return line;
}

static size_t character(const char *s, size_t n)
{
	uint32_t code;
	size_t len = text_utf8(s, n, &code);
	return len ? len : 1;
}

/* One character as it is drawn; returns how many columns it takes. */
static size_t draw(struct buf *out, const char *s, size_t len)
{
	if (*s == '\t') {
		buf_addc(out, ' ');
		return 1;
	}
	size_t before = out->len;
	text_escape(out, s, len, false);
	bool as_is = out->len - before == len && !memcmp(out->data + before, s, len);
	return as_is ? 1 : out->len - before;
}

/* The part of a long line that is shown: characters from..to, counted from 0. */
static void window(struct mark m, size_t *ret_from, size_t *ret_to)
{
	enum { SHOWN = 160, BEFORE = 60 };
	size_t col = m.col ? m.col - 1 : 0;
	*ret_from = col > SHOWN - BEFORE ? col - BEFORE : 0;
	*ret_to = *ret_from + SHOWN;
}

static void render_excerpt(
	struct cursor *c, const struct diags *d, struct mark m, const char *color, struct buf *out)
{
	size_t len = 0, from, to, i = 0, pad = 0, under = 0;
	const char *line = find_line(c, d, m, &len);
	if (!line)
		return;
	size_t first = m.col ? m.col - 1 : 0, last = first + (m.len ? m.len : 1);
	window(m, &from, &to);
	buf_printf(out, "%5u | ", m.line);
	if (from) {
		buf_adds(out, "...");
		pad = 3;
	}
	for (size_t at = 0, n; at < len && i < to; at += n, i++) {
		n = character(line + at, len - at);
		if (i < from)
			continue;
		size_t width = draw(out, line + at, n);
		pad += i < first ? width : 0;
		under += i >= first && i < last ? width : 0;
	}
	buf_adds(out, i == to ? "...\n" : "\n");
	if (!m.col)
		return;
	buf_printf(out, "      | %*s%s^", (int)pad, "", color);
	for (size_t k = 1; k < under; k++)
		buf_addc(out, '~');
	buf_printf(out, "%s\n", *color ? plain : "");
}

static void render_one(struct cursor *c, const struct diags *d, const struct diag *one, bool color,
	struct buf *out)
{
	const struct mark *m = &one->mark;
	const char *level = color ? level_colors[one->level] : "", *end = color ? plain : "";
	if (m->file) {
		buf_adds(out, color ? bold : "");
		text_escape(out, m->file, strlen(m->file), false);
		if (m->line)
			buf_printf(out, ":%u", m->line);
		if (m->line && m->col)
			buf_printf(out, ":%u", m->col);
		buf_printf(out, ":%s ", end);
	}
	buf_printf(out, "%s%s:%s ", level, level_names[one->level], end);
	text_escape(out, one->text, strlen(one->text), false);
	buf_addc(out, '\n');
	render_excerpt(c, d, *m, level, out);
	if (one->hint) {
		buf_adds(out, "      = ");
		text_escape(out, one->hint, strlen(one->hint), false);
		buf_addc(out, '\n');
	}
}

static void render_count(struct buf *out, size_t n, const char *what, const char *before)
{
	if (n)
		buf_printf(out, "%s%zu %s%s", before, n, what, n == 1 ? "" : "s");
}

void diag_render_text(const struct diags *d, bool color, struct buf *out)
{
	struct cursor c = {0};
	for (size_t i = 0; i < d->n; i++)
		render_one(&c, d, &d->v[i], color, out);
	render_count(out, d->errors, "error", "");
	render_count(out, d->warnings, "warning", d->errors ? ", " : "");
	if (d->dropped)
		buf_printf(out, " (%zu not shown)", d->dropped);
	if (d->errors || d->warnings)
		buf_addc(out, '\n');
}

static void put(struct buf *out, const char *before, const char *text)
{
	buf_adds(out, before);
	text_json(out, text, strlen(text));
}

static void render_range(struct mark m, struct buf *out)
{
	unsigned len = m.len ? m.len : 1;
	put(out, ",\"range\":{\"filename\":", m.file);
	buf_printf(out, ",\"start\":{\"line\":%u,\"column\":%u}", m.line, m.col);
	buf_printf(out, ",\"end\":{\"line\":%u,\"column\":%u}}", m.line, m.col + len);
}

void diag_render_json(const struct diags *d, struct buf *out)
{
	struct cursor c = {0};
	for (size_t i = 0; i < d->n; i++) {
		const struct diag *one = &d->v[i];
		const char *level = level_names[one->level];
		put(out, "{\"@level\":", one->level == DIAG_NOTE ? "info" : level);
		put(out, ",\"@message\":", one->text);
		buf_adds(out, ",\"@module\":\"weir\",\"type\":\"diagnostic\",\"diagnostic\":");
		put(out, "{\"severity\":", level);
		put(out, ",\"summary\":", one->text);
		put(out, ",\"detail\":", one->hint ? one->hint : "");
		if (one->mark.file)
			render_range(one->mark, out);
		size_t len = 0;
		const char *line = find_line(&c, d, one->mark, &len);
		if (line) {
			buf_adds(out, ",\"snippet\":{\"code\":");
			text_json(out, line, len < 1000 ? len : 1000);
			buf_printf(out, ",\"start_line\":%u}", one->mark.line);
		}
		buf_adds(out, "}}\n");
	}
}
