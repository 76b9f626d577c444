/* What every unit test includes: cmocka with its prerequisites, and a few checks of ours. */
#ifndef UNIT_H
#define UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

/* The text holds the part; on failure shows both. */
#define assert_has(text, part)                                           \
	do {                                                             \
		if (!strstr((text), (part)))                             \
			fail_msg("no \"%s\" in \"%s\"", (part), (text)); \
	} while (0)

#define assert_lacks(text, part)                                               \
	do {                                                                   \
		if (strstr((text), (part)))                                    \
			fail_msg("there is \"%s\" in \"%s\"", (part), (text)); \
	} while (0)

#endif
