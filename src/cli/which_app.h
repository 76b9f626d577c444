/* The application of `apps.NAME`: the live one that bears our tag, else the one that the file adopts. */
#ifndef CLI_WHICH_APP_H
#define CLI_WHICH_APP_H

#include "cli/session.h"

/* Its OCID. The session has been loaded, address begins with "apps.". ERR_CONFLICT where there are two. */
bool which_app(struct session *s, const char *address, const char **ret_id, struct err *err);

#endif
