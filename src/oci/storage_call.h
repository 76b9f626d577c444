/* What the calls of Object Storage share. */
#ifndef OCI_STORAGE_CALL_H
#define OCI_STORAGE_CALL_H

#include "model/object.h"
#include "oci/call.h"

/* A call to a bucket, its URL ending with the bucket's name. name: of the object, for messages and the policy hint;
   NULL: the bucket itself is meant. */
struct call *storage_call(struct oci *oci, const char *method, const char *ns, const char *bucket,
	const char *verb, const char *name);
/* Likewise with the URL of one object: .../o/NAME. */
struct call *storage_object_call(struct oci *oci, const char *method, const char *ns,
	const char *bucket, const char *verb, const char *name);
/* An object as a HEAD's or PUT's reply tells of it, in the session's arena. */
struct object *storage_object_of(
	struct call *c, const struct http_reply *reply, const char *bucket, const char *name);

#endif
