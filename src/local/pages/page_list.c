/* What there is: `/` shows the first of applications, runs and buckets, and a page each shows all of them. */
#include "local/pages/page_show.h"

#include "base/text.h"
#include "local/identity/identity.h"
#include "local/service.h"
#include "local/store/store.h"
#include "model/run.h"

#include <string.h>

enum { FIRST_FEW = 10, PAGE_ROWS = 50 };
#define DASH "\xE2\x80\x93"
#define MINE(n) " IN (SELECT value FROM json_each(?" #n "))"

static const char *column(sqlite3_stmt *st, int i)
{
	return (const char *)sqlite3_column_text(st, i);
}

/* ---- runs */

/* How long it took; of one that goes on, so far. */
static void put_duration(struct request *r, struct buf *out, sqlite3_stmt *st)
{
	char text[24];
	int64_t took = sqlite3_column_int64(st, 5), started = sqlite3_column_int64(st, 6);
	if (!run_state_is_terminal(column(st, 3)) && started)
		took = page_now(r) - started;
	html(out, "<td class=\"number\" data-label=\"Time\">%s</td>",
		took > 0 ? text_duration(took, text) : DASH);
}

/* Columns: seq, id, name, state, created, duration, started, application's id and name. */
static void put_run(struct request *r, struct buf *out, sqlite3_stmt *st, bool of_all)
{
	html(out, "<tr><td class=\"name\"><a href=\"%s\">%s</a></td><td data-label=\"State\">",
		page_of_run(r->arena, column(st, 1)), column(st, 2));
	page_state(out, column(st, 3));
	html(out, "</td>");
	if (of_all && column(st, 8))
		html(out, "<td data-label=\"Application\"><a href=\"%s\">%s</a></td>",
			page_of_application(r->arena, column(st, 7)), column(st, 8));
	else if (of_all)
		html(out, "<td data-label=\"Application\">" DASH "</td>");
	put_duration(r, out, st);
	html(out, "<td class=\"number\" data-label=\"Created\">");
	page_time(out, column(st, 4));
	html(out, "</td></tr>\n");
}

/* In the order of seq, without sorting: a plus keeps SQLite from taking the index by compartment. */
#define RUNS(which)                                                                                \
	"SELECT r.seq, r.id, r.display_name, r.state, r.time_created, r.duration, r.time_started," \
	" a.id, a.display_name FROM runs r LEFT JOIN applications a"                               \
	" ON a.id = r.application_id AND +a.compartment_id" MINE(                                  \
		2) " WHERE " which                                                                 \
		   " AND +r.compartment_id" MINE(1) " AND (?4 = 0 OR r.seq < ?4)"                  \
						    " ORDER BY r.seq DESC LIMIT ?5"

size_t page_put_runs(
	struct request *r, struct buf *out, const struct page_runs *which, int64_t *ret_next)
{
	bool of_all = !which->application;
	size_t n = 0;
	int64_t last = 0;
	*ret_next = 0;
	sqlite3_stmt *st = store_prepare(store_db(r->service->store),
		of_all ? RUNS("?3 IS NULL") : RUNS("r.application_id = ?3"), "sssii",
		page_compartments(r, VERB_INSPECT, TYPE_RUN),
		page_compartments(r, VERB_INSPECT, TYPE_APPLICATION), which->application,
		which->before, (int64_t)which->limit + 1);
	while (sqlite3_step(st) == SQLITE_ROW) {
		if (n == (size_t)which->limit) {
			*ret_next = last;
			break;
		}
		if (!n++) {
			html(out, "<table>\n<thead><tr><th>Run</th><th>State</th>");
			if (of_all)
				html(out, "<th>Application</th>");
			html(out,
				"<th class=\"number\">Time</th><th class=\"number\">Created</th>"
				"</tr></thead>\n<tbody>\n");
		}
		last = sqlite3_column_int64(st, 0);
		put_run(r, out, st, of_all);
	}
	store_done(st);
	if (n)
		html(out, "</tbody></table>\n");
	else
		html(out, "<p class=\"none\">No runs%s.</p>\n",
			which->before ? " before these" : " yet");
	return n;
}

/* ---- applications, that of the most recent run first */

