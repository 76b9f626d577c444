/* The page of a run: how far it is, its logs, and all that is set of it. */
#include "local/pages/page_admit.h"
#include "local/pages/page_log.h"
#include "local/pages/page_show.h"

#include "base/text.h"
#include "local/store/store.h"

#include <inttypes.h>
#include <string.h>

enum { REFRESH_S = 5, STATES_MAX = 16, BAR = 1000 };

static const char *const about[] = {"id", "applicationId", "language", "type", "sparkVersion",
	"compartmentId", "ownerUserName", "ownerPrincipalId", "timeCreated", "timeUpdated", NULL};
static const char *const program[] = {
	"fileUri", "className", "archiveUri", "arguments", "parameters", "execute", NULL};
static const char *const configuration[] = {"configuration", NULL};
static const char *const size[] = {"totalOCpu", "driverShape", "driverShapeConfig", "executorShape",
	"executorShapeConfig", "numExecutors", "maxDurationInMinutes", "idleTimeoutInMinutes",
	"poolId", NULL};
static const char *const places[] = {
	"logsBucketUri", "opcRequestId", "warehouseBucketUri", "metastoreId", NULL};
static const char *const tags[] = {"freeformTags", "definedTags", NULL};
static const struct page_group groups[] = {{"Program", program}, {"Configuration", configuration},
	{"About", about}, {"Size", size}, {"Where things go", places}, {"Tags", tags},
	{NULL, NULL}};
static const char *const left_out[] = {"displayName", "lifecycleState", "lifecycleDetails",
	"runDurationInMilliseconds", "dataReadInBytes", "dataWrittenInBytes", NULL};

/* ---- the states it went through */

struct step {
	const char *state, *time;
	int64_t took; /* ms; of the last one, if it goes on, so far */
};
struct timeline {
	struct step v[STATES_MAX];
	size_t n;
	int64_t took;
};

static void read_timeline(struct request *r, struct timeline *t)
{
	*t = (struct timeline){.n = 0};
	sqlite3_stmt *st = store_prepare(store_db(r->service->store),
		"SELECT s.state, s.time FROM run_states s JOIN runs r ON r.seq = s.run"
		" WHERE r.id = ? ORDER BY s.seq",
		"s", r->args[0]);
	while (t->n < STATES_MAX && sqlite3_step(st) == SQLITE_ROW)
		t->v[t->n++] = (struct step){
			.state = store_text(r->arena, st, 0), .time = store_text(r->arena, st, 1)};
	store_done(st);
	for (size_t i = 0; i < t->n; i++) {
		bool last = i + 1 == t->n;
		int64_t to = !last                             ? text_time_ms(t->v[i + 1].time)
			: run_state_is_terminal(t->v[i].state) ? text_time_ms(t->v[i].time)
							       : page_now(r);
		int64_t took = to - text_time_ms(t->v[i].time);
		t->v[i].took = took > 0 ? took : 0;
		t->took += t->v[i].took;
	}
}

static const char *class_of(const char *state)
{
	return text_equal(state, "ACCEPTED")       ? "waits"
		: text_equal(state, "IN_PROGRESS") ? "goes"
						   : "ends";
}

/* Each state as long as it took. */
static void put_bar(struct buf *out, const struct timeline *t)
{
	int at = 0;
	if (!t->took)
		return;
	html(out,
		"<svg class=\"bar\" viewBox=\"0 0 %d 10\" preserveAspectRatio=\"none\" "
		"aria-hidden=\"true\">",
		BAR);
	for (size_t i = 0; i < t->n; i++) {
		int width = (int)(t->v[i].took * BAR / t->took);
		html(out, "<rect class=\"%s\" x=\"%d\" width=\"%d\" height=\"10\"/>",
			class_of(t->v[i].state), at, width);
		at += width;
	}
	html(out, "</svg>\n");
}

static void put_timeline(struct buf *out, const struct timeline *t)
{
	char text[24];
	html(out, "<section><h2>Timeline</h2>\n");
	put_bar(out, t);
	html(out, "<ol class=\"timeline\">\n");
	for (size_t i = 0; i < t->n; i++) {
		const struct step *s = &t->v[i];
		bool last = i + 1 == t->n, ended = run_state_is_terminal(s->state);
		html(out, "<li>");
		page_state(out, s->state);
		page_time(out, s->time);
		if (last && !ended)
			html(out, "<span class=\"took\"><span data-elapsed>%s</span> so far</span>",
				text_duration(s->took, text));
		else if (!last)
			html(out, "<span class=\"took\">for %s</span>",
				text_duration(s->took, text));
		html(out, "</li>\n");
	}
	html(out, "</ol></section>\n");
}

/* ---- its logs */

static void put_log(
	struct request *r, struct buf *out, const struct run *run, const struct runner_place_log *s)
{
	struct page_log log;
	char size_text[16];
	const char *name = page_log_name(s);
	page_log_end(r, run, s, PAGE_LOG_SHOWN, &log);
	html(out, "<section><h2 id=\"%s\">%s</h2>\n", name, name);
	if (log.from)
		html(out, "<p class=\"fine\">The first %s are left out here.</p>\n",
			text_bytes(log.from, size_text));
	html(out,
		"<pre class=\"log\" tabindex=\"0\" role=\"region\" aria-labelledby=\"%s\" data-log=\"%s\" "
		"data-next=\"%lld\">",
		name, name, (long long)log.next);
	html_text(out, buf_str(&log.text), log.text.len, true);
	html(out, "</pre>\n");
	if (log.there)
		html(out, "<p class=\"more\"><a href=\"%s/logs/%s\">The whole of %s</a></p>\n",
			page_of_run(r->arena, run->id), name, name);
	html(out, "</section>\n");
	buf_clear(&log.text);
}

