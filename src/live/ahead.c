#include "live/ahead.h"

struct live_ahead {
	struct arena *arena;
	const char *compartment_id;
	const struct application **held;
	size_t n, cap;
	bool ended;
	struct err err; /* how it ended */
	dataflow_application_each_fn *fn;
	void *ctx;
};

static void on_summary(void *ctx, const struct err *err, const struct application *app)
{
	struct live_ahead *l = ctx;
	if (l->fn) {
		l->fn(l->ctx, err, app);
	} else if (app) {
		l->held = arena_grow(l->arena, l->held, l->n, &l->cap, sizeof *l->held);
		l->held[l->n++] = app;
	} else {
		l->ended = true;
		l->err = *err;
	}
}

struct live_ahead *live_ahead_begin(struct oci *oci, const char *compartment_id)
{
	struct live_ahead *l = arena_new(oci_arena(oci), struct live_ahead);
	l->arena = oci_arena(oci);
	l->compartment_id = arena_strdup(l->arena, compartment_id);
	dataflow_application_list(oci, compartment_id, on_summary, l);
	return l;
}

const char *live_ahead_compartment(const struct live_ahead *l)
{
	return l->compartment_id;
}

void live_ahead_take(struct live_ahead *l, dataflow_application_each_fn *fn, void *ctx)
{
	static const struct err none = {0};
	l->fn = fn;
	l->ctx = ctx;
	for (size_t i = 0; i < l->n; i++)
		fn(ctx, &none, l->held[i]);
	if (l->ended)
		fn(ctx, &l->err, NULL);
}
