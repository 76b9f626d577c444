/*
 * What the commands share that have verbs (`fault add`, `secret put`) and ask the running service (ask.h):
 *
 *	static const struct verb verbs[] = {{"add", add}, {"list", list}, {0}};
 *	static const struct verbs_command command = {"fault", help, HINT, verbs};
 *
 * Statuses are exit statuses; -1: it is done, and the command goes on.
 */
#ifndef LOCAL_VERBS_H
#define LOCAL_VERBS_H

#include "base/arena.h"
#include "field/node.h"
#include "local/command/ask.h"

struct verb {
	const char *name;
	int (*run)(struct arena *a, int argc, char **argv); /* argv[0] is the verb */
};
struct verbs_command {
	const char *name, *help;
	const char *hint;         /* where to read on */
	const char *absent;       /* what a 404 means; NULL: what the service says of it */
	const struct verb *verbs; /* up to one without a name */
};
/* argv[0] is the command. `help` prints. */
int verbs_run(const struct verbs_command *c, int argc, char **argv);
/* body: JSON, or NULL for none. */
int verbs_ask(const struct verbs_command *c, struct arena *a, const char *method,
	const char *target, const char *body, struct answer *ret);
/* Prints the list that the service has at target, as JSON or a line each. what: "rules". */
int verbs_list(const struct verbs_command *c, struct arena *a, const char *target, const char *what,
	bool json, void (*print)(const struct node *item));

#endif
