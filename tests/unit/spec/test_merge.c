/* Merging, by examples and by properties over many maps. */
#include "../unit.h"
#include "spec/merge.h"
#include "spec/yaml.h"

static struct arena arena;

static int teardown(void **state)
{
	(void)state;
	arena_clear(&arena);
	return 0;
}

static const struct node *parse(const char *text)
{
	struct diags d = {.arena = &arena};
	const struct node *n = yaml_parse(text, strlen(text), "t", &arena, &d);
	assert_non_null(n);
	return n;
}

static const char *merged(const char *base, const char *over)
{
	buf_auto out = {0};
	node_to_json(merge(&arena, parse(base), parse(over)), NODE_JSON_COMPACT, &out);
	return arena_strdup(&arena, buf_str(&out));
}

static void examples(void **state)
{
	(void)state;
	assert_string_equal(merged("{a: 1, b: 2}", "{b: 3, c: 4}"), "{\"a\":1,\"b\":3,\"c\":4}");
	assert_string_equal(
		merged("{a: {x: 1, y: 2}}", "{a: {y: 3}}"), "{\"a\":{\"x\":1,\"y\":3}}");
	assert_string_equal(merged("{a: [1, 2]}", "{a: [3]}"), "{\"a\":[3]}");
	assert_string_equal(merged("{a: [1]}", "{a: []}"), "{\"a\":[]}");
	assert_string_equal(merged("{a: {x: 1}}", "{a: 5}"), "{\"a\":5}");
	assert_string_equal(merged("{a: 5}", "{a: {x: 1}}"), "{\"a\":{\"x\":1}}");
	assert_string_equal(
		merged("{a: 1, b: {c: 2, d: 3}}", "{a: null, b: {c: null}}"), "{\"b\":{\"d\":3}}");
	assert_string_equal(merged("{}", "{a: null}"), "{\"a\":null}");
	assert_string_equal(merged("{a: 1}", "text"), "\"text\"");
	const struct node *over = parse("{a: 1}");
	assert_ptr_equal(merge(&arena, NULL, over), over);
}

static void places_are_those_of_the_value(void **state)
{
	(void)state;
	const struct node *n = merge(&arena, parse("{a: 1}"), parse("\n\n{b: 2, a: 3}"));
	assert_int_equal(n->u.map.v[0].key_mark.line, 3);
	assert_int_equal(n->u.map.v[0].value->mark.line, 3);
}

static unsigned seed;

static unsigned chance(unsigned n)
{
	seed = seed * 1103515245 + 12345;
	return (seed >> 16) % n;
}

static struct node *some_map(int depth, bool nulls)
{
	struct node *n = node_map(&arena);
	unsigned keys = chance(depth == 3 ? 100 : 5);
	for (unsigned i = 0; i < keys; i++) {
		const char *key = arena_printf(&arena, "k%u", chance(keys * 2));
		unsigned what = chance(4);
		struct node *value = what == 0 && depth ? some_map(depth - 1, nulls)
			: what == 1 && nulls            ? node_null(&arena)
			: what == 2                     ? node_seq(&arena)
							: node_int(&arena, chance(100));
		node_put(&arena, n, key, value);
	}
	return n;
}

/* The definition again, looked at from the result. */
static void check(const struct node *base, const struct node *over, const struct node *m)
{
	size_t n = 0;
	for (size_t i = 0; i < base->u.map.n; i++) {
		const struct node_pair *p = &base->u.map.v[i];
		const struct node *own = node_get(over, p->key), *now = node_get(m, p->key);
		n += !own || own->kind != NODE_NULL;
		if (!own)
			assert_ptr_equal(now, p->value);
		else if (own->kind == NODE_NULL)
			assert_null(now);
		else if (own->kind == NODE_MAP && p->value->kind == NODE_MAP)
			check(p->value, own, now);
		else
			assert_ptr_equal(now, own);
	}
	for (size_t i = 0; i < over->u.map.n; i++) {
		const struct node_pair *p = &over->u.map.v[i];
		if (node_get(base, p->key))
			continue;
		n++;
		assert_ptr_equal(node_get(m, p->key), p->value);
	}
	assert_int_equal(m->u.map.n, n);
}

static void properties(void **state)
{
	(void)state;
	struct node *empty = node_map(&arena);
	for (unsigned i = 1; i < 400; i++) {
		seed = i;
		struct node *a = some_map(3, false), *b = some_map(3, true);
		check(a, b, merge(&arena, a, b));
		assert_true(node_equal(merge(&arena, a, empty), a));
		assert_true(node_equal(merge(&arena, empty, a), a));
		assert_true(node_equal(merge(&arena, a, a), a));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(examples, teardown),
		cmocka_unit_test_teardown(places_are_those_of_the_value, teardown),
		cmocka_unit_test_teardown(properties, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
