/* The pipeline file: nodes of what was found, and their text with comments. */
#include "base/text.h"
#include "import/import.h"
#include "import/lift.h"
#include "model/oci_uri.h"
#include "model/remember.h"
#include "model/resource.h"
#include "spec/apps.h"
#include "spec/yaml_write.h"

#include <string.h>

struct writing {
	struct import *im;
	struct arena *a;
	const char *compartment_id; /* the target's */
	struct node **apps;         /* one each */
	struct node *defaults;
};

/* ---- one app */

static bool has_script(const struct import_app *app)
{
	return app->script && app->script->declared && text_empty(app->app->execute);
}

/* Script and archive go to one bucket. */
static bool has_archive(const struct import_app *app)
{
	return app->archive && app->archive->declared && app->archive->archive_key &&
		(!has_script(app) || text_equal(app->script->bucket, app->archive->bucket));
}

static void put_str(struct writing *w, struct node *app, const char *key, const char *text)
{
	node_add(w->a, app, key, node_str(w->a, text));
}

static void put_literal(struct writing *w, struct node *app, const char *key, const char *text)
{
	put_str(w, app, key, yaml_literal(w->a, text));
}

/* In our namespace by reference, so that the file serves another tenancy too. */
static const char *address(struct writing *w, const char *uri)
{
	struct oci_uri parts;
	if (!w->im->ns || !oci_uri_parse(uri, w->a, &parts) || !text_equal(parts.ns, w->im->ns))
		return yaml_literal(w->a, uri);
	return arena_printf(w->a, "oci://%s@$<oci.namespace>/%s", parts.bucket,
		yaml_literal(w->a, parts.object));
}

static const char *addresses(struct writing *w, const char *list)
{
	buf_auto out = {0};
	for (const char *at = list; *at;) {
		size_t n = strcspn(at, ",");
		buf_printf(
			&out, "%s%s", out.len ? "," : "", address(w, arena_strndup(w->a, at, n)));
		at += n + (at[n] == ',');
	}
	return arena_strdup(w->a, buf_str(&out));
}

/* A bucket alone by its name. */
static void put_bucket(struct writing *w, struct node *app, const char *key, const char *uri)
{
	struct oci_uri parts;
	bool own = w->im->ns && oci_uri_parse(uri, w->a, &parts) &&
		text_equal(parts.ns, w->im->ns) && !*parts.object;
	if (own)
		put_str(w, app, key, parts.bucket);
	else
		put_str(w, app, arena_printf(w->a, "%s_uri", key), address(w, uri));
}

static const char *default_object(struct writing *w, const struct import_content *c)
{
	return arena_printf(w->a, "%sscripts/%s",
		identity_prefix(w->a, w->im->pipeline, w->im->target.key), c->file);
}

static void put_script(struct writing *w, struct node *node, const struct import_app *app)
{
	const struct import_content *c = app->script;
	if (has_script(app)) {
		put_str(w, node, "script", c->file);
		if (c->object && !text_equal(c->object, default_object(w, c)))
			put_literal(w, node, "script_object", c->object);
		const char *bucket = c->bucket ? c->bucket : app->script_bucket;
		if (bucket)
			put_literal(w, node, "script_bucket", bucket);
	} else if (text_empty(app->app->execute)) {
		put_str(w, node, "file_uri", address(w, app->app->file_uri));
	}
}

static void put_archive(struct writing *w, struct node *node, const struct import_app *app)
{
	if (!has_archive(app)) {
		put_str(w, node, "archive_uri", addresses(w, app->app->archive_uri));
		return;
	}
	put_str(w, node, "archive", app->archive->archive_key);
	const char *bucket = app->archive->bucket ? app->archive->bucket : app->script_bucket;
	if (bucket && !node_get(node, "script_bucket"))
		put_literal(w, node, "script_bucket", bucket);
}

/* Tags that others put there by themselves, and weir's own, are not the file's. */
static void put_tags(struct writing *w, struct node *node, const char *key, const struct node *tags)
{
	struct node *made = node_map(w->a);
	for (size_t i = 0; i < tags->u.map.n; i++) {
		const struct node_pair *tag = &tags->u.map.v[i];
		if (!remember_is_ours(tag->key) && !text_equal(tag->key, "Oracle-Tags"))
			node_add(w->a, made, tag->key, tag->value);
	}
	if (made->u.map.n)
		node_add(w->a, node, key, yaml_literals(w->a, made));
}

