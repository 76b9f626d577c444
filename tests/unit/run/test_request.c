#include "run/request.h"

#include "run/tag.h"

#include "../unit.h"

static struct pair declared[] = {{"day", "2013-01-01"}, {"origin", "JFK"}};
static struct pair tags[] = {
	{"team", "data"}, {"weir", "flights/local/delays"}, {"weir-set", "1abcde"}};
static const char *arguments[] = {"--day", "${day}"};
static const struct application app = {
	.display_name = "flights-delays",
	.parameters = {declared, 2},
	.arguments = {arguments, 2},
	.freeform_tags = {tags, 3},
};

static struct run *request(struct arena *a, const struct run *differs)
{
	struct run_step step = {
		.name = "delays", .application_id = "ocid1.app", .live = &app, .run = differs};
	return run_request(
		&step, "ocid1.compartment", "delays-1", "flights/local/daily/x/delays", a);
}

static void test_what_is_inherited_is_not_sent(void **state)
{
	(void)state;
	arena_auto a = {0};
	const struct run *r = request(&a, &(struct run){0});
	assert_string_equal(r->application_id, "ocid1.app");
	assert_string_equal(r->compartment_id, "ocid1.compartment");
	assert_string_equal(r->display_name, "delays-1");
	assert_null(r->parameters.v);
	assert_null(r->arguments.v);
	assert_null(r->driver_shape);
	assert_false(r->num_executors.set);
}

static void test_one_parameter_means_all(void **state)
{
	(void)state;
	arena_auto a = {0};
	struct pair over[] = {{"origin", "LGA"}, {"extra", "1"}};
	const struct run *r = request(&a, &(struct run){.parameters = {over, 2}});
	assert_int_equal(r->parameters.n, 3);
	assert_string_equal(r->parameters.v[0].name, "day");
	assert_string_equal(r->parameters.v[0].value, "2013-01-01");
	assert_string_equal(r->parameters.v[1].value, "LGA");
	assert_string_equal(r->parameters.v[2].name, "extra");
	assert_int_equal(app.parameters.n, 2);
	assert_string_equal(declared[1].value, "JFK");
}

static void test_what_equals_the_application_is_left_out(void **state)
{
	(void)state;
	arena_auto a = {0};
	struct pair same[] = {{"origin", "JFK"}};
	const char *again[] = {"--day", "${day}"}, *other[] = {"--day"};
	const struct run *r =
		request(&a, &(struct run){.parameters = {same, 1}, .arguments = {again, 2}});
	assert_null(r->parameters.v);
	assert_null(r->arguments.v);
	r = request(&a, &(struct run){.arguments = {other, 1}});
	assert_int_equal(r->arguments.n, 1);
	r = request(&a, &(struct run){.arguments = {other, 0}});
	assert_non_null(r->arguments.v);
	assert_int_equal(r->arguments.n, 0);
}

/* Maps go over the application's, key by key; the service takes the whole. */
static void test_maps_are_merged(void **state)
{
	(void)state;
	arena_auto a = {0};
	struct pair properties[] = {{"spark.a", "1"}, {"spark.b", "2"}};
	struct pair over[] = {{"spark.b", "3"}}, same[] = {{"spark.a", "1"}};
	struct shape_config size = {{true, 1}, {true, 16}}, wider = {.ocpus = {true, 4}},
			    equal = {.memory_in_gbs = {true, 16}};
	struct application sized = {.configuration = {properties, 2}, .driver_shape_config = &size};
	struct run differs = {.configuration = {over, 1},
		.driver_shape_config = &wider,
		.num_executors = {true, 3},
		.pool_id = "ocid1.pool"};
	struct run_step step = {.application_id = "ocid1.app", .live = &sized, .run = &differs};
	const struct run *r = run_request(&step, "c", "n", "t", &a);
	assert_int_equal(r->configuration.n, 2);
	assert_string_equal(r->configuration.v[0].value, "1");
	assert_string_equal(r->configuration.v[1].value, "3");
	assert_true(r->driver_shape_config->ocpus.v == 4);
	assert_true(r->driver_shape_config->memory_in_gbs.v == 16);
	assert_int_equal(r->num_executors.v, 3);
	assert_string_equal(r->pool_id, "ocid1.pool");
	differs = (struct run){.configuration = {same, 1}, .driver_shape_config = &equal};
	r = run_request(&step, "c", "n", "t", &a);
	assert_null(r->configuration.v);
	assert_null(r->driver_shape_config);
}

