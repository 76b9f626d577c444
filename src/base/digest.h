/*
 * MD5 and SHA-256 by OpenSSL's EVP: whole buffers, streams, files.
 *
 *	struct digest d;
 *	digest_init(&d, DIGEST_SHA256);
 *	digest_add(&d, bytes, n);
 *	size_t len = digest_final(&d, out);
 */
#ifndef BASE_DIGEST_H
#define BASE_DIGEST_H

#include "base/err.h"

#include <stddef.h>
#include <stdint.h>

enum digest_kind { DIGEST_MD5, DIGEST_SHA256 };
enum { DIGEST_MAX = 32 };

struct digest {
	void *ctx;
};
void digest_init(struct digest *d, enum digest_kind kind);
void digest_add(struct digest *d, const void *bytes, size_t n);
/* Writes 16 or 32 bytes, returns how many, and releases d. */
size_t digest_final(struct digest *d, unsigned char out[static DIGEST_MAX]);
void digest_abort(struct digest *d); /* releases d without a result */

size_t digest_bytes(
	enum digest_kind kind, const void *bytes, size_t n, unsigned char out[static DIGEST_MAX]);

/* Of a whole file, read once. ERR_IO names the path. */
bool digest_of_file(enum digest_kind kind, const char *path, unsigned char out[static DIGEST_MAX],
	struct err *err);

#endif
