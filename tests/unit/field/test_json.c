/* The reader of JSON takes what jansson takes, and refuses what it refuses: single cases, and thousands of spoilt ones. */
#include "things.h"

#include <jansson.h>
#include <math.h>
#include <stdlib.h>

enum { TRIES = 40000 };

static const char *const documents[] = {
	"{\"id\":\"ocid1.x\",\"n\":12,\"f\":-1.5e-3,\"list\":[1,[2,[]],{}],\"t\":true,\"f2\":false,\"z\":null}",
	" [ \"a\\\"b\\\\\\/\\b\\f\\n\\r\\t\\u00e4\\ud83d\\ude00\" , \"\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80\" ] ",
	"[0,-0,1,-1,9223372036854775807,-9223372036854775808,0.1,1e5,1E+5,2.5e-10]",
	"{\"a\":{\"b\":{\"c\":[{\"d\":\"e\"},{\"d\":\"\"}]}},\"\":1}",
	"{\"k1\":1,\"k2\":2,\"k3\":3,\"k4\":4,\"k5\":5,\"k6\":6,\"k7\":7,\"k8\":8,\"k9\":9,\"ka\":0,\"kb\":1,\"kc\":2,\"kd\":3}",
	"\"text\"",
	"17",
	"\t\r\n null ",
};
enum { DOCUMENTS = sizeof documents / sizeof *documents };

/* jansson's own value as ours would be. */
static bool same(json_t *j, const struct node *n)
{
	size_t i;
	const char *key;
	json_t *item;
	switch (json_typeof(j)) {
	case JSON_OBJECT:
		if (n->kind != NODE_MAP || n->u.map.n != json_object_size(j))
			return false;
		json_object_foreach (j, key, item)
			if (!node_get(n, key) || !same(item, node_get(n, key)))
				return false;
		return true;
	case JSON_ARRAY:
		if (n->kind != NODE_SEQ || n->u.seq.n != json_array_size(j))
			return false;
		json_array_foreach (j, i, item)
			if (!same(item, n->u.seq.v[i]))
				return false;
		return true;
	case JSON_STRING:
		return n->kind == NODE_STR && n->len == json_string_length(j) &&
			n->len == strlen(n->text) && !strcmp(n->text, json_string_value(j));
	case JSON_INTEGER:
		return n->kind == NODE_INT && n->u.i == json_integer_value(j) &&
			strtoll(n->text, NULL, 10) == n->u.i;
	case JSON_REAL:
		return n->kind == NODE_FLOAT && n->u.d == json_real_value(j);
	case JSON_TRUE:
	case JSON_FALSE:
		return n->kind == NODE_BOOL && n->u.b == json_is_true(j);
	case JSON_NULL:
		break;
	}
	return n->kind == NODE_NULL;
}

static void compare(const char *text, size_t len)
{
	struct err err;
	json_error_t error;
	json_auto_t *j = json_loadb(text, len, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &error);
	char *copy = malloc(len ? len : 1); /* of just that size, so that a read behind it shows */
	memcpy(copy, text, len);
	const struct node *n = node_from_json(&arena, copy, len, &err);
	free(copy);
	if (!!j != !!n)
		fail_msg("%.*s: jansson %s, weir %s", (int)len, text, j ? "takes it" : error.text,
			n ? "takes it" : err.text);
	if (j && !same(j, n))
		fail_msg("%.*s: another value", (int)len, text);
}

static void whole_documents(void **state)
{
	(void)state;
	for (size_t i = 0; i < DOCUMENTS; i++)
		compare(documents[i], strlen(documents[i]));
}

static void each_cut_short(void **state)
{
	(void)state;
	for (size_t i = 0; i < DOCUMENTS; i++)
		for (size_t n = 0; n < strlen(documents[i]); n++)
			compare(documents[i], n);
}

static void spoilt_ones(void **state)
{
	(void)state;
	static const char odd[] =
		"\"\\{}[]:,0123456789-+.eEutfn \n\t\x01\x7f\x80\xbf\xc0\xc3\xe2\xed\xa0\xf0\xf4\xff/abdDcC";
	char text[512];
	for (int i = 0; i < TRIES; i++) {
		size_t len = strlen(documents[i % DOCUMENTS]);
		memcpy(text, documents[i % DOCUMENTS], len);
		for (unsigned k = rnd(3) + 1; k; k--) {
			size_t at = rnd((unsigned)len);
			char c = odd[rnd(sizeof odd - 1)];
			if (rnd(2)) {
				text[at] = c;
			} else if (rnd(2)) {
				memmove(text + at + 1, text + at, len - at);
				text[at] = c;
				len++;
			} else if (len > 1) {
				memmove(text + at, text + at + 1, --len - at);
			}
		}
		compare(text, len);
		if (i % 1000 == 0)
			arena_clear(&arena);
	}
}

static void where_it_is_bad(void **state)
{
	(void)state;
	static const char *const bad[][2] = {
		{"", "line 1, column 1: it ends here"},
		{"[1,\n 2", "line 2, column 3: `,` or `]` is missing"},
		{"{\"a\" 1}", "line 1, column 6: `:` is missing"},
		{"{\"a\":1,\"a\":2}", "a key is there twice"},
		{"{a:1}", "line 1, column 2: a key is missing"},
		{"[01]", "`,` or `]` is missing"},
		{"\"a\nb\"", "a control character in a string"},
		{"\"a", "a string does not end"},
		{"\"\\x\"", "no such escape"},
		{"\"\\u12g4\"", "four hex digits"},
		{"\"\\ud800\"", "half of a surrogate pair"},
		{"\"\\u0000\"", "\\u0000 is not taken"},
		{"\"\xff\"", "bad UTF-8"},
		{"9223372036854775808", "the integer is too large"},
		{"1e999", "the number is too large"},
		{"1.", "no digits behind its point"},
		{"1e", "no digits in its exponent"},
		{"-", "a number has no digits"},
		{"1 2", "something follows the value"},
		{"nul", "no value begins so"},
	};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct err err = {0};
		assert_null(node_from_json(&arena, bad[i][0], strlen(bad[i][0]), &err));
		assert_has(err.text, bad[i][1]);
		assert_int_equal(err.kind, ERR_PROTOCOL);
	}
	/* jansson takes a NUL at the end for the end. */
	struct err err;
	assert_null(node_from_json(&arena, "1\0", 2, &err));
	assert_null(node_from_json(&arena, "\"a\0b\"", 5, &err));
}

/* Keys by the hundred thousand, all different but the last: found out, and not by comparing each with each. */
static void many_keys(void **state)
{
	(void)state;
	enum { KEYS = 100000 };
	struct err err;
	buf_auto b = {0};
	buf_addc(&b, '{');
	for (int i = 0; i < KEYS; i++)
		buf_printf(&b, "\"%d\":%d,", i, i);
	size_t before = b.len;
	buf_adds(&b, "\"last\":0}");
	assert_non_null(node_from_json(&arena, b.data, b.len, &err));
	buf_truncate(&b, before);
	buf_adds(&b, "\"77\":0}");
	assert_null(node_from_json(&arena, b.data, b.len, &err));
	assert_has(err.text, "a key is there twice");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(whole_documents, things_clear),
		cmocka_unit_test_teardown(each_cut_short, things_clear),
		cmocka_unit_test_teardown(spoilt_ones, things_clear),
		cmocka_unit_test_teardown(where_it_is_bad, things_clear),
		cmocka_unit_test_teardown(many_keys, things_clear),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
