/* The objects under a prefix, page by page. Pages go by a name to start with, not by a token. */
#include "base/text.h"
#include "oci/objectstorage.h"
#include "oci/storage_call.h"

#include <stdlib.h>
#include <string.h>

static const struct err NO_ERR = {0};

struct listing {
	struct oci *oci;
	struct arena arena;
	const char *ns, *bucket, *prefix;
	char *start;  /* malloc'ed: there may be many pages */
	size_t empty; /* pages in a row */
	storage_object_each_fn *fn;
	void *ctx;
};

static void end(struct listing *l, const struct err *err)
{
	l->fn(l->ctx, err, NULL);
	free(l->start);
	arena_clear(&l->arena);
	free(l);
}

static bool each(struct listing *l, struct call *c, const struct node *page, struct err *err)
{
	const struct node *objects = node_get(page, "objects");
	if (!objects || objects->kind != NODE_SEQ)
		return err_set(err, ERR_PROTOCOL, "%s: the service's reply has no list `objects`",
			c->http.what);
	for (size_t i = 0; i < objects->u.seq.n; i++) {
		struct object *o = call_decode(c, objects->u.seq.v[i], &object_record, err);
		if (!o || !call_has(c, "name", o->name, err))
			return false;
		o->bucket = l->bucket;
		l->fn(l->ctx, &NO_ERR, o);
	}
	return true;
}

static void ask(struct listing *l);

static void on_page(void *ctx, struct call *c, struct http_reply *reply)
{
	struct listing *l = ctx;
	struct err err = reply->err;
	const struct node *page = err.kind ? NULL : call_node(c, reply, &err);
	if (!page || !each(l, c, page, &err)) {
		end(l, &err);
		return;
	}
	const char *next = node_get_str(page, "nextStartWith");
	if (!next) {
		end(l, &NO_ERR);
		return;
	}
	if (l->start && strcmp(next, l->start) <= 0) {
		err_set(&err, ERR_PROTOCOL, "%s: the service's pages do not advance", c->http.what);
		end(l, &err);
		return;
	}
	if (!call_page_count(c, page, &l->empty, &err)) {
		end(l, &err);
		return;
	}
	free(l->start);
	l->start = xstrdup(next);
	ask(l);
}

/* A call for each page, so that what was read of the one before is freed. */
static void ask(struct listing *l)
{
	struct call *c = storage_bucket_call(l->oci, "GET", l->ns, l->bucket, "list");
	call_path(c, "/o");
	if (*l->prefix)
		call_query(c, "prefix", l->prefix);
	call_query(c, "limit", "1000");
	call_query(c, "fields",
		"name,size,md5,etag,timeCreated,timeModified,storageTier,archivalState");
	if (l->start)
		call_query(c, "start", l->start);
	c->http.max_body = CALL_PAGE_BYTES_MAX;
	storage_start(c, l->bucket, on_page, l);
}

void storage_object_list(struct oci *oci, const char *ns, const char *bucket, const char *prefix,
	storage_object_each_fn *fn, void *ctx)
{
	struct listing *l = xalloc(sizeof *l);
	l->oci = oci;
	l->ns = arena_strdup(&l->arena, ns);
	l->bucket = arena_strdup(oci_arena(oci), bucket); /* the objects point to it */
	l->prefix = arena_strdup(&l->arena, prefix ? prefix : "");
	l->fn = fn;
	l->ctx = ctx;
	ask(l);
}
