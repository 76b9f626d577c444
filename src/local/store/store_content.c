#include "base/fs.h"
#include "base/text.h"
#include "field/field.h"
#include "local/store/store.h"
#include "local/store/store_inside.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>

enum { SHA256_HEX = 64, SHARDS = 256 };

static bool path_of(const struct store *s, const char *sha256, char out[512])
{
	int n = snprintf(out, 512, "%s/objects/%.2s/%s", s->home, sha256, sha256);
	return n > 0 && n < 512;
}

bool store_content_prepare(struct store *s, struct err *err)
{
	arena_auto arena = {0};
	const char *tmp = arena_printf(&arena, "%s/tmp", s->home);
	const char *objects = arena_printf(&arena, "%s/objects", s->home);
	if (!fs_remove_tree(tmp, err) || !fs_mkdirs(tmp, 0700, err) ||
		!fs_mkdirs(objects, 0700, err))
		return false;
	for (unsigned i = 0; i < SHARDS; i++)
		if (!fs_mkdirs(arena_printf(&arena, "%s/%02x", objects, i), 0700, err))
			return false;
	return fs_sync_dir(objects, err) && fs_sync_dir(s->home, err);
}

bool store_content_begin(struct store *s, struct store_content *c, struct err *err)
{
	*c = (struct store_content){.fd = -1};
	int n = snprintf(c->path, sizeof c->path, "%s/tmp/content.XXXXXX", s->home);
	if (n < 0 || (size_t)n >= sizeof c->path)
		return err_set(err, ERR_IO, "%s: path too long", s->home);
	c->fd = mkostemp(c->path, O_CLOEXEC);
	if (c->fd < 0)
		return err_errno(err, ERR_IO, "%s", c->path);
	digest_init(&c->sha256, DIGEST_SHA256);
	digest_init(&c->md5, DIGEST_MD5);
	return true;
}

bool store_content_add(struct store_content *c, const void *bytes, size_t n, struct err *err)
{
	if (!fs_write_all(c->fd, bytes, n, err))
		return err_wrap(err, "%s", c->path);
	digest_add(&c->sha256, bytes, n);
	if (c->md5.ctx)
		digest_add(&c->md5, bytes, n);
	c->size += n;
	return true;
}

void store_content_abort(struct store_content *c)
{
	if (c->fd < 0)
		return;
	close(c->fd);
	c->fd = -1;
	if (*c->path)
		unlink(c->path);
	digest_abort(&c->sha256);
	digest_abort(&c->md5);
}

/* With the lock held. */
static struct store_pin *pin_of(struct store *s, const char *sha256)
{
	for (size_t i = 0; i < s->pins_n; i++)
		if (!strcmp(s->pins[i].sha256, sha256))
			return &s->pins[i];
	return NULL;
}

static void pin(struct store *s, const char *sha256)
{
	pthread_mutex_lock(&s->pins_lock);
	struct store_pin *p = pin_of(s, sha256);
	if (!p) {
		if (s->pins_n == s->pins_cap) {
			s->pins_cap = s->pins_cap ? s->pins_cap * 2 : 16;
			s->pins = xrealloc(s->pins, s->pins_cap * sizeof *s->pins);
		}
		p = &s->pins[s->pins_n++];
		*p = (struct store_pin){0};
		memcpy(p->sha256, sha256, SHA256_HEX);
	}
	p->count++;
	pthread_mutex_unlock(&s->pins_lock);
}

static bool note_garbage(sqlite3 *db, void *ctx, struct err *err)
{
	return store_exec(
		db, NULL, err, "INSERT INTO garbage VALUES(?) ON CONFLICT DO NOTHING", "s", ctx);
}

