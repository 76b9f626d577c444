#include "archive/hashed.h"

#include "base/clock.h"
#include "base/fs.h"
#include "base/keep.h"
#include "base/map.h"
#include "base/pack.h"
#include "base/text.h"

#include <string.h>

static const char FORM[] = "local files 1";
enum { KINDS = 2 };

/* What tells a file that was changed from the same one. */
struct seen {
	int64_t size, inode, device, mtime, mtime_ns, ctime, ctime_ns;
};
struct entry {
	struct seen seen;
	const char *digests[KINDS]; /* by enum digest_kind; NULL: not made */
	bool used;
};
struct hashed {
	struct arena *arena;
	const char *folder, *name;
	struct map files; /* path to struct entry */
	size_t kept;      /* entries on disk */
	bool changed;
};

static void pack_entry(struct buf *out, const char *path, const struct entry *e)
{
	pack_str(out, path);
	const int64_t seen[] = {e->seen.size, e->seen.inode, e->seen.device, e->seen.mtime,
		e->seen.mtime_ns, e->seen.ctime, e->seen.ctime_ns};
	for (size_t i = 0; i < sizeof seen / sizeof *seen; i++)
		pack_i64(out, seen[i]);
	for (size_t i = 0; i < KINDS; i++)
		pack_str(out, e->digests[i]);
}

static void unpack_entry(struct unpack *in, struct hashed *h)
{
	const char *path = unpack_str(in);
	struct entry *e = arena_new(h->arena, struct entry);
	int64_t *const seen[] = {&e->seen.size, &e->seen.inode, &e->seen.device, &e->seen.mtime,
		&e->seen.mtime_ns, &e->seen.ctime, &e->seen.ctime_ns};
	for (size_t i = 0; i < sizeof seen / sizeof *seen; i++)
		*seen[i] = unpack_i64(in);
	for (size_t i = 0; i < KINDS; i++)
		e->digests[i] = unpack_str(in);
	if (path && !in->bad)
		map_put(&h->files, path, e);
}

static void read_kept(struct hashed *h)
{
	size_t size;
	const char *bytes = keep_read(h->arena, h->folder, h->name, FORM, &size);
	if (!bytes)
		return;
	struct unpack in = {bytes, size, false};
	for (uint32_t n = unpack_count(&in); n && !in.bad; n--)
		unpack_entry(&in, h);
	h->kept = h->files.n;
	if (!unpack_ended(&in)) {
		h->files = (struct map){.arena = h->arena};
		h->kept = 0;
	}
}

struct hashed *hashed_open(struct arena *a, const char *folder, const char *dir)
{
	struct err ignored;
	struct hashed *h = arena_new(a, struct hashed);
	unsigned char hash[DIGEST_MAX];
	const char *real = fs_real(a, dir, &ignored);
	*h = (struct hashed){.arena = a, .files = {.arena = a}};
	if (!real)
		return h;
	digest_bytes(DIGEST_SHA256, real, strlen(real), hash);
	h->folder = folder;
	h->name = arena_printf(a, "content-%s", text_hex(a, hash, 16));
	read_kept(h);
	return h;
}

static bool look(const char *path, struct seen *ret)
{
	struct stat st;
	if (stat(path, &st))
		return false;
	*ret = (struct seen){.size = st.st_size,
		.inode = (int64_t)st.st_ino,
		.device = (int64_t)st.st_dev,
		.mtime = st.st_mtim.tv_sec,
		.mtime_ns = st.st_mtim.tv_nsec,
		.ctime = st.st_ctim.tv_sec,
		.ctime_ns = st.st_ctim.tv_nsec};
	return true;
}

static bool same(const struct seen *a, const struct seen *b)
{
	return !memcmp(a, b, sizeof *a);
}

static bool is_settled(const struct seen *s, int64_t now)
{
	const int64_t latest = now - HASHED_SETTLED_MS;
	return s->mtime * 1000 + s->mtime_ns / 1000000 < latest &&
		s->ctime * 1000 + s->ctime_ns / 1000000 < latest;
}

static const char *hash(struct hashed *h, enum digest_kind kind, const char *path, struct err *err)
{
	unsigned char out[DIGEST_MAX];
	if (!digest_of_file(kind, path, out, err))
		return NULL;
	return kind == DIGEST_MD5 ? text_base64(h->arena, out, 16) : text_hex(h->arena, out, 32);
}

const char *hashed_file(struct hashed *h, enum digest_kind kind, const char *name, const char *path,
	struct err *err)
{
	int64_t now = clock_wall(&clock_system);
	struct seen before, after;
	struct entry *e = map_get(&h->files, name);
	bool known = look(path, &before);
	if (known && e && e->digests[kind] && same(&e->seen, &before)) {
		e->used = true;
		return e->digests[kind];
	}
	const char *made = hash(h, kind, path, err);
	if (!made || !known || !is_settled(&before, now) || !look(path, &after) ||
		!same(&before, &after))
		return made;
	if (!e || !same(&e->seen, &before)) {
		e = arena_new(h->arena, struct entry);
		e->seen = before;
		map_put(&h->files, name, e);
	}
	e->digests[kind] = made;
	e->used = h->changed = true;
	return made;
}

void hashed_save(struct hashed *h)
{
	buf_auto bytes = {0};
	uint32_t n = 0;
	for (size_t i = 0; i < h->files.n; i++)
		n += ((const struct entry *)h->files.v[i].value)->used;
	if (!h->folder || (!h->changed && n == h->kept))
		return;
	pack_u32(&bytes, n);
	for (size_t i = 0; i < h->files.n; i++) {
		const struct entry *e = h->files.v[i].value;
		if (e->used)
			pack_entry(&bytes, h->files.v[i].key, e);
	}
	if (keep_write(h->folder, h->name, FORM, &bytes)) {
		h->kept = n;
		h->changed = false;
	}
}
