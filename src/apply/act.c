#include "apply/act.h"

#include "apply/fresh.h"
#include "apply/look.h"
#include "base/fs.h"
#include "model/oci_uri.h"
#include "model/remember.h"
#include "oci/dataflow.h"
#include "oci/objectstorage.h"
#include "plan/compare.h"
#include "plan/identity.h"

static void end(struct act *act, const struct err *err, const char *id)
{
	if (look_is_due(err))
		look_start(act, err, act->done);
	else
		act->done(act, err, id);
}

static void on_deleted(void *ctx, const struct err *err)
{
	end(ctx, err, NULL);
}

static void on_bucket(void *ctx, const struct err *err, const struct bucket *bucket)
{
	struct act *act = ctx;
	const char *id = err->kind
		? NULL
		: oci_uri_format(oci_arena(act->oci), bucket->name, act->options->ns, NULL);
	end(act, err, id);
}

static void create_bucket(struct act *act)
{
	struct bucket *bucket = arena_new(oci_arena(act->oci), struct bucket);
	*bucket = *act->action->want->bucket;
	if (!bucket->compartment_id)
		bucket->compartment_id = act->options->compartment_id;
	storage_bucket_create(act->oci, act->options->ns, bucket, on_bucket, act);
}

static void on_object(void *ctx, const struct err *err, const struct object *object)
{
	(void)object;
	struct act *act = ctx;
	const struct object *want = act->action->want->object;
	const char *id = err->kind
		? NULL
		: oci_uri_format(oci_arena(act->oci), want->bucket, act->options->ns, want->name);
	end(act, err, id);
}

static void put_object(struct act *act)
{
	struct arena *a = oci_arena(act->oci);
	const struct object *want = act->action->want->object;
	const struct resource *live = act->action->live;
	struct storage_put *put = arena_new(a, struct storage_put);
	*put = (struct storage_put){.ns = act->options->ns,
		.bucket = want->bucket,
		.name = want->name,
		.path = fs_join(a, act->options->dir, want->path),
		.content_type = want->content_type,
		.owner = act->options->owner,
		.if_match = live ? live->etag : NULL,
		.if_none_match = !live,
		.sha256 = want->sha256};
	storage_object_put(act->oci, put, on_object, act);
}

static void delete_object(struct act *act)
{
	const struct resource *live = act->action->live;
	storage_object_delete(act->oci, act->options->ns, live->object->bucket, live->object->name,
		live->etag, on_deleted, act);
}

static void on_application(
	void *ctx, const struct err *err, const struct application *app, const char *etag)
{
	(void)etag;
	struct act *act = ctx;
	end(act, err, err->kind ? NULL : app->id);
}

static const char *compartment_of(const struct act *act)
{
	const char *own = act->action->want->app->compartment_id;
	return own ? own : act->options->compartment_id;
}

static void send_application(struct act *act)
{
	struct application *app = remember_on(act->action->want->app, oci_arena(act->oci), NULL);
	app->compartment_id = compartment_of(act);
	dataflow_application_create(
		act->oci, app, identity_tag_of(&app->freeform_tags), on_application, act);
}

static void on_fresh(struct act *act, const struct err *err, const char *twin)
{
	if (err->kind)
		act->done(act, err, NULL);
	else if (twin)
		look_at_twin(act, twin, act->done);
	else
		send_application(act);
}

static void create_application(struct act *act)
{
	const struct application *app = act->action->want->app;
	fresh_look(act->fresh, compartment_of(act), identity_tag_of(&app->freeform_tags), act,
		on_fresh);
}

static void on_moved(void *ctx, const struct err *err)
{
	struct act *act = ctx;
	end(act, err, err->kind ? NULL : act->action->live->id);
}

static void move_application(struct act *act, const char *etag)
{
	const struct plan_action *x = act->action;
	dataflow_application_move(
		act->oci, x->live->id, x->want->app->compartment_id, etag, on_moved, act);
}

static void on_updated(
	void *ctx, const struct err *err, const struct application *app, const char *etag)
{
	struct act *act = ctx;
	if (!err->kind && plan_moves(act->action))
		move_application(act, etag);
	else
		on_application(ctx, err, app, etag);
}

/* The rest first, then the move: the reply to an update tells the etag that the move is bound to, that to a move
   tells none, and between the two an edit of somebody else's could go unseen. */
static void update_application(struct act *act)
{
	const struct plan_action *x = act->action;
	struct node *body = compare_update_body(x->live, x->want, &x->changes, oci_arena(act->oci));
	if (body->u.map.n)
		dataflow_application_update(
			act->oci, x->live->id, body, x->live->etag, on_updated, act);
	else
		move_application(act, x->live->etag);
}

static void on_removed(struct act *act, const struct err *err, const char *id)
{
	(void)id;
	if (err->kind) {
		act->done(act, err, NULL);
		return;
	}
	act->removed = true;
	send_application(act);
}

static void on_replaced(void *ctx, const struct err *err)
{
	struct act *act = ctx;
	if (look_is_due(err))
		look_start(act, err, on_removed);
	else
		on_removed(act, err, NULL);
}

/* The old one goes first: two with one identity would be a conflict for whoever looks meanwhile. */
static void replace_application(struct act *act)
{
	const struct resource *live = act->action->live;
	dataflow_application_delete(act->oci, live->id, live->etag, on_replaced, act);
}

static void delete_application(struct act *act)
{
	const struct resource *live = act->action->live;
	dataflow_application_delete(act->oci, live->id, live->etag, on_deleted, act);
}

static void refuse(struct act *act)
{
	struct err err;
	err_set(&err, ERR_BUG, "no way to %s %s", plan_verb_name(act->action->verb),
		act->action->address);
	act->done(act, &err, NULL);
}

void act_start(struct act *act)
{
	typedef void act_fn(struct act * act);
	static act_fn *const fns[RESOURCE_KINDS][PLAN_VERBS] = {
		[RESOURCE_BUCKET] = {[PLAN_CREATE] = create_bucket},
		[RESOURCE_OBJECT] = {[PLAN_CREATE] = put_object,
			[PLAN_UPDATE] = put_object,
			[PLAN_DELETE] = delete_object},
		[RESOURCE_APPLICATION] = {[PLAN_CREATE] = create_application,
			[PLAN_UPDATE] = update_application,
			[PLAN_REPLACE] = replace_application,
			[PLAN_DELETE] = delete_application,
			[PLAN_ADOPT] = update_application},
	};
	const struct plan_action *x = act->action;
	act_fn *fn = fns[x->want ? x->want->kind : x->live->kind][x->verb];
	(fn ? fn : refuse)(act);
}
