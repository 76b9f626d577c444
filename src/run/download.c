#include "run/download.h"

#include "base/beneath.h"
#include "base/fs.h"
#include "base/map.h"
#include "base/text.h"
#include "oci/fetch.h"
#include "oci/objectstorage.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/statvfs.h>

/* Objects at once: each has a folder and a file open. */
enum { AT_ONCE = 48, NAMED_MAX = 5 };

struct job {
	struct oci *oci;
	const struct download *d;
	struct download_result *out;
	int dir;
	size_t next;
	int busy;
	uint64_t moved, total; /* bytes */
	bool comparing, stopped;
	const char *what; /* for progress */
	struct err err;
	struct buf others; /* names of files in the way */
	size_t others_n;
};
struct transfer {
	struct job *job;
	struct downloaded *of;
	struct storage_fetch fetch;
};

static void fail(struct job *j, const struct err *err)
{
	if (!j->err.kind)
		j->err = *err;
}

/* "a/b/c" of the prefix "a/b/" is "c", of "a/b" and of "a/" "b/c". */
static const char *below_prefix(const struct job *j, const char *name)
{
	const char *slash = strrchr(j->d->uri.object, '/');
	return slash ? name + (slash + 1 - j->d->uri.object) : name;
}

static void on_object(void *ctx, const struct err *err, const struct object *object)
{
	struct job *j = ctx;
	struct download_result *out = j->out;
	struct arena *a = oci_arena(j->oci);
	if (!object) {
		if (err->kind)
			fail(j, err);
		return;
	}
	if (text_ends(object->name, "/"))
		return;
	out->v = arena_grow(a, out->v, out->n, &out->cap, sizeof *out->v);
	out->v[out->n++] = (struct downloaded){
		.object = object, .path = beneath_path(a, below_prefix(j, object->name))};
}

/* A name that is an object is that one, whatever else begins with it. */
static void keep_exact(struct job *j)
{
	struct download_result *out = j->out;
	for (size_t i = 0; i < out->n; i++)
		if (text_equal(out->v[i].object->name, j->d->uri.object)) {
			out->v[0] = out->v[i];
			out->n = 1;
		}
}

static bool run(struct job *j, struct err *err)
{
	if (!oci_run(j->oci, err))
		return false;
	if (j->err.kind)
		*err = j->err;
	return !j->err.kind;
}

/* Where one object's file is another's folder, there can be only one of them. */
static void note_folders(struct job *j)
{
	struct download_result *out = j->out;
	struct map folders = {.arena = oci_arena(j->oci)};
	for (size_t i = 0; i < out->n; i++) {
		char *path = arena_strdup(folders.arena, out->v[i].path);
		for (char *slash; (slash = strrchr(path, '/'));) {
			*slash = '\0';
			if (!map_put(&folders, path, j))
				break;
		}
	}
	for (size_t i = 0; i < out->n; i++) {
		struct downloaded *of = &out->v[i];
		if (!map_has(&folders, of->path))
			continue;
		of->state = DOWNLOAD_FAILED;
		err_set(&of->err, ERR_IO,
			"the object %s cannot be a file beside those whose names go on behind it with /",
			of->object->name);
		err_hint(&of->err, "download it by itself, into another folder");
	}
}

static bool list(struct job *j, struct err *err)
{
	const struct oci_uri *u = &j->d->uri;
	storage_object_list(j->oci, u->ns, u->bucket, u->object, on_object, j);
	if (!run(j, err))
		return false;
	keep_exact(j);
	note_folders(j);
	if (j->out->n)
		return true;
	err_set(err, ERR_NOT_FOUND, "no object is at oci://%s@%s/%s", u->bucket, u->ns, u->object);
	return err_hint(err,
		"a prefix is taken as it stands: upper and lower case differ, and no * is known");
}

static struct transfer *transfer_new(struct job *j, struct downloaded *of)
{
	struct transfer *t = arena_new(oci_arena(j->oci), struct transfer);
	*t = (struct transfer){.job = j,
		.of = of,
		.fetch = {.ns = j->d->uri.ns,
			.bucket = j->d->uri.bucket,
			.object = of->object,
			.dir = -1,
			.overwrite = j->d->overwrite}};
	return t;
}

static void advance(struct job *j);

