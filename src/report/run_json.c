#include "report/run_json.h"

#include "base/text.h"

#define RUN_JSON_VERSION "1.0"

static struct node *document(struct arena *a)
{
	struct node *doc = node_map(a);
	node_put(a, doc, "format_version", node_str(a, RUN_JSON_VERSION));
	return doc;
}

struct node *run_json_run(const struct run *run, struct arena *a)
{
	return field_encode(&run_record, run, FORM_YAML, a);
}

static struct node *error_node(const struct err *err, struct arena *a)
{
	struct node *n = node_map(a);
	node_put(a, n, "kind", node_str(a, err_kind_name(err->kind)));
	node_put(a, n, "text", node_str(a, err->text));
	return n;
}

struct node *run_json_steps(const struct run_json_head *head, const struct run_step *steps,
	const struct run_result *results, size_t n, struct arena *a)
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
			node_put(a, step, "run", run_json_run(r->run, a));
		if (r->state == RUN_ERROR)
			node_put(a, step, "error", error_node(&r->err, a));
		if (r->log_tail)
			node_put(a, step, "log_tail", node_str(a, r->log_tail));
		node_append(a, list, step);
	}
	return doc;
}

struct node *run_json_runs(const struct runs *runs, struct arena *a)
{
	struct node *doc = document(a), *list = node_seq(a);
	node_put(a, doc, "runs", list);
	for (size_t i = 0; i < runs->n; i++)
		node_append(a, list, run_json_run(runs->v[i], a));
	return doc;
}

struct node *run_json_apps(const struct run_text_apps *apps, struct arena *a)
{
	struct node *doc = document(a), *list = node_seq(a);
	node_put(a, doc, "apps", list);
	for (size_t i = 0; i < apps->n; i++)
		node_append(a, list, field_encode(&application_record, apps->v[i], FORM_YAML, a));
	return doc;
}
