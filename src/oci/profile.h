/*
 * Finds the OCI config file and the profile in it (config.h says by which rules), and keeps what it read until
 * profile_clear wipes it: a pass phrase may be among it.
 */
#ifndef OCI_PROFILE_H
#define OCI_PROFILE_H

#include "oci/config.h"
#include "oci/setting.h"

struct profile {
	struct arena arena; /* what was read */
	struct settings settings;
	bool of_environment; /* no file was read */
};
/* Names of file and profile go to `a`. On failure nothing is to be cleared. */
bool profile_open(
	const struct oci_config_options *o, struct arena *a, struct profile *ret, struct err *err);
void profile_clear(struct profile *p);

#endif
