/*
 * The values of Vault's secrets: GetSecretBundle, API 20190301, stage CURRENT. What came over the wire is wiped; the value
 * that `done` gets is wiped when it returns.
 */
#ifndef OCI_SECRETS_H
#define OCI_SECRETS_H

#include "oci/oci.h"

/* value NULL with an err: ERR_NOT_FOUND where there is none, or it may not be read. Any bytes; a NUL follows. */
typedef void secrets_fn(void *ctx, const struct err *err, const char *value, size_t len);
void secrets_get(struct oci *oci, const char *id, secrets_fn *done, void *ctx);
/* False, with ERR_INVALID: its OCID is of another region than the session. */
bool secrets_are_here(struct oci *oci, const char *id, struct err *err);

#endif
