#include "apply/apply.h"

#include "apply/act.h"
#include "apply/fresh.h"

enum {
	AT_ONCE = 64,      /* actions under way: each may hold a file open */
	GIVE_UP_AFTER = 8, /* failures in a row that tell of the connection, not of the action */
	GRACE_MS = 10000,  /* for what is under way when weir is interrupted */
};

/* One action while it is carried out. */
struct job {
	struct act act; /* first: act_done_fn gets it */
	struct applier *applier;
	struct apply_result *result;
	int64_t started;
	size_t waits_for; /* needs that have not ended yet, and for deletions the others */
	size_t *blocks;   /* indexes of the jobs that need this one */
	size_t blocks_n;
	const char *failed_need; /* address of what failed first, on the way here */
	bool running, ended;
};
struct applier {
	struct oci *oci;
	struct arena *a;
	const struct plan *plan;
	const struct apply_options *options;
	const struct clock *clock;
	struct job *jobs;
	struct job **ready; /* each job is put here at most once */
	size_t ready_n, next;
	size_t running, total, ended;
	size_t building; /* creations and changes that have not ended: deletions wait for them */
	size_t in_a_row; /* failures of the connection */
	bool stopped;    /* interrupted: nothing more is begun */
	bool drained;    /* and nothing is under way any more, or it has had its time */
	bool over;       /* what is called back now comes too late */
};

static bool is_deletion(const struct plan_action *x)
{
	return x->verb == PLAN_DELETE;
}

static const char *doing(enum plan_verb verb)
{
	static const char *const words[] = {
		"", "creating", "updating", "replacing", "deleting", "adopting"};
	return words[verb];
}

static void tell(struct applier *ap, const struct job *job, bool began)
{
	const struct apply_options *o = ap->options;
	const struct plan_action *x = job->act.action;
	enum apply_state state = job->result->state;
	enum progress_kind kind = began ? PROGRESS_START
		: state == APPLY_FAILED ? PROGRESS_FAILED
					: PROGRESS_DONE;
	if (o->progress && state != APPLY_SKIPPED)
		progress_send(o->progress, kind, x->address, 0, 0, "%s", doing(x->verb));
	if (o->changed)
		o->changed(o->ctx, x, began ? NULL : job->result);
}

static void start_ready(struct applier *ap);
static void end_job(struct job *job, enum apply_state state, const struct err *err);

static const struct err *keep_err(struct applier *ap, const struct err *err)
{
	if (!err)
		return NULL;
	struct err *kept = arena_new(ap->a, struct err);
	*kept = *err;
	if (kept->maybe_done && kept->kind != ERR_INTERRUPTED)
		err_hint(kept, "it may have been done all the same: the next plan tells");
	return kept;
}

static void skip(struct job *job)
{
	struct err err;
	err_set(&err, ERR_NONE, "not begun, since %s failed", job->failed_need);
	end_job(job, APPLY_SKIPPED, &err);
}

/* One thing less to wait for. */
static void release(struct job *job)
{
	struct applier *ap = job->applier;
	if (--job->waits_for)
		return;
	if (job->failed_need)
		skip(job);
	else
		ap->ready[ap->ready_n++] = job;
}

static void release_deletions(struct applier *ap)
{
	for (size_t i = 0; i < ap->plan->n; i++)
		if (is_deletion(&ap->plan->v[i]))
			release(&ap->jobs[i]);
}

static void end_job(struct job *job, enum apply_state state, const struct err *err)
{
	struct applier *ap = job->applier;
	const struct plan_action *x = job->act.action;
	job->ended = true;
	job->result->state = state;
	job->result->err = state == APPLY_DONE ? NULL : keep_err(ap, err);
	job->result->removed = job->act.removed && state == APPLY_FAILED;
	ap->ended++;
	tell(ap, job, false);
	if (ap->over)
		return;
	const char *failed = state == APPLY_FAILED ? x->address : job->failed_need;
	for (size_t i = 0; i < job->blocks_n; i++) {
		struct job *next = &ap->jobs[job->blocks[i]];
		if (!next->failed_need)
			next->failed_need = failed;
		release(next);
	}
	if (!is_deletion(x) && !--ap->building)
		release_deletions(ap);
}

