#include "local/pages/page.h"

#include "base/clock.h"
#include "base/text.h"
#include "local/identity/identity.h"
#include "local/pages/page_sessions.h"
#include "local/service.h"
#include "model/oci_uri.h"
#include "model/run.h"

#include <stdio.h>
#include <string.h>

static const int64_t DAY_MS = 24LL * 3600 * 1000;

static const char policy[] =
	"default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; "
	"frame-ancestors 'none'";

/* Not `no-referrer`, with which a browser says `Origin: null` of our own forms. Other origins are told nothing either
   way. */
static const char to_us_alone[] = "same-origin";

void page_fields(struct reply *reply, const char *referrer)
{
	reply_field(reply, "cache-control", "no-store");
	reply_field(reply, "content-security-policy", policy);
	reply_field(reply, "cross-origin-opener-policy", "same-origin");
	reply_field(reply, "cross-origin-resource-policy", "same-origin");
	reply_field(reply, "referrer-policy", referrer);
	reply_field(reply, "x-content-type-options", "nosniff");
	reply_field(reply, "x-frame-options", "DENY");
}

static void nav_link(struct buf *out, const struct page_head *head, enum page_section section,
	const char *address, const char *label)
{
	if (head->section == section)
		html(out, "<a href=\"%s\" aria-current=\"page\">%s</a>\n", address, label);
	else
		html(out, "<a href=\"%s\">%s</a>\n", address, label);
}

static void put_header(struct request *r, struct buf *out, const struct page_head *head)
{
	html(out, "<header class=\"top\">\n<a class=\"brand\" href=\"/\">weir-local</a>\n");
	if (r->session && r->caller.who) {
		html(out, "<nav aria-label=\"Sections\">\n");
		nav_link(out, head, PAGE_RUNS, "/ui/runs", "Runs");
		nav_link(out, head, PAGE_APPLICATIONS, "/ui/applications", "Applications");
		nav_link(out, head, PAGE_BUCKETS, "/ui/buckets", "Buckets");
		html(out, "</nav>\n<div class=\"who\"><span>%s</span>\n", r->caller.who->name);
		page_button(r, out, "/ui/leave", "Sign out", "quiet");
		html(out, "</div>\n");
	}
	html(out, "</header>\n");
}

void page_begin(struct request *r, struct reply *reply, const struct page_head *head)
{
	struct buf *out = &reply->body;
	reply_field(reply, "content-type", "text/html; charset=utf-8");
	page_fields(reply, head->leads_to ? "no-referrer" : to_us_alone);
	html(out,
		"<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
		"<title>%s \xC2\xB7 weir-local</title>\n"
		"<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
		"<meta name=\"color-scheme\" content=\"light dark\">\n"
		"<link rel=\"stylesheet\" href=\"/ui/pages.css\">\n"
		"<link rel=\"icon\" href=\"/ui/icon.svg\" type=\"image/svg+xml\">\n",
		head->title);
	if (head->script)
		html(out, "<script src=\"/ui/pages.js\" defer></script>\n");
	if (head->refresh_s)
		html(out, "<noscript><meta http-equiv=\"refresh\" content=\"%d\"></noscript>\n",
			head->refresh_s);
	if (head->leads_to)
		html(out, "<meta http-equiv=\"refresh\" content=\"0;url=%s\">\n", head->leads_to);
	html(out, "</head>\n<body>\n<a class=\"skip\" href=\"#main\">Skip to the content</a>\n");
	put_header(r, out, head);
	html(out, "<main id=\"main\">\n");
}

void page_end(struct request *r, struct reply *reply)
{
	const struct service *s = r->service;
	html(&reply->body, "</main>\n<footer>");
	if (r->session)
		html(&reply->body, "Namespace <b>%s</b>, region <b>%s</b>. ", s->ns, s->region);
	html(&reply->body, "weir-local %s on this machine.</footer>\n</body>\n</html>\n",
		WEIR_VERSION);
	if (!reply->status)
		reply->status = 200;
	reply->head_length = reply->body.len;
}

void page_redirect(struct reply *reply, const char *to)
{
	reply->status = 303;
	reply_field(reply, "location", to);
	page_fields(reply, to_us_alone);
}

