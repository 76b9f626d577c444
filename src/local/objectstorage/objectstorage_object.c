#include "base/clock.h"
#include "base/text.h"
#include "local/objectstorage/object_memo.h"
#include "local/objectstorage/objectstorage.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Query parameters of GetObject that set a header of the reply. */
static const struct {
	const char *query, *header;
} overrides[] = {
	{"httpResponseContentDisposition", "content-disposition"},
	{"httpResponseCacheControl", "cache-control"},
	{"httpResponseContentType", "content-type"},
	{"httpResponseContentLanguage", "content-language"},
	{"httpResponseContentEncoding", "content-encoding"},
	{"httpResponseExpires", "expires"},
};
enum { OVERRIDES = sizeof overrides / sizeof *overrides };

static const char *override_of(struct request *r, const char *header)
{
	if (!strstr(r->target, "httpResponse"))
		return NULL;
	for (size_t i = 0; i < OVERRIDES; i++)
		if (!strcmp(overrides[i].header, header))
			return request_query(r, overrides[i].query);
	return NULL;
}

static bool overrides_ok(struct request *r, struct reply *reply)
{
	for (size_t i = 0; strstr(r->target, "httpResponse") && i < OVERRIDES; i++) {
		const char *value = request_query(r, overrides[i].query);
		buf_auto line = {0};
		if (value && !storage_header_add(&line, overrides[i].header, value)) {
			reply_error(reply, 400, "InvalidParameter", "%s is no header's value",
				overrides[i].query);
			return false;
		}
	}
	return true;
}

/* What an object's headers say, in the arena; those of the query instead where it has them. */
static void add_kept_headers(struct request *r, const struct object_row *o, struct reply *reply)
{
	const char *at = o->headers, *name, *value;
	size_t name_len, value_len;
	bool typed = false;
	while (object_row_header(&at, &name, &name_len, &value, &value_len)) {
		const char *key = arena_strndup(r->arena, name, name_len);
		typed |= !strcmp(key, "content-type");
		if (!override_of(r, key))
			reply_field(reply, key, arena_strndup(r->arena, value, value_len));
	}
	if (!typed && !override_of(r, "content-type"))
		reply_field(reply, "content-type", "application/octet-stream");
	for (size_t i = 0; i < OVERRIDES; i++)
		if (override_of(r, overrides[i].header))
			reply_field(
				reply, overrides[i].header, override_of(r, overrides[i].header));
}

static void add_headers(struct request *r, const struct object_row *o, struct reply *reply)
{
	char modified[32];
	add_kept_headers(r, o, reply);
	reply_field(reply, "etag", o->etag);
	reply_field(
		reply, object_row_is_multipart(o) ? "opc-multipart-md5" : "content-md5", o->md5);
	reply_field(reply, "last-modified",
		arena_strdup(r->arena, text_http_date(o->time_modified, modified)));
	reply_field(reply, "accept-ranges", "bytes");
	storage_reply_version(r, o, reply);
	reply_field(reply, "storage-tier", o->tier);
	const char *state = storage_archival_state(o, clock_wall(r->service->clock));
	if (state)
		reply_field(reply, "archival-state", state);
	if (o->restored_until && state)
		reply_field(reply, "time-of-archival",
			arena_strdup(r->arena, text_rfc3339(o->restored_until, modified)));
}

static const char *version_asked(struct request *r)
{
	const char *version =
		strstr(r->target, "versionId=") ? request_query(r, "versionId") : NULL;
	return text_empty(version) ? NULL : version;
}

static enum change look_up(struct request *r, struct object_row *ret)
{
	struct store *s = r->service->store;
	const char *version = version_asked(r);
	if (!version)
		return object_memo_get(s, r->arena, r->args[1], r->args[2], ret) ? CHANGE_OK
										 : CHANGE_NO_OBJECT;
	if (!object_row_get_version(store_db(s), r->arena, r->args[1], r->args[2], version, ret))
		return CHANGE_NO_VERSION;
	return ret->sha256 ? CHANGE_OK : CHANGE_NO_OBJECT; /* a delete marker */
}

