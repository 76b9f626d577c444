/* Data Flow's runs: list, get, launch, cancel. A launch whose reply is lost is looked for before it is judged. */
#include "base/text.h"
#include "model/resource.h"
#include "oci/call.h"
#include "oci/dataflow.h"
#include "oci/dataflow_call.h"

#include <stdio.h>
#include <string.h>

struct listing {
	dataflow_run_each_fn *fn;
	void *ctx;
	bool (*more)(void *ctx); /* NULL: all pages */
};

/* NULL with err: no run, or one that cannot be named or watched. */
static const struct run *decode(struct call *c, const struct node *n, struct err *err)
{
	const struct run *run = call_decode(c, n, &run_record, err);
	return run && call_has(c, "id", run->id, err) &&
			call_has(c, "lifecycleState", run->lifecycle_state, err)
		? run
		: NULL;
}

static bool on_runs(void *ctx, struct call *c, const struct node *page, struct err *err)
{
	struct listing *l = ctx;
	if (page->kind != NODE_SEQ)
		return err_set(
			err, ERR_PROTOCOL, "%s: the service's reply is no list", c->http.what);
	for (size_t i = 0; i < page->u.seq.n; i++) {
		const struct run *run = decode(c, page->u.seq.v[i], err);
		if (!run)
			return false;
		l->fn(l->ctx, err, run);
	}
	return !l->more || l->more(l->ctx);
}

static void on_runs_end(void *ctx, const struct err *err)
{
	struct listing *l = ctx;
	l->fn(l->ctx, err, NULL);
}

static struct call *list_call(
	struct oci *oci, const char *compartment_id, const struct dataflow_order *order)
{
	char limit[16];
	struct call *c = dataflow_call(oci, "GET", "list runs");
	snprintf(limit, sizeof limit, "%d", order->page_size > 0 ? order->page_size : 100);
	call_path(c, "/runs");
	call_query(c, "compartmentId", compartment_id);
	call_query(c, "limit", limit);
	if (order->filter.name)
		call_query(c, order->filter.name, order->filter.value);
	if (order->sort_by) {
		call_query(c, "sortBy", order->sort_by);
		call_query(c, "sortOrder", order->ascending ? "ASC" : "DESC");
	}
	return c;
}

static void list(struct call *c, bool (*more)(void *ctx), dataflow_run_each_fn *fn, void *ctx)
{
	struct listing *l = arena_new(&c->arena, struct listing);
	*l = (struct listing){fn, ctx, more};
	call_pages(c, on_runs, on_runs_end, l);
}

void dataflow_run_list_by(struct oci *oci, const char *compartment_id,
	const struct dataflow_order *order, dataflow_run_each_fn *fn, void *ctx)
{
	list(list_call(oci, compartment_id, order), order->more, fn, ctx);
}

void dataflow_run_list(struct oci *oci, const char *compartment_id, struct dataflow_filter filter,
	dataflow_run_each_fn *fn, void *ctx)
{
	dataflow_run_list_by(
		oci, compartment_id, &(struct dataflow_order){.filter = filter}, fn, ctx);
}

/* What asked for one run. */
struct asking {
	struct oci *oci;
	dataflow_run_fn *done;
	oci_done_fn *cancelled;
	void *ctx;
	const struct run *run; /* to launch */
	const char *id;
	struct err err; /* of the launch or cancel that is looked for */
};

static void end_with_reply(struct asking *k, struct call *c, struct http_reply *reply)
{
	struct err err = {0};
	c->into = &c->arena;
	const struct node *n = call_node(c, reply, &err);
	const struct run *run = n ? decode(c, n, &err) : NULL;
	k->done(k->ctx, &err, run, run ? call_reply_header(c, reply, "etag") : NULL);
}

static void on_run(void *ctx, struct call *c, struct http_reply *reply)
{
	struct asking *k = ctx;
	if (reply->err.kind)
		k->done(k->ctx, &reply->err, NULL, NULL);
	else
		end_with_reply(k, c, reply);
}

