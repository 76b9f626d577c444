/* Data Flow's applications: list, get, create, update, delete, and what a lost reply means for each. */
#include "base/text.h"
#include "model/resource.h"
#include "oci/call.h"
#include "oci/dataflow.h"
#include "oci/dataflow_call.h"

#include <stdio.h>
#include <string.h>

/* Creates that a deleted twin's retry token invalidates are tried under this many tokens. */
enum { SALTS = 8 };
/* As many as the service takes. */
#define PAGE_SIZE "1000"

struct listing {
	dataflow_application_each_fn *fn;
	void *ctx;
};

/* NULL with err: no application, or one that cannot be named. */
static const struct application *decode(struct call *c, const struct node *n, struct err *err)
{
	const struct application *app = call_decode(c, n, &application_record, err);
	return app && call_has(c, "id", app->id, err) &&
			call_has(c, "lifecycleState", app->lifecycle_state, err)
		? app
		: NULL;
}

static bool on_applications(void *ctx, struct call *c, const struct node *page, struct err *err)
{
	struct listing *l = ctx;
	if (page->kind != NODE_SEQ)
		return err_set(
			err, ERR_PROTOCOL, "%s: the service's reply is no list", c->http.what);
	for (size_t i = 0; i < page->u.seq.n; i++) {
		const struct application *app = decode(c, page->u.seq.v[i], err);
		if (!app)
			return false;
		l->fn(l->ctx, err, app);
	}
	return true;
}

static void on_applications_end(void *ctx, const struct err *err)
{
	struct listing *l = ctx;
	l->fn(l->ctx, err, NULL);
}

/* display_name NULL: all. */
static struct call *list_call(struct oci *oci, const char *compartment_id, const char *display_name)
{
	struct call *c = dataflow_call(oci, "GET", "list applications");
	call_path(c, "/applications");
	call_query(c, "compartmentId", compartment_id);
	call_query(c, "limit", PAGE_SIZE);
	if (display_name)
		call_query(c, "displayName", display_name);
	return c;
}

static void list(struct call *c, dataflow_application_each_fn *fn, void *ctx)
{
	struct listing *l = arena_new(&c->arena, struct listing);
	*l = (struct listing){fn, ctx};
	call_pages(c, on_applications, on_applications_end, l);
}

void dataflow_application_list(
	struct oci *oci, const char *compartment_id, dataflow_application_each_fn *fn, void *ctx)
{
	list(list_call(oci, compartment_id, NULL), fn, ctx);
}

/* What asked for one application, and what came of it so far. In the arena of the call, where one call is all. */
struct asking {
	struct oci *oci;
	dataflow_application_fn *done;
	oci_done_fn *deleted;
	void *ctx;
	const char *id, *etag;
	const char *compartment_id; /* of a move */
	/* Create. */
	const struct application *app;
	const char *identity;
	struct node *body;
	const char *salt;                 /* what sets this try's token apart */
	const struct application *newest; /* of those deleted that bore our tag; NULL: none seen */
	int salts;                        /* tried that no such application gave */
	const char *found;                /* the OCID of ours that a look found */
	bool lost;      /* the look is because a reply was lost, not because a token was refused */
	struct err err; /* of the request whose outcome is looked for */
};

static struct asking *asking_new(
	struct oci *oci, struct arena *a, dataflow_application_fn *done, void *ctx)
{
	struct asking *k = arena_new(a, struct asking);
	*k = (struct asking){.oci = oci, .done = done, .ctx = ctx};
	return k;
}

/* Ends with the application that a 2xx reply holds. */
static void end_with_reply(struct asking *k, struct call *c, struct http_reply *reply)
{
	struct err err = {0};
	const struct node *n = call_node(c, reply, &err);
	const struct application *app = n ? decode(c, n, &err) : NULL;
	k->done(k->ctx, &err, app, app ? call_reply_header(c, reply, "etag") : NULL);
}

