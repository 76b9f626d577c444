#include "oci/probe.h"

#include "base/text.h"
#include "oci/dataflow_call.h"
#include "oci/storage_call.h"

static const struct err NO_ERR = {0};

struct probe {
	struct oci *oci;
	const char *ns, *bucket, *name;
	const bool *stop;
	const char *version;
	struct err put; /* what became of the writing */
	storage_probe_fn *done;
	void *ctx;
};

static void on_deleted(void *ctx, struct call *c, struct http_reply *reply)
{
	(void)c;
	struct probe *p = ctx;
	if (reply->err.kind && reply->status != 404)
		p->done(p->ctx, STORAGE_PROBE_LEFT, &reply->err);
	else if (p->put.kind)
		p->done(p->ctx, STORAGE_PROBE_REFUSED, &p->put);
	else
		p->done(p->ctx, STORAGE_PROBE_WRITTEN, &NO_ERR);
}

static void delete (struct probe *p)
{
	struct call *c = storage_object_call(p->oci, "DELETE", p->ns, p->bucket, "delete", p->name);
	if (p->version)
		call_query(c, "versionId", p->version);
	call_start(c, on_deleted, p);
}

/* After a lost reply: is it there, and as which version? */
static void on_looked(void *ctx, struct call *c, struct http_reply *reply)
{
	struct probe *p = ctx;
	p->version = call_reply_header(c, reply, "version-id");
	if (reply->status == 404)
		p->done(p->ctx, STORAGE_PROBE_REFUSED, &p->put);
	else if (reply->err.kind)
		p->done(p->ctx, STORAGE_PROBE_LEFT, &reply->err);
	else
		delete (p);
}

static void look(struct probe *p)
{
	call_start(storage_object_call(p->oci, "HEAD", p->ns, p->bucket, "look for", p->name),
		on_looked, p);
}

static void on_put(void *ctx, struct call *c, struct http_reply *reply)
{
	struct probe *p = ctx;
	bool ours = reply->status == 412 && call_is_repeated(reply); /* nobody else has the name */
	p->version = call_reply_header(c, reply, "version-id");
	if (!ours)
		p->put = reply->err;
	if (!reply->err.kind)
		delete (p);
	else if (ours || reply->maybe_done)
		look(p);
	else
		p->done(p->ctx, STORAGE_PROBE_REFUSED, &reply->err);
}

static void put(struct probe *p)
{
	struct call *c = storage_object_call(p->oci, "PUT", p->ns, p->bucket, "write", p->name);
	call_header(c, "if-none-match", "*");
	call_header(c, "content-type", "text/plain");
	c->http.body_unsigned = true;
	c->http.body = "x";
	c->http.body_len = 1;
	call_start(c, on_put, p);
}

/* That the rules may not be read is no reason not to write. */
static void on_rules(void *ctx, struct call *c, struct http_reply *reply)
{
	struct probe *p = ctx;
	struct err ignored;
	const struct node *n = reply->err.kind ? NULL : call_node(c, reply, &ignored);
	const struct node *items = n ? node_get(n, "items") : NULL;
	if (*p->stop)
		p->done(p->ctx, STORAGE_PROBE_SKIPPED, &NO_ERR);
	else if (items && items->kind == NODE_SEQ && items->u.seq.n)
		p->done(p->ctx, STORAGE_PROBE_RETAINED, &NO_ERR);
	else
		put(p);
}

void storage_bucket_probe(struct oci *oci, const char *ns, const char *bucket, const char *name,
	const bool *stop, storage_probe_fn *done, void *ctx)
{
	struct probe *p = arena_new(oci_arena(oci), struct probe);
	*p = (struct probe){.oci = oci,
		.ns = ns,
		.bucket = bucket,
		.name = name,
		.stop = stop,
		.done = done,
		.ctx = ctx};
	struct call *c = storage_bucket_call(oci, "GET", ns, bucket, "list the retention rules of");
	call_path(c, "/retentionRules");
	call_start(c, on_rules, p);
}

struct naming {
	storage_bucket_name_fn *fn;
	void *ctx;
};

static bool on_names(void *ctx, struct call *c, const struct node *page, struct err *err)
{
	struct naming *n = ctx;
	if (page->kind != NODE_SEQ)
		return err_set(
			err, ERR_PROTOCOL, "%s: the service's reply is no list", c->http.what);
	for (size_t i = 0; i < page->u.seq.n; i++) {
		const char *name = node_get_str(page->u.seq.v[i], "name");
		if (!call_has(c, "name", name, err))
			return false;
		n->fn(n->ctx, &NO_ERR, name);
	}
	return true;
}

static void on_names_end(void *ctx, const struct err *err)
{
	struct naming *n = ctx;
	n->fn(n->ctx, err, NULL);
}

void storage_bucket_names(struct oci *oci, const char *ns, const char *compartment_id,
	storage_bucket_name_fn *fn, void *ctx)
{
	struct call *c = call_new(oci, "GET", oci_storage_url(oci), "list buckets");
	struct naming *n = arena_new(&c->arena, struct naming);
	*n = (struct naming){fn, ctx};
	call_path(c, "/n/%s/b", text_percent(&c->arena, ns));
	call_query(c, "compartmentId", compartment_id);
	call_query(c, "limit", "1000");
	call_policy(c, "read buckets in compartment <compartment>");
	call_pages(c, on_names, on_names_end, n);
}

struct waiting {
	oci_done_fn *done;
	void *ctx;
};

static void on_refused(void *ctx, struct call *c, struct http_reply *reply)
{
	struct waiting *w = ctx;
	struct err err = reply->err;
	if (!err.kind)
		err_set(&err, ERR_PROTOCOL,
			"%s: the service took a request that lacks what it must have",
			c->http.what);
	w->done(w->ctx, reply->status == 400 ? &NO_ERR : &err);
}

void dataflow_create_probe(
	struct oci *oci, const char *compartment_id, bool run, oci_done_fn *done, void *ctx)
{
	struct call *c = dataflow_call(oci, "POST", run ? "launch a run" : "create an application");
	struct waiting *w = arena_new(&c->arena, struct waiting);
	struct node *body = node_map(&c->arena);
	*w = (struct waiting){done, ctx};
	node_put(&c->arena, body, "compartmentId", node_str(&c->arena, compartment_id));
	call_path(c, run ? "/runs" : "/applications");
	call_json(c, body);
	call_start(c, on_refused, w);
}
