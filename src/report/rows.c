#include "report/rows.h"

#include "base/csv.h"

#include <string.h>

void rows_jsonl(const struct node *n, struct buf *out)
{
	node_to_json(n, NODE_JSON_COMPACT, out);
	buf_addc(out, '\n');
}

void rows_csv_head(const char *const *columns, struct buf *out)
{
	for (const char *const *c = columns; *c; c++) {
		if (c != columns)
			buf_addc(out, ',');
		csv_field(out, *c, strlen(*c));
	}
	buf_adds(out, "\r\n");
}

static void cell(const struct node *n, struct buf *out)
{
	if (!n || n->kind == NODE_NULL)
		return;
	if (n->kind == NODE_STR) {
		csv_field(out, n->text, n->len);
		return;
	}
	buf_auto json = {0};
	node_to_json(n, NODE_JSON_COMPACT, &json);
	csv_field(out, buf_str(&json), json.len);
}

void rows_csv(const char *const *columns, const struct node *map, struct buf *out)
{
	for (const char *const *c = columns; *c; c++) {
		if (c != columns)
			buf_addc(out, ',');
		cell(node_get(map, *c), out);
	}
	buf_adds(out, "\r\n");
}
