#include "report/fields.h"

#include "base/text.h"

static void line(struct buf *out, const char *name, const char *text, size_t len)
{
	buf_printf(out, "%-24s ", name);
	text_escape(out, text, len, false);
	buf_addc(out, '\n');
}

void fields_line(struct buf *out, const char *name, const char *text)
{
	if (!text_empty(text))
		line(out, name, text, strlen(text));
}

static void put_field(const struct node_pair *p, struct buf *out)
{
	if (p->value->kind != NODE_MAP && p->value->kind != NODE_SEQ) {
		line(out, p->key, p->value->text, p->value->len);
		return;
	}
	buf_auto json = {0};
	node_to_json(p->value, NODE_JSON_COMPACT, &json);
	line(out, p->key, buf_str(&json), json.len);
}

void fields_text(const struct node *map, struct buf *out)
{
	for (size_t i = 0; i < map->u.map.n; i++)
		if (!node_is_empty(map->u.map.v[i].value))
			put_field(&map->u.map.v[i], out);
}
