/* The pages' routes, how a browser gets in and out, and the files that go with the pages. */
#include "local/pages/page_admit.h"
#include "local/pages/page_show.h"

#include "base/clock.h"
#include "base/digest.h"
#include "base/text.h"
#include "local/pages/page_sessions.h"
#include "local/service.h"
#include "pages_css.h"
#include "pages_icon.h"
#include "pages_js.h"

#include <string.h>

enum { PAGE_ADDRESS_MAX = 4096 };

/* Of ours: `/`, or below /ui/, percent-encoded. */
static bool is_page(const char *path)
{
	static const char allowed[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._~%?=&-";
	return (!strcmp(path, "/") || text_starts(path, "/ui/")) && !path[strspn(path, allowed)] &&
		strlen(path) <= PAGE_ADDRESS_MAX;
}

/* POST /weir/pages {"page": "/ui/runs/..."}: a one-time address of it, for who signed. A job has no business here. */
static void invite(struct request *r, struct reply *reply)
{
	const struct node *body = r->caller.run_id ? NULL : request_json(r, reply);
	if (r->caller.run_id)
		reply_error(reply, 404, "NotAuthorizedOrNotFound",
			"The key of a run does not open this.");
	if (!body)
		return;
	const char *page = node_get(body, "page") ? node_get_str(body, "page") : "/";
	if (!page || !is_page(page)) {
		reply_error(reply, 400, "InvalidParameter",
			"page: it is the path of a page, `/` or `/ui/...`");
		return;
	}
	const struct clock *clock = r->service->clock;
	const char *token = page_sessions_invite(
		r->service->page_sessions, r->caller.user, page, clock_mono(clock), r->arena);
	char expires[32];
	struct node *n = node_map(r->arena);
	node_put(r->arena, n, "address",
		node_str(r->arena,
			arena_printf(r->arena, "http://127.0.0.1:%d/ui/enter/%s",
				server_port(r->service->server), token)));
	node_put(r->arena, n, "timeExpires",
		node_str(r->arena, text_rfc3339(clock_wall(clock) + PAGE_INVITE_MS, expires)));
	reply_json(reply, 200, n);
	reply_field(reply, "cache-control", "no-store");
}

/* A browser that fetches ahead what it may never show must not use the address up. */
static bool is_ahead(const struct request *r)
{
	const char *purpose = request_header(r, "sec-purpose");
	return purpose && strstr(purpose, "prefetch");
}

/* Not a redirection: the browser may have come from a page of another site (a terminal in a browser, a file), and would
   then keep the cookie to itself. What a page of ours leads to gets it. */
static void enter(struct request *r, struct reply *reply)
{
	struct page_sessions *sessions = r->service->page_sessions;
	const char *before = page_cookie(r), *page, *cookie = NULL;
	if (is_ahead(r)) {
		reply_error(reply, 503, "NotNow", "This address is opened once, not ahead.");
		return;
	}
	cookie = page_sessions_enter(
		sessions, r->args[0], clock_mono(r->service->clock), r->arena, &page);
	if (!cookie) {
		reply_error(reply, 401, "NotAuthenticated",
			"This address was opened already, or is older than a minute.");
		return;
	}
	if (before)
		page_sessions_leave(sessions, before);
	page_begin(r, reply, &(struct page_head){.title = "Opening", .leads_to = page});
	reply_field(reply, "set-cookie",
		arena_printf(r->arena, "%s=%s; Path=/; HttpOnly; SameSite=Strict",
			page_cookie_name(r), cookie));
	html(&reply->body, "<h1>Opening</h1>\n<p><a href=\"%s\">Go on</a></p>\n", page);
	page_end(r, reply);
}

static void leave(struct request *r, struct reply *reply)
{
	if (!page_form_ok(r, reply))
		return;
	page_sessions_leave(r->service->page_sessions, page_cookie(r));
	r->session = NULL;
	page_begin(r, reply, &(struct page_head){.title = "Signed out"});
	reply_field(reply, "set-cookie",
		arena_printf(r->arena, "%s=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0",
			page_cookie_name(r)));
	html(&reply->body,
		"<h1>Signed out</h1>\n<p><code>weir open</code> lets you in again.</p>\n");
	page_end(r, reply);
}

static void file(struct request *r, struct reply *reply, const char *type, const char *text)
{
	unsigned char sum[DIGEST_MAX];
	size_t n = digest_bytes(DIGEST_SHA256, text, strlen(text), sum);
	const char *etag = arena_printf(r->arena, "\"%s\"", text_hex(r->arena, sum, n)),
		   *known = request_header(r, "if-none-match");
	reply_field(reply, "etag", etag);
	reply_field(reply, "cache-control", "no-cache");
	reply_field(reply, "content-type", type);
	reply_field(reply, "cross-origin-resource-policy", "same-origin");
	reply_field(reply, "x-content-type-options", "nosniff");
	if (known && strstr(known, etag)) {
		reply->status = 304;
		return;
	}
	reply->status = 200;
	reply->head_length = strlen(text);
	buf_adds(&reply->body, text);
}

static void style(struct request *r, struct reply *reply)
{
	file(r, reply, "text/css; charset=utf-8", pages_css);
}

static void script(struct request *r, struct reply *reply)
{
	file(r, reply, "text/javascript; charset=utf-8", pages_js);
}

static void icon(struct request *r, struct reply *reply)
{
	file(r, reply, "image/svg+xml", pages_icon);
}

/* clang-format off */
#define SHOW(pattern, needs, admits, fn) \
	{"GET", pattern, needs, .handle = fn, .admit = admits, .by_token = true, .is_page = true}, \
	{"HEAD", pattern, needs, .handle = fn, .admit = admits, .by_token = true, .is_page = true}
#define CHANGE(pattern, needs, fn) \
	{"POST", pattern, needs, .handle = fn, .admit = page_admit, .by_token = true, .is_page = true}
#define ALL (struct permit)NEEDS(NONE, NONE, ANYONE)
const struct route page_routes[] = {
	{"POST", "/weir/pages", NEEDS(NONE, NONE, ANYONE), .handle = invite},
	SHOW("/", ALL, page_admit, page_show_home),
	SHOW("/ui/runs", ALL, page_admit, page_show_runs),
	SHOW("/ui/applications", ALL, page_admit, page_show_applications),
	SHOW("/ui/buckets", ALL, page_admit, page_show_buckets),
	SHOW("/ui/applications/{}", (struct permit)NEEDS(READ, APPLICATION, APPLICATION), page_admit, page_show_application),
	SHOW("/ui/runs/{}", (struct permit)NEEDS(READ, RUN, RUN), page_admit, page_show_run),
	SHOW("/ui/runs/{}/news", (struct permit)NEEDS(READ, RUN, RUN), page_admit, page_show_run_news),
	SHOW("/ui/runs/{}/logs/{}", (struct permit)NEEDS(READ, RUN, RUN), page_admit, page_show_run_log),
	CHANGE("/ui/runs/{}/cancel", NEEDS(MANAGE, RUN, RUN), page_cancel_run),
	SHOW("/ui/buckets/{}", (struct permit)NEEDS(INSPECT, OBJECT, BUCKET), page_admit_of_bucket, page_show_bucket),
	SHOW("/ui/buckets/{}/object", (struct permit)NEEDS(READ, OBJECT, BUCKET), page_admit_of_bucket, page_show_object),
	{"GET", "/ui/enter/{}", NEEDS(NONE, NONE, ANYONE), .handle = enter, .admit = page_admit_all, .by_token = true, .is_page = true},
	CHANGE("/ui/leave", NEEDS(NONE, NONE, ANYONE), leave),
	SHOW("/ui/pages.css", ALL, page_admit_all, style),
	SHOW("/ui/pages.js", ALL, page_admit_all, script),
	SHOW("/ui/icon.svg", ALL, page_admit_all, icon),
	{0},
};
/* clang-format on */
