/*
 * oci://bucket@namespace/object, the address of an object or a bucket, as Data Flow and its Spark
 * connector write it. `oci://b@n` and `oci://b@n/` are one bucket.
 */
#ifndef MODEL_OCI_URI_H
#define MODEL_OCI_URI_H

#include "base/arena.h"

#include <stdbool.h>

struct oci_uri {
	const char *bucket, *ns, *object; /* object "" for a bucket; never starts with '/' */
};
bool oci_uri_parse(const char *s, struct arena *a, struct oci_uri *ret);
char *oci_uri_format(struct arena *a, const char *bucket, const char *ns, const char *object);
bool oci_uri_ok(const char *s);        /* an object's */
bool oci_uri_list_ok(const char *s);   /* objects', joined by commas */
bool oci_uri_bucket_ok(const char *s); /* a bucket's, or a prefix in one */
#define OCI_URI_DOC "an object's address: oci://bucket@namespace/path"
#define OCI_URI_BUCKET_DOC "a bucket's address: oci://bucket@namespace/"
/* Canonical: a bucket's address ends with '/'. What does not parse stays as it is. */
const char *oci_uri_canon(struct arena *a, const char *s);
bool bucket_name_ok(const char *s); /* [A-Za-z0-9._-], 1 to 256 */
bool object_name_ok(const char *s); /* UTF-8, 1 to 1024 bytes, no CR, LF, NUL */

#endif
