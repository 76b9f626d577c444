#include "archive/check.h"

#include "archive/describe.h"
#include "archive/pack.h"
#include "base/fs.h"
#include "base/text.h"
#include "base/zip_index.h"

#include <ctype.h>
#include <dirent.h>
#include <string.h>
#include <sys/stat.h>

struct checking {
	const struct archive_build *b;
	const char *spark_jars;
	struct arena *arena;
	struct archive_report *to;
	struct archive_built built;
};

static void find(
	struct checking *c, enum archive_found_kind kind, const char *text, const char *cure)
{
	struct archive_report *r = c->to;
	r->found = arena_grow(c->arena, r->found, r->found_n, &r->found_cap, sizeof *r->found);
	r->found[r->found_n++] = (struct archive_found){kind, text, cure};
}

static void describe(struct checking *c, const struct archive_described *d)
{
	struct archive_report *r = c->to;
	r->parts = arena_grow(c->arena, r->parts, r->parts_n, &r->parts_cap, sizeof *d);
	r->parts[r->parts_n++] = *d;
}

static uint64_t size_of(const char *path)
{
	struct stat st;
	return path && !stat(path, &st) ? (uint64_t)st.st_size : 0;
}

/* ---- jars */

/* Where the version begins in NAME-VERSION.jar: at the last `-` before a digit that is not followed by such a one. */
static size_t name_length(const char *file)
{
	for (const char *at = file; (at = strchr(at, '-')); at++)
		if (isdigit((unsigned char)at[1]))
			return (size_t)(at - file);
	return strlen(file);
}

static const char *sparks_own(struct checking *c, const char *file)
{
	DIR *d = c->spark_jars ? opendir(c->spark_jars) : NULL;
	const char *found = NULL;
	size_t n = name_length(file);
	for (struct dirent *e = d ? readdir(d) : NULL; e && !found; e = readdir(d))
		if (name_length(e->d_name) == n && !strncmp(e->d_name, file, n) &&
			text_ends(e->d_name, ".jar"))
			found = arena_strdup(c->arena, e->d_name);
	if (d)
		closedir(d);
	return found;
}

static void check_jar(struct checking *c, const struct archive_part *p)
{
	const char *own = sparks_own(c, p->file);
	if (!own)
		return;
	bool same = text_equal(own, p->file);
	find(c, FOUND_WARNING,
		arena_printf(c->arena,
			same ? "%s is in Spark itself: the archive is larger for nothing"
			     : "%s is in Spark in another version, %s: which of them is loaded is not said",
			p->file, own),
		"leave it out, by `!GROUP:ARTIFACT` behind what depends on it, unless you need it");
}

/* ---- wheels */

/* The nth part of "name-version-python-abi-platform.whl", from the end. */
static const char *tag(struct checking *c, const char *file, int nth)
{
	char *s = arena_strdup(c->arena, file);
	s[strlen(s) - strlen(".whl")] = '\0';
	for (; nth > 0; nth--) {
		char *dash = strrchr(s, '-');
		if (!dash)
			return "";
		*dash = '\0';
	}
	const char *last = strrchr(s, '-');
	return last ? last + 1 : s;
}

static void check_tags(struct checking *c, const struct archive_part *p)
{
	const char *python = tag(c, p->file, 2), *abi = tag(c, p->file, 1);
	const char *wanted = arena_printf(c->arena, "cp3%s", c->to->python + 2);
	bool any = strstr(python, "py3") || text_equal(abi, "abi3");
	if (any || strstr(python, wanted))
		return;
	find(c, FOUND_ERROR,
		arena_printf(c->arena, "%s is for another Python than %s: ModuleNotFoundError",
			p->file, c->to->python),
		"`weir archive build --update` chooses those for the run's Python");
}

static bool has_wheel(const struct archive_lock *lock, const char *name)
{
	for (size_t i = 0; i < lock->n; i++) {
		const struct archive_part *p = &lock->v[i];
		if (p->kind != PART_JAR &&
			archive_same_package(p->name, strcspn(p->name, "="), name))
			return true;
	}
	return text_equal(name, "pyspark") || text_equal(name, "py4j");
}

static void check_needs(struct checking *c, const struct archive_part *p)
{
	const struct strs needs = describe_needs(p->path, c->arena);
	for (size_t i = 0; i < needs.n; i++)
		if (!has_wheel(&c->built.lock, needs.v[i]))
			find(c, FOUND_ERROR,
				arena_printf(c->arena,
					"%s needs %s, which is not in the archive: "
					"ModuleNotFoundError",
					p->name, needs.v[i]),
				"`weir archive build --update` resolves it");
}

