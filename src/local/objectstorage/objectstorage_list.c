#include "base/text.h"
#include "local/objectstorage/objectstorage_listing.h"

#include <string.h>

/* Takes names in order from l->from until the page is full, there are no more, or a group is to be stepped over:
   true, with l->from behind it. */
static bool take_names(struct listing *l)
{
	bool again = false;
	sqlite3_stmt *st = store_prepare(store_db(l->request->service->store),
		"SELECT name, size, md5, etag, time_created, time_modified, tier, restored_until"
		" FROM objects"
		" WHERE bucket = ?1 AND name >= ?2 AND (?3 IS NULL OR name < ?3) ORDER BY name",
		"iss", l->bucket, l->from, l->end);
	while (!again && sqlite3_step(st) == SQLITE_ROW) {
		const char *name = (const char *)sqlite3_column_text(st, 0);
		if (l->n++ == l->limit) {
			l->next = arena_strdup(l->request->arena, name);
			break;
		}
		again = listing_group(l, name);
		if (again)
			continue;
		buf_adds(&l->items, l->items.len ? ",{\"name\":" : "{\"name\":");
		text_json(&l->items, name, strlen(name));
		listing_add_fields(l, st, 1);
		buf_addc(&l->items, '}');
	}
	store_done(st);
	return again;
}

void storage_object_list(struct request *r, struct reply *reply)
{
	struct listing l;
	if (!listing_begin(&l, r, reply))
		return;
	while (take_names(&l))
		;
	listing_reply(&l, "objects", reply);
	if (l.next)
		listing_add_text(&reply->body, "nextStartWith", l.next);
	buf_addc(&reply->body, '}');
}
