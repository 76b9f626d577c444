/*
 * Whether bytes are an object's, by what the service tells of its content (contract, objectstorage.json `hashing`): the
 * SHA-256 that weir keeps with what it uploads, else the MD5, else the MD5 of the parts' MD5s of an upload in parts. Of
 * the latter the service does not tell how large the parts were: the sizes that clients use are tried.
 *
 *	struct checksum *c = checksum_new(object);
 *	checksum_add(c, bytes, n);                  in order, all of them
 *	enum checksum_verdict v = checksum_end(c);  frees it
 */
#ifndef OCI_CHECKSUM_H
#define OCI_CHECKSUM_H

#include "model/object.h"

#include <stddef.h>

enum checksum_verdict {
	CHECKSUM_SAME,
	CHECKSUM_OTHER,
	CHECKSUM_UNKNOWN, /* the service tells nothing that can be compared; the size alone was right */
};
/* "BASE64-PARTS", as a list may tell it instead of an MD5 of the whole. */
bool checksum_is_of_parts(const char *md5);
struct checksum;
/* By the object's size, sha256, md5 and multipart_md5; its strings are borrowed until the end. */
struct checksum *checksum_new(const struct object *object);
void checksum_add(struct checksum *c, const void *bytes, size_t n);
enum checksum_verdict checksum_end(struct checksum *c);

#endif
