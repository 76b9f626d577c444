#include "local/objectstorage/objectstorage.h"

#include "base/text.h"
#include "local/objectstorage/bucket_row.h"
#include "model/oci_uri.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#define B "/n/{}/b/{}"
#define BY_TOKEN(fn) .admit = fn, .by_token = true
#define STREAMED(head) \
	.on_head = head, .on_bytes = storage_upload_bytes, .on_abort = storage_upload_abort
/* clang-format off */
const struct route objectstorage_routes[] = {
	{"GET", B "/o/{*}", NEEDS(READ, OBJECT, BUCKET), .handle = storage_object_get, .admit = storage_public_read},
	{"HEAD", B "/o/{*}", NEEDS(INSPECT, OBJECT, BUCKET), .handle = storage_object_head, .admit = storage_public_read},
	{"PUT", B "/o/{*}", NEEDS(MANAGE, OBJECT, OBJECT_PUT), .handle = storage_object_put, STREAMED(storage_object_put_head)},
	{"DELETE", B "/o/{*}", NEEDS(MANAGE, OBJECT, BUCKET), .handle = storage_object_delete},
	{"GET", B "/o", NEEDS(INSPECT, OBJECT, BUCKET), .handle = storage_object_list, .admit = storage_public_list},
	{"GET", B "/objectversions", NEEDS(INSPECT, OBJECT, BUCKET), .handle = storage_version_list},
	{"POST", B "/actions/renameObject", NEEDS(MANAGE, OBJECT, BUCKET), .handle = storage_object_rename},
	{"POST", B "/actions/updateObjectStorageTier", NEEDS(MANAGE, OBJECT, BUCKET), .handle = storage_tier_update},
	{"POST", B "/actions/restoreObjects", NEEDS(MANAGE, OBJECT, BUCKET), .handle = storage_object_restore},
	{"POST", B "/actions/copyObject", NEEDS(READ, OBJECT, BUCKET), .handle = storage_object_copy},
	{"POST", B "/actions/batchDeleteObjects", NEEDS(MANAGE, OBJECT, BUCKET), .handle = storage_batch_delete},
	{"GET", B "/l", NEEDS(READ, BUCKET, BUCKET), .handle = storage_lifecycle_get},
	{"PUT", B "/l", NEEDS(MANAGE, BUCKET, BUCKET), .handle = storage_lifecycle_put},
	{"DELETE", B "/l", NEEDS(MANAGE, BUCKET, BUCKET), .handle = storage_lifecycle_delete},
	{"GET", B "/retentionRules", NEEDS(READ, BUCKET, BUCKET), .handle = storage_retention_list},
	{"POST", B "/retentionRules", NEEDS(MANAGE, BUCKET, BUCKET), .handle = storage_retention_create},
	{"GET", B "/retentionRules/{}", NEEDS(READ, BUCKET, BUCKET), .handle = storage_retention_get},
	{"PUT", B "/retentionRules/{}", NEEDS(MANAGE, BUCKET, BUCKET), .handle = storage_retention_update},
	{"DELETE", B "/retentionRules/{}", NEEDS(MANAGE, BUCKET, BUCKET), .handle = storage_retention_delete},
	{"GET", B "/u", NEEDS(INSPECT, OBJECT, BUCKET), .handle = storage_multipart_list},
	{"POST", B "/u", NEEDS(MANAGE, OBJECT, BUCKET), .handle = storage_multipart_create},
	{"GET", B "/u/{*}", NEEDS(INSPECT, OBJECT, BUCKET), .handle = storage_part_list},
	{"PUT", B "/u/{*}", NEEDS(MANAGE, OBJECT, BUCKET), .handle = storage_part_put, STREAMED(storage_part_head)},
	{"POST", B "/u/{*}", NEEDS(MANAGE, OBJECT, BUCKET), .handle = storage_multipart_commit},
	{"DELETE", B "/u/{*}", NEEDS(MANAGE, OBJECT, BUCKET), .handle = storage_multipart_abort},
	{"GET", B, NEEDS(READ, BUCKET, BUCKET), .handle = storage_bucket_get},
	{"HEAD", B, NEEDS(READ, BUCKET, BUCKET), .handle = storage_bucket_head},
	{"POST", B, NEEDS_TO_MOVE(USE, BUCKET, BUCKET), .handle = storage_bucket_update},
	{"DELETE", B, NEEDS(MANAGE, BUCKET, BUCKET), .handle = storage_bucket_delete},
	{"GET", "/n/{}/b", NEEDS(INSPECT, BUCKET, QUERY), .handle = storage_bucket_list},
	{"POST", "/n/{}/b", NEEDS(MANAGE, BUCKET, BODY), .handle = storage_bucket_create},
	{"GET", "/n/{}", NEEDS(READ, NAMESPACE, TENANCY), .handle = storage_get_namespace_metadata},
	{"PUT", "/n/{}", NEEDS(MANAGE, NAMESPACE, TENANCY), .handle = storage_update_namespace_metadata},
	{"GET", "/n", NEEDS(NONE, NONE, ANYONE), .handle = storage_get_namespace},
	{"POST", B "/p", NEEDS(MANAGE, BUCKET, BUCKET), .handle = storage_par_create},
	{"GET", B "/p", NEEDS(MANAGE, BUCKET, BUCKET), .handle = storage_par_list},
	{"GET", B "/p/{}", NEEDS(MANAGE, BUCKET, BUCKET), .handle = storage_par_get},
	{"DELETE", B "/p/{}", NEEDS(MANAGE, BUCKET, BUCKET), .handle = storage_par_delete},
	/* Unsigned. What `admit` lets in is a request without its token. */
	{"GET", "/p/{}" B "/o/{*}", NEEDS(READ, OBJECT, BUCKET), .handle = storage_object_get, BY_TOKEN(storage_par_read)},
	{"HEAD", "/p/{}" B "/o/{*}", NEEDS(INSPECT, OBJECT, BUCKET), .handle = storage_object_head, BY_TOKEN(storage_par_read)},
	{"PUT", "/p/{}" B "/o/{*}", NEEDS(MANAGE, OBJECT, OBJECT_PUT), .handle = storage_object_put, STREAMED(storage_object_put_head), BY_TOKEN(storage_par_write)},
	{"GET", "/p/{}" B "/o", NEEDS(INSPECT, OBJECT, BUCKET), .handle = storage_object_list, BY_TOKEN(storage_par_list_objects)},
	/* Each looks at the compartment of the work request that it finds. */
	{"GET", "/workRequests", NEEDS(INSPECT, OBJECT, QUERY), .handle = storage_work_list},
	{"GET", "/workRequests/{}", NEEDS(NONE, NONE, ANYONE), .handle = storage_work_get},
	{"DELETE", "/workRequests/{}", NEEDS(NONE, NONE, ANYONE), .handle = storage_work_cancel},
	{"GET", "/workRequests/{}/errors", NEEDS(NONE, NONE, ANYONE), .handle = storage_work_errors},
	{"GET", "/workRequests/{}/logs", NEEDS(NONE, NONE, ANYONE), .handle = storage_work_logs},
	{0},
};
/* clang-format on */

