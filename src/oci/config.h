/*
 * Who weir is for OCI: the config file and its profile, the environment of Oracle's CLI, an API key or a session's
 * token; or an instance or resource (principal.h), for which there need be no file. Facts: the SDK and the CLI 3.95: profiles inherit from [DEFAULT]; OCI_CLI_* counts for more than the file,
 * and what is given here for more than either; "~" expands in paths; text after the PEM's end is tolerated. Errors are
 * ERR_CONFIG and name the file and line or the variable, the profile, the key and the cure, and never a secret.
 */
#ifndef OCI_CONFIG_H
#define OCI_CONFIG_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "oci/principal.h"
#include "oci/token.h"

#include <openssl/types.h>

enum oci_auth { OCI_AUTH_API_KEY, OCI_AUTH_SESSION, OCI_AUTH_PRINCIPAL };

struct oci_config_options {
	const char *
		file; /* NULL: OCI_CLI_CONFIG_FILE, OCI_CONFIG_FILE, ~/.oci/config, ~/.oraclebmc/config */
	const char *profile; /* NULL: OCI_CLI_PROFILE, default_profile of oci_cli_rc, DEFAULT */
	const char *region;  /* NULL: OCI_CLI_REGION, the profile's, OCI_REGION */
	/* api_key, security_token, instance_principal or resource_principal. NULL: OCI_CLI_AUTH, the profile's
	   authentication_type, else by what the profile has: a token and no user of its own is a session. */
	const char *auth;
	bool no_environment; /* weir-local's own profile: what is set for a cloud has no say */
	/* Asks for the pass phrase of an encrypted key (oci/key.h); NULL: nobody can be asked. */
	bool (*ask)(void *ctx, const char *name, struct buf *out, struct err *err);
	void *ask_ctx;
	struct principal_options principal; /* but for the kind, how its services are asked */
};
struct oci_config {
	const char *file, *profile;
	const char *where; /* both, for messages: "FILE, profile [X]"; "instance principal" */
	const char *tenancy, *user, *fingerprint,
		*region;      /* user: of a session, the token's; may be NULL */
	const char *key_file; /* NULL: the key was in OCI_CLI_KEY_CONTENT */
	EVP_PKEY *key;        /* owned */
	enum oci_auth auth;
	const char *token_file; /* of a session */
	struct token token;     /* of a session or a principal */
	struct principal_options principal;
	bool token_unused; /* the profile has one too, but signs with its API key */
	const char
		*exposed[3]; /* files with secrets that group or others can read: worth a warning */
	size_t exposed_n;
	struct arena secrets; /* owned */
};
/* Where all variables that make a profile are set (user, tenancy, fingerprint, region, key), as the CLI has it, and
   neither file nor profile is named, no file is read. ret is left alone on failure. */
bool oci_config_load(const struct oci_config_options *o, struct arena *a, struct oci_config *ret,
	struct err *err);
/* --auth, or OCI_CLI_AUTH; NULL: the profile decides. */
const char *oci_auth_given(const struct oci_config_options *o);
/* Whether loading asks services for it, which may take seconds. */
bool oci_auth_asks(const struct oci_config_options *o);
/* Frees the key, wipes the token. */
void oci_config_clear(struct oci_config *c);

/* The id of a region given by id or short key ("iad" -> "us-ashburn-1"); the name itself where it is unknown. */
const char *oci_region_id(const char *name);
bool oci_region_known(const char *name);
/* What the endpoints of its realm end in; of one that is not known, the commercial realm's "oraclecloud.com". */
const char *oci_region_domain(const char *name);
/* The known region whose id is nearest to it; NULL. */
const char *oci_region_near(const char *name);
bool oci_region_ok(const char *name); /* letters, digits, '-', '.': what may stand in a host name */
/* "https://dataflow.us-ashburn-1.oci.oraclecloud.com", Object Storage's and Identity's (auth.), by region id or short
   key. */
char *oci_endpoint_dataflow(struct arena *a, const char *region);
char *oci_endpoint_objectstorage(struct arena *a, const char *region);
/* Where the values of Vault's secrets are: "https://secrets.vaults.us-ashburn-1.oci.oraclecloud.com". */
char *oci_endpoint_secrets(struct arena *a, const char *region);
char *oci_endpoint_auth(struct arena *a, const char *region);
/* The path below an endpoint, which may end with slashes. */
char *oci_url(struct arena *a, const char *endpoint, const char *path);

#endif
