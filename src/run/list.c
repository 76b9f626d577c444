#include "run/list.h"

#include "base/text.h"
#include "oci/dataflow.h"
#include "run/tag.h"

#include <stdlib.h>

enum { PAGE_MAX = 1000, PAGE_SOME = 200 };

const char *const list_run_sorts[] = {"time_created", "time_updated", "display_name",
	"lifecycle_state", "run_duration_in_milliseconds", "total_o_cpu", "data_read_in_bytes",
	"data_written_in_bytes", "language", "application_id", "owner_user_name", NULL};

static bool is_time(const struct field *f)
{
	return text_starts(f->name, "time_");
}

static int descending(int64_t a, int64_t b)
{
	return (a < b) - (a > b);
}

int list_compare(const struct record *r, const char *field, const void *left, const void *right)
{
	const struct field *f = record_field(r, field);
	bool a = field_is_set(f, left), b = field_is_set(f, right);
	const void *l = (const char *)left + f->at, *g = (const char *)right + f->at;
	if (!a || !b)
		return b - a;
	if (f->kind == FIELD_I64)
		return descending(((const struct opt_i64 *)l)->v, ((const struct opt_i64 *)g)->v);
	const char *x = *(const char *const *)l, *y = *(const char *const *)g;
	return is_time(f) ? descending(text_time_ms(x), text_time_ms(y)) : strcmp(x, y);
}

bool list_state_wanted(const struct strs *states, const char *state)
{
	for (size_t i = 0; i < states->n; i++)
		if (text_equal(states->v[i], state))
			return true;
	return !states->n;
}

bool list_newer(const struct run *a, const struct run *b)
{
	return text_time_ms(a->time_created) > text_time_ms(b->time_created);
}

/* Runs of one compartment. */
struct runs_listing {
	struct oci *oci;
	const struct list_query *q;
	struct runs *out;
	struct err *err;
	const char *compartment_id;
	struct dataflow_order order;
	const struct run *last; /* that came */
	bool by_service; /* it was asked for this order, in which its next pages have nothing that comes before */
	size_t found;
};

static bool is_ours(struct arena *a, const char *owner, const struct run *run)
{
	struct run_tag tag;
	if (!owner)
		return true;
	return run_tag_parse(a, &run->freeform_tags, &tag) &&
		text_equal(owner, arena_printf(a, "%s/%s", tag.pipeline, tag.target));
}

static bool is_wanted(const struct list_query *q, const struct run *run)
{
	arena_auto a = {0};
	return list_state_wanted(&q->states, run->lifecycle_state) &&
		text_time_ms(run->time_created) >= q->since && is_ours(&a, q->owner, run);
}

static int in_order(const struct list_query *q, const struct run *a, const struct run *b)
{
	int c = list_compare(&run_record, q->sort, a, b);
	return q->reverse ? -c : c;
}

static void ask(struct runs_listing *l);

static void on_run(void *ctx, const struct err *err, const struct run *run)
{
	struct runs_listing *l = ctx;
	if (!run && l->order.sort_by && !l->last && err->http_status == 400) {
		l->order.sort_by = NULL;
		l->by_service = false;
		ask(l);
		return;
	}
	if (!run) {
		if (err->kind && !l->err->kind)
			*l->err = *err;
		return;
	}
	if (l->last && in_order(l->q, l->last, run) > 0)
		l->by_service = false;
	l->last = run;
	if (!is_wanted(l->q, run))
		return;
	struct runs *out = l->out;
	out->v = arena_grow(oci_arena(l->oci), out->v, out->n, &out->cap, sizeof *out->v);
	out->v[out->n++] = run;
	l->found++;
}

static void ask(struct runs_listing *l)
{
	dataflow_run_list_by(l->oci, l->compartment_id, &l->order, on_run, l);
}

static bool more_runs(void *ctx)
{
	const struct runs_listing *l = ctx;
	const struct list_query *q = l->q;
	if (l->err->kind || !l->by_service || !l->last)
		return !l->err->kind;
	bool past = q->since && !q->reverse && text_equal(q->sort, "time_created") &&
		text_time_ms(l->last->time_created) < q->since;
	return !past && (!q->limit || l->found < q->limit);
}

/* Of texts the service's order need not be ours. */
static bool service_sorts(const struct field *f)
{
	static const char *const names[] = {"time_created", "run_duration_in_milliseconds",
		"total_o_cpu", "data_read_in_bytes", "data_written_in_bytes", NULL};
	size_t i = 0;
	while (names[i] && strcmp(names[i], f->name))
		i++;
	return names[i];
}

/* The one filter: a state, which is not in the order, rather than the time, which may be. */
static struct dataflow_filter choose_filter(const struct list_query *q, struct arena *a)
{
	char time[32];
	if (q->states.n == 1)
		return (struct dataflow_filter){"lifecycleState", q->states.v[0]};
	if (q->since)
		return (struct dataflow_filter){"timeCreatedGreaterThan",
			arena_strdup(a, text_rfc3339(q->since - 1, time))};
	return (struct dataflow_filter){0};
}

static int page_size(const struct list_query *q)
{
	bool sifted = q->owner || q->states.n > 1 || (q->states.n && q->since);
	size_t n = sifted ? 2 * q->limit + PAGE_SOME : q->limit;
	return q->limit && n < PAGE_MAX ? (int)n : PAGE_MAX;
}

static int by_query(const void *left, const void *right, void *ctx)
{
	const struct run *a = *(const struct run *const *)left,
			 *b = *(const struct run *const *)right;
	int c = in_order(ctx, a, b);
	if (!c)
		c = list_compare(&run_record, "time_created", a, b);
	return c ? c
		 : -strcmp(a->display_name ? a->display_name : "",
			   b->display_name ? b->display_name : "");
}

bool list_runs(struct oci *oci, const struct list_query *q, struct runs *ret, struct err *err)
{
	struct arena *a = oci_arena(oci);
	const struct field *f = record_field(&run_record, q->sort);
	struct runs *found = arena_new(a, struct runs);
	struct err *failed = arena_new(a, struct err);
	for (size_t i = 0; i < q->compartments.n; i++) {
		struct runs_listing *l = arena_new(a, struct runs_listing);
		*l = (struct runs_listing){.oci = oci,
			.q = q,
			.out = found,
			.err = failed,
			.compartment_id = q->compartments.v[i],
			.order = {.filter = choose_filter(q, a),
				.sort_by = service_sorts(f) ? f->api : NULL,
				.ascending = q->reverse,
				.page_size = page_size(q),
				.more = more_runs}};
		l->by_service = l->order.sort_by;
		ask(l);
	}
	if (!oci_run(oci, err))
		return false;
	if (failed->kind) {
		*err = *failed;
		return false;
	}
	if (found->n)
		qsort_r(found->v, found->n, sizeof *found->v, by_query, (void *)q);
	if (q->limit && found->n > q->limit)
		found->n = q->limit;
	*ret = *found;
	return true;
}