void storage_refuse(struct reply *reply, struct request *r, enum change why, const char *bucket,
	const char *object)
{
	const char *ns = r->service->ns;
	switch (why) {
	case CHANGE_OK:
		break;
	case CHANGE_NO_BUCKET:
		reply_error(reply, 404, "BucketNotFound",
			"Either the bucket named '%s' does not exist in the namespace '%s' or you are not"
			" authorized to access it",
			bucket, ns);
		break;
	case CHANGE_NO_OBJECT:
		reply_error(reply, 404, "ObjectNotFound",
			"The object '%s' does not exist in bucket '%s' with namespace '%s'", object,
			bucket, ns);
		break;
	case CHANGE_NO_VERSION:
		reply_error(reply, 404, "ObjectVersionNotFound",
			"The object '%s' in bucket '%s' with namespace '%s' has no such version",
			object, bucket, ns);
		break;
	case CHANGE_NO_UPLOAD:
		reply_error(reply, 404, "NoSuchUpload",
			"There is no such multipart upload of '%s' in bucket '%s'", object, bucket);
		break;
	case CHANGE_IF_MATCH:
		reply_error(reply, 412, "IfMatchFailed",
			"The entity tag of what is there is not the one that was asked for");
		break;
	case CHANGE_IF_NONE_MATCH:
		reply_error(reply, 412, "IfNoneMatchFailed",
			"The object '%s' is there already in bucket '%s'", object ? object : "",
			bucket);
		break;
	case CHANGE_BUCKET_EXISTS:
		reply_error(reply, 409, "BucketAlreadyExists",
			"Either the bucket '%s' in namespace '%s' already exists or you are not authorized to"
			" create it",
			bucket, ns);
		break;
	case CHANGE_BUCKET_NOT_EMPTY:
		reply_error(reply, 409, "BucketNotEmpty",
			"Bucket named '%s' is not empty. Delete all %s first.", bucket,
			object ? object : "objects");
		break;
	case CHANGE_PARTS:
		reply_error(reply, 409, "InvalidUploadPart",
			"The parts of '%s' are not those that the request names", object);
		break;
	case CHANGE_NOT_RESTORED:
		reply_error(reply, 409, "NotRestored",
			"The object '%s' is archived. Restore it before it is read.", object);
		break;
	case CHANGE_RETAINED:
		reply_error(reply, 409, "Conflict",
			"A retention rule of bucket '%s' keeps the object '%s' as it is", bucket,
			object);
		break;
	}
}