static void end(struct transfer *t)
{
	struct job *j = t->job;
	if (t->fetch.dir >= 0)
		close(t->fetch.dir);
	j->busy--;
	advance(j);
}

static void note_other(struct job *j, const struct downloaded *of)
{
	if (j->others_n++ < NAMED_MAX)
		buf_printf(&j->others, "\n  %s/%s", j->d->folder, of->path);
}

static void on_same(void *ctx, const struct err *err, bool same)
{
	struct transfer *t = ctx;
	struct job *j = t->job;
	if (err->kind)
		fail(j, err);
	else if (same)
		t->of->state = DOWNLOAD_THERE;
	else
		note_other(j, t->of);
	end(t);
}

/* Whether something lies there, and may be the same: what cannot be told by its size is compared. False: it is done. */
static bool begin_compare(struct transfer *t)
{
	struct job *j = t->job;
	struct stat st;
	struct err err = {0};
	t->fetch.dir = beneath_open(j->dir, t->of->path, false, &t->fetch.file, &err);
	if (t->fetch.dir < 0) {
		if (err.kind != ERR_NOT_FOUND)
			fail(j, &err);
		return false;
	}
	if (fstatat(t->fetch.dir, t->fetch.file, &st, AT_SYMLINK_NOFOLLOW)) {
		if (errno != ENOENT) {
			err_errno(&err, ERR_IO, "%s/%s", j->d->folder, t->of->path);
			fail(j, &err);
		}
		return false;
	}
	if (S_ISDIR(st.st_mode)) {
		err_set(&err, ERR_IO, "%s/%s is a folder, where the object %s would go",
			j->d->folder, t->of->path, t->of->object->name);
		fail(j, &err);
		return false;
	}
	if (S_ISREG(st.st_mode) && st.st_size == t->of->object->size.v) {
		storage_object_same(j->oci, &t->fetch, on_same, t);
		return true;
	}
	note_other(j, t->of);
	return false;
}

static void show_moved(struct job *j)
{
	progress_send(oci_progress(j->oci), PROGRESS_STEP, j->what, j->moved, j->total, NULL);
}

static void on_moved(void *ctx, uint64_t bytes)
{
	struct transfer *t = ctx;
	t->job->moved += bytes;
	show_moved(t->job);
}

/* What would fail for the next too. */
static bool is_general(enum err_kind kind)
{
	return kind == ERR_IO || kind == ERR_AUTH || kind == ERR_PERMISSION ||
		kind == ERR_NETWORK || kind == ERR_INTERRUPTED;
}

static void note_failed(struct transfer *t, const struct err *err)
{
	t->of->state = DOWNLOAD_FAILED;
	t->of->err = *err;
	t->job->stopped = t->job->stopped || is_general(err->kind);
}

static void on_fetched(void *ctx, const struct err *err, const struct storage_fetched *told)
{
	struct transfer *t = ctx;
	if (err->kind) {
		note_failed(t, err);
	} else {
		t->of->state = DOWNLOAD_DONE;
		t->of->resumed = told->resumed;
		t->of->unchecked = told->unchecked;
	}
	end(t);
}

static bool begin_fetch(struct transfer *t)
{
	struct job *j = t->job;
	struct err err = {0};
	t->fetch.dir = beneath_open(j->dir, t->of->path, true, &t->fetch.file, &err);
	t->fetch.moved = on_moved;
	if (t->fetch.dir >= 0) {
		storage_object_fetch(j->oci, &t->fetch, on_fetched, t);
		return true;
	}
	err_wrap(&err, "download object %s in bucket %s", t->of->object->name, j->d->uri.bucket);
	note_failed(t, &err);
	return false;
}

static void advance(struct job *j)
{
	struct download_result *out = j->out;
	while (j->busy < AT_ONCE && j->next < out->n && !j->stopped && !j->err.kind) {
		struct downloaded *of = &out->v[j->next++];
		if (of->state != DOWNLOAD_WAITS)
			continue;
		struct transfer *t = transfer_new(j, of);
		if (j->comparing ? begin_compare(t) : begin_fetch(t))
			j->busy++;
		else if (t->fetch.dir >= 0)
			close(t->fetch.dir);
	}
}

