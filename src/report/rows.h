/*
 * Maps as lines for other programs: JSON lines, or CSV (base/csv.h) with one column a key. In CSV a text stands as it
 * is, null and what is absent as nothing, a list or map inside as JSON.
 *
 *	rows_csv_head(columns, &out);
 *	rows_csv(columns, map, &out);          for each
 */
#ifndef REPORT_ROWS_H
#define REPORT_ROWS_H

#include "field/node.h"

void rows_jsonl(const struct node *n, struct buf *out);
/* columns end by NULL. */
void rows_csv_head(const char *const *columns, struct buf *out);
void rows_csv(const char *const *columns, const struct node *map, struct buf *out);

#endif
