#include "base/clock.h"
#include "base/text.h"
#include "local/objectstorage/bucket_row.h"
#include "local/objectstorage/object_row.h"
#include "local/store/store.h"
#include "local/store/store_inside.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct put {
	struct store *store;
	const char *bucket;
	struct object_row row;
};

static bool find_or_make(
	sqlite3 *db, const struct put *p, struct bucket_brief *ret, struct err *err)
{
	if (bucket_row_brief(db, p->bucket, ret))
		return true;
	arena_auto arena = {0};
	const struct store *s = p->store;
	struct bucket b = {.name = p->bucket, .compartment_id = s->tenancy};
	bucket_row_complete(&arena, &b, s->ns, s->user, s->realm_region);
	return bucket_row_insert(db, &b, err) &&
		(bucket_row_brief(db, p->bucket, ret) ||
			err_set(err, ERR_IO, "%s", sqlite3_errmsg(db)));
}

static bool put_row(sqlite3 *db, void *ctx, struct err *err)
{
	struct put *p = ctx;
	struct bucket_brief b;
	return find_or_make(db, p, &b, err) && object_row_put(db, &b, &p->row, err);
}

void store_identify(struct store *s, const char *tenancy, const char *user, const char *ns,
	const char *realm_region)
{
	s->tenancy = tenancy;
	s->user = user;
	s->ns = ns;
	s->realm_region = realm_region;
}

bool store_object_put(
	struct store *s, const struct store_object *o, const void *bytes, size_t n, struct err *err)
{
	arena_auto arena = {0};
	struct store_content content;
	if (!store_content_begin(s, &content, err))
		return false;
	if (!store_content_add(&content, bytes, n, err)) {
		store_content_abort(&content);
		return false;
	}
	if (!store_content_commit(s, &content, err))
		return false;
	buf_auto headers = {0};
	if (o->content_type)
		buf_printf(&headers, "content-type: %s\n", o->content_type);
	if (o->content_encoding)
		buf_printf(&headers, "content-encoding: %s\n", o->content_encoding);
	struct put put = {.store = s,
		.bucket = o->bucket,
		.row = {.name = o->name,
			.sha256 = content.sha256_hex,
			.size = n,
			.md5 = text_base64(&arena, content.md5_raw, 16),
			.headers = buf_str(&headers)}};
	object_row_stamp(&arena, &put.row, clock_wall(&clock_system));
	bool ok = store_write(s, put_row, &put, err);
	store_content_unpin(s, content.sha256_hex, ok);
	return ok || err_wrap(err, "put %s in bucket %s", o->name, o->bucket);
}

int store_object_open(
	struct store *s, const char *bucket, const char *name, uint64_t *ret_size, struct err *err)
{
	arena_auto arena = {0};
	struct object_row row;
	/* Between row and content another thread may replace the object: then the next row is the one. */
	for (int i = 0; i < 3; i++) {
		if (!object_row_get(store_db(s), &arena, bucket, name, &row)) {
			err_set(err, ERR_NOT_FOUND, "no object %s in bucket %s", name, bucket);
			return -1;
		}
		int fd = store_content_open(s, row.sha256, err);
		if (fd >= 0) {
			*ret_size = row.size;
			return fd;
		}
		if (err->kind != ERR_NOT_FOUND)
			return -1;
	}
	err_set(err, ERR_IO, "the content of %s in bucket %s is gone", name, bucket);
	return -1;
}
