/*
 * The OCI config file and its API keys: which file, which profile, what is wrong with it and how to mend it.
 * Facts: shared contract section 2 (SDK and CLI): ~/.oci/config, OCI_CONFIG_FILE, OCI_CLI_CONFIG_FILE,
 * profiles inherit from [DEFAULT], OCI_REGION, "~" in paths, text after the PEM's end is tolerated.
 * Errors are ERR_CONFIG and name the file, the profile, the key and the cure.
 */
#ifndef OCI_CONFIG_H
#define OCI_CONFIG_H

#include "base/arena.h"
#include "base/err.h"

#include <openssl/types.h>

struct oci_config {
	const char *file, *profile;
	const char *tenancy, *user, *fingerprint, *key_file, *region;
	EVP_PKEY *key; /* owned; oci_config_clear frees it */
};
/* file and profile may be NULL: environment, then the defaults. region overrides the file's when given. */
bool oci_config_load(const char *file, const char *profile, const char *region, struct arena *a,
	struct oci_config *ret, struct err *err);
void oci_config_clear(struct oci_config *c);

/* "https://dataflow.us-ashburn-1.oci.oraclecloud.com" and Object Storage's, by region id or short key. */
char *oci_endpoint_dataflow(struct arena *a, const char *region);
char *oci_endpoint_objectstorage(struct arena *a, const char *region);

#endif
