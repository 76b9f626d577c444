/* JSON of a service: to a node, to text, to the same node. */
#include "fuzz.h"

static void again(const struct node *n, enum node_json form)
{
	arena_auto a = {0};
	buf_auto text = {0}, twice = {0};
	struct err err;
	node_to_json(n, form, &text);
	const struct node *m = node_from_json(&a, buf_str(&text), text.len, &err);
	FUZZ_CHECK(m, "%s: %s", err.text, buf_str(&text));
	FUZZ_CHECK(node_equal(n, m), "%s", buf_str(&text));
	node_to_json(m, form, &twice);
	FUZZ_CHECK(text.len == twice.len, "%s became %s", buf_str(&text), buf_str(&twice));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	arena_auto a = {0}, copy = {0};
	struct err err;
	const struct node *node = node_from_json(&a, (const char *)data, n, &err);
	if (!node) {
		fuzz_check_err(&err);
		return 0;
	}
	again(node, NODE_JSON_COMPACT);
	again(node, NODE_JSON_INDENT);
	FUZZ_CHECK(node_equal(node_copy(&copy, node), node));
	return 0;
}
