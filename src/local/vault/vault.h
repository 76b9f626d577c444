/*
 * Vault, as far as jobs and weir need it: secret bundles, which a signed caller may read, and the one vault a tenancy that
 * they are in. `weir local secret` puts them there.
 */
#ifndef LOCAL_VAULT_H
#define LOCAL_VAULT_H

#include "base/arena.h"

struct service;
/* The OCID of the tenancy's vault. */
const char *vault_id(const struct service *s, struct arena *a);

#endif
