/*
 * The home folder of a weir-local: where it is, that it is ours alone, and the identity in it. The RSA key in
 * key.pem is the identity: tenancy and user OCIDs are derived from it. `config` has a profile for each user, so that
 * any OCI client can be pointed there. See service.h for what else lies in a home.
 */
#ifndef LOCAL_HOME_H
#define LOCAL_HOME_H

#include "base/arena.h"
#include "base/err.h"

#include "local/identity/identity.h"

#include <openssl/types.h>
#include <stdbool.h>

#define HOME_NAMESPACE "weirlocal"
#define HOME_REGION "us-ashburn-1"
#define HOME_REALM_REGION "oc1.iad" /* the middle of the OCIDs we make */
#define HOME_PROFILE "DEFAULT"

/* $WEIR_LOCAL_HOME, else $XDG_STATE_HOME/weir/local, else ~/.local/state/weir/local; absolute. */
char *home_folder(struct arena *a);
/* Makes it with mode 0700. ERR_GUARD if it belongs to another user, ERR_CONFIG if the path is too long. */
bool home_make(const char *home, struct err *err);

struct home_identity {
	const char *tenancy, *user, *fingerprint; /* arena */
	EVP_PKEY *key;                            /* owned: EVP_PKEY_free */
};
/* Makes the key where it is missing. Only under the service's lock. */
bool home_identity_make(
	const char *home, struct arena *a, struct home_identity *ret, struct err *err);

static inline struct identity_home home_own(const struct home_identity *id)
{
	return (struct identity_home){.tenancy = id->tenancy,
		.user = id->user,
		.fingerprint = id->fingerprint,
		.ns = HOME_NAMESPACE,
		.key = id->key};
}

/* The private key of a file, made (mode 0600) where it is missing; NULL. */
EVP_PKEY *home_key(const char *path, struct err *err);
/* The config file, a profile for each user. */
bool home_config_write(const char *home, const struct identity *identity, struct err *err);

/* Random port of the first start, kept; 0: none yet. */
int home_port(const char *home);
bool home_port_keep(const char *home, int port, struct err *err);

#endif
