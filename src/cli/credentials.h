/*
 * As whom a command speaks to the service, and whom it trusts: the OCI profile by the rules of oci/config.h, a pass
 * phrase asked for where there is a terminal, warnings for files with secrets that others can read, the certificates.
 */
#ifndef CLI_CREDENTIALS_H
#define CLI_CREDENTIALS_H

#include "cli/cli.h"
#include "oci/config.h"

/* o: what was given; who is asked is filled in here. oci_config_clear it. */
bool credentials_load(struct cli *cli, struct oci_config_options *o, bool may_ask,
	struct oci_config *ret, struct err *err);
/* Of what is wrong with them and yet does. */
void credentials_warn(struct cli *cli, const struct oci_config *c);
/* The file of --cert-bundle or OCI_CLI_CERT_BUNDLE; NULL: the system's. ERR_CONFIG if there are none in it. */
bool credentials_certificates(struct cli *cli, const char **ret, struct err *err);

#endif
