/* What is read, and how mistakes are told: in files, in requests, in replies. */
#include "things.h"

static struct thing t;

static const char *yaml(const char *text)
{
	return complaints(&thing_record, text, FORM_YAML, "apps.copy", &t);
}

/* With what is required, so that only the mistake in question is told. */
static const char *with(const char *more)
{
	const char *text =
		arena_printf(&arena, "{\"display_name\":\"n\",\"language\":\"SQL\",%s}", more);
	return yaml(text);
}

static void every_kind_is_read(void **state)
{
	(void)state;
	assert_string_equal(
		with("\"uri\":\"oci://x\",\"count\":5,\"ratio\":2,\"verbose\":true,"
		     "\"size\":{\"cores\":1.5},\"arguments\":[\"a\",1,true,3.5],"
		     "\"configuration\":{\"k\":1,\"gone\":null},\"parameters\":{\"day\":\"x\"},"
		     "\"defined_tags\":{\"ns\":{\"k\":\"v\"},\"other.key\":2},\"extra\":[1],"
		     "\"note\":3.5,\"shape\":\"VM.Standard2.1\",\"hosts\":[]"),
		"");
	assert_string_equal(t.base.display_name, "n");
	assert_string_equal(t.base.language, "SQL");
	assert_string_equal(t.uri, "oci://x");
	assert_string_equal(t.note, "3.5");
	assert_true(t.count.set && t.count.v == 5);
	assert_true(t.ratio.set && t.ratio.v == 2);
	assert_true(t.verbose.set && t.verbose.v);
	assert_true(t.size->cores.v == 1.5);
	assert_false(t.size->memory.set);
	assert_int_equal(t.arguments.n, 4);
	assert_string_equal(t.arguments.v[1], "1");
	assert_string_equal(t.arguments.v[2], "true");
	assert_int_equal(t.configuration.n, 1);
	assert_string_equal(t.configuration.v[0].value, "1");
	assert_string_equal(t.parameters.v[0].name, "day");
	assert_int_equal(t.defined_tags.n, 2);
	assert_string_equal(t.defined_tags.v[0].name, "ns.k");
	assert_string_equal(t.defined_tags.v[1].name, "other.key");
	assert_string_equal(t.defined_tags.v[1].value, "2");
	assert_string_equal(to_json(t.extra), "[1]");
	assert_non_null(t.hosts.v);
	assert_int_equal(t.hosts.n, 0);
	assert_null(t.freeform_tags.v);
}

static void null_is_absent(void **state)
{
	(void)state;
	assert_string_equal(
		with("\"count\":null,\"size\":null,\"arguments\":null,\"uri\":null,\"extra\":null"),
		"");
	assert_false(t.count.set);
	assert_null(t.size);
	assert_null(t.arguments.v);
	assert_null(t.uri);
	assert_null(t.extra);
	assert_string_equal(yaml("{\"display_name\":null,\"language\":\"SQL\"}"),
		"apps.copy.display_name: missing required key `display_name` in apps.copy (`display_name`: Name.)\n");
}

static void unknown_keys_get_the_nearest(void **state)
{
	(void)state;
	assert_string_equal(with("\"cuont\":1"),
		"apps.copy.cuont: unknown key `cuont` in apps.copy (did you mean `count`?)\n");
	assert_string_equal(with("\"numExecutors\":1"),
		"apps.copy.numExecutors: unknown key `numExecutors` in apps.copy (did you mean "
		"`count`?)\n");
	assert_string_equal(with("\"numExecutor\":1"),
		"apps.copy.numExecutor: unknown key `numExecutor` in apps.copy (did you mean "
		"`count`?)\n");
	assert_string_equal(with("\"nothing_like_it\":1"),
		"apps.copy.nothing_like_it: unknown key `nothing_like_it` in apps.copy\n");
	assert_string_equal(with("\"size\":{\"core\":1}"),
		"apps.copy.size.core: unknown key `core` in apps.copy.size (did you mean "
		"`cores`?)\n");
	assert_string_equal(with("\"id\":\"x\""),
		"apps.copy.id: `id` is set by the service and cannot be given (remove it)\n");
	/* A computed name is no advice. */
	assert_string_equal(with("\"ids\":1"), "apps.copy.ids: unknown key `ids` in apps.copy\n");
}

