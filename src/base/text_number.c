/* Numbers, sizes, durations and dates of base/text.h. None depends on the locale. */
#include "base/text.h"

#include <errno.h>
#include <inttypes.h>
#include <locale.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

bool text_i64(const char *s, int64_t *ret)
{
	bool minus = *s == '-';
	int64_t v = 0;
	s += minus;
	if (!*s)
		return false;
	/* Counted down, since the lowest number has no positive twin. */
	for (; *s; s++) {
		if (*s < '0' || *s > '9')
			return false;
		if (__builtin_mul_overflow(v, 10, &v) || __builtin_sub_overflow(v, *s - '0', &v))
			return false;
	}
	if (!minus && v == INT64_MIN)
		return false;
	*ret = minus ? v : -v;
	return true;
}

static locale_t c_locale;

static void make_c_locale(void)
{
	c_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
	if (!c_locale)
		abort();
}

static double to_double(const char *s, char **ret_end)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	pthread_once(&once, make_c_locale);
	return strtod_l(s, ret_end, c_locale);
}

bool text_double(const char *s, double *ret)
{
	/* strtod also takes spaces, hexadecimal, "inf" and "nan". */
	if (!*s || s[strspn(s, "0123456789+-.eE")] || *s == '+')
		return false;
	char *end;
	double d = to_double(s, &end);
	if (*end || !isfinite(d))
		return false;
	*ret = d;
	return true;
}

char *text_number(double d, char out[static 32])
{
	for (int n = 15; n <= 17; n++) {
		snprintf(out, 32, "%.*g", n, d);
		for (char *p = out; *p; p++)
			if (*p == ',')
				*p = '.';
		if (to_double(out, NULL) == d)
			break;
	}
	return out;
}

char *text_bytes(uint64_t n, char out[static 16])
{
	static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
	size_t unit = 0;
	double v = (double)n;
	for (; v >= 1023.95 && unit < 6; unit++)
		v /= 1024;
	if (!unit)
		snprintf(out, 16, "%u B", (unsigned)n);
	else
		snprintf(out, 16, "%.1f %s", v, units[unit]);
	return out;
}

char *text_duration(int64_t ms, char out[static 24])
{
	int64_t s = (ms < 0 ? 0 : ms) / 1000;
	if (s < 60)
		snprintf(out, 24, "%d.%ds", (int)s, (int)((ms < 0 ? 0 : ms) / 100 % 10));
	else if (s < 3600)
		snprintf(out, 24, "%dm%ds", (int)(s / 60), (int)(s % 60));
	else
		snprintf(out, 24, "%" PRId64 "h%dm", s / 3600, (int)(s / 60 % 60));
	return out;
}

bool text_parse_duration(const char *s, int64_t *ret_ms)
{
	static const char units[] = "wdhms";
	static const int64_t each[] = {604800000, 86400000, 3600000, 60000, 1000};
	const int64_t most = 100 * 366 * each[1];
	int64_t ms = 0;
	const char *from = units;
	if (!*s)
		return false;
	while (*s) {
		int64_t n = 0;
		const char *digit = s;
		for (; *s >= '0' && *s <= '9' && n <= most; s++)
			n = 10 * n + *s - '0';
		const char *unit = *s ? strchr(from, *s) : NULL;
		if (s == digit || !unit || n > most / each[unit - units])
			return false;
		ms += n * each[unit - units];
		from = unit + 1;
		s++;
	}
	if (ms > most)
		return false;
	*ret_ms = ms;
	return true;
}

static const char days[] = "SunMonTueWedThuFriSat";
static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

/* Splits Unix time; what lies outside the years 0 to 9999 becomes the nearest of them. */
static struct tm split(int64_t unix_ms, unsigned *ret_ms)
{
	const int64_t first = -62167219200, last = 253402300799;
	int64_t s = unix_ms / 1000, rest = unix_ms % 1000;
	if (rest < 0) {
		rest += 1000;
		s--;
	}
	time_t t = (time_t)(s < first ? first : s > last ? last : s);
	struct tm tm;
	gmtime_r(&t, &tm);
	*ret_ms = (unsigned)rest;
	return tm;
}

char *text_http_date(int64_t unix_ms, char out[static 32])
{
	unsigned ms;
	struct tm tm = split(unix_ms, &ms);
	snprintf(out, 32, "%.3s, %02u %.3s %04u %02u:%02u:%02u GMT", days + 3 * tm.tm_wday,
		(unsigned)tm.tm_mday % 100, months + 3 * tm.tm_mon,
		(unsigned)(tm.tm_year + 1900) % 10000, (unsigned)tm.tm_hour % 100,
		(unsigned)tm.tm_min % 100, (unsigned)tm.tm_sec % 100);
	return out;
}

char *text_rfc3339(int64_t unix_ms, char out[static 32])
{
	unsigned ms;
	struct tm tm = split(unix_ms, &ms);
	snprintf(out, 32, "%04u-%02u-%02uT%02u:%02u:%02u.%03uZ",
		(unsigned)(tm.tm_year + 1900) % 10000, (unsigned)(tm.tm_mon + 1) % 100,
		(unsigned)tm.tm_mday % 100, (unsigned)tm.tm_hour % 100, (unsigned)tm.tm_min % 100,
		(unsigned)tm.tm_sec % 100, ms % 1000);
	return out;
}

