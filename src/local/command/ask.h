/*
 * A signed request to the weir-local of a home, as its user, for commands that need the service itself:
 *
 *	struct answer answer;
 *	if (!ask_service(home, "GET", "/weir/faults", NULL, &arena, &answer, &err))
 *
 * One connection each, the reply read whole. ERR_SERVICE, with the cure, where none runs.
 */
#ifndef LOCAL_ASK_H
#define LOCAL_ASK_H

#include "base/arena.h"
#include "base/err.h"

#include <stdbool.h>

struct answer {
	int status;
	const char *body; /* arena; "" if none */
};
/* body: JSON, or NULL for none. */
bool ask_service(const char *home, const char *method, const char *target, const char *body,
	struct arena *a, struct answer *ret, struct err *err);

#endif
