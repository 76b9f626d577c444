/* API signing keys: PEM, PKCS#1 or PKCS#8, plain or encrypted; text around the PEM block is tolerated. */
#ifndef OCI_KEY_H
#define OCI_KEY_H

#include "base/err.h"

#include <openssl/types.h>

/* NULL with ERR_CONFIG: unreadable, no key in it, encrypted and pass_phrase NULL or wrong, not RSA. A pass phrase for
   a key that is not encrypted is ignored (profiles inherit it). The caller frees the key with EVP_PKEY_free. */
EVP_PKEY *key_read(const char *path, const char *pass_phrase, struct err *err);

#endif
