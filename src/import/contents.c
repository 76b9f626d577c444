/* Which objects the applications run, and how they are named in the folder. */
#include "base/fs.h"
#include "base/text.h"
#include "import/import.h"
#include "model/oci_uri.h"
#include "model/pipeline.h"
#include "model/resource.h"

#include <string.h>

/* What follows weir/<pipeline>/<target>/<folder>/ in the name of an object of the pipeline's own; NULL: it is none. */
static const char *own_part(struct import *im, const char *object, const char *folder)
{
	const char *prefix = arena_printf(im->arena, "%s%s/",
		identity_prefix(im->arena, im->pipeline, im->target.key), folder);
	return im->own && text_starts(object, prefix) ? object + strlen(prefix) : NULL;
}

/* KEY.zip */
static const char *own_archive(struct import *im, const char *name)
{
	if (!name || !text_ends(name, ".zip"))
		return NULL;
	const char *key = arena_strndup(im->arena, name, strlen(name) - strlen(".zip"));
	return pipeline_key_ok(key) && import_names_take(&im->archive_keys, key) ? key : NULL;
}

/* KEY/FILE */
static const char *own_object(struct import *im, const char *name)
{
	const char *slash = name ? strchr(name, '/') : NULL;
	if (!slash || strchr(slash + 1, '/') || !import_names_path_ok(name))
		return NULL;
	const char *key = arena_strndup(im->arena, name, (size_t)(slash - name));
	return pipeline_key_ok(key) && import_names_take(&im->object_keys, key) ? key : NULL;
}

/* What lies where weir puts things of its own comes back to where it was. */
static bool name_own(struct import *im, struct import_content *c)
{
	const char *script = own_part(im, c->object, "scripts");
	const char *object = own_part(im, c->object, "objects");
	if (script && import_names_path_ok(script) && import_names_take(&im->files, script)) {
		c->file = script;
	} else if ((c->archive_key = own_archive(im, own_part(im, c->object, "archives")))) {
		c->file = import_names_file(
			&im->files, arena_printf(im->arena, "%s.zip", c->archive_key));
	} else if ((c->object_key = own_object(im, object))) {
		c->file = arena_printf(im->arena, "objects/%s", object);
		import_names_take(&im->files, c->file);
	}
	return c->file;
}

struct import_content *import_content(struct import *im, const char *bucket, const char *object)
{
	const char *key = arena_printf(im->arena, "%s/%s", bucket, object);
	struct import_content *c = map_get(&im->by_object, key);
	if (c)
		return c;
	c = arena_new(im->arena, struct import_content);
	*c = (struct import_content){.bucket = bucket, .object = object, .declared = true};
	map_put(&im->by_object, key, c);
	im->contents = arena_grow(im->arena, im->contents, im->contents_n, &im->contents_cap,
		sizeof(struct import_content *));
	im->contents[im->contents_n++] = c;
	if (name_own(im, c))
		return c;
	c->file = import_names_file(&im->files, object);
	if (text_starts(object, "weir/")) {
		c->declared = false;
		c->why = "names under weir/ belong to the pipeline that put it there";
	}
	return c;
}

/* NULL: it is not in our namespace, which is noted, or no address. */
static struct import_content *by_uri(struct import *im, struct import_app *app, const char *uri)
{
	struct oci_uri parts;
	if (!oci_uri_parse(uri, im->arena, &parts) || !*parts.object) {
		import_note(
			im, &app->notes, true, "%s is no address of an object: not copied", uri);
		return NULL;
	}
	if (text_equal(parts.ns, im->ns))
		return import_content(im, parts.bucket, parts.object);
	import_note(im, &app->notes, true, "%s is in another namespace: not copied", uri);
	return NULL;
}

static void find_archives(struct import *im, struct import_app *app)
{
	const char *list = app->app->archive_uri;
	struct import_content *one = NULL;
	size_t count = 0;
	for (const char *at = list; at && *at; count++) {
		size_t n = strcspn(at, ",");
		one = by_uri(im, app, arena_strndup(im->arena, at, n));
		at += n + (at[n] == ',');
	}
	if (count != 1 || !one)
		return;
	app->archive = one;
	if (!one->archive_key && !one->object_key)
		one->archive_key = import_names_key(&im->archive_keys,
			arena_strndup(im->arena, one->file, strcspn(one->file, ".")), "archive");
}

void import_contents(struct import *im)
{
	for (size_t i = 0; i < im->n; i++) {
		struct import_app *app = &im->apps[i];
		if (!text_empty(app->app->file_uri))
			app->script = by_uri(im, app, app->app->file_uri);
		find_archives(im, app);
	}
}

static void tell(struct import *im, struct import_notes *notes, const char *what,
	const struct import_content *c)
{
	if (c && c->why)
		import_note(im, notes, !c->pulled, "%s oci://%s@%s/%s: %s", what, c->bucket, im->ns,
			c->object, c->why);
}

void import_contents_tell(struct import *im)
{
	struct map told = {.arena = im->arena};
	for (size_t i = 0; i < im->n; i++) {
		struct import_app *app = &im->apps[i];
		tell(im, &app->notes, "its script", app->script);
		tell(im, &app->notes, "its archive", app->archive);
		if (app->script && app->script->object)
			map_put(&told, app->script->file, im);
		if (app->archive && app->archive->object)
			map_put(&told, app->archive->file, im);
	}
	for (size_t i = 0; i < im->contents_n; i++)
		if (!map_has(&told, im->contents[i]->file))
			tell(im, &im->notes, "object", im->contents[i]);
}
