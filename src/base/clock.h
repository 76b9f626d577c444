/*
 * Time as a vtable, so that tests decide it. Wall time for dates and signatures, monotonic time for
 * measuring and waiting, a sleep that tests can make instant.
 */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdint.h>

struct clock {
	int64_t (*wall_ms)(void *ctx); /* Unix time */
	int64_t (*mono_ms)(void *ctx); /* from some start; never goes back */
	void (*sleep_ms)(void *ctx, int64_t ms);
	void *ctx;
};

extern const struct clock clock_system;

static inline int64_t clock_wall(const struct clock *c)
{
	return c->wall_ms(c->ctx);
}
static inline int64_t clock_mono(const struct clock *c)
{
	return c->mono_ms(c->ctx);
}

#endif
