/*
 * The values of the secrets of Vault that the checks of a launch name (`$<vault.OCID>`): fetched before anything is changed or
 * launched, so that what is not there or not allowed is told at once. From then on they are left out of all that is printed.
 */
#ifndef CLI_SECRETS_H
#define CLI_SECRETS_H

#include "cli/session.h"

/* ret: the values by the references; none where nobody waits for the runs, since then there are no checks. */
bool secrets_fetch(
	struct session *s, const struct spec_steps *steps, struct pairs *ret, struct err *err);

#endif
