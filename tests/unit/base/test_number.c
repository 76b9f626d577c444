/* Numbers, sizes, durations and dates. */
#include "../unit.h"
#include "base/text.h"

#include <locale.h>
#include <math.h>

static void integers_are_strict(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		int64_t v;
	} good[] = {{"0", 0}, {"-0", 0}, {"007", 7}, {"9223372036854775807", INT64_MAX},
		{"-9223372036854775808", INT64_MIN}, {"-1", -1}};
	static const char *const bad[] = {"", "-", "+1", " 1", "1 ", "0x1", "1.0", "1e3", "--1",
		"1-", "9223372036854775808", "-9223372036854775809", "99999999999999999999",
		"\xd9\xa1"};
	int64_t v;
	for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
		assert_true(text_i64(good[i].text, &v));
		assert_int_equal(v, good[i].v);
	}
	v = 5;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		if (text_i64(bad[i], &v) || v != 5)
			fail_msg("took %s", bad[i]);
}

static void doubles_are_finite_decimals(void **state)
{
	(void)state;
	static const char *const bad[] = {"", "-", "+1", " 1", "1 ", "0x1p3", "inf", "nan", "1e999",
		"1,5", "1.2.3", "e5", ".", "1e", "infinity"};
	double d;
	assert_true(text_double("1.5", &d) && d == 1.5);
	assert_true(text_double("-2e3", &d) && d == -2000);
	assert_true(text_double(".5", &d) && d == 0.5);
	assert_true(text_double("1e-400", &d) && d == 0);
	d = 5;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		if (text_double(bad[i], &d) || d != 5)
			fail_msg("took %s", bad[i]);
}

static void numbers_read_back(void **state)
{
	(void)state;
	static const double v[] = {
		0, 1, -1, 0.1, 1.0 / 3, 1e21, 1e300, 5e-324, 3.10, 16, 123456789012345678.0};
	char out[32];
	double back;
	for (size_t i = 0; i < sizeof v / sizeof *v; i++) {
		text_number(v[i], out);
		if (strchr(out, '+')) /* 1e+21: JSON and YAML take it */
			assert_non_null(strchr(out, 'e'));
		assert_true(text_double(out, &back));
		assert_true(back == v[i]);
	}
	assert_string_equal(text_number(3.10, out), "3.1");
	assert_string_equal(text_number(16, out), "16");
	assert_string_equal(text_number(0.1, out), "0.1");
}

static void the_locale_does_not_count(void **state)
{
	(void)state;
	/* Where a locale with a decimal comma is installed, it is used; C.UTF-8 always is. */
	if (!setlocale(LC_ALL, "de_DE.UTF-8"))
		setlocale(LC_ALL, "C.UTF-8");
	char out[32];
	double d;
	assert_string_equal(text_number(1.5, out), "1.5");
	assert_true(text_double("1.5", &d) && d == 1.5);
	setlocale(LC_ALL, "C");
}

static void sizes(void **state)
{
	(void)state;
	char out[16];
	assert_string_equal(text_bytes(0, out), "0 B");
	assert_string_equal(text_bytes(870, out), "870 B");
	assert_string_equal(text_bytes(1023, out), "1023 B");
	assert_string_equal(text_bytes(1024, out), "1.0 KiB");
	assert_string_equal(text_bytes(1572864, out), "1.5 MiB");
	assert_string_equal(text_bytes(1048575, out), "1.0 MiB");
	assert_string_equal(text_bytes(UINT64_MAX, out), "16.0 EiB");
}

static void durations(void **state)
{
	(void)state;
	char out[24];
	assert_string_equal(text_duration(0, out), "0.0s");
	assert_string_equal(text_duration(4149, out), "4.1s");
	assert_string_equal(text_duration(59999, out), "59.9s");
	assert_string_equal(text_duration(72000, out), "1m12s");
	assert_string_equal(text_duration(7500000, out), "2h5m");
	assert_string_equal(text_duration(-5, out), "0.0s");
	assert_true(strlen(text_duration(INT64_MAX, out)) < sizeof out);
}

