/*
 * JSON Web Tokens (RFC 7519) in their compact form, taken apart: HEADER.PAYLOAD.SIGNATURE, each base64url. What the
 * parts say, and whether the signature holds, is for the caller to judge.
 */
#ifndef BASE_JWT_H
#define BASE_JWT_H

#include "base/arena.h"

#include <stdbool.h>
#include <stddef.h>

struct jwt {
	const char *header, *payload; /* JSON, if it is a token; NUL-terminated, in the arena */
	size_t header_n, payload_n;
	size_t signed_n; /* bytes of the token that the signature covers, from its first */
	const unsigned char *signature;
	size_t signature_n;
};
/* False for anything but three parts of base64url without padding, none of them empty. */
bool jwt_split(struct arena *a, const char *token, struct jwt *ret);

#endif
