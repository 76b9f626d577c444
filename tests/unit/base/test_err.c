/* err, clock and progress. */
#include "../unit.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/progress.h"

#include <errno.h>
#include <stdio.h>

static void set_wrap_and_hint(void **state)
{
	(void)state;
	struct err err;
	assert_false(err_set(&err, ERR_NETWORK, "connection %s", "reset"));
	err.http_status = 503;
	snprintf(err.code, sizeof err.code, "Oops");
	assert_false(err_wrap(&err, "POST %s", "/x"));
	assert_false(err_hint(&err, "try %d", 2));
	assert_int_equal(err.kind, ERR_NETWORK);
	assert_int_equal(err.http_status, 503);
	assert_string_equal(err.code, "Oops");
	assert_string_equal(err.text, "POST /x: connection reset\n  try 2");
	assert_false(err_set(&err, ERR_IO, "%s", "again"));
	assert_int_equal(err.http_status, 0);
	assert_string_equal(err.code, "");
}

static void wraps_its_own_text(void **state)
{
	(void)state;
	struct err err;
	err_set(&err, ERR_IO, "one");
	err_set(&err, ERR_SPEC, "two after %s", err.text);
	assert_string_equal(err.text, "two after one");
}

static void errno_is_told(void **state)
{
	(void)state;
	struct err err;
	errno = ENOENT;
	assert_false(err_errno(&err, ERR_IO, "file %d", 3));
	assert_string_equal(err.text, "file 3: No such file or directory");
}

static void long_texts_end_in_dots(void **state)
{
	(void)state;
	struct err err;
	err_set(&err, ERR_BUG, "%*d", 5000, 1);
	assert_int_equal(strlen(err.text), sizeof err.text - 1);
	assert_string_equal(err.text + sizeof err.text - 4, "...");
	err_set(&err, ERR_BUG, "%*d", 2000, 1);
	for (int i = 0; i < 100; i++)
		err_wrap(&err, "layer %d", i);
	assert_int_equal(strlen(err.text), sizeof err.text - 1);
	assert_int_equal(strncmp(err.text, "layer 99: layer 98: ", 20), 0);
	assert_string_equal(err.text + sizeof err.text - 4, "...");
}

static void kinds_have_names_and_statuses(void **state)
{
	(void)state;
	assert_int_equal(err_exit_status(ERR_NONE), 0);
	assert_int_equal(err_exit_status(ERR_SPEC), 1);
	assert_int_equal(err_exit_status(ERR_NETWORK), 3);
	assert_int_equal(err_exit_status(ERR_CONFLICT), 4);
	assert_int_equal(err_exit_status(ERR_PARTIAL), 5);
	assert_int_equal(err_exit_status(ERR_RUN_FAILED), 6);
	assert_int_equal(err_exit_status(ERR_RUN_STOPPED), 7);
	assert_int_equal(err_exit_status(ERR_BUG), 70);
	assert_int_equal(err_exit_status(ERR_INTERRUPTED), 130);
	assert_string_equal(err_kind_name(ERR_THROTTLED), "throttled");
	assert_true(err_retryable(ERR_THROTTLED));
	assert_false(err_retryable(ERR_PERMISSION));
}

static int64_t fixed(void *ctx)
{
	return *(int64_t *)ctx;
}

static void a_clock_can_be_replaced(void **state)
{
	(void)state;
	int64_t now = 42;
	struct clock c = {.wall_ms = fixed, .mono_ms = fixed, .ctx = &now};
	assert_int_equal(clock_wall(&c), 42);
	assert_int_equal(clock_mono(&c), 42);
	int64_t before = clock_mono(&clock_system);
	clock_system.sleep_ms(clock_system.ctx, 20);
	assert_true(clock_mono(&clock_system) - before >= 20);
	assert_true(clock_wall(&clock_system) > 1700000000000);
}

static void remember(void *ctx, const struct progress_event *e)
{
	snprintf(ctx, 64, "%d %s %s %llu/%llu", (int)e->kind, e->what, e->text ? e->text : "-",
		(unsigned long long)e->done, (unsigned long long)e->total);
}

static void progress_reaches_who_listens(void **state)
{
	(void)state;
	char seen[64] = "";
	struct progress p = {remember, seen}, nobody = {0};
	progress_send(&p, PROGRESS_STEP, "x", 1, 2, "half %d", 1);
	assert_string_equal(seen, "1 x half 1 1/2");
	progress_send(&nobody, PROGRESS_STEP, "y", 1, 2, "lost");
	assert_string_equal(seen, "1 x half 1 1/2");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(set_wrap_and_hint),
		cmocka_unit_test(wraps_its_own_text),
		cmocka_unit_test(errno_is_told),
		cmocka_unit_test(long_texts_end_in_dots),
		cmocka_unit_test(kinds_have_names_and_statuses),
		cmocka_unit_test(a_clock_can_be_replaced),
		cmocka_unit_test(progress_reaches_who_listens),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
