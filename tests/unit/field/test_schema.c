#include "things.h"

static const struct node *dig(const struct node *n, const char *first, const char *second)
{
	n = node_get(n, first);
	assert_non_null(n);
	n = node_get(n, second);
	assert_non_null(n);
	return n;
}

static void a_schema_of_each_kind(void **state)
{
	(void)state;
	const struct node *s = field_schema(&thing_record, &arena);
	assert_string_equal(node_get_str(s, "title"), "thing");
	assert_string_equal(to_json(node_get(s, "additionalProperties")), "false");
	assert_string_equal(to_json(node_get(s, "required")), "[\"display_name\",\"language\"]");
	static const char *const cases[][2] = {
		{"display_name",
			"{\"type\":[\"string\",\"number\",\"boolean\"],\"description\":\"Name.\"}"},
		{"note",
			"{\"type\":[\"string\",\"number\",\"boolean\",\"null\"],\"description\":"
			"\"A | note.\"}"},
		{"language",
			"{\"anyOf\":[{\"enum\":[\"PYTHON\",\"SCALA\",\"JAVA\",\"SQL\"]},"
			"{\"type\":\"string\",\"pattern\":\"\\\\$<\"}],\"description\":\"Language."
			"\"}"},
		{"shape",
			"{\"anyOf\":[{\"examples\":[\"VM.Standard.E4.Flex\",\"VM.Standard2.1\"]},"
			"{\"type\":\"string\",\"pattern\":\"\\\\$<\"},{\"type\":\"null\"}],"
			"\"description\":\"Shape.\"}"},
		{"count",
			"{\"anyOf\":[{\"type\":\"integer\",\"minimum\":1,\"maximum\":1000},"
			"{\"type\":\"string\",\"pattern\":\"\\\\$<\"},{\"type\":\"null\"}],"
			"\"description\":\"Count.\"}"},
		{"retries",
			"{\"anyOf\":[{\"type\":\"integer\",\"minimum\":1},{\"type\":\"string\","
			"\"pattern\":\"\\\\$<\"},"
			"{\"type\":\"null\"}],\"description\":\"Retries.\",\"default\":3}"},
		{"arguments",
			"{\"anyOf\":[{\"type\":\"array\",\"items\":{\"type\":[\"string\","
			"\"number\",\"boolean\"]},"
			"\"minItems\":0,\"maxItems\":5},{\"type\":\"string\",\"pattern\":\"\\\\$<"
			"\"},{\"type\":\"null\"}],"
			"\"description\":\"Arguments.\"}"},
		{"extra", "{\"description\":\"Anything.\"}"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_string_equal(to_json(dig(s, "properties", cases[i][0])), cases[i][1]);
	/* What a file cannot have is not there. */
	assert_null(node_get(node_get(s, "properties"), "id"));
	/* A record inside has a schema of its own. */
	assert_has(to_json(dig(s, "properties", "size")),
		"\"title\":\"size\",\"additionalProperties\":false");
	assert_has(to_json(dig(s, "properties", "configuration")), "\"maxProperties\":20");
}

static void keyed_and_partial(void **state)
{
	(void)state;
	const struct node *s = field_schema(&plan_file_record, &arena);
	assert_string_equal(to_json(node_get(s, "required")), "[\"default\"]");
	const char *parts = to_json(dig(s, "properties", "parts"));
	assert_has(parts, "\"additionalProperties\":{\"anyOf\":[{\"type\":\"object\"");
	assert_has(parts, "\"required\":[\"app\"]");
	/* What may come from elsewhere is not required here. */
	assert_lacks(to_json(dig(s, "properties", "steps")), "required");
	assert_lacks(to_json(dig(s, "properties", "defaults")), "required");
}

static void a_reference_row_for_each_key(void **state)
{
	(void)state;
	buf_auto b = {0};
	field_reference(&thing_record, &b);
	const char *out = buf_str(&b);
	assert_int_equal(strncmp(out, "| key | type | | meaning |\n|---|---|---|---|\n", 43), 0);
	static const char *const lines[] = {
		"| `display_name` | string | required; at most 20 bytes | Name. |\n",
		"| `language` | string | required; a change replaces; one of `PYTHON`, `SCALA`, `JAVA`, `SQL` | Language. |\n",
		"| `note` | string | | A \\| note. |\n",
		"| `shape` | string | such as `VM.Standard.E4.Flex`, `VM.Standard2.1` | Shape. |\n",
		"| `count` | integer | from 1 to 1000 | Count. |\n",
		"| `retries` | integer | at least 1; default `3` | Retries. |\n",
		"| `size.cores` | number | from 1 to 64 | Cores. |\n",
		"| `arguments` | list of strings | at most 5 entries | Arguments. |\n",
		"| `password` | string | sensitive | Secret. |\n",
		"| `defined_tags` | map of tag namespaces | | Defined tags. |\n",
	};
	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
		assert_has(out, lines[i]);
	assert_lacks(out, "`id`");
	buf_clear(&b);
	field_reference(&plan_file_record, &b);
	assert_has(buf_str(&b), "| `parts` | map of part | at most 3 entries | Parts. |\n");
	assert_has(buf_str(&b), "| `defaults` | part of base | | Defaults. |\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_schema_of_each_kind),
		cmocka_unit_test(keyed_and_partial),
		cmocka_unit_test(a_reference_row_for_each_key),
	};
	return cmocka_run_group_tests(tests, NULL, things_clear);
}
