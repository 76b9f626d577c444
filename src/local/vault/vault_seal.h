/*
 * How a secret's value lies on the disk: AES-256-GCM under a key of the service's own, $HOME_DIR/vault.key (32 bytes, mode 0600,
 * made with the first secret), bound to the secret and version that it is of. Sealed text is base64url of a nonce of 12 bytes,
 * the ciphertext, and a tag of 16.
 */
#ifndef LOCAL_VAULT_SEAL_H
#define LOCAL_VAULT_SEAL_H

#include "base/arena.h"
#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>

/* of: what it is bound to. Called by one thread at a time, since it may make the key. NULL with err. */
const char *vault_seal(const char *home, const char *of, const void *bytes, size_t n,
	struct arena *a, struct err *err);
/* *ret is freed by vault_forget. ERR_IO where the key is gone, or the text is not what was sealed. */
bool vault_unseal(const char *home, const char *of, const char *sealed, unsigned char **ret,
	size_t *ret_n, struct err *err);
void vault_forget(unsigned char *bytes, size_t n);

#endif
