/* Objects come down: into memory, or aside to a file that is renamed when it is whole and what it should be. */
#include "base/digest.h"
#include "base/fs.h"
#include "base/text.h"
#include "oci/objectstorage.h"
#include "oci/storage_call.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct getting {
	struct buf bytes;
	storage_content_fn *done;
	void *ctx;
};

static bool to_memory(void *ctx, const void *bytes, size_t n)
{
	struct getting *g = ctx;
	if (!bytes)
		buf_truncate(&g->bytes, 0);
	return buf_add(&g->bytes, bytes ? bytes : "", n);
}

static void on_content(void *ctx, struct call *c, struct http_reply *reply)
{
	struct getting *g = ctx;
	struct err err = reply->err;
	char size[16];
	if (g->bytes.overflow)
		err_set(&err, ERR_LIMIT, "%s: larger than %s", c->http.what,
			text_bytes(g->bytes.max, size));
	if (err.kind)
		g->done(g->ctx, &err, NULL, 0);
	else
		g->done(g->ctx, &err,
			arena_strndup(oci_arena(c->oci), buf_str(&g->bytes), g->bytes.len),
			g->bytes.len);
	buf_clear(&g->bytes);
	free(g);
}

static struct call *get_call(struct oci *oci, const char *ns, const char *bucket, const char *name,
	size_t max, storage_content_fn *done, void *ctx)
{
	struct call *c = storage_object_call(oci, "GET", ns, bucket, "get", name);
	struct getting *g = xalloc(sizeof *g);
	*g = (struct getting){.bytes.max = max, .done = done, .ctx = ctx};
	c->http.sink = to_memory;
	c->http.sink_ctx = g;
	return c;
}

void storage_object_get(struct oci *oci, const char *ns, const char *bucket, const char *name,
	size_t max, storage_content_fn *done, void *ctx)
{
	struct call *c = get_call(oci, ns, bucket, name, max, done, ctx);
	storage_start(c, bucket, on_content, c->http.sink_ctx);
}

void storage_object_get_part(struct oci *oci, const char *ns, const char *bucket, const char *name,
	uint64_t from, uint64_t len, storage_content_fn *done, void *ctx)
{
	struct call *c = get_call(oci, ns, bucket, name, (size_t)len, done, ctx);
	call_header(c, "range",
		arena_printf(
			&c->arena, "bytes=%ju-%ju", (uintmax_t)from, (uintmax_t)(from + len - 1)));
	storage_start(c, bucket, on_content, c->http.sink_ctx);
}

struct download {
	struct oci *oci;
	struct arena arena;
	const char *path, *aside;
	int fd;
	mode_t mode;
	const char *what, *md5, *sha256; /* as the service tells; NULL where it does not */
	struct err err;
	oci_done_fn *done;
	void *ctx;
};

static void end(struct download *d)
{
	if (d->fd >= 0)
		close(d->fd);
	if (d->err.kind && d->aside)
		unlink(d->aside);
	d->done(d->ctx, &d->err);
	arena_clear(&d->arena);
	free(d);
}

static bool to_file(void *ctx, const void *bytes, size_t n)
{
	struct download *d = ctx;
	if (bytes)
		return fs_write_all(d->fd, bytes, n, &d->err);
	return (!ftruncate(d->fd, 0) && !lseek(d->fd, 0, SEEK_SET)) ||
		err_errno(&d->err, ERR_IO, "start over");
}

static bool is_what_was_sent(struct download *d)
{
	unsigned char got[DIGEST_MAX];
	if (!d->md5 && !d->sha256)
		return true;
	if (!digest_of_file(d->sha256 ? DIGEST_SHA256 : DIGEST_MD5, d->aside, got, &d->err))
		return false;
	bool same = d->sha256 ? text_equal(d->sha256, text_hex(&d->arena, got, 32))
			      : text_equal(d->md5, text_base64(&d->arena, got, 16));
	return same ||
		err_set(&d->err, ERR_PROTOCOL, "%s: other bytes came than the service has",
			d->what);
}

/* On a worker: a large file takes a while to read and to sync. */
static void keep(void *ctx)
{
	struct download *d = ctx;
	if (!is_what_was_sent(d))
		return;
	if (fchmod(d->fd, d->mode) || fsync(d->fd) || rename(d->aside, d->path))
		err_errno(&d->err, ERR_IO, "%s: write %s", d->what, d->path);
	else
		fs_sync_dir(fs_dirname(&d->arena, d->path), &d->err);
}

static void on_kept(void *ctx)
{
	end(ctx);
}

static void on_download(void *ctx, struct call *c, struct http_reply *reply)
{
	struct download *d = ctx;
	struct arena *a = &d->arena;
	if (d->err.kind)
		err_wrap(&d->err, "%s: write %s", c->http.what, d->path);
	else
		d->err = reply->err;
	if (d->err.kind) {
		end(d);
		return;
	}
	d->what = arena_strdup(a, c->http.what);
	d->md5 = arena_strdup(a, http_fields_get(&reply->fields, "content-md5"));
	d->sha256 = arena_strdup(a, http_fields_get(&reply->fields, OBJECT_META_SHA256));
	http_work(oci_http(d->oci), keep, on_kept, d);
}

void storage_object_download(struct oci *oci, const char *ns, const char *bucket, const char *name,
	const char *path, oci_done_fn *done, void *ctx)
{
	struct download *d = xalloc(sizeof *d);
	*d = (struct download){.oci = oci, .mode = fs_new_mode(), .done = done, .ctx = ctx};
	d->path = arena_strdup(&d->arena, path);
	char *aside = arena_printf(
		&d->arena, "%s/.%s.XXXXXX", fs_dirname(&d->arena, path), fs_basename(path));
	d->fd = mkostemp(aside, O_CLOEXEC);
	if (d->fd < 0) {
		err_errno(&d->err, ERR_IO, "download object %s: write %s", name, path);
		http_after(oci_http(oci), 0, on_kept, d);
		return;
	}
	d->aside = aside;
	struct call *c = storage_object_call(oci, "GET", ns, bucket, "download", name);
	c->http.sink = to_file;
	c->http.sink_ctx = d;
	storage_start(c, bucket, on_download, d);
}
