/*
 * Who weir is where OCI itself says so, without a config file (contract 1.6 and 1.7; the SDK's signers):
 *
 *	instance_principal   the compute instance: its certificate, from the metadata service, signs a request to Identity
 *	                     for a token, with a session key made here
 *	resource_principal   the resource that weir runs in, such as a Data Flow run: token and key come by the environment,
 *	                     as they are or by files (version 2.2), or from its service and Identity (version 1.1)
 *
 * OCI_METADATA_BASE_URL is another metadata service, OCI_CLI_FEDERATION_ENDPOINT another Identity (whole URLs, as
 * Oracle's clients take them). Tokens are kept in memory alone, and renewed by asking again (refresh.h).
 */
#ifndef OCI_PRINCIPAL_H
#define OCI_PRINCIPAL_H

#include "base/arena.h"
#include "base/clock.h"
#include "base/err.h"
#include "oci/token.h"

#include <openssl/types.h>
#include <stdbool.h>

enum principal_kind { PRINCIPAL_INSTANCE, PRINCIPAL_RESOURCE };
struct principal_options {
	enum principal_kind kind;
	const char *endpoint; /* given for all services, Identity among them; NULL: by region */
	const char *ca_file;  /* as oci_options has it */
	const struct clock *clock; /* NULL: the system's */
	const bool *stop;
};
struct principal {
	EVP_PKEY *key;                /* owned: EVP_PKEY_free */
	struct token token;           /* in the arena */
	const char *tenancy, *region; /* in the arena */
};
/* Asks, and waits: seconds at most where nobody answers. Secrets go to the arena, which the caller wipes. ERR_CONFIG,
   ERR_AUTH or ERR_NETWORK, with the variable, file or address and the cure. From any thread. */
bool principal_get(const struct principal_options *o, struct arena *secrets, struct principal *ret,
	struct err *err);
void principal_clear(struct principal *p);

/* "instance principal", "resource principal": for messages. */
const char *principal_name(enum principal_kind kind);
/* Behind a refusal by the service: which policy lets such a principal in. */
void principal_hint(enum principal_kind kind, struct err *err);

#endif
