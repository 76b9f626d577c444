/* ListObjectVersions: names in order, of each the latest version first, then the others from the newest on. A page's
   token is the name and the place among its versions that the page begins with. */
#include "base/text.h"
#include "local/objectstorage/objectstorage_listing.h"

#include <inttypes.h>
#include <string.h>

/* The latest version comes before all that table versions has. */
#define LATEST "9223372036854775807"

struct place {
	const char *name; /* "": none */
	int64_t seq;
};

static bool read_page(struct listing *l, struct place *ret, struct reply *reply)
{
	const char *line = strchr(l->page, '\n');
	*ret = (struct place){.name = ""};
	if (!*l->page)
		return true;
	if (!line || !text_i64(line + 1, &ret->seq)) {
		reply_error(
			reply, 400, "InvalidParameter", "page is not one that this service gave");
		return false;
	}
	ret->name = arena_strndup(l->request->arena, l->page, (size_t)(line - l->page));
	if (strcmp(ret->name, l->from) > 0)
		l->from = ret->name;
	return true;
}

static void add_version(struct listing *l, sqlite3_stmt *st, const char *name)
{
	bool marker = sqlite3_column_int(st, 3);
	unsigned fields = l->fields;
	char time[32];
	buf_adds(&l->items, l->items.len ? ",{\"name\":" : "{\"name\":");
	text_json(&l->items, name, strlen(name));
	listing_add_text(&l->items, "versionId", (const char *)sqlite3_column_text(st, 2));
	buf_printf(&l->items, ",\"isDeleteMarker\":%s", marker ? "true" : "false");
	listing_add_text(
		&l->items, "timeModified", text_rfc3339(sqlite3_column_int64(st, 8), time));
	l->fields &= marker ? LIST_CREATED : ~(unsigned)LIST_MODIFIED;
	listing_add_fields(l, st, 4);
	l->fields = fields;
	buf_addc(&l->items, '}');
}

/* As in ListObjects: true where a group is to be stepped over. */
static bool take_versions(struct listing *l, const struct place *from)
{
	bool again = false;
	sqlite3_stmt *st = store_prepare(store_db(l->request->service->store),
		"SELECT name, " LATEST " AS seq, version, 0, size, md5, etag, time_created,"
		" time_modified, tier, restored_until FROM objects"
		" WHERE bucket = ?1 AND name >= ?2 AND (?3 IS NULL OR name < ?3)"
		" AND NOT (name = ?4 AND ?5 < " LATEST ")"
		" UNION ALL SELECT name, seq, version, sha256 IS NULL, size, md5, etag, time_created,"
		" time_modified, tier, restored_until FROM versions"
		" WHERE bucket = ?1 AND name >= ?2 AND (?3 IS NULL OR name < ?3)"
		" AND NOT (name = ?4 AND seq > ?5)"
		" ORDER BY name, seq DESC",
		"isssi", l->bucket, l->from, l->end, from->name, from->seq);
	while (!again && sqlite3_step(st) == SQLITE_ROW) {
		const char *name = (const char *)sqlite3_column_text(st, 0);
		if (l->n++ == l->limit) {
			l->next = arena_printf(l->request->arena, "%s\n%" PRId64, name,
				(int64_t)sqlite3_column_int64(st, 1));
			break;
		}
		again = listing_group(l, name);
		if (!again)
			add_version(l, st, name);
	}
	store_done(st);
	return again;
}

void storage_version_list(struct request *r, struct reply *reply)
{
	struct listing l;
	struct place from;
	if (!listing_begin(&l, r, reply) || !read_page(&l, &from, reply))
		return;
	while (take_versions(&l, &from))
		;
	listing_reply(&l, "items", reply);
	buf_addc(&reply->body, '}');
	if (l.next)
		reply_next_page(reply, r, l.next);
}
