/* Which run is meant. */
#include "base/text.h"
#include "oci/dataflow.h"
#include "run/run.h"
#include "run/tag.h"

#include <stdlib.h>
#include <string.h>

struct listing {
	struct oci *oci;
	const struct run_find *q; /* NULL: all runs */
	struct runs *out;
	struct err err;
};

static bool is_ours(struct arena *a, const struct run_find *q, const struct run *run)
{
	struct run_tag tag;
	return run_tag_parse(a, &run->freeform_tags, &tag) &&
		text_equal(tag.pipeline, q->pipeline) && text_equal(tag.target, q->target);
}

static void on_each(void *ctx, const struct err *err, const struct run *run)
{
	struct listing *l = ctx;
	struct arena *a = oci_arena(l->oci);
	if (!run) {
		if (!l->err.kind)
			l->err = *err;
		return;
	}
	if (l->q && !is_ours(a, l->q, run))
		return;
	l->out->v = arena_grow(a, l->out->v, l->out->n, &l->out->cap, sizeof *l->out->v);
	l->out->v[l->out->n++] = run;
}

/* Newest first; the display name, which ends in the time of its launch, decides within a millisecond. */
static int newer(const void *left, const void *right)
{
	const struct run *a = *(const struct run *const *)left,
			 *b = *(const struct run *const *)right;
	int64_t at = text_time_ms(a->time_created), bt = text_time_ms(b->time_created);
	if (at != bt)
		return at < bt ? 1 : -1;
	return -strcmp(
		a->display_name ? a->display_name : "", b->display_name ? b->display_name : "");
}

static bool list(struct oci *oci, const struct run_find *q, struct dataflow_filter filter,
	bool only_ours, struct runs *ret, struct err *err)
{
	struct runs found = {0};
	struct listing *l = arena_new(oci_arena(oci), struct listing);
	*l = (struct listing){.oci = oci, .q = only_ours ? q : NULL, .out = &found};
	for (size_t i = 0; i < q->compartments.n; i++)
		dataflow_run_list(oci, q->compartments.v[i], filter, on_each, l);
	if (!oci_run(oci, err))
		return false;
	if (l->err.kind) {
		*err = l->err;
		return false;
	}
	if (found.n)
		qsort(found.v, found.n, sizeof *found.v, newer);
	*ret = found;
	return true;
}

bool run_list(struct oci *oci, const struct run_find *q, struct runs *ret, struct err *err)
{
	return list(oci, q, (struct dataflow_filter){0}, true, ret, err);
}

struct getting {
	struct arena *arena;
	struct err err;
	const struct run *run;
};

static void on_run(void *ctx, const struct err *err, const struct run *run, const char *etag)
{
	(void)etag;
	struct getting *g = ctx;
	g->err = *err;
	if (err->kind)
		return;
	struct run *kept = arena_new(g->arena, struct run);
	field_copy(&run_record, run, kept, g->arena);
	g->run = kept;
}

static bool get(struct oci *oci, const char *id, const struct run **ret, struct err *err)
{
	struct getting *g = arena_new(oci_arena(oci), struct getting);
	g->arena = oci_arena(oci);
	dataflow_run_get(oci, id, on_run, g);
	if (!oci_run(oci, err))
		return false;
	if (g->err.kind) {
		*err = g->err;
		return false;
	}
	*ret = g->run;
	return true;
}

bool run_find(struct oci *oci, const struct run_find *q, const char *what, const struct run **ret,
	struct err *err)
{
	if (text_starts(what, "ocid1."))
		return get(oci, what, ret, err);
	struct runs found;
	bool last = text_equal(what, "last");
	struct dataflow_filter filter = {last ? NULL : "displayName", last ? NULL : what};
	if (!list(oci, q, filter, last, &found, err))
		return false;
	if (found.n)
		return get(oci, found.v[0]->id, ret, err);
	if (last)
		err_set(err, ERR_NOT_FOUND, "%s has no run at target %s yet", q->pipeline,
			q->target);
	else
		err_set(err, ERR_NOT_FOUND, "there is no run called `%s`", what);
	return err_hint(err,
		"a run is named by its OCID, its display name, or `last`; `weir list runs` lists them");
}
