/*
 * Object Storage, API 20160918: namespace, buckets, objects, multipart uploads. See oci.h for how calls end.
 */
#ifndef OCI_OBJECTSTORAGE_H
#define OCI_OBJECTSTORAGE_H

#include "model/bucket.h"
#include "model/object.h"
#include "oci/oci.h"

typedef void storage_namespace_fn(void *ctx, const struct err *err, const char *ns);
void storage_namespace_get(struct oci *oci, storage_namespace_fn *done, void *ctx);

typedef void storage_bucket_fn(void *ctx, const struct err *err, const struct bucket *bucket);
/* ERR_NOT_FOUND with the policy statement that would allow it when the bucket is not there (or not ours to see);
   BucketNotFound is asked again once before it is believed (contract 3.1). */
void storage_bucket_get(
	struct oci *oci, const char *ns, const char *name, storage_bucket_fn *done, void *ctx);
/* BucketAlreadyExists for a bucket that is there after a lost reply is success. */
void storage_bucket_create(struct oci *oci, const char *ns, const struct bucket *bucket,
	storage_bucket_fn *done, void *ctx);
void storage_bucket_delete(
	struct oci *oci, const char *ns, const char *name, oci_done_fn *done, void *ctx);

/* Each object under prefix, page by page, then object NULL: the end, or the error. fields: name, size, md5, etag. */
typedef void storage_object_each_fn(void *ctx, const struct err *err, const struct object *object);
void storage_object_list(struct oci *oci, const char *ns, const char *bucket, const char *prefix,
	storage_object_each_fn *fn, void *ctx);
typedef void storage_object_fn(void *ctx, const struct err *err, const struct object *object);
void storage_object_head(struct oci *oci, const char *ns, const char *bucket, const char *name,
	storage_object_fn *done, void *ctx);
typedef void storage_content_fn(void *ctx, const struct err *err, const char *bytes, size_t len);
/* Whole, in memory, at most max bytes (ERR_LIMIT). */
void storage_object_get(struct oci *oci, const char *ns, const char *bucket, const char *name,
	size_t max, storage_content_fn *done, void *ctx);
/* len bytes from an offset on; fewer where the object ends before. A service that sends the whole all the same is
   ERR_LIMIT. */
void storage_object_get_part(struct oci *oci, const char *ns, const char *bucket, const char *name,
	uint64_t from, uint64_t len, storage_content_fn *done, void *ctx);
/* Streams to a file, written aside and renamed when whole. */
void storage_object_download(struct oci *oci, const char *ns, const char *bucket, const char *name,
	const char *path, oci_done_fn *done, void *ctx);

struct storage_put {
	const char *ns, *bucket, *name;
	const char *path;  /* a local file, or ... */
	const void *bytes; /* ... memory */
	size_t len;
	const char *content_type; /* NULL: application/octet-stream */
	const char *owner;        /* opc-meta-weir-owner; NULL: none */
	const char *if_match;     /* etag */
	bool if_none_match;       /* only if it is not there */
	/* What the content was when the plan was made; NULL: any. A file that has changed since is ERR_CONFLICT. A
	   large one goes up at once when it is given, and is hashed meanwhile. */
	const char *sha256;
	uint64_t parts_above; /* larger ones go up in parts; 0: 128 MiB */
};
/* One PUT, or multipart where it is large: parts in parallel, each with its own retries; an upload that fails is
   aborted. Carries opc-meta-weir-sha256, made while reading. A 412 after a lost reply whose object now has our
   hash is success, else ERR_CONFLICT. Object's etag, md5, size and sha256 come back. */
void storage_object_put(
	struct oci *oci, const struct storage_put *put, storage_object_fn *done, void *ctx);
/* A 404 to a repeated DELETE is success. */
void storage_object_delete(struct oci *oci, const char *ns, const char *bucket, const char *name,
	const char *etag, oci_done_fn *done, void *ctx);

#endif