/* Reads *s along a pattern: 0 is any digit, a is any letter, the rest stands for itself. */
static bool fits(const char *s, const char *pattern)
{
	for (; *pattern; s++, pattern++) {
		bool digit = *s >= '0' && *s <= '9';
		bool letter = (*s >= 'A' && *s <= 'Z') || (*s >= 'a' && *s <= 'z');
		if (*pattern == '0' ? !digit : *pattern == 'a' ? !letter : *s != *pattern)
			return false;
	}
	return true;
}

static int digits(const char *s, int n)
{
	int v = 0;
	while (n--)
		v = v * 10 + (*s++ - '0');
	return v;
}

/* Which of the three-letter names; -1 for none. */
static int name_at(const char *names, const char *s)
{
	for (int i = 0; names[3 * i]; i++)
		if (!strncmp(names + 3 * i, s, 3))
			return i;
	return -1;
}

/* Seconds of a date that exists; timegm would move the 31st of June to July. */
static bool join(struct tm tm, int64_t *ret_s)
{
	struct tm same = tm;
	time_t t = timegm(&same);
	if (same.tm_mday != tm.tm_mday || same.tm_mon != tm.tm_mon || same.tm_hour != tm.tm_hour ||
		same.tm_min != tm.tm_min || same.tm_sec != tm.tm_sec)
		return false;
	*ret_s = t;
	return true;
}

bool text_parse_http_date(const char *s, int64_t *ret_unix_ms)
{
	if (!fits(s, "aaa, 00 aaa 0000 00:00:00 GMT") || s[29] || name_at(days, s) < 0)
		return false;
	struct tm tm = {.tm_mday = digits(s + 5, 2),
		.tm_mon = name_at(months, s + 8),
		.tm_year = digits(s + 12, 4) - 1900,
		.tm_hour = digits(s + 17, 2),
		.tm_min = digits(s + 20, 2),
		.tm_sec = digits(s + 23, 2)};
	int64_t t;
	if (tm.tm_mon < 0 || !join(tm, &t))
		return false;
	*ret_unix_ms = t * 1000;
	return true;
}

/* "Z" or "+02:00" to minutes. */
static bool parse_zone(const char *s, int *ret_minutes)
{
	if ((*s == 'Z' || *s == 'z') && !s[1]) {
		*ret_minutes = 0;
		return true;
	}
	if ((*s != '+' && *s != '-') || !fits(s + 1, "00:00") || s[6])
		return false;
	int h = digits(s + 1, 2), m = digits(s + 4, 2);
	if (h > 23 || m > 59)
		return false;
	*ret_minutes = (*s == '-' ? -1 : 1) * (h * 60 + m);
	return true;
}

bool text_parse_rfc3339(const char *s, int64_t *ret_unix_ms)
{
	if (!fits(s, "0000-00-00") || (s[10] != 'T' && s[10] != 't') || !fits(s + 11, "00:00:00"))
		return false;
	struct tm tm = {.tm_year = digits(s, 4) - 1900,
		.tm_mon = digits(s + 5, 2) - 1,
		.tm_mday = digits(s + 8, 2),
		.tm_hour = digits(s + 11, 2),
		.tm_min = digits(s + 14, 2),
		.tm_sec = digits(s + 17, 2)};
	int64_t t, ms = 0;
	int zone;
	const char *p = s + 19;
	if (*p == '.') {
		const char *fraction = ++p;
		for (int unit = 100; *p >= '0' && *p <= '9'; p++, unit /= 10)
			ms += unit * (*p - '0');
		if (p == fraction)
			return false;
	}
	if (!join(tm, &t) || !parse_zone(p, &zone))
		return false;
	*ret_unix_ms = (t - zone * 60) * 1000 + ms;
	return true;
}

int64_t text_time_ms(const char *rfc3339)
{
	int64_t ms;
	return rfc3339 && text_parse_rfc3339(rfc3339, &ms) ? ms : 0;
}

bool text_parse_time(const char *s, int64_t *ret_unix_ms)
{
	char whole[64];
	size_t len = strlen(s), at = 10;
	if (len >= sizeof whole - sizeof "T00:00:00Z" || !fits(s, "0000-00-00"))
		return false;
	bool day = !s[at], seconds = !day && fits(s + 11, "00:00:00");
	if (!day && s[at] != ' ' && s[at] != 'T' && s[at] != 't')
		return false;
	if (day)
		snprintf(whole, sizeof whole, "%sT00:00:00Z", s);
	else if (seconds)
		snprintf(whole, sizeof whole, "%.10sT%s", s, s + 11);
	else if (fits(s + 11, "00:00"))
		snprintf(whole, sizeof whole, "%.10sT%.5s:00%s", s, s + 11, s + 16);
	else
		return false;
	if (text_parse_rfc3339(whole, ret_unix_ms))
		return true;
	snprintf(whole + strlen(whole), sizeof whole - strlen(whole), "Z");
	return text_parse_rfc3339(whole, ret_unix_ms);
}
