/*
 * Objects of Object Storage as files of a folder, side by side: one object, or all under a prefix. First all is compared,
 * so that nothing is downloaded when something else lies where an object would go; what is there already, byte for byte,
 * is left as it is, and what was broken off is gone on with (oci/fetch.h).
 *
 * An object's file is what follows the last "/" of the prefix, by base/beneath.h: never outside of the folder, through
 * no link. Names that end in "/" are folders to some clients, and are passed over.
 *
 *	struct download d = {.uri = {"data", "ns", "out/"}, .folder = "out"};
 *	bool ok = download(oci, &d, &result, &err);
 */
#ifndef RUN_DOWNLOAD_H
#define RUN_DOWNLOAD_H

#include "model/object.h"
#include "model/oci_uri.h"
#include "oci/oci.h"

struct download {
	struct oci_uri uri;
	const char *folder; /* made where it is not there */
	bool overwrite;     /* files that are something else */
};
enum download_state { DOWNLOAD_WAITS, DOWNLOAD_THERE, DOWNLOAD_DONE, DOWNLOAD_FAILED };
struct downloaded {
	const struct object *object;
	const char *path; /* below the folder */
	enum download_state state;
	uint64_t resumed; /* bytes of it that were there from before */
	bool unchecked;   /* by its size alone */
	struct err err;   /* DOWNLOAD_FAILED */
};
struct download_result {
	struct downloaded *v; /* in the order of their names; in the session's arena */
	size_t n, cap;
	size_t done, there, failed, unchecked, resumed;
	uint64_t bytes; /* of those downloaded */
};
/* ERR_NOT_FOUND: nothing is under the prefix. ERR_GUARD: other files are in the way, nothing was downloaded. ERR_PARTIAL:
   some failed. Else what failed, with nothing downloaded. ret is set whatever is returned, as far as it came. */
bool download(
	struct oci *oci, const struct download *d, struct download_result *ret, struct err *err);

#endif
