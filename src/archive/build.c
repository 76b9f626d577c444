#include "archive/build.h"

#include "archive/fetch.h"
#include "archive/pack.h"
#include "base/digest.h"
#include "base/fs.h"
#include "base/text.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct building {
	const struct archive_build *b;
	struct arena *arena;
	struct archive_built *to;
	const char *cache; /* <cache>/archives */
	const char *id;
	struct err *err;
};

static const char *in_dir(const struct building *x, const char *name)
{
	return fs_join(x->arena, x->b->dir, name);
}

/* What it is made of; and the layout of what is made, should that change. */
static void set_id(struct building *x)
{
	unsigned char sum[DIGEST_MAX];
	const char *text = arena_printf(x->arena, "weir archive 1\n%s\n%s", x->to->inputs.digest,
		archive_lock_text(&x->to->lock, x->arena));
	digest_bytes(DIGEST_SHA256, text, strlen(text), sum);
	x->id = text_hex(x->arena, sum, sizeof sum);
}

static const char *id_file(const struct building *x)
{
	return in_dir(x, arena_printf(x->arena, ".weir/%s.id", x->to->inputs.key));
}

static bool is_there(struct building *x)
{
	struct err none;
	struct stat st;
	buf_auto text = {.max = 128};
	const char *path = in_dir(x, x->to->path);
	if (!fs_read(id_file(x), &text, &none) || !text_starts(buf_str(&text), x->id) ||
		stat(path, &st) || !S_ISREG(st.st_mode))
		return false;
	x->to->size = (uint64_t)st.st_size;
	return true;
}

static bool begin(struct building *x)
{
	struct archive_built *to = x->to;
	*to = (struct archive_built){.path = archive_built_path(x->arena, x->b->decl->head.key)};
	x->cache = x->b->cache ? arena_printf(x->arena, "%s/archives", x->b->cache) : NULL;
	if (!archive_inputs_read(x->b->decl, x->b->dir, x->arena, &to->inputs, x->err))
		return false;
	to->lock_name = archive_lock_name(&to->inputs, x->arena);
	struct err none;
	if (archive_lock_read(in_dir(x, to->lock_name), to->lock_name, x->arena, &to->lock, &none))
		return true;
	to->lock = (struct archive_lock){0};
	if (none.kind == ERR_NOT_FOUND || x->b->update)
		return true;
	*x->err = none;
	return false;
}

static bool lock_holds(const struct building *x)
{
	const struct archive_lock *lock = &x->to->lock;
	return text_equal(lock->inputs, x->to->inputs.digest);
}

bool archive_look(const struct archive_build *b, struct arena *a, struct archive_built *ret,
	enum archive_state *state, struct err *err)
{
	struct building x = {.b = b, .arena = a, .to = ret, .err = err};
	if (!begin(&x))
		return false;
	if (!ret->lock.inputs) {
		*state = ARCHIVE_UNLOCKED;
	} else if (!lock_holds(&x)) {
		*state = ARCHIVE_STALE;
	} else {
		set_id(&x);
		*state = is_there(&x) ? ARCHIVE_FRESH : ARCHIVE_UNBUILT;
	}
	return true;
}

/* ---- parts */

static const char *kept_part(const char *cache, const struct archive_part *p, struct arena *a)
{
	return arena_printf(a, "%s/parts/%s/%s", cache, p->sha256, p->file);
}

void archive_find_parts(const char *cache, struct archive_lock *lock, struct arena *a)
{
	for (size_t i = 0; cache && i < lock->n; i++) {
		struct archive_part *p = &lock->v[i];
		const char *path = kept_part(arena_printf(a, "%s/archives", cache), p, a);
		if (!p->path && p->kind != PART_BUILT && fs_exists(path))
			p->path = path;
	}
}

/* A file that was fetched is moved there; by whom, does not matter: its name is its content's. */
static bool keep_parts(struct building *x)
{
	struct archive_lock *lock = &x->to->lock;
	for (size_t i = 0; i < lock->n; i++) {
		struct archive_part *p = &lock->v[i];
		const char *kept = kept_part(x->cache, p, x->arena);
		if (p->kind == PART_BUILT || text_equal(p->path, kept))
			continue;
		if (!fs_mkdirs(fs_dirname(x->arena, kept), 0700, x->err))
			return false;
		if (rename(p->path, kept))
			return err_errno(x->err, ERR_IO, "%s", kept);
		p->path = kept;
	}
	return true;
}

static bool resolve(struct building *x, struct archive_fetch *f)
{
	struct archive_lock made = {.inputs = x->to->inputs.digest, .python = x->to->inputs.python};
	if (!archive_fetch_jars(f, &made, x->err) || !archive_fetch_wheels(f, &made, x->err))
		return false;
	x->to->lock = made;
	x->to->locked = true;
	return true;
}

static bool fetch(struct building *x, const char *work, bool lock)
{
	struct archive_fetch f = {.in = &x->to->inputs,
		.work = work,
		.tools = arena_printf(x->arena, "%s/tools", x->cache),
		.allow_sdist = x->b->allow_sdist,
		.stop = x->b->stop,
		.progress = x->b->progress,
		.arena = x->arena};
	if (lock)
		return resolve(x, &f) && keep_parts(x);
	archive_find_parts(x->b->cache, &x->to->lock, x->arena);
	return archive_fetch_locked(&f, &x->to->lock, x->err) && keep_parts(x);
}

