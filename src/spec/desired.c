/* What the pipeline wants to be in the live service: buckets, objects, applications. */
#include "base/fs.h"
#include "base/text.h"
#include "model/oci_uri.h"
#include "spec/source.h"
#include "spec/state.h"
#include "spec/target.h"
#include "spec/uris.h"

#include <string.h>

struct desire {
	struct spec *s;
	const struct pipeline *p;
	const char *ns, *compartment_id, *owner;
	struct strs former; /* owners before */
	struct resources *to;
	struct map buckets;         /* declared: name to address */
	struct map objects;         /* "bucket/name" to the struct object */
	struct map addresses;       /* "bucket/name" to address */
	struct map archive_buckets; /* key of an archive to the bucket it lies in first */
};

static struct resource *add(struct desire *d, enum resource_kind kind, const char *address,
	struct mark mark, const void *record)
{
	struct resource *r = resources_add(d->to, d->s->a);
	*r = (struct resource){.kind = kind, .address = address, .mark = mark, .record = record};
	return r;
}

static void need(struct desire *d, struct resource *r, const char *address)
{
	if (!address)
		return;
	for (size_t i = 0; i < r->needs.n; i++)
		if (!strcmp(r->needs.v[i], address))
			return;
	const char **v = arena_array(d->s->a, r->needs.n + 1, sizeof *v);
	if (r->needs.n)
		memcpy(v, r->needs.v, r->needs.n * sizeof *v);
	v[r->needs.n] = address;
	r->needs = (struct strs){v, r->needs.n + 1};
}

static const char *declared(const struct desire *d, const char *bucket)
{
	return bucket ? map_get(&d->buckets, bucket) : NULL;
}

/* As the API writes it; the file may have it in lower case. */
static const char *capitalized(struct arena *a, const char *word)
{
	char *s = arena_strdup(a, word);
	if (s && *s >= 'a' && *s <= 'z')
		*s = (char)(*s - 32);
	return s;
}

static void add_buckets(struct desire *d)
{
	struct arena *a = d->s->a;
	const struct bucket_decl *v = d->p->buckets.v;
	for (size_t i = 0; i < d->p->buckets.n; i++) {
		struct bucket *b = arena_new(a, struct bucket);
		b->name = v[i].head.key;
		b->compartment_id = v[i].compartment_id ? v[i].compartment_id : d->compartment_id;
		b->public_access_type = v[i].public_access_type;
		b->storage_tier = v[i].storage_tier;
		b->versioning = capitalized(a, v[i].versioning);
		b->freeform_tags = v[i].freeform_tags;
		b->defined_tags = v[i].defined_tags;
		char *address = arena_printf(a, "buckets.%s", b->name);
		map_put(&d->buckets, b->name, address);
		add(d, RESOURCE_BUCKET, address, v[i].head.mark, b);
	}
}

static bool size_of(struct desire *d, const char *path, struct mark mark, int64_t *ret)
{
	struct err err;
	struct stat st;
	fd_auto fd = fs_open_regular(source_open_path(d->s, path), &st, &err);
	if (fd < 0) {
		state_error(d->s, mark, NULL, "%s", err.text);
		return false;
	}
	*ret = st.st_size;
	return true;
}

static const char *content_type_of(const char *path)
{
	static const char *const types[][2] = {{".py", "text/x-python"},
		{".sql", "application/sql"}, {".jar", "application/java-archive"},
		{".zip", "application/zip"}};
	for (size_t i = 0; i < sizeof types / sizeof *types; i++)
		if (text_ends(path, types[i][0]))
			return types[i][1];
	return NULL;
}

struct wanted_object {
	const char *address, *bucket, *name, *path, *content_type;
	struct mark mark;
	bool overwrite, prevent_delete;
	bool built; /* by weir, perhaps later: it need not be there */
};

