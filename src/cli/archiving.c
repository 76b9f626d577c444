#include "cli/archiving.h"

#include "archive/pack.h"
#include "base/fs.h"
#include "base/keep.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/options.h"

#include <glob.h>
#include <stdlib.h>
#include <string.h>

/* As weir-local finds what `weir local setup` installed. */
static const char *installed(struct arena *a)
{
	const char *shared = getenv("WEIR_LOCAL_SPARK"), *home = getenv("WEIR_LOCAL_HOME"),
		   *state = getenv("XDG_STATE_HOME");
	if (!text_empty(shared))
		return shared;
	if (!text_empty(home))
		return fs_join(a, home, "spark");
	return fs_join(a, text_empty(state) ? fs_expand_home(a, "~/.local/state") : state,
		"weir/local/spark");
}

const char *archiving_spark_jars(struct arena *a)
{
	glob_t found;
	const char *folder = NULL;
	const char *pattern =
		arena_printf(a, "%s/venv/lib/python3*/site-packages/pyspark/jars", installed(a));
	if (glob(pattern, 0, NULL, &found))
		return NULL;
	folder = found.gl_pathc ? arena_strdup(a, found.gl_pathv[0]) : NULL;
	globfree(&found);
	return folder;
}

struct archive_build archiving_of(struct session *s, const struct archive_decl *decl)
{
	return (struct archive_build){.decl = decl,
		.dir = s->desired->dir,
		.cache = keep_folder(&s->cli->arena),
		.update = s->cli->update,
		.allow_sdist = s->cli->allow_sdist,
		.stop = &cli_stop,
		.progress = &s->cli->progress};
}

static bool unbuilt(struct session *s, const struct archive_decl *d, enum archive_state state,
	const struct archive_built *built, struct err *err)
{
	err_set(err, ERR_SPEC, "%s:%u:%u: archives.%s %s%s%s", s->desired->file, d->head.mark.line,
		d->head.mark.col, d->head.key,
		state == ARCHIVE_STALE ? "has other inputs than when " : "is not built",
		state == ARCHIVE_STALE ? built->lock_name : "",
		state == ARCHIVE_STALE ? " was made" : "");
	return err_hint(err, "`weir archive build %s` builds it; so do `weir apply` and `weir run`",
		d->head.key);
}

static bool build(struct session *s, const struct archive_decl *d, struct archive_built *built,
	struct err *err)
{
	enum archive_state state;
	struct arena *a = &s->cli->arena;
	const struct archive_build b = archiving_of(s, d);
	if (s->cli->command->sets & SET_SDIST)
		return archive_build(&b, a, built, err) ||
			err_wrap(err, "archives.%s", d->head.key);
	if (!archive_look(&b, a, built, &state, err))
		return false;
	return state == ARCHIVE_FRESH || unbuilt(s, d, state, built, err);
}

/* The objects that it becomes; false if there is none. */
static bool is_wanted(struct session *s, const char *path)
{
	for (size_t i = 0; i < s->want.n; i++)
		if (s->want.v[i].kind == RESOURCE_OBJECT &&
			text_equal(s->want.v[i].object->path, path))
			return true;
	return false;
}

static void set_size(struct session *s, const char *path, uint64_t size)
{
	for (size_t i = 0; i < s->want.n; i++) {
		struct resource *r = &s->want.v[i];
		if (r->kind != RESOURCE_OBJECT || !text_equal(r->object->path, path))
			continue;
		struct object *o = arena_new(&s->cli->arena, struct object);
		*o = *r->object;
		o->size = (struct opt_i64){true, (int64_t)size};
		r->object = o;
	}
}

bool archiving_ready(struct session *s, struct err *err)
{
	struct arena *a = &s->cli->arena;
	const struct archive_decl *v = s->desired->archives.v;
	for (size_t i = 0; i < s->desired->archives.n; i++) {
		const char *path = v[i].path ? v[i].path : archive_built_path(a, v[i].head.key);
		struct archive_built built;
		if (!is_wanted(s, path))
			continue;
		if (v[i].path) {
			if (!archive_zip_ok(fs_join(a, s->desired->dir, path), path, a, err))
				return false;
			continue;
		}
		if (!build(s, &v[i], &built, err))
			return false;
		set_size(s, path, built.size);
	}
	return true;
}
