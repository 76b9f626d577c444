#include "cli/progress.h"

#include "base/fs.h"
#include "base/text.h"
#include "cli/output.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { LINES_MAX = 8, PLAIN_AFTER_MS = 2000, PLAIN_EVERY_MS = 10000 };
/* What is over sooner than DRAW_AFTER_MS is not drawn: it would only flicker. */
enum { DRAW_AFTER_MS = 300, REDRAW_MS = 100 };

struct item {
	char *what, *text; /* text "" for none */
	uint64_t done, total;
	int64_t since, said; /* said 0: never */
};
struct progress_draw {
	struct cli *cli;
	bool terminal;
	struct item *v;
	size_t n, cap;
	size_t drawn; /* lines that are on the terminal now */
	int64_t drawn_at;
};

static void item_clear(struct item *item)
{
	free(item->what);
	free(item->text);
}

static struct item *find(struct progress_draw *d, const char *what)
{
	for (size_t i = 0; i < d->n; i++)
		if (text_equal(d->v[i].what, what))
			return &d->v[i];
	return NULL;
}

static struct item *add(struct progress_draw *d, const char *what)
{
	if (d->n == d->cap) {
		d->cap = d->cap ? 2 * d->cap : 16;
		d->v = xrealloc(d->v, d->cap * sizeof *d->v);
	}
	d->v[d->n] = (struct item){
		.what = xstrdup(what), .text = xstrdup(""), .since = clock_mono(d->cli->clock)};
	return &d->v[d->n++];
}

static void set_text(struct item *item, const struct progress_event *e)
{
	if (e->text) {
		free(item->text);
		item->text = xstrdup(e->text);
	}
	item->done = e->done;
	item->total = e->total;
}

static void put_bar(double part, struct buf *out)
{
	enum { WIDTH = 20 };
	int full = (int)(part * WIDTH);
	buf_adds(out, " [");
	for (int i = 0; i < WIDTH; i++)
		buf_addc(out, i < full ? '#' : '-');
	buf_addc(out, ']');
}

/* "objects.big: uploading [########------------] 40% of 300.0 MiB 3s", the bar only on a terminal. Totals over 10,000
   are taken for bytes: so many things are not counted one by one. */
static void describe(const struct item *item, int64_t now, bool bar, struct buf *out)
{
	char size[16], took[24];
	text_escape(out, item->what, strlen(item->what), false);
	if (*item->text) {
		buf_adds(out, ": ");
		text_escape(out, item->text, strlen(item->text), false);
	}
	double part = item->total ? (double)item->done / (double)item->total : 0;
	if (item->total > 10000 && bar)
		put_bar(part, out);
	if (item->total > 10000)
		buf_printf(out, " %u%% of %s", (unsigned)(100.0 * part),
			text_bytes(item->total, size));
	else if (item->total > 1)
		buf_printf(out, " %u of %u", (unsigned)item->done, (unsigned)item->total);
	if (now - item->since >= 1000)
		buf_printf(out, " %s", text_duration((now - item->since) / 1000 * 1000, took));
}

/* How much of s fits into so many columns. */
static size_t fitting(const char *s, size_t len, size_t columns)
{
	size_t at = 0;
	uint32_t code;
	for (size_t n; at < len && columns; at += n ? n : 1, columns--)
		n = text_utf8(s + at, len - at, &code);
	return at < len ? at : len;
}

static void send(struct progress_draw *d, struct buf *b)
{
	struct err ignored;
	output_leave_out_secrets(d->cli, b);
	(void)!fs_write_all(STDERR_FILENO, buf_str(b), b->len, &ignored);
}

void progress_draw_hide(struct progress_draw *d)
{
	if (!d || !d->drawn)
		return;
	buf_auto out = {0};
	buf_printf(&out, "\033[%zuA\r\033[J", d->drawn);
	d->drawn = 0;
	d->drawn_at = 0;
	send(d, &out);
}

