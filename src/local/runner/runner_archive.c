#include "local/runner/runner_archive.h"

#include "base/buf.h"
#include "base/fs.h"
#include "base/text.h"
#include "base/zip_entry.h"
#include "base/zip_index.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zip.h>

struct unpack {
	zip_t *zip;
	const char *folder;
	uint64_t left; /* bytes it may still become */
	struct arena *arena;
};

static bool refuse(struct err *err, const char *name, const char *why)
{
	buf_auto shown = {.max = 512};
	text_escape(&shown, name, strnlen(name, 200), false);
	return err_set(err, ERR_INVALID, "entry `%s` of the archive %s", buf_str(&shown), why);
}

static bool copy_bytes(
	struct unpack *u, zip_file_t *from, int to, const char *name, struct err *err)
{
	char bytes[64 * 1024];
	zip_int64_t n;
	while ((n = zip_fread(from, bytes, sizeof bytes)) > 0) {
		if ((uint64_t)n > u->left)
			return refuse(err, name, "makes it larger than weir-local unpacks");
		u->left -= (uint64_t)n;
		if (!fs_write_all(to, bytes, (size_t)n, err))
			return err_wrap(err, "unpack %s", name);
	}
	return n == 0 || refuse(err, name, "is damaged");
}

static bool unpack_file(
	struct unpack *u, zip_uint64_t i, const char *name, const char *path, struct err *err)
{
	if (!fs_mkdirs(fs_dirname(u->arena, path), 0755, err))
		return false;
	zip_file_t *from = zip_fopen_index(u->zip, i, 0);
	if (!from)
		return refuse(err, name, "can't be read");
	/* O_EXCL: two entries of one name would be a way to write through what the first became. */
	fd_auto to = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
	bool ok = to >= 0         ? copy_bytes(u, from, to, name, err)
		: errno == EEXIST ? refuse(err, name, "is there twice")
				  : err_errno(err, ERR_IO, "%s", path);
	zip_fclose(from);
	return ok;
}

static bool unpack_entry(struct unpack *u, zip_uint64_t i, struct err *err)
{
	const char *name = zip_get_name(u->zip, i, ZIP_FL_ENC_GUESS);
	if (!name || !zip_name_ok(name))
		return refuse(err, name ? name : "", "would not stay inside the run's folder");
	if (!zip_entry_is_plain(u->zip, i))
		return refuse(err, name, "is a link or a device");
	const char *path = arena_printf(u->arena, "%s/%s", u->folder, name);
	if (text_ends(name, "/"))
		return fs_mkdirs(path, 0755, err);
	return unpack_file(u, i, name, path, err);
}

/* What matches under folder, sorted; NULL with *n 0 for nothing. */
static const char **find(struct arena *a, const char *folder, const char *pattern, size_t *n)
{
	buf_auto whole = {0};
	for (const char *c = folder; *c; c++) {
		if (strchr("*?[\\", *c))
			buf_addc(&whole, '\\');
		buf_addc(&whole, *c);
	}
	buf_printf(&whole, "/%s", pattern);
	glob_t found;
	*n = 0;
	if (glob(buf_str(&whole), 0, NULL, &found))
		return NULL;
	const char **v = arena_array(a, found.gl_pathc, sizeof *v);
	for (size_t i = 0; i < found.gl_pathc; i++)
		v[(*n)++] = arena_strdup(a, found.gl_pathv[i]);
	globfree(&found);
	return v;
}

/* libzip owns what it opens by, so it gets a descriptor of its own. */
static zip_t *open_zip(int fd, struct err *err)
{
	int own = dup(fd), why;
	if (own < 0) {
		err_errno(err, ERR_IO, "archive");
		return NULL;
	}
	lseek(own, 0, SEEK_SET);
	zip_t *zip = zip_fdopen(own, 0, &why);
	if (zip)
		return zip;
	close(own);
	zip_error_t e;
	zip_error_init_with_code(&e, why);
	err_set(err, ERR_INVALID, "the archive is no zip file that can be read: %s",
		zip_error_strerror(&e));
	zip_error_fini(&e);
	return NULL;
}

bool runner_archive_unpack(
	int fd, const char *folder, struct arena *a, struct runner_archive *ret, struct err *err)
{
	zip_t *zip = open_zip(fd, err);
	if (!zip)
		return false;
	arena_auto scratch = {0};
	struct unpack u = {
		.zip = zip, .folder = folder, .left = RUNNER_ARCHIVE_MAX, .arena = &scratch};
	zip_int64_t n = zip_get_num_entries(zip, 0);
	bool ok = fs_mkdirs(folder, 0755, err);
	for (zip_int64_t i = 0; ok && i < n; i++)
		ok = unpack_entry(&u, (zip_uint64_t)i, err);
	zip_discard(zip);
	if (!ok)
		return false;
	struct runner_archive found;
	found.python = find(a, folder, "python/lib/python3*/site-packages", &found.python_n);
	found.jars = find(a, folder, "java/*.jar", &found.jars_n);
	*ret = found;
	return true;
}
