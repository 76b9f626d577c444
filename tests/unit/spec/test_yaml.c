/* YAML text to nodes: what each scalar is, what is refused, and where it is told to be. */
#include "../unit.h"
#include "spec/yaml.h"

#include <math.h>

static struct arena arena;
static struct diags diags;

static int setup(void **state)
{
	(void)state;
	diags = (struct diags){.arena = &arena};
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	arena_clear(&arena);
	return 0;
}

static struct node *parse_n(const char *text, size_t len)
{
	diags = (struct diags){.arena = &arena};
	return yaml_parse(text, len, "t.yaml", &arena, &diags);
}

static struct node *parse(const char *text)
{
	return parse_n(text, strlen(text));
}

/* The first mistake, as "line:col: text | hint". */
static const char *refused(const char *text)
{
	assert_null(parse(text));
	assert_true(diags.errors > 0);
	const struct diag *d = &diags.v[0];
	return arena_printf(&arena, "%u:%u: %s | %s", d->mark.line, d->mark.col, d->text,
		d->hint ? d->hint : "");
}

static const char *json(const char *text)
{
	struct node *n = parse(text);
	if (!n)
		return diags.v[0].text;
	buf_auto out = {0};
	node_to_json(n, NODE_JSON_COMPACT, &out);
	return arena_strdup(&arena, buf_str(&out));
}

static void scalars_of_the_core_schema(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		enum node_kind kind;
	} cases[] = {{"", NODE_NULL}, {"~", NODE_NULL}, {"null", NODE_NULL}, {"NULL", NODE_NULL},
		{"nULL", NODE_STR}, {"true", NODE_BOOL}, {"False", NODE_BOOL}, {"tRUE", NODE_STR},
		{"yes", NODE_STR}, {"no", NODE_STR}, {"on", NODE_STR}, {"off", NODE_STR},
		{"y", NODE_STR}, {"0", NODE_INT}, {"-0", NODE_INT}, {"+12", NODE_INT},
		{"007", NODE_INT}, {"0o17", NODE_INT}, {"0o18", NODE_STR}, {"0o", NODE_STR},
		{"0x1F", NODE_INT}, {"0xfg", NODE_STR}, {"0x", NODE_STR}, {"0b11", NODE_STR},
		{"1_000", NODE_STR}, {"1:30", NODE_STR}, {"9223372036854775807", NODE_INT},
		{"9223372036854775808", NODE_FLOAT}, {"0xffffffffffffffff", NODE_FLOAT},
		{"1.5", NODE_FLOAT}, {"3.10", NODE_FLOAT}, {".5", NODE_FLOAT}, {"5.", NODE_FLOAT},
		{"1e3", NODE_FLOAT}, {"-1.5E-3", NODE_FLOAT}, {"+.5", NODE_FLOAT}, {"1e", NODE_STR},
		{"e3", NODE_STR}, {".", NODE_STR}, {"-", NODE_STR}, {"+", NODE_STR},
		{"1.2.3", NODE_STR}, {"3.5.0", NODE_STR}, {".inf", NODE_FLOAT},
		{"-.INF", NODE_FLOAT}, {"+.Inf", NODE_FLOAT}, {".nan", NODE_FLOAT},
		{".NAN", NODE_FLOAT}, {"inf", NODE_STR}, {"nan", NODE_STR}, {"1e999", NODE_FLOAT},
		{"2024-01-01", NODE_STR}, {"12e03", NODE_FLOAT}, {"0x-1", NODE_STR},
		{"--1", NODE_STR}, {"1 2", NODE_STR}};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct node *n = yaml_plain(&arena, cases[i].text, strlen(cases[i].text));
		if (n->kind != cases[i].kind)
			fail_msg("%s is %s", cases[i].text, node_kind_name(n->kind));
		assert_string_equal(n->text, cases[i].text);
	}
}

