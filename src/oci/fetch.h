/*
 * An object comes down into a folder that is open: a small one in one request, a larger one in ranges side by side, each
 * with its own retries, into a file aside. What is whole and is what the service has (checksum.h) is renamed; nothing that
 * is there is overwritten unless that is wanted. A large one that was broken off is gone on with: the file aside stays,
 * under a name made of what it holds (bucket, name, etag), with a byte a range behind its content. It is not gone on with
 * once the object is another: if-match holds every range to one etag.
 *
 * Files are not synced: what is cut by a failing machine is told by its checksum the next time.
 */
#ifndef OCI_FETCH_H
#define OCI_FETCH_H

#include "model/object.h"
#include "oci/oci.h"

struct storage_fetch {
	const char *ns, *bucket;
	const struct object *object; /* as it was listed: name, size, etag, md5 */
	int dir;                     /* of the folder */
	const char *file;            /* its name there: no "/" */
	bool overwrite;
	/* Bytes that came, or that were there from before; may be NULL. */
	void (*moved)(void *ctx, uint64_t bytes);
};
struct storage_fetched {
	uint64_t resumed; /* bytes that were there from before */
	bool unchecked;   /* the service told no checksum that can be compared */
};
/* All borrowed until done. ERR_CONFLICT: the object is no longer what was listed; ERR_GUARD: a file has come to be
   there; ERR_IO. */
typedef void storage_fetch_fn(void *ctx, const struct err *err, const struct storage_fetched *f);
void storage_object_fetch(
	struct oci *oci, const struct storage_fetch *f, storage_fetch_fn *done, void *ctx);

/* Whether a file has the object's content: by one HEAD where the list did not tell its MD5. */
typedef void storage_same_fn(void *ctx, const struct err *err, bool same);
void storage_object_same(
	struct oci *oci, const struct storage_fetch *f, storage_same_fn *done, void *ctx);

enum { FETCH_WHOLE_MAX = 1 << 20, FETCH_RANGE = 8 << 20 };

#endif
