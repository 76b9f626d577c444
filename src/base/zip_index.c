#include "base/zip_index.h"

#include "base/fs.h"
#include "base/text.h"

#include <stdlib.h>
#include <string.h>

/* Signatures and the lengths of what they begin. */
#define END_SIGNATURE 0x06054b50u
#define END64_SIGNATURE 0x06064b50u
#define LOCATOR_SIGNATURE 0x07064b50u
#define ENTRY_SIGNATURE 0x02014b50u
enum { END_BYTES = 22, END64_BYTES = 56, LOCATOR_BYTES = 20, ENTRY_BYTES = 46, ZIP64_EXTRA = 1 };

bool zip_name_ok(const char *name)
{
	if (text_empty(name) || name[0] == '/' || strchr(name, '\\') || strlen(name) > 1024)
		return false;
	for (const char *part = name; part; part = strchr(part, '/')) {
		part += *part == '/';
		size_t len = strcspn(part, "/");
		if (len == 2 && part[0] == '.' && part[1] == '.')
			return false;
	}
	return true;
}

static uint64_t number(const unsigned char *p, unsigned bytes)
{
	uint64_t v = 0;
	while (bytes--)
		v = v << 8 | p[bytes];
	return v;
}

/* The last end record, whose comment reaches to the end. */
static const unsigned char *find_end(const unsigned char *end, size_t n)
{
	for (size_t at = n >= END_BYTES ? n - END_BYTES + 1 : 0; at-- > 0;)
		if (number(end + at, 4) == END_SIGNATURE &&
			at + END_BYTES + number(end + at + 20, 2) == n)
			return end + at;
	return NULL;
}

/* The zip64 end record that stands before; NULL: there is none in what was given. */
static const unsigned char *find_end64(
	const unsigned char *end, const unsigned char *found, uint64_t size, size_t n)
{
	const unsigned char *locator = found - LOCATOR_BYTES;
	if (found - end < LOCATOR_BYTES || number(locator, 4) != LOCATOR_SIGNATURE)
		return NULL;
	uint64_t at = number(locator + 8, 8), first = size - n;
	if (at < first || at - first > n - END64_BYTES || n < END64_BYTES)
		return NULL;
	const unsigned char *end64 = end + (at - first);
	return number(end64, 4) == END64_SIGNATURE ? end64 : NULL;
}

bool zip_index_find(
	const void *bytes, size_t n, uint64_t size, uint64_t *ret_from, uint64_t *ret_length)
{
	const unsigned char *end = bytes, *found = n <= size ? find_end(end, n) : NULL;
	if (!found)
		return false;
	uint64_t length = number(found + 12, 4), from = number(found + 16, 4);
	if (length == UINT32_MAX || from == UINT32_MAX || number(found + 10, 2) == UINT16_MAX) {
		const unsigned char *end64 = find_end64(end, found, size, n);
		if (end64) {
			length = number(end64 + 40, 8);
			from = number(end64 + 48, 8);
		}
	}
	if (from > size || length > size - from || length > ZIP_DIRECTORY_MAX)
		return false;
	*ret_from = from;
	*ret_length = length;
	return true;
}

/* The size in a zip64 field, where the entry itself has no room for it. */
static uint64_t size_of(const unsigned char *entry, const unsigned char *extra, size_t n)
{
	uint64_t size = number(entry + 24, 4);
	for (size_t at = 0; size == UINT32_MAX && at + 4 <= n;) {
		size_t len = (size_t)number(extra + at + 2, 2);
		if (number(extra + at, 2) == ZIP64_EXTRA && len >= 8 && at + 12 <= n)
			return number(extra + at + 4, 8);
		at += 4 + len;
	}
	return size;
}

static int by_name(const void *left, const void *right)
{
	const struct zip_member *a = left, *b = right;
	return strcmp(a->name, b->name);
}

bool zip_index_parse(const void *directory, size_t n, struct arena *a, struct zip_index *ret)
{
	const unsigned char *p = directory;
	struct zip_index made = {0};
	size_t cap = 0, at = 0;
	while (at < n && made.n < ZIP_MEMBERS_MAX) {
		if (n - at < ENTRY_BYTES || number(p + at, 4) != ENTRY_SIGNATURE)
			return false;
		const unsigned char *entry = p + at;
		size_t name = (size_t)number(entry + 28, 2), extra = (size_t)number(entry + 30, 2);
		size_t whole = ENTRY_BYTES + name + extra + (size_t)number(entry + 32, 2);
		if (whole > n - at)
			return false;
		made.v = arena_grow(a, made.v, made.n, &cap, sizeof *made.v);
		made.v[made.n++] = (struct zip_member){
			.name = arena_strndup(a, (const char *)entry + ENTRY_BYTES, name),
			.size = size_of(entry, entry + ENTRY_BYTES + name, extra),
			.crc = (uint32_t)number(entry + 16, 4)};
		at += whole;
	}
	if (at < n)
		return false;
	if (made.n)
		qsort(made.v, made.n, sizeof *made.v, by_name);
	*ret = made;
	return true;
}

static bool read_at(int fd, void *bytes, size_t n, uint64_t from)
{
	for (size_t done = 0; done < n;) {
		ssize_t got = pread(fd, (char *)bytes + done, n - done, (off_t)(from + done));
		if (got <= 0)
			return false;
		done += (size_t)got;
	}
	return true;
}

bool zip_index_read(const char *path, struct arena *a, struct zip_index *ret, struct err *err)
{
	struct stat st;
	fd_auto fd = fs_open_regular(path, &st, err);
	if (fd < 0)
		return false;
	uint64_t size = (uint64_t)st.st_size, from, length;
	size_t n = size < ZIP_END_MAX ? (size_t)size : ZIP_END_MAX;
	char *end = xalloc(n + 1), *directory = NULL;
	bool ok = read_at(fd, end, n, size - n) && zip_index_find(end, n, size, &from, &length);
	if (ok) {
		directory = xalloc((size_t)length + 1);
		ok = read_at(fd, directory, (size_t)length, from) &&
			zip_index_parse(directory, (size_t)length, a, ret);
	}
	free(directory);
	free(end);
	return ok || err_set(err, ERR_INVALID, "%s: no zip that can be read", path);
}

static void add(struct zip_diff *d, char sign, const char *name, uint64_t was, uint64_t now)
{
	d->v[d->n++] = (struct zip_change){sign, name, was, now};
}

void zip_index_diff(const struct zip_index *was, const struct zip_index *now, struct arena *a,
	struct zip_diff *ret)
{
	*ret = (struct zip_diff){.v = arena_array(a, was->n + now->n, sizeof *ret->v)};
	size_t i = 0, k = 0;
	while (i < was->n && k < now->n) {
		const struct zip_member *old = &was->v[i], *new = &now->v[k];
		int order = strcmp(old->name, new->name);
		if (order < 0)
			add(ret, '-', old->name, old->size, 0);
		else if (order > 0)
			add(ret, '+', new->name, 0, new->size);
		else if (old->crc != new->crc || old->size != new->size)
			add(ret, '~', old->name, old->size, new->size);
		else
			ret->unchanged++;
		i += order <= 0;
		k += order >= 0;
	}
	for (; i < was->n; i++)
		add(ret, '-', was->v[i].name, was->v[i].size, 0);
	for (; k < now->n; k++)
		add(ret, '+', now->v[k].name, 0, now->v[k].size);
}
