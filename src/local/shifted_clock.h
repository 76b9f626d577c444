/*
 * The service's clock: the system's, or for tests one that is wrong by WEIR_LOCAL_CLOCK_OFFSET_MS, so that a
 * client is seen to be told that its own is.
 */
#ifndef LOCAL_SHIFTED_CLOCK_H
#define LOCAL_SHIFTED_CLOCK_H

#include "base/clock.h"

const struct clock *shifted_clock(void);

#endif