static void http_dates(void **state)
{
	(void)state;
	char out[32];
	int64_t ms;
	assert_string_equal(text_http_date(784111777000, out), "Sun, 06 Nov 1994 08:49:37 GMT");
	assert_string_equal(text_http_date(0, out), "Thu, 01 Jan 1970 00:00:00 GMT");
	assert_string_equal(text_http_date(-1, out), "Wed, 31 Dec 1969 23:59:59 GMT");
	assert_true(text_parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT", &ms));
	assert_int_equal(ms, 784111777000);
	assert_true(text_parse_http_date("Thu, 29 Feb 2024 00:00:00 GMT", &ms));
	assert_int_equal(ms, 1709164800000);
	static const char *const bad[] = {"", "Sun, 06 Nov 1994 08:49:37",
		"Sun, 06 Nov 1994 08:49:37 UTC", "Sun, 06 Nov 1994 08:49:37 GMT ",
		" Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT",
		"Sun Nov  6 08:49:37 1994", "Xyz, 06 Nov 1994 08:49:37 GMT",
		"Sun, 06 nov 1994 08:49:37 GMT", "Sun, 31 Jun 1994 08:49:37 GMT",
		"Sun, 00 Jun 1994 08:49:37 GMT", "Sun, 06 Nov 1994 24:00:00 GMT",
		"Sun, 06 Nov 1994 08:60:37 GMT", "Thu, 29 Feb 2023 00:00:00 GMT",
		"Sun, 6 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:60 GMT"};
	ms = 5;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		if (text_parse_http_date(bad[i], &ms) || ms != 5)
			fail_msg("took %s", bad[i]);
}

static void rfc3339(void **state)
{
	(void)state;
	char out[32];
	int64_t ms;
	assert_string_equal(text_rfc3339(784111777042, out), "1994-11-06T08:49:37.042Z");
	assert_string_equal(text_rfc3339(-1, out), "1969-12-31T23:59:59.999Z");
	assert_string_equal(text_rfc3339(INT64_MAX, out), "9999-12-31T23:59:59.807Z");
	assert_int_equal(strlen(text_rfc3339(INT64_MIN, out)), 24);
	static const struct {
		const char *text;
		int64_t ms;
	} good[] = {{"1994-11-06T08:49:37.042Z", 784111777042},
		{"1994-11-06T08:49:37Z", 784111777000}, {"1994-11-06t08:49:37z", 784111777000},
		{"1994-11-06T09:49:37.5+01:00", 784111777500},
		{"1994-11-06T08:49:37.123456789+00:00", 784111777123},
		{"1994-11-06T03:19:37-05:30", 784111777000}};
	for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
		assert_true(text_parse_rfc3339(good[i].text, &ms));
		assert_int_equal(ms, good[i].ms);
	}
	static const char *const bad[] = {"", "1994-11-06", "1994-11-06T08:49:37",
		"1994-11-06 08:49:37Z", "1994-11-06T08:49:37.Z", "1994-11-06T08:49:37+1:00",
		"1994-11-06T08:49:37+24:00", "1994-13-06T08:49:37Z", "1994-02-30T08:49:37Z",
		"1994-11-06T08:49:37Zx", "94-11-06T08:49:37Z", "1994-11-06T08:49:37+01:00x",
		"1994-11-06T08:49:37.5"};
	ms = 5;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		if (text_parse_rfc3339(bad[i], &ms) || ms != 5)
			fail_msg("took %s", bad[i]);
	/* Both ways over a century and more, at odd steps. */
	for (int64_t t = -2000000000000; t < 6000000000000; t += 86399987654) {
		assert_true(text_parse_rfc3339(text_rfc3339(t, out), &ms));
		assert_int_equal(ms, t);
		assert_true(text_parse_http_date(text_http_date(t, out), &ms));
		assert_true(ms <= t && t - ms < 1000);
	}
}

static void duration_is(const char *text, int64_t ms)
{
	int64_t got = -1;
	assert_int_equal(text_parse_duration(text, &got), ms >= 0);
	assert_int_equal(got, ms);
}

static void durations_as_written(void **state)
{
	(void)state;
	duration_is("90s", 90000);
	duration_is("2h", 7200000);
	duration_is("1h30m", 5400000);
	duration_is("7d", 604800000);
	duration_is("2w1d", 15 * (int64_t)86400000);
	duration_is("0s", 0);
	duration_is("36600d", 36600 * (int64_t)86400000);
	static const char *const bad[] = {"", "2", "h", "30m1h", "1h1h", "-2h", "+2h", " 2h", "2h ",
		"2.5h", "2H", "36601d", "99999999999999999999999d", "1ms"};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		duration_is(bad[i], -1);
}

static void time_is(const char *text, const char *rfc3339)
{
	int64_t got = 0, want = 0;
	assert_int_equal(text_parse_time(text, &got), rfc3339 != NULL);
	assert_true(!rfc3339 || text_parse_rfc3339(rfc3339, &want));
	assert_int_equal(got, want);
}

static void times_as_written(void **state)
{
	(void)state;
	time_is("2026-11-20", "2026-11-20T00:00:00Z");
	time_is("2026-11-20 15:36", "2026-11-20T15:36:00Z");
	time_is("2026-11-20T15:36:39", "2026-11-20T15:36:39Z");
	time_is("2026-11-20t15:36:39.25", "2026-11-20T15:36:39.25Z");
	time_is("2026-11-20T15:36+02:00", "2026-11-20T13:36:00Z");
	time_is("2026-11-20T15:36:39.5-01:30", "2026-11-20T17:06:39.5Z");
	time_is("2026-11-20T15:36:39Z", "2026-11-20T15:36:39Z");
	static const char *const bad[] = {"", "2026", "2026-11", "2026-13-01", "2026-02-30",
		"2026-11-20T", "2026-11-20T15", "2026-11-20T25:00", "2026-11-20x15:36",
		"2026-11-20T15:36:39ZZ", "2026-11-20T15:36 +02:00", "today",
		"2026-11-20T15:36:39.00000000000000000000000000000000000000000000000000000000000000Z"};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		time_is(bad[i], NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(integers_are_strict),
		cmocka_unit_test(doubles_are_finite_decimals),
		cmocka_unit_test(numbers_read_back),
		cmocka_unit_test(the_locale_does_not_count),
		cmocka_unit_test(sizes),
		cmocka_unit_test(durations),
		cmocka_unit_test(durations_as_written),
		cmocka_unit_test(times_as_written),
		cmocka_unit_test(http_dates),
		cmocka_unit_test(rfc3339),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
