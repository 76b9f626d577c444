#include "base/fs.h"

#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int fs_open_regular(const char *path, struct stat *ret_stat, struct err *err)
{
	/* Without O_NONBLOCK the open of a FIFO would wait for a writer. */
	fd_auto fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat st;
	if (fd < 0 || fstat(fd, &st)) {
		err_errno(err, ERR_IO, "%s", path);
		return -1;
	}
	if (!S_ISREG(st.st_mode)) {
		err_set(err, ERR_IO, "%s: not a regular file", path);
		return -1;
	}
	if (ret_stat)
		*ret_stat = st;
	int result = fd;
	fd = -1;
	return result;
}

/* Appends all of fd; false with errno, EFBIG when it does not fit. */
static bool read_all(int fd, struct buf *buf)
{
	char chunk[64 * 1024];
	ssize_t n;
	while ((n = read(fd, chunk, sizeof chunk)) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return false;
		if (!buf_add(buf, chunk, (size_t)n)) {
			errno = EFBIG;
			return false;
		}
	}
	return true;
}

bool fs_read(const char *path, struct buf *buf, struct err *err)
{
	fd_auto fd = fs_open_regular(path, NULL, err);
	if (fd < 0)
		return false;
	size_t before = buf->len;
	if (read_all(fd, buf))
		return true;
	bool large = errno == EFBIG;
	char size[16];
	err_errno(err, ERR_IO, "%s", path);
	buf_truncate(buf, before);
	if (large)
		err_set(err, ERR_IO, "%s: larger than %s", path, text_bytes(buf->max, size));
	return false;
}

bool fs_read_at(int fd, void *out, size_t n, uint64_t at)
{
	for (size_t done = 0; done < n;) {
		ssize_t got = pread(fd, (char *)out + done, n - done, (off_t)(at + done));
		if (got < 0 && errno == EINTR)
			continue;
		if (!got)
			errno = EIO;
		if (got <= 0)
			return false;
		done += (size_t)got;
	}
	return true;
}

bool fs_write_all(int fd, const void *bytes, size_t n, struct err *err)
{
	const char *p = bytes;
	while (n) {
		ssize_t done = write(fd, p, n);
		if (done < 0 && errno == EINTR)
			continue;
		if (!done)
			errno = EIO; /* not a byte, and no reason */
		if (done <= 0)
			return err_errno(err, ERR_IO, "write");
		p += done;
		n -= (size_t)done;
	}
	return true;
}

bool fs_copy_all(int from, int to, struct err *err)
{
	char bytes[64 * 1024];
	ssize_t n;
	while ((n = read(from, bytes, sizeof bytes)) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_errno(err, ERR_IO, "read");
		if (!fs_write_all(to, bytes, (size_t)n, err))
			return false;
	}
	return true;
}

bool fs_sync_dir(const char *dir, struct err *err)
{
	fd_auto fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 || fsync(fd))
		return err_errno(err, ERR_IO, "%s", dir);
	return true;
}

/* Fills the temporary file and puts it in place of path. */
static bool fill_and_rename(int fd, const char *temporary, const char *path, const void *bytes,
	size_t n, mode_t mode, struct err *err)
{
	if (!fs_write_all(fd, bytes, n, err))
		return err_wrap(err, "%s", path);
	if (fchmod(fd, mode) || fsync(fd) || rename(temporary, path))
		return err_errno(err, ERR_IO, "%s", path);
	return true;
}

bool fs_write(const char *path, const void *bytes, size_t n, mode_t mode, struct err *err)
{
	arena_auto arena = {0};
	const char *dir = fs_dirname(&arena, path);
	char *temporary = arena_printf(&arena, "%s/.%s.XXXXXX", dir, fs_basename(path));
	fd_auto fd = mkostemp(temporary, O_CLOEXEC);
	if (fd < 0)
		return err_errno(err, ERR_IO, "%s", path);
	if (!fill_and_rename(fd, temporary, path, bytes, n, mode, err)) {
		unlink(temporary);
		return false;
	}
	return fs_sync_dir(dir, err);
}

mode_t fs_new_mode(void)
{
	mode_t mask = umask(0);
	umask(mask);
	return 0666 & ~mask;
}

bool fs_mkdirs(const char *path, mode_t mode, struct err *err)
{
	arena_auto arena = {0};
	char *part = arena_strdup(&arena, path);
	for (char *p = part + (*part == '/');; p++) {
		if (*p && *p != '/')
			continue;
		char was = *p;
		*p = 0;
		if (*part && mkdir(part, mode) && (errno != EEXIST || !fs_is_dir(part))) {
			if (errno == EEXIST)
				errno = ENOTDIR;
			return err_errno(err, ERR_IO, "%s", part);
		}
		if (!was)
			return true;
		*p = was;
	}
}

bool fs_exists(const char *path)
{
	struct stat st;
	return !stat(path, &st);
}

bool fs_is_dir(const char *path)
{
	struct stat st;
	return !stat(path, &st) && S_ISDIR(st.st_mode);
}

char *fs_expand_home(struct arena *a, const char *path)
{
	if (path[0] != '~' || (path[1] && path[1] != '/'))
		return arena_strdup(a, path);
	const char *home = getenv("HOME");
	if (text_empty(home)) {
		const struct passwd *me = getpwuid(getuid());
		home = me ? me->pw_dir : "/";
	}
	return arena_printf(a, "%s%s", home, path + 1);
}

char *fs_join(struct arena *a, const char *dir, const char *path)
{
	char *expanded = fs_expand_home(a, path);
	if (*expanded == '/' || text_empty(dir) || text_equal(dir, "."))
		return expanded;
	return arena_printf(a, "%s%s%s", dir, text_ends(dir, "/") ? "" : "/", expanded);
}

const char *fs_basename(const char *path)
{
	const char *slash = strrchr(path, '/');
	return slash ? slash + 1 : path;
}

char *fs_dirname(struct arena *a, const char *path)
{
	size_t n = strlen(path);
	while (n > 1 && path[n - 1] == '/')
		n--;
	while (n && path[n - 1] != '/')
		n--;
	while (n > 1 && path[n - 1] == '/')
		n--;
	return n ? arena_strndup(a, path, n) : arena_strdup(a, ".");
}

char *fs_real(struct arena *a, const char *path, struct err *err)
{
	char *real = realpath(path, NULL);
	if (!real) {
		err_errno(err, ERR_IO, "%s", path);
		return NULL;
	}
	char *result = arena_strdup(a, real);
	free(real);
	return result;
}
