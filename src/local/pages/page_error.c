/* Errors as pages: what an API client gets as JSON, told to a person, with what to do about it. */
#include "local/pages/page.h"

#include "base/text.h"

#include <string.h>

/* Browsers ask so for what they show; programs that take anything do not. */
static const char by_browser[] = "text/html,application/xhtml+xml";

bool page_is_wanted(const struct request *r, const struct route *route)
{
	const char *accept = request_header(r, "accept");
	if (route ? route->is_page : text_equal(r->path, "/ui") || text_starts(r->path, "/ui/"))
		return true;
	return accept && text_starts(accept, by_browser) && !request_header(r, "authorization");
}

static const char *title_of(int status)
{
	switch (status) {
	case 401:
		return "Not signed in";
	case 403:
		return "Not allowed";
	case 404:
		return "Not found";
	case 405:
		return "No such method";
	case 409:
		return "Not possible now";
	default:
		return status < 500 ? "This can\xE2\x80\x99t be done" : "The service failed";
	}
}

static void put_cure(struct buf *out, int status)
{
	if (status == 401)
		html(out,
			"<p>A browser can\xE2\x80\x99t sign requests. These commands print an address that lets it "
			"in, once and within a minute:</p>\n"
			"<pre class=\"command\">weir open\nweir local open</pre>\n");
	else if (status == 404)
		html(out,
			"<p>It is not there, or not yours to see. <a href=\"/\">Overview</a></p>\n");
	else if (status >= 500)
		html(out, "<p><code>weir local logs</code> may tell more.</p>\n");
	else
		html(out, "<p><a href=\"/\">Overview</a></p>\n");
}

/* Without what the failed reply was to say of its content. */
static void keep_fields(struct reply *reply)
{
	size_t n = 0;
	for (size_t i = 0; i < reply->fields_n; i++)
		if (!text_starts(reply->fields[i].name, "content-"))
			reply->fields[n++] = reply->fields[i];
	reply->fields_n = n;
}

void page_of_error(struct request *r, struct reply *reply)
{
	struct err ignored;
	const struct node *said =
		node_from_json(r->arena, buf_str(&reply->body), reply->body.len, &ignored);
	const char *code = node_get_str(said, "code"), *message = node_get_str(said, "message");
	keep_fields(reply);
	buf_clear(&reply->body);
	page_begin(r, reply, &(struct page_head){.title = title_of(reply->status)});
	html(&reply->body, "<h1>%s</h1>\n", title_of(reply->status));
	if (message && !text_equal(code, "NotAuthorizedOrNotFound"))
		html(&reply->body, "<p>%s</p>\n", message);
	put_cure(&reply->body, reply->status);
	html(&reply->body, "<p class=\"fine\">%d %s</p>\n", reply->status, code ? code : "");
	page_end(r, reply);
}