/* The service's own choice, where an application has none; the bucket need not be there. */
static bool is_default_logs(struct writing *w, const char *uri)
{
	struct oci_uri parts;
	return w->im->ns && oci_uri_parse(uri, w->a, &parts) && text_equal(parts.ns, w->im->ns) &&
		text_equal(parts.bucket, "dataflow-logs") && !*parts.object;
}

/* What absence means already, for an application that weir has set nothing of. */
static bool is_understood(struct writing *w, const struct import_app *app, const char *key)
{
	const struct application *x = app->app;
	if (text_equal(key, "compartment_id"))
		return text_equal(x->compartment_id, w->compartment_id);
	if (text_equal(key, "type"))
		return !w->im->own && text_equal(x->type, "BATCH");
	if (text_equal(key, "display_name"))
		return text_equal(
			x->display_name, arena_printf(w->a, "%s-%s", w->im->pipeline, app->key));
	if (text_equal(key, "logs_bucket_uri"))
		return !w->im->own && is_default_logs(w, x->logs_bucket_uri);
	const char *file = has_script(app) ? app->script->file : x->file_uri;
	if (text_equal(key, "language"))
		return text_empty(x->execute) && file &&
			text_equal(apps_language_of(file), x->language);
	return !text_empty(x->execute) && application_derives(key) && strcmp(key, "file_uri") != 0;
}

/* The size of a shape that has a fixed one does nothing. */
static bool is_idle_size(const struct import_app *app, const char *key)
{
	const struct application *x = app->app;
	const char *shape = text_equal(key, "driver_shape_config") ? x->driver_shape
		: text_equal(key, "executor_shape_config")         ? x->executor_shape
								   : NULL;
	return shape && !shape_is_flex(shape);
}

static void put_field(struct writing *w, struct node *node, const struct import_app *app,
	const char *key, const struct node *value)
{
	if (is_understood(w, app, key) || is_idle_size(app, key))
		return;
	if (text_equal(key, "file_uri"))
		put_script(w, node, app);
	else if (text_equal(key, "archive_uri"))
		put_archive(w, node, app);
	else if (text_equal(key, "logs_bucket_uri"))
		put_bucket(w, node, "logs_bucket", value->text);
	else if (text_equal(key, "warehouse_bucket_uri"))
		put_bucket(w, node, "warehouse_bucket", value->text);
	else if (text_equal(key, "freeform_tags") || text_equal(key, "defined_tags"))
		put_tags(w, node, key, value);
	else
		node_add(w->a, node, key, yaml_literals(w->a, value));
}

static struct node *app_node(struct writing *w, const struct import_app *app)
{
	struct node *node = node_map(w->a);
	const struct node *all = field_encode(&application_record, app->app, FORM_YAML, w->a);
	if (app->adopt || w->im->unowned)
		put_str(w, node, "adopt", app->app->id);
	for (size_t i = 0; i < all->u.map.n; i++) {
		const struct node_pair *pair = &all->u.map.v[i];
		const struct field *f = record_field(&application_record, pair->key);
		if (!(f->flags & FIELD_COMPUTED) && f->api && !node_is_empty(pair->value))
			put_field(w, node, app, pair->key, pair->value);
	}
	if (text_empty(app->app->file_uri) && has_script(app))
		put_script(w, node, app);
	if (text_empty(app->app->archive_uri) && has_archive(app))
		put_archive(w, node, app);
	if (app->prevent_delete)
		node_add(w->a, node, "prevent_delete", node_bool(w->a, true));
	return node;
}

/* ---- the rest */

static void mark_used(struct import *im)
{
	for (size_t i = 0; i < im->n; i++) {
		if (has_script(&im->apps[i]))
			im->apps[i].script->is_script = true;
		if (has_archive(&im->apps[i]))
			im->apps[i].archive->is_archive = true;
	}
}

static const char *default_archive(struct writing *w, const struct import_content *c)
{
	return arena_printf(w->a, "%sarchives/%s.zip",
		identity_prefix(w->a, w->im->pipeline, w->im->target.key), c->archive_key);
}

