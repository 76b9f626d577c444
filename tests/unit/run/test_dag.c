#include "run/dag.h"

#include "../unit.h"

#include <stdlib.h>

static void test_independent_nodes_come_in_order(void **state)
{
	(void)state;
	arena_auto a = {0};
	struct dag *d = dag_new(&a, 3);
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(dag_next(d), i);
	assert_true(dag_next(d) == DAG_NONE);
	assert_int_equal(dag_left(d), 3);
}

static void test_a_need_is_waited_for(void **state)
{
	(void)state;
	arena_auto a = {0};
	struct dag *d = dag_new(&a, 3);
	dag_need(d, 2, 0);
	dag_need(d, 2, 1);
	assert_int_equal(dag_next(d), 0);
	assert_int_equal(dag_next(d), 1);
	assert_true(dag_next(d) == DAG_NONE);
	dag_done(d, 1, true);
	assert_true(dag_next(d) == DAG_NONE);
	dag_done(d, 0, true);
	assert_int_equal(dag_next(d), 2);
	dag_done(d, 2, true);
	assert_int_equal(dag_left(d), 0);
	assert_true(dag_dropped(d) == DAG_NONE);
}

/* 0 -> 1 -> 2, 0 -> 3; and 4 alone: a failure of 0 drops 1, 2 and 3, each once, and leaves 4. */
static void test_a_failure_drops_all_behind_it(void **state)
{
	(void)state;
	arena_auto a = {0};
	struct dag *d = dag_new(&a, 5);
	dag_need(d, 1, 0);
	dag_need(d, 2, 1);
	dag_need(d, 2, 0);
	dag_need(d, 3, 0);
	assert_int_equal(dag_next(d), 0);
	assert_int_equal(dag_next(d), 4);
	dag_done(d, 0, false);
	bool seen[5] = {false};
	for (size_t i, n = 0; (i = dag_dropped(d)) != DAG_NONE; n++) {
		assert_true(n < 3);
		assert_false(seen[i]);
		seen[i] = true;
	}
	assert_true(seen[1] && seen[2] && seen[3] && !seen[4]);
	assert_int_equal(dag_left(d), 1);
	dag_done(d, 4, true);
	assert_true(dag_next(d) == DAG_NONE);
	assert_int_equal(dag_left(d), 0);
}

/* Of two needs one fails first: the other's success must not start what was dropped. */
static void test_what_was_dropped_never_starts(void **state)
{
	(void)state;
	arena_auto a = {0};
	struct dag *d = dag_new(&a, 3);
	dag_need(d, 2, 0);
	dag_need(d, 2, 1);
	dag_next(d);
	dag_next(d);
	dag_done(d, 0, false);
	assert_int_equal(dag_dropped(d), 2);
	dag_done(d, 1, true);
	assert_true(dag_next(d) == DAG_NONE);
	assert_int_equal(dag_left(d), 0);
}

static void test_a_cycle_leaves_nodes(void **state)
{
	(void)state;
	arena_auto a = {0};
	struct dag *d = dag_new(&a, 2);
	dag_need(d, 0, 1);
	dag_need(d, 1, 0);
	assert_true(dag_next(d) == DAG_NONE);
	assert_int_equal(dag_left(d), 2);
}

/* Random graphs whose needs point backwards: every node starts once, after its needs; those behind a failure
   never. */
static void test_random_graphs(void **state)
{
	(void)state;
	enum { N = 60, ROUNDS = 200 };
	for (unsigned seed = 1; seed <= ROUNDS; seed++) {
		arena_auto a = {0};
		bool need[N][N] = {{false}}, ok[N] = {false}, ended[N] = {false},
		     doomed[N] = {false};
		unsigned random = seed;
		struct dag *d = dag_new(&a, N);
		for (size_t i = 0; i < N; i++)
			for (size_t k = 0; k < i; k++)
				if (rand_r(&random) % 12 == 0) {
					need[i][k] = true;
					dag_need(d, i, k);
				}
		size_t running[N], n = 0;
		for (;;) {
			for (size_t i; (i = dag_next(d)) != DAG_NONE;) {
				for (size_t k = 0; k < i; k++)
					assert_true(!need[i][k] || (ended[k] && ok[k]));
				assert_false(ended[i]);
				running[n++] = i;
			}
			if (!n)
				break;
			size_t at = (size_t)rand_r(&random) % n, i = running[at];
			running[at] = running[--n];
			ended[i] = true;
			ok[i] = rand_r(&random) % 10 != 0;
			dag_done(d, i, ok[i]);
		}
		for (size_t i; (i = dag_dropped(d)) != DAG_NONE;)
			doomed[i] = true;
		for (size_t i = 0; i < N; i++) {
			bool behind = false;
			for (size_t k = 0; k < i; k++)
				behind |= need[i][k] && (doomed[k] || !ok[k]);
			assert_int_equal(doomed[i], behind);
			assert_int_equal(ended[i], !behind);
		}
		assert_int_equal(dag_left(d), 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_independent_nodes_come_in_order),
		cmocka_unit_test(test_a_need_is_waited_for),
		cmocka_unit_test(test_a_failure_drops_all_behind_it),
		cmocka_unit_test(test_what_was_dropped_never_starts),
		cmocka_unit_test(test_a_cycle_leaves_nodes),
		cmocka_unit_test(test_random_graphs),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
