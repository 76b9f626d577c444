#include "../unit.h"
#include "base/text.h"
#include "field/node.h"

#include <math.h>
#include <stdio.h>

static struct arena arena;

static int tear_down(void **state)
{
	(void)state;
	arena_clear(&arena);
	return 0;
}

static struct node *parse(const char *text)
{
	struct err err;
	struct node *n = node_from_json(&arena, text, strlen(text), &err);
	if (!n)
		fail_msg("%s: %s", text, err.text);
	return n;
}

static const char *json(const struct node *n, enum node_json form)
{
	buf_auto b = {0};
	node_to_json(n, form, &b);
	return arena_strdup(&arena, buf_str(&b));
}

static void scalars_keep_a_text(void **state)
{
	(void)state;
	assert_string_equal(node_null(&arena)->text, "");
	assert_string_equal(node_bool(&arena, true)->text, "true");
	assert_string_equal(node_int(&arena, INT64_MIN)->text, "-9223372036854775808");
	assert_string_equal(node_float(&arena, 3.10)->text, "3.1");
	assert_string_equal(node_float(&arena, 16)->text, "16.0");
	assert_string_equal(node_float(&arena, 1e300)->text, "1e+300");
	assert_string_equal(node_str(&arena, "x")->text, "x");
	assert_int_equal(node_str(&arena, NULL)->kind, NODE_NULL);
	assert_int_equal(node_str(&arena, "abc")->len, 3);
}

static void maps_and_lists_grow(void **state)
{
	(void)state;
	struct node *map = node_map(&arena), *seq = node_seq(&arena);
	char key[16];
	for (int i = 0; i < 100; i++) {
		snprintf(key, sizeof key, "k%d", i);
		node_put(&arena, map, key, node_int(&arena, i));
		node_append(&arena, seq, node_int(&arena, i));
	}
	node_put(&arena, map, "k7", node_str(&arena, "seven"));
	assert_int_equal(map->u.map.n, 100);
	assert_string_equal(node_get_str(map, "k7"), "seven");
	assert_null(node_get_str(map, "k8"));
	assert_null(node_get(map, "k100"));
	assert_null(node_get(seq, "k1"));
	assert_null(node_get(NULL, "k1"));
	for (int i = 0; i < 100; i++)
		assert_int_equal(seq->u.seq.v[i]->u.i, i);
}

/* As the reader of YAML does: v and n set, no capacity told. */
static void what_others_built_grows_too(void **state)
{
	(void)state;
	struct node *items[20];
	struct node_pair pairs[20];
	for (int i = 0; i < 20; i++) {
		items[i] = node_int(&arena, i);
		pairs[i] = (struct node_pair){
			.key = arena_printf(&arena, "k%d", i), .value = items[i]};
	}
	struct node *seq = node_seq(&arena), *map = node_map(&arena);
	seq->u.seq.v = items;
	seq->u.seq.n = 20;
	map->u.map.v = pairs;
	map->u.map.n = 20;
	node_append(&arena, seq, node_int(&arena, 20));
	node_put(&arena, map, "k20", node_int(&arena, 20));
	for (int i = 0; i <= 20; i++)
		assert_int_equal(seq->u.seq.v[i]->u.i, map->u.map.v[i].value->u.i);
}

static void emptiness(void **state)
{
	(void)state;
	assert_true(node_is_empty(NULL));
	assert_true(node_is_empty(parse("null")));
	assert_true(node_is_empty(parse("\"\"")));
	assert_true(node_is_empty(parse("[]")));
	assert_true(node_is_empty(parse("{}")));
	assert_false(node_is_empty(parse("0")));
	assert_false(node_is_empty(parse("false")));
	assert_false(node_is_empty(parse("[null]")));
	assert_false(node_is_empty(parse("\" \"")));
}

static void equality(void **state)
{
	(void)state;
	static const char *const same[][2] = {{"1", "1.0"},
		{"{\"a\":1,\"b\":[2]}", "{\"b\":[2.0],\"a\":1}"}, {"null", "null"},
		{"\"x\"", "\"x\""}, {"[]", "[]"}, {"true", "true"}, {"0.5", "0.5"}};
	static const char *const other[][2] = {{"1", "\"1\""}, {"1", "2"}, {"1", "1.5"},
		{"true", "false"}, {"true", "1"}, {"null", "\"\""}, {"[1,2]", "[2,1]"},
		{"[1]", "[1,1]"}, {"{\"a\":1}", "{\"a\":2}"}, {"{\"a\":1}", "{\"b\":1}"},
		{"{\"a\":1}", "{\"a\":1,\"b\":1}"}, {"[]", "{}"}, {"\"x\"", "\"X\""},
		{"0.5", "0.25"}};
	for (size_t i = 0; i < sizeof same / sizeof *same; i++)
		if (!node_equal(parse(same[i][0]), parse(same[i][1])))
			fail_msg("%s is not %s", same[i][0], same[i][1]);
	for (size_t i = 0; i < sizeof other / sizeof *other; i++)
		if (node_equal(parse(other[i][0]), parse(other[i][1])))
			fail_msg("%s is %s", other[i][0], other[i][1]);
	assert_true(node_equal(NULL, NULL));
	assert_false(node_equal(NULL, parse("null")));
	assert_false(node_equal(parse("null"), NULL));
}