/* The lines of what goes on, at most LINES_MAX; how many. */
static size_t put_lines(const struct progress_draw *d, int64_t now, struct buf *out)
{
	int width = output_width(STDERR_FILENO);
	size_t columns = width > 1 ? (size_t)width - 1 : 79, shown = 0, more = 0;
	for (size_t i = 0; i < d->n; i++) {
		if (now - d->v[i].since < DRAW_AFTER_MS)
			continue;
		if (shown == LINES_MAX - 1) {
			more++;
			continue;
		}
		buf_auto line = {0};
		describe(&d->v[i], now, true, &line);
		buf_add(out, line.data, fitting(line.data, line.len, columns));
		buf_addc(out, '\n');
		shown++;
	}
	if (more)
		buf_printf(out, "and %zu more\n", more);
	return shown + (more > 0);
}

static void draw(struct progress_draw *d)
{
	int64_t now = clock_mono(d->cli->clock);
	if (!d->terminal || now - d->drawn_at < REDRAW_MS)
		return;
	buf_auto out = {0};
	if (d->drawn)
		buf_printf(&out, "\033[%zuA\r\033[J", d->drawn);
	d->drawn = put_lines(d, now, &out);
	d->drawn_at = now;
	if (out.len)
		send(d, &out);
}

static void say_plain(struct progress_draw *d, struct item *item, const char *end)
{
	int64_t now = clock_mono(d->cli->clock);
	if (d->terminal || output_json(d->cli) || now - item->since < PLAIN_AFTER_MS)
		return;
	if (!end && item->said && now - item->said < PLAIN_EVERY_MS)
		return;
	item->said = now;
	buf_auto line = {0};
	describe(item, now, false, &line);
	output_say(d->cli, OUTPUT_NOTE, "%s%s", buf_str(&line), end ? end : " ...");
}

static void finish(struct progress_draw *d, const struct progress_event *e, const char *end)
{
	struct item *item = find(d, e->what);
	if (!item)
		return;
	set_text(item, e);
	say_plain(d, item, end);
	item_clear(item);
	memmove(item, item + 1, (size_t)(d->v + d->n - item - 1) * sizeof *item);
	d->n--;
}

/* A text that begins with what it is about does not say it twice. */
static void say_event(struct progress_draw *d, const struct progress_event *e)
{
	const char *what = e->what ? e->what : "", *text = e->text ? e->text : "";
	bool alone = !*what || text_starts(text, what);
	output_say(d->cli, e->kind == PROGRESS_NOTE ? OUTPUT_NOTE : OUTPUT_DEBUG, "%s%s%s",
		alone ? "" : what, alone || !*text ? "" : ": ", text);
}

static void event(void *ctx, const struct progress_event *e)
{
	struct progress_draw *d = ctx;
	struct item *item = find(d, e->what ? e->what : "");
	switch (e->kind) {
	case PROGRESS_START:
	case PROGRESS_STEP:
		if (!item)
			item = add(d, e->what ? e->what : "");
		set_text(item, e);
		say_plain(d, item, NULL);
		break;
	case PROGRESS_DONE:
		finish(d, e, ": done");
		break;
	case PROGRESS_FAILED:
		finish(d, e, ": failed");
		break;
	case PROGRESS_NOTE:
	case PROGRESS_DEBUG:
		say_event(d, e);
		break;
	case PROGRESS_TICK:
		for (size_t i = 0; i < d->n; i++)
			say_plain(d, &d->v[i], NULL);
		break;
	}
	draw(d);
}

void progress_draw_start(struct cli *cli)
{
	if (cli->quiet)
		return;
	cli->draw = xalloc(sizeof *cli->draw);
	*cli->draw = (struct progress_draw){
		.cli = cli, .terminal = output_width(STDERR_FILENO) > 0 && !output_json(cli)};
	cli->progress = (struct progress){event, cli->draw};
}

void progress_draw_end(struct cli *cli)
{
	struct progress_draw *d = cli->draw;
	if (!d)
		return;
	progress_draw_hide(d);
	for (size_t i = 0; i < d->n; i++)
		item_clear(&d->v[i]);
	free(d->v);
	free(d);
	cli->draw = NULL;
	cli->progress = (struct progress){0};
}
