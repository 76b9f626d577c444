#include "base/text.h"
#include "local/server/server.h"

#include <stdio.h>
#include <string.h>

struct node *request_json(struct request *r, struct reply *reply)
{
	struct err err;
	struct node *n = node_from_json(r->arena, buf_str(&r->body), r->body.len, &err);
	if (!n)
		reply_error(reply, 400, "CannotParseRequest", "The body is not JSON: %s", err.text);
	return n;
}

struct mistakes {
	struct buf text;
	bool invalid; /* something is wrong, not only missing */
};

static void note(void *ctx, const char *path, const struct node *at, struct mark mark, bool warning,
	const char *text, const char *hint)
{
	struct mistakes *m = ctx;
	(void)at, (void)mark;
	if (warning)
		return;
	if (!text_starts(text, "missing"))
		m->invalid = true;
	buf_printf(&m->text, "%s%s%s%s", m->text.len ? "; " : "", path, *path ? ": " : "", text);
	if (hint)
		buf_printf(&m->text, " (%s)", hint);
}

bool request_decode(struct request *r, const struct record *record, enum field_form form, void *out,
	struct reply *reply)
{
	struct node *n = request_json(r, reply);
	return n && request_decode_node(r, n, record, form, out, reply);
}

bool request_decode_node(struct request *r, const struct node *n, const struct record *record,
	enum field_form form, void *out, struct reply *reply)
{
	struct mistakes m = {.text.max = 4096};
	bool ok = field_decode(record, n, form, "", r->arena, out, note, &m);
	if (!ok)
		reply_error(reply, 400, m.invalid ? "InvalidParameter" : "MissingParameter", "%s",
			buf_str(&m.text));
	buf_clear(&m.text);
	return ok;
}

bool request_check_items(struct request *r, const struct node *n, const char *path,
	const struct record *record, struct reply *reply)
{
	struct mistakes m = {.text.max = 4096};
	if (!n || n->kind == NODE_NULL)
		return true;
	bool ok = n->kind == NODE_SEQ;
	if (!ok)
		buf_printf(&m.text, "%s must be a list", path);
	for (size_t i = 0; n->kind == NODE_SEQ && i < n->u.seq.n; i++) {
		void *item = arena_alloc(r->arena, record->size);
		const char *at = arena_printf(r->arena, "%s[%zu]", path, i);
		ok &= field_decode(
			record, n->u.seq.v[i], FORM_CREATE, at, r->arena, item, note, &m);
	}
	if (!ok)
		reply_error(reply, 400, "InvalidParameter", "%s", buf_str(&m.text));
	buf_clear(&m.text);
	return ok;
}

bool request_page(struct request *r, int64_t dflt, int64_t max, int64_t *ret_limit,
	const char **ret_after, struct reply *reply)
{
	const char *limit = request_query(r, "limit"), *page = request_query(r, "page");
	unsigned char *after = (unsigned char *)"";
	size_t n = 0;
	*ret_limit = dflt;
	if (limit && (!text_i64(limit, ret_limit) || *ret_limit < 1)) {
		reply_error(reply, 400, "InvalidParameter", "limit is not a positive number");
		return false;
	}
	if (*ret_limit > max)
		*ret_limit = max;
	if (page && *page &&
		(!text_unbase64(r->arena, page, &after, &n) || strlen((char *)after) != n)) {
		reply_error(
			reply, 400, "InvalidParameter", "page is not one that this service gave");
		return false;
	}
	*ret_after = (const char *)after;
	return true;
}

void reply_next_page(struct reply *reply, struct request *r, const char *after)
{
	reply_field(reply, "opc-next-page", text_base64(r->arena, after, strlen(after)));
}
