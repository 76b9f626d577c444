/*
 * Applications with their last runs. The runs are listed beside them, newest first, until each application has one, or
 * too few lack one to be worth a further page: these are asked for singly.
 */
#include "base/map.h"
#include "base/text.h"
#include "model/resource.h"
#include "oci/dataflow.h"
#include "run/list.h"

#include <stdlib.h>

enum { PAGE_SIZE = 1000, SINGLY_MAX = 64 };

const char *const list_app_sorts[] = {"last_run", "time_created", "time_updated", "display_name",
	"lifecycle_state", "language", "spark_version", "owner_user_name", NULL};
const char *const list_app_states[] = {"ACTIVE", "INACTIVE", "DELETING", "DELETED", NULL};

struct listing {
	struct oci *oci;
	const struct list_query *q;
	struct listed_apps apps;
	struct map last;  /* OCID of an application to its newest run so far */
	size_t open;      /* lists of applications that go on */
	bool incomplete;  /* not all runs were read */
	bool limit_found; /* since the newest are known */
	struct err err;
};
struct runs_listing {
	struct listing *all;
	const char *compartment_id;
	const struct run *oldest; /* that came */
	bool unordered;
};

static bool is_wanted(const struct list_query *q, const struct application *app)
{
	const char *tag = identity_tag_of(&app->freeform_tags);
	size_t owner = q->owner ? strlen(q->owner) : 0;
	if (q->owner && (!tag || strncmp(tag, q->owner, owner) != 0 || tag[owner] != '/'))
		return false;
	return q->states.n ? list_state_wanted(&q->states, app->lifecycle_state)
			   : !application_is_gone(app);
}

static void note(struct listing *l, const struct err *err)
{
	if (err->kind && !l->err.kind)
		l->err = *err;
}

static void on_app(void *ctx, const struct err *err, const struct application *app)
{
	struct listing *l = ctx;
	struct listed_apps *apps = &l->apps;
	if (!app) {
		note(l, err);
		l->open--;
		return;
	}
	if (!is_wanted(l->q, app))
		return;
	apps->v = arena_grow(oci_arena(l->oci), apps->v, apps->n, &apps->cap, sizeof *apps->v);
	apps->v[apps->n++] = (struct listed_app){.app = app};
}

static void keep_newest(struct listing *l, const struct run *run)
{
	const struct run *known =
		run->application_id ? map_get(&l->last, run->application_id) : NULL;
	if (run->application_id && (!known || list_newer(run, known)))
		map_put(&l->last, run->application_id, (void *)run);
}

static void read_runs_of(struct runs_listing *r);

static void on_run(void *ctx, const struct err *err, const struct run *run)
{
	struct runs_listing *r = ctx;
	if (!run && !r->unordered && !r->oldest && err->http_status == 400) {
		r->unordered = true;
		read_runs_of(r);
		return;
	}
	if (!run) {
		note(r->all, err);
		return;
	}
	r->unordered = r->unordered || (r->oldest && list_newer(run, r->oldest));
	r->oldest = run;
	keep_newest(r->all, run);
}

/* How many have no run yet, and how many have one in this compartment. */
static size_t count_without(const struct runs_listing *r, size_t *ret_here)
{
	const struct listing *l = r->all;
	size_t without = 0;
	*ret_here = 0;
	for (size_t i = 0; i < l->apps.n; i++) {
		const struct run *run = map_get(&l->last, l->apps.v[i].app->id);
		without += !run;
		*ret_here += run && text_equal(run->compartment_id, r->compartment_id);
	}
	return without;
}

static bool by_last_run(const struct list_query *q)
{
	return text_equal(q->sort, "last_run");
}

static bool more_runs(void *ctx)
{
	struct runs_listing *r = ctx;
	struct listing *l = r->all;
	size_t here;
	if (l->err.kind)
		return false;
	if (r->unordered)
		return true;
	bool past = l->q->since && r->oldest && text_time_ms(r->oldest->time_created) < l->q->since;
	if (!past && l->open)
		return true;
	size_t without = count_without(r, &here);
	bool enough = !l->open && by_last_run(l->q) && !l->q->reverse && l->q->limit &&
		here >= l->q->limit;
	bool more = !past && !enough && without > SINGLY_MAX;
	l->incomplete = l->incomplete || !more;
	l->limit_found = l->limit_found || enough;
	return more;
}

/* unordered, before it has begun: the service refuses to sort. */
static void read_runs_of(struct runs_listing *r)
{
	struct dataflow_order order = {.sort_by = r->unordered ? NULL : "timeCreated",
		.page_size = PAGE_SIZE,
		.more = more_runs};
	dataflow_run_list_by(r->all->oci, r->compartment_id, &order, on_run, r);
}