/* Returns the address of the object: that of the first who wanted it. NULL: told. */
static const char *add_object(struct desire *d, const struct wanted_object *w)
{
	struct arena *a = d->s->a;
	const char *key = arena_printf(a, "%s/%s", w->bucket, w->name);
	const struct object *first = map_get(&d->objects, key);
	if (first && text_equal(first->path, w->path))
		return map_get(&d->addresses, key);
	if (first) {
		state_error(d->s, w->mark, "rename one of them",
			"`%s` and `%s` would be one object: %s", first->path, w->path, w->name);
		return NULL;
	}
	int64_t size = 0;
	if (!w->built && !size_of(d, w->path, w->mark, &size))
		return NULL;
	struct object *o = arena_new(a, struct object);
	*o = (struct object){.bucket = w->bucket,
		.name = w->name,
		.size = {!w->built, size},
		.owner = d->owner,
		.content_type = w->content_type ? w->content_type : content_type_of(w->path),
		.path = w->path};
	map_put(&d->objects, key, o);
	map_put(&d->addresses, key, (void *)w->address);
	struct resource *r = add(d, RESOURCE_OBJECT, w->address, w->mark, o);
	r->was = d->former;
	r->overwrite = w->overwrite;
	r->prevent_delete = w->prevent_delete;
	need(d, r, declared(d, w->bucket));
	return w->address;
}

static void add_objects(struct desire *d)
{
	struct spec *s = d->s;
	const struct object_decl *v = d->p->objects.v;
	const char *prefix = identity_prefix(s->a, s->name, s->target->head.key);
	for (size_t i = 0; i < d->p->objects.n; i++) {
		const struct object_decl *o = &v[i];
		const char *name = o->object;
		if (!name)
			name = arena_printf(s->a, "%sobjects/%s/%s", prefix, o->head.key,
				fs_basename(source_safe_name(s, o->path)));
		add_object(d,
			&(struct wanted_object){
				.address = arena_printf(s->a, "objects.%s", o->head.key),
				.bucket = o->bucket,
				.name = name,
				.path = o->path,
				.content_type = o->content_type,
				.mark = o->head.mark,
				.overwrite = o->overwrite.v,
				.prevent_delete = o->prevent_delete.v});
	}
}

static const struct archive_decl *find_archive(const struct desire *d, const char *key)
{
	const struct archive_decl *v = d->p->archives.v;
	size_t i = 0;
	while (i < d->p->archives.n && strcmp(v[i].head.key, key))
		i++;
	return i < d->p->archives.n ? &v[i] : NULL;
}

/* An archive lies in the script bucket of each app that uses it: in the first as archives.KEY, in another as
   archives.KEY.BUCKET. */
static const char *add_archive(struct desire *d, const char *key, const char *bucket)
{
	struct spec *s = d->s;
	const struct archive_decl *archive = find_archive(d, key);
	if (!archive)
		return NULL;
	const char *address = arena_printf(s->a, "archives.%s", key);
	const char *name = uris_archive_object(s, key);
	const char *first = map_get(&d->archive_buckets, key);
	if (!first)
		map_put(&d->archive_buckets, key, (void *)bucket);
	else if (strcmp(first, bucket))
		address = arena_printf(s->a, "archives.%s.%s", key, bucket);
	return add_object(d,
		&(struct wanted_object){.address = address,
			.bucket = bucket,
			.name = name,
			.path = archive->path ? archive->path : archive_built_path(s->a, key),
			.built = !archive->path,
			.content_type = "application/zip",
			.mark = archive->head.mark,
			.overwrite = archive->overwrite.v});
}

/* Our tag behind those of the file. */
static struct pairs with_identity(struct desire *d, const struct app_decl *decl)
{
	struct arena *a = d->s->a;
	const struct pairs *own = &decl->fields.app.freeform_tags;
	struct pairs made = {arena_array(a, own->n + 1, sizeof *made.v), own->n + 1};
	if (own->n)
		memcpy(made.v, own->v, own->n * sizeof *made.v);
	made.v[own->n] = (struct pair){
		IDENTITY_TAG, identity_tag(a, d->s->name, d->s->target->head.key, decl->head.key)};
	return made;
}

/* Tags that it had before: another key, another target or pipeline, or both. */
static struct strs former_tags(struct desire *d, const struct app_decl *decl)
{
	struct arena *a = d->s->a;
	struct strs made = {arena_array(a, 2 * d->former.n + 1, sizeof *made.v), 0};
	if (decl->was)
		made.v[made.n++] = arena_printf(a, "%s/%s", d->owner, decl->was);
	for (size_t i = 0; i < d->former.n; i++) {
		made.v[made.n++] = arena_printf(a, "%s/%s", d->former.v[i], decl->head.key);
		if (decl->was)
			made.v[made.n++] = arena_printf(a, "%s/%s", d->former.v[i], decl->was);
	}
	return made;
}

static const char *bucket_of_uri(struct desire *d, const char *uri)
{
	struct oci_uri parts;
	return uri && oci_uri_parse(uri, d->s->a, &parts) && text_equal(parts.ns, d->ns)
		? parts.bucket
		: NULL;
}

