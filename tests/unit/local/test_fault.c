/* Which request a rule acts on. */
#include "../unit.h"
#include "local/fault.h"

static struct arena arena;

static enum fault_action match(struct faults *f, const char *method, const char *path)
{
	const struct fault_rule *rule;
	return faults_match(f, method, path, &arena, &rule);
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
	};
	return cmocka_run_group_tests(tests, NULL, tear_down);
}