static void read_runs(struct listing *l, const struct strs *compartments)
{
	for (size_t i = 0; i < compartments->n; i++) {
		struct runs_listing *r = arena_new(oci_arena(l->oci), struct runs_listing);
		*r = (struct runs_listing){.all = l, .compartment_id = compartments->v[i]};
		read_runs_of(r);
	}
}

static bool read_lists(struct listing *l, struct err *err)
{
	const struct strs *compartments = &l->q->compartments;
	for (size_t i = 0; i < compartments->n; i++) {
		l->open++;
		dataflow_application_list(l->oci, compartments->v[i], on_app, l);
	}
	read_runs(l, compartments);
	read_runs(l, &l->q->runs_in);
	if (!oci_run(l->oci, err))
		return false;
	if (l->err.kind)
		*err = l->err;
	return !l->err.kind;
}

/* The runs of one application. */
struct single {
	struct listing *all;
	const char *app_id, *compartment_id;
	bool unordered, any;
};

static void ask_one(struct single *s);

static void on_single(void *ctx, const struct err *err, const struct run *run)
{
	struct single *s = ctx;
	if (run) {
		s->any = true;
		keep_newest(s->all, run);
	} else if (!s->unordered && !s->any && err->http_status == 400) {
		s->unordered = true;
		ask_one(s);
	} else {
		note(s->all, err);
	}
}

static bool one_page(void *ctx)
{
	(void)ctx;
	return false;
}

/* The newest; all of them where the service refuses to sort what is filtered. */
static void ask_one(struct single *s)
{
	struct dataflow_order order = {.filter = {"applicationId", s->app_id},
		.sort_by = s->unordered ? NULL : "timeCreated",
		.page_size = s->unordered ? PAGE_SIZE : 1,
		.more = s->unordered ? NULL : one_page};
	dataflow_run_list_by(s->all->oci, s->compartment_id, &order, on_single, s);
}

static void ask_for(struct listing *l, const char *app_id, const char *compartment_id)
{
	struct single *s = arena_new(oci_arena(l->oci), struct single);
	*s = (struct single){.all = l, .app_id = app_id, .compartment_id = compartment_id};
	ask_one(s);
}

static bool ask_singly(struct listing *l, struct err *err)
{
	for (size_t i = 0; i < l->apps.n; i++) {
		const struct application *app = l->apps.v[i].app;
		if (map_get(&l->last, app->id))
			continue;
		ask_for(l, app->id, app->compartment_id);
		for (size_t k = 0; k < l->q->runs_in.n; k++)
			ask_for(l, app->id, l->q->runs_in.v[k]);
	}
	if (!oci_run(l->oci, err))
		return false;
	if (l->err.kind)
		*err = l->err;
	return !l->err.kind;
}

static int64_t stirred_at(const struct listed_app *a)
{
	int64_t ran = a->last_run ? text_time_ms(a->last_run->time_created) : 0;
	int64_t changed = text_time_ms(a->app->time_updated);
	return ran > changed ? ran : changed;
}

/* Fills in the runs; leaves out what has not stirred since. */
static void join(struct listing *l)
{
	size_t n = 0;
	for (size_t i = 0; i < l->apps.n; i++) {
		struct listed_app *a = &l->apps.v[i];
		a->last_run = map_get(&l->last, a->app->id);
		if (stirred_at(a) >= l->q->since)
			l->apps.v[n++] = *a;
	}
	l->apps.n = n;
}

static int by_query(const void *left, const void *right, void *ctx)
{
	const struct listed_app *a = left, *b = right;
	const struct list_query *q = ctx;
	int c;
	if (!by_last_run(q))
		c = list_compare(&application_record, q->sort, a->app, b->app);
	else if (!a->last_run || !b->last_run)
		c = !a->last_run - !b->last_run;
	else
		c = list_compare(&run_record, "time_created", a->last_run, b->last_run);
	c = q->reverse ? -c : c;
	if (!c)
		c = list_compare(&application_record, "time_created", a->app, b->app);
	return c ? c : strcmp(a->app->id, b->app->id);
}

static void sort(struct listing *l)
{
	if (l->apps.n)
		qsort_r(l->apps.v, l->apps.n, sizeof *l->apps.v, by_query, (void *)l->q);
}

static void cut(struct listing *l)
{
	if (l->q->limit && l->apps.n > l->q->limit)
		l->apps.n = l->q->limit;
}

bool list_apps(
	struct oci *oci, const struct list_query *q, struct listed_apps *ret, struct err *err)
{
	struct listing *l = arena_new(oci_arena(oci), struct listing);
	*l = (struct listing){.oci = oci, .q = q, .last.arena = oci_arena(oci)};
	if (!read_lists(l, err))
		return false;
	join(l);
	sort(l);
	if (!by_last_run(q) || l->limit_found)
		cut(l);
	if (l->incomplete) {
		if (!ask_singly(l, err))
			return false;
		join(l);
		sort(l);
	}
	cut(l);
	*ret = l->apps;
	return true;
}
