/*
 * A large object in ranges. The file aside holds the content and, behind it, a byte a range: 1 once that range is there. The
 * checksum takes the ranges in order, on a worker, from the file, while later ones still come. Every step ends in advance().
 */
#include "base/digest.h"
#include "base/text.h"
#include "oci/fetch_inside.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum { AT_ONCE = 4, PIECE = 256 * 1024 };

struct range {
	struct fetch *fetch;
	uint64_t offset, len, got;
	bool there, resumed;
	struct err err; /* of the writing */
};

static void advance(struct fetch *k);

static void fail(struct fetch *k, const struct err *err)
{
	if (!k->err.kind)
		k->err = *err;
}

static uint64_t size_of(const struct fetch *k)
{
	return (uint64_t)k->object.size.v;
}

static const char *name_aside(struct fetch *k)
{
	unsigned char digest[DIGEST_MAX];
	const char *id = arena_printf(&k->arena, "%s\n%s\n%s\n%s\n%jd\n%d", k->f.ns, k->f.bucket,
		k->object.name, k->object.etag, (intmax_t)k->object.size.v, FETCH_RANGE);
	digest_bytes(DIGEST_SHA256, id, strlen(id), digest);
	return arena_printf(&k->arena, ".weir-part-%s", text_hex(&k->arena, digest, 12));
}

/* What an earlier download left: which ranges are there. A file of another form is begun anew. */
static bool read_flags(struct fetch *k)
{
	struct stat st;
	uint64_t whole = size_of(k) + k->n;
	char *flags = arena_alloc(&k->arena, k->n);
	if (fstat(k->fd, &st))
		return err_errno(&k->err, ERR_IO, "%s", k->aside);
	if (!S_ISREG(st.st_mode) || st.st_uid != geteuid() || st.st_nlink != 1)
		return err_set(&k->err, ERR_IO, "%s: not a file of ours", k->aside);
	bool old = (uint64_t)st.st_size == whole &&
		pread(k->fd, flags, k->n, (off_t)size_of(k)) == (ssize_t)k->n;
	/* Not of a new one: ext4 sends out at its close what was once cut to nothing. */
	bool cut = !old && st.st_size;
	if ((cut && ftruncate(k->fd, 0)) || (!old && ftruncate(k->fd, (off_t)whole)))
		return err_errno(&k->err, ERR_IO, "write %s", k->f.file);
	for (size_t i = 0; old && i < k->n; i++) {
		struct range *r = &k->ranges[i];
		r->there = r->resumed = flags[i] == 1;
		if (!r->there)
			continue;
		k->told.resumed += r->len;
		if (k->f.moved)
			k->f.moved(k->ctx, r->len);
	}
	return true;
}

static bool open_aside(struct fetch *k)
{
	k->aside = name_aside(k);
	k->fd = openat(
		k->f.dir, k->aside, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK, 0600);
	if (k->fd < 0)
		return err_errno(&k->err, ERR_IO, "write %s", k->f.file);
	if (!flock(k->fd, LOCK_EX | LOCK_NB))
		return read_flags(k);
	err_set(&k->err, ERR_CONFLICT, "it is being downloaded here already");
	k->aside = NULL;
	return false;
}

static bool to_range(void *ctx, const void *bytes, size_t n)
{
	struct range *r = ctx;
	if (!bytes) {
		r->got = 0;
		return true;
	}
	if (n > r->len - r->got)
		return err_set(&r->err, ERR_PROTOCOL,
			"the service sends more than the range that was asked for");
	if (!fetch_write(r->fetch->fd, bytes, n, r->offset + r->got, &r->err))
		return false;
	r->got += n;
	return true;
}

static void on_range(void *ctx, struct call *c, struct http_reply *reply)
{
	(void)c;
	struct range *r = ctx;
	struct fetch *k = r->fetch;
	struct err err = r->err.kind ? r->err : reply->err;
	k->busy--;
	if (reply->status == 412 || reply->status == 404 || reply->status == 416) {
		err_set(&err, ERR_CONFLICT, "it has changed since it was listed");
		err_hint(&err, "run the command again");
	} else if (!err.kind && r->got != r->len) {
		err_set(&err, ERR_PROTOCOL, "the service sent %ju bytes of a range of %ju",
			(uintmax_t)r->got, (uintmax_t)r->len);
	}
	if (!err.kind &&
		fetch_write(k->fd, "\1", 1, size_of(k) + (uint64_t)(r - k->ranges), &err)) {
		r->there = true;
		if (k->f.moved)
			k->f.moved(k->ctx, r->len);
	}
	if (err.kind)
		fail(k, &err);
	advance(k);
}