static void copies_are_deep(void **state)
{
	(void)state;
	struct arena other = {0};
	struct node *n = node_copy(&other, parse("{\"a\":[1,{\"b\":\"c\"}],\"d\":1.5}"));
	n->mark = (struct mark){"f", 1, 2, 3};
	struct node *again = node_copy(&arena, n);
	arena_clear(&other);
	assert_string_equal(json(again, NODE_JSON_COMPACT), "{\"a\":[1,{\"b\":\"c\"}],\"d\":1.5}");
	assert_int_equal(again->mark.col, 2);
	assert_null(node_copy(&arena, NULL));
}

static void json_both_ways(void **state)
{
	(void)state;
	static const char *const texts[] = {"null", "true", "0", "-5", "9223372036854775807", "1.5",
		"1e+300", "\"a\\\"\\\\\\n\xc3\xa4\"", "[]", "{}", "[1,[2,{}],\"x\"]",
		"{\"b\":1,\"a\":{\"c\":null}}", "2.0"};
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		assert_string_equal(json(parse(texts[i]), NODE_JSON_COMPACT), texts[i]);
	assert_string_equal(json(parse("{\"a\":[1,2],\"b\":{},\"c\":[]}"), NODE_JSON_INDENT),
		"{\n  \"a\": [\n    1,\n    2\n  ],\n  \"b\": {},\n  \"c\": []\n}");
	assert_string_equal(json(parse(" \"\\u00e4\\ud83d\\ude00\" "), NODE_JSON_COMPACT),
		"\"\xc3\xa4\xf0\x9f\x98\x80\"");
	assert_string_equal(json(node_float(&arena, INFINITY), NODE_JSON_COMPACT), "null");
	assert_string_equal(json(node_float(&arena, NAN), NODE_JSON_COMPACT), "null");
}

static void hostile_json_is_refused(void **state)
{
	(void)state;
	static const char *const bad[] = {"", " ", "{", "[1,]", "{\"a\":1,\"a\":2}",
		"{\"a\":{\"b\":1,\"b\":1}}", "\"\\u0000\"", "{\"\\u0000\":1}", "\"\xff\"",
		"\"\xc0\xaf\"", "\"\\ud800\"", "nul", "1 2", "{}x", "99999999999999999999",
		"-99999999999999999999", "1e999", "NaN", "'a'", "01", "\"a\nb\"", "// c\n1",
		"\xef\xbb\xbf{}"};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct err err = {0};
		if (node_from_json(&arena, bad[i], strlen(bad[i]), &err))
			fail_msg("took %s", bad[i]);
		assert_int_equal(err.kind, ERR_PROTOCOL);
		assert_true(*err.text);
	}
	struct err err;
	assert_null(node_from_json(&arena, "{}\0", 3, &err));
	assert_null(node_from_json(&arena, "\"a\0b\"", 5, &err));
}

static void depth_has_a_limit(void **state)
{
	(void)state;
	struct err err;
	char text[100000];
	memset(text, '[', sizeof text);
	assert_null(node_from_json(&arena, text, sizeof text, &err));
	memset(text + 100, ']', 100);
	assert_non_null(node_from_json(&arena, text, 200, &err));
	memset(text, '[', 101);
	memset(text + 101, ']', 101);
	assert_null(node_from_json(&arena, text, 202, &err));
	assert_has(err.text, "more than 100 deep");

	buf_auto many = {0};
	for (int v = 0; v < 200000; v++)
		buf_adds(&many, v ? ",1" : "[1");
	buf_addc(&many, ']');
	assert_null(node_from_json(&arena, many.data, many.len, &err));
	assert_has(err.text, "more than 200000 values");
	memcpy(many.data + many.len - 3, "]  ", 3); /* one less; the list itself is one too */
	assert_non_null(node_from_json(&arena, many.data, many.len, &err));
}

static void a_full_buffer_is_told(void **state)
{
	(void)state;
	buf_auto b = {.max = 4};
	node_to_json(parse("[1,2,3,4,5]"), NODE_JSON_COMPACT, &b);
	assert_true(b.overflow);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(scalars_keep_a_text),
		cmocka_unit_test(maps_and_lists_grow),
		cmocka_unit_test(what_others_built_grows_too),
		cmocka_unit_test(emptiness),
		cmocka_unit_test(equality),
		cmocka_unit_test(copies_are_deep),
		cmocka_unit_test(json_both_ways),
		cmocka_unit_test(hostile_json_is_refused),
		cmocka_unit_test(depth_has_a_limit),
		cmocka_unit_test(a_full_buffer_is_told),
	};
	return cmocka_run_group_tests(tests, NULL, tear_down);
}
