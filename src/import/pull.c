#include "import/pull.h"

#include "base/fs.h"
#include "base/text.h"
#include "model/oci_uri.h"
#include "model/resource.h"
#include "oci/objectstorage.h"

struct pulling {
	struct oci *oci;
	struct import *im;
	const char *folder, *owner;
	uint64_t done;
	bool failed;
	struct err err;
};
struct one {
	struct pulling *p;
	struct import_content *c;
	const char *path;
};

static void fail(struct pulling *p, const struct err *err)
{
	if (!p->failed)
		p->err = *err;
	p->failed = true;
	http_cancel_all(oci_http(p->oci));
}

/* What only concerns this object: the rest goes on. */
static bool is_of_the_object(const struct err *err)
{
	return err->kind == ERR_NOT_FOUND || err->kind == ERR_PERMISSION ||
		err->kind == ERR_INCORRECT_STATE || err->kind == ERR_CONFLICT ||
		err->kind == ERR_INVALID;
}

static void end(struct one *x, const struct err *err)
{
	struct pulling *p = x->p;
	struct import_content *c = x->c;
	progress_send(oci_progress(p->oci), PROGRESS_STEP, "scripts and archives", ++p->done,
		p->im->contents_n, "copying");
	if (!err->kind) {
		c->pulled = true;
		return;
	}
	c->declared = false;
	if (is_of_the_object(err))
		c->why = arena_printf(p->im->arena, "it could not be read: %.*s",
			(int)strcspn(err->text, "\n"), err->text);
	else if (!p->failed)
		fail(p, err);
}

static void on_download(void *ctx, const struct err *err)
{
	end(ctx, err);
}

/* Where it can't be told from outside whether it differs, each plan would say that it does. */
static void judge(struct pulling *p, struct import_content *c, const struct object *head)
{
	if (!c->declared)
		return;
	c->declared =
		(head->md5 || head->sha256) && (!head->owner || text_equal(head->owner, p->owner));
	p->im->unowned |= !head->owner;
	if (!head->md5 && !head->sha256)
		c->why = "it was uploaded in parts, not by weir: whether the copy here differs "
			 "from it can't be told without reading it again";
	else if (!c->declared)
		c->why = arena_printf(p->im->arena, "it is weir's `%s`", head->owner);
}

static void on_head(void *ctx, const struct err *err, const struct object *head)
{
	struct one *x = ctx;
	struct pulling *p = x->p;
	if (err->kind || p->failed) {
		end(x, err);
		return;
	}
	judge(p, x->c, head);
	x->c->size = head->size;
	storage_object_download(
		p->oci, p->im->ns, x->c->bucket, x->c->object, x->path, on_download, x);
}

static bool start(struct pulling *p, struct import_content *c, struct err *err)
{
	struct arena *a = oci_arena(p->oci);
	struct one *x = arena_new(a, struct one);
	*x = (struct one){p, c, fs_join(a, p->folder, c->file)};
	if (!fs_mkdirs(fs_dirname(a, x->path), 0777, err))
		return false;
	storage_object_head(p->oci, p->im->ns, c->bucket, c->object, on_head, x);
	return true;
}

bool pull(struct oci *oci, struct import *im, const char *folder, struct err *err)
{
	struct pulling *p = arena_new(oci_arena(oci), struct pulling);
	*p = (struct pulling){.oci = oci, .im = im, .folder = folder};
	p->owner = arena_printf(im->arena, "%s/%s", im->pipeline, im->target.key);
	progress_send(oci_progress(oci), PROGRESS_START, "scripts and archives", 0, im->contents_n,
		"copying");
	bool ok = true;
	for (size_t i = 0; i < im->contents_n && ok; i++)
		ok = start(p, im->contents[i], err);
	if (!ok)
		http_cancel_all(oci_http(oci));
	struct err stopped;
	bool ran = oci_run(oci, &stopped);
	if (ok && (!ran || p->failed)) {
		*err = p->failed ? p->err : stopped;
		ok = false;
	}
	progress_send(oci_progress(oci), ok ? PROGRESS_DONE : PROGRESS_FAILED,
		"scripts and archives", p->done, im->contents_n, NULL);
	return ok;
}

struct finding {
	struct import *im;
	struct oci *oci;
	struct err err;
};

static void on_listed(void *ctx, const struct err *err, const struct object *o)
{
	struct finding *f = ctx;
	if (err->kind && err->kind != ERR_NOT_FOUND)
		f->err = *err;
	if (o)
		import_content(f->im, o->bucket, arena_strdup(f->im->arena, o->name));
}

bool pull_find_own(struct oci *oci, struct import *im, struct err *err)
{
	struct finding *f = arena_new(oci_arena(oci), struct finding);
	struct map buckets = {.arena = im->arena};
	*f = (struct finding){.im = im, .oci = oci};
	const char *prefix = arena_printf(
		im->arena, "%sobjects/", identity_prefix(im->arena, im->pipeline, im->target.key));
	for (size_t i = 0; i < im->contents_n; i++)
		map_put(&buckets, im->contents[i]->bucket, im);
	for (size_t i = 0; i < buckets.n; i++)
		storage_object_list(oci, im->ns, buckets.v[i].key, prefix, on_listed, f);
	if (!oci_run(oci, err))
		return false;
	if (!f->err.kind)
		return true;
	*err = f->err;
	return false;
}
