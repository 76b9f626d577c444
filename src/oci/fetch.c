#include "oci/fetch.h"

#include "base/digest.h"
#include "base/fs.h"
#include "base/text.h"
#include "oci/fetch_inside.h"
#include "oci/objectstorage.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>

bool fetch_write(int fd, const void *bytes, size_t n, uint64_t offset, struct err *err)
{
	const char *at = bytes;
	while (n) {
		ssize_t some = pwrite(fd, at, n, (off_t)offset);
		if (some < 0 && errno == EINTR)
			continue;
		if (some < 0)
			return err_errno(err, ERR_IO, "write");
		at += some;
		n -= (size_t)some;
		offset += (uint64_t)some;
	}
	return true;
}

static bool is_there(struct fetch *k)
{
	return err_set(&k->err, ERR_GUARD, "%s has come to be there meanwhile", k->f.file);
}

bool fetch_publish(struct fetch *k)
{
	mode_t mask = umask(0);
	umask(mask);
	int dir = k->f.dir;
	unsigned flags = k->f.overwrite ? 0 : RENAME_NOREPLACE;
	if (fchmod(k->fd, 0666 & ~mask))
		return err_errno(&k->err, ERR_IO, "write %s", k->f.file);
	if (!renameat2(dir, k->aside, dir, k->f.file, flags))
		return true;
	if (errno == EEXIST)
		return is_there(k);
	/* A file system that cannot rename so: a second name, which must be new too. */
	if ((errno == EINVAL || errno == ENOSYS) && !linkat(dir, k->aside, dir, k->f.file, 0)) {
		unlinkat(dir, k->aside, 0);
		return true;
	}
	return errno == EEXIST ? is_there(k) : err_errno(&k->err, ERR_IO, "write %s", k->f.file);
}

bool fetch_judge(struct fetch *k)
{
	k->told.unchecked = k->verdict == CHECKSUM_UNKNOWN;
	return k->verdict != CHECKSUM_OTHER ||
		err_set(&k->err, ERR_PROTOCOL, "other bytes came than the service has");
}

void fetch_end(struct fetch *k, bool keep)
{
	if (k->fd >= 0)
		close(k->fd);
	if (k->err.kind && k->aside && !keep)
		unlinkat(k->f.dir, k->aside, 0);
	if (k->err.kind && !text_starts(k->err.text, k->what))
		err_wrap(&k->err, "%s", k->what);
	if (k->checksum)
		checksum_end(k->checksum);
	k->done(k->ctx, &k->err, &k->told);
	buf_clear(&k->body);
	arena_clear(&k->arena);
	free(k);
}

static struct fetch *fetch_new(struct oci *oci, const struct storage_fetch *f)
{
	struct fetch *k = xalloc(sizeof *k);
	*k = (struct fetch){.oci = oci, .f = *f, .object = *f->object, .fd = -1};
	k->what = arena_printf(
		&k->arena, "download object %s in bucket %s", f->object->name, f->bucket);
	return k;
}

