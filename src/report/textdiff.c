#include "report/textdiff.h"

#include "base/map.h"

#include <string.h>

enum { CONTEXT = 3 };

struct line {
	const char *text;
	size_t len;
	bool no_newline;
	const void *id; /* equal lines have equal ids */
};
struct lines {
	struct line *v;
	size_t n, cap;
};
/* One line of the way from old to now: of one of them, or of both. */
struct step {
	char sign;
	size_t old, now; /* how many lines of either come before it */
};
struct differ {
	struct arena *a;
	struct map ids;
	struct lines old, now;
	size_t head, tail; /* lines that both begin and end with */
	struct step *steps;
	size_t steps_n;
	struct textdiff *ret;
};

/* A line with its newline, so that a last one without is another. */
static const void *id_of(struct differ *d, const char *text, size_t len)
{
	char *key = arena_strndup(d->a, text, len);
	void *id = map_get(&d->ids, key);
	if (id)
		return id;
	map_put(&d->ids, key, key);
	return key;
}

static void split(struct differ *d, const char *text, struct lines *ret)
{
	while (*text) {
		size_t len = strcspn(text, "\n");
		bool newline = text[len] == '\n';
		ret->v = arena_grow(d->a, ret->v, ret->n, &ret->cap, sizeof *ret->v);
		ret->v[ret->n++] =
			(struct line){text, len, !newline, id_of(d, text, len + newline)};
		text += len + newline;
	}
}

static void trim(struct differ *d)
{
	size_t n = d->old.n < d->now.n ? d->old.n : d->now.n;
	while (d->head < n && d->old.v[d->head].id == d->now.v[d->head].id)
		d->head++;
	while (d->tail < n - d->head &&
		d->old.v[d->old.n - 1 - d->tail].id == d->now.v[d->now.n - 1 - d->tail].id)
		d->tail++;
}

/*
 * How far along old one gets with each number of edits on each diagonal (k = lines of old less lines of now),
 * kept for every number of edits: row d holds the diagonals -d..d.
 */
struct reach {
	size_t *rows[TEXTDIFF_MAX + 1];
	size_t edits;
};

static size_t *row_at(const struct reach *r, size_t d, long k)
{
	return &r->rows[d][k + (long)d];
}

/* Whether the way to diagonal k of row d comes by a line of now from k + 1, and not by one of old from k - 1. */
static bool comes_down(const struct reach *r, size_t d, long k)
{
	long last = (long)d;
	if (k == -last)
		return true;
	return k != last && *row_at(r, d - 1, k - 1) < *row_at(r, d - 1, k + 1);
}

static size_t first_reach(const struct reach *r, size_t d, long k)
{
	if (!d)
		return 0;
	return comes_down(r, d, k) ? *row_at(r, d - 1, k + 1) : *row_at(r, d - 1, k - 1) + 1;
}

/* False: more than TEXTDIFF_MAX edits. */
static bool search(struct differ *d, struct reach *r)
{
	const struct line *old = d->old.v, *now = d->now.v; /* NULL: an empty text */
	size_t old_n = d->old.n - d->head - d->tail, now_n = d->now.n - d->head - d->tail;
	for (size_t edits = 0; edits <= TEXTDIFF_MAX; edits++) {
		r->rows[edits] = arena_array(d->a, 2 * edits + 1, sizeof(size_t));
		r->edits = edits;
		for (long k = -(long)edits; k <= (long)edits; k += 2) {
			size_t x = first_reach(r, edits, k), y = (size_t)((long)x - k);
			while (x < old_n && y < now_n && old[d->head + x].id == now[d->head + y].id)
				x++, y++;
			*row_at(r, edits, k) = x;
			if (x >= old_n && y >= now_n)
				return true;
		}
	}
	return false;
}

static void step_back(struct differ *d, char sign, size_t old, size_t now)
{
	d->steps[d->steps_n++] = (struct step){sign, d->head + old, d->head + now};
}

/* The way found, from its end to its beginning. */
static void walk_back(struct differ *d, const struct reach *r)
{
	size_t x = d->old.n - d->head - d->tail, y = d->now.n - d->head - d->tail;
	for (size_t edits = r->edits;; edits--) {
		long k = (long)x - (long)y;
		size_t start = first_reach(r, edits, k);
		while (x > start)
			x--, y--, step_back(d, ' ', x, y);
		if (!edits)
			return;
		if (comes_down(r, edits, k))
			y--, step_back(d, '+', x, y);
		else
			x--, step_back(d, '-', x, y);
	}
}

/* Turns the steps of the middle round and puts what both begin and end with about them; of neighbouring changes
   the lines that go come before those that come. */
