#include "spec/uris.h"

#include "base/text.h"
#include "model/oci_uri.h"
#include "spec/source.h"

#include <string.h>

static void index_section(struct spec *s, const struct node *n, struct map *to)
{
	struct scope scope = {.s = s};
	struct map found = {.arena = s->a};
	for (size_t i = 0; n && n->kind == NODE_MAP && i < n->u.map.n; i++)
		map_put(&found, interpolate_key(&scope, &n->u.map.v[i]), n->u.map.v[i].value);
	*to = found;
}

void uris_prepare(struct spec *s)
{
	index_section(s, node_get(s->raw, "apps"), &s->apps);
	index_section(s, node_get(s->raw, "archives"), &s->archives);
	index_section(s, s->target ? s->target->apps : NULL, &s->overrides);
}

bool uris_has_app(const struct spec *s, const char *name)
{
	return map_has(&s->apps, name);
}

bool uris_has_archive(const struct spec *s, const char *name)
{
	return map_has(&s->archives, name);
}

const char *uris_namespace(const struct spec *s)
{
	return s->b.ns ? s->b.ns : STAND_IN_NAMESPACE;
}

const char *uris_script_object(struct spec *s, const char *script)
{
	const char *name = map_get(&s->script_objects, script);
	if (!name) {
		name = arena_printf(s->a, "%sscripts/%s",
			identity_prefix(s->a, s->name, s->target->head.key),
			source_safe_name(s, script));
		map_put(&s->script_objects, script, (void *)name);
	}
	return name;
}

const char *uris_archive_object(struct spec *s, const char *key)
{
	struct scope scope = {.s = s};
	const struct node *own = node_get(map_get(&s->archives, key), "object");
	const char *name = own ? interpolate_text(&scope, own) : NULL;
	if (name)
		return name;
	return arena_printf(s->a, "%sarchives/%s.zip",
		identity_prefix(s->a, s->name, s->target->head.key), key);
}

const struct node *uris_override(struct spec *s, const char *app)
{
	return map_get(&s->overrides, app);
}

/* A field of an app as the merge will find it, not resolved; NULL: it has none. */
static const struct node *raw_field(struct spec *s, const char *app, const char *field)
{
	const struct node *sources[] = {
		uris_override(s, app),
		map_get(&s->apps, app),
		node_get(s->raw, "defaults"),
	};
	for (size_t i = 0; i < sizeof sources / sizeof *sources; i++) {
		const struct node *n = sources[i] ? node_get(sources[i], field) : NULL;
		if (n)
			return n->kind == NODE_NULL ? NULL : n;
	}
	return NULL;
}

/* The text of a field. *ret_wrong: it has one that could not be resolved, which was told. */
static const char *raw_text(struct spec *s, const char *app, const char *field, bool *ret_wrong)
{
	struct scope scope = {.s = s};
	const struct node *n = raw_field(s, app, field);
	const char *text = interpolate_text(&scope, n);
	if (n && !text && state_is_wrong(s, n->mark))
		*ret_wrong = true;
	return text;
}

static enum lookup app_file(struct spec *s, const char *name, struct mark at, struct found *ret)
{
	bool wrong = false;
	const char *uri = raw_text(s, name, "file_uri", &wrong);
	if (!uri && !wrong) {
		const char *script = raw_text(s, name, "script", &wrong);
		const char *bucket = raw_text(s, name, "script_bucket", &wrong);
		const char *object = raw_text(s, name, "script_object", &wrong);
		if (script && bucket)
			uri = oci_uri_format(s->a, bucket, uris_namespace(s),
				object ? object : uris_script_object(s, script));
	}
	if (uri) {
		ret->value = node_str(s->a, uri);
		return LOOKUP_VALUE;
	}
	if (!wrong)
		state_error(s, at,
			"an app has one by `file_uri`, or by `script` and `script_bucket`",
			"apps.%s has no file whose address could be given", name);
	return LOOKUP_FAILED;
}

enum lookup uris_app_file(struct scope *scope, const char *name, struct mark at, struct found *ret)
{
	struct spec *s = scope->s;
	struct chain link;
	if (!chain_enter(s, &link, arena_printf(s->a, "apps.%s.file_uri", name), at))
		return LOOKUP_FAILED;
	enum lookup result = app_file(s, name, at, ret);
	chain_leave(s, &link);
	return result;
}

/* The bucket of an archive that is named by its address: that of `defaults`, else of the first app that uses
   it. */
static const char *archive_bucket(struct spec *s, const char *key, bool *ret_wrong)
{
	struct scope scope = {.s = s};
	const struct node *defaults = node_get(s->raw, "defaults");
	const struct node *n = defaults ? node_get(defaults, "script_bucket") : NULL;
	const char *bucket = interpolate_text(&scope, n);
	for (size_t i = 0; !bucket && i < s->apps.n; i++) {
		const char *app = s->apps.v[i].key;
		if (text_equal(raw_text(s, app, "archive", ret_wrong), key))
			bucket = raw_text(s, app, "script_bucket", ret_wrong);
	}
	return bucket;
}

static enum lookup archive(struct spec *s, const char *name, struct mark at, struct found *ret)
{
	bool wrong = false;
	const char *bucket = map_get(&s->archive_bucket, name);
	if (!bucket)
		bucket = archive_bucket(s, name, &wrong);
	if (bucket) {
		map_put(&s->archive_bucket, name, (void *)bucket);
		ret->value = node_str(s->a,
			oci_uri_format(
				s->a, bucket, uris_namespace(s), uris_archive_object(s, name)));
		return LOOKUP_VALUE;
	}
	if (!wrong)
		state_error(s, at, "set it under `defaults`, or in an app that uses the archive",
			"archives.%s has no address: no `script_bucket` is set for it", name);
	return LOOKUP_FAILED;
}

enum lookup uris_archive(struct scope *scope, const char *name, struct mark at, struct found *ret)
{
	struct spec *s = scope->s;
	struct chain link;
	if (!chain_enter(s, &link, arena_printf(s->a, "archives.%s.uri", name), at))
		return LOOKUP_FAILED;
	enum lookup result = archive(s, name, at, ret);
	chain_leave(s, &link);
	return result;
}
