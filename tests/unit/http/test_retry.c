/* The rule of http_retry_wait, what statuses mean, and what a 401 tells of our clock. */
#include "base/text.h"
#include "http/http.h"
#include "http/http_status.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static int64_t wait_for(int n, enum err_kind kind, double jitter, const char *retry_after)
{
	struct err err;
	err_set(&err, kind, "x");
	return http_retry_wait(n, 8, &err, jitter, retry_after);
}

static void doubles_up_to_30_s(void **state)
{
	(void)state;
	static const int64_t want[] = {1000, 2000, 4000, 8000, 16000, 30000, 30000, -1, -1};
	for (int n = 1; n <= 9; n++)
		assert_int_equal(wait_for(n, ERR_NETWORK, 0, NULL), want[n - 1]);
	assert_int_equal(wait_for(1, ERR_NETWORK, 0.5, NULL), 1500);
	assert_int_equal(wait_for(5, ERR_NETWORK, 0.999, NULL), 16999);
	assert_int_equal(wait_for(6, ERR_NETWORK, 0.999, NULL), 30000);
}

static void only_what_may_pass(void **state)
{
	(void)state;
	static const enum err_kind again[] = {
		ERR_NETWORK, ERR_THROTTLED, ERR_SERVICE, ERR_INCORRECT_STATE};
	static const enum err_kind never[] = {ERR_AUTH, ERR_PERMISSION, ERR_NOT_FOUND, ERR_INVALID,
		ERR_LIMIT, ERR_CONFLICT, ERR_PROTOCOL, ERR_IO, ERR_INTERRUPTED, ERR_CONFIG};
	for (size_t i = 0; i < sizeof again / sizeof *again; i++)
		assert_int_equal(wait_for(1, again[i], 0, NULL), 1000);
	for (size_t i = 0; i < sizeof never / sizeof *never; i++)
		assert_int_equal(wait_for(1, never[i], 0, NULL), -1);
	struct err err;
	err_set(&err, ERR_SERVICE, "x");
	assert_int_equal(http_retry_wait(1, 1, &err, 0, NULL), -1);
}

static void retry_after(void **state)
{
	(void)state;
	assert_int_equal(wait_for(4, ERR_THROTTLED, 0, "2"), 2000);
	assert_int_equal(wait_for(1, ERR_THROTTLED, 0.25, "0"), 250);
	assert_int_equal(wait_for(1, ERR_THROTTLED, 0, "30"), 30000);
	assert_int_equal(wait_for(8, ERR_THROTTLED, 0, "2"), -1);
	static const char *const odd[] = {"31", "-1", "", "1.5", " 2", "99999999999999999999",
		"Thu, 05 Jan 2014 21:31:40 GMT"};
	for (size_t i = 0; i < sizeof odd / sizeof *odd; i++)
		assert_int_equal(wait_for(2, ERR_THROTTLED, 0, odd[i]), 2000);
}

static void statuses(void **state)
{
	(void)state;
	static const struct {
		int status;
		enum err_kind kind;
	} want[] = {{200, ERR_NONE}, {204, ERR_NONE}, {299, ERR_NONE}, {304, ERR_NONE},
		{301, ERR_PROTOCOL}, {307, ERR_PROTOCOL}, {400, ERR_INVALID}, {401, ERR_AUTH},
		{403, ERR_PERMISSION}, {404, ERR_NOT_FOUND}, {409, ERR_CONFLICT},
		{412, ERR_CONFLICT}, {413, ERR_LIMIT}, {418, ERR_INVALID}, {429, ERR_THROTTLED},
		{500, ERR_SERVICE}, {501, ERR_PROTOCOL}, {503, ERR_SERVICE}, {504, ERR_SERVICE},
		{599, ERR_SERVICE}, {100, ERR_PROTOCOL}, {0, ERR_PROTOCOL}};
	for (size_t i = 0; i < sizeof want / sizeof *want; i++)
		assert_int_equal(http_status_kind(want[i].status), want[i].kind);
}

static const int64_t NOW = 1388957500000; /* Sun, 05 Jan 2014 21:31:40 GMT */

static struct err skew(int status, const char *date, int64_t now)
{
	arena_auto a = {0};
	struct http_reply reply = {.status = status};
	struct err err;
	if (date)
		http_fields_add(&reply.fields, &a, "Date", date);
	err_set(&err, ERR_AUTH, "401");
	http_status_skew(&reply, now, &err);
	return err;
}

static void clock_off(void **state)
{
	(void)state;
	const char *date = "Sun, 05 Jan 2014 21:31:40 GMT";
	struct err err = skew(401, date, NOW + 21 * 60 * 1000);
	assert_non_null(strstr(err.text, "21m"));
	assert_non_null(strstr(err.text, "ahead of"));
	assert_non_null(strstr(err.text, "set the clock"));
	err = skew(401, date, NOW - 3 * 3600 * 1000);
	assert_non_null(strstr(err.text, "3h"));
	assert_non_null(strstr(err.text, "behind"));
	assert_string_equal(skew(401, date, NOW + 299 * 1000).text, "401");
	assert_string_equal(skew(401, date, NOW - 300 * 1000).text, "401");
	assert_string_equal(skew(401, NULL, NOW + 99999999).text, "401");
	assert_string_equal(skew(401, "yesterday", NOW + 99999999).text, "401");
	assert_string_equal(skew(404, date, NOW + 99999999).text, "401");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(doubles_up_to_30_s),
		cmocka_unit_test(only_what_may_pass),
		cmocka_unit_test(retry_after),
		cmocka_unit_test(statuses),
		cmocka_unit_test(clock_off),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