static void on_done(struct act *act, const struct err *err, const char *id)
{
	struct job *job = (struct job *)act;
	struct applier *ap = job->applier;
	if (ap->over)
		return;
	ap->running--;
	if (err->kind == ERR_INTERRUPTED) { /* what became of it is not known: it stays `running` */
		ap->stopped = true;
		ap->drained = !ap->running;
		return;
	}
	job->running = false;
	job->result->id = id;
	job->result->ms = clock_mono(ap->clock) - job->started;
	bool unreachable = err->kind == ERR_NETWORK || err->kind == ERR_AUTH;
	ap->in_a_row = unreachable ? ap->in_a_row + 1 : 0;
	end_job(job, err->kind ? APPLY_FAILED : APPLY_DONE, err);
	start_ready(ap);
	ap->drained = ap->stopped && !ap->running;
}

/* After so many failures in a row nothing more is begun: a thousand actions would each wait for their own. */
static void start_ready(struct applier *ap)
{
	while (ap->next < ap->ready_n && ap->running < AT_ONCE && ap->in_a_row < GIVE_UP_AFTER &&
		!ap->stopped) {
		struct job *job = ap->ready[ap->next++];
		ap->running++;
		job->running = true;
		job->started = clock_mono(ap->clock);
		tell(ap, job, true);
		act_start(&job->act);
	}
}

static size_t *space(struct arena *a, size_t n)
{
	return arena_array(a, n, sizeof(size_t));
}

/* The plan's needs, turned round: what each job holds up. */
static void link_jobs(struct applier *ap)
{
	const struct plan *p = ap->plan;
	for (size_t i = 0; i < p->n; i++) {
		ap->jobs[i].waits_for = p->v[i].needs_n;
		for (size_t k = 0; k < p->v[i].needs_n; k++)
			ap->jobs[p->v[i].needs[k]].blocks_n++;
	}
	for (size_t i = 0; i < p->n; i++) {
		ap->jobs[i].blocks = space(ap->a, ap->jobs[i].blocks_n);
		ap->jobs[i].blocks_n = 0;
	}
	for (size_t i = 0; i < p->n; i++) {
		for (size_t k = 0; k < p->v[i].needs_n; k++) {
			struct job *needed = &ap->jobs[p->v[i].needs[k]];
			needed->blocks[needed->blocks_n++] = i;
		}
	}
}

static struct applier *applier_new(struct oci *oci, const struct plan *plan,
	const struct apply_options *o, struct apply_result *results)
{
	struct arena *a = oci_arena(oci);
	struct applier *ap = arena_new(a, struct applier);
	*ap = (struct applier){.oci = oci,
		.a = a,
		.plan = plan,
		.options = o,
		.clock = o->clock ? o->clock : &clock_system,
		.jobs = arena_array(a, plan->n, sizeof *ap->jobs),
		.ready = arena_array(a, plan->n, sizeof(struct job *))};
	struct fresh *fresh = fresh_new(oci, ap->clock);
	for (size_t i = 0; i < plan->n; i++) {
		const struct plan_action *x = &plan->v[i];
		ap->jobs[i].act = (struct act){oci, o, x, fresh, on_done, false};
		ap->jobs[i].applier = ap;
		ap->jobs[i].result = &results[i];
		ap->total += plan_acts(x);
		ap->building += plan_acts(x) && !is_deletion(x);
	}
	link_jobs(ap);
	return ap;
}

static void begin(struct applier *ap)
{
	for (size_t i = 0; i < ap->plan->n; i++) {
		const struct plan_action *x = &ap->plan->v[i];
		struct job *job = &ap->jobs[i];
		if (is_deletion(x))
			job->waits_for++;
		else if (plan_acts(x) && !job->waits_for)
			ap->ready[ap->ready_n++] = job;
	}
	if (!ap->building)
		release_deletions(ap);
	start_ready(ap);
}

static void on_grace_over(void *ctx)
{
	struct applier *ap = ctx;
	ap->drained = true;
}

