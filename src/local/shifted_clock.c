#include "local/shifted_clock.h"

#include "base/text.h"

#include <stdlib.h>

static int64_t offset_ms;

static int64_t wall(void *ctx)
{
	(void)ctx;
	return clock_wall(&clock_system) + offset_ms;
}

static int64_t mono(void *ctx)
{
	(void)ctx;
	return clock_mono(&clock_system);
}

static void sleep_for(void *ctx, int64_t ms)
{
	(void)ctx;
	clock_system.sleep_ms(clock_system.ctx, ms);
}

const struct clock *shifted_clock(void)
{
	static const struct clock shifted = {
		.wall_ms = wall, .mono_ms = mono, .sleep_ms = sleep_for};
	const char *text = getenv("WEIR_LOCAL_CLOCK_OFFSET_MS");
	return text && text_i64(text, &offset_ms) && offset_ms ? &shifted : &clock_system;
}
