/* Parameters: where a value comes from, and what it must be. */
#include "../unit.h"
#include "spec/harness_spec.h"

/* A pipeline with one parameter, `x`, of that declaration. */
static const char *declared(struct bench *b, const char *decl)
{
	return bench_tell(b, arena_printf(&b->arena, "pipeline: p\nparameters:\n  x: %s\n", decl));
}

/* What it becomes in a text. */
static const char *value(struct bench *b, const char *decl)
{
	bench_open(b,
		arena_printf(&b->arena,
			"pipeline: p\ndescription: \"<$<x>>\"\nparameters:\n  x: %s\n", decl));
	return b->pipeline ? b->pipeline->description : bench_told(b);
}

static void types(void **state)
{
	struct bench *b = *state;
	assert_string_equal(value(b, "{default: 3.10}"), "<3.10>");
	assert_string_equal(value(b, "{default: true}"), "<true>");
	assert_string_equal(value(b, "{default: no}"), "<no>");
	assert_string_equal(value(b, "{type: integer, default: 0x10}"), "<0x10>");
	assert_string_equal(value(b, "{type: number, default: 5}"), "<5>");
	assert_string_equal(value(b, "{type: boolean, default: false}"), "<false>");
	assert_string_equal(declared(b, "{type: list, default: [1, [2]]}"), "");
	assert_string_equal(declared(b, "{type: map, default: {a: 1}}"), "");
	assert_string_equal(declared(b, "{default: null}"), "");
	assert_string_equal(declared(b, "{type: integer, default: 1.5}"),
		"3:31: error: parameter `x` must be an integer, not a number\n");
	assert_has(
		declared(b, "{type: integer, default: \"5\"}"), "must be an integer, not a string");
	assert_has(declared(b, "{type: number, default: x}"), "must be a number, not a string");
	assert_has(declared(b, "{type: boolean, default: yes}"),
		"must be true or false, not a string");
	assert_has(declared(b, "{type: list, default: x}"), "must be a list, not a string");
	assert_has(declared(b, "{type: map, default: []}"), "must be a map, not a list");
	assert_has(declared(b, "{default: []}"), "must be a string, not a list");
	assert_has(declared(b, "{type: strin, default: x}"), "did you mean `string`?");
	assert_has(declared(b, "{typ: string, default: x}"), "unknown key `typ` in parameters.x");
	assert_has(declared(b, "5"), "must be a map");
}

static void constraints(void **state)
{
	struct bench *b = *state;
	assert_string_equal(declared(b, "{default: dev, enum: [dev, prod]}"), "");
	assert_string_equal(declared(b, "{default: pord, enum: [dev, prod]}"),
		"3:16: error: parameter `x` must be one of dev, prod, not `pord` | did you mean `prod`?\n");
	assert_string_equal(declared(b, "{type: integer, default: 2, enum: [1, 2]}"), "");
	assert_string_equal(declared(b, "{default: ab, pattern: '[a-c]+'}"), "");
	assert_has(declared(b, "{default: abd, pattern: '[a-c]+'}"),
		"parameter `x` must match `[a-c]+`, unlike `abd`");
	assert_has(declared(b, "{default: x, pattern: '('}"),
		"3:28: error: `pattern` of parameter `x` is no regular expression");
	assert_string_equal(declared(b, "{type: integer, default: 1, minimum: 1, maximum: 1}"), "");
	assert_has(declared(b, "{type: integer, default: 0, minimum: 1}"),
		"must be at least 1, not 0");
	assert_has(declared(b, "{type: number, default: 2.5, maximum: 2}"),
		"must be at most 2, not 2.5");
	assert_has(declared(b, "{type: number, default: .nan, maximum: 2}"), "must be at most 2");
	assert_has(declared(b, "{default: x, minimum: 1}"),
		"parameter `x` is no number and has no range | add `type: integer` or `type: number`");
	assert_has(declared(b, "{type: integer, default: 1, minimum: 2, maximum: 1}"),
		"`maximum` of parameter `x` is below its `minimum`");
	assert_has(bench_tell(b, "pipeline: p\nparameters: {\"a b\": {default: 1}}\n"),
		"must be a parameter's name: letters, digits, _ and -");
}