static void values_of_numbers(void **state)
{
	(void)state;
	assert_int_equal(yaml_plain(&arena, "0o17", 4)->u.i, 15);
	assert_int_equal(yaml_plain(&arena, "0x1F", 4)->u.i, 31);
	assert_int_equal(yaml_plain(&arena, "+12", 3)->u.i, 12);
	assert_int_equal(yaml_plain(&arena, "-007", 4)->u.i, -7);
	assert_true(yaml_plain(&arena, "1e3", 3)->u.d == 1000);
	assert_true(yaml_plain(&arena, "+.5", 3)->u.d == 0.5);
	assert_true(yaml_plain(&arena, "0xffffffffffffffff", 18)->u.d == 18446744073709551615.0);
	assert_true(isinf(yaml_plain(&arena, "-.inf", 5)->u.d));
	assert_true(yaml_plain(&arena, "-.inf", 5)->u.d < 0);
	assert_true(yaml_plain(&arena, "-1e999", 6)->u.d < 0);
	assert_true(isnan(yaml_plain(&arena, ".NaN", 4)->u.d));
	assert_true(yaml_plain(&arena, "True", 4)->u.b);
	assert_false(yaml_plain(&arena, "FALSE", 5)->u.b);
}

static void styles(void **state)
{
	(void)state;
	assert_string_equal(json("a: \"1\"\nb: 'true'\nc: \"\"\nd: |\n  5\ne: >-\n  x\n  y\n"),
		"{\"a\":\"1\",\"b\":\"true\",\"c\":\"\",\"d\":\"5\\n\",\"e\":\"x y\"}");
	assert_string_equal(json("- a\n- [b, {c: d}]\n-\n"), "[\"a\",[\"b\",{\"c\":\"d\"}],null]");
	assert_string_equal(json("\xef\xbb\xbf"
				 "a: 1"),
		"{\"a\":1}");
	assert_string_equal(json("%YAML 1.2\n---\na: 1\n...\n"), "{\"a\":1}");
	assert_string_equal(json("a: \"\xc3\xa9\"\r\nb: 2\r\n"), "{\"a\":\"\xc3\xa9\",\"b\":2}");
}

static void tags(void **state)
{
	(void)state;
	assert_string_equal(
		json("[!!str 5, ! 5, !!int \"5\", !!float 5, !!bool \"true\", !!null \"\"]"),
		"[\"5\",\"5\",5,5.0,true,null]");
	assert_string_equal(json("!!map {a: !!seq [1]}"), "{\"a\":[1]}");
	assert_has(refused("a: !!int x"), "1:4: `x` is not an integer, as its tag says");
	assert_has(refused("a: !Ref x"), "tag `!Ref` is not one of the core schema");
	assert_has(refused("a: !!binary eA=="), "is not one of the core schema");
	assert_has(refused("a: !!map [x]"), "is not one of the core schema");
	assert_has(refused("!x a: 1"), "1:1: tag `!x`");
}

static void aliases_share(void **state)
{
	(void)state;
	struct node *n = parse("a: &x {k: [1, 2]}\nb: *x\nc: &s text\n*s : 3\n");
	assert_non_null(n);
	assert_ptr_equal(node_get(n, "a"), node_get(n, "b"));
	assert_int_equal(node_get(n, "text")->u.i, 3);
	assert_string_equal(json("&k key: *k"), "{\"key\":\"key\"}");
	/* The later of two anchors of a name. */
	assert_string_equal(json("[&a 1, *a, &a 2, *a]"), "[1,1,2,2]");
	assert_has(refused("a: *nope"), "1:4: no anchor `&nope` before this alias");
	assert_has(refused("a: &name 1\nb: *nane"), "| did you mean `*name`?");
	assert_has(refused("a: &x [*x]"), "1:8: alias `*x` inside its own anchor");
	assert_has(refused("&x {a: {b: *x}}"), "inside its own anchor");
	assert_has(refused("? &x [1]\n: 2"), "1:3: a key must be a scalar, not a list");
	assert_has(refused("a: &x {b: 1}\n*x : 2"), "2:1: a key must be a scalar, not a map");
}

static void merge_keys(void **state)
{
	(void)state;
	const char *base = "b: &b {x: 1, y: 1}\nc: &c {y: 2, z: 2}\n";
	assert_has(json(arena_printf(&arena, "%sd: {<<: *b, x: 9}", base)),
		"\"d\":{\"x\":9,\"y\":1}}");
	assert_has(json(arena_printf(&arena, "%sd: {<<: [*c, *b]}", base)),
		"\"d\":{\"y\":2,\"z\":2,\"x\":1}");
	assert_has(json(arena_printf(&arena, "%sd: {<<: *b, <<: *c}", base)), "duplicate key `<<`");
	assert_has(json("d: {\"<<\": 1}"), "{\"d\":{\"<<\":1}}");
	assert_has(
		refused("a: {<<: 5}"), "1:9: `<<` takes a map or a list of maps, not an integer");
	assert_has(refused("a: {<<: [5]}"), "`<<` takes maps, not an integer");
	/* More keys than are compared one by one. */
	buf_auto many = {0};
	buf_adds(&many, "m: &m {");
	for (int i = 0; i < 40; i++)
		buf_printf(&many, "%sk%d: %d", i ? ", " : "", i, i);
	buf_adds(&many, "}\nn: {k39: mine, <<: *m, other: 1}\n");
	struct node *n = node_get(parse(buf_str(&many)), "n");
	assert_int_equal(n->u.map.n, 41);
	assert_string_equal(node_get_str(n, "k39"), "mine");
}