static struct step *all_steps(struct differ *d, size_t *ret_n)
{
	struct step *v = arena_array(d->a, d->head + d->steps_n + d->tail, sizeof *v);
	size_t n = 0;
	for (size_t i = 0; i < d->head; i++)
		v[n++] = (struct step){' ', i, i};
	for (size_t end = d->steps_n; end;) {
		size_t from = end;
		if (d->steps[end - 1].sign == ' ') {
			v[n++] = d->steps[--end];
			continue;
		}
		while (from && d->steps[from - 1].sign != ' ')
			from--;
		for (size_t i = end; i > from; i--)
			if (d->steps[i - 1].sign == '-')
				v[n++] = d->steps[i - 1];
		for (size_t i = end; i > from; i--)
			if (d->steps[i - 1].sign == '+')
				v[n++] = d->steps[i - 1];
		end = from;
	}
	for (size_t i = d->tail; i; i--)
		v[n++] = (struct step){' ', d->old.n - i, d->now.n - i};
	*ret_n = n;
	return v;
}

static struct textdiff_line *add_line(struct differ *d)
{
	struct textdiff *ret = d->ret;
	ret->v = arena_grow(d->a, ret->v, ret->n, &ret->cap, sizeof *ret->v);
	return &ret->v[ret->n++];
}

/* "12,3"; of no lines: after which line they would stand. */
static char *range(struct arena *a, size_t before, size_t n)
{
	if (n == 1)
		return arena_printf(a, "%zu", before + 1);
	return arena_printf(a, "%zu,%zu", n ? before + 1 : before, n);
}

static void add_hunk(struct differ *d, const struct step *v, size_t n)
{
	size_t old_n = 0, now_n = 0, old = v[0].old, now = v[0].now;
	for (size_t i = 0; i < n; i++) {
		old_n += v[i].sign != '+';
		now_n += v[i].sign != '-';
		/* Changes are put in another order than found: the first by place begins. */
		old = v[i].old < old ? v[i].old : old;
		now = v[i].now < now ? v[i].now : now;
	}
	char *head = arena_printf(
		d->a, "@@ -%s +%s @@", range(d->a, old, old_n), range(d->a, now, now_n));
	*add_line(d) = (struct textdiff_line){'@', head, strlen(head), false};
	for (size_t i = 0; i < n; i++) {
		const struct line *line =
			v[i].sign == '+' ? &d->now.v[v[i].now] : &d->old.v[v[i].old];
		*add_line(d) =
			(struct textdiff_line){v[i].sign, line->text, line->len, line->no_newline};
	}
}

/* Changes that stand no further apart than their contexts reach are one hunk. */
static void add_hunks(struct differ *d, const struct step *v, size_t n)
{
	for (size_t i = 0; i < n;) {
		if (v[i].sign == ' ') {
			i++;
			continue;
		}
		size_t from = i > CONTEXT ? i - CONTEXT : 0, last = i;
		for (; i < n && i <= last + 2 * CONTEXT + 1; i++)
			if (v[i].sign != ' ')
				last = i;
		size_t end = last + CONTEXT + 1 < n ? last + CONTEXT + 1 : n;
		add_hunk(d, v + from, end - from);
		i = end;
	}
}

void textdiff_lines(const char *old, const char *now, struct arena *a, struct textdiff *ret)
{
	*ret = (struct textdiff){0};
	arena_auto scratch = {0};
	struct differ d = {.a = &scratch, .ids.arena = &scratch, .ret = ret};
	split(&d, old, &d.old);
	split(&d, now, &d.now);
	trim(&d);
	size_t old_n = d.old.n - d.head - d.tail, now_n = d.now.n - d.head - d.tail;
	struct reach *reach = arena_new(&scratch, struct reach);
	if (!search(&d, reach)) {
		ret->too_many = old_n > now_n ? old_n : now_n;
		return;
	}
	d.steps = arena_array(&scratch, old_n + now_n, sizeof *d.steps);
	walk_back(&d, reach);
	size_t n;
	struct step *steps = all_steps(&d, &n);
	d.a = a; /* what is given back */
	add_hunks(&d, steps, n);
}

void textdiff_unified(const struct textdiff *d, struct buf *out)
{
	if (d->too_many)
		buf_printf(out, "%zu lines differ\n", d->too_many);
	for (size_t i = 0; i < d->n; i++) {
		const struct textdiff_line *line = &d->v[i];
		if (line->sign != '@')
			buf_addc(out, line->sign);
		buf_add(out, line->text, line->len);
		buf_addc(out, '\n');
		if (line->no_newline)
			buf_adds(out, "\\ No newline at end of file\n");
	}
}