/* The object, where the request's conditions hold; false with a reply. */
static bool find(struct request *r, struct object_row *ret, struct reply *reply)
{
	if (!storage_ns_ok(r, reply) || !storage_name_ok(r, reply) || !overrides_ok(r, reply))
		return false;
	enum change c = look_up(r, ret);
	if (c != CHANGE_OK) {
		if (storage_bucket(r, reply))
			storage_refuse(reply, r, c, r->args[1], r->args[2]);
		return false;
	}
	c = storage_condition(
		request_header(r, "if-match"), request_header(r, "if-none-match"), ret->etag);
	if (c == CHANGE_IF_MATCH)
		storage_refuse(reply, r, c, r->args[1], r->args[2]);
	if (c == CHANGE_IF_NONE_MATCH) {
		reply->status = 304;
		reply_field(reply, "etag", ret->etag);
	}
	return c == CHANGE_OK;
}

/* "a-b", "a-" or "-n" of a size. 1: these bytes; 0: not such a range, it does not count; -1: not of this object. */
static int parse_range(const char *s, uint64_t size, uint64_t *ret_from, uint64_t *ret_to)
{
	char first[24], last[24];
	int64_t from, to;
	const char *dash = strchr(s, '-');
	if (!dash || (size_t)(dash - s) >= sizeof first || strlen(dash + 1) >= sizeof last)
		return 0;
	snprintf(first, sizeof first, "%.*s", (int)(dash - s), s);
	snprintf(last, sizeof last, "%s", dash + 1);
	if (!*first) {
		if (!text_i64(last, &to) || to < 0)
			return 0;
		*ret_from = (uint64_t)to < size ? size - (uint64_t)to : 0;
		*ret_to = size - 1;
		return to && size ? 1 : -1;
	}
	if (!text_i64(first, &from) || from < 0 || (*last && (!text_i64(last, &to) || to < from)))
		return 0;
	if ((uint64_t)from >= size)
		return -1;
	*ret_from = (uint64_t)from;
	*ret_to = *last && (uint64_t)to < size ? (uint64_t)to : size - 1;
	return 1;
}

/* Sets status, offset and length; false with a 416. */
static bool take_range(struct request *r, const struct object_row *o, struct reply *reply)
{
	const char *range = request_header(r, "range");
	uint64_t from, to;
	int is = range && text_starts(range, "bytes=") ? parse_range(range + 6, o->size, &from, &to)
						       : 0;
	reply->offset = 0;
	reply->length = o->size;
	if (is < 0) {
		reply_error(
			reply, 416, "InvalidRange", "The range %s is not of this object", range);
		reply_field(reply, "content-range",
			arena_printf(r->arena, "bytes */%" PRIu64, o->size));
		return false;
	}
	if (is > 0) {
		reply->status = 206;
		reply->offset = from;
		reply->length = to - from + 1;
		reply_field(reply, "content-range",
			arena_printf(r->arena, "bytes %" PRIu64 "-%" PRIu64 "/%" PRIu64, from, to,
				o->size));
	}
	return true;
}

/* *ret_content: its bytes; NULL: reply->fd reads them. Between row and content another request may replace the object;
   then its next row is the one. */
static bool open_object(
	struct request *r, struct object_row *o, const char **ret_content, struct reply *reply)
{
	struct err err;
	for (int i = 0; i < 3; i++) {
		if (!find(r, o, reply))
			return false;
		if (object_row_is_archived(o, clock_wall(r->service->clock))) {
			storage_refuse(reply, r, CHANGE_NOT_RESTORED, r->args[1], r->args[2]);
			return false;
		}
		*ret_content = object_memo_content(r->service->store, r->args[1], o);
		if (*ret_content)
			return true;
		reply->fd = store_content_open(r->service->store, o->sha256, &err);
		if (reply->fd >= 0)
			return true;
		if (err.kind != ERR_NOT_FOUND)
			break;
	}
	storage_failed(reply, &err);
	return false;
}

void storage_object_get(struct request *r, struct reply *reply)
{
	struct object_row o;
	const char *content;
	if (!open_object(r, &o, &content, reply))
		return;
	if (take_range(r, &o, reply)) {
		add_headers(r, &o, reply);
		if (content)
			buf_add(&reply->body, content + reply->offset, reply->length);
		return;
	}
	if (reply->fd >= 0)
		close(reply->fd);
	reply->fd = -1;
}

void storage_object_head(struct request *r, struct reply *reply)
{
	struct object_row o;
	if (!find(r, &o, reply))
		return;
	add_headers(r, &o, reply);
	reply->head_length = o.size;
}