static void on_application(void *ctx, struct call *c, struct http_reply *reply)
{
	struct asking *k = ctx;
	if (reply->err.kind)
		k->done(k->ctx, &reply->err, NULL, NULL);
	else
		end_with_reply(k, c, reply);
}

static struct call *application_call(
	struct oci *oci, const char *method, const char *verb, const char *id)
{
	struct call *c = dataflow_call(oci, method, "%s application %s", verb, id);
	call_path(c, "/applications/%s", text_percent(&c->arena, id));
	return c;
}

static void get(struct call *c, dataflow_application_fn *done, void *ctx)
{
	call_start(c, on_application, asking_new(c->oci, &c->arena, done, ctx));
}

void dataflow_application_get(
	struct oci *oci, const char *id, dataflow_application_fn *done, void *ctx)
{
	get(application_call(oci, "GET", "get", id), done, ctx);
}

/* What came of the request that ended with err. */
static bool is_later(const char *time, const char *than)
{
	return time && (!than || strcmp(time, than) > 0);
}

static void look_at(struct asking *k, const struct err *err, dataflow_application_fn *done)
{
	struct call *c = application_call(k->oci, "GET", "look at", k->id);
	k->err = *err;
	c->http.no_retry = err_retryable(err->kind);
	get(c, done, k);
}

static void create(struct asking *k);

/* A lost reply is the trouble that is told; a refused token is none, so that the look's is. */
static void look_failed(struct asking *k, const struct err *err)
{
	struct err told = k->lost ? k->err : *err;
	if (!k->lost)
		err_wrap(&told, "create application %s", k->app->display_name);
	k->done(k->ctx, &told, NULL, NULL);
}

static void consider(struct asking *k, const struct application *app)
{
	const char *ours = identity_tag_of(&k->app->freeform_tags);
	if (!ours || !text_equal(identity_tag_of(&app->freeform_tags), ours))
		return;
	if (!application_is_gone(app))
		k->found = app->id;
	else if (!k->newest || is_later(app->time_created, k->newest->time_created))
		k->newest = app;
}

/* The token of one that was deleted since is used up, and so may be those of its predecessors: the newest's OCID makes
   one that was never used. Where the service tells of none, some are tried. */
static bool next_salt(struct asking *k)
{
	if (k->newest && !text_equal(k->salt, k->newest->id)) {
		k->salt = k->newest->id;
		return true;
	}
	k->salt = arena_printf(oci_arena(k->oci), "%d", ++k->salts);
	return k->salts < SALTS;
}

static void on_look(void *ctx, const struct err *err, const struct application *app)
{
	struct asking *k = ctx;
	if (app) {
		consider(k, app);
		return;
	}
	if (k->found) {
		dataflow_application_get(k->oci, k->found, k->done, k->ctx);
	} else if (err->kind) {
		look_failed(k, err);
	} else if (k->lost || !next_salt(k)) {
		call_settle(&k->err, err);
		k->done(k->ctx, &k->err, NULL, NULL);
	} else {
		create(k);
	}
}

static bool is_elsewhere(const struct asking *k, const struct application *app)
{
	return app->compartment_id && !text_equal(app->compartment_id, k->app->compartment_id);
}

/* A token that was used within a day gets what it made then, as that is now: it may bear another tag, since it was
   renamed, or be deleted; or be in another compartment, where nobody looked. */
