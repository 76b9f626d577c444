/* The page of a bucket: its objects by their prefixes, as a file manager shows folders. Names are bytes: an address has
   them in its query, where no browser takes `..` for a step up. */
#include "local/pages/page_show.h"

#include "base/clock.h"
#include "base/text.h"
#include "local/objectstorage/objectstorage.h"

#include <string.h>

enum { OBJECTS_SHOWN = 200 };

/* What ListObjects answers to this query; NULL with its refusal. */
static const struct node *list(struct request *r, const char *prefix, struct reply *reply)
{
	const char *start = request_query(r, "start");
	struct reply listed = {.fd = -1};
	struct request q = *r;
	struct err ignored;
	q.target = arena_printf(r->arena,
		"?delimiter=/&fields=size,timeModified,storageTier&limit=%d"
		"&prefix=%s&start=%s",
		OBJECTS_SHOWN, text_percent(r->arena, prefix),
		text_percent(r->arena, start ? start : ""));
	storage_object_list(&q, &listed);
	const struct node *n =
		node_from_json(r->arena, buf_str(&listed.body), listed.body.len, &ignored);
	if (listed.status == 200 && n) {
		buf_clear(&listed.body);
		return n;
	}
	reply_error(
		reply, listed.status, node_get_str(n, "code"), "%s", node_get_str(n, "message"));
	buf_clear(&listed.body);
	return NULL;
}

/* The bucket, and each folder of the prefix, as links; the last is where one is. */
static void put_path(struct request *r, struct buf *out, const char *bucket, const char *prefix)
{
	const char *at = prefix, *slash;
	if (!*prefix)
		return;
	html(out, "<nav class=\"path\" aria-label=\"Folders\">");
	html(out, "<a href=\"%s\">%s</a>", page_of_bucket(r->arena, bucket, NULL), bucket);
	for (; (slash = strchr(at, '/')); at = slash + 1) {
		const char *name = arena_strndup(r->arena, at, (size_t)(slash - at));
		const char *to = arena_strndup(r->arena, prefix, (size_t)(slash + 1 - prefix));
		if (slash[1])
			html(out, " / <a href=\"%s\">%s</a>", page_of_bucket(r->arena, bucket, to),
				name);
		else
			html(out, " / <b aria-current=\"page\">%s</b>", name);
	}
	if (*at)
		html(out, " / <b>%s\xE2\x80\xA6</b>", at);
	html(out, "</nav>\n");
}

/* What it is called in the folder; all of it where that would be nothing. */
static const char *name_in(const char *name, const char *prefix)
{
	size_t n = strlen(prefix);
	return strlen(name) > n ? name + n : name;
}

static void put_folder(
	struct request *r, struct buf *out, const char *bucket, const char *prefix, const char *to)
{
	html(out, "<tr><td class=\"name\"><a href=\"%s\">%s</a></td>",
		page_of_bucket(r->arena, bucket, to), name_in(to, prefix));
	html(out, "<td class=\"number\"></td><td></td><td class=\"number\"></td></tr>\n");
}

static void put_object(struct request *r, struct buf *out, const char *bucket, const char *prefix,
	const struct node *object)
{
	char size[16];
	const char *name = node_get_str(object, "name");
	const struct node *bytes = node_get(object, "size");
	html(out,
		"<tr><td class=\"name\"><a href=\"/ui/buckets/%s/object?name=%s\" download>%s</a></td>",
		text_percent(r->arena, bucket), text_percent(r->arena, name),
		name_in(name, prefix));
	html(out, "<td class=\"number\" data-label=\"Size\" title=\"%s bytes\">%s</td>",
		bytes->text, text_bytes((uint64_t)bytes->u.i, size));
	html(out, "<td data-label=\"Tier\">%s</td><td class=\"number\" data-label=\"Modified\">",
		node_get_str(object, "storageTier"));
	page_time(out, node_get_str(object, "timeModified"));
	html(out, "</td></tr>\n");
}

