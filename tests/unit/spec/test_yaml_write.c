/* What is written is read back equal: every text, as value and as key, in lists and maps, at any depth. */
#include "../unit.h"
#include "harness_spec.h"
#include "spec/yaml.h"
#include "spec/yaml_write.h"

#include <stdlib.h>

static struct arena arena;

static int teardown(void **state)
{
	(void)state;
	arena_clear(&arena);
	return 0;
}

static const char *written(int column, const char *key, const struct node *value)
{
	buf_auto out = {0};
	yaml_write(&out, column, key, value);
	return arena_strdup(&arena, buf_str(&out));
}

/* The document is read as it is, and as a part of a longer one. */
static void reads_back(const char *key, const struct node *value)
{
	struct diags diags = {.arena = &arena};
	const char *text = written(0, key, value);
	struct node *read = yaml_parse(text, strlen(text), "t.yaml", &arena, &diags);
	const struct node *got = node_get(read, key);
	if (!read || read->u.map.n != 1 || !node_equal(got, value))
		fail_msg("not read back: %s%s", text, diags.n ? diags.v[0].text : "");
	buf_auto outer = {0};
	buf_adds(&outer, "outer:\n");
	yaml_write_comment(&outer, 2, key);
	yaml_write(&outer, 2, key, value);
	yaml_write(&outer, 2, "last", node_int(&arena, 1));
	read = yaml_parse(buf_str(&outer), outer.len, "t.yaml", &arena, &diags);
	const struct node *inner = read ? node_get(read, "outer") : NULL;
	if (!inner || !node_equal(node_get(inner, key), value))
		fail_msg("not read back inside: %s", buf_str(&outer));
}

static const char *const texts[] = {"", " ", "a", " a", "a ", "\n", "a\n", "\na", "a\nb", "a\n\nb",
	"a\r\nb", "\t", "a\tb", "#", "a #b", "a#b", "# a", ":", "a: b", "a:", ":a", "- a", "-",
	"--", "---", "...", "--- a", "-a", "--a", "---a", "-a: b", "--a #b", "-inf", "-e1", "? a",
	"?", "!", "!a", "&a", "*a", "*", "%a", "@a", "`a`", "|", ">", "|-\n a", "[a]", "{a: b}",
	"[", "]", "{", "}", ",", "a, b", "'", "''", "it's", "\"", "\"a\"", "\\", "\\n", "a\\",
	"yes", "No", "on", "OFF", "y", "N", "true", "False", "null", "NULL", "~", "<<", "=", "0",
	"1", "-1", "+1", "1.5", "3.10", "3.5.0", "1.2.3.4", ".5", "5.", "1e3", "0x1F", "0o17",
	"017", "1_000", "1:30", "12:30:45", "2001-01-01", "2001-01-01T00:00:00Z", ".inf", "-.INF",
	".nan", "$<x>", "$$<x>", "${x}", "$<", "<a>", "\x01", "\x1b[31m", "\x7f", "\xc2\x85",
	"a\xc2\x85"
	"b",
	"\xe2\x80\xa8",
	"a\xe2\x80\xa9"
	"b",
	"\xef\xbb\xbf"
	"a",
	"\xef\xbf\xbd", "\xef\xbf\xbe", "\xc3\xa9t\xc3\xa9", "\xf0\x9f\x98\x80",
	"\xe6\x97\xa5\xe6\x9c\xac", "/etc/passwd", "../..", "oci://b@n/x y.py", "a\n  b\n c",
	"  a\n b", "a \nb", "key: |\n  x"};
enum { TEXTS = sizeof texts / sizeof *texts };

static void every_text(void **state)
{
	(void)state;
	for (size_t i = 0; i < TEXTS; i++) {
		reads_back("key", node_str(&arena, texts[i]));
		reads_back(texts[i], node_str(&arena, texts[(i * 7 + 3) % TEXTS]));
	}
	char longer[3000];
	for (size_t i = 0; i + 1 < sizeof longer; i++)
		longer[i] = "word "[i % 5];
	longer[sizeof longer - 1] = 0;
	reads_back("key", node_str(&arena, longer));
	reads_back(longer, node_str(&arena, longer));
}

