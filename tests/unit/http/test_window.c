/* How many requests may be in flight: http_window.h. */
#include "http/http_window.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void good(struct http_window *w, int n)
{
	while (n--)
		http_window_good(w);
}

static void grows_to_its_most(void **state)
{
	(void)state;
	struct http_window w = http_window_of(64, 128);
	assert_int_equal(w.size, 64);
	good(&w, 1);
	assert_int_equal(w.size, 65);
	good(&w, 1000);
	assert_int_equal(w.size, 128);
}

static void stays_where_no_more_is_allowed(void **state)
{
	(void)state;
	struct http_window w = http_window_of(7, 0);
	good(&w, 1000);
	assert_int_equal(w.size, 7);
	w = http_window_of(1, 1);
	assert_false(http_window_throttled(&w, 0));
	assert_int_equal(w.size, 1);
}

/* All 64 are told to wait: that is one sign, not 64. */
static void halved_once_for_all_on_their_way(void **state)
{
	(void)state;
	struct http_window w = http_window_of(64, 128);
	assert_true(http_window_throttled(&w, 0));
	for (int i = 1; i < 64; i++)
		assert_false(http_window_throttled(&w, 0));
	assert_int_equal(w.size, 32);
	assert_true(http_window_throttled(&w, w.cuts));
	assert_int_equal(w.size, 16);
}

static void never_below_the_floor(void **state)
{
	(void)state;
	struct http_window w = http_window_of(64, 128);
	for (int i = 0; i < 20; i++)
		http_window_throttled(&w, w.cuts);
	assert_int_equal(w.size, 4);
}

/* One a windowful: 32 good replies for the 33rd, 33 for the 34th. */
static void grows_slowly_after_a_cut(void **state)
{
	(void)state;
	struct http_window w = http_window_of(64, 128);
	http_window_throttled(&w, 0);
	good(&w, 31);
	assert_int_equal(w.size, 32);
	good(&w, 1);
	assert_int_equal(w.size, 33);
	good(&w, 33);
	assert_int_equal(w.size, 34);
	good(&w, 128 * 128);
	assert_int_equal(w.size, 128);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(grows_to_its_most),
		cmocka_unit_test(stays_where_no_more_is_allowed),
		cmocka_unit_test(halved_once_for_all_on_their_way),
		cmocka_unit_test(never_below_the_floor),
		cmocka_unit_test(grows_slowly_after_a_cut),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