void store_content_unpin(struct store *s, const char *sha256, bool named)
{
	char copy[SHA256_HEX + 1];
	struct err ignored; /* it stays until the next start */
	snprintf(copy, sizeof copy, "%s", sha256);
	pthread_mutex_lock(&s->pins_lock);
	struct store_pin *p = pin_of(s, sha256);
	if (p && !--p->count)
		*p = s->pins[--s->pins_n];
	pthread_mutex_unlock(&s->pins_lock);
	if (!named)
		store_write(s, note_garbage, copy, &ignored);
}

/* Durable under its name: the bytes first, then the name. Parts are not waited for: the kernel keeps them when the
   service is killed, and what they are joined to is synced. Should the machine end before, store_drafts_check finds out. */
static bool name_content(
	struct store *s, struct store_content *c, const char *sha256, struct err *err)
{
	char path[512];
	if (!path_of(s, sha256, path))
		return err_set(err, ERR_IO, "%s: path too long", s->home);
	/* What is there already may be an object's, and outlast more than this one does. */
	if (c->draft && !access(path, F_OK))
		return true;
	if ((!c->draft && fsync(c->fd)) || rename(c->path, path))
		return err_errno(err, ERR_IO, "%s", path);
	c->path[0] = '\0';
	path[strlen(path) - SHA256_HEX - 1] = '\0';
	return c->draft || fs_sync_dir(path, err);
}

void store_content_end(struct store_content *c)
{
	arena_auto arena = {0};
	unsigned char raw[DIGEST_MAX];
	if (!c->sha256.ctx)
		return;
	size_t n = digest_final(&c->sha256, raw);
	memcpy(c->sha256_hex, text_hex(&arena, raw, n), sizeof c->sha256_hex);
	if (c->joined) /* so that no bytes, whatever they say, have its name */
		c->sha256_hex[SHA256_HEX - 1] = 'j';
	if (!c->md5.ctx)
		return;
	digest_final(&c->md5, raw);
	memcpy(c->md5_raw, raw, sizeof c->md5_raw);
}

bool store_content_commit(struct store *s, struct store_content *c, struct err *err)
{
	store_content_end(c);
	pin(s, c->sha256_hex);
	bool ok = name_content(s, c, c->sha256_hex, err);
	if (!ok)
		store_content_unpin(s, c->sha256_hex, false);
	store_content_abort(c);
	return ok;
}

int store_content_open(struct store *s, const char *sha256, struct err *err)
{
	char path[512];
	if (!path_of(s, sha256, path)) {
		err_set(err, ERR_IO, "%s: path too long", s->home);
		return -1;
	}
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		err_errno(err, errno == ENOENT ? ERR_NOT_FOUND : ERR_IO, "%s", path);
	return fd;
}

bool store_content_add_content(
	struct store *s, struct store_content *c, const char *sha256, struct err *err)
{
	fd_auto fd = store_content_open(s, sha256, err);
	if (fd < 0)
		return false;
	ssize_t n;
	while ((n = sendfile(c->fd, fd, NULL, (size_t)1 << 30)) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_errno(err, ERR_IO, "%s", c->path);
		/* The disk writes it while the next is joined. */
		sync_file_range(c->fd, (off64_t)c->size, n, SYNC_FILE_RANGE_WRITE);
		c->size += (uint64_t)n;
	}
	c->joined = true;
	digest_add(&c->sha256, sha256, SHA256_HEX);
	digest_abort(&c->md5);
	return true;
}

static bool named(sqlite3 *db, const char *sha256)
{
	sqlite3_stmt *st = store_prepare(db,
		"SELECT 1 FROM objects WHERE sha256 = ?1"
		" UNION ALL SELECT 1 FROM parts WHERE sha256 = ?1"
		" UNION ALL SELECT 1 FROM versions WHERE sha256 = ?1 LIMIT 1",
		"s", sha256);
	bool yes = sqlite3_step(st) != SQLITE_DONE; /* an error keeps it */
	store_done(st);
	return yes;
}

/* False if it is pinned: asked again later. Rows change only in this thread, and who is about to add one pins
   the content first. */