/* Nothing more is begun, and what is under way may end: then it is known what became of it. */
static void drain(struct applier *ap)
{
	struct http *http = oci_http(ap->oci);
	struct err ignored;
	ap->stopped = true;
	if (!ap->running)
		return;
	if (ap->options->progress)
		progress_send(ap->options->progress, PROGRESS_NOTE, "interrupted", 0, 0,
			"%zu under way, given %d s to end; once more ends weir at once",
			ap->running, GRACE_MS / 1000);
	http_after(http, GRACE_MS, on_grace_over, ap);
	http_run(http, &ap->drained, &ignored);
	http_cancel_all(http);
}

static void why_open(
	const struct applier *ap, const struct job *job, const struct err *stop, struct err *ret)
{
	bool interrupted = stop->kind == ERR_INTERRUPTED;
	if (job->running && interrupted) {
		err_set(ret, ERR_INTERRUPTED,
			"interrupted while it was under way: the next plan tells whether it was "
			"done");
		ret->maybe_done = true;
	} else if (job->running) {
		*ret = *stop;
		ret->maybe_done = true;
	} else if (job->failed_need) {
		err_set(ret, ERR_NONE, "not begun, since %s failed", job->failed_need);
	} else if (stop->kind) {
		err_set(ret, stop->kind, "not begun, since weir was %s",
			interrupted ? "interrupted" : "stopped by an error");
	} else {
		err_set(ret, ERR_NONE,
			"not begun, since the service could not be reached %d times in a row",
			(int)ap->in_a_row);
	}
}

/* What the end of the loop left open: weir was interrupted, or gave up. */
static void close_open_jobs(struct applier *ap, const struct err *stop)
{
	ap->over = true;
	for (size_t i = 0; i < ap->plan->n; i++) {
		struct job *job = &ap->jobs[i];
		if (job->ended || !plan_acts(&ap->plan->v[i]))
			continue;
		struct err err;
		why_open(ap, job, stop, &err);
		if (job->running)
			job->result->ms = clock_mono(ap->clock) - job->started;
		end_job(job, job->running ? APPLY_FAILED : APPLY_SKIPPED, &err);
	}
}

static const struct plan_action *first_failure(
	const struct plan *plan, const struct apply_result *results, const struct err **ret)
{
	for (size_t i = 0; i < plan->n; i++) {
		if (results[i].state == APPLY_FAILED) {
			*ret = results[i].err;
			return &plan->v[i];
		}
	}
	return NULL;
}

static bool verdict(const struct applier *ap, const struct apply_result *results, struct err *err)
{
	const struct err *why = NULL;
	struct apply_counts n = apply_count(ap->plan, results);
	size_t done = 0;
	for (size_t i = 0; i < ap->plan->n; i++)
		done += results[i].state == APPLY_DONE;
	if (ap->stopped)
		return err_set(err, ERR_INTERRUPTED, "interrupted: %zu of %zu changes were made",
			done, ap->total);
	const struct plan_action *first = first_failure(ap->plan, results, &why);
	if (!first)
		return true;
	if (n.added + n.changed + n.destroyed + n.adopted)
		return err_set(err, ERR_PARTIAL,
			"%zu of %zu changes were made, %zu failed, %zu were not begun", done,
			ap->total, n.failed, n.skipped);
	*err = *why;
	return err_wrap(err, "%s", first->address);
}

bool apply_plan(struct oci *oci, const struct plan *plan, const struct apply_options *o,
	struct apply_result **ret, struct err *err)
{
	if (plan->problems_n)
		return err_set(err, plan->problems[0].kind, "%s", plan->problems[0].text);
	struct apply_result *results =
		arena_array(oci_arena(oci), plan->n, sizeof(struct apply_result));
	struct applier *ap = applier_new(oci, plan, o, results);
	begin(ap);
	struct err stop = {0};
	if (!oci_run(oci, &stop) && stop.kind == ERR_INTERRUPTED && ap->ended < ap->total)
		drain(ap);
	if (ap->stopped && !stop.kind)
		stop.kind = ERR_INTERRUPTED;
	close_open_jobs(ap, &stop);
	*ret = results;
	return verdict(ap, results, err);
}

void apply_plan_destroy(const struct resources *live, const struct plan_guards *guards,
	struct arena *a, struct plan *ret)
{
	plan_build_guarded(&(struct resources){0}, live, guards, a, ret);
}
