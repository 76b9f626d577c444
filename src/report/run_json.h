/*
 * Runs and applications as JSON documents, in YAML's names (docs/reference/output.md). A later minor version of
 * a format only adds.
 */
#ifndef REPORT_RUN_JSON_H
#define REPORT_RUN_JSON_H

#include "field/node.h"
#include "report/run_text.h"

struct run_json_head {
	const char *pipeline, *target, *name, *invocation;
};
/* {"format_version", "pipeline", "target", "name", "invocation", "steps": [{"name", "state", "run", "folder", "console",
   "error", "checks": [{"name", "ok", "text", "file", "line", "column"}], "log_tail"}]}; all but the first two where there is one. */
struct node *run_json_steps(const struct run_json_head *head, const struct run_step *steps,
	const struct run_result *results, const struct run_place *places, size_t n,
	struct arena *a);
/* {"format_version", "runs": [...]}, {"format_version", "apps": [...]}. */
struct node *run_json_runs(const struct runs *runs, struct arena *a);
struct node *run_json_apps(const struct listed_apps *apps, struct arena *a);
/* One of them: its fields, and flat beside them whose it is by its tag (pipeline, target; of a run sequence,
   invocation, step; of an application its key `app`) and last_run_id, last_run_name, last_run_state, last_run_time. */
struct node *run_json_listed_run(const struct run *run, struct arena *a);
struct node *run_json_listed_app(const struct listed_app *app, struct arena *a);
/* The columns of these as CSV; a later minor version appends. End by NULL. */
extern const char *const run_csv_columns[], *const app_csv_columns[];
/* The fields of the run, and folder and console where there is one. */
struct node *run_json_run(const struct run *run, const struct run_place *place, struct arena *a);

#endif