void storage_refusal(struct service *s, struct arena *a, enum change why, const char *bucket,
	const char *object, struct storage_refusal *ret)
{
	struct request r = {.service = s, .arena = a};
	struct reply reply = {.fd = -1};
	struct err ignored;
	storage_refuse(&reply, &r, why, bucket, object);
	const struct node *body = node_from_json(a, buf_str(&reply.body), reply.body.len, &ignored);
	*ret = (struct storage_refusal){.status = reply.status,
		.code = node_get_str(body, "code"),
		.message = node_get_str(body, "message")};
	buf_clear(&reply.body);
}

void storage_failed(struct reply *reply, const struct err *err)
{
	fprintf(stderr, "weir-local: %s\n", err->text);
	reply_error(
		reply, 500, "InternalServerError", "The service could not store it: %s", err->text);
}

bool storage_ns_ok(struct request *r, struct reply *reply)
{
	if (!strcmp(r->args[0], r->service->ns))
		return true;
	reply_error(reply, 404, "NamespaceNotFound",
		"You do not have authorization to perform this request, or the requested namespace '%s'"
		" could not be found",
		r->args[0]);
	return false;
}

int64_t storage_bucket(struct request *r, struct reply *reply)
{
	if (!storage_ns_ok(r, reply))
		return 0;
	int64_t id = bucket_row_id(store_db(r->service->store), r->args[1]);
	if (!id)
		storage_refuse(reply, r, CHANGE_NO_BUCKET, r->args[1], NULL);
	return id;
}

bool storage_name_ok(struct request *r, struct reply *reply)
{
	if (object_name_ok(r->args[2]))
		return true;
	reply_error(reply, 400, "InvalidObjectName",
		"An object's name is 1 to 1024 bytes of UTF-8 without CR and LF");
	return false;
}

/* Whether a list of entity tags names this one. */
static bool names_etag(const char *list, const char *etag)
{
	size_t n = strlen(etag);
	while (*list) {
		list += strspn(list, " \t,\"");
		size_t len = strcspn(list, " \t,\"");
		if ((len == 1 && *list == '*') || (len == n && !memcmp(list, etag, n)))
			return n > 0;
		list += len;
	}
	return false;
}

