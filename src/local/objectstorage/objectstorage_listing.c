#include "local/objectstorage/objectstorage_listing.h"

#include "base/clock.h"
#include "base/text.h"

#include <inttypes.h>
#include <string.h>
#include <strings.h>

enum { LIMIT = 1000 };
static const struct {
	const char *name;
	unsigned bit;
} list_fields[] = {{"name", LIST_NAME}, {"size", LIST_SIZE}, {"md5", LIST_MD5}, {"etag", LIST_ETAG},
	{"timeCreated", LIST_CREATED}, {"timeModified", LIST_MODIFIED}, {"storageTier", LIST_TIER},
	{"archivalState", LIST_ARCHIVAL}};

/* The smallest name behind all that begin with s; NULL if there is none. */
static char *behind_prefix(struct arena *a, const char *s)
{
	size_t n = strlen(s);
	while (n && (unsigned char)s[n - 1] == 0xff)
		n--;
	if (!n)
		return NULL;
	char *out = arena_strndup(a, s, n);
	out[n - 1] = (char)((unsigned char)out[n - 1] + 1);
	return out;
}

static bool add_field_name(struct listing *l, const char *name, size_t len)
{
	for (size_t i = 0; i < sizeof list_fields / sizeof *list_fields; i++) {
		if (strlen(list_fields[i].name) == len &&
			!strncasecmp(list_fields[i].name, name, len)) {
			l->fields |= list_fields[i].bit;
			return true;
		}
	}
	return false;
}

static bool read_fields(struct listing *l, struct reply *reply)
{
	const char *names = request_query(l->request, "fields");
	l->fields = LIST_NAME;
	while (names && *names) {
		size_t len = strcspn(names, ",");
		if (!add_field_name(l, names, len)) {
			reply_error(reply, 400, "InvalidParameter",
				"fields: there is no field '%.*s'", (int)(len < 64 ? len : 64),
				names);
			return false;
		}
		names += len + (names[len] == ',');
	}
	return true;
}

static const char *later(const char *a, const char *b)
{
	return strcmp(a, b) >= 0 ? a : b;
}

static bool read_query(struct listing *l, struct reply *reply)
{
	struct request *r = l->request;
	const char *prefix = request_query(r, "prefix"), *start = request_query(r, "start");
	const char *after = request_query(r, "startAfter"), *end = request_query(r, "end");
	const char *delimiter = request_query(r, "delimiter");
	if (!request_page(r, LIMIT, LIMIT, &l->limit, &l->page, reply) || !read_fields(l, reply))
		return false;
	if (!text_empty(delimiter) && strcmp(delimiter, "/")) {
		reply_error(reply, 400, "InvalidParameter", "delimiter can only be '/'");
		return false;
	}
	l->delimited = !text_empty(delimiter);
	l->prefix = prefix ? prefix : "";
	l->from = l->prefix;
	if (start)
		l->from = later(l->from, start);
	if (after) /* no name lies between "x" and "x\1", since none holds a NUL */
		l->from = later(l->from, arena_printf(r->arena, "%s\1", after));
	l->end = behind_prefix(r->arena, l->prefix);
	if (!text_empty(end) && (!l->end || strcmp(end, l->end) < 0))
		l->end = end;
	return true;
}

bool listing_begin(struct listing *l, struct request *r, struct reply *reply)
{
	*l = (struct listing){.request = r, .now = clock_wall(r->service->clock)};
	l->bucket = storage_bucket(r, reply);
	return l->bucket && read_query(l, reply);
}

void listing_add_text(struct buf *out, const char *key, const char *value)
{
	buf_printf(out, ",\"%s\":", key);
	text_json(out, value, strlen(value));
}

static void add_archival_state(struct listing *l, sqlite3_stmt *st, int col)
{
	const struct object_row o = {.tier = (const char *)sqlite3_column_text(st, col),
		.restored_until = sqlite3_column_int64(st, col + 1)};
	const char *state = storage_archival_state(&o, l->now);
	if (state)
		listing_add_text(&l->items, "archivalState", state);
	else
		buf_adds(&l->items, ",\"archivalState\":null");
}

void listing_add_fields(struct listing *l, sqlite3_stmt *st, int col)
{
	struct buf *out = &l->items;
	char time[32];
	if (l->fields & LIST_SIZE)
		buf_printf(out, ",\"size\":%" PRId64, (int64_t)sqlite3_column_int64(st, col));
	if (l->fields & LIST_MD5)
		listing_add_text(out, "md5", (const char *)sqlite3_column_text(st, col + 1));
	if (l->fields & LIST_ETAG)
		listing_add_text(out, "etag", (const char *)sqlite3_column_text(st, col + 2));
	if (l->fields & LIST_CREATED)
		listing_add_text(
			out, "timeCreated", text_rfc3339(sqlite3_column_int64(st, col + 3), time));
	if (l->fields & LIST_MODIFIED)
		listing_add_text(
			out, "timeModified", text_rfc3339(sqlite3_column_int64(st, col + 4), time));
	if (l->fields & LIST_TIER)
		listing_add_text(
			out, "storageTier", (const char *)sqlite3_column_text(st, col + 5));
	if (l->fields & LIST_ARCHIVAL)
		add_archival_state(l, st, col + 5);
}

bool listing_group(struct listing *l, const char *name)
{
	const char *slash = l->delimited ? strchr(name + strlen(l->prefix), '/') : NULL;
	if (!slash)
		return false;
	char *group = arena_strndup(l->request->arena, name, (size_t)(slash + 1 - name));
	if (l->prefixes.len)
		buf_addc(&l->prefixes, ',');
	text_json(&l->prefixes, group, strlen(group));
	l->from = behind_prefix(l->request->arena, group);
	return true;
}

void listing_reply(struct listing *l, const char *key, struct reply *reply)
{
	reply->status = 200;
	reply_field(reply, "content-type", "application/json");
	buf_printf(&reply->body, "{\"%s\":[%s]", key, buf_str(&l->items));
	if (l->delimited)
		buf_printf(&reply->body, ",\"prefixes\":[%s]", buf_str(&l->prefixes));
	buf_clear(&l->items);
	buf_clear(&l->prefixes);
}
