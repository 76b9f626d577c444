/* JSON of a service: to a node, to text, to the same node; and jansson takes what is taken, and nothing else. */
#include "fuzz.h"

#include <jansson.h>
#include <string.h>

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

/* One limit is our own, and a NUL behind the value is an end to jansson only. */
static void check_verdict(const uint8_t *data, size_t n, bool taken, const struct err *err)
{
	json_error_t why;
	json_auto_t *j =
		json_loadb((const char *)data, n, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &why);
	if (!taken && (strstr(err->text, "nested") || memchr(data, 0, n)))
		return;
	FUZZ_CHECK(taken == (j != NULL), "%.*s: %s", (int)n, (const char *)data,
		taken ? why.text : err->text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	arena_auto a = {0}, copy = {0};
	struct err err;
	const struct node *node = node_from_json(&a, (const char *)data, n, &err);
	check_verdict(data, n, node, &err);
	if (!node) {
		fuzz_check_err(&err);
		return 0;
	}
	again(node, NODE_JSON_COMPACT);
	again(node, NODE_JSON_INDENT);
	FUZZ_CHECK(node_equal(node_copy(&copy, node), node));
	return 0;
}