static void required(void **state)
{
	struct bench *b = *state;
	const char *text = "pipeline: p\nparameters:\n  id: {description: An id.}\n"
			   "buckets: {b: {freeform_tags: {x: $<id>, y: a$<id>}}}\n";
	assert_string_equal(bench_tell(b, text),
		"3:3: error: parameter `id` is required and has no value | give it with -p id=VALUE, for a "
		"target under `targets.local.parameters`, or with a `default`\n");
	bench_param(b, "id", "7");
	assert_string_equal(bench_tell(b, text), "");
	/* Empty is a value. */
	b->params[0].value = "";
	assert_string_equal(bench_tell(b, text), "");
}

static void precedence(void **state)
{
	struct bench *b = *state;
	const char *text =
		"pipeline: p\ndescription: $<x>$<y>$<z>\n"
		"parameters:\n  x: {default: dx}\n  y: {default: dy}\n  z: {default: dz}\n"
		"targets: {t: {type: local, parameters: {y: ty-$<x>, z: tz}}}\n";
	bench_param(b, "z", "pz");
	bench_open(b, text);
	assert_string_equal(bench_told(b), "");
	assert_string_equal(b->pipeline->description, "dxty-dxpz");
	/* What comes from the command line is taken as it is. */
	b->params[0].value = "$<x>";
	bench_open(b, text);
	assert_string_equal(b->pipeline->description, "dxty-dx$<x>");
	/* The last -p of a name. */
	bench_param(b, "z", "last");
	bench_open(b, text);
	assert_string_equal(b->pipeline->description, "dxty-dxlast");
}

static void of_the_command_line(void **state)
{
	struct bench *b = *state;
	bench_param(b, "x", "[1, \"a\"]");
	assert_string_equal(declared(b, "{type: list}"), "");
	b->params[0].value = "{\"a\": 1}";
	assert_string_equal(declared(b, "{type: map}"), "");
	assert_has(declared(b, "{type: list}"), "must be a list, not a map");
	b->params[0].value = "[1";
	assert_has(declared(b, "{type: list}"), "| a list or map is given as JSON");
	b->params[0].value = "12";
	assert_string_equal(declared(b, "{type: integer, minimum: 12}"), "");
	assert_string_equal(declared(b, "{enum: [\"12\"]}"), "");
	b->params[0].value = "12x";
	assert_string_equal(declared(b, "{type: integer}"),
		"0:0: error: parameter `x` must be an integer, not a string\n");
	assert_string_equal(b->diags.v[0].mark.file, "-p");
	b->params[0].name = "y";
	assert_has(declared(b, "{default: 1}"), "no parameter is called `y`");
	b->params[0].name = "X";
	assert_has(declared(b, "{default: 1}"), "| did you mean `x`?");
}

static void of_targets(void **state)
{
	struct bench *b = *state;
	assert_has(bench_tell(b,
			   "pipeline: p\nparameters: {zone: {default: 1}}\n"
			   "targets:\n  a: {type: local, default: true, parameters: {zoen: 2}}\n"
			   "  b: {type: local, parameters: {zon: 2}}\n"),
		"4:48: error: target `a` names parameter `zoen`, which is not declared | did you mean "
		"`zone`?\n5:33: error: target `b` names parameter `zon`");
	assert_has(bench_tell(b,
			   "pipeline: p\nparameters: {n: {type: integer, default: 1}}\n"
			   "targets: {a: {type: local, parameters: {n: many}}}\n"),
		"3:44: error: parameter `n` must be an integer, not a string");
	assert_has(bench_tell(b, "pipeline: p\ntargets: {a: {type: local, parameters: [1]}}\n"),
		"`parameters` of target `a` must be a map, not a list");
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, bench_setup, bench_teardown)
	const struct CMUnitTest tests[] = {
		TEST(types),
		TEST(constraints),
		TEST(required),
		TEST(precedence),
		TEST(of_the_command_line),
		TEST(of_targets),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
