/*
 * What an upload sends: a local file or bytes in memory, and its hashes. The file is opened once; that it was
 * changed meanwhile shows by its inode's times and size, or by a hash. All but open and close may run on a thread
 * of http_work().
 */
#ifndef OCI_CONTENT_H
#define OCI_CONTENT_H

#include "base/err.h"
#include "oci/oci.h"

#include <stdint.h>
#include <sys/stat.h>

struct content {
	const char *path;  /* of a file, or ... */
	const void *bytes; /* ... size bytes, borrowed */
	uint64_t size;
	int fd; /* of the file */
	struct stat opened;
	bool hashed;
	unsigned char md5[16];
	char sha256[65];           /* lower-case hex */
	const struct oci *session; /* whose stop flag ends a hashing */
};
/* path NULL: len bytes. Errors name the path. */
bool content_open(struct content *c, const struct oci *session, const char *path, const void *bytes,
	size_t len, struct err *err);

void content_close(struct content *c);
/* sha256, and md5 too when wanted, of everything. */
bool content_hash(struct content *c, bool with_md5, struct err *err);
bool content_part_md5(const struct content *c, uint64_t offset, uint64_t len,
	unsigned char out[static 16], struct err *err);
/* ERR_CONFLICT when the file is no longer what was opened. */
bool content_unchanged(const struct content *c, struct err *err);

#endif
