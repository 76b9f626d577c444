/*
 * What the pages of weir-local share: the frame around each, the headers of its reply, and how times, states and sizes
 * are shown. A page is made whole in the reply's body, by html() alone:
 *
 *	page_begin(r, reply, &(struct page_head){.title = "Runs", .section = PAGE_RUNS});
 *	html(&reply->body, "<p>%s</p>", text);
 *	page_end(r, reply);
 *
 * They work without JavaScript; pages.js only keeps a run's page up to date. Who may see what, permit.h decides by the
 * routes' rows, as for all requests; where a page lists, page_compartments does.
 */
#ifndef LOCAL_PAGE_H
#define LOCAL_PAGE_H

#include "local/pages/html.h"
#include "local/server/server.h"

enum page_section { PAGE_NO_SECTION, PAGE_RUNS, PAGE_APPLICATIONS, PAGE_BUCKETS };
struct page_head {
	const char *title;
	enum page_section section;
	bool script;   /* pages.js goes with it */
	int refresh_s; /* where there is no JavaScript; 0: it stays as it is */
	const char *
		leads_to; /* the browser goes there at once, and tells nobody where it was; NULL: it stays */
};
void page_begin(struct request *r, struct reply *reply, const struct page_head *head);
void page_end(struct request *r, struct reply *reply);
/* The headers that keep what is told to a browser where it was asked for: no-store, nosniff, a policy, no frames. referrer:
   what further requests may tell of its address. */
void page_fields(struct reply *reply, const char *referrer);
/* 303 to another page. */
void page_redirect(struct reply *reply, const char *to);

/* Whether a browser asked, which is to get a page instead of an error's JSON; and that page. */
bool page_is_wanted(const struct request *r, const struct route *route);
void page_of_error(struct request *r, struct reply *reply);

/* The OCIDs of the compartments where the caller may do that, as a JSON list. */
const char *page_compartments(struct request *r, enum permit_verb verb, enum permit_type type);
/* "dev:web", "root"; the OCID of one that is not there any more. */
const char *page_compartment_name(const struct request *r, const char *id);

int64_t page_now(const struct request *r);         /* Unix ms */
void page_time(struct buf *out, const char *time); /* as records have it: RFC 3339 */
void page_ago(struct request *r, struct buf *out, const char *time);
void page_state(struct buf *out, const char *state);
/* A form of one button, which makes a change at path. */
void page_button(
	struct request *r, struct buf *out, const char *path, const char *label, const char *class);
/* `<p class="more">`: leads on to address; NULL: there is no more, and nothing is written. */
void page_more(struct buf *out, const char *address, const char *label);

/* Of the pages, percent-encoded. */
const char *page_of_application(struct arena *a, const char *id);
const char *page_of_run(struct arena *a, const char *id);
const char *page_of_bucket(struct arena *a, const char *name, const char *prefix);
/* Where an oci:// address of this tenancy leads; NULL: it is none. */
const char *page_of_oci_uri(struct request *r, const char *uri);

#endif