/* ---- the page */

/* NULL where there is none, or not the caller's to see. */
static const char *application_name(struct request *r, const char *id)
{
	struct dataflow_row row;
	if (text_empty(id) ||
		!dataflow_row_get(store_db(r->service->store), &dataflow_application_table, id,
			r->arena, &row))
		return NULL;
	dataflow_row_parse(&row, r->arena);
	return permit_in(
		       r, VERB_INSPECT, TYPE_APPLICATION, node_get_str(row.record, "compartmentId"))
		? node_get_str(row.record, "displayName")
		: NULL;
}

static void put_title(struct request *r, struct buf *out, const struct run *run)
{
	const char *state = run->lifecycle_state;
	const char *application = application_name(r, run->application_id);
	html(out, "<p class=\"kind\">Run");
	if (application)
		html(out, " of <a href=\"%s\">%s</a>",
			page_of_application(r->arena, run->application_id), application);
	html(out, "</p>\n<h1>%s</h1>\n<div class=\"now\">", run->display_name);
	page_state(out, state);
	if (!text_empty(run->lifecycle_details))
		html(out, "<span class=\"details\">%s</span>", run->lifecycle_details);
	if (text_equal(state, "ACCEPTED") || text_equal(state, "IN_PROGRESS"))
		page_button(r, out,
			arena_printf(r->arena, "%s/cancel", page_of_run(r->arena, run->id)),
			"Cancel run", "danger");
	html(out, "</div>\n");
}

static const struct node *record_of(struct request *r)
{
	struct dataflow_row row;
	if (!dataflow_row_get(
		    store_db(r->service->store), &dataflow_run_table, r->args[0], r->arena, &row))
		return node_map(r->arena);
	dataflow_row_parse(&row, r->arena);
	return row.record;
}

void page_show_run(struct request *r, struct reply *reply)
{
	struct run run;
	struct timeline t;
	struct buf *out = &reply->body;
	if (!dataflow_log_run(r, reply, &run))
		return;
	bool ended = run_state_is_terminal(run.lifecycle_state);
	page_begin(r, reply,
		&(struct page_head){.title = run.display_name,
			.section = PAGE_RUNS,
			.script = true,
			.refresh_s = ended ? 0 : REFRESH_S});
	if (!ended)
		html(out, "<div data-news=\"%s/news\" data-state=\"%s\"></div>\n",
			page_of_run(r->arena, run.id), run.lifecycle_state);
	put_title(r, out, &run);
	read_timeline(r, &t);
	put_timeline(out, &t);
	put_log(r, out, &run, &runner_place_logs[RUNNER_STDOUT]);
	put_log(r, out, &run, &runner_place_logs[RUNNER_STDERR]);
	page_put_record(r, out, record_of(r), groups, left_out);
	page_end(r, reply);
}

/* ---- what pages.js asks for */

static struct node *news_of(
	struct request *r, const struct run *run, const struct runner_place_log *s)
{
	struct page_log log;
	int64_t from = 0;
	buf_auto shown = {0};
	const char *query = request_query(r, page_log_name(s));
	if (query && (!text_i64(query, &from) || from < 0))
		from = 0;
	page_log_since(r, run, s, (uint64_t)from, &log);
	text_escape(&shown, buf_str(&log.text), log.text.len, true);
	struct node *n = node_map(r->arena);
	node_put(r->arena, n, "next", node_int(r->arena, (int64_t)log.next));
	node_put(r->arena, n, "text", node_str(r->arena, buf_str(&shown)));
	buf_clear(&log.text);
	return n;
}

/* {"state": "IN_PROGRESS", "elapsed": "4.1s", "stdout": {"next": 12, "text": "..."}, "stderr": ...} */
void page_show_run_news(struct request *r, struct reply *reply)
{
	struct run run;
	struct timeline t;
	char text[24];
	if (!dataflow_log_run(r, reply, &run))
		return;
	read_timeline(r, &t);
	struct node *n = node_map(r->arena);
	node_put(r->arena, n, "state", node_str(r->arena, run.lifecycle_state));
	node_put(r->arena, n, "elapsed",
		node_str(r->arena, text_duration(t.n ? t.v[t.n - 1].took : 0, text)));
	for (const struct runner_place_log *s = runner_place_logs; s->object; s++)
		node_put(r->arena, n, page_log_name(s), news_of(r, &run, s));
	reply_json(reply, 200, n);
	page_fields(reply, "no-referrer");
	reply->head_length = reply->body.len;
}

/* The whole text; whatever it is, to the browser it is nothing but that. */
void page_show_run_log(struct request *r, struct reply *reply)
{
	struct run run;
	struct page_log log;
	const struct runner_place_log *s = page_log_stream(r->args[1]);
	if (!dataflow_log_run(r, reply, &run))
		return;
	if (s)
		page_log_end(r, &run, s, PAGE_LOG_MAX, &log);
	if (!s || !log.there) {
		reply_error(reply, 404, "NotAuthorizedOrNotFound", "The run has no such log.");
		return;
	}
	reply->status = 200;
	reply_field(reply, "content-type", "text/plain; charset=utf-8");
	page_fields(reply, "no-referrer");
	reply->body = log.text;
	reply->head_length = reply->body.len;
}

void page_cancel_run(struct request *r, struct reply *reply)
{
	if (!page_form_ok(r, reply))
		return;
	dataflow_delete_run(r, reply);
	if (reply->status == 204)
		page_redirect(reply, page_of_run(r->arena, r->args[0]));
}
