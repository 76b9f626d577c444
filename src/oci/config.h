/*
 * The OCI config file and its API keys: which file, which profile, what is wrong with it and how to mend it.
 * Facts: the documentation of OCI's SDK and CLI: profiles inherit from [DEFAULT], "~" expands in paths, text after
 * the PEM's end is tolerated. Errors are ERR_CONFIG and name the file, the profile, the key and the cure.
 */
#ifndef OCI_CONFIG_H
#define OCI_CONFIG_H

#include "base/arena.h"
#include "base/err.h"

#include <openssl/types.h>

struct oci_config {
	const char *file, *profile;
	const char *tenancy, *user, *fingerprint, *key_file, *region;
	EVP_PKEY *key;              /* owned; oci_config_clear frees it */
	bool key_is_open_to_others; /* its file's mode lets group or others in: worth a warning */
};
/* file NULL: OCI_CLI_CONFIG_FILE, OCI_CONFIG_FILE, ~/.oci/config. profile NULL: OCI_CLI_PROFILE, DEFAULT. Region: as
   given, OCI_CLI_REGION, the profile's, OCI_REGION; NULL if none says. ret is left alone on failure. */
bool oci_config_load(const char *file, const char *profile, const char *region, struct arena *a,
	struct oci_config *ret, struct err *err);
void oci_config_clear(struct oci_config *c);

/* The id of a region given by id or short key ("iad" -> "us-ashburn-1"); the name itself where it is unknown. */
const char *oci_region_id(const char *name);
bool oci_region_ok(const char *name); /* letters, digits, '-', '.': what may stand in a host name */
/* "https://dataflow.us-ashburn-1.oci.oraclecloud.com" and Object Storage's, by region id or short key. */
char *oci_endpoint_dataflow(struct arena *a, const char *region);
char *oci_endpoint_objectstorage(struct arena *a, const char *region);

#endif