/* ---- the archive */

static bool copy(struct building *x, const char *from, const char *to)
{
	fd_auto in = open(from, O_RDONLY | O_CLOEXEC);
	fd_auto out = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (in < 0 || out < 0)
		return err_errno(x->err, ERR_IO, "%s", in < 0 ? from : to);
	return fs_copy_all(in, out, x->err) || err_wrap(x->err, "copy %s to %s", from, to);
}

static bool write_lock(struct building *x)
{
	const char *text = archive_lock_text(&x->to->lock, x->arena);
	return !x->to->locked ||
		fs_write(in_dir(x, x->to->lock_name), text, strlen(text), 0644, x->err);
}

/* What a build that was killed had begun. */
static void remove_left(struct building *x, const char *dir)
{
	struct err ignored;
	DIR *d = opendir(dir);
	for (struct dirent *e = d ? readdir(d) : NULL; e; e = readdir(d)) {
		if (!text_starts(e->d_name, ".work-"))
			continue;
		long pid = strtol(e->d_name + strlen(".work-"), NULL, 10);
		if (pid > 0 && kill((pid_t)pid, 0) && errno == ESRCH)
			fs_remove_tree(fs_join(x->arena, dir, e->d_name), &ignored);
	}
	if (d)
		closedir(d);
}

/* Beside the one that is there, then the lock, then in its place: where there is no room, both stay as they were. The id
   goes first and comes last. */
static bool place(struct building *x, const char *built)
{
	struct arena *a = x->arena;
	const char *path = in_dir(x, x->to->path), *folder = in_dir(x, ".weir");
	const char *aside =
		arena_printf(a, "%s/.work-%ld-%s.zip", folder, (long)getpid(), x->to->inputs.key);
	const char *ignore = arena_printf(a, "%s/.gitignore", folder);
	struct stat st;
	if (!fs_mkdirs(folder, 0755, x->err) ||
		(!fs_exists(ignore) && !fs_write(ignore, "*\n", 2, 0644, x->err)))
		return false;
	remove_left(x, folder);
	if (!copy(x, built, aside) || !write_lock(x)) {
		unlink(aside);
		return false;
	}
	unlink(id_file(x));
	if (rename(aside, path) || stat(path, &st))
		return err_errno(x->err, ERR_IO, "%s", path);
	x->to->size = (uint64_t)st.st_size;
	const char *id = arena_printf(a, "%s\n", x->id);
	return fs_write(id_file(x), id, strlen(id), 0644, x->err);
}

static bool pack(struct building *x, const char *work, const char *built)
{
	const char *made = fs_join(x->arena, work, "archive.zip");
	const char *what = arena_printf(x->arena, "archives.%s", x->to->inputs.key);
	progress_send(x->b->progress, PROGRESS_START, what, 0, 0, "packing");
	bool ok = archive_pack(&x->to->inputs, &x->to->lock, made, x->arena, x->err);
	progress_send(x->b->progress, ok ? PROGRESS_DONE : PROGRESS_FAILED, what, 0, 0, NULL);
	if (!ok || !fs_mkdirs(fs_dirname(x->arena, built), 0700, x->err))
		return false;
	return rename(made, built) == 0 || err_errno(x->err, ERR_IO, "%s", built);
}

static const char *built_file(const struct building *x)
{
	return arena_printf(x->arena, "%s/built/%s.zip", x->cache, x->id);
}

static bool build_in(struct building *x, const char *work, bool lock)
{
	if (!fetch(x, work, lock))
		return false;
	set_id(x);
	const char *built = built_file(x);
	return pack(x, work, built) && place(x, built);
}

static bool build_aside(struct building *x, bool lock)
{
	struct err ignored;
	char *work = arena_printf(x->arena, "%s/.work-%ld-XXXXXX", x->cache, (long)getpid());
	if (!fs_mkdirs(x->cache, 0700, x->err))
		return false;
	remove_left(x, x->cache);
	if (!mkdtemp(work))
		return err_errno(x->err, ERR_IO, "%s", work);
	bool ok = build_in(x, work, lock);
	fs_remove_tree(work, &ignored);
	return ok;
}

bool archive_build(
	const struct archive_build *b, struct arena *a, struct archive_built *ret, struct err *err)
{
	struct building x = {.b = b, .arena = a, .to = ret, .err = err};
	if (!begin(&x))
		return false;
	if (!x.cache) {
		err_set(err, ERR_IO, "there is no folder to build in");
		return err_hint(err, "set XDG_CACHE_HOME to one that can be written");
	}
	if (b->update || !lock_holds(&x)) {
		ret->made = true;
		return build_aside(&x, true);
	}
	set_id(&x);
	if (is_there(&x))
		return true;
	ret->made = true;
	return fs_exists(built_file(&x)) ? place(&x, built_file(&x)) : build_aside(&x, false);
}