static struct node *archives(struct writing *w)
{
	struct node *all = node_map(w->a);
	for (size_t i = 0; i < w->im->contents_n; i++) {
		const struct import_content *c = w->im->contents[i];
		if (!c->is_archive)
			continue;
		struct node *one = node_map(w->a);
		put_str(w, one, "path", c->file);
		if (c->object && !text_equal(c->object, default_archive(w, c)))
			put_literal(w, one, "object", c->object);
		node_add(w->a, all, c->archive_key, one);
	}
	return all;
}

/* What no app has as its script or archive: those of execute lines, and one of several archives. */
static struct node *objects(struct writing *w)
{
	struct node *all = node_map(w->a);
	for (size_t i = 0; i < w->im->contents_n; i++) {
		struct import_content *c = w->im->contents[i];
		if (!c->declared || !c->bucket || c->is_script || c->is_archive)
			continue;
		struct node *one = node_map(w->a);
		put_str(w, one, "path", c->file);
		put_str(w, one, "bucket", c->bucket);
		if (!c->object_key) {
			c->object_key = import_names_key(&w->im->object_keys,
				arena_strndup(w->a, c->file, strcspn(c->file, ".")), "object");
			put_literal(w, one, "object", c->object);
		}
		node_add(w->a, all, c->object_key, one);
	}
	return all;
}

static struct node *target(struct writing *w)
{
	const struct import_target *t = &w->im->target;
	const struct {
		const char *key, *value;
	} rows[] = {{"type", text_equal(t->type, "local") ? t->type : NULL},
		{"profile", t->profile}, {"config_file", t->config_file}, {"region", t->region},
		{"endpoint", t->endpoint},
		{"compartment_id",
			text_equal(w->compartment_id, t->implied_compartment_id)
				? NULL
				: w->compartment_id}};
	struct node *one = node_map(w->a), *all = node_map(w->a);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (rows[i].value)
			put_literal(w, one, rows[i].key, rows[i].value);
	node_add(w->a, all, t->key, one);
	return all;
}

/* The target's own, else where most applications are. */
static const char *compartment(const struct import *im)
{
	struct map counts = {.arena = im->arena};
	const char *best = im->target.compartment_id;
	size_t most = 0;
	for (size_t i = 0; i < im->n && !im->target.compartment_id; i++) {
		const char *id = im->apps[i].app->compartment_id;
		size_t *count = id ? map_get(&counts, id) : NULL;
		if (id && !count) {
			count = arena_new(im->arena, size_t);
			map_put(&counts, id, count);
		}
		if (count && ++*count > most) {
			most = *count;
			best = id;
		}
	}
	return best;
}

static void put_section(struct buf *out, const char *key, const struct node *n)
{
	if (!n->u.map.n)
		return;
	buf_addc(out, '\n');
	yaml_write(out, 0, key, n);
}

static void put_notes(struct buf *out, int column, const struct import_notes *notes)
{
	for (size_t i = 0; i < notes->n; i++)
		yaml_write_comment(out, column, notes->v[i].text);
}

static void put_apps(struct writing *w, struct buf *out)
{
	buf_adds(out, "\napps:\n");
	for (size_t i = 0; i < w->im->n; i++) {
		put_notes(out, 2, &w->im->apps[i].notes);
		yaml_write(out, 2, w->im->apps[i].key, w->apps[i]);
	}
}

static void put_heading(struct import *im, struct buf *out)
{
	yaml_write_comment(out, 0,
		arena_printf(im->arena, "Imported by weir %s from %s.", WEIR_VERSION, im->from));
	put_notes(out, 0, &im->notes);
	yaml_write(out, 0, "pipeline", node_str(im->arena, im->pipeline));
}

void import_document(struct import *im, struct buf *out)
{
	struct writing w = {.im = im, .a = im->arena, .compartment_id = compartment(im)};
	w.apps = arena_array(w.a, im->n, sizeof *w.apps);
	mark_used(im);
	for (size_t i = 0; i < im->n; i++)
		w.apps[i] = app_node(&w, &im->apps[i]);
	w.defaults = import_lift(w.apps, im->n, w.a);
	put_heading(im, out);
	put_section(out, "targets", target(&w));
	put_section(out, "defaults", w.defaults);
	put_section(out, "objects", objects(&w));
	put_section(out, "archives", archives(&w));
	put_apps(&w, out);
}