static bool remove_unless_named(struct store *s, sqlite3 *db, const char *sha256)
{
	char path[512];
	pthread_mutex_lock(&s->pins_lock);
	bool pinned = pin_of(s, sha256) != NULL;
	if (!pinned && !named(db, sha256) && path_of(s, sha256, path))
		unlink(path);
	pthread_mutex_unlock(&s->pins_lock);
	return !pinned;
}

/* The list of it is cleared in the next transaction: what was removed twice is as gone as what was removed once,
   and what a row came to name meanwhile is looked at again. */
bool store_garbage_remove(struct store *s, sqlite3 *db)
{
	bool more = false;
	s->removed_n = 0;
	sqlite3_stmt *st = store_prepare(
		db, "SELECT sha256 FROM garbage LIMIT ?", "i", (int64_t)STORE_REMOVED_MAX);
	for (size_t n = 0; sqlite3_step(st) == SQLITE_ROW; n++) {
		char *sha256 = s->removed[s->removed_n];
		snprintf(sha256, sizeof *s->removed, "%s", sqlite3_column_text(st, 0));
		if (remove_unless_named(s, db, sha256))
			s->removed_n++;
		more = true;
	}
	store_done(st);
	return more;
}

bool store_garbage_forget(struct store *s, sqlite3 *db, struct err *err)
{
	for (size_t i = 0; i < s->removed_n; i++)
		if (!store_exec(db, NULL, err, "DELETE FROM garbage WHERE sha256 = ?", "s",
			    s->removed[i]))
			return false;
	return true;
}

void store_orphans_remove(struct store *s, sqlite3 *db)
{
	char path[512];
	for (unsigned shard = 0; shard < SHARDS; shard++) {
		snprintf(path, sizeof path, "%s/objects/%02x", s->home, shard);
		DIR *dir = opendir(path);
		for (struct dirent *e; dir && (e = readdir(dir));)
			if (strlen(e->d_name) == SHA256_HEX)
				remove_unless_named(s, db, e->d_name);
		if (dir)
			closedir(dir);
	}
}

static bool boot_of_machine(struct buf *ret)
{
	struct err ignored;
	return fs_read("/proc/sys/kernel/random/boot_id", ret, &ignored) && ret->len;
}

static bool is_whole(const struct store *s, const char *sha256)
{
	arena_auto arena = {0};
	char path[512];
	unsigned char raw[DIGEST_MAX];
	struct err ignored;
	return path_of(s, sha256, path) && digest_of_file(DIGEST_SHA256, path, raw, &ignored) &&
		text_equal(text_hex(&arena, raw, 32), sha256);
}

static bool forget_torn(struct store *s, sqlite3 *db, struct err *err)
{
	struct strs torn = {0};
	arena_auto arena = {0};
	size_t cap = 0;
	sqlite3_stmt *st = store_prepare(db, "SELECT DISTINCT sha256 FROM parts", "");
	while (sqlite3_step(st) == SQLITE_ROW) {
		const char *sha256 = store_text(&arena, st, 0);
		if (is_whole(s, sha256))
			continue;
		torn.v = arena_grow(&arena, torn.v, torn.n, &cap, sizeof *torn.v);
		torn.v[torn.n++] = sha256;
	}
	store_done(st);
	for (size_t i = 0; i < torn.n; i++)
		if (!store_exec(
			    db, NULL, err, "DELETE FROM parts WHERE sha256 = ?", "s", torn.v[i]))
			return false;
	return true;
}

bool store_drafts_check(struct store *s, sqlite3 *db, struct err *err)
{
	arena_auto arena = {0};
	buf_auto now = {0}, was = {0};
	struct err ignored;
	const char *path = fs_join(&arena, s->home, "boot");
	bool known = boot_of_machine(&now);
	if (known && fs_read(path, &was, &ignored) && text_equal(buf_str(&now), buf_str(&was)))
		return true;
	return forget_torn(s, db, err) && (!known || fs_write(path, now.data, now.len, 0600, err));
}
