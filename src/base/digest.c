#include "base/digest.h"

#include "base/fs.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* EVP fails only for want of memory or of the algorithm; neither leaves anything to go on with. */
static void must(int ok)
{
	if (ok != 1)
		abort();
}

void digest_init(struct digest *d, enum digest_kind kind)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	must(ctx != NULL);
	must(EVP_DigestInit_ex(ctx, kind == DIGEST_MD5 ? EVP_md5() : EVP_sha256(), NULL));
	d->ctx = ctx;
}

void digest_add(struct digest *d, const void *bytes, size_t n)
{
	must(EVP_DigestUpdate(d->ctx, bytes, n));
}

size_t digest_final(struct digest *d, unsigned char out[static DIGEST_MAX])
{
	unsigned len = 0;
	must(EVP_DigestFinal_ex(d->ctx, out, &len));
	digest_abort(d);
	return len;
}

void digest_abort(struct digest *d)
{
	EVP_MD_CTX_free(d->ctx);
	d->ctx = NULL;
}

size_t digest_bytes(
	enum digest_kind kind, const void *bytes, size_t n, unsigned char out[static DIGEST_MAX])
{
	struct digest d;
	digest_init(&d, kind);
	digest_add(&d, bytes, n);
	return digest_final(&d, out);
}

/* Feeds all of fd to both; false with errno when a read fails. */
static bool add_all(int fd, struct digest *md5, struct digest *sha256, uint64_t *ret_size)
{
	enum { CHUNK = 256 * 1024 };
	char *chunk = xalloc(CHUNK);
	uint64_t size = 0;
	ssize_t n;
	while ((n = read(fd, chunk, CHUNK)) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			break;
		digest_add(md5, chunk, (size_t)n);
		digest_add(sha256, chunk, (size_t)n);
		size += (uint64_t)n;
	}
	int saved = errno;
	free(chunk);
	errno = saved;
	*ret_size = size;
	return n == 0;
}

bool digest_of_file(const char *path, struct digest_file *ret, struct err *err)
{
	fd_auto fd = fs_open_regular(path, NULL, err);
	if (fd < 0)
		return false;
	struct digest md5, sha256;
	struct digest_file made;
	digest_init(&md5, DIGEST_MD5);
	digest_init(&sha256, DIGEST_SHA256);
	posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL);
	bool ok = add_all(fd, &md5, &sha256, &made.size) || err_errno(err, ERR_IO, "%s", path);
	unsigned char out[DIGEST_MAX];
	memcpy(made.md5, out, digest_final(&md5, out));
	memcpy(made.sha256, out, digest_final(&sha256, out));
	if (ok)
		*ret = made;
	return ok;
}
