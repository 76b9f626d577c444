/* rm -r of base/fs.h: by descriptors, so that a link put in the way meanwhile is not followed. */
#include "base/fs.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>

static int remove_entry(int parent, const char *name);

static int remove_content(DIR *dir)
{
	for (;;) {
		errno = 0;
		const struct dirent *e = readdir(dir);
		if (!e)
			return errno ? -1 : 0;
		if (!strcmp(e->d_name, ".") || !strcmp(e->d_name, ".."))
			continue;
		if (remove_entry(dirfd(dir), e->d_name))
			return -1;
	}
}

/* Returns 0, or -1 with errno. What is gone already is fine. */
static int remove_entry(int parent, const char *name)
{
	if (!unlinkat(parent, name, 0) || errno == ENOENT)
		return 0;
	if (errno != EISDIR && errno != EPERM)
		return -1;
	int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT ? 0 : -1;
	DIR *dir = fdopendir(fd);
	if (!dir) {
		close(fd);
		return -1;
	}
	int failed = remove_content(dir), saved = errno;
	closedir(dir);
	errno = saved;
	if (failed)
		return -1;
	return unlinkat(parent, name, AT_REMOVEDIR) && errno != ENOENT ? -1 : 0;
}

bool fs_remove_tree(const char *path, struct err *err)
{
	return remove_entry(AT_FDCWD, path) ? err_errno(err, ERR_IO, "remove %s", path) : true;
}
