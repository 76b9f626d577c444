#include "import/definition.h"

#include "base/fs.h"
#include "base/text.h"
#include "model/ocid.h"
#include "spec/yaml.h"

#include <string.h>

/* ---- keys in any case */

static bool same_word(const char *a, const char *b)
{
	for (;; a++, b++) {
		a += strspn(a, "_");
		b += strspn(b, "_");
		char x = *a >= 'A' && *a <= 'Z' ? (char)(*a + 32) : *a;
		char y = *b >= 'A' && *b <= 'Z' ? (char)(*b + 32) : *b;
		if (x != y)
			return false;
		if (!x)
			return true;
	}
}

struct search {
	const char *key;
	const struct field *found;
};

static bool is_other(void *ctx, const struct field *f)
{
	struct search *s = ctx;
	if (!f->api || !same_word(f->api, s->key))
		return true;
	s->found = f;
	return false;
}

const struct field *definition_field(const struct record *r, const char *key)
{
	struct search s = {.key = key};
	record_each(r, is_other, &s);
	return s.found;
}

/* ---- values */

/* [{name: a, value: b}] as {a: b}. */
static struct node *pairs_of(struct definition *d, const struct node *list)
{
	struct arena *a = d->im->arena;
	struct node *made = node_map(a);
	for (size_t i = 0; i < list->u.seq.n; i++) {
		const struct node *name = node_get(list->u.seq.v[i], "name");
		struct node *value = node_get(list->u.seq.v[i], "value");
		if (name && name->text && value)
			node_put(a, made, name->text, value);
	}
	return made;
}

static struct node *inner_record(
	struct definition *d, const struct record *r, const struct node *map)
{
	struct node *made = node_map(d->im->arena);
	for (size_t i = 0; i < map->u.map.n; i++) {
		const struct field *f = definition_field(r, map->u.map.v[i].key);
		node_put(d->im->arena, made, f ? f->name : map->u.map.v[i].key,
			map->u.map.v[i].value);
	}
	return made;
}

void definition_put(struct definition *d, const char *name, const struct node *value)
{
	const struct field *f = record_field(&application_record, name);
	const struct node *put = value;
	if (f->kind == FIELD_PARAMS && value->kind == NODE_SEQ)
		put = pairs_of(d, value);
	else if (f->kind == FIELD_OBJ && value->kind == NODE_MAP)
		put = inner_record(d, f->of, value);
	node_put(d->im->arena, d->fields, name, (struct node *)put);
}

static bool is_known(const char *key, const char *const *known)
{
	while (*known && !same_word(key, *known))
		known++;
	return *known;
}

void definition_take(struct definition *d, const struct node *map, const char *const *known)
{
	for (size_t i = 0; map && map->kind == NODE_MAP && i < map->u.map.n; i++) {
		const struct node_pair *pair = &map->u.map.v[i];
		const struct field *f = definition_field(&application_record, pair->key);
		if (is_known(pair->key, known) || node_is_empty(pair->value))
			continue;
		if (text_equal(pair->key, "id"))
			d->id = pair->value->text;
		else if (f && !(f->flags & FIELD_COMPUTED))
			definition_put(d, f->name, pair->value);
		else
			import_note(d->im, &d->notes, false,
				"`%s` is nothing that an application has: left out", pair->key);
	}
}

/* ---- local files */

static bool has_ending(const char *path, const char *const *endings)
{
	while (*endings && !text_ends(path, *endings))
		endings++;
	return *endings;
}

/* Beside the definition, else by the working directory, as ADS takes it. */
static const char *find_file(struct definition *d, const char *path, struct err *err)
{
	struct arena *a = d->im->arena;
	const char *beside = fs_join(a, fs_dirname(a, d->path), path);
	return fs_real(a, fs_exists(beside) ? beside : fs_join(a, NULL, path), err);
}