const char *page_compartments(struct request *r, enum permit_verb verb, enum permit_type type)
{
	const struct identity_tenancy *t = r->caller.who->tenancy;
	buf_auto text = {0};
	struct node *list = node_seq(r->arena);
	for (size_t i = 0; i < t->compartments_n; i++)
		if (identity_allows(r->caller.who, verb, type, &t->compartments[i]))
			node_append(r->arena, list, node_str(r->arena, t->compartments[i].id));
	node_to_json(list, NODE_JSON_COMPACT, &text);
	return arena_strdup(r->arena, buf_str(&text));
}

const char *page_compartment_name(const struct request *r, const char *id)
{
	const struct identity_compartment *c =
		identity_compartment(r->caller.identity, r->caller.who->tenancy, id);
	return !c ? id : c->parent ? c->path : "root";
}

int64_t page_now(const struct request *r)
{
	return clock_wall(r->service->clock);
}

void page_time(struct buf *out, const char *time)
{
	int64_t ms;
	char text[32];
	if (!time || !text_parse_rfc3339(time, &ms))
		return;
	text_rfc3339(ms, text);
	char *t = strchr(text, 'T'), *dot = strchr(text, '.');
	if (!t || !dot)
		return;
	html(out, "<time datetime=\"%s\">", text);
	*t = *dot = '\0';
	html(out, "%s <span class=\"clock\">%s UTC</span></time>", text, t + 1);
}

void page_ago(struct request *r, struct buf *out, const char *time)
{
	int64_t then, now = page_now(r);
	char text[24];
	if (!time || !text_parse_rfc3339(time, &then))
		return;
	int64_t age = now > then ? now - then : 0;
	if (age < 2 * DAY_MS)
		text_duration(age, text);
	else
		snprintf(text, sizeof text, "%lld days", (long long)(age / DAY_MS));
	html(out, "<time datetime=\"%s\" title=\"%s\">%s ago</time>", time, time, text);
}

static const struct {
	const char *state, *class, *words;
} states[] = {
	{"ACCEPTED", "waits", "Accepted"},
	{"IN_PROGRESS", "goes", "In progress"},
	{"SUCCEEDED", "good", "Succeeded"},
	{"FAILED", "bad", "Failed"},
	{"CANCELING", "ends", "Canceling"},
	{"CANCELED", "ended", "Canceled"},
	{"STOPPING", "ends", "Stopping"},
	{"STOPPED", "ended", "Stopped"},
	{"ACTIVE", "good", "Active"},
};

void page_state(struct buf *out, const char *state)
{
	for (size_t i = 0; i < sizeof states / sizeof *states; i++)
		if (text_equal(states[i].state, state)) {
			html(out, "<span class=\"state %s\">%s</span>", states[i].class,
				states[i].words);
			return;
		}
	html(out, "<span class=\"state waits\">%s</span>", state);
}

void page_button(
	struct request *r, struct buf *out, const char *path, const char *label, const char *class)
{
	html(out,
		"<form method=\"post\" action=\"%s\"><input type=\"hidden\" name=\"csrf\" value=\"%s\">"
		"<button class=\"%s\">%s</button></form>\n",
		path, page_session_csrf(r->session, path, r->arena), class, label);
}

void page_more(struct buf *out, const char *address, const char *label)
{
	if (address)
		html(out, "<p class=\"more\"><a href=\"%s\">%s</a></p>\n", address, label);
}

const char *page_of_application(struct arena *a, const char *id)
{
	return arena_printf(a, "/ui/applications/%s", text_percent(a, id));
}

const char *page_of_run(struct arena *a, const char *id)
{
	return arena_printf(a, "/ui/runs/%s", text_percent(a, id));
}

const char *page_of_bucket(struct arena *a, const char *name, const char *prefix)
{
	const char *bucket = text_percent(a, name);
	return text_empty(prefix)
		? arena_printf(a, "/ui/buckets/%s", bucket)
		: arena_printf(a, "/ui/buckets/%s?prefix=%s", bucket, text_percent(a, prefix));
}

const char *page_of_oci_uri(struct request *r, const char *uri)
{
	struct oci_uri at;
	if (!oci_uri_parse(uri, r->arena, &at) ||
		(!text_empty(at.ns) && !text_equal(at.ns, r->service->ns)))
		return NULL;
	/* The folder that it is in. */
	const char *slash = strrchr(at.object, '/');
	size_t n = slash ? (size_t)(slash + 1 - at.object) : 0;
	return page_of_bucket(r->arena, at.bucket, arena_strndup(r->arena, at.object, n));
}
