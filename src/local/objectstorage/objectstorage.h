/*
 * Object Storage, API 20160918, on the store: namespace, buckets, objects, multipart uploads. Here is what its
 * files share; the routes are in objectstorage.c. Object names are bytes that compare as such: "/" means nothing
 * but for a listing's delimiter, "../x" is a name like any other, and no name ever becomes a path.
 */
#ifndef LOCAL_OBJECTSTORAGE_H
#define LOCAL_OBJECTSTORAGE_H

#include "local/objectstorage/bucket_row.h"
#include "local/objectstorage/object_row.h"
#include "local/server/server.h"
#include "local/service.h"
#include "local/store/store.h"

enum { META_MAX = 40, HEADERS_MAX = 8 * 1024 };

/* What a change comes to, judged inside its transaction; all but CHANGE_OK changed nothing. */
enum change {
	CHANGE_OK,
	CHANGE_NO_BUCKET,
	CHANGE_NO_OBJECT,
	CHANGE_NO_VERSION,
	CHANGE_NO_UPLOAD,
	CHANGE_IF_MATCH,
	CHANGE_IF_NONE_MATCH,
	CHANGE_BUCKET_EXISTS,
	CHANGE_BUCKET_NOT_EMPTY,
	CHANGE_PARTS,        /* parts are not as the request says */
	CHANGE_NOT_RESTORED, /* the object is archived */
	CHANGE_RETAINED,     /* a retention rule of the bucket keeps the object as it is */
};
/* The error that tells it; names are as requested and may be NULL where they don't matter. */
void storage_refuse(struct reply *reply, struct request *r, enum change why, const char *bucket,
	const char *object);
/* The same as parts, for what tells of several. */
struct storage_refusal {
	int status;
	const char *code, *message;
};
void storage_refusal(struct service *s, struct arena *a, enum change why, const char *bucket,
	const char *object, struct storage_refusal *ret);
/* The store failed: 500, with a line on stderr. */
void storage_failed(struct reply *reply, const struct err *err);

/* Whether args[0] is our namespace. False with a 404. */
bool storage_ns_ok(struct request *r, struct reply *reply);
/* Namespace ours and bucket there; its id, or 0 with a 404. */
int64_t storage_bucket(struct request *r, struct reply *reply);
/* Whether args[2] can be an object's name. False with a 400. */
bool storage_name_ok(struct request *r, struct reply *reply);
/* if-match and if-none-match against an etag, "" for nothing there. Values may be lists, `*`, quoted or not. */
enum change storage_condition(const char *if_match, const char *if_none_match, const char *etag);
/* Whether an object may be replaced or removed in bucket b: the conditions against its latest version, and the
   bucket's retention rules. */
enum change storage_judge(sqlite3 *db, const struct bucket_brief *b, const char *name, int64_t now,
	const char *if_match, const char *if_none_match);
/* The latest version of an object, removed; or one of its versions. ret: what a DELETE tells of it. */
struct storage_removal {
	const char *bucket, *name, *version, *if_match; /* version: NULL for the latest */
	int64_t now;
	const char *marker; /* the version of the delete marker that there will be, if any */
	bool is_marker;     /* a delete marker was made, or is what was removed */
	enum change outcome;
};
bool storage_remove(sqlite3 *db, struct storage_removal *d, struct err *err);
/* Whether a retention rule of the bucket keeps what was modified then as it is. */
bool storage_retained(sqlite3 *db, int64_t bucket, int64_t time_modified, int64_t now);
/* "Archived", "Restored", or NULL for an object of another tier. */
const char *storage_archival_state(const struct object_row *o, int64_t now);
/* The reply's version-id, as all that tell of an object have it. */
void storage_reply_version(struct request *r, const struct object_row *o, struct reply *reply);

/* The service's constant for a tier that a client names; NULL if there is no such tier. */
const char *storage_tier(const char *name);
extern const char *const storage_tiers[];

/* The headers of a request that belong to the object, as lines for object_row. False with a 400, also where the
   request asks for what this service does not have (keys of the customer's, checksums but MD5). */