static void test_a_step_has_its_own_name_place_and_tags(void **state)
{
	(void)state;
	arena_auto a = {0};
	struct pair own[] = {{"team", "other"}, {"day", "monday"}};
	const struct run *r = request(&a,
		&(struct run){.display_name = "mine",
			.compartment_id = "ocid1.other",
			.freeform_tags = {own, 2}});
	assert_string_equal(r->display_name, "mine");
	assert_string_equal(r->compartment_id, "ocid1.other");
	assert_int_equal(r->freeform_tags.n, 3);
	assert_string_equal(r->freeform_tags.v[0].value, "other");
	assert_string_equal(r->freeform_tags.v[1].name, "day");
	assert_string_equal(r->freeform_tags.v[2].name, "weir");
}

static void test_tags_are_the_applications_and_ours(void **state)
{
	(void)state;
	arena_auto a = {0};
	const struct run *r = request(&a, &(struct run){0});
	assert_int_equal(r->freeform_tags.n, 2);
	assert_string_equal(r->freeform_tags.v[0].name, "team");
	assert_string_equal(r->freeform_tags.v[1].name, "weir");
	assert_string_equal(r->freeform_tags.v[1].value, "flights/local/daily/x/delays");
}

static void test_names_sort_by_time(void **state)
{
	(void)state;
	arena_auto a = {0};
	struct run_step steps[] = {{.name = "one", .application_id = "a", .live = &app},
		{.name = "two", .application_id = "b", .live = &app}};
	assert_string_equal(run_display_name(steps, 2, 0, 1763652999000, &a),
		"flights-delays-20251120T153639Z");
	steps[1].application_id = "a";
	assert_string_equal(run_display_name(steps, 2, 1, 1763652999000, &a),
		"flights-delays-two-20251120T153639Z");
}

/* 255 bytes at most, cut between characters. */
static void test_long_names_are_cut(void **state)
{
	(void)state;
	arena_auto a = {0};
	char name[256];
	for (size_t i = 0; i < 254; i += 2)
		memcpy(name + i, "\xc3\xa9", 3);
	struct application named = {.display_name = name};
	struct run_step step = {.name = "one", .application_id = "a", .live = &named};
	const char *made = run_display_name(&step, 1, 0, 1763652999000, &a);
	assert_true(strlen(made) <= 255 && strlen(made) >= 254);
	assert_has(made, "\xc3\xa9-20251120T153639Z");
}

static void test_tag_and_back(void **state)
{
	(void)state;
	arena_auto a = {0};
	struct run_tag tag = {"flights", "local", "daily", "20251120T153639Z-abcd", "delays"},
		       back = {0};
	struct pair pair = {"weir", run_tag_format(&a, &tag)};
	assert_true(run_tag_parse(&a, &(struct pairs){&pair, 1}, &back));
	assert_string_equal(back.pipeline, "flights");
	assert_string_equal(back.step, "delays");
	assert_string_equal(back.invocation, "20251120T153639Z-abcd");
	static const char *const bad[] = {
		"", "a/b/c", "a/b/c/d/", "a//c/d/e", "a/b/c/d/e/f", "/////"};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		pair.value = bad[i];
		assert_false(run_tag_parse(&a, &(struct pairs){&pair, 1}, &back));
	}
	pair = (struct pair){"team", "a/b/c/d/e"};
	assert_false(run_tag_parse(&a, &(struct pairs){&pair, 1}, &back));
	assert_false(run_tag_parse(&a, &(struct pairs){0}, &back));
}

static void test_invocations_differ(void **state)
{
	(void)state;
	arena_auto a = {0};
	const char *one = run_invocation(&a, 1763652999000);
	assert_int_equal(strncmp(one, "20251120T153639Z-", 17), 0);
	assert_int_equal(strlen(one), 21);
	bool differs = false;
	for (int i = 0; i < 4 && !differs; i++)
		differs = strcmp(one, run_invocation(&a, 1763652999000));
	assert_true(differs);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_is_inherited_is_not_sent),
		cmocka_unit_test(test_one_parameter_means_all),
		cmocka_unit_test(test_what_equals_the_application_is_left_out),
		cmocka_unit_test(test_maps_are_merged),
		cmocka_unit_test(test_a_step_has_its_own_name_place_and_tags),
		cmocka_unit_test(test_tags_are_the_applications_and_ours),
		cmocka_unit_test(test_names_sort_by_time),
		cmocka_unit_test(test_long_names_are_cut),
		cmocka_unit_test(test_tag_and_back),
		cmocka_unit_test(test_invocations_differ),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
