/* The JSON Schema of pipeline files, and the reference of their keys: both from the tables. */
#include "base/text.h"
#include "spec/spec.h"

#include <string.h>

static struct node *ref(struct arena *a, const char *name)
{
	struct node *n = node_map(a);
	node_put(a, n, "$ref", node_str(a, name));
	return n;
}

/* The app's schema stands in three places: it is kept once. Returns it. */
static struct node *take_apps(struct arena *a, struct node *n)
{
	struct node *found = NULL;
	for (size_t i = 0; n->kind == NODE_SEQ && i < n->u.seq.n; i++) {
		struct node **at = &n->u.seq.v[i];
		if (text_equal(node_get_str(*at, "title"), "app")) {
			found = *at;
			*at = ref(a, "#/$defs/app");
		} else {
			struct node *inner = take_apps(a, *at);
			found = inner ? inner : found;
		}
	}
	for (size_t i = 0; n->kind == NODE_MAP && i < n->u.map.n; i++) {
		struct node *inner = take_apps(a, n->u.map.v[i].value);
		found = inner ? inner : found;
	}
	return found;
}

static struct node *find_titled(struct node *n, const char *title)
{
	struct node *found = NULL;
	if (text_equal(node_get_str(n, "title"), title))
		return n;
	for (size_t i = 0; n->kind == NODE_SEQ && i < n->u.seq.n && !found; i++)
		found = find_titled(n->u.seq.v[i], title);
	for (size_t i = 0; n->kind == NODE_MAP && i < n->u.map.n && !found; i++)
		found = find_titled(n->u.map.v[i].value, title);
	return found;
}

/* In the table any value, since they are decoded after the merge. */
static void describe_overrides(struct arena *a, struct node *target)
{
	struct node *apps = node_get(node_get(target, "properties"), "apps");
	struct node *values = node_seq(a), *any = node_map(a), *null = node_map(a);
	node_put(a, null, "type", node_str(a, "null"));
	node_append(a, values, ref(a, "#/$defs/app"));
	node_append(a, values, null);
	node_put(a, any, "anyOf", values);
	node_put(a, apps, "type", node_str(a, "object"));
	node_put(a, apps, "additionalProperties", any);
}

struct node *spec_schema(struct arena *a)
{
	struct node *made = node_map(a), *defs = node_map(a);
	struct node *pipeline = field_schema(&pipeline_record, a);
	struct node *app = take_apps(a, pipeline);
	describe_overrides(a, find_titled(pipeline, "target"));
	node_put(a, made, "$schema", node_str(a, "https://json-schema.org/draft/2020-12/schema"));
	for (size_t i = 0; i < pipeline->u.map.n; i++)
		node_put(a, made, pipeline->u.map.v[i].key, pipeline->u.map.v[i].value);
	node_put(a, defs, "app", app);
	node_put(a, made, "$defs", defs);
	return made;
}

static const struct {
	const struct record *record;
	const char *heading, *text;
} chapters[] = {
	{&pipeline_record, "The file", "A map of these keys."},
	{&param_decl_record, "parameters.NAME",
		"What `$<NAME>` stands for. A value comes from `-p NAME=VALUE`, else from the target's "
		"`parameters`, else\nfrom `default`. A list or map is given to `-p` as JSON."},
	{&target_decl_record, "targets.KEY",
		"Where the pipeline goes. `-t KEY` chooses; else the one with `default: true`; else the "
		"only one. A file\nwithout targets has `local: {type: local}`."},
	{&app_decl_record, "apps.KEY, defaults, targets.KEY.apps.KEY",
		"An app has the fields of `defaults`, over them its own, over those the target's. Maps "
		"merge deeply, lists and\nscalars replace, null removes what was inherited. An app "
		"needs one of `script`, `file_uri` and `execute`.\nRequired is what an app must have "
		"after the merge."},
	{&bucket_decl_record, "buckets.NAME", "A bucket is created when it is missing."},
	{&object_decl_record, "objects.KEY",
		"A local file to upload. Files must lie in the Git repository that the pipeline is in."},
	{&archive_decl_record, "archives.KEY",
		"A dependency archive, uploaded to the `script_bucket` of the apps that name it."},
	{&sequence_decl_record, "sequences.KEY", "Steps, and the parameters that they share."},
	{&step_decl_record, "sequences.KEY.steps.KEY", "One run of an app."},
	{&check_decl_record, "sequences.KEY.steps.KEY.checks.KEY",
		"A check has one of `printed`, `objects`, `manifest` and `not_logged`. `weir run` makes it after the "
		"step's run has succeeded."},
};

static const char introduction[] =
	"# Pipeline files\n\n"
	"Generated from the field tables by `weir schema --markdown`; do not edit.\n\n"
	"YAML 1.2, UTF-8, at most 8 MiB, 100 levels and 100,000 values. A key that is not listed "
	"here is an error.\n\n"
	"## References\n\n"
	"`$<key>` stands in values and in map keys for what `key` names. A value that is one whole "
	"reference keeps the type\n"
	"of what it names; inside a longer text a scalar stands as it was written. `$<key|text>` "
	"gives a default where the\n"
	"key has no value, `$$<` is a literal `$<`. Names, in this order:\n\n"
	"| name | is |\n|---|---|\n"
	"| a parameter of the sequence | in its steps |\n"
	"| a parameter of the pipeline | |\n"
	"| `date` | today, UTC, as YYYY-MM-DD |\n"
	"| `env.NAME` | an environment variable: WEIR_..., HOME or USER |\n"
	"| `git.commit` | the commit that is checked out |\n"
	"| `target.name`, `pipeline.name` | their keys |\n"
	"| `oci.namespace`, `oci.region`, `oci.tenancy` | of the service that the target names |\n"
	"| `apps.KEY.file_uri` | the address of an app's program |\n"
	"| `archives.KEY.uri` | the address of an archive |\n"
	"| `vault.OCID`, `vault.PARAMETER` | the value of a secret of Vault, by its OCID or a parameter that has it: "
	"in `not_logged` of a check alone |\n\n"
	"`${name}` is Data Flow's own: it travels as it is, and must be declared in `parameters` of "
	"the app or the step.\n";

void spec_reference(struct buf *out)
{
	buf_adds(out, introduction);
	for (size_t i = 0; i < sizeof chapters / sizeof *chapters; i++) {
		buf_printf(out, "\n## %s\n\n%s\n\n", chapters[i].heading, chapters[i].text);
		field_reference(chapters[i].record, out);
	}
}
