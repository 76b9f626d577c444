/*
 * One setting of a profile, and where it stands: the environment (OCI_CLI_USER and so on, as Oracle's CLI has them),
 * the profile itself, or [DEFAULT], which every profile inherits. Empty counts as absent, as with the CLI.
 */
#ifndef OCI_SETTING_H
#define OCI_SETTING_H

#include "base/arena.h"
#include "base/map.h"

#include <stdbool.h>

struct settings {
	const char *file, *profile; /* for messages */
	bool no_environment;
	const struct map *own, *inherited; /* of ini.h; NULL: there is none */
};
struct setting {
	const char *value; /* NULL: nobody says */
	/* "FILE:7: profile [X]: `user`", "OCI_CLI_USER"; of one that nobody says "FILE: profile [X]". */
	const char *where;
	bool of_file;    /* not of the environment */
	bool of_profile; /* in the profile itself, not in [DEFAULT] */
};
/* The variable of that name, NULL if it is unset, empty or not to be looked at. */
const char *setting_env(const struct settings *s, const char *name);
/* `where` is in the arena. */
struct setting setting_find(const struct settings *s, const char *key, struct arena *a);

#endif