static bool compare(struct job *j, struct err *err)
{
	j->comparing = true;
	advance(j);
	if (!run(j, err))
		return false;
	if (!j->others_n || j->d->overwrite)
		return true;
	err_set(err, ERR_GUARD, "%zu %s something else, and nothing was downloaded:%s%s",
		j->others_n, j->others_n == 1 ? "file holds" : "files hold", buf_str(&j->others),
		j->others_n > NAMED_MAX ? "\n  ..." : "");
	return err_hint(err, "--overwrite replaces them; another folder leaves them alone");
}

static bool has_room(struct job *j, struct err *err)
{
	struct statvfs fs;
	char needed[16], free_bytes[16];
	for (size_t i = 0; i < j->out->n; i++)
		if (j->out->v[i].state == DOWNLOAD_WAITS)
			j->total += (uint64_t)j->out->v[i].object->size.v;
	if (fstatvfs(j->dir, &fs) || j->total / fs.f_frsize < fs.f_bavail)
		return true;
	return err_set(err, ERR_IO, "%s: %s are to be downloaded, and %s are free", j->d->folder,
		text_bytes(j->total, needed),
		text_bytes((uint64_t)fs.f_bavail * fs.f_frsize, free_bytes));
}

static void count(struct download_result *out)
{
	for (size_t i = 0; i < out->n; i++) {
		const struct downloaded *v = &out->v[i];
		out->done += v->state == DOWNLOAD_DONE;
		out->there += v->state == DOWNLOAD_THERE;
		out->failed += v->state == DOWNLOAD_FAILED;
		out->unchecked += v->unchecked;
		out->resumed += v->resumed != 0;
		if (v->state == DOWNLOAD_DONE)
			out->bytes += (uint64_t)v->object->size.v;
	}
}

/* What one failure, or several, come to. */
static bool judge(const struct download_result *out, struct err *err)
{
	const struct downloaded *first = NULL;
	size_t left = out->n - out->done - out->there;
	for (size_t i = out->n; i--;)
		if (out->v[i].state == DOWNLOAD_FAILED)
			first = &out->v[i];
	if (!first)
		return true;
	*err = first->err;
	if (left > 1)
		err_hint(err,
			"%zu of %zu objects are not there; the same command goes on with them",
			left, out->n);
	if (out->done && err->kind != ERR_INTERRUPTED)
		err->kind = ERR_PARTIAL;
	return false;
}

static bool fetch(struct job *j, struct err *err)
{
	j->comparing = false;
	j->next = 0;
	if (!has_room(j, err))
		return false;
	if (j->total)
		progress_send(oci_progress(j->oci), PROGRESS_START, j->what, 0, j->total, NULL);
	advance(j);
	return oci_run(j->oci, err) || err_hint(err, "the same command goes on where it ended");
}

static bool open_folder(struct job *j, struct err *err)
{
	if (!fs_mkdirs(j->d->folder, 0777, err))
		return false;
	j->dir = open(j->d->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return j->dir >= 0 || err_errno(err, ERR_IO, "%s", j->d->folder);
}

/* The calls' callbacks may come as late as the session's end: what they touch is in its arena. */
bool download(
	struct oci *oci, const struct download *d, struct download_result *ret, struct err *err)
{
	struct job *j = arena_new(oci_arena(oci), struct job);
	struct download_result *out = arena_new(oci_arena(oci), struct download_result);
	struct download *kept = arena_new(oci_arena(oci), struct download);
	*kept = *d;
	kept->folder = arena_strdup(oci_arena(oci), d->folder);
	*j = (struct job){.oci = oci, .d = kept, .out = out, .dir = -1};
	j->what = arena_printf(
		oci_arena(oci), "download oci://%s@%s/%s", d->uri.bucket, d->uri.ns, d->uri.object);
	bool ok = list(j, err) && open_folder(j, err) && compare(j, err) && fetch(j, err);
	j->stopped = true;
	if (j->dir >= 0)
		close(j->dir);
	count(out);
	if (ok && out->n)
		ok = judge(out, err);
	if (j->total)
		progress_send(oci_progress(oci), ok ? PROGRESS_DONE : PROGRESS_FAILED, j->what,
			j->moved, j->total, NULL);
	buf_clear(&j->others);
	*ret = *out;
	return ok;
}
