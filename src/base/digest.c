#include "base/digest.h"

#include "base/fs.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* EVP fails only for want of memory or of the algorithm; neither leaves anything to go on with. */
static void must(int ok)
{
	if (ok != 1)
		abort();
}

/* By enum digest_kind. EVP_sha256() and the like are looked up anew for each digest, which takes longer than that of a
   short text. */
static EVP_MD *kinds[2];

static void fetch(void)
{
	kinds[DIGEST_SHA256] = EVP_MD_fetch(NULL, "SHA256", NULL);
	kinds[DIGEST_MD5] = EVP_MD_fetch(NULL, "MD5", NULL);
}

void digest_init(struct digest *d, enum digest_kind kind)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	pthread_once(&once, fetch);
	must(ctx && kinds[kind]);
	must(EVP_DigestInit_ex(ctx, kinds[kind], NULL));
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

/* False with errno when a read fails. */
static bool add_all(int fd, struct digest *d)
{
	enum { CHUNK = 256 * 1024 };
	char *chunk = xalloc(CHUNK);
	ssize_t n;
	while ((n = read(fd, chunk, CHUNK)) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			break;
		digest_add(d, chunk, (size_t)n);
	}
	int saved = errno;
	free(chunk);
	errno = saved;
	return n == 0;
}

bool digest_of_file(enum digest_kind kind, const char *path, unsigned char out[static DIGEST_MAX],
	struct err *err)
{
	fd_auto fd = fs_open_regular(path, NULL, err);
	if (fd < 0)
		return false;
	struct digest d;
	digest_init(&d, kind);
	posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL);
	if (!add_all(fd, &d)) {
		digest_abort(&d);
		return err_errno(err, ERR_IO, "%s", path);
	}
	digest_final(&d, out);
	return true;
}
