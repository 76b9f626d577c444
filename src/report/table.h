/*
 * Columns of text, by libsmartcols. With a width (of a terminal) columns marked TABLE_CUT give way first, then
 * those marked TABLE_CUT_LATE; where that is too little to read, those marked TABLE_DROP are left out, the rightmost
 * first. Without a width nothing is cut. Cells are escaped here: what a service calls a thing cannot move the
 * cursor.
 *
 *	static const struct table_column columns[] = {{"NAME", 0}, {"OCID", TABLE_CUT}, {0}};
 *	struct table *t = table_new(columns);
 *	table_row(t, (const char *[]){"copy", "ocid1..."});
 *	table_print(t, width, &out);                          frees it
 */
#ifndef REPORT_TABLE_H
#define REPORT_TABLE_H

#include "base/buf.h"

enum { TABLE_CUT = 1 << 0, TABLE_CUT_LATE = 1 << 1, TABLE_RIGHT = 1 << 2, TABLE_DROP = 1 << 3 };
struct table_column {
	const char *name; /* NULL: the end */
	int flags;
};
struct table;
struct table *table_new(const struct table_column *columns);
/* One cell a column; NULL is shown as "-". */
void table_row(struct table *t, const char *const *cells);
/* Appends heading and rows; nothing for a table without rows. width 0: as wide as it needs. */
void table_print(struct table *t, int width, struct buf *out);

#endif
