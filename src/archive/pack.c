#include "archive/pack.h"

#include "base/fs.h"
#include "base/map.h"
#include "base/text.h"
#include "base/zip_entry.h"
#include "base/zip_index.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <zip.h>

enum { DOS_DATE = 1 << 5 | 1 }; /* 1980-01-01 */

struct member {
	const char *name;
	/* Of a wheel ... */
	zip_t *zip;
	zip_uint64_t index;
	zip_int32_t method;
	zip_uint64_t size;
	zip_uint32_t crc;
	/* ... or a file, or a text. */
	const char *path, *text;
	const char *from; /* for messages */
};
struct packing {
	const struct archive_inputs *in;
	struct arena *arena;
	struct member *v;
	size_t n, cap;
	struct map names; /* to 1 + index */
	zip_t **wheels;
	size_t wheels_n;
	struct err *err;
};

static bool refuse(struct packing *p, const char *from, const char *name, const char *why)
{
	buf_auto shown = {.max = 300};
	text_escape(&shown, name, strnlen(name, 200), false);
	return err_set(p->err, ERR_SPEC, "%s: `%s` %s", from, buf_str(&shown), why);
}

static bool same(const struct member *x, const struct member *y)
{
	return x->zip && y->zip && x->crc == y->crc && x->size == y->size;
}

static bool add(struct packing *p, const struct member *m)
{
	uintptr_t at = (uintptr_t)map_get(&p->names, m->name);
	if (at && same(&p->v[at - 1], m))
		return true;
	if (at)
		return refuse(p, m->from, m->name,
			arena_printf(p->arena, "is in %s too, and is another one there",
				p->v[at - 1].from));
	p->v = arena_grow(p->arena, p->v, p->n, &p->cap, sizeof *m);
	p->v[p->n++] = *m;
	map_put(&p->names, m->name, (void *)(uintptr_t)p->n);
	return true;
}

/* Where a wheel's member belongs (PEP 427): what is for the interpreter's other folders is not for a job. NULL: nowhere. */
static const char *place(struct packing *p, const char *name)
{
	const char *data = strstr(name, ".data/");
	const char *slash = strchr(name, '/');
	if (data && data < slash) {
		name = data + strlen(".data/");
		if (!text_starts(name, "purelib/") && !text_starts(name, "platlib/"))
			return NULL;
		name = strchr(name, '/') + 1;
	}
	return arena_printf(p->arena, "python/lib/python%s/site-packages/%s", p->in->python, name);
}

static bool add_entry(struct packing *p, zip_t *zip, zip_uint64_t i, const char *wheel)
{
	zip_stat_t st;
	if (zip_stat_index(zip, i, 0, &st))
		return refuse(p, wheel, "", "can't be read");
	if (!zip_name_ok(st.name))
		return refuse(p, wheel, st.name, "leads out of the archive");
	if (!zip_entry_is_plain(zip, i))
		return refuse(p, wheel, st.name, "is a link");
	const char *name = place(p, st.name);
	if (!name || text_ends(name, "/") || text_ends(name, ".pyc"))
		return true;
	return add(p,
		&(struct member){.name = name,
			.zip = zip,
			.index = i,
			.method = st.comp_method,
			.size = st.size,
			.crc = st.crc,
			.from = wheel});
}

static bool add_wheel(struct packing *p, const struct archive_part *part)
{
	int code;
	zip_t *zip = zip_open(part->path, ZIP_RDONLY, &code);
	if (!zip)
		return err_set(p->err, ERR_SPEC, "%s is no wheel", part->file);
	p->wheels[p->wheels_n++] = zip;
	for (zip_int64_t i = 0; i < zip_get_num_entries(zip, 0); i++)
		if (!add_entry(p, zip, (zip_uint64_t)i, part->file))
			return false;
	return true;
}

static bool add_file(struct packing *p, const char *name, const char *path)
{
	const char *from = arena_printf(p->arena, "files of archives.%s", p->in->key);
	bool jar = text_ends(name, ".jar");
	const char *to = jar ? arena_printf(p->arena, "java/%s", fs_basename(name)) : name;
	while (text_starts(to, "./"))
		to += 2;
	if (!zip_name_ok(to))
		return refuse(p, from, name, "leads out of the archive");
	return add(p, &(struct member){.name = to, .path = path, .from = from});
}

