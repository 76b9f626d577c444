#include "report/run_json.h"

#include "base/text.h"
#include "model/resource.h"
#include "run/tag.h"

#include <string.h>

#define RUN_JSON_VERSION "1.0"

static struct node *document(struct arena *a)
{
	struct node *doc = node_map(a);
	node_put(a, doc, "format_version", node_str(a, RUN_JSON_VERSION));
	return doc;
}

static void put_place(struct node *n, const struct run_place *place, struct arena *a)
{
	if (place->folder)
		node_put(a, n, "folder", node_str(a, place->folder));
	if (place->console)
		node_put(a, n, "console", node_str(a, place->console));
}

struct node *run_json_run(const struct run *run, const struct run_place *place, struct arena *a)
{
	struct node *n = field_encode(&run_record, run, FORM_YAML, a);
	put_place(n, place, a);
	return n;
}

static struct node *error_node(const struct err *err, struct arena *a)
{
	struct node *n = node_map(a);
	node_put(a, n, "kind", node_str(a, err_kind_name(err->kind)));
	node_put(a, n, "text", node_str(a, err->text));
	return n;
}

/* Where it stands in the file, and whether it holds. */
static struct node *checks_node(const struct run_result *r, struct arena *a)
{
	struct node *list = node_seq(a);
	for (size_t i = 0; i < r->checks_n; i++) {
		const struct check_result *c = &r->checks[i];
		const struct mark *at = &c->decl->head.mark;
		struct node *n = node_map(a);
		node_put(a, n, "name", node_str(a, c->decl->head.key));
		node_put(a, n, "ok", node_bool(a, c->ok));
		node_put(a, n, "text", node_str(a, c->text));
		node_put(a, n, "file", node_str(a, at->file ? at->file : ""));
		node_put(a, n, "line", node_int(a, at->line));
		node_put(a, n, "column", node_int(a, at->col));
		node_append(a, list, n);
	}
	return list;
}

struct node *run_json_steps(const struct run_json_head *head, const struct run_step *steps,
	const struct run_result *results, const struct run_place *places, size_t n, struct arena *a)
{
	struct node *doc = document(a), *list = node_seq(a);
	node_put(a, doc, "pipeline", node_str(a, head->pipeline));
	node_put(a, doc, "target", node_str(a, head->target));
	node_put(a, doc, "name", node_str(a, head->name));
	node_put(a, doc, "invocation", node_str(a, head->invocation));
	node_put(a, doc, "steps", list);
	for (size_t i = 0; i < n; i++) {
		const struct run_result *r = &results[i];
		struct node *step = node_map(a);
		node_put(a, step, "name", node_str(a, steps[i].name));
		node_put(a, step, "state", node_str(a, run_text_state(r)));
		if (r->run)
			node_put(a, step, "run", field_encode(&run_record, r->run, FORM_YAML, a));
		put_place(step, &places[i], a);
		if (r->state == RUN_ERROR)
			node_put(a, step, "error", error_node(&r->err, a));
		if (r->checks_n)
			node_put(a, step, "checks", checks_node(r, a));
		if (r->log_tail)
			node_put(a, step, "log_tail", node_str(a, r->log_tail));
		node_append(a, list, step);
	}
	return doc;
}

const char *const run_csv_columns[] = {"display_name", "lifecycle_state", "time_created",
	"run_duration_in_milliseconds", "pipeline", "target", "sequence", "step", "invocation",
	"id", "application_id", "compartment_id", "language", "type", "total_o_cpu",
	"data_read_in_bytes", "data_written_in_bytes", "lifecycle_details", "owner_user_name",
	"owner_principal_id", "pool_id", "opc_request_id", "time_updated", "freeform_tags",
	"defined_tags", NULL};
const char *const app_csv_columns[] = {"app", "display_name", "lifecycle_state", "last_run_name",
	"last_run_state", "last_run_time", "last_run_id", "pipeline", "target", "id",
	"compartment_id", "language", "spark_version", "type", "owner_user_name",
	"owner_principal_id", "pool_id", "time_created", "time_updated", "freeform_tags",
	"defined_tags", NULL};

static void put_text(struct node *map, const char *key, const char *text, struct arena *a)
{
	if (text)
		node_put(a, map, key, node_str(a, text));
}

struct node *run_json_listed_run(const struct run *run, struct arena *a)
{
	struct node *n = field_encode(&run_record, run, FORM_YAML, a);
	struct run_tag tag;
	if (!run_tag_parse(a, &run->freeform_tags, &tag))
		return n;
	put_text(n, "pipeline", tag.pipeline, a);
	put_text(n, "target", tag.target, a);
	put_text(n, "sequence", tag.sequence, a);
	put_text(n, "invocation", tag.invocation, a);
	put_text(n, "step", tag.step, a);
	return n;
}

/* "<pipeline>/<target>/<app>"; of another form it is not weir's. */
static void put_identity(struct node *n, const char *tag, struct arena *a)
{
	const char *target = tag ? strchr(tag, '/') : NULL,
		   *app = target ? strchr(target + 1, '/') : NULL;
	if (!app || strchr(app + 1, '/'))
		return;
	put_text(n, "pipeline", arena_strndup(a, tag, (size_t)(target - tag)), a);
	put_text(n, "target", arena_strndup(a, target + 1, (size_t)(app - target - 1)), a);
	put_text(n, "app", app + 1, a);
}

struct node *run_json_listed_app(const struct listed_app *app, struct arena *a)
{
	const struct run *last = app->last_run;
	struct node *n = field_encode(&application_record, app->app, FORM_YAML, a);
	put_identity(n, identity_tag_of(&app->app->freeform_tags), a);
	if (!last)
		return n;
	put_text(n, "last_run_id", last->id, a);
	put_text(n, "last_run_name", last->display_name, a);
	put_text(n, "last_run_state", last->lifecycle_state, a);
	put_text(n, "last_run_time", last->time_created, a);
	return n;
}

struct node *run_json_runs(const struct runs *runs, struct arena *a)
{
	struct node *doc = document(a), *list = node_seq(a);
	node_put(a, doc, "runs", list);
	for (size_t i = 0; i < runs->n; i++)
		node_append(a, list, run_json_listed_run(runs->v[i], a));
	return doc;
}

struct node *run_json_apps(const struct listed_apps *apps, struct arena *a)
{
	struct node *doc = document(a), *list = node_seq(a);
	node_put(a, doc, "apps", list);
	for (size_t i = 0; i < apps->n; i++)
		node_append(a, list, run_json_listed_app(&apps->v[i], a));
	return doc;
}
