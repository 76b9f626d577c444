#include "base/text.h"
#include "local/objectstorage.h"

#include <inttypes.h>
#include <string.h>

enum { LIMIT = 1000 };
enum list_field {
	LIST_NAME = 1 << 0,
	LIST_SIZE = 1 << 1,
	LIST_MD5 = 1 << 2,
	LIST_ETAG = 1 << 3,
	LIST_CREATED = 1 << 4,
	LIST_MODIFIED = 1 << 5,
	LIST_TIER = 1 << 6,
	LIST_ARCHIVAL = 1 << 7,
};
static const struct {
	const char *name;
	unsigned bit;
} list_fields[] = {{"name", LIST_NAME}, {"size", LIST_SIZE}, {"md5", LIST_MD5}, {"etag", LIST_ETAG},
	{"timeCreated", LIST_CREATED}, {"timeModified", LIST_MODIFIED}, {"storageTier", LIST_TIER},
	{"archivalState", LIST_ARCHIVAL}};

struct listing {
	struct request *request;
	int64_t bucket;
	const char *prefix, *from, *end; /* names in [from, end); end NULL: no bound */
	bool delimited;
	unsigned fields;
	int64_t limit, n;
	struct buf objects, prefixes;
	const char *next; /* name that the next page begins with */
};

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
		if (strlen(list_fields[i].name) == len && !memcmp(list_fields[i].name, name, len)) {
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
	const char *delimiter = request_query(r, "delimiter"), *ignored;
	if (!request_page(r, LIMIT, LIMIT, &l->limit, &ignored, reply) || !read_fields(l, reply))
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

static void add_text(struct buf *out, const char *key, const char *value)
{
	buf_printf(out, ",\"%s\":", key);
	text_json(out, value, strlen(value));
}

static void add_object(struct listing *l, sqlite3_stmt *st)
{
	struct buf *out = &l->objects;
	char time[32];
	const char *name = (const char *)sqlite3_column_text(st, 0);
	buf_adds(out, out->len ? ",{\"name\":" : "{\"name\":");
	text_json(out, name, strlen(name));
	if (l->fields & LIST_SIZE)
		buf_printf(out, ",\"size\":%" PRId64, (int64_t)sqlite3_column_int64(st, 1));
	if (l->fields & LIST_MD5)
		add_text(out, "md5", (const char *)sqlite3_column_text(st, 2));
	if (l->fields & LIST_ETAG)
		add_text(out, "etag", (const char *)sqlite3_column_text(st, 3));
	if (l->fields & LIST_CREATED)
		add_text(out, "timeCreated", text_rfc3339(sqlite3_column_int64(st, 4), time));
	if (l->fields & LIST_MODIFIED)
		add_text(out, "timeModified", text_rfc3339(sqlite3_column_int64(st, 5), time));
	if (l->fields & LIST_TIER)
		add_text(out, "storageTier", "Standard");
	if (l->fields & LIST_ARCHIVAL)
		buf_adds(out, ",\"archivalState\":null");
	buf_addc(out, '}');
}

/* The common prefix that a name stands for in a delimited listing; NULL: itself. */
static char *group_of(struct listing *l, const char *name)
{
	const char *slash = l->delimited ? strchr(name + strlen(l->prefix), '/') : NULL;
	return slash ? arena_strndup(l->request->arena, name, (size_t)(slash + 1 - name)) : NULL;
}

/* Takes names in order from l->from until the page is full, there are no more, or a group is to be stepped over:
   true, with l->from behind it. */
static bool take_names(struct listing *l)
{
	struct arena *a = l->request->arena;
	bool again = false;
	sqlite3_stmt *st = store_prepare(store_db(l->request->service->store),
		"SELECT name, size, md5, etag, time_created, time_modified FROM objects"
		" WHERE bucket = ?1 AND name >= ?2 AND (?3 IS NULL OR name < ?3) ORDER BY name",
		"iss", l->bucket, l->from, l->end);
	while (!again && sqlite3_step(st) == SQLITE_ROW) {
		const char *name = (const char *)sqlite3_column_text(st, 0);
		if (l->n++ == l->limit) {
			l->next = arena_strdup(a, name);
			break;
		}
		char *group = group_of(l, name);
		if (!group) {
			add_object(l, st);
			continue;
		}
		if (l->prefixes.len)
			buf_addc(&l->prefixes, ',');
		text_json(&l->prefixes, group, strlen(group));
		l->from = behind_prefix(a, group);
		again = true;
	}
	store_done(st);
	return again;
}

void storage_object_list(struct request *r, struct reply *reply)
{
	struct listing l = {.request = r};
	l.bucket = storage_bucket(r, reply);
	if (!l.bucket || !read_query(&l, reply))
		return;
	while (take_names(&l))
		;
	reply->status = 200;
	reply_field(reply, "content-type", "application/json");
	buf_printf(&reply->body, "{\"objects\":[%s]", buf_str(&l.objects));
	if (l.delimited)
		buf_printf(&reply->body, ",\"prefixes\":[%s]", buf_str(&l.prefixes));
	if (l.next)
		add_text(&reply->body, "nextStartWith", l.next);
	buf_addc(&reply->body, '}');
	buf_clear(&l.objects);
	buf_clear(&l.prefixes);
}