static const char *script_object(struct spec *s, const struct app_fields *f)
{
	return f->script_object ? f->script_object : uris_script_object(s, f->script);
}

struct uploads {
	const char *script, *archive; /* addresses */
};

static struct uploads add_uploads(struct desire *d, const struct app_decl *decl)
{
	struct spec *s = d->s;
	const struct app_fields *f = &decl->fields;
	struct uploads made = {0};
	if (f->script)
		made.script = add_object(d,
			&(struct wanted_object){
				.address = arena_printf(s->a, "scripts.%s", decl->head.key),
				.bucket = f->script_bucket,
				.name = script_object(s, f),
				.path = f->script,
				.mark = decl->head.mark,
				.overwrite = f->overwrite.v});
	if (f->archive)
		made.archive = add_archive(d, f->archive, f->script_bucket);
	return made;
}

static void add_app(struct desire *d, const struct app_decl *decl, const struct uploads *uploads)
{
	struct spec *s = d->s;
	const struct app_fields *f = &decl->fields;
	struct application *app = arena_new(s->a, struct application);
	*app = f->app;
	if (f->script)
		app->file_uri = oci_uri_format(s->a, f->script_bucket, d->ns, script_object(s, f));
	if (f->archive)
		app->archive_uri = oci_uri_format(
			s->a, f->script_bucket, d->ns, uris_archive_object(s, f->archive));
	if (f->logs_bucket)
		app->logs_bucket_uri = oci_uri_format(s->a, f->logs_bucket, d->ns, "");
	if (f->warehouse_bucket)
		app->warehouse_bucket_uri = oci_uri_format(s->a, f->warehouse_bucket, d->ns, "");
	app->freeform_tags = with_identity(d, decl);
	struct resource *r = add(d, RESOURCE_APPLICATION,
		arena_printf(s->a, "apps.%s", decl->head.key), decl->head.mark, app);
	r->was = former_tags(d, decl);
	r->adopt = decl->adopt;
	r->prevent_delete = app->prevent_delete.v;
	if (!r->prevent_delete) /* false is what absence means */
		app->prevent_delete = (struct opt_bool){0};
	need(d, r, uploads->script);
	need(d, r, uploads->archive);
	need(d, r, declared(d, bucket_of_uri(d, app->logs_bucket_uri)));
	need(d, r, declared(d, bucket_of_uri(d, app->warehouse_bucket_uri)));
}

/* Objects stand before applications. */
static void add_apps(struct desire *d)
{
	const struct app_decl *v = d->p->apps.v;
	struct uploads *uploads = arena_array(d->s->a, d->p->apps.n, sizeof *uploads);
	for (size_t i = 0; i < d->p->apps.n; i++)
		uploads[i] = add_uploads(d, &v[i]);
	for (size_t i = 0; i < d->s->archive_bucket.n; i++) {
		const struct map_entry *e = &d->s->archive_bucket.v[i];
		add_archive(d, e->key, e->value);
	}
	for (size_t i = 0; i < d->p->apps.n; i++)
		add_app(d, &v[i], &uploads[i]);
}

/* What is sent needs a real one. */
static const char *compartment(struct spec *s)
{
	if (!s->target->compartment_id && !s->b.compartment_id && s->b.ns)
		state_error(s,
			s->target->head.mark.line ? s->target->head.mark
						  : (struct mark){.file = s->file},
			"set `compartment_id` in it, or give --compartment-id",
			"target `%s` has no compartment", s->target->head.key);
	return target_compartment(s);
}

bool spec_desired(struct spec *s, const struct pipeline *p, const struct spec_builtins *b,
	struct resources *ret, struct diags *diags)
{
	state_go_on(s, diags);
	s->b = b ? *b : (struct spec_builtins){0};
	struct resources made = {0};
	struct desire d = {.s = s,
		.p = p,
		.ns = uris_namespace(s),
		.compartment_id = compartment(s),
		.owner = arena_printf(s->a, "%s/%s", s->name, s->target->head.key),
		.former = spec_former(s, s->a),
		.to = &made,
		.buckets = {.arena = s->a},
		.objects = {.arena = s->a},
		.addresses = {.arena = s->a},
		.archive_buckets = {.arena = s->a}};
	add_buckets(&d);
	add_objects(&d);
	add_apps(&d);
	if (s->errors)
		return false;
	*ret = made;
	return true;
}