enum change storage_condition(const char *if_match, const char *if_none_match, const char *etag)
{
	if (if_match && !names_etag(if_match, etag))
		return CHANGE_IF_MATCH;
	if (if_none_match && names_etag(if_none_match, etag))
		return CHANGE_IF_NONE_MATCH;
	return CHANGE_OK;
}

enum change storage_judge(sqlite3 *db, const struct bucket_brief *b, const char *name, int64_t now,
	const char *if_match, const char *if_none_match)
{
	char etag[37] = "";
	sqlite3_stmt *st = store_prepare(db,
		"SELECT etag, time_modified FROM objects WHERE bucket = ? AND name = ?", "is",
		b->id, name);
	bool found = sqlite3_step(st) == SQLITE_ROW;
	if (found)
		snprintf(etag, sizeof etag, "%s", sqlite3_column_text(st, 0));
	int64_t modified = found ? sqlite3_column_int64(st, 1) : 0;
	store_done(st);
	enum change c = storage_condition(if_match, if_none_match, etag);
	if (c == CHANGE_OK && found && b->retained && storage_retained(db, b->id, modified, now))
		return CHANGE_RETAINED;
	return c;
}

void storage_reply_version(struct request *r, const struct object_row *o, struct reply *reply)
{
	reply_field(reply, "version-id", arena_strdup(r->arena, o->version));
}

const char *const storage_tiers[] = {"Standard", "InfrequentAccess", "Archive", NULL};

const char *storage_tier(const char *name)
{
	for (size_t i = 0; storage_tiers[i]; i++)
		if (!strcmp(name, storage_tiers[i]))
			return storage_tiers[i];
	return NULL;
}

bool storage_header_is_kept(const char *name)
{
	static const char *const kept[] = {"content-type", "content-language", "content-encoding",
		"content-disposition", "cache-control"};
	for (size_t i = 0; i < sizeof kept / sizeof *kept; i++)
		if (!strcasecmp(name, kept[i]))
			return true;
	return !strncasecmp(name, "opc-meta-", 9);
}

bool storage_header_add(struct buf *out, const char *name, const char *value)
{
	for (const char *p = name; *p; p++) {
		bool letter = (*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z');
		if (!letter && !(*p >= '0' && *p <= '9') && !strchr("-_.!#$&+^`|~", *p))
			return false;
		buf_addc(out, *p >= 'A' && *p <= 'Z' ? (char)(*p - 'A' + 'a') : *p);
	}
	for (const char *p = value; *p; p++)
		if ((unsigned char)*p < ' ' || *p == 0x7f)
			return false;
	return buf_printf(out, ": %s\n", value) && out->len <= HEADERS_MAX;
}

/* What changes the meaning of a request and is not had here is refused, not ignored. */
bool storage_header_is_had(const char *name, const char *value, struct reply *reply)
{
	static const char *const refused[] = {
		"opc-sse-", "opc-checksum-algorithm", "opc-content-", "opc-multipart", NULL};
	bool had = strcasecmp(name, "storage-tier") || storage_tier(value);
	for (size_t i = 0; refused[i]; i++)
		if (!strncasecmp(name, refused[i], strlen(refused[i])))
			had = false;
	if (!had)
		reply_error(reply, 400, "InvalidParameter", "weir-local does not have %s: %s", name,
			value);
	return had;
}

bool storage_headers(struct request *r, struct buf *out, struct reply *reply)
{
	const char *name, *value;
	int metas = 0;
	for (size_t i = 0; request_header_at(r, i, &name, &value); i++) {
		if (!storage_header_is_had(name, value, reply))
			return false;
		if (!storage_header_is_kept(name))
			continue;
		if (!storage_header_add(out, name, value) || ++metas > META_MAX) {
			reply_error(reply, 400, "InvalidParameter",
				"The header %s can't be kept, or there are too many", name);
			return false;
		}
	}
	return true;
}
