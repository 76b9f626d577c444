/*
 * A clock that only moves when somebody sleeps, and then at once: retries and polls take no time.
 *
 *	struct fake_clock time = {.wall_ms = ...};
 *	struct clock clock = fake_clock(&time);
 */
#ifndef HARNESS_FAKE_CLOCK_H
#define HARNESS_FAKE_CLOCK_H

#include "base/clock.h"

struct fake_clock {
	int64_t wall_ms, mono_ms, slept_ms;
};
struct clock fake_clock(struct fake_clock *t);

#endif
