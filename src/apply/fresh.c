#include "apply/fresh.h"

#include "base/map.h"
#include "oci/dataflow.h"
#include "plan/identity.h"

enum { OLD_MS = 5000 };

struct waiting {
	struct waiting *next;
	const char *tag;
	struct act *act;
	act_done_fn *then;
};
/* One list of one compartment. */
struct listing {
	struct fresh *fresh;
	struct map ids; /* tag to OCID */
	struct waiting *waiting;
	bool ended, failed;
	int64_t began;
};
struct fresh {
	struct oci *oci;
	struct arena *arena;
	const struct clock *clock;
	struct map listings; /* compartment to the latest */
};

struct fresh *fresh_new(struct oci *oci, const struct clock *clock)
{
	struct fresh *f = arena_new(oci_arena(oci), struct fresh);
	*f = (struct fresh){.oci = oci,
		.arena = oci_arena(oci),
		.clock = clock,
		.listings = {.arena = oci_arena(oci)}};
	return f;
}

static void end(struct listing *l, const struct err *err)
{
	struct waiting *w = l->waiting;
	l->ended = true;
	l->failed = err->kind;
	l->waiting = NULL;
	for (; w; w = w->next)
		w->then(w->act, err, err->kind ? NULL : map_get(&l->ids, w->tag));
}

static void on_summary(void *ctx, const struct err *err, const struct application *app)
{
	struct listing *l = ctx;
	const char *tag = app ? identity_tag_of(&app->freeform_tags) : NULL;
	if (!app)
		end(l, err);
	else if (tag && !application_is_gone(app))
		map_put(&l->ids, tag, (void *)app->id);
}

static struct listing *begin(struct fresh *f, const char *compartment_id)
{
	struct listing *l = arena_new(f->arena, struct listing);
	*l = (struct listing){
		.fresh = f, .ids = {.arena = f->arena}, .began = clock_mono(f->clock)};
	map_put(&f->listings, compartment_id, l);
	return l;
}

static bool is_old(const struct listing *l)
{
	return l->ended && (l->failed || clock_mono(l->fresh->clock) - l->began > OLD_MS);
}

void fresh_look(struct fresh *f, const char *compartment_id, const char *tag, struct act *act,
	act_done_fn *then)
{
	static const struct err none = {0};
	struct listing *l = map_get(&f->listings, compartment_id);
	bool begins = !l || is_old(l);
	if (begins)
		l = begin(f, compartment_id);
	if (l->ended) {
		then(act, &none, map_get(&l->ids, tag));
		return;
	}
	struct waiting *w = arena_new(f->arena, struct waiting);
	*w = (struct waiting){l->waiting, tag, act, then};
	l->waiting = w;
	if (begins)
		dataflow_application_list(f->oci, compartment_id, on_summary, l);
}