/* Columns: seq, last, id, name, language, compartment, last run's id, state, created. */
static void put_application(struct request *r, struct buf *out, sqlite3_stmt *st)
{
	html(out, "<tr><td class=\"name\"><a href=\"%s\">%s</a></td>",
		page_of_application(r->arena, column(st, 2)), column(st, 3));
	html(out, "<td data-label=\"Language\">%s</td><td data-label=\"Compartment\">%s</td>",
		column(st, 4), page_compartment_name(r, column(st, 5)));
	html(out, "<td data-label=\"Last run\">");
	if (column(st, 6)) {
		html(out, "<a href=\"%s\">", page_of_run(r->arena, column(st, 6)));
		page_state(out, column(st, 7));
		html(out, "</a> ");
		page_ago(r, out, column(st, 8));
	} else {
		html(out, "none yet");
	}
	html(out, "</td></tr>\n");
}

struct position {
	int64_t last, seq; /* of the last row of the page before; seq 0: from the first */
};

static void put_applications(struct request *r, struct buf *out, struct position after, int limit,
	struct position *ret_next)
{
	int n = 0;
	struct position here = {0};
	*ret_next = (struct position){0};
	sqlite3_stmt *st = store_prepare(store_db(r->service->store),
		"SELECT l.seq, l.last, l.id, l.display_name, l.language, l.compartment_id,"
		" r.id, r.state, r.time_created"
		" FROM (SELECT *, ifnull((SELECT seq FROM runs WHERE application_id = a.id"
		" AND compartment_id" MINE(
			2) " ORDER BY seq DESC LIMIT 1), 0) AS last"
			   " FROM applications a WHERE state <> 'DELETED' AND compartment_id" MINE(
				   1) ") l"
				      " LEFT JOIN runs r ON r.seq = l.last WHERE ?3 = 0 OR (l.last, l.seq) < (?4, ?3)"
				      " ORDER BY l.last DESC, l.seq DESC LIMIT ?5",
		"ssiii", page_compartments(r, VERB_INSPECT, TYPE_APPLICATION),
		page_compartments(r, VERB_INSPECT, TYPE_RUN), after.seq, after.last,
		(int64_t)limit + 1);
	while (sqlite3_step(st) == SQLITE_ROW) {
		if (n == limit) {
			*ret_next = here;
			break;
		}
		if (!n++)
			html(out,
				"<table>\n<thead><tr><th>Application</th><th>Language</th>"
				"<th>Compartment</th><th>Last run</th></tr></thead>\n<tbody>\n");
		here = (struct position){
			.last = sqlite3_column_int64(st, 1), .seq = sqlite3_column_int64(st, 0)};
		put_application(r, out, st);
	}
	store_done(st);
	if (n)
		html(out, "</tbody></table>\n");
	else
		html(out, "<p class=\"none\">No applications yet.</p>\n");
}

/* ---- buckets, by name */

static void put_buckets(
	struct request *r, struct buf *out, const char *after, int limit, const char **ret_next)
{
	int n = 0;
	const char *last = NULL;
	*ret_next = NULL;
	sqlite3_stmt *st = store_prepare(store_db(r->service->store),
		"SELECT name, compartment_id, versioning, access, record->>'$.timeCreated' FROM buckets"
		" WHERE compartment_id" MINE(1) " AND name > ?2 ORDER BY name LIMIT ?3",
		"ssi", page_compartments(r, VERB_INSPECT, TYPE_BUCKET), after, (int64_t)limit + 1);
	while (sqlite3_step(st) == SQLITE_ROW) {
		if (n == limit) {
			*ret_next = last;
			break;
		}
		if (!n++)
			html(out,
				"<table>\n<thead><tr><th>Bucket</th><th>Compartment</th>"
				"<th>Versioning</th><th>Access</th><th class=\"number\">Created</th>"
				"</tr></thead>\n<tbody>\n");
		last = store_text(r->arena, st, 0);
		html(out, "<tr><td class=\"name\"><a href=\"%s\">%s</a></td>",
			page_of_bucket(r->arena, last, NULL), last);
		html(out,
			"<td data-label=\"Compartment\">%s</td><td data-label=\"Versioning\">%s</td>"
			"<td data-label=\"Access\">%s</td>",
			page_compartment_name(r, column(st, 1)), column(st, 2),
			text_equal(column(st, 3), "NoPublicAccess") ? "private" : "public");
		html(out, "<td class=\"number\" data-label=\"Created\">");
		page_time(out, column(st, 4));
		html(out, "</td></tr>\n");
	}
	store_done(st);
	if (n)
		html(out, "</tbody></table>\n");
	else
		html(out, "<p class=\"none\">No buckets yet.</p>\n");
}

/* ---- the pages */

static int64_t count(struct request *r, const char *sql, enum permit_type type)
{
	sqlite3_stmt *st = store_prepare(
		store_db(r->service->store), sql, "s", page_compartments(r, VERB_INSPECT, type));
	int64_t n = sqlite3_step(st) == SQLITE_ROW ? sqlite3_column_int64(st, 0) : 0;
	store_done(st);
	return n;
}

