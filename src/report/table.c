#include "report/table.h"

#include "base/arena.h"
#include "base/text.h"

#include <libsmartcols/libsmartcols.h>
#include <stdlib.h>
#include <string.h>

struct table {
	struct libscols_table *scols;
	size_t columns, rows;
};

/* libsmartcols fails for want of memory alone. */
static void must(int result)
{
	if (result < 0)
		abort();
}

struct table *table_new(const struct table_column *columns)
{
	struct table *t = xalloc(sizeof *t);
	*t = (struct table){.scols = scols_new_table()};
	if (!t->scols)
		abort();
	for (; columns[t->columns].name; t->columns++) {
		const struct table_column *c = &columns[t->columns];
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

void table_print(struct table *t, int width, struct buf *out)
{
	char *text = NULL;
	must(scols_table_set_termforce(
		t->scols, width ? SCOLS_TERMFORCE_ALWAYS : SCOLS_TERMFORCE_NEVER));
	if (width)
		must(scols_table_set_termwidth(t->scols, (size_t)width));
	if (t->rows) {
		must(scols_print_table_to_string(t->scols, &text));
		add_trimmed(out, text);
	}
	free(text);
	scols_unref_table(t->scols);
	free(t);
}
