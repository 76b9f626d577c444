#include "import/import.h"

#include "base/text.h"
#include "model/pipeline.h"
#include "model/remember.h"
#include "model/resource.h"

#include <stdarg.h>
#include <string.h>

void import_begin(struct import *im)
{
	struct import_names *all[] = {
		&im->files, &im->keys, &im->object_keys, &im->archive_keys, &im->pipelines};
	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		*all[i] = (struct import_names){.used = {.arena = im->arena}};
	im->by_object = (struct map){.arena = im->arena};
	import_names_take(&im->files, "pipeline.yaml");
}

struct import_app *import_add(struct import *im, const struct application *app)
{
	im->apps = arena_grow(im->arena, im->apps, im->n, &im->cap, sizeof *im->apps);
	struct import_app *made = &im->apps[im->n++];
	*made = (struct import_app){.app = app, .adopt = app->id};
	return made;
}

void import_note(struct import *im, struct import_notes *notes, bool serious, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	const char *text = arena_vprintf(im->arena, fmt, ap);
	va_end(ap);
	notes->v = arena_grow(im->arena, notes->v, notes->n, &notes->cap, sizeof *notes->v);
	notes->v[notes->n++] = (struct import_note){text, serious};
}

bool import_owner(struct arena *a, const struct application *app, struct import_owner *ret)
{
	char *rest = arena_strdup(a, identity_tag_of(&app->freeform_tags));
	if (!rest)
		return false;
	struct import_owner o = {.pipeline = strsep(&rest, "/")};
	o.target = rest ? strsep(&rest, "/") : NULL;
	o.app = rest;
	if (!o.app || !pipeline_key_ok(o.pipeline) || !pipeline_key_ok(o.target) ||
		!pipeline_key_ok(o.app))
		return false;
	*ret = o;
	return true;
}

static void name_own(struct import *im, struct import_app *app)
{
	struct import_owner owner;
	struct memory set;
	struct opt_bool prevents = {0};
	if (!import_owner(im->arena, app->app, &owner))
		return;
	remember_read(app->app, &set);
	remember_prevents(&set, &prevents);
	app->adopt = false;
	app->prevent_delete = prevents.v;
	app->key = owner.app;
	import_names_take(&im->keys, owner.app);
}

void import_name(struct import *im, const char *name)
{
	if (!im->pipeline)
		im->pipeline = import_names_key(&im->pipelines, name, "imported");
	for (size_t i = 0; i < im->n; i++) {
		struct import_app *app = &im->apps[i];
		if (im->own)
			name_own(im, app);
		if (!app->key)
			app->key = import_names_key(&im->keys,
				app->app->display_name ? app->app->display_name : "", "app");
	}
}
