/* When to try again: the rule of http.h, apart from everything else. */
#include "base/text.h"
#include "http/http.h"

static const int64_t WAIT_MAX_MS = 30 * 1000;

/* Seconds, of which up to 30 are believed. A date would need a clock; OCI sends none. */
static bool asked_wait(const char *retry_after, int64_t *ret_ms)
{
	int64_t seconds;
	if (!retry_after || !text_i64(retry_after, &seconds) || seconds < 0 ||
		seconds > WAIT_MAX_MS / 1000)
		return false;
	*ret_ms = seconds * 1000;
	return true;
}

static int64_t doubled(int n)
{
	return n > 5 ? WAIT_MAX_MS : (int64_t)1000 << (n - 1);
}

int64_t http_retry_wait(
	int n, int attempts, const struct err *err, double jitter, const char *retry_after)
{
	int64_t wait;
	if (n >= attempts || !err_retryable(err->kind))
		return -1;
	if (!asked_wait(retry_after, &wait))
		wait = doubled(n);
	wait += (int64_t)(jitter * 1000);
	return wait < WAIT_MAX_MS ? wait : WAIT_MAX_MS;
}