static void ask(struct fetch *k, struct range *r)
{
	struct call *c = storage_object_call(
		k->oci, "GET", k->f.ns, k->f.bucket, "download", k->object.name);
	call_header(c, "if-match", k->object.etag);
	call_header(c, "range",
		arena_printf(&c->arena, "bytes=%ju-%ju", (uintmax_t)r->offset,
			(uintmax_t)(r->offset + r->len - 1)));
	r->got = 0;
	c->http.sink = to_range;
	c->http.sink_ctx = r;
	k->busy++;
	storage_start(c, k->f.bucket, on_range, r);
}

/* On a worker: the next range, from the file. */
static void hash(void *ctx)
{
	struct fetch *k = ctx;
	const struct range *r = &k->ranges[k->hashed];
	char *piece = xalloc(PIECE);
	for (uint64_t at = 0; at < r->len && !oci_is_stopped(k->oci);) {
		size_t want = r->len - at < PIECE ? (size_t)(r->len - at) : PIECE;
		ssize_t n = pread(k->fd, piece, want, (off_t)(r->offset + at));
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		checksum_add(k->checksum, piece, (size_t)n);
		at += (uint64_t)n;
	}
	free(piece);
}

static void on_hashed(void *ctx)
{
	struct fetch *k = ctx;
	k->busy--;
	k->hashing = false;
	k->hashed++;
	advance(k);
}

/* What was there from before may have been cut by a machine that failed: it is begun anew, once. */
static bool begin_anew(struct fetch *k)
{
	if (!k->told.resumed)
		return false;
	k->told.resumed = 0;
	k->hashed = k->next = 0;
	for (size_t i = 0; i < k->n; i++)
		k->ranges[i].there = k->ranges[i].resumed = false;
	if (ftruncate(k->fd, 0) || ftruncate(k->fd, (off_t)(size_of(k) + k->n)))
		return false;
	k->checksum = checksum_new(&k->object);
	return true;
}

static void conclude(struct fetch *k)
{
	k->verdict = checksum_end(k->checksum);
	k->checksum = NULL;
	if (k->verdict == CHECKSUM_OTHER && begin_anew(k)) {
		advance(k);
		return;
	}
	if (fetch_judge(k)) {
		if (ftruncate(k->fd, (off_t)size_of(k)))
			err_errno(&k->err, ERR_IO, "write %s", k->f.file);
		else
			fetch_publish(k);
	}
	fetch_end(k, false);
}

/* What a later try can go on with: not what failed for want of room here, and not what is no longer there. */
static bool is_worth_keeping(const struct fetch *k)
{
	bool there = false;
	for (size_t i = 0; !there && i < k->n; i++)
		there = k->ranges[i].there;
	return there && (err_retryable(k->err.kind) || k->err.kind == ERR_INTERRUPTED);
}

static void advance(struct fetch *k)
{
	int asked = k->busy - k->hashing;
	for (; !k->err.kind && k->next < k->n && asked < AT_ONCE; k->next++) {
		if (k->ranges[k->next].there)
			continue;
		ask(k, &k->ranges[k->next]);
		asked++;
	}
	if (!k->err.kind && !k->hashing && k->hashed < k->n && k->ranges[k->hashed].there) {
		k->hashing = true;
		k->busy++;
		http_work(oci_http(k->oci), hash, on_hashed, k);
	}
	if (k->busy)
		return;
	if (k->err.kind)
		fetch_end(k, is_worth_keeping(k));
	else if (k->hashed == k->n)
		conclude(k);
}

void fetch_ranges(struct fetch *k)
{
	uint64_t size = size_of(k);
	k->n = (size_t)((size + FETCH_RANGE - 1) / FETCH_RANGE);
	k->ranges = arena_array(&k->arena, k->n, sizeof *k->ranges);
	for (size_t i = 0; i < k->n; i++) {
		uint64_t offset = (uint64_t)i * FETCH_RANGE, left = size - offset;
		k->ranges[i] = (struct range){.fetch = k,
			.offset = offset,
			.len = left < FETCH_RANGE ? left : FETCH_RANGE};
	}
	if (!open_aside(k)) {
		fetch_end(k, true);
		return;
	}
	k->checksum = checksum_new(&k->object);
	advance(k);
}
