/* API signing keys: PEM, PKCS#1 or PKCS#8, plain or encrypted; text around the PEM block is tolerated. */
#ifndef OCI_KEY_H
#define OCI_KEY_H

#include "base/buf.h"
#include "base/err.h"

#include <openssl/types.h>

struct key_source {
	const char *path;        /* of the file, or NULL: */
	const char *content;     /* the PEM itself, and */
	const char *name;        /* what to call it in messages: "OCI_CLI_KEY_CONTENT" */
	const char *pass_phrase; /* NULL: none known */
	/* Asked when the key is encrypted and pass_phrase NULL; appends it to out. False: cannot ask, or err has
	   ERR_INTERRUPTED. NULL: there is nobody to ask. */
	bool (*ask)(void *ctx, const char *name, struct buf *out, struct err *err);
	void *ask_ctx;
};
/* NULL with ERR_CONFIG: unreadable, no private key in it, cut off, encrypted and the pass phrase missing or wrong, not
   RSA, under 2048 bits. A pass phrase for a key that is not encrypted is ignored (profiles inherit it). What was read
   is wiped. The caller frees the key with EVP_PKEY_free. */
EVP_PKEY *key_read(const struct key_source *source, struct err *err);

#endif