static void take_created(struct asking *k, struct call *c, struct http_reply *reply)
{
	struct err err = {0};
	const struct node *n = call_node(c, reply, &err);
	const struct application *app = n ? decode(c, n, &err) : NULL;
	const char *ours = identity_tag_of(&k->app->freeform_tags);
	if (app && ours &&
		(!!application_is_gone(app) ||
			!text_equal(identity_tag_of(&app->freeform_tags), ours))) {
		k->salt = arena_strdup(oci_arena(k->oci), app->id);
		if (k->salts++ < SALTS) {
			create(k);
			return;
		}
		err_set(&err, ERR_CONFLICT, "%s: the service gives %s for it, which is another",
			c->http.what, app->id);
	} else if (app && is_elsewhere(k, app)) {
		err_set(&err, ERR_CONFLICT, "%s: %s is it already, in compartment %s", c->http.what,
			app->id, app->compartment_id);
		err_hint(&err, "name that compartment in the target's `also_look_in`");
	}
	k->done(k->ctx, &err, err.kind ? NULL : app,
		app && !err.kind ? call_reply_header(c, reply, "etag") : NULL);
}

static void on_created(void *ctx, struct call *c, struct http_reply *reply)
{
	struct asking *k = ctx;
	bool refused = !strcmp(reply->err.code, "InvalidatedRetryToken");
	if (!reply->err.kind) {
		take_created(k, c, reply);
	} else if (refused || call_is_lost(reply)) {
		k->err = reply->err;
		k->lost = !refused;
		k->newest = NULL;
		struct call *look = list_call(k->oci, k->app->compartment_id, k->app->display_name);
		/* After a reply that all retries were lost of, one more question has to do. */
		look->http.no_retry = k->lost;
		list(look, on_look, k);
	} else {
		k->done(k->ctx, &reply->err, NULL, NULL);
	}
}

static void create(struct asking *k)
{
	struct call *c =
		dataflow_call(k->oci, "POST", "create application %s", k->app->display_name);
	call_path(c, "/applications");
	call_json(c, k->body);
	const char *parts[] = {"application", k->identity, buf_str(&c->body), k->salt};
	call_header(c, "opc-retry-token", call_retry_token(&c->arena, parts, 4));
	call_start(c, on_created, k);
}

void dataflow_application_create(struct oci *oci, const struct application *app,
	const char *identity, dataflow_application_fn *done, void *ctx)
{
	struct asking *k = asking_new(oci, oci_arena(oci), done, ctx);
	k->app = app;
	k->salt = "0";
	k->identity = arena_strdup(oci_arena(oci), identity);
	k->body = field_encode(&application_record, app, FORM_CREATE, oci_arena(oci));
	create(k);
}

/* Whether what the body clears is clear. */
static bool has_cleared(const struct application *app, const struct node *body, struct arena *a)
{
	const struct node *is = field_encode(&application_record, app, FORM_CREATE, a);
	for (size_t i = 0; i < body->u.map.n; i++)
		if (node_is_empty(body->u.map.v[i].value) &&
			!node_is_empty(node_get(is, body->u.map.v[i].key)))
			return false;
	return true;
}

/* Whether the application is as the update's body would leave it, by the rows' own notion of the same: the service
   may write an address, or order parameters, in its way. */
static bool has_all(const struct application *app, const struct node *body, struct arena *a)
{
	struct application sent, want;
	struct field_changes changes = {0};
	if (!field_decode(&application_record, body, FORM_REPLY, "", a, &sent, NULL, NULL))
		return false;
	field_copy(&application_record, app, &want, a);
	field_overlay(&application_record, &sent, &want, a);
	field_diff(&application_record, app, &want, a, &changes);
	return !changes.n && has_cleared(app, body, a);
}

static void on_update_look(
	void *ctx, const struct err *err, const struct application *app, const char *etag)
{
	struct asking *k = ctx;
	arena_auto a = {0};
	struct err none = {0};
	if (!err->kind && has_all(app, k->body, &a)) {
		k->done(k->ctx, &none, app, etag);
	} else {
		call_settle(&k->err, err);
		k->done(k->ctx, &k->err, NULL, NULL);
	}
}

static void on_updated(void *ctx, struct call *c, struct http_reply *reply)
{
	struct asking *k = ctx;
	bool again = reply->status == 412 && call_is_repeated(reply);
	if (!reply->err.kind) {
		end_with_reply(k, c, reply);
	} else if (again || call_is_lost(reply)) {
		look_at(k, &reply->err, on_update_look);
	} else {
		k->done(k->ctx, &reply->err, NULL, NULL);
	}
}

