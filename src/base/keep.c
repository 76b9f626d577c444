#include "base/keep.h"

#include "base/digest.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

static const size_t KEPT_MAX = (size_t)256 << 20;

/* Owned by this user, and nobody else may do that with it. */
static bool is_ours(const struct stat *st, mode_t others)
{
	return st->st_uid == geteuid() && !(st->st_mode & others);
}

const char *keep_folder(struct arena *a)
{
	struct err err;
	struct stat st;
	const char *base = getenv("XDG_CACHE_HOME");
	/* Relative ones are to be ignored (XDG Base Directory Specification). */
	if (!base || *base != '/')
		base = fs_expand_home(a, "~/.cache");
	const char *folder = arena_printf(a, "%s/weir", base);
	if (!fs_mkdirs(folder, 0700, &err) || lstat(folder, &st) || !S_ISDIR(st.st_mode) ||
		!is_ours(&st, 022))
		return NULL;
	return folder;
}

/* The first line: what this is, in which form, and the digest of both and of all that follows. */
static char *head_of(struct arena *a, const char *form, const char *bytes, size_t n)
{
	struct digest d;
	unsigned char hash[DIGEST_MAX];
	const char *what = arena_printf(a, "weir %s %s", WEIR_VERSION, form);
	digest_init(&d, DIGEST_SHA256);
	digest_add(&d, what, strlen(what) + 1);
	digest_add(&d, bytes, n);
	size_t len = digest_final(&d, hash);
	return arena_printf(a, "%s %s\n", what, text_hex(a, hash, len));
}

/* The whole file, in the arena; NULL: not there, or somebody else may write it. */
static char *read_private(struct arena *a, const char *path, size_t *ret)
{
	struct stat st;
	fd_auto fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW);
	if (fd < 0 || fstat(fd, &st) || !S_ISREG(st.st_mode) || !is_ours(&st, 077) ||
		(uint64_t)st.st_size > KEPT_MAX)
		return NULL;
	size_t size = (size_t)st.st_size, got = 0;
	char *data = arena_alloc(a, size + 1);
	while (got < size) {
		ssize_t n = read(fd, data + got, size - got);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		got += (size_t)n;
	}
	*ret = size;
	return got == size ? data : NULL;
}

const char *keep_read(
	struct arena *a, const char *folder, const char *name, const char *form, size_t *ret)
{
	arena_auto names = {0};
	size_t size;
	const char *data = folder ? read_private(a, fs_join(&names, folder, name), &size) : NULL;
	const char *end = data ? memchr(data, '\n', size) : NULL;
	if (!end)
		return NULL;
	size_t head = (size_t)(end + 1 - data);
	const char *right = head_of(&names, form, end + 1, size - head);
	*ret = size - head;
	return strlen(right) == head && !memcmp(right, data, head) ? end + 1 : NULL;
}

bool keep_write(const char *folder, const char *name, const char *form, const struct buf *bytes)
{
	arena_auto a = {0};
	buf_auto whole = {.max = KEPT_MAX};
	struct err err;
	if (!folder || bytes->overflow)
		return false;
	buf_adds(&whole, head_of(&a, form, buf_str(bytes), bytes->len));
	return buf_add(&whole, buf_str(bytes), bytes->len) &&
		fs_write(fs_join(&a, folder, name), whole.data, whole.len, 0600, &err);
}
