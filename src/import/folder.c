#include "import/folder.h"

#include "base/fs.h"
#include "base/text.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool is_dots(const char *name)
{
	return !strcmp(name, ".") || !strcmp(name, "..");
}

/* What lies in the folder that is not ours; *ret NULL: nothing. */
static bool first_entry(const char *path, struct arena *a, const char **ret, struct err *err)
{
	DIR *dir = opendir(path);
	*ret = NULL;
	if (!dir)
		return err_errno(err, ERR_IO, "%s", path);
	for (const struct dirent *e; !*ret && (e = readdir(dir));)
		if (!is_dots(e->d_name))
			*ret = arena_strdup(a, e->d_name);
	closedir(dir);
	return true;
}

static bool check_empty(struct folder *f, struct err *err)
{
	const char *entry;
	if (!fs_is_dir(f->path))
		return err_set(err, ERR_USAGE, "%s is there already, and is no folder", f->path);
	if (!first_entry(f->path, f->arena, &entry, err))
		return false;
	if (!entry)
		return true;
	err_set(err, ERR_USAGE, "%s is there already, and is not empty: it has %s", f->path, entry);
	return err_hint(err, "name a new or an empty folder with --into; nothing is written over");
}

static bool make_aside(struct folder *f, struct err *err)
{
	const char *parent = f->there ? f->path : fs_dirname(f->arena, f->path);
	char *aside = arena_printf(f->arena, "%s/.weir-XXXXXX", parent);
	mode_t mask = umask(0);
	umask(mask);
	if (!f->there && !fs_mkdirs(parent, 0777, err))
		return false;
	if (!mkdtemp(aside))
		return err_errno(err, ERR_IO, "make a folder in %s", parent);
	f->aside = aside;
	return !chmod(aside, 0777 & ~mask) || err_errno(err, ERR_IO, "%s", aside);
}

size_t folder_length(const char *path)
{
	size_t n = strlen(path);
	while (n > 1 && path[n - 1] == '/')
		n--;
	return n;
}

static bool look(struct folder *f, const char *path, struct arena *a, struct err *err)
{
	struct stat st;
	*f = (struct folder){.arena = a, .path = arena_strndup(a, path, folder_length(path))};
	f->there = !lstat(f->path, &st);
	return !f->there || check_empty(f, err);
}

bool folder_check(const char *path, struct arena *a, struct err *err)
{
	struct folder f;
	return look(&f, path, a, err);
}

bool folder_begin(struct folder *ret, const char *path, struct arena *a, struct err *err)
{
	struct folder f;
	if (!look(&f, path, a, err))
		return false;
	if (!make_aside(&f, err)) {
		folder_drop(&f);
		return false;
	}
	*ret = f;
	return true;
}

static bool check_names(struct folder *f, const char *const *names, struct err *err)
{
	struct stat st;
	if (!fs_is_dir(f->path))
		return err_set(err, ERR_USAGE, "%s is there already, and is no folder", f->path);
	for (; *names; names++) {
		const char *path = fs_join(f->arena, f->path, *names);
		if (!lstat(path, &st)) {
			err_set(err, ERR_USAGE, "%s is there already", path);
			return err_hint(err, "nothing is written over: give another name");
		}
	}
	return true;
}

bool folder_begin_beside(struct folder *ret, const char *path, const char *const *names,
	struct arena *a, struct err *err)
{
	struct stat st;
	struct folder f = {.arena = a, .path = arena_strndup(a, path, folder_length(path))};
	f.there = !lstat(f.path, &st);
	if (f.there && !check_names(&f, names, err))
		return false;
	if (!make_aside(&f, err)) {
		folder_drop(&f);
		return false;
	}
	*ret = f;
	return true;
}

static bool copy_bytes(int from, int to, struct err *err)
{
	char chunk[64 * 1024];
	for (;;) {
		ssize_t n = read(from, chunk, sizeof chunk);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_errno(err, ERR_IO, "read");
		if (n == 0)
			return !fsync(to) || err_errno(err, ERR_IO, "sync");
		if (!fs_write_all(to, chunk, (size_t)n, err))
			return false;
	}
}

bool folder_copy(const struct folder *f, const char *from, const char *name, struct err *err)
{
	const char *path = fs_join(f->arena, f->aside, name);
	fd_auto in = fs_open_regular(from, NULL, err);
	if (in < 0)
		return false;
	fd_auto out = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	if (out < 0)
		return err_errno(err, ERR_IO, "%s", path);
	return copy_bytes(in, out, err) || err_wrap(err, "copy %s", from);
}

/* Fails where something has come to be there. A file system that knows no such rename (NFS) is looked at before. */
static bool move(const char *from, const char *to, struct err *err)
{
	struct stat st;
	int failed = renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE);
	if (failed && errno == EINVAL) {
		errno = EEXIST;
		failed = !lstat(to, &st) ? -1 : rename(from, to);
	}
	if (!failed)
		return true;
	if (errno == EEXIST)
		return err_set(err, ERR_USAGE, "%s has come to be there meanwhile", to);
	return err_errno(err, ERR_IO, "%s", to);
}

struct moved {
	const char **v;
	size_t n, cap;
};

static bool move_entry(struct folder *f, const char *name, struct moved *moved, struct err *err)
{
	if (!move(fs_join(f->arena, f->aside, name), fs_join(f->arena, f->path, name), err))
		return false;
	moved->v = arena_grow(f->arena, moved->v, moved->n, &moved->cap, sizeof *moved->v);
	moved->v[moved->n++] = arena_strdup(f->arena, name);
	return true;
}

static const char last_entry[] = "pipeline.yaml";

static bool move_but_last(struct folder *f, struct moved *moved, struct err *err)
{
	DIR *dir = opendir(f->aside);
	if (!dir)
		return err_errno(err, ERR_IO, "%s", f->aside);
	bool ok = true;
	for (const struct dirent *e; ok && (e = readdir(dir));)
		if (!is_dots(e->d_name) && strcmp(e->d_name, last_entry) != 0)
			ok = move_entry(f, e->d_name, moved, err);
	closedir(dir);
	return ok;
}

/* Into a folder that is there, where somebody may stand: its entries, the pipeline last. All of them or none. */
static bool move_entries(struct folder *f, struct err *err)
{
	struct moved moved = {0};
	struct err ignored;
	bool ok = move_but_last(f, &moved, err);
	if (ok && fs_exists(fs_join(f->arena, f->aside, last_entry)))
		ok = move_entry(f, last_entry, &moved, err);
	for (size_t i = 0; !ok && i < moved.n; i++)
		move(fs_join(f->arena, f->path, moved.v[i]),
			fs_join(f->arena, f->aside, moved.v[i]), &ignored);
	if (!ok)
		return false;
	rmdir(f->aside);
	return fs_sync_dir(f->path, err);
}

static bool move_whole(struct folder *f, struct err *err)
{
	return move(f->aside, f->path, err) && fs_sync_dir(fs_dirname(f->arena, f->path), err);
}

bool folder_keep(struct folder *f, struct err *err)
{
	if (!(f->there ? move_entries(f, err) : move_whole(f, err)))
		return false;
	f->aside = NULL;
	return true;
}

void folder_drop(struct folder *f)
{
	struct err ignored;
	if (f->aside)
		fs_remove_tree(f->aside, &ignored);
	f->aside = NULL;
}
