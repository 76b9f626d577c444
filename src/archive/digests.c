#include "archive/digests.h"

#include "archive/hashed.h"
#include "base/fs.h"
#include "base/map.h"
#include "base/text.h"

static const char *key_of(const struct object *o, struct arena *a)
{
	return arena_printf(a, "%s/%s", o->bucket, o->name);
}

struct filling {
	const char *dir;
	struct arena *a;
	struct hashed *hashed;
	struct map known[2]; /* by enum digest_kind: path to the digest's text */
};

static const char *digest_text(
	struct filling *f, enum digest_kind kind, const char *path, struct err *err)
{
	const char *text = map_get(&f->known[kind], path);
	if (!text) {
		text = hashed_file(f->hashed, kind, path, fs_join(f->a, f->dir, path), err);
		if (text)
			map_put(&f->known[kind], path, (void *)text);
	}
	return text;
}

/* live: of the same size; NULL for none. */
static bool fill_one(
	struct filling *f, struct resource *want, const struct object *live, struct err *err)
{
	struct object *o = arena_new(f->a, struct object);
	*o = *want->object;
	want->object = o;
	if (live && !live->sha256 && live->md5) {
		o->md5 = digest_text(f, DIGEST_MD5, o->path, err);
		if (!o->md5 || object_same_content(o, live))
			return o->md5;
	}
	if (!(live && live->sha256) && o->size.v > DIGESTS_SMALL)
		return true;
	return (o->sha256 = digest_text(f, DIGEST_SHA256, o->path, err)) != NULL;
}

bool digests_fill(struct resources *want, const struct resources *live, const char *dir,
	const char *folder, struct arena *a, struct err *err)
{
	struct filling f = {dir, a, hashed_open(a, folder, dir), {{.arena = a}, {.arena = a}}};
	struct map there = {.arena = a};
	for (size_t i = 0; i < live->n; i++)
		if (live->v[i].kind == RESOURCE_OBJECT)
			map_put(&there, key_of(live->v[i].object, a), (void *)live->v[i].object);
	for (size_t i = 0; i < want->n; i++) {
		struct resource *w = &want->v[i];
		if (w->kind != RESOURCE_OBJECT || !w->object->path)
			continue;
		const struct object *o = map_get(&there, key_of(w->object, a));
		if (o && (!o->size.set || o->size.v != w->object->size.v))
			o = NULL;
		if ((o || w->object->size.v <= DIGESTS_SMALL) && !fill_one(&f, w, o, err))
			return err_wrap(err, "%s", w->address);
	}
	hashed_save(f.hashed);
	return true;
}
