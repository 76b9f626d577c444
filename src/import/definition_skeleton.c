/* Input of `oci data-flow application create --from-json`, of which nobody need have filled in all. */
#include "base/text.h"
#include "import/definition.h"

#include <string.h>

/* What --generate-full-command-json-input puts in every place: "string", "A|B|C", 0, and maps and lists of these. */
static bool is_placeholder(const struct node *n)
{
	bool all = true;
	switch (n->kind) {
	case NODE_STR:
		return text_equal(n->text, "string") ||
			text_equal(n->text, "SCALA|JAVA|PYTHON|SQL") ||
			text_equal(n->text, "BATCH|STREAMING|SESSION") ||
			text_starts(n->text, "tagValue");
	case NODE_INT:
		return n->u.i == 0;
	case NODE_FLOAT:
		return text_equal(n->text, "0.0");
	case NODE_SEQ:
		for (size_t i = 0; i < n->u.seq.n && all; i++)
			all = is_placeholder(n->u.seq.v[i]);
		return all;
	case NODE_MAP:
		for (size_t i = 0; i < n->u.map.n && all; i++)
			all = is_placeholder(n->u.map.v[i].value);
		return all;
	default:
		return false;
	}
}

void definition_skeleton(struct definition *d, const struct node *doc)
{
	static const char *const of_the_cli[] = {
		"waitForState", "maxWaitSeconds", "waitIntervalSeconds", NULL};
	struct arena *a = d->im->arena;
	struct node *filled = node_map(a);
	buf_auto empty = {0};
	for (size_t i = 0; i < doc->u.map.n; i++) {
		const struct node_pair *pair = &doc->u.map.v[i];
		bool left = is_placeholder(pair->value);
		if (!left)
			node_add(a, filled, pair->key, pair->value);
		else if (definition_field(&application_record, pair->key))
			buf_printf(&empty, "%s%s", empty.len ? ", " : "", pair->key);
	}
	definition_take(d, filled, of_the_cli);
	if (empty.len)
		import_note(d->im, &d->notes, false, "not filled in, and left out: %s",
			buf_str(&empty));
}