static void duplicate_keys(void **state)
{
	(void)state;
	assert_string_equal(refused("a: 1\nb: 2\na: 3\n"),
		"3:1: duplicate key `a` | the first is at 1:1; keep one");
	/* All of them, and among many. */
	buf_auto many = {0};
	for (int i = 0; i < 50; i++)
		buf_printf(&many, "k%d: 1\n", i);
	buf_adds(&many, "k3: 2\nk44: 2\n\"k0\": 2\n");
	assert_has(refused(buf_str(&many)), "51:1: duplicate key `k3` | the first is at 4:1");
	assert_int_equal(diags.errors, 3);
	assert_string_equal(diags.v[2].text, "duplicate key `k0`");
}

static void marks(void **state)
{
	(void)state;
	struct node *n = parse("# comment\na:\n  \xc3\xa9t\xc3\xa9: [x, \"long one\"]\n");
	struct node *inner = node_get(n, "a");
	const struct node_pair *pair = &inner->u.map.v[0];
	assert_int_equal(pair->key_mark.line, 3);
	assert_int_equal(pair->key_mark.col, 3);
	assert_int_equal(pair->key_mark.len, 3); /* characters, not bytes */
	assert_int_equal(pair->value->mark.col, 8);
	const struct mark *m = &pair->value->u.seq.v[1]->mark;
	assert_string_equal(m->file, "t.yaml");
	assert_int_equal(m->col, 12);
	assert_int_equal(m->len, 10);
}

static void what_is_no_yaml(void **state)
{
	(void)state;
	assert_has(refused("a: b: c"), "1:5: not YAML: mapping values are not allowed");
	assert_has(refused("a: b: c"), "quote a value that has `: ` in it");
	assert_has(refused("a: [1, 2"), "is a bracket or a comma missing?");
	assert_has(refused("a: \"x"), "is a quote or a bracket missing?");
	assert_has(refused("a:\n\t- b"), "2:1: not YAML");
	assert_has(refused("a:\n\t- b"), "indent with spaces, not tabs");
	assert_has(refused("a: @x"), "quote a value that begins with it");
	assert_has(refused("a: 1\n b: 2"), "not YAML");
	assert_has(refused("- a\nb: 1"), "is it indented as its neighbours are?");
	assert_has(refused("a: 1\n---\nb: 2\n"), "2:1: a second document");
	assert_has(refused(""), "0:0: the file is empty | begin with `pipeline: name`");
	assert_has(refused("# only this\n"), "the file is empty");
	assert_has(refused("a: \"\\0\""), "a text must not hold a NUL character");
}

static void what_is_no_text(void **state)
{
	(void)state;
	assert_has(refused("a: \xff"), "1:4: not text: a byte that is not UTF-8");
	assert_has(refused("a: 1\nb: \xc3("), "2:4: not text");
	assert_has(refused("a: \xed\xa0\x80"), "1:4: not text"); /* a surrogate */
	assert_has(refused("a: \x01"), "a control character");
	assert_has(refused("a: \x7f"), "a control character");
	assert_has(refused("a: \xef\xbb\xbf"), "a byte order mark inside the text");
	assert_null(parse_n("a: \0", 4));
	assert_has(diags.v[0].text, "a NUL byte");
	assert_null(parse_n("a\0:\0", 4));
	assert_null(parse_n("\xff\xfe"
			    "a\0",
		4));
	assert_has(diags.v[0].text, "UTF-16");
	assert_null(parse_n("\x7f"
			    "ELF\2\1\1",
		7));
	assert_null(parse_n("PK\3\4\0\0", 6));
	assert_null(parse_n("\x1f\x8b\x08", 3));
	assert_null(parse_n("\x89PNG\r\n\x1a\n", 8));
}

