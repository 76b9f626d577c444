#include "import/gather.h"

#include "base/text.h"
#include "model/resource.h"
#include "oci/dataflow.h"

#include <string.h>

struct gathering {
	struct oci *oci;
	const char *tag;
	struct map seen; /* OCIDs to their struct gather_item *: a list may move while it is read */
	size_t done;
	struct err err; /* of a list */
};
struct asking {
	struct gathering *g;
	struct gather_item *item;
};

static bool is_alive(const struct application *app)
{
	return text_equal(app->lifecycle_state, "ACTIVE") ||
		text_equal(app->lifecycle_state, "INACTIVE");
}

static void on_app(
	void *ctx, const struct err *err, const struct application *app, const char *etag)
{
	(void)etag;
	struct asking *x = ctx;
	struct gathering *g = x->g;
	x->item->err = *err;
	if (!err->kind && is_alive(app))
		x->item->app = app;
	else if (!err->kind)
		err_set(&x->item->err, ERR_NOT_FOUND, "application %s is deleted (%s)", x->item->id,
			app->lifecycle_state ? app->lifecycle_state : "in no state");
	progress_send(oci_progress(g->oci), PROGRESS_STEP, "applications", ++g->done, g->seen.n,
		"reading");
}

static void ask(struct gathering *g, const char *id)
{
	struct arena *a = oci_arena(g->oci);
	if (map_has(&g->seen, id))
		return;
	struct gather_item *item = arena_new(a, struct gather_item);
	struct asking *x = arena_new(a, struct asking);
	item->id = arena_strdup(a, id);
	map_put(&g->seen, id, item);
	*x = (struct asking){g, item};
	dataflow_application_get(g->oci, item->id, on_app, x);
}

static void on_summary(void *ctx, const struct err *err, const struct application *app)
{
	struct gathering *g = ctx;
	if (err->kind)
		g->err = *err;
	if (!app || !is_alive(app))
		return;
	const char *tag = identity_tag_of(&app->freeform_tags);
	if (!g->tag || (tag && text_starts(tag, g->tag)))
		ask(g, app->id);
}

static struct gathering *begin(struct oci *oci)
{
	struct gathering *g = arena_new(oci_arena(oci), struct gathering);
	g->oci = oci;
	g->seen.arena = oci_arena(oci);
	progress_send(oci_progress(oci), PROGRESS_START, "applications", 0, 0, "reading");
	return g;
}

static bool finish(struct gathering *g, bool listed, struct gathered *ret, struct err *err)
{
	bool ok = oci_run(g->oci, err);
	if (ok && g->err.kind) {
		*err = g->err;
		ok = false;
	}
	progress_send(oci_progress(g->oci), ok ? PROGRESS_DONE : PROGRESS_FAILED, "applications",
		g->done, g->seen.n, NULL);
	for (size_t i = 0; ok && i < g->seen.n; i++) {
		const struct gather_item *item = g->seen.v[i].value;
		if (listed && item->err.kind == ERR_NOT_FOUND)
			continue;
		ret->v = arena_grow(oci_arena(g->oci), ret->v, ret->n, &ret->cap, sizeof *ret->v);
		ret->v[ret->n++] = *item;
	}
	return ok;
}

bool gather_ids(struct oci *oci, const struct strs *ids, struct gathered *ret, struct err *err)
{
	struct gathering *g = begin(oci);
	for (size_t i = 0; i < ids->n; i++)
		ask(g, ids->v[i]);
	return finish(g, false, ret, err);
}

bool gather_compartment(struct oci *oci, const char *compartment_id, const char *tag,
	struct gathered *ret, struct err *err)
{
	struct gathering *g = begin(oci);
	g->tag = tag;
	dataflow_application_list(oci, compartment_id, on_summary, g);
	return finish(g, true, ret, err);
}

struct tags {
	struct map *found;
	struct err err;
};

static void on_tagged(void *ctx, const struct err *err, const struct application *app)
{
	struct tags *t = ctx;
	const char *tag = app ? identity_tag_of(&app->freeform_tags) : NULL;
	if (err->kind)
		t->err = *err;
	if (tag && is_alive(app))
		map_put(t->found, tag, t);
}

bool gather_tags(struct oci *oci, const char *compartment_id, struct map *ret, struct err *err)
{
	struct tags *t = arena_new(oci_arena(oci), struct tags);
	t->found = ret;
	dataflow_application_list(oci, compartment_id, on_tagged, t);
	if (!oci_run(oci, err))
		return false;
	if (t->err.kind)
		*err = t->err;
	return !t->err.kind;
}
