#include "base/clock.h"

#include <errno.h>
#include <time.h>

static int64_t now(clockid_t id)
{
	struct timespec t;
	clock_gettime(id, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static int64_t wall(void *ctx)
{
	(void)ctx;
	return now(CLOCK_REALTIME);
}

static int64_t mono(void *ctx)
{
	(void)ctx;
	return now(CLOCK_MONOTONIC);
}

static void sleep_for(void *ctx, int64_t ms)
{
	(void)ctx;
	struct timespec t = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};
	while (nanosleep(&t, &t) && errno == EINTR)
		;
}

const struct clock clock_system = {.wall_ms = wall, .mono_ms = mono, .sleep_ms = sleep_for};
