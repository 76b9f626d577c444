/* kind: job, with infrastructure and runtime of type dataFlow. */
#include "base/text.h"
#include "import/definition.h"
#include "model/oci_uri.h"

#include <string.h>

static const char *text_at(const struct node *map, const char *camel, const char *snake)
{
	const struct node *n = node_get(map, camel);
	n = n ? n : node_get(map, snake);
	bool scalar = n && n->kind != NODE_NULL && n->kind != NODE_SEQ && n->kind != NODE_MAP;
	return scalar ? n->text : NULL;
}

/* A name, or oci://bucket@namespace/prefix, whose prefix has no place here. */
static const char *bucket_of(struct definition *d, const char *text)
{
	struct oci_uri parts;
	if (!text || !oci_uri_parse(text, d->im->arena, &parts))
		return text;
	return parts.bucket;
}

static void take_script(struct definition *d, const struct node *runtime)
{
	static const char *const endings[] = {".py", ".sql", ".jar", NULL};
	const char *path = text_at(runtime, "scriptPathURI", "script_path_uri");
	d->script_bucket = bucket_of(d, text_at(runtime, "scriptBucket", "script_bucket"));
	if (path && text_starts(path, "oci://"))
		definition_put(d, "file_uri", node_str(d->im->arena, path));
	else if (path)
		d->script = definition_file(d, path, endings);
}

static void take_archive(struct definition *d, const struct node *runtime)
{
	static const char *const endings[] = {".zip", NULL};
	const char *path = text_at(runtime, "archiveUri", "archive_uri");
	d->archive_bucket = bucket_of(d, text_at(runtime, "archiveBucket", "archive_bucket"));
	if (path && text_starts(path, "oci://"))
		definition_put(d, "archive_uri", node_str(d->im->arena, path));
	else if (path)
		d->archive = definition_file(d, path, endings);
	if (d->archive)
		d->archive->archive_key =
			import_names_key(&d->im->archive_keys, "archive", "archive");
}

/* As ADS does for a published conda environment. */
static void take_conda(struct definition *d, const struct node *runtime)
{
	struct arena *a = d->im->arena;
	const struct node *conda = node_get(runtime, "conda");
	const char *uri = text_at(conda, "uri", "uri");
	const struct node *old = node_get(d->fields, "configuration");
	if (!uri)
		return;
	struct node *made = old && old->kind == NODE_MAP ? node_copy(a, old) : node_map(a);
	node_put(a, made, "spark.archives", node_str(a, arena_printf(a, "%s#conda", uri)));
	const char *auth = text_at(runtime, "condaAuthType", "conda_auth_type");
	node_put(a, made, "dataflow.auth", node_str(a, auth ? auth : "resource_principal"));
	definition_put(d, "configuration", made);
}

static void note_what_is_lost(struct definition *d, const struct node *runtime)
{
	if (!node_is_empty(node_get(runtime, "env")))
		import_note(d->im, &d->notes, false,
			"`env` is left out, as by ADS: an application has no environment; set "
			"spark.executorEnv.NAME and spark.driverEnv.NAME in `configuration`");
}

static bool check_types(const struct definition *d, const struct node *infrastructure,
	const struct node *runtime, struct err *err)
{
	const char *where = text_at(infrastructure, "type", "type");
	const char *what = text_at(runtime, "type", "type");
	if (!text_equal(where, "dataFlow"))
		return err_set(err, ERR_SPEC,
			"%s: infrastructure of type %s; only that of type dataFlow is Data Flow's",
			d->path, where ? where : "none");
	if (text_equal(what, "dataFlow"))
		return true;
	err_set(err, ERR_SPEC, "%s: runtime of type %s; only that of type dataFlow is a script",
		d->path, what ? what : "none");
	return text_equal(what, "dataFlowNotebook")
		? err_hint(err, "export the notebook to a script, and name it in scriptPathURI")
		: false;
}

bool definition_ads(struct definition *d, const struct node *doc, struct err *err)
{
	static const char *const of_infrastructure[] = {"kind", "type", NULL};
	static const char *const of_runtime[] = {"scriptPathURI", "scriptBucket", "archiveUri",
		"archiveBucket", "args", "env", "overwrite", "conda", "condaAuthType", NULL};
	struct arena *a = d->im->arena;
	const struct node *spec = node_get(doc, "spec");
	const struct node *infrastructure = node_get(spec, "infrastructure");
	const struct node *runtime = node_get(spec, "runtime");
	if (!check_types(d, infrastructure, runtime, err))
		return false;
	definition_put(d, "language", node_str(a, "PYTHON"));
	definition_put(d, "spark_version", node_str(a, "3.2.1"));
	definition_put(d, "num_executors", node_int(a, 1));
	definition_take(d, node_get(infrastructure, "spec"), of_infrastructure);
	runtime = node_get(runtime, "spec");
	definition_take(d, runtime, of_runtime);
	const char *name = text_at(spec, "name", "name"), *id = text_at(spec, "id", "id");
	if (name)
		definition_put(d, "display_name", node_str(a, name));
	d->id = id ? id : d->id;
	const struct node *arguments = node_get(runtime, "args");
	if (!node_is_empty(arguments))
		definition_put(d, "arguments", arguments);
	take_script(d, runtime);
	take_archive(d, runtime);
	take_conda(d, runtime);
	note_what_is_lost(d, runtime);
	return true;
}