static void put_objects(struct request *r, struct buf *out, const char *bucket, const char *prefix,
	const struct node *listed)
{
	const struct node *objects = node_get(listed, "objects"),
			  *folders = node_get(listed, "prefixes");
	if (!objects->u.seq.n && !folders->u.seq.n) {
		html(out, "<p class=\"none\">Nothing here.</p>\n");
		return;
	}
	html(out,
		"<table>\n<thead><tr><th>Name</th><th class=\"number\">Size</th><th>Tier</th>"
		"<th class=\"number\">Modified</th></tr></thead>\n<tbody>\n");
	for (size_t i = 0; i < folders->u.seq.n; i++)
		put_folder(r, out, bucket, prefix, folders->u.seq.v[i]->text);
	for (size_t i = 0; i < objects->u.seq.n; i++)
		put_object(r, out, bucket, prefix, objects->u.seq.v[i]);
	html(out, "</tbody></table>\n");
}

/* Where it is and how it is kept, for who may read that. */
static void put_about(struct request *r, struct buf *out)
{
	struct bucket_row row;
	const struct bucket *b = &row.record;
	if (!bucket_row_get(store_db(r->service->store), r->arena, r->args[1], &row) ||
		!permit_in(r, VERB_READ, TYPE_BUCKET, b->compartment_id))
		return;
	html(out, "<p class=\"lead\">Compartment %s, %s, versioning %s. Created ",
		page_compartment_name(r, b->compartment_id),
		text_equal(b->public_access_type, "NoPublicAccess") ? "private" : "public",
		text_equal(b->versioning, "Enabled")             ? "on"
			: text_equal(b->versioning, "Suspended") ? "suspended"
								 : "off");
	page_time(out, b->time_created);
	html(out, ".</p>\n");
}

void page_show_bucket(struct request *r, struct reply *reply)
{
	const char *bucket = r->args[1], *prefix = request_query(r, "prefix");
	struct buf *out = &reply->body;
	prefix = prefix ? prefix : "";
	const struct node *listed = list(r, prefix, reply);
	if (!listed)
		return;
	page_begin(r, reply, &(struct page_head){.title = bucket, .section = PAGE_BUCKETS});
	html(out, "<p class=\"kind\">Bucket</p>\n<h1>%s</h1>\n", bucket);
	put_about(r, out);
	put_path(r, out, bucket, prefix);
	put_objects(r, out, bucket, prefix, listed);
	const char *next = node_get_str(listed, "nextStartWith");
	page_more(out,
		next ? arena_printf(r->arena, "/ui/buckets/%s?prefix=%s&start=%s",
			       text_percent(r->arena, bucket), text_percent(r->arena, prefix),
			       text_percent(r->arena, next))
		     : NULL,
		"More objects");
	page_end(r, reply);
}

/* "attachment" with the last part of the name, as RFC 6266 has it. */
static const char *attachment(struct request *r, const char *name)
{
	const char *slash = strrchr(name, '/');
	const char *last = slash && slash[1] ? slash + 1 : name;
	return arena_printf(
		r->arena, "attachment; filename*=UTF-8''%s", text_percent(r->arena, last));
}

static bool find(struct request *r, const char *name, struct object_row *ret, struct reply *reply)
{
	sqlite3 *db = store_db(r->service->store);
	enum change why = CHANGE_OK;
	if (!object_row_get(db, r->arena, r->args[1], name, ret))
		why = CHANGE_NO_OBJECT;
	else if (object_row_is_archived(ret, clock_wall(r->service->clock)))
		why = CHANGE_NOT_RESTORED;
	if (why != CHANGE_OK)
		storage_refuse(reply, r, why, r->args[1], name);
	return why == CHANGE_OK;
}

/* A download, whatever it is: neither its type nor its headers are what a browser goes by. */
void page_show_object(struct request *r, struct reply *reply)
{
	struct object_row o;
	struct err err;
	const char *name = request_query(r, "name");
	if (!find(r, name ? name : "", &o, reply))
		return;
	reply->fd = store_content_open(r->service->store, o.sha256, &err);
	if (reply->fd < 0) {
		storage_failed(reply, &err);
		return;
	}
	reply->status = 200;
	reply->length = reply->head_length = o.size;
	reply_field(reply, "content-type", "application/octet-stream");
	reply_field(reply, "content-disposition", attachment(r, name));
	page_fields(reply, "no-referrer");
}