/* ---- the whole */

static void check_parts(struct checking *c)
{
	static const char *const origins[] = {[PART_JAR] = "Maven",
		[PART_WHEEL] = "Python package index",
		[PART_BUILT] = "built here"};
	struct archive_lock *lock = &c->built.lock;
	archive_find_parts(c->b->cache, lock, c->arena);
	for (size_t i = 0; i < lock->n; i++) {
		const struct archive_part *p = &lock->v[i];
		describe(c,
			&(struct archive_described){.name = p->name,
				.origin = origins[p->kind],
				.licence = p->path ? describe_licence(p->path, c->arena) : NULL,
				.size = size_of(p->path)});
		if (p->kind == PART_JAR) {
			check_jar(c, p);
			continue;
		}
		check_tags(c, p);
		if (p->path)
			check_needs(c, p);
	}
}

static void check_files(struct checking *c, const struct strs *files)
{
	for (size_t i = 0; i < files->n; i++) {
		const char *path = fs_join(c->arena, c->b->dir, files->v[i]);
		describe(c,
			&(struct archive_described){.name = files->v[i],
				.origin = "this repository",
				.licence = text_ends(path, ".jar") || text_ends(path, ".whl")
					? describe_licence(path, c->arena)
					: NULL,
				.size = size_of(path)});
	}
}

static void check_state(struct checking *c, enum archive_state state)
{
	const char *lock = c->built.lock_name, *key = c->b->decl->head.key;
	const char *cure = arena_printf(c->arena, "`weir archive build %s`", key);
	if (state == ARCHIVE_UNLOCKED)
		find(c, FOUND_ERROR,
			arena_printf(
				c->arena, "there is no %s: what it is made of is not pinned", lock),
			cure);
	else if (state == ARCHIVE_STALE)
		find(c, FOUND_ERROR,
			arena_printf(c->arena, "%s is stale: the inputs have changed since", lock),
			cure);
	else if (state == ARCHIVE_UNBUILT)
		find(c, FOUND_WARNING, "it is not built on this machine", cure);
}

/* A zip of somebody else's: what its names tell of the Python that it is for. */
static void check_zip(struct checking *c, const char *path)
{
	struct zip_index index;
	struct err err;
	const char *shown = c->b->decl->path;
	if (!archive_zip_ok(path, shown, c->arena, &err))
		find(c, FOUND_ERROR, arena_strdup(c->arena, err.text), "make it anew without that");
	if (!zip_index_read(path, c->arena, &index, &err)) {
		find(c, FOUND_ERROR, arena_strdup(c->arena, err.text), "Data Flow takes a zip");
		return;
	}
	const char *right = arena_printf(c->arena, "python/lib/python%s/", c->to->python);
	for (size_t i = 0; i < index.n; i++) {
		const char *name = index.v[i].name;
		if (!text_starts(name, "python/lib/python") || text_starts(name, right))
			continue;
		find(c, FOUND_ERROR,
			arena_printf(c->arena,
				"`%.80s` is for another Python than %s: "
				"ModuleNotFoundError",
				name, c->to->python),
			arena_printf(
				c->arena, "what the run imports lies in %ssite-packages/", right));
		return;
	}
}

bool archive_report(const struct archive_build *b, const char *spark_jars, struct arena *a,
	struct archive_report *ret, struct err *err)
{
	struct checking c = {.b = b, .spark_jars = spark_jars, .arena = a, .to = ret};
	enum archive_state state;
	*ret = (struct archive_report){
		.python = b->decl->python ? b->decl->python : ARCHIVE_PYTHON};
	if (b->decl->path) {
		const char *path = fs_join(a, b->dir, b->decl->path);
		const struct strs one = {(const char *[]){b->decl->path}, 1};
		ret->size = size_of(path);
		check_files(&c, &one);
		check_zip(&c, path);
		return true;
	}
	if (!archive_look(b, a, &c.built, &state, err))
		return false;
	ret->size = state == ARCHIVE_FRESH ? c.built.size : 0;
	check_state(&c, state);
	check_parts(&c);
	check_files(&c, &b->decl->files);
	if (ret->size > ARCHIVE_MAX_BYTES)
		find(&c, FOUND_ERROR, "it has over 2 GiB, which is refused",
			"leave out what Spark has, or read data from a bucket");
	return true;
}