bool storage_headers(struct request *r, struct buf *out, struct reply *reply);
/* One such line; false if the value can't be a header's. */
bool storage_header_add(struct buf *out, const char *name, const char *value);
bool storage_header_is_kept(const char *name); /* content-type, opc-meta-..., ... */
/* False with a 400 for a header that asks for what this service does not have. */
bool storage_header_is_had(const char *name, const char *value, struct reply *reply);

/* A body on its way into a content file: PutObject and UploadPart. In request.stream. */
struct storage_upload {
	struct store_content content;
	const char *headers;
};
bool storage_upload_begin(struct request *r, struct reply *reply);
bool storage_upload_bytes(struct request *r, const void *bytes, size_t n, struct reply *reply);
void storage_upload_abort(struct request *r);
/* Commits the content, pinned, if it is what Content-MD5 says; NULL with a reply. */
const struct store_content *storage_upload_end(struct request *r, struct reply *reply);

void storage_get_namespace(struct request *r, struct reply *reply);
void storage_get_namespace_metadata(struct request *r, struct reply *reply);
void storage_update_namespace_metadata(struct request *r, struct reply *reply);
void storage_bucket_create(struct request *r, struct reply *reply);
void storage_bucket_list(struct request *r, struct reply *reply);
void storage_bucket_get(struct request *r, struct reply *reply);
void storage_bucket_head(struct request *r, struct reply *reply);
void storage_bucket_update(struct request *r, struct reply *reply);
void storage_bucket_delete(struct request *r, struct reply *reply);
void storage_object_list(struct request *r, struct reply *reply);
void storage_version_list(struct request *r, struct reply *reply);
void storage_object_get(struct request *r, struct reply *reply);
void storage_object_head(struct request *r, struct reply *reply);
void storage_object_delete(struct request *r, struct reply *reply);
void storage_object_rename(struct request *r, struct reply *reply);
void storage_tier_update(struct request *r, struct reply *reply);
void storage_object_restore(struct request *r, struct reply *reply);
void storage_object_copy(struct request *r, struct reply *reply);
void storage_batch_delete(struct request *r, struct reply *reply);
void storage_lifecycle_get(struct request *r, struct reply *reply);
void storage_lifecycle_put(struct request *r, struct reply *reply);
void storage_lifecycle_delete(struct request *r, struct reply *reply);
void storage_retention_list(struct request *r, struct reply *reply);
void storage_retention_create(struct request *r, struct reply *reply);
void storage_retention_get(struct request *r, struct reply *reply);
void storage_retention_update(struct request *r, struct reply *reply);
void storage_retention_delete(struct request *r, struct reply *reply);
void storage_work_get(struct request *r, struct reply *reply);
void storage_work_list(struct request *r, struct reply *reply);
void storage_work_errors(struct request *r, struct reply *reply);
void storage_work_logs(struct request *r, struct reply *reply);
void storage_work_cancel(struct request *r, struct reply *reply);
void storage_par_create(struct request *r, struct reply *reply);
void storage_par_get(struct request *r, struct reply *reply);
void storage_par_list(struct request *r, struct reply *reply);
void storage_par_delete(struct request *r, struct reply *reply);
/* What a token is kept as. */
const char *storage_par_digest(struct arena *a, const char *token);
/* route.admit: of pre-authenticated requests, and of public buckets. */
bool storage_par_read(struct request *r, struct reply *reply);
bool storage_par_write(struct request *r, struct reply *reply);
bool storage_par_list_objects(struct request *r, struct reply *reply);
bool storage_public_read(struct request *r, struct reply *reply);
bool storage_public_list(struct request *r, struct reply *reply);
void storage_object_put_head(struct request *r, struct reply *reply);
void storage_object_put(struct request *r, struct reply *reply);
void storage_multipart_create(struct request *r, struct reply *reply);
void storage_multipart_list(struct request *r, struct reply *reply);
void storage_multipart_commit(struct request *r, struct reply *reply);
void storage_multipart_abort(struct request *r, struct reply *reply);
void storage_part_head(struct request *r, struct reply *reply);
void storage_part_put(struct request *r, struct reply *reply);
void storage_part_list(struct request *r, struct reply *reply);

#endif
