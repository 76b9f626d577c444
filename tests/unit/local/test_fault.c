/* Which request a rule acts on. */
#include "../unit.h"
#include "local/server/fault.h"

static struct arena arena;

static enum fault_action match(struct faults *f, const char *method, const char *path)
{
	return faults_match(f, method, path, &arena).action;
}

static struct opt_i64 number(int64_t v)
{
	return (struct opt_i64){.set = true, .v = v};
}

static void without_rules(void **state)
{
	(void)state;
	struct faults *f = faults_new();
	assert_int_equal(match(f, "GET", "/n"), FAULT_NONE);
	faults_clear(f);
	faults_free(f);
}

static void nth_and_count(void **state)
{
	(void)state;
	struct faults *f = faults_new();
	faults_add(
		f, &(struct fault_rule){.action = "reset", .nth = number(3), .count = number(2)});
	const enum fault_action want[] = {
		FAULT_NONE, FAULT_NONE, FAULT_RESET, FAULT_RESET, FAULT_NONE};
	for (size_t i = 0; i < sizeof want / sizeof *want; i++)
		assert_int_equal(match(f, "GET", "/n"), want[i]);
	faults_free(f);
}

static void method_and_path(void **state)
{
	(void)state;
	struct faults *f = faults_new();
	const struct fault_rule rule = {
		.method = "PUT", .path = "/n/*/o/a*", .action = "lose", .count = number(0)};
	faults_add(f, &rule);
	assert_int_equal(match(f, "GET", "/n/ns/b/x/o/a1"), FAULT_NONE);
	assert_int_equal(match(f, "PUT", "/n/ns/b/x/o/b1"), FAULT_NONE);
	assert_int_equal(match(f, "PUT", "/n/ns/b/x/o/a1"), FAULT_LOSE);
	assert_int_equal(match(f, "PUT", "/n/ns/b/x/y/o/a/b"), FAULT_LOSE);
	faults_free(f);
}

static void every_rule_counts_and_the_first_that_acts_decides(void **state)
{
	(void)state;
	struct faults *f = faults_new();
	faults_add(f, &(struct fault_rule){.action = "hang", .nth = number(2)});
	faults_add(f,
		&(struct fault_rule){.action = "hang-after", .nth = number(2), .count = number(2)});
	assert_int_equal(match(f, "GET", "/n"), FAULT_NONE);
	assert_int_equal(match(f, "GET", "/n"), FAULT_HANG);
	assert_int_equal(match(f, "GET", "/n"), FAULT_HANG_AFTER);
	assert_int_equal(match(f, "GET", "/n"), FAULT_NONE);
	struct node *list = faults_list(f, &arena);
	assert_int_equal(list->u.seq.n, 2);
	assert_int_equal(node_get(list->u.seq.v[0], "seen")->u.i, 4);
	assert_int_equal(node_get(list->u.seq.v[0], "acted")->u.i, 1);
	faults_clear(f);
	assert_int_equal(match(f, "GET", "/n"), FAULT_NONE);
	faults_free(f);
}

static void a_delay_goes_with_another(void **state)
{
	(void)state;
	struct faults *f = faults_new();
	faults_add(f,
		&(struct fault_rule){
			.action = "delay", .delay_ms = number(50), .count = number(0)});
	faults_add(f, &(struct fault_rule){.action = "delay", .delay_ms = number(9)});
	faults_add(f, &(struct fault_rule){.action = "status", .status = number(429)});
	struct fault fault = faults_match(f, "GET", "/n", &arena);
	assert_int_equal(fault.action, FAULT_STATUS);
	assert_int_equal(fault.rule->status.v, 429);
	assert_int_equal(fault.delay_ms, 50);
	fault = faults_match(f, "GET", "/n", &arena);
	assert_int_equal(fault.action, FAULT_NONE);
	assert_null(fault.rule);
	assert_int_equal(fault.delay_ms, 50);
	faults_free(f);
}

static void a_setting_of_another_action_is_a_mistake(void **state)
{
	(void)state;
	const struct {
		struct fault_rule rule;
		const char *mistake;
	} cases[] = {
		{{.action = "status", .status = number(429), .code = "X"}, NULL},
		{{.action = "delay", .delay_ms = number(1)}, NULL},
		{{.action = "truncate", .bytes = number(0)}, NULL},
		{{.action = "throttle", .rate = number(9)}, NULL},
		{{.action = "delay"}, "delayMs: the action delay needs it"},
		{{.action = "lose", .status = number(500)},
			"status: only the action status takes it, not lose"},
		{{.action = "exit", .rate = number(1)},
			"bytesPerSecond: only the action throttle takes it, not exit"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const char *got = fault_rule_mistake(&cases[i].rule, &arena);
		if (cases[i].mistake)
			assert_string_equal(got, cases[i].mistake);
		else
			assert_null(got);
	}
}

static int tear_down(void **state)
{
	(void)state;
	arena_clear(&arena);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_rules),
		cmocka_unit_test(nth_and_count),
		cmocka_unit_test(method_and_path),
		cmocka_unit_test(every_rule_counts_and_the_first_that_acts_decides),
		cmocka_unit_test(a_delay_goes_with_another),
		cmocka_unit_test(a_setting_of_another_action_is_a_mistake),
	};
	return cmocka_run_group_tests(tests, NULL, tear_down);
}
