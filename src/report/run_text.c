#include "report/run_text.h"

#include "base/text.h"
#include "plan/identity.h"
#include "report/table.h"
#include "run/log.h"
#include "run/tag.h"

#include <string.h>

const char *run_text_state(const struct run_result *result)
{
	static const char *const names[] = {[RUN_WAITING] = "WAITING",
		[RUN_LAUNCHING] = "LAUNCHING",
		[RUN_LAUNCHED] = "LAUNCHED",
		[RUN_ENDED] = "ENDED",
		[RUN_NOT_LAUNCHED] = "NOT_LAUNCHED",
		[RUN_ERROR] = "ERROR"};
	if (result->state == RUN_ENDED && result->checks_failed)
		return "CHECKS_FAILED";
	if (result->state != RUN_ERROR && result->run && result->run->lifecycle_state)
		return result->run->lifecycle_state;
	return names[result->state];
}

int64_t run_text_ms(const struct run *run, int64_t now_ms)
{
	int64_t made;
	if (run_state_is_terminal(run->lifecycle_state))
		return run->run_duration_in_milliseconds.set ? run->run_duration_in_milliseconds.v
							     : -1;
	if (!run->time_created || !text_parse_rfc3339(run->time_created, &made))
		return 0;
	return now_ms > made ? now_ms - made : 0;
}

const char *run_text_time(const struct run *run, int64_t now_ms, struct arena *a)
{
	int64_t ms = run ? run_text_ms(run, now_ms) : -1;
	char text[24];
	return ms < 0 ? NULL : arena_strdup(a, text_duration(ms, text));
}

void run_text_steps(const struct run_step *steps, const struct run_result *results, size_t n,
	int64_t now_ms, int width, struct arena *a, struct buf *out)
{
	static const struct table_column columns[] = {{"STEP", TABLE_CUT_LATE}, {"STATE", 0},
		{"TIME", TABLE_RIGHT}, {"RUN", TABLE_CUT_LATE}, {"OCID", TABLE_CUT}, {0}};
	struct table *t = table_new(columns);
	for (size_t i = 0; i < n; i++) {
		const struct run *run = results[i].run;
		table_row(t,
			(const char *[]){steps[i].name, run_text_state(&results[i]),
				run_text_time(run, now_ms, a), run ? run->display_name : NULL,
				run ? run->id : NULL});
	}
	table_print(t, width, out);
}

/* "2026-11-20 15:36:39", UTC. */
static const char *shown_time(const char *rfc3339, struct arena *a)
{
	int64_t ms;
	char text[32];
	if (!rfc3339 || !text_parse_rfc3339(rfc3339, &ms))
		return rfc3339;
	text_rfc3339(ms, text);
	return arena_printf(a, "%.10s %.8s", text, text + 11);
}

/* "daily/ingest"; "flights/prod/daily/ingest". */
static const char *step_of(const struct run *run, bool everybodys, struct arena *a)
{
	struct run_tag tag;
	if (!run_tag_parse(a, &run->freeform_tags, &tag))
		return NULL;
	return everybodys
		? arena_printf(a, "%s/%s/%s/%s", tag.pipeline, tag.target, tag.sequence, tag.step)
		: arena_printf(a, "%s/%s", tag.sequence, tag.step);
}

void run_text_runs(const struct runs *runs, bool everybodys, int64_t now_ms, int width,
	struct arena *a, struct buf *out)
{
	static const struct table_column columns[] = {{"RUN", TABLE_CUT_LATE},
		{"STEP", TABLE_CUT_LATE}, {"STATE", 0}, {"TIME", TABLE_RIGHT},
		{"CREATED (UTC)", TABLE_DROP}, {"OCID", TABLE_CUT}, {0}};
	struct table *t = table_new(columns);
	for (size_t i = 0; i < runs->n; i++) {
		const struct run *run = runs->v[i];
		table_row(t,
			(const char *[]){run->display_name, step_of(run, everybodys, a),
				run->lifecycle_state, run_text_time(run, now_ms, a),
				shown_time(run->time_created, a), run->id});
	}
	table_print(t, width, out);
}

/* "copy"; "flights/prod/copy". */
static const char *key_of(const struct application *app, bool everybodys)
{
	const char *tag = identity_tag_of(&app->freeform_tags),
		   *key = tag ? strrchr(tag, '/') : NULL;
	return key && !everybodys ? key + 1 : tag;
}

void run_text_apps(const struct listed_apps *apps, bool everybodys, int width, struct arena *a,
	struct buf *out)
{
	static const struct table_column columns[] = {{"APP", TABLE_CUT_LATE},
		{"DISPLAY NAME", TABLE_CUT_LATE}, {"STATE", 0}, {"LAST RUN", 0},
		{"AT (UTC)", TABLE_DROP}, {"LANGUAGE", TABLE_DROP}, {"SPARK", TABLE_DROP},
		{"UPDATED (UTC)", TABLE_DROP}, {"OCID", TABLE_CUT}, {0}};
	struct table *t = table_new(columns);
	for (size_t i = 0; i < apps->n; i++) {
		const struct application *app = apps->v[i].app;
		const struct run *last = apps->v[i].last_run;
		table_row(t,
			(const char *[]){key_of(app, everybodys), app->display_name,
				app->lifecycle_state, last ? last->lifecycle_state : NULL,
				last ? shown_time(last->time_created, a) : NULL, app->language,
				app->spark_version, shown_time(app->time_updated, a), app->id});
	}
	table_print(t, width, out);
}

void run_text_logs(const struct run *run, const struct run_log *logs, const char *const *files,
	size_t n, int width, struct arena *a, struct buf *out)
{
	static const struct table_column columns[] = {{"LOG", TABLE_CUT_LATE}, {"SOURCE", 0},
		{"STREAM", 0}, {"SIZE", TABLE_RIGHT}, {"OBJECT", TABLE_CUT}, {"FILE", TABLE_CUT},
		{0}};
	struct table *t = table_new(columns);
	for (size_t i = 0; i < n; i++) {
		char size[16];
		const struct opt_i64 *bytes = &logs[i].size_in_bytes;
		table_row(t,
			(const char *[]){logs[i].name, logs[i].source, logs[i].type,
				bytes->set ? text_bytes((uint64_t)bytes->v, size) : NULL,
				log_uri(a, run, logs[i].name), files[i]});
	}
	table_print(t, width, out);
}
