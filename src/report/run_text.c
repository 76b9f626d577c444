#include "report/run_text.h"

#include "base/text.h"
#include "plan/identity.h"
#include "report/table.h"
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
	if (result->state != RUN_ERROR && result->run && result->run->lifecycle_state)
		return result->run->lifecycle_state;
	return names[result->state];
}

const char *run_text_time(const struct run *run, int64_t now_ms, struct arena *a)
{
	int64_t ms = 0, made;
	char text[24];
	if (!run)
		return NULL;
	if (run_state_is_terminal(run->lifecycle_state)) {
		if (!run->run_duration_in_milliseconds.set)
			return NULL;
		ms = run->run_duration_in_milliseconds.v;
	} else if (run->time_created && text_parse_rfc3339(run->time_created, &made)) {
		ms = now_ms > made ? now_ms - made : 0;
	}
	return arena_strdup(a, text_duration(ms, text));
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

static void line(struct buf *out, const char *name, const char *text, size_t len)
{
	buf_printf(out, "%-24s ", name);
	text_escape(out, text, len, false);
	buf_addc(out, '\n');
}

void run_text_run(const struct run *run, int64_t now_ms, struct arena *a, struct buf *out)
{
	const struct node *node = field_encode(&run_record, run, FORM_YAML, a);
	const char *took = run_text_time(run, now_ms, a);
	for (size_t i = 0; i < node->u.map.n; i++) {
		const struct node_pair *p = &node->u.map.v[i];
		if (node_is_empty(p->value) || text_equal(p->key, "run_duration_in_milliseconds"))
			continue;
		if (p->value->kind != NODE_MAP && p->value->kind != NODE_SEQ) {
			line(out, p->key, p->value->text, p->value->len);
			continue;
		}
		buf_auto json = {0};
		node_to_json(p->value, NODE_JSON_COMPACT, &json);
		line(out, p->key, buf_str(&json), json.len);
	}
	if (took)
		line(out, "time", took, strlen(took));
}
