#include "oci/content.h"

#include "base/digest.h"
#include "base/fs.h"
#include "base/text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

bool content_open(struct content *c, const struct oci *session, const char *path, const void *bytes,
	size_t len, struct err *err)
{
	*c = (struct content){
		.session = session, .path = path, .bytes = bytes, .size = len, .fd = -1};
	if (!path)
		return true;
	c->fd = fs_open_regular(path, &c->opened, err);
	if (c->fd < 0)
		return false;
	c->bytes = NULL;
	c->size = (uint64_t)c->opened.st_size;
	return true;
}

void content_close(struct content *c)
{
	if (c->fd >= 0)
		close(c->fd);
	c->fd = -1;
}

static bool changed(const struct content *c, struct err *err)
{
	return err_set(err, ERR_CONFLICT, "%s changed while it was uploaded", c->path);
}

/* Feeds a piece to sha256 and md5, either of which may be NULL. */
static void feed(const void *bytes, size_t n, struct digest *sha256, struct digest *md5)
{
	if (sha256)
		digest_add(sha256, bytes, n);
	if (md5)
		digest_add(md5, bytes, n);
}

static bool feed_file(const struct content *c, uint64_t offset, uint64_t len, struct digest *sha256,
	struct digest *md5, struct err *err)
{
	enum { CHUNK = 256 * 1024 };
	char *chunk = xalloc(CHUNK);
	bool ok = true;
	while (ok && len) {
		ssize_t n = pread(c->fd, chunk, len < CHUNK ? len : CHUNK, (off_t)offset);
		if (n < 0 && errno == EINTR)
			continue;
		if (oci_is_stopped(c->session))
			ok = err_set(err, ERR_INTERRUPTED, "interrupted");
		else if (n < 0)
			ok = err_errno(err, ERR_IO, "%s", c->path);
		else if (!n)
			ok = changed(c, err);
		else
			feed(chunk, (size_t)n, sha256, md5);
		offset += (uint64_t)(n > 0 ? n : 0);
		len -= (uint64_t)(n > 0 ? n : 0);
	}
	free(chunk);
	return ok;
}

static bool feed_range(const struct content *c, uint64_t offset, uint64_t len,
	struct digest *sha256, struct digest *md5, struct err *err)
{
	if (c->fd >= 0)
		return feed_file(c, offset, len, sha256, md5, err);
	feed((const char *)c->bytes + offset, len, sha256, md5);
	return true;
}

bool content_hash(struct content *c, bool with_md5, struct err *err)
{
	struct digest sha256, md5;
	unsigned char out[DIGEST_MAX];
	digest_init(&sha256, DIGEST_SHA256);
	digest_init(&md5, DIGEST_MD5);
	bool ok = feed_range(c, 0, c->size, &sha256, with_md5 ? &md5 : NULL, err);
	arena_auto a = {0};
	digest_final(&md5, out);
	memcpy(c->md5, out, sizeof c->md5);
	char *hex = text_hex(&a, out, digest_final(&sha256, out));
	memcpy(c->sha256, hex, sizeof c->sha256);
	c->hashed = ok;
	return ok;
}

bool content_part_md5(const struct content *c, uint64_t offset, uint64_t len,
	unsigned char out[static 16], struct err *err)
{
	struct digest md5;
	unsigned char made[DIGEST_MAX];
	digest_init(&md5, DIGEST_MD5);
	bool ok = feed_range(c, offset, len, NULL, &md5, err);
	digest_final(&md5, made);
	memcpy(out, made, 16);
	return ok;
}

static bool same_time(const struct timespec *a, const struct timespec *b)
{
	return a->tv_sec == b->tv_sec && a->tv_nsec == b->tv_nsec;
}

bool content_unchanged(const struct content *c, struct err *err)
{
	struct stat now;
	if (c->fd < 0)
		return true;
	if (fstat(c->fd, &now))
		return err_errno(err, ERR_IO, "%s", c->path);
	return (now.st_size == c->opened.st_size && same_time(&now.st_mtim, &c->opened.st_mtim)) ||
		changed(c, err);
}
