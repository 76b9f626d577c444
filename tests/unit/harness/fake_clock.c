#include "harness/fake_clock.h"

static int64_t wall(void *ctx)
{
	return ((struct fake_clock *)ctx)->wall_ms;
}

static int64_t mono(void *ctx)
{
	return ((struct fake_clock *)ctx)->mono_ms;
}

static void sleep_for(void *ctx, int64_t ms)
{
	struct fake_clock *t = ctx;
	t->wall_ms += ms;
	t->mono_ms += ms;
	t->slept_ms += ms;
}

struct clock fake_clock(struct fake_clock *t)
{
	return (struct clock){.wall_ms = wall, .mono_ms = mono, .sleep_ms = sleep_for, .ctx = t};
}
