/*
 * Whether something may be done, found out by doing as little of it as leaves nothing behind.
 */
#ifndef OCI_PROBE_H
#define OCI_PROBE_H

#include "model/object.h"
#include "oci/oci.h"

enum storage_probe_state {
	STORAGE_PROBE_SKIPPED, /* nothing was sent: *stop */
	STORAGE_PROBE_WRITTEN, /* and deleted, its version too */
	STORAGE_PROBE_REFUSED, /* err tells */
	STORAGE_PROBE_RETAINED, /* a retention rule would have kept the object: nothing was written */
	STORAGE_PROBE_LEFT, /* it was written, or may have been, and could not be deleted: err tells */
};
/* Writes an object of one byte under a name that nobody uses, if-none-match: *, and deletes it. Once it has been sent it is
   deleted whatever else happens: let oci_run() come to its end. stop: not to begin any more. Strings are borrowed. */
typedef void storage_probe_fn(void *ctx, enum storage_probe_state state, const struct err *err);
void storage_bucket_probe(struct oci *oci, const char *ns, const char *bucket, const char *name,
	const bool *stop, storage_probe_fn *done, void *ctx);

/* The names of the buckets of a compartment, one by one, then NULL: the end, or why it may not be known. */
typedef void storage_bucket_name_fn(void *ctx, const struct err *err, const char *name);
void storage_bucket_names(struct oci *oci, const char *ns, const char *compartment_id,
	storage_bucket_name_fn *fn, void *ctx);

/* Asks for an application, or a run, that lacks all but its compartment: who may not create one is told so (404), who may
   is told what is missing (400), and nothing is made. ERR_NONE: the latter. */
void dataflow_create_probe(
	struct oci *oci, const char *compartment_id, bool run, oci_done_fn *done, void *ctx);

#endif