static struct asking *asking_new(struct oci *oci, struct arena *a, dataflow_run_fn *done, void *ctx)
{
	struct asking *k = arena_new(a, struct asking);
	*k = (struct asking){.oci = oci, .done = done, .ctx = ctx};
	return k;
}

static struct call *run_call(struct oci *oci, const char *method, const char *verb, const char *id)
{
	struct call *c = dataflow_call(oci, method, "%s run %s", verb, id);
	call_path(c, "/runs/%s", text_percent(&c->arena, id));
	return c;
}

static void get(struct call *c, dataflow_run_fn *done, void *ctx)
{
	call_start(c, on_run, asking_new(c->oci, &c->arena, done, ctx));
}

void dataflow_run_get(struct oci *oci, const char *id, dataflow_run_fn *done, void *ctx)
{
	get(run_call(oci, "GET", "get", id), done, ctx);
}

static void on_look(void *ctx, const struct err *err, const struct run *run)
{
	struct asking *k = ctx;
	if (run) {
		const char *ours = identity_tag_of(&k->run->freeform_tags);
		if (ours && text_equal(identity_tag_of(&run->freeform_tags), ours))
			k->id = run->id;
		return;
	}
	if (k->id) {
		dataflow_run_get(k->oci, k->id, k->done, k->ctx);
		return;
	}
	if (err->kind)
		err_hint(&k->err, "it may have been launched: look with `weir list runs`");
	k->done(k->ctx, &k->err, NULL, NULL);
}

static void on_created(void *ctx, struct call *c, struct http_reply *reply)
{
	struct asking *k = ctx;
	if (!reply->err.kind) {
		end_with_reply(k, c, reply);
	} else if (call_is_lost(reply)) {
		struct dataflow_order order = {.filter = {"applicationId", k->run->application_id}};
		struct call *look = list_call(k->oci, k->run->compartment_id, &order);
		/* After a reply that all retries were lost of, one more question has to do. */
		look->http.no_retry = true;
		k->err = reply->err;
		list(look, NULL, on_look, k);
	} else {
		k->done(k->ctx, &reply->err, NULL, NULL);
	}
}

void dataflow_run_create(struct oci *oci, const struct run *run, const char *token_seed,
	dataflow_run_fn *done, void *ctx)
{
	struct asking *k = asking_new(oci, oci_arena(oci), done, ctx);
	k->run = run;
	struct call *c = dataflow_call(oci, "POST", "launch %s",
		run->display_name ? run->display_name : run->application_id);
	call_path(c, "/runs");
	call_json(c, field_encode(&run_record, run, FORM_CREATE, &c->arena));
	const char *parts[] = {"run", token_seed};
	call_header(c, "opc-retry-token", call_retry_token(&c->arena, parts, 2));
	call_start(c, on_created, k);
}

static void on_cancel_look(
	void *ctx, const struct err *err, const struct run *run, const char *etag)
{
	(void)etag;
	struct asking *k = ctx;
	struct err none = {0};
	bool ending = !err->kind &&
		(text_equal(run->lifecycle_state, "CANCELING") ||
			text_equal(run->lifecycle_state, "CANCELED"));
	k->cancelled(k->ctx, ending ? &none : &k->err);
}

static void on_cancelled(void *ctx, struct call *c, struct http_reply *reply)
{
	(void)c;
	struct asking *k = ctx;
	bool again = reply->status == 409 && call_is_repeated(reply);
	if (again || call_is_lost(reply)) {
		struct call *look = run_call(k->oci, "GET", "look at", k->id);
		look->http.no_retry = !again;
		k->err = reply->err;
		get(look, on_cancel_look, k);
	} else {
		k->cancelled(k->ctx, &reply->err);
	}
}

void dataflow_run_cancel(struct oci *oci, const char *id, oci_done_fn *done, void *ctx)
{
	struct asking *k = asking_new(oci, oci_arena(oci), NULL, ctx);
	k->cancelled = done;
	k->id = arena_strdup(oci_arena(oci), id);
	struct call *c = run_call(oci, "DELETE", "cancel", id);
	/* 409 IncorrectState is the answer for a run that has ended: waiting would not change it. */
	c->http.final_status = 409;
	call_start(c, on_cancelled, k);
}
