#include "apply/look.h"

#include "base/text.h"
#include "model/oci_uri.h"
#include "oci/dataflow.h"
#include "oci/objectstorage.h"
#include "plan/compare.h"

struct look {
	struct act *act;
	struct err refused;
	act_done_fn *then;
};

bool look_is_due(const struct err *refused)
{
	return refused->http_status == 404 || refused->http_status == 409 ||
		refused->http_status == 412;
}

static void judge(struct look *l, bool done, const char *id)
{
	static const struct err none = {0};
	l->then(l->act, done ? &none : &l->refused, done ? id : NULL);
}

/* A look that got an answer leaves no doubt: what is not as wanted was not done. */
static void settle(struct look *l, const struct err *err)
{
	l->refused.maybe_done = l->refused.maybe_done && err->kind && err->kind != ERR_NOT_FOUND;
}

/* Of an update: nothing is left to change. */
static bool is_as_wanted(const struct look *l, const struct application *app)
{
	const struct resource now = {.kind = RESOURCE_APPLICATION, .app = app};
	struct comparison c;
	compare_resource(&now, l->act->action->want, oci_arena(l->act->oci), &c);
	return !c.changes.n;
}

static void on_application(
	void *ctx, const struct err *err, const struct application *app, const char *etag)
{
	(void)etag;
	struct look *l = ctx;
	settle(l, err);
	if (l->act->action->verb == PLAN_UPDATE || l->act->action->verb == PLAN_ADOPT)
		judge(l, !err->kind && !application_is_gone(app) && is_as_wanted(l, app),
			err->kind ? NULL : app->id);
	else
		judge(l, err->kind == ERR_NOT_FOUND || (!err->kind && application_is_gone(app)),
			NULL);
}

static void on_object(void *ctx, const struct err *err, const struct object *object)
{
	struct look *l = ctx;
	settle(l, err);
	const struct resource *want = l->act->action->want;
	if (want)
		judge(l, !err->kind && object_same_content(object, want->object),
			l->act->action->live->id);
	else
		judge(l, err->kind == ERR_NOT_FOUND, NULL);
}

static void on_bucket(void *ctx, const struct err *err, const struct bucket *bucket)
{
	struct look *l = ctx;
	settle(l, err);
	judge(l, !err->kind,
		err->kind ? NULL
			  : oci_uri_format(oci_arena(l->act->oci), bucket->name,
				    l->act->options->ns, NULL));
}

/* Of what was to be created `oci` has judged already, by retry token and hash. */
static bool was_live(const struct act *act)
{
	return act->action->live && !act->removed;
}

void look_start(struct act *act, const struct err *refused, act_done_fn *then)
{
	const struct plan_action *x = act->action;
	const struct resource *r = x->live ? x->live : x->want;
	struct look *l = arena_new(oci_arena(act->oci), struct look);
	*l = (struct look){act, *refused, then};
	if (r->kind == RESOURCE_BUCKET)
		storage_bucket_get(act->oci, act->options->ns, r->bucket->name, on_bucket, l);
	else if (!was_live(act))
		judge(l, false, NULL);
	else if (r->kind == RESOURCE_OBJECT)
		storage_object_head(act->oci, act->options->ns, r->object->bucket, r->object->name,
			on_object, l);
	else
		dataflow_application_get(act->oci, r->id, on_application, l);
}

static void on_twin(
	void *ctx, const struct err *err, const struct application *app, const char *etag)
{
	(void)etag;
	struct look *l = ctx;
	if (err->kind && err->kind != ERR_NOT_FOUND)
		l->refused = *err;
	judge(l, !err->kind && !application_is_gone(app) && is_as_wanted(l, app),
		err->kind ? NULL : app->id);
}

void look_at_twin(struct act *act, const char *id, act_done_fn *then)
{
	struct look *l = arena_new(oci_arena(act->oci), struct look);
	*l = (struct look){.act = act, .then = then};
	err_set(&l->refused, ERR_CONFLICT,
		"somebody else has created it since the plan was made: %s", id);
	err_hint(&l->refused, "plan again: what is different of it is a change then");
	dataflow_application_get(act->oci, id, on_twin, l);
}
