/*
 * OCI request signatures (draft-cavage-http-signatures-08, rsa-sha256) as three pure stages, used forwards
 * by the client and backwards by weir-local:
 *
 *	1. sign_string()     request + list of header names -> signing string
 *	2. sign_signature()  signing string + key           -> base64 signature      / sign_verify()
 *	3. sign_header()     key id + names + signature      -> Authorization value   / sign_parse()
 *
 * Nothing here reads a clock, a file or the network. Facts: OCI request signatures; vectors in
 * tests/unit/http/signing-vectors.json. Keys are OpenSSL's EVP_PKEY, owned by the caller.
 */
#ifndef HTTP_SIGN_H
#define HTTP_SIGN_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"

#include <openssl/types.h>
#include <stdbool.h>
#include <stddef.h>

struct sign_field {
	const char *name, *value; /* name in any case */
};
/* A request as the signature sees it. target is path and query exactly as on the request line. */
struct sign_request {
	const char *method, *target;
	const struct sign_field *fields;
	size_t fields_n;
};

/* The header lists of Oracle's clients. */
extern const char SIGN_HEADERS_PLAIN[]; /* "date (request-target) host" */
extern const char SIGN_HEADERS_BODY[];  /* with content-length content-type x-content-sha256 */

/* Appends the signing string for the space-separated names. Repeated headers are joined by ", ", values
   trimmed. False (ERR_INVALID) if a listed header is missing or a name is empty or doubled. */
bool sign_string(const struct sign_request *r, const char *names, struct buf *out, struct err *err);
/* RSASSA-PKCS1-v1_5 over SHA-256, standard base64 in one line. */
bool sign_signature(
	EVP_PKEY *key, const char *string, size_t len, struct buf *out, struct err *err);
/* True if signature (base64) is key's over string. Anything odd is false. */
bool sign_verify(EVP_PKEY *key, const char *string, size_t len, const char *signature);
/* `Signature version="1",keyId="...",algorithm="rsa-sha256",headers="...",signature="..."` */
void sign_header(const char *key_id, const char *names, const char *signature, struct buf *out);

struct sign_parsed {
	const char *key_id, *algorithm, *names, *signature, *version;
};
/* Parses an Authorization value; parameters in any order, names in any case, each at most once. */
bool sign_parse(const char *value, struct arena *a, struct sign_parsed *ret, struct err *err);

/* base64(SHA-256(body)), the value of x-content-sha256. */
char *sign_body_sha256(struct arena *a, const void *body, size_t n);
/* MD5 of the DER SubjectPublicKeyInfo as lower-case hex pairs joined by ':' (47 characters and NUL). */
bool sign_fingerprint(EVP_PKEY *key, char out[static 48], struct err *err);

#endif