static const char *repeated(const char *part, size_t n, const char *end)
{
	buf_auto b = {0};
	for (size_t i = 0; i < n; i++)
		buf_adds(&b, part);
	buf_adds(&b, end);
	return arena_strdup(&arena, buf_str(&b));
}

static void depth(void **state)
{
	(void)state;
	assert_non_null(parse(repeated("[", 100, repeated("]", 100, ""))));
	assert_has(refused(repeated("[", 101, repeated("]", 101, ""))),
		"1:101: too deep: more than 100");
	assert_has(refused(repeated("{a: ", 101, "")), "too deep");
	assert_has(refused(repeated("- ", 101, "x")), "1:201: too deep");
}

static void counts(void **state)
{
	(void)state;
	/* The list itself counts. */
	const char *most = repeated("a,", YAML_NODES_MAX - 1, "]");
	assert_non_null(parse(arena_printf(&arena, "[%s", most)));
	assert_has(
		refused(arena_printf(&arena, "[b,%s", most)), "too large: more than 100000 values");
	const char *thousand = arena_printf(&arena, "[&x [%s,", repeated("a,", 998, "a]"));
	assert_non_null(parse(arena_printf(&arena, "%s%s", thousand, repeated("*x,", 100, "]"))));
	assert_has(refused(arena_printf(&arena, "%s%s", thousand, repeated("*x,", 101, "]"))),
		"too large: the aliases stand for more than 100000 values");
}

static void bombs(void **state)
{
	(void)state;
	buf_auto b = {0};
	buf_adds(&b, "a0: &a0 [x, x, x, x, x, x, x, x, x]\n");
	for (int i = 1; i < 30; i++)
		buf_printf(&b, "a%d: &a%d [*a%d, *a%d, *a%d, *a%d, *a%d, *a%d, *a%d, *a%d, *a%d]\n",
			i, i, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1);
	assert_has(refused(buf_str(&b)), "the aliases stand for more than");
	/* By merge keys. */
	buf_truncate(&b, 0);
	buf_adds(&b, "a0: &a0 {x: [1, 2, 3, 4, 5, 6, 7, 8]}\n");
	for (int i = 1; i < 40; i++)
		buf_printf(&b, "a%d: &a%d {<<: *a%d, k%d: *a%d}\n", i, i, i - 1, i, i - 1);
	assert_has(refused(buf_str(&b)), "the aliases stand for more than");
}

static void size(void **state)
{
	(void)state;
	size_t n = YAML_BYTES_MAX + 1;
	char *text = arena_alloc(&arena, n);
	memset(text, 'a', n);
	assert_null(parse_n(text, n));
	assert_has(diags.v[0].text, "too large: more than 8 MiB");
	assert_non_null(parse_n(text, n - 1));
}

static void sizes_of_trees(void **state)
{
	(void)state;
	struct node *n = parse("a: &x [1, 2, {b: 3}]\nc: *x\n");
	assert_int_equal(yaml_size(n, 1000), 11);
	assert_true(yaml_size(n, 5) >= 5);
	assert_true(yaml_size(n, 5) < 9);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(scalars_of_the_core_schema, setup, teardown),
		cmocka_unit_test_setup_teardown(values_of_numbers, setup, teardown),
		cmocka_unit_test_setup_teardown(styles, setup, teardown),
		cmocka_unit_test_setup_teardown(tags, setup, teardown),
		cmocka_unit_test_setup_teardown(aliases_share, setup, teardown),
		cmocka_unit_test_setup_teardown(merge_keys, setup, teardown),
		cmocka_unit_test_setup_teardown(duplicate_keys, setup, teardown),
		cmocka_unit_test_setup_teardown(marks, setup, teardown),
		cmocka_unit_test_setup_teardown(what_is_no_yaml, setup, teardown),
		cmocka_unit_test_setup_teardown(what_is_no_text, setup, teardown),
		cmocka_unit_test_setup_teardown(depth, setup, teardown),
		cmocka_unit_test_setup_teardown(counts, setup, teardown),
		cmocka_unit_test_setup_teardown(bombs, setup, teardown),
		cmocka_unit_test_setup_teardown(size, setup, teardown),
		cmocka_unit_test_setup_teardown(sizes_of_trees, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
