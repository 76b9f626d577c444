/*
 * An object of Object Storage as weir compares it: by size and content hash, never by time. The service gives
 * md5 (base64) for single-part objects only; multipart ones are decided by weir's own metadata.
 */
#ifndef MODEL_OBJECT_H
#define MODEL_OBJECT_H

#include "field/field.h"

struct object {
	const char *bucket; /* not of the API's body: where it lies */
	const char *name;
	struct opt_i64 size;       /* bytes */
	const char *md5;           /* base64 of the raw digest; NULL for multipart */
	const char *multipart_md5; /* opc-multipart-md5, "BASE64-PARTS": of a HEAD or GET alone */
	const char *sha256;        /* lower-case hex: opc-meta-weir-sha256, or of the local file */
	const char *owner;         /* opc-meta-weir-owner: "<pipeline>/<target>" */
	const char *content_type;
	const char *etag;
	const char *version_id; /* in a bucket with versions */
	const char *storage_tier;
	const char *archival_state;
	const char *time_created;
	const char *time_modified;
	const char
		*path; /* weir's: the local file it comes from, relative to the pipeline's folder */
};
extern const struct record object_record;

/* Whether both are the same bytes, as far as what is known of them tells: by SHA-256 where both have it, else by
   MD5 where both have it; never without one of them. The rows of the table are not compared by field_diff. */
bool object_same_content(const struct object *a, const struct object *b);

/* Metadata that every upload of weir's carries. */
#define OBJECT_META_SHA256 "opc-meta-weir-sha256"
#define OBJECT_META_OWNER "opc-meta-weir-owner"

#endif
