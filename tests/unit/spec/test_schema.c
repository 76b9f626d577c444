/* The published schema and reference are what the tables say. */
#include "../unit.h"
#include "base/fs.h"
#include "field/field.h"
#include "spec/spec.h"

static struct arena arena;

static const char *published(const char *name)
{
	struct buf b = {.max = 8 << 20};
	struct err err;
	if (!fs_read(arena_printf(&arena, "%s/%s", SOURCE_DIR, name), &b, &err))
		fail_msg("%s", err.text);
	const char *text = arena_strdup(&arena, buf_str(&b));
	buf_clear(&b);
	return text;
}

static void same(const char *name, const char *made, const char *command)
{
	if (strcmp(published(name), made))
		fail_msg("%s is not what the tables say: %s > %s", name, command, name);
}

static void schema_is_published(void **state)
{
	(void)state;
	buf_auto made = {0};
	node_to_json(spec_schema(&arena), NODE_JSON_INDENT, &made);
	if (made.data[made.len - 1] != '\n')
		buf_addc(&made, '\n');
	same("schemas/pipeline.schema.json", buf_str(&made), "weir schema");
}

static void reference_is_published(void **state)
{
	(void)state;
	buf_auto made = {0};
	spec_reference(&made);
	same("docs/reference/pipeline.md", buf_str(&made), "weir schema --markdown");
}

static struct node *at(struct node *n, const char *path)
{
	char *rest = arena_strdup(&arena, path);
	for (char *part; n && (part = strsep(&rest, "/"));)
		n = *part >= '0' && *part <= '9' && n->kind == NODE_SEQ ? n->u.seq.v[*part - '0']
									: node_get(n, part);
	if (!n)
		fail_msg("no %s in the schema", path);
	return n;
}

static void what_the_schema_says(void **state)
{
	(void)state;
	struct node *s = spec_schema(&arena);
	assert_string_equal(node_get_str(at(s, "required/0"), "x") ? "" : at(s, "required/0")->text,
		"pipeline");
	assert_int_equal(at(s, "required")->u.seq.n, 1);
	struct node *app = at(s, "$defs/app");
	assert_null(node_get(app, "required"));
	assert_false(at(app, "additionalProperties")->u.b);
	assert_non_null(at(app, "properties/compartment_id"));
	assert_null(node_get(at(app, "properties"), "lifecycle_state"));
	assert_non_null(at(app, "properties/script"));
	assert_string_equal(
		node_get_str(at(s, "properties/defaults/anyOf/0"), "$ref"), "#/$defs/app");
	/* What is not built is not there. */
	assert_null(node_get(at(s, "properties"), "include"));
	assert_non_null(at(app, "properties/adopt"));
	assert_non_null(at(s, "properties/was"));
}

static void what_the_reference_says(void **state)
{
	(void)state;
	buf_auto b = {0};
	spec_reference(&b);
	assert_has(buf_str(&b), "\n| `num_executors` | integer | required; from 1 to 10000 | ");
	assert_has(buf_str(&b), "\n| `needs` | list of strings | | ");
	assert_lacks(buf_str(&b), "| `lifecycle_state`");
	/* Names in angle brackets would be taken for HTML. */
	bool code = false;
	for (const char *p = buf_str(&b); *p; p++) {
		code = *p == '`' ? !code : *p == '\n' ? false : code;
		assert_false(*p == '<' && !code);
	}
}

static int teardown(void **state)
{
	(void)state;
	arena_clear(&arena);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(schema_is_published, teardown),
		cmocka_unit_test_teardown(reference_is_published, teardown),
		cmocka_unit_test_teardown(what_the_schema_says, teardown),
		cmocka_unit_test_teardown(what_the_reference_says, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