/* A definition may come from a stranger: only programs and archives are copied, links followed. */
struct import_content *definition_file(
	struct definition *d, const char *path, const char *const *endings)
{
	struct import *im = d->im;
	struct err err;
	const char *real = find_file(d, path, &err);
	if (!real) {
		import_note(im, &d->notes, true, "there is no file %s: copy it here", path);
		return NULL;
	}
	if (!has_ending(path, endings) || !has_ending(real, endings)) {
		import_note(im, &d->notes, true, "%s is not copied: it does not end in %s", path,
			*endings);
		return NULL;
	}
	struct import_content *c = arena_new(im->arena, struct import_content);
	*c = (struct import_content){.source = real, .declared = true};
	c->file = import_names_file(&im->files, path);
	im->contents = arena_grow(im->arena, im->contents, im->contents_n, &im->contents_cap,
		sizeof(struct import_content *));
	im->contents[im->contents_n++] = c;
	return c;
}

/* ---- the application */

static void complain(void *ctx, const char *path, const struct node *at, struct mark mark,
	bool warning, const char *text, const char *hint)
{
	struct definition *d = ctx;
	(void)path;
	(void)at;
	(void)mark;
	/* What a pipeline lacks is told of the pipeline. */
	if (text_starts(text, "missing required key"))
		return;
	import_note(d->im, &d->notes, !warning, "%s%s%s", text, hint ? ": " : "", hint ? hint : "");
}

/* Where a pipeline has a value of its own, none is needed. */
static void fill_in(struct definition *d, const char *name, const char *value)
{
	if (!node_get(d->fields, name))
		node_put(d->im->arena, d->fields, name, node_str(d->im->arena, value));
}

static void add_app(struct definition *d)
{
	struct import *im = d->im;
	struct application *app = arena_new(im->arena, struct application);
	const char *name = fs_basename(d->path);
	fill_in(d, "display_name", arena_strndup(im->arena, name, strcspn(name, ".")));
	field_decode(&application_record, d->fields, FORM_YAML, "", im->arena, app, complain, d);
	if (app->compartment_id && text_equal(im->target.type, "local")) {
		import_note(im, &d->notes, false,
			"compartment %s is left out: weir-local has its own", app->compartment_id);
		app->compartment_id = NULL;
	}
	bool there = d->id && ocid_is(d->id, OCID_APPLICATION);
	app->id = there ? d->id : NULL;
	struct import_app *made = import_add(im, app);
	made->script = d->script;
	made->archive = d->archive;
	made->script_bucket = d->script_bucket ? d->script_bucket : d->archive_bucket;
	if (d->script_bucket && d->archive_bucket &&
		!text_equal(d->script_bucket, d->archive_bucket))
		import_note(im, &d->notes, false,
			"script and archive go to one bucket here, %s: the archive's was %s",
			d->script_bucket, d->archive_bucket);
	made->notes = d->notes;
}

static bool is_skeleton(const struct node *doc)
{
	size_t found = 0;
	for (size_t i = 0; i < doc->u.map.n; i++)
		found += definition_field(&application_record, doc->u.map.v[i].key) != NULL;
	return found >= 2;
}

static bool not_one(const char *path, const struct node *doc, struct err *err)
{
	err_set(err, ERR_SPEC,
		"%s is neither an ADS job (`kind: job`) nor input of `oci data-flow application "
		"create --from-json`",
		path);
	if (node_get(doc, "pipeline"))
		return err_hint(err, "it is a pipeline already: `weir -f %s plan`", path);
	return err_hint(err, "an application that is there is imported by its OCID");
}

bool definition_read(struct import *im, const char *path, struct diags *diags, struct err *err)
{
	buf_auto text = {.max = YAML_BYTES_MAX};
	if (!fs_read(path, &text, err))
		return false;
	const char *kept = arena_strndup(im->arena, buf_str(&text), text.len);
	const struct node *doc = yaml_parse(kept, text.len, path, im->arena, diags);
	if (!doc)
		return err_set(err, ERR_SPEC, "%s", "");
	struct definition d = {.im = im, .path = path, .fields = node_map(im->arena)};
	const struct node *kind = node_get(doc, "kind");
	if (kind && text_equal(kind->text, "job")) {
		if (!definition_ads(&d, doc, err))
			return false;
	} else if (doc->kind == NODE_MAP && !kind && is_skeleton(doc)) {
		definition_skeleton(&d, doc);
	} else {
		return not_one(path, doc, err);
	}
	add_app(&d);
	return true;
}