static void all_mistakes_are_told(void **state)
{
	(void)state;
	assert_string_equal(yaml("{\"count\":\"2\",\"x\":1,\"arguments\":[{},\"a\",[]],\"size\":{"
				 "\"cores\":0}}"),
		"apps.copy.count: `count` must be an integer, not a string (remove the quotes)\n"
		"apps.copy.x: unknown key `x` in apps.copy\n"
		"apps.copy.arguments[0]: `arguments[0]` must be a string, not a map\n"
		"apps.copy.arguments[2]: `arguments[2]` must be a string, not a list\n"
		"apps.copy.size.cores: `cores` must be between 1 and 64, not 0\n"
		"apps.copy.display_name: missing required key `display_name` in apps.copy (`display_name`: Name.)\n"
		"apps.copy.language: missing required key `language` in apps.copy (`language`: Language.)\n");
}

static void wrong_types(void **state)
{
	(void)state;
	static const char *const cases[][2] = {
		{"\"count\":2.5", "`count` must be an integer, not a number\n"},
		{"\"count\":2.0", "`count` must be an integer, not a number\n"},
		{"\"count\":\"two\"", "`count` must be an integer, not a string\n"},
		{"\"count\":[2]", "`count` must be an integer, not a list\n"},
		{"\"ratio\":\"1.5\"",
			"`ratio` must be a number, not a string (remove the quotes)\n"},
		{"\"verbose\":\"yes\"",
			"`verbose` must be true or false, not a string (write `true`)\n"},
		{"\"verbose\":\"Off\"",
			"`verbose` must be true or false, not a string (write `false`)\n"},
		{"\"verbose\":0", "`verbose` must be true or false, not an integer\n"},
		{"\"note\":[]", "`note` must be a string, not a list\n"},
		{"\"note\":{}", "`note` must be a string, not a map\n"},
		{"\"size\":1", "`size` must be a map, not an integer\n"},
		{"\"arguments\":\"a\"", "`arguments` must be a list of strings, not a string\n"},
		{"\"parameters\":[]", "`parameters` must be a map of strings, not a list\n"},
		{"\"parameters\":{\"day\":[]}", "`parameters.day` must be a string, not a list\n"},
		{"\"defined_tags\":{\"ns\":\"v\"}",
			"`defined_tags.ns` must be a map of tag keys, not a string (a tag is "
			"written "
			"`namespace.key: value`)\n"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_string_equal(strstr(with(cases[i][0]), ": ") + 2, cases[i][1]);
	assert_string_equal(complaints(&thing_record, "[]", FORM_YAML, "apps.copy", &t),
		"apps.copy: `apps.copy` must be a map, not a list\n");
	assert_string_equal(complaints(&thing_record, "3", FORM_YAML, "", &t),
		": the top level must be a map, not an integer\n");
}

static void values_out_of_bounds(void **state)
{
	(void)state;
	static const char *const cases[][2] = {
		{"\"count\":0", "`count` must be between 1 and 1000, not 0\n"},
		{"\"count\":1001", "`count` must be between 1 and 1000, not 1001\n"},
		{"\"retries\":0", "`retries` must be at least 1, not 0\n"},
		{"\"size\":{\"cores\":64.5}", "`cores` must be between 1 and 64, not 64.5\n"},
		{"\"arguments\":[1,2,3,4,5,6]", "`arguments` must have at most 5 entries, not 6\n"},
		{"\"uri\":\"http://x\"",
			"`uri` must be an oci:// URI: oci://bucket@namespace/path\n"},
		{"\"mode\":\"batch\"",
			"`mode` must be one of BATCH, STREAMING (did you mean `BATCH`?)\n"},
		{"\"mode\":\"\"", "`mode` must be one of BATCH, STREAMING\n"},
		{"\"mode\":1", "`mode` must be one of BATCH, STREAMING\n"},
		{"\"parameters\":{\"Day\":\"x\"}",
			"`Day` in `parameters` must be a parameter: [a-z]+\n"},
		{"\"configuration\":{\"\":\"x\"}",
			"`` in `configuration` must be a key that is not empty\n"},
		{"\"defined_tags\":{\"a.b\":{\"c\":\"d\"}}",
			"a tag namespace has no dot in it and is not empty, unlike `a.b`\n"},
		{"\"defined_tags\":{\"a\":{\"b\":\"c\"},\"a.b\":\"d\"}",
			"tag `a.b` is given twice\n"},
		{"\"defined_tags\":{\"a\":{\"\":\"c\"}}",
			"a tag key of `defined_tags.a` is empty\n"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_string_equal(strstr(with(cases[i][0]), ": ") + 2, cases[i][1]);
	assert_string_equal(yaml("{\"display_name\":\"\",\"language\":\"RUBY\"}"),
		"apps.copy.display_name: `display_name` must not be empty\n"
		"apps.copy.language: `language` must be one of PYTHON, SCALA, JAVA, SQL\n");
	assert_string_equal(
		yaml("{\"display_name\":\"123456789012345678901\",\"language\":\"Python\"}"),
		"apps.copy.display_name: `display_name` must be at most 20 bytes long, not 21\n"
		"apps.copy.language: `language` must be one of PYTHON, SCALA, JAVA, SQL (did you "
		"mean "
		"`PYTHON`?)\n");
}

static void open_choices_only_warn(void **state)
{
	(void)state;
	assert_string_equal(with("\"shape\":\"VM.Standard.E5.Flex\""),
		"warning apps.copy.shape: `shape` is none of those known: VM.Standard.E4.Flex, "
		"VM.Standard2.1 (did you mean `VM.Standard.E4.Flex`?)\n");
	assert_string_equal(t.shape, "VM.Standard.E5.Flex");
}

static void a_nul_is_refused(void **state)
{
	(void)state;
	struct node *n = json("{\"display_name\":\"abc\",\"language\":\"SQL\"}");
	struct node *name = node_get(n, "display_name");
	name->text = "a\0c";
	buf_auto b = {0};
	assert_false(field_decode(&thing_record, n, FORM_YAML, "", &arena, &t, collect, &b));
	assert_string_equal(
		buf_str(&b), "display_name: `display_name` must not hold a NUL character\n");
}

static void paths_have_no_limit(void **state)
{
	(void)state;
	char key[2001];
	memset(key, 'k', 2000);
	key[2000] = 0;
	const char *out = with(arena_printf(&arena, "\"parameters\":{\"%s\":[]}", key));
	assert_has(out, arena_printf(&arena, "apps.copy.parameters.%s: ", key));
}

static void nobody_has_to_listen(void **state)
{
	(void)state;
	assert_false(field_decode(
		&thing_record, json("{\"x\":1}"), FORM_YAML, "", &arena, &t, NULL, NULL));
}

static void requests_use_the_names_of_the_api(void **state)
{
	(void)state;
	assert_string_equal(
		complaints(&thing_record,
			"{\"displayName\":\"n\",\"language\":\"SQL\",\"numExecutors\":2.0,"
			"\"parameters\":[{\"name\":\"a\",\"value\":\"1\"},{\"name\":\"b\","
			"\"value\":null}],"
			"\"definedTags\":{\"n\":{\"k\":true}}}",
			FORM_CREATE, "", &t),
		"");
	assert_int_equal(t.count.v, 2);
	assert_int_equal(t.parameters.n, 2);
	assert_string_equal(t.parameters.v[1].value, "");
	assert_string_equal(t.defined_tags.v[0].value, "true");
	assert_string_equal(
		complaints(&thing_record,
			"{\"display_name\":\"n\",\"localFile\":\"x\",\"id\":\"i\",\"note\":1,"
			"\"driverShapeConfig\":{\"memory\":1}}",
			FORM_CREATE, "", &t),
		"display_name: unknown key `display_name` (did you mean `displayName`?)\n"
		"localFile: unknown key `localFile`\n"
		"id: `id` is set by the service and cannot be given (remove it)\n"
		"note: `note` must be a string, not an integer\n"
		"driverShapeConfig.memory: unknown key `memory` in driverShapeConfig (did you mean "
		"`memoryInGBs`?)\n"
		"displayName: missing required key `displayName`\n"
		"language: missing required key `language`\n");
}

static void bad_parameters_of_requests(void **state)
{
	(void)state;
	assert_string_equal(
		complaints(&thing_record,
			"{\"parameters\":[{\"name\":\"a\",\"value\":\"1\"},{\"name\":\"a\","
			"\"value\":\"2\"},"
			"{\"value\":\"x\"},3,{\"name\":\"b\",\"value\":5},{\"name\":\"c\",\"x\":1},"
			"{\"name\":\"D\",\"value\":\"\"}],\"definedTags\":{\"a.b\":\"c\"}}",
			FORM_UPDATE, "", &t),
		"parameters[1]: `a` is given twice in `parameters`\n"
		"parameters[2]: missing required key `name` in parameters[2]\n"
		"parameters[3]: `parameters[3]` must be a map of name and value, not an integer\n"
		"parameters[4]: `parameters[4]` must be a string, not an integer\n"
		"parameters[5]: unknown key `x` in parameters[5]\n"
		"parameters[6].D: `D` in `parameters[6]` must be a parameter: [a-z]+\n"
		"definedTags.a.b: `definedTags.a.b` must be a map of tag keys, not a string (a tag "
		"is written "
		"`namespace.key: value`)\n");
}

static void updates_require_nothing(void **state)
{
	(void)state;
	assert_string_equal(complaints(&thing_record, "{\"note\":\"\"}", FORM_UPDATE, "", &t), "");
	assert_string_equal(t.note, "");
	assert_string_equal(
		complaints(&thing_record, "{\"language\":\"SQL\"}", FORM_UPDATE, "", &t),
		"language: `language` cannot be changed\n");
}

static void replies_are_taken_as_they_are(void **state)
{
	(void)state;
	assert_string_equal(complaints(&thing_record,
				    "{\"displayName\":\"\",\"language\":\"RUST\",\"id\":\"i\","
				    "\"numExecutors\":5000,"
				    "\"new\":{\"x\":1},\"fileUri\":\"http://"
				    "x\",\"arguments\":[\"1\",\"2\",\"3\",\"4\",\"5\",\"6\"],"
				    "\"driverShapeConfig\":{\"gpus\":1},\"parameters\":[{\"name\":"
				    "\"X\",\"value\":\"1\",\"n\":2}]}",
				    FORM_REPLY, "", &t),
		"");
	assert_string_equal(t.id, "i");
	assert_string_equal(t.base.language, "RUST");
	assert_int_equal(t.count.v, 5000);
	assert_int_equal(t.arguments.n, 6);
	assert_string_equal(t.parameters.v[0].name, "X");
	/* But not what has another type. */
	assert_string_equal(
		complaints(&thing_record, "{\"numExecutors\":\"5\"}", FORM_REPLY, "", &t),
		"numExecutors: `numExecutors` must be an integer, not a string\n");
}

static void keyed_records_know_their_key(void **state)
{
	(void)state;
	struct plan_file f;
	assert_string_equal(
		complaints(&plan_file_record,
			"{\"default\":\"n\",\"parts\":{\"a\":{\"app\":\"x\"},\"b\":{\"app\":\"y\","
			"\"needs\":[\"a\"]}},"
			"\"steps\":{\"s\":{\"display_name\":\"d\",\"language\":\"SQL\"}},"
			"\"defaults\":{\"language\":\"SQL\"}}",
			FORM_YAML, "", &f),
		"");
	const struct part *parts = f.parts.v;
	assert_int_equal(f.parts.n, 2);
	assert_string_equal(parts[1].head.key, "b");
	assert_string_equal(parts[1].app, "y");
	assert_string_equal(to_json(parts[1].head.node), "{\"app\":\"y\",\"needs\":[\"a\"]}");
	const struct step *steps = f.steps.v;
	assert_string_equal(steps[0].head.key, "s");
	assert_string_equal(steps[0].base.display_name, "d");
	assert_string_equal(f.defaults->language, "SQL");
	assert_string_equal(complaints(&plan_file_record,
				    "{\"parts\":{\"A\":{\"app\":\"x\"},\"b\":null,\"c\":3,\"d\":{"
				    "\"app\":\"x\",\"need\":[]}},"
				    "\"steps\":{\"s\":{}},\"defaults\":{\"languag\":1}}",
				    FORM_YAML, "", &f),
		"parts: `parts` must have at most 3 entries, not 4\n"
		"parts.A: `A` in `parts` must be a key: [a-z]+\n"
		"parts.b.app: missing required key `app` in parts.b (`app`: App.)\n"
		"parts.c: `parts.c` must be a map, not an integer\n"
		"parts.d.need: unknown key `need` in parts.d (did you mean `needs`?)\n"
		"steps.s.display_name: missing required key `display_name` in steps.s (`display_name`: Name.)\n"
		"steps.s.language: missing required key `language` in steps.s (`language`: Language.)\n"
		"defaults.languag: unknown key `languag` in defaults (did you mean `language`?)\n"
		"default: missing required key `default` (`default`: Name.)\n");
}

struct seen {
	struct mark mark;
	const struct node *at;
};

static void remember(void *ctx, const char *path, const struct node *at, struct mark mark,
	bool warning, const char *text, const char *hint)
{
	(void)path, (void)warning, (void)text, (void)hint;
	*(struct seen *)ctx = (struct seen){mark, at};
}

static void marks_go_with_complaints(void **state)
{
	(void)state;
	struct node *n = json("{\"display_name\":\"n\",\"language\":\"SQL\",\"count\":0}");
	struct seen seen = {0};
	n->u.map.v[2].key_mark = (struct mark){"f", 3, 1, 5};
	n->u.map.v[2].value->mark = (struct mark){"f", 3, 8, 1};
	field_decode(&thing_record, n, FORM_YAML, "", &arena, &t, remember, &seen);
	assert_int_equal(seen.mark.col, 8);
	assert_ptr_equal(seen.at, n->u.map.v[2].value);
	n->u.map.v[2].key = "unheard_of";
	field_decode(&thing_record, n, FORM_YAML, "", &arena, &t, remember, &seen);
	assert_int_equal(seen.mark.col, 1);
}

static void rows_can_be_found_and_walked(void **state)
{
	(void)state;
	assert_string_equal(record_field(&thing_record, "language")->api, "language");
	assert_string_equal(record_field(&thing_record, "count")->api, "numExecutors");
	assert_string_equal(record_field_api(&thing_record, "numExecutors")->name, "count");
	assert_null(record_field(&thing_record, "numExecutors"));
	assert_null(record_field_api(&thing_record, "local_file"));
	assert_string_equal(record_field(&step_record, "display_name")->name, "display_name");
}

static bool count_rows(void *ctx, const struct field *f)
{
	size_t *n = ctx;
	if (!*n)
		assert_string_equal(f->name, "display_name");
	return ++*n < 5;
}

static void the_walk_can_stop(void **state)
{
	(void)state;
	size_t n = 0;
	assert_false(record_each(&thing_record, count_rows, &n));
	assert_int_equal(n, 5);
	n = 0;
	assert_true(record_each(&step_record, count_rows, &n));
	assert_int_equal(n, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_kind_is_read),
		cmocka_unit_test(null_is_absent),
		cmocka_unit_test(unknown_keys_get_the_nearest),
		cmocka_unit_test(all_mistakes_are_told),
		cmocka_unit_test(wrong_types),
		cmocka_unit_test(values_out_of_bounds),
		cmocka_unit_test(open_choices_only_warn),
		cmocka_unit_test(a_nul_is_refused),
		cmocka_unit_test(paths_have_no_limit),
		cmocka_unit_test(nobody_has_to_listen),
		cmocka_unit_test(requests_use_the_names_of_the_api),
		cmocka_unit_test(bad_parameters_of_requests),
		cmocka_unit_test(updates_require_nothing),
		cmocka_unit_test(replies_are_taken_as_they_are),
		cmocka_unit_test(keyed_records_know_their_key),
		cmocka_unit_test(marks_go_with_complaints),
		cmocka_unit_test(rows_can_be_found_and_walked),
		cmocka_unit_test(the_walk_can_stop),
	};
	return cmocka_run_group_tests(tests, NULL, things_clear);
}