static const char *random_text(void)
{
	static const char *const pieces[] = {" ", "\n", "'", "\"", "\\", "#", ":", "-", "$<", "$",
		">", "a", "Z", "0", "9", ".", ",", "{", "}", "[", "]", "&", "*", "!", "|", "%", "@",
		"`", "?", "\t", "\r", "~", "\x01", "\x7f", "\xc2\xa0", "\xc2\x85", "\xc3\xa9",
		"\xe2\x80\xa8", "\xef\xbb\xbf", "\xf0\x9f\x98\x80", "null", "yes", "<<", ": ", " #",
		"- "};
	buf_auto b = {0};
	for (int n = rand() % 9; n > 0; n--)
		buf_adds(&b, pieces[(size_t)rand() % (sizeof pieces / sizeof *pieces)]);
	return arena_strdup(&arena, buf_str(&b));
}

static struct node *random_node(int depth)
{
	int kind = rand() % (depth ? 8 : 5);
	if (kind == 0)
		return node_int(&arena, rand() % 2000 - 1000);
	if (kind == 1)
		return node_bool(&arena, rand() % 2);
	if (kind == 2)
		return node_null(&arena);
	if (kind < 5)
		return node_str(&arena, random_text());
	struct node *n = kind == 5 ? node_seq(&arena) : node_map(&arena);
	for (int i = rand() % 5; i > 0; i--) {
		if (n->kind == NODE_SEQ)
			node_append(&arena, n, random_node(depth - 1));
		else
			node_put(&arena, n, random_text(), random_node(depth - 1));
	}
	return n;
}

static void random_trees(void **state)
{
	(void)state;
	const char *seed = getenv("YAML_SEED");
	srand(seed ? (unsigned)atoi(seed) : 1);
	for (int i = 0; i < 3000; i++) {
		reads_back("key", random_node(3));
		reads_back(random_text(), random_node(2));
		arena_clear(&arena);
	}
}

static void looks_as_people_write_it(void **state)
{
	(void)state;
	struct node *config = node_map(&arena), *list = node_seq(&arena), *app = node_map(&arena);
	node_add(&arena, config, "ocpus", node_int(&arena, 1));
	node_add(&arena, config, "memory_in_gbs", node_int(&arena, 16));
	node_append(&arena, list, node_str(&arena, "--day"));
	node_append(&arena, list, node_str(&arena, "${day}"));
	node_append(&arena, list, node_str(&arena, "it's"));
	node_add(&arena, app, "spark_version", node_str(&arena, "3.5.0"));
	node_add(&arena, app, "driver_shape_config", config);
	node_add(&arena, app, "arguments", list);
	node_add(&arena, app, "count", node_str(&arena, "10"));
	node_add(&arena, app, "text", node_str(&arena, "two\nlines"));
	node_add(&arena, app, "none", node_seq(&arena));
	assert_string_equal(written(2, "copy", app),
		"  copy:\n"
		"    spark_version: 3.5.0\n"
		"    driver_shape_config: {ocpus: 1, memory_in_gbs: 16}\n"
		"    arguments:\n"
		"    - --day\n"
		"    - ${day}\n"
		"    - it's\n"
		"    count: '10'\n"
		"    text: \"two\\nlines\"\n"
		"    none: []\n");
}

static void comments(void **state)
{
	(void)state;
	buf_auto out = {0};
	yaml_write_comment(&out, 2, "one\ntwo: \x1b[1m \xe2\x80\xa8x: 1\r");
	assert_string_equal(buf_str(&out), "  # one\n  # two: \\x1B[1m \\u{2028}x: 1\\x0D\n");
}

static void literals(void **state)
{
	(void)state;
	assert_string_equal(
		yaml_literal(&arena, "a $<x> $$<y> ${z} $ <"), "a $$<x> $$$<y> ${z} $ <");
	struct bench b;
	bench_begin(&b);
	bench_file(&b, "a.py", "");
	static const char *const values[] = {"$<x>", "$$<x>", "$$$<", "$<", "$<date>", "a$<b|c>d"};
	for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
		struct node *tags = node_map(&arena);
		node_add(&arena, tags, "t", node_str(&arena, values[i]));
		buf_auto text = {0};
		yaml_write(&text, 4, "freeform_tags", yaml_literals(&arena, tags));
		bench_open(&b, bench_app(&b, buf_str(&text)));
		assert_string_equal(bench_told(&b), "");
		assert_string_equal(
			bench_get_app(&b, "copy")->fields.app.freeform_tags.v[0].value, values[i]);
	}
	bench_end(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_text),
		cmocka_unit_test(random_trees),
		cmocka_unit_test(looks_as_people_write_it),
		cmocka_unit_test(comments),
		cmocka_unit_test(literals),
	};
	return cmocka_run_group_tests(tests, NULL, teardown);
}
