#include "cli/launch.h"
#include "cli/local_service.h"

#include "../unit.h"

static struct pair declared[] = {{"day", "2013-01-01"}, {"origin", "JFK"}};
static const struct application app = {.parameters = {declared, 2}};

static void test_no_parameters_at_all(void **state)
{
	(void)state;
	arena_auto a = {0};
	struct pairs made =
		launch_parameters(&(struct pairs){0}, &app, &(struct cli_params){0}, NULL, &a);
	assert_null(made.v);
}

static void test_flags_are_put_over_the_step(void **state)
{
	(void)state;
	arena_auto a = {0};
	struct pair step[] = {{"day", "2013-02-01"}, {"top", "5"}};
	struct spec_param given[] = {
		{"top", "9"}, {"origin", "LGA"}, {"orign", "x"}, {"top", "10"}};
	bool used[4] = {false};
	struct pairs made = launch_parameters(
		&(struct pairs){step, 2}, &app, &(struct cli_params){given, 4, 4}, used, &a);
	assert_int_equal(made.n, 3);
	assert_string_equal(made.v[0].value, "2013-02-01");
	assert_string_equal(made.v[1].value, "10");
	assert_string_equal(made.v[2].name, "origin");
	assert_string_equal(made.v[2].value, "LGA");
	assert_true(used[0] && used[1] && !used[2] && used[3]);
	assert_string_equal(step[1].value, "5");
}

static bool told(const char *json, struct local_service *service, struct err *err)
{
	static struct arena arena;
	*err = (struct err){0};
	return local_service_parse(&arena, json, strlen(json), service, err);
}

static void test_what_weir_local_tells(void **state)
{
	(void)state;
	struct local_service s;
	struct err err;
	assert_true(told("{\"version\":\"" WEIR_VERSION
			 "\",\"endpoint\":\"http://127.0.0.1:1\",\"config_file\":\"/c\","
			 "\"profile\":\"DEFAULT\",\"java\":true,\"spark\":true}",
		&s, &err));
	assert_string_equal(s.endpoint, "http://127.0.0.1:1");
	assert_true(s.can_run);
	assert_true(told("{\"version\":\"" WEIR_VERSION
			 "\",\"endpoint\":\"http://127.0.0.1:1\",\"config_file\":\"/c\","
			 "\"java\":true,\"spark\":false}",
		&s, &err));
	assert_false(s.can_run);
	assert_has(s.run_hint, "weir local setup");
	assert_true(told("{\"version\":\"" WEIR_VERSION
			 "\",\"endpoint\":\"http://127.0.0.1:1\",\"config_file\":\"/c\"}",
		&s, &err));
	assert_has(s.run_hint, "Java 17");
}

static void test_another_version_is_refused(void **state)
{
	(void)state;
	struct local_service s;
	struct err err;
	assert_false(
		told("{\"version\":\"9.9.9\",\"endpoint\":\"x\",\"config_file\":\"y\"}", &s, &err));
	assert_int_equal(err.kind, ERR_CONFIG);
	assert_has(err.text, "weir-local 9.9.9");
	assert_has(err.text, "weir local down");
	assert_false(told("{\"endpoint\":\"x\",\"config_file\":\"y\"}", &s, &err));
	assert_has(err.text, "of an unknown version");
	assert_false(told("{\"version\":\"" WEIR_VERSION "\"}", &s, &err));
	assert_int_equal(err.kind, ERR_PROTOCOL);
	assert_false(told("ready\n", &s, &err));
	assert_false(told("", &s, &err));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_no_parameters_at_all),
		cmocka_unit_test(test_flags_are_put_over_the_step),
		cmocka_unit_test(test_what_weir_local_tells),
		cmocka_unit_test(test_another_version_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