/* On a worker: what came is judged and written. */
static void keep_body(void *ctx)
{
	struct fetch *k = ctx;
	uint64_t random;
	struct checksum *c = checksum_new(&k->object);
	checksum_add(c, buf_str(&k->body), k->body.len);
	k->verdict = checksum_end(c);
	if (!fetch_judge(k))
		return;
	if (getrandom(&random, sizeof random, 0) != sizeof random) {
		err_errno(&k->err, ERR_IO, "random numbers");
		return;
	}
	k->aside = arena_printf(&k->arena, ".weir-%016jx", (uintmax_t)random);
	k->fd = openat(k->f.dir, k->aside, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (k->fd < 0) {
		k->aside = NULL;
		err_errno(&k->err, ERR_IO, "write %s", k->f.file);
		return;
	}
	if (fetch_write(k->fd, buf_str(&k->body), k->body.len, 0, &k->err))
		fetch_publish(k);
}

static void on_body_kept(void *ctx)
{
	struct fetch *k = ctx;
	if (!k->err.kind && k->f.moved)
		k->f.moved(k->ctx, k->body.len);
	fetch_end(k, false);
}

static void say_changed(struct fetch *k)
{
	err_set(&k->err, ERR_CONFLICT, "it has changed since it was listed");
	err_hint(&k->err, "run the command again");
}

static void on_whole(void *ctx, struct call *c, struct http_reply *reply)
{
	struct fetch *k = ctx;
	k->err = reply->err;
	if (reply->status == 412 || reply->status == 404)
		say_changed(k);
	if (k->err.kind) {
		fetch_end(k, false);
		return;
	}
	const struct object *told = storage_object_of(c, reply, k->f.bucket, k->f.object->name);
	k->object.sha256 = told->sha256;
	k->object.md5 = told->md5 ? told->md5 : k->f.object->md5;
	k->object.multipart_md5 = told->multipart_md5;
	buf_add(&k->body, buf_str(&reply->body), reply->body.len);
	http_work(oci_http(k->oci), keep_body, on_body_kept, k);
}

static void fetch_whole(struct fetch *k)
{
	struct call *c = storage_object_call(
		k->oci, "GET", k->f.ns, k->f.bucket, "download", k->f.object->name);
	if (k->f.object->etag)
		call_header(c, "if-match", k->f.object->etag);
	c->http.max_body = FETCH_WHOLE_MAX + 1;
	storage_start(c, k->f.bucket, on_whole, k);
}

static void on_head(void *ctx, const struct err *err, const struct object *object)
{
	struct fetch *k = ctx;
	k->err = *err;
	if (!err->kind && !object->size.set)
		err_set(&k->err, ERR_PROTOCOL, "the service does not tell its size");
	else if (!err->kind && !object->etag)
		err_set(&k->err, ERR_PROTOCOL, "the service does not tell its etag");
	if (k->err.kind) {
		fetch_end(k, false);
		return;
	}
	k->object = *object;
	fetch_ranges(k);
}

void storage_object_fetch(
	struct oci *oci, const struct storage_fetch *f, storage_fetch_fn *done, void *ctx)
{
	struct fetch *k = fetch_new(oci, f);
	k->done = done;
	k->ctx = ctx;
	if (f->object->size.set && f->object->size.v <= FETCH_WHOLE_MAX)
		fetch_whole(k);
	else
		storage_object_head(oci, f->ns, f->bucket, f->object->name, on_head, k);
}

/* A file that may be what the object is. */
struct comparing {
	struct oci *oci;
	struct storage_fetch f;
	struct object object;
	enum checksum_verdict verdict;
	struct err err;
	storage_same_fn *done;
	void *ctx;
};

/* On a worker. */
static void compare(void *ctx)
{
	struct comparing *c = ctx;
	char piece[64 * 1024];
	fd_auto fd = openat(c->f.dir, c->f.file, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
	struct checksum *sum = checksum_new(&c->object);
	bool ok = fd >= 0;
	for (ssize_t n = 1; ok && n && !oci_is_stopped(c->oci);) {
		n = read(fd, piece, sizeof piece);
		if (n > 0)
			checksum_add(sum, piece, (size_t)n);
		ok = n >= 0 || errno == EINTR;
	}
	if (!ok)
		err_errno(&c->err, ERR_IO, "%s", c->f.file);
	c->verdict = checksum_end(sum);
}

static void on_compared(void *ctx)
{
	struct comparing *c = ctx;
	c->done(c->ctx, &c->err, c->verdict == CHECKSUM_SAME);
	free(c);
}

static void on_compare_head(void *ctx, const struct err *err, const struct object *object)
{
	struct comparing *c = ctx;
	if (err->kind) {
		c->err = *err;
		on_compared(c);
		return;
	}
	c->object = *object;
	http_work(oci_http(c->oci), compare, on_compared, c);
}

void storage_object_same(
	struct oci *oci, const struct storage_fetch *f, storage_same_fn *done, void *ctx)
{
	struct comparing *c = xalloc(sizeof *c);
	*c = (struct comparing){
		.oci = oci, .f = *f, .object = *f->object, .done = done, .ctx = ctx};
	c->verdict = CHECKSUM_UNKNOWN;
	if (f->object->md5 && !checksum_is_of_parts(f->object->md5))
		http_work(oci_http(oci), compare, on_compared, c);
	else
		storage_object_head(oci, f->ns, f->bucket, f->object->name, on_compare_head, c);
}
