/*
 * What the listings of objects (ListObjects) and of their versions (ListObjectVersions) share: the query, the walk
 * over names in their order, groups of names that a delimiter makes, and the JSON of an item.
 */
#ifndef LOCAL_OBJECTSTORAGE_LISTING_H
#define LOCAL_OBJECTSTORAGE_LISTING_H

#include "local/objectstorage/objectstorage.h"

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
struct listing {
	struct request *request;
	int64_t bucket, now;
	const char *prefix, *from, *end; /* names in [from, end); end NULL: no bound */
	const char *page; /* of ListObjectVersions: what `page` holds, "" for the first */
	bool delimited;
	unsigned fields;
	int64_t limit, n;
	struct buf items, prefixes;
	const char *next; /* what the next page begins with */
};
/* Bucket and query; false with a reply. */
bool listing_begin(struct listing *l, struct request *r, struct reply *reply);
/* What an object has beside its name, as members of JSON; columns of a statement: size, md5, etag, time_created,
   time_modified, tier, restored_until from `col` on. */
void listing_add_fields(struct listing *l, sqlite3_stmt *st, int col);
void listing_add_text(struct buf *out, const char *key, const char *value); /* `,"key":"value"` */
/* Whether the name stands for a common prefix; then that is added, and l->from is behind it. */
bool listing_group(struct listing *l, const char *name);
/* `{"KEY":[...],"prefixes":[...]` as the reply's body, and l is released. */
void listing_reply(struct listing *l, const char *key, struct reply *reply);

#endif
