#include "report/table.h"

#include "base/arena.h"
#include "base/text.h"

#include <libsmartcols/libsmartcols.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

enum { COLUMNS_MAX = 16, GAP = 2, LATE_MIN = 12 };

struct table {
	struct libscols_table *scols;
	size_t columns, rows;
	int flags[COLUMNS_MAX], heading[COLUMNS_MAX], widest[COLUMNS_MAX];
};

/* libsmartcols fails for want of memory alone. */
static void must(int result)
{
	if (result < 0)
		abort();
}

static int max(int a, int b)
{
	return a > b ? a : b;
}

/* In columns of a terminal. */
static int width_of(const char *s)
{
	mbstate_t state = {0};
	wchar_t c;
	int width = 0;
	for (size_t n, left = strlen(s); left; s += n, left -= n) {
		n = mbrtowc(&c, s, left, &state);
		if (n == 0 || n > left)
			break;
		width += max(wcwidth(c), 0);
	}
	return width;
}

struct table *table_new(const struct table_column *columns)
{
	struct table *t = xalloc(sizeof *t);
	*t = (struct table){.scols = scols_new_table()};
	if (!t->scols)
		abort();
	for (; columns[t->columns].name && t->columns < COLUMNS_MAX; t->columns++) {
		const struct table_column *c = &columns[t->columns];
		t->flags[t->columns] = c->flags;
		t->heading[t->columns] = t->widest[t->columns] = width_of(c->name);
		int flags = ((c->flags & (TABLE_CUT | TABLE_CUT_LATE)) ? SCOLS_FL_TRUNC : 0) |
			((c->flags & TABLE_RIGHT) ? SCOLS_FL_RIGHT : 0);
		/* Columns are shrunk to this share of the width where there is too little. */
		double share = (c->flags & TABLE_CUT) ? 0.05
			: (c->flags & TABLE_CUT_LATE) ? 0.4
						      : 1;
		if (!scols_table_new_column(t->scols, c->name, share, flags))
			abort();
	}
	must(scols_table_set_column_separator(t->scols, "  "));
	must(scols_table_enable_noencoding(t->scols, 1));
	return t;
}

void table_row(struct table *t, const char *const *cells)
{
	struct libscols_line *line = scols_table_new_line(t->scols, NULL);
	if (!line)
		abort();
	for (size_t i = 0; i < t->columns; i++) {
		buf_auto cell = {0};
		if (text_empty(cells[i]))
			buf_addc(&cell, '-');
		else
			text_escape(&cell, cells[i], strlen(cells[i]), false);
		must(scols_line_set_data(line, i, buf_str(&cell)));
		t->widest[i] = max(t->widest[i], width_of(buf_str(&cell)));
	}
	t->rows++;
}

/* The last column is padded like the others: lines end where their text does. */
static void add_trimmed(struct buf *out, const char *text)
{
	for (const char *end; *text; text = *end ? end + 1 : end) {
		end = strchrnul(text, '\n');
		const char *last = end;
		while (last > text && last[-1] == ' ')
			last--;
		buf_add(out, text, (size_t)(last - text));
		buf_addc(out, '\n');
	}
}

/* What a column takes at the least to be worth reading. */
static int least(const struct table *t, size_t i)
{
	if (t->flags[i] & TABLE_CUT)
		return t->heading[i];
	bool late = (t->flags[i] & TABLE_CUT_LATE) && t->widest[i] > LATE_MIN;
	return late ? max(t->heading[i], LATE_MIN) : t->widest[i];
}

static void drop_columns(struct table *t, int width)
{
	int needed = -GAP;
	for (size_t i = 0; i < t->columns; i++)
		needed += least(t, i) + GAP;
	for (size_t i = t->columns; i-- && needed > width;) {
		if (!(t->flags[i] & TABLE_DROP))
			continue;
		needed -= least(t, i) + GAP;
		must(scols_column_set_flags(scols_table_get_column(t->scols, i), SCOLS_FL_HIDDEN));
	}
}

void table_print(struct table *t, int width, struct buf *out)
{
	char *text = NULL;
	must(scols_table_set_termforce(
		t->scols, width ? SCOLS_TERMFORCE_ALWAYS : SCOLS_TERMFORCE_NEVER));
	if (width) {
		drop_columns(t, width);
		must(scols_table_set_termwidth(t->scols, (size_t)width));
	}
	if (t->rows) {
		must(scols_print_table_to_string(t->scols, &text));
		add_trimmed(out, text);
	}
	free(text);
	scols_unref_table(t->scols);
	free(t);
}