static void put_section(struct buf *out, const char *title, int64_t n)
{
	html(out, "<section><h2>%s <span class=\"count\">%lld</span></h2>\n", title, (long long)n);
}

static void end_section(struct buf *out, int64_t n, const char *address, const char *label)
{
	page_more(out, n > FIRST_FEW ? address : NULL, label);
	html(out, "</section>\n");
}

static void put_now(struct request *r, struct buf *out)
{
	int64_t run = count(r,
		"SELECT count(*) FROM runs WHERE state IN ('IN_PROGRESS', 'CANCELING', 'STOPPING')"
		" AND compartment_id" MINE(1),
		TYPE_RUN);
	int64_t wait = count(r,
		"SELECT count(*) FROM runs WHERE state = 'ACCEPTED' AND compartment_id" MINE(1),
		TYPE_RUN);
	html(out, "<p class=\"lead\">Tenancy %s. ", r->caller.who->tenancy->name);
	if (run || wait)
		html(out, "%lld running, %lld waiting.", (long long)run, (long long)wait);
	else
		html(out, "Nothing runs at the moment.");
	html(out, "</p>\n");
}

void page_show_home(struct request *r, struct reply *reply)
{
	struct buf *out = &reply->body;
	struct position more;
	const char *next;
	int64_t n, before;
	page_begin(r, reply, &(struct page_head){.title = "Overview"});
	html(out, "<h1>Overview</h1>\n");
	put_now(r, out);
	n = count(r, "SELECT count(*) FROM runs WHERE compartment_id" MINE(1), TYPE_RUN);
	put_section(out, "Runs", n);
	page_put_runs(r, out, &(struct page_runs){.limit = FIRST_FEW}, &before);
	end_section(out, n, "/ui/runs", "All runs");
	n = count(r,
		"SELECT count(*) FROM applications WHERE state <> 'DELETED' AND compartment_id" MINE(
			1),
		TYPE_APPLICATION);
	put_section(out, "Applications", n);
	put_applications(r, out, (struct position){0}, FIRST_FEW, &more);
	end_section(out, n, "/ui/applications", "All applications");
	n = count(r, "SELECT count(*) FROM buckets WHERE compartment_id" MINE(1), TYPE_BUCKET);
	put_section(out, "Buckets", n);
	put_buckets(r, out, "", FIRST_FEW, &next);
	end_section(out, n, "/ui/buckets", "All buckets");
	page_end(r, reply);
}

/* A number of the query that is not negative; 0. */
static int64_t number(struct request *r, const char *name)
{
	int64_t n;
	const char *text = request_query(r, name);
	return text && text_i64(text, &n) && n > 0 ? n : 0;
}

static void begin_list(
	struct request *r, struct reply *reply, const char *title, enum page_section section)
{
	page_begin(r, reply, &(struct page_head){.title = title, .section = section});
	html(&reply->body, "<h1>%s</h1>\n", title);
}

void page_show_runs(struct request *r, struct reply *reply)
{
	int64_t next;
	begin_list(r, reply, "Runs", PAGE_RUNS);
	page_put_runs(r, &reply->body,
		&(struct page_runs){.before = number(r, "before"), .limit = PAGE_ROWS}, &next);
	page_more(&reply->body,
		next ? arena_printf(r->arena, "/ui/runs?before=%lld", (long long)next) : NULL,
		"Older runs");
	page_end(r, reply);
}

void page_show_applications(struct request *r, struct reply *reply)
{
	struct position next, after = {.last = number(r, "last"), .seq = number(r, "after")};
	begin_list(r, reply, "Applications", PAGE_APPLICATIONS);
	put_applications(r, &reply->body, after, PAGE_ROWS, &next);
	page_more(&reply->body,
		next.seq ? arena_printf(r->arena, "/ui/applications?last=%lld&after=%lld",
				   (long long)next.last, (long long)next.seq)
			 : NULL,
		"More applications");
	page_end(r, reply);
}

void page_show_buckets(struct request *r, struct reply *reply)
{
	const char *next, *after = request_query(r, "after");
	begin_list(r, reply, "Buckets", PAGE_BUCKETS);
	put_buckets(r, &reply->body, after ? after : "", PAGE_ROWS, &next);
	page_more(&reply->body,
		next ? arena_printf(r->arena, "/ui/buckets?after=%s", text_percent(r->arena, next))
		     : NULL,
		"More buckets");
	page_end(r, reply);
}
