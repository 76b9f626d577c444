#include "base/fs.h"
#include "base/text.h"
#include "local/store.h"
#include "local/store_inside.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SHA256_HEX = 64 };

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
	for (unsigned i = 0; i < 256; i++)
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

void store_content_unpin(struct store *s, const char *sha256)
{
	pthread_mutex_lock(&s->pins_lock);
	struct store_pin *p = pin_of(s, sha256);
	if (p && !--p->count)
		*p = s->pins[--s->pins_n];
	pthread_mutex_unlock(&s->pins_lock);
}

/* Durable under its name: the bytes first, then the name. */
static bool name_content(struct store *s, struct store_content *c, const char *sha256,
	struct err *err)
{
	char path[512];
	if (!path_of(s, sha256, path))
		return err_set(err, ERR_IO, "%s: path too long", s->home);
	if (fsync(c->fd) || rename(c->path, path))
		return err_errno(err, ERR_IO, "%s", path);
	c->path[0] = '\0';
	path[strlen(path) - SHA256_HEX - 1] = '\0';
	return fs_sync_dir(path, err);
}

bool store_content_commit(struct store *s, struct store_content *c, char sha256[static 65],
	unsigned char md5[static 16], struct err *err)
{
	arena_auto arena = {0};
	unsigned char raw[DIGEST_MAX], raw_md5[DIGEST_MAX] = {0};
	size_t n = digest_final(&c->sha256, raw);
	if (c->md5.ctx)
		digest_final(&c->md5, raw_md5);
	memcpy(sha256, text_hex(&arena, raw, n), SHA256_HEX + 1);
	memcpy(md5, raw_md5, 16);
	pin(s, sha256);
	bool ok = name_content(s, c, sha256, err);
	if (!ok)
		store_content_unpin(s, sha256);
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

static bool named(sqlite3 *db, const char *sha256)
{
	sqlite3_stmt *st = store_prepare(db,
		"SELECT 1 FROM objects WHERE sha256 = ?1"
		" UNION ALL SELECT 1 FROM parts WHERE sha256 = ?1 LIMIT 1",
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

bool store_garbage_collect(struct store *s, sqlite3 *db, bool *ret_more, struct err *err)
{
	enum { AT_ONCE = 64 };
	char sha256[AT_ONCE][65];
	int n = 0, rc;
	sqlite3_stmt *st = store_prepare(db, "SELECT sha256 FROM garbage LIMIT ?", "i", (int64_t)AT_ONCE);
	while ((rc = sqlite3_step(st)) == SQLITE_ROW)
		snprintf(sha256[n++], sizeof *sha256, "%s", sqlite3_column_text(st, 0));
	store_done(st);
	if (rc != SQLITE_DONE)
		return err_set(err, ERR_IO, "%s", sqlite3_errmsg(db));
	*ret_more = n == AT_ONCE;
	if (!n)
		return true;
	bool ok = store_exec(db, NULL, err, "BEGIN IMMEDIATE", "");
	for (int i = 0; i < n && ok; i++) {
		if (remove_unless_named(s, db, sha256[i]))
			ok = store_exec(db, NULL, err, "DELETE FROM garbage WHERE sha256 = ?", "s",
				sha256[i]);
		else
			*ret_more = true;
	}
	if (ok && store_exec(db, NULL, err, "COMMIT", ""))
		return true;
	struct err ignored;
	store_exec(db, NULL, &ignored, "ROLLBACK", "");
	return false;
}

void store_orphans_collect(struct store *s, sqlite3 *db, unsigned shard)
{
	char path[512];
	snprintf(path, sizeof path, "%s/objects/%02x", s->home, shard);
	DIR *dir = opendir(path);
	for (struct dirent *e; dir && (e = readdir(dir));)
		if (strlen(e->d_name) == SHA256_HEX)
			remove_unless_named(s, db, e->d_name);
	if (dir)
		closedir(dir);
}
