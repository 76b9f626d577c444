/*
 * What the calls of Object Storage share: addresses, messages, policy statements, and the second question when a
 * bucket is not found.
 */
#ifndef OCI_STORAGE_CALL_H
#define OCI_STORAGE_CALL_H

#include "model/object.h"
#include "oci/call.h"

/* To .../b/BUCKET; "VERB bucket BUCKET" in messages. */
struct call *storage_bucket_call(
	struct oci *oci, const char *method, const char *ns, const char *bucket, const char *verb);
/* To .../b/BUCKET/o/NAME; "VERB object NAME in bucket BUCKET". */
struct call *storage_object_call(struct oci *oci, const char *method, const char *ns,
	const char *bucket, const char *verb, const char *name);
/* Likewise to .../b/BUCKET/u, or .../u/NAME?uploadId=ID unless id is NULL. */
struct call *storage_upload_call(struct oci *oci, const char *method, const char *ns,
	const char *bucket, const char *verb, const char *name, const char *id);
/* call_start, for a call about a bucket. BucketNotFound can come for one that is there, when a policy has
   conditions: it is believed the second time, and then says what to do. */
void storage_start(struct call *c, const char *bucket, call_fn *done, void *ctx);
/* The object that a reply's header describes, in the session's arena. */
struct object *storage_object_of(
	struct call *c, const struct http_reply *reply, const char *bucket, const char *name);

#endif