static bool collect(struct packing *p, const struct archive_lock *lock)
{
	struct arena *a = p->arena;
	p->wheels = arena_array(a, lock->n + 1, sizeof *p->wheels);
	for (size_t i = 0; i < lock->n; i++) {
		const struct archive_part *part = &lock->v[i];
		bool ok = part->kind == PART_JAR
			? add(p,
				  &(struct member){.name = arena_printf(a, "java/%s", part->file),
					  .path = part->path,
					  .from = part->name})
			: add_wheel(p, part);
		if (!ok)
			return false;
	}
	for (size_t i = 0; i < p->in->files.n; i++)
		if (!add_file(p, p->in->files.v[i], fs_join(a, p->in->dir, p->in->files.v[i])))
			return false;
	return add(p,
		&(struct member){.name = "version.txt",
			.text = arena_printf(a, "python %s\n", p->in->python),
			.from = "weir"});
}

static int by_name(const void *x, const void *y)
{
	return strcmp(((const struct member *)x)->name, ((const struct member *)y)->name);
}

static zip_source_t *source_of(zip_t *to, const struct member *m)
{
	if (m->zip)
		return zip_source_zip(to, m->zip, m->index, ZIP_FL_COMPRESSED, 0, 0);
	return m->text ? zip_source_buffer(to, m->text, strlen(m->text), 0)
		       : zip_source_file(to, m->path, 0, -1);
}

static bool put(zip_t *to, const struct member *m)
{
	zip_source_t *source = source_of(to, m);
	zip_int64_t i = source ? zip_file_add(to, m->name, source, ZIP_FL_ENC_UTF_8) : -1;
	if (source && i < 0)
		zip_source_free(source);
	if (i < 0)
		return false;
	zip_uint64_t at = (zip_uint64_t)i;
	return zip_set_file_compression(to, at, m->zip ? m->method : ZIP_CM_STORE, 0) == 0 &&
		zip_file_set_dostime(to, at, 0, DOS_DATE, 0) == 0 &&
		zip_file_set_external_attributes(
			to, at, 0, ZIP_OPSYS_UNIX, (zip_uint32_t)(S_IFREG | 0644) << 16) == 0;
}

static bool write_all(struct packing *p, const char *path)
{
	int code;
	zip_t *to = zip_open(path, ZIP_CREATE | ZIP_TRUNCATE, &code);
	if (!to)
		return err_set(p->err, ERR_IO, "%s can't be made", path);
	for (size_t i = 0; i < p->n; i++) {
		if (put(to, &p->v[i]))
			continue;
		err_set(p->err, ERR_IO, "%s: %s: %s", p->v[i].from, p->v[i].name, zip_strerror(to));
		zip_discard(to);
		return false;
	}
	if (zip_close(to) == 0)
		return true;
	err_set(p->err, ERR_IO, "write %s: %s", path, zip_strerror(to));
	zip_discard(to);
	return false;
}

static bool size_ok(const char *path, const char *shown, struct err *err)
{
	struct stat st;
	char text[24];
	if (stat(path, &st))
		return err_errno(err, ERR_IO, "%s", shown);
	if ((uint64_t)st.st_size <= ARCHIVE_MAX_BYTES)
		return true;
	err_set(err, ERR_LIMIT, "%s has %s: an archive has at most 2 GiB", shown,
		text_bytes((uint64_t)st.st_size, text));
	return err_hint(err,
		"every node of every run downloads and unpacks it: leave out what Spark has, or read "
		"data from a bucket");
}

bool archive_pack(const struct archive_inputs *in, const struct archive_lock *lock,
	const char *path, struct arena *a, struct err *err)
{
	struct packing p = {.in = in, .arena = a, .names = {.arena = a}, .err = err};
	bool ok = collect(&p, lock);
	if (ok)
		qsort(p.v, p.n, sizeof *p.v, by_name);
	ok = ok && write_all(&p, path) &&
		size_ok(path, arena_printf(a, "archives.%s", in->key), err);
	for (size_t i = 0; i < p.wheels_n; i++)
		zip_discard(p.wheels[i]);
	return ok;
}

bool archive_zip_ok(const char *path, const char *shown, struct arena *a, struct err *err)
{
	int code;
	struct packing p = {.arena = a, .err = err};
	if (!size_ok(path, shown, err))
		return false;
	zip_t *zip = zip_open(path, ZIP_RDONLY, &code);
	bool ok = true;
	for (zip_int64_t i = 0; zip && ok && i < zip_get_num_entries(zip, 0); i++) {
		const char *name = zip_get_name(zip, (zip_uint64_t)i, 0);
		if (!name || !zip_name_ok(name))
			ok = refuse(&p, shown, name ? name : "", "leads out of the archive");
		else if (!zip_entry_is_plain(zip, (zip_uint64_t)i))
			ok = refuse(&p, shown, name, "is a link");
	}
	if (zip)
		zip_discard(zip);
	return ok;
}