void dataflow_application_update(struct oci *oci, const char *id, const struct node *body,
	const char *etag, dataflow_application_fn *done, void *ctx)
{
	struct asking *k = asking_new(oci, oci_arena(oci), done, ctx);
	k->id = arena_strdup(oci_arena(oci), id);
	k->body = node_copy(oci_arena(oci), body);
	struct call *c = application_call(oci, "PUT", "update", id);
	call_json(c, body);
	if (etag)
		call_header(c, "if-match", etag);
	call_start(c, on_updated, k);
}

static void on_move_look(
	void *ctx, const struct err *err, const struct application *app, const char *etag)
{
	(void)etag;
	struct asking *k = ctx;
	struct err none = {0};
	call_settle(&k->err, err);
	bool there = !err->kind && !application_is_gone(app) &&
		text_equal(app->compartment_id, k->compartment_id);
	k->deleted(k->ctx, there ? &none : &k->err);
}

static void on_moved(void *ctx, struct call *c, struct http_reply *reply)
{
	(void)c;
	struct asking *k = ctx;
	bool again = reply->status == 412 && call_is_repeated(reply);
	if (reply->err.kind && (again || call_is_lost(reply)))
		look_at(k, &reply->err, on_move_look);
	else
		k->deleted(k->ctx, &reply->err);
}

void dataflow_application_move(struct oci *oci, const char *id, const char *compartment_id,
	const char *etag, oci_done_fn *done, void *ctx)
{
	struct arena *a = oci_arena(oci);
	struct asking *k = asking_new(oci, a, NULL, ctx);
	k->deleted = done;
	k->id = arena_strdup(a, id);
	k->compartment_id = arena_strdup(a, compartment_id);
	struct call *c = dataflow_call(oci, "POST", "move application %s", id);
	call_path(c, "/applications/%s/actions/changeCompartment", text_percent(&c->arena, id));
	struct node *body = node_map(&c->arena);
	node_put(&c->arena, body, "compartmentId", node_str(&c->arena, k->compartment_id));
	call_json(c, body);
	/* The etag sets this move apart from one there and back within a day. */
	const char *parts[] = {"move", k->id, k->compartment_id, etag ? etag : ""};
	call_header(c, "opc-retry-token", call_retry_token(&c->arena, parts, 4));
	if (etag)
		call_header(c, "if-match", etag);
	call_start(c, on_moved, k);
}

static void on_delete_look(
	void *ctx, const struct err *err, const struct application *app, const char *etag)
{
	(void)etag;
	struct asking *k = ctx;
	struct err none = {0};
	call_settle(&k->err, err);
	bool gone = err->kind == ERR_NOT_FOUND || (!err->kind && !!application_is_gone(app));
	k->deleted(k->ctx, gone ? &none : &k->err);
}

static void on_deleted(void *ctx, struct call *c, struct http_reply *reply)
{
	(void)c;
	struct asking *k = ctx;
	struct err none = {0};
	bool repeated = call_is_repeated(reply);
	if (reply->status == 404 && repeated) {
		k->deleted(k->ctx, &none);
	} else if ((reply->status == 412 && repeated) || call_is_lost(reply)) {
		look_at(k, &reply->err, on_delete_look);
	} else {
		k->deleted(k->ctx, &reply->err);
	}
}

void dataflow_application_delete(
	struct oci *oci, const char *id, const char *etag, oci_done_fn *done, void *ctx)
{
	struct asking *k = asking_new(oci, oci_arena(oci), NULL, ctx);
	k->deleted = done;
	k->id = arena_strdup(oci_arena(oci), id);
	struct call *c = application_call(oci, "DELETE", "delete", id);
	if (etag)
		call_header(c, "if-match", etag);
	call_start(c, on_deleted, k);
}
