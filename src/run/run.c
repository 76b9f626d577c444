#include "run/run.h"

#include "base/text.h"
#include "oci/dataflow.h"
#include "run/dag.h"
#include "run/log.h"
#include "run/poll.h"
#include "run/request.h"
#include "run/tag.h"

#include <string.h>

enum {
	PARALLEL = 8,
	TAIL_LINES = 20,
	LOG_PATIENCE_MS = 8000,
};

struct job;
struct watch {
	struct job *job;
	size_t i; /* of step and result */
	int64_t wait;
	bool other_stream; /* the first log was empty or not there */
};
/* In the session's arena, since a callback may come as late as oci_free. */
struct job {
	struct oci *oci;
	const struct run_step *steps;
	size_t n;
	const struct run_options *o;
	const struct clock *clock;
	struct dag *dag;
	struct run_result *results;
	struct watch *watches;
	int running;
	bool over; /* run_steps has returned */
};

static void start_ready(struct job *job);
static void look(void *ctx);

static void changed(struct job *job, size_t i)
{
	if (job->o->changed)
		job->o->changed(job->o->ctx, &job->steps[i], &job->results[i]);
}

/* The step is over, well or not: what waits for it goes on, or is dropped. */
static void finish(struct watch *w, bool ok)
{
	struct job *job = w->job;
	job->running--;
	dag_done(job->dag, w->i, ok);
	for (size_t i; (i = dag_dropped(job->dag)) != DAG_NONE;) {
		job->results[i].state = RUN_NOT_LAUNCHED;
		changed(job, i);
	}
	start_ready(job);
}

static void fail(struct watch *w, const struct err *err)
{
	struct run_result *r = &w->job->results[w->i];
	r->state = RUN_ERROR;
	r->err = *err;
	changed(w->job, w->i);
	finish(w, false);
}

static void fetch_tail(struct watch *w);

/* Python's own errors are in stdout, as what it prints; those of the JVM in stderr. */
static enum run_stream tail_stream(const struct watch *w)
{
	bool python = text_equal(w->job->results[w->i].run->language, "PYTHON");
	return python != w->other_stream ? RUN_STDOUT : RUN_STDERR;
}

static void on_log(void *ctx, const struct err *err, const char *text, size_t len)
{
	struct watch *w = ctx;
	struct run_result *r = &w->job->results[w->i];
	if (w->job->over || err->kind == ERR_INTERRUPTED)
		return;
	while (len && (text[len - 1] == '\n' || text[len - 1] == ' '))
		len--;
	if ((err->kind || !len) && !w->other_stream) {
		w->other_stream = true;
		fetch_tail(w);
		return;
	}
	if (!err->kind && len) {
		size_t at = log_tail_at(text, len, TAIL_LINES);
		r->log_tail = arena_strndup(oci_arena(w->job->oci), text + at, len - at);
		r->log_is_stderr = tail_stream(w) == RUN_STDERR;
	}
	finish(w, false);
}

static void fetch_tail(struct watch *w)
{
	const struct run *run = w->job->results[w->i].run;
	/* A cancelled run may never have begun: it is not waited for a log that does not come. */
	bool waits = !w->other_stream && !text_equal(run->lifecycle_state, "CANCELED");
	log_fetch(w->job->oci, run->id, tail_stream(w), waits ? LOG_PATIENCE_MS : 0, on_log, w);
}

static void on_checked(
	void *ctx, const struct err *err, const struct check_result *results, size_t n)
{
	struct watch *w = ctx;
	struct run_result *r = &w->job->results[w->i];
	if (w->job->over || err->kind == ERR_INTERRUPTED)
		return;
	if (err->kind) {
		fail(w, err);
		return;
	}
	r->checks = results;
	r->checks_n = n;
	for (size_t i = 0; i < n; i++)
		r->checks_failed += !results[i].ok;
	changed(w->job, w->i);
	finish(w, !r->checks_failed);
}

/* A run that is looked at for hours must not pile up: a copy at each change of its state, no more. */
static const struct run *kept(struct job *job, const struct run *run)
{
	struct run *copy = arena_new(oci_arena(job->oci), struct run);
	field_copy(&run_record, run, copy, oci_arena(job->oci));
	return copy;
}

/* Takes what was seen of the run, which is the caller's. */
static void see(struct watch *w, const struct run *run)
{
	struct job *job = w->job;
	struct run_result *r = &job->results[w->i];
	bool news = !r->run || !text_equal(r->run->lifecycle_state, run->lifecycle_state);
	int status = run_state_exit_status(run->lifecycle_state);
	if (news)
		r->run = kept(job, run);
	r->state = status < 0 ? RUN_LAUNCHED : RUN_ENDED;
	if (news)
		changed(job, w->i);
	else if (job->o->looked)
		job->o->looked(job->o->ctx, &job->steps[w->i], run);
	if (status > 0 && job->o->wait) {
		fetch_tail(w);
	} else if (!status && job->o->wait && job->steps[w->i].checks.n) {
		check_run(job->oci, r->run, &job->steps[w->i].checks, &job->o->secrets, on_checked,
			w);
	} else if (status >= 0 || !job->o->wait) {
		finish(w, status <= 0);
	} else {
		http_after(oci_http(job->oci), w->wait, look, w);
		w->wait = poll_longer(job->oci, w->wait);
	}
}

static void on_looked(void *ctx, const struct err *err, const struct run *run, const char *etag)
{
	(void)etag;
	struct watch *w = ctx;
	if (w->job->over || err->kind == ERR_INTERRUPTED)
		return;
	if (!err->kind) {
		see(w, run);
		return;
	}
	struct err failed = *err;
	err_wrap(&failed, "watch the run");
	fail(w, &failed);
}

static void look(void *ctx)
{
	struct watch *w = ctx;
	if (!w->job->over)
		dataflow_run_get(w->job->oci, w->job->results[w->i].run->id, on_looked, w);
}

static void on_created(void *ctx, const struct err *err, const struct run *run, const char *etag)
{
	(void)etag;
	struct watch *w = ctx;
	if (w->job->over || err->kind == ERR_INTERRUPTED)
		return;
	if (err->kind)
		fail(w, err);
	else
		see(w, run);
}

static void launch(struct job *job, size_t i)
{
	struct arena *a = oci_arena(job->oci);
	const struct run_options *o = job->o;
	struct run_tag tag = {o->pipeline, o->target, o->name, o->invocation, job->steps[i].name};
	const char *value = run_tag_format(a, &tag);
	const char *name = run_display_name(job->steps, job->n, i, clock_wall(job->clock), a);
	job->watches[i] = (struct watch){.job = job, .i = i, .wait = POLL_MS};
	job->results[i].state = RUN_LAUNCHING;
	job->running++;
	dataflow_run_create(job->oci,
		run_request(&job->steps[i], o->compartment_id, name, value, a), value, on_created,
		&job->watches[i]);
}

static void start_ready(struct job *job)
{
	int most = job->o->max_parallel ? job->o->max_parallel : PARALLEL;
	for (size_t i; job->running < most && (i = dag_next(job->dag)) != DAG_NONE;)
		launch(job, i);
}

static bool ended_with(const struct run_result *r, int status)
{
	if (r->state != RUN_ENDED)
		return false;
	return (r->checks_failed ? 6 : run_state_exit_status(r->run->lifecycle_state)) == status;
}

/* The first that does not hold, and where it stands. */
static void tell_check(const struct run_step *step, const struct run_result *r, struct err *err)
{
	const struct check_result *c = r->checks;
	while (c->ok)
		c++;
	const struct mark *at = &c->decl->head.mark;
	err_set(err, ERR_RUN_FAILED, "%s: the run %s succeeded, but not its check %s: %s",
		step->name, r->run->display_name, c->decl->head.key, c->text);
	err_hint(err, "it is at %s:%u:%u%s", at->file ? at->file : "", at->line, at->col,
		r->checks_failed > 1 ? "; another one does not hold either" : "");
}

static bool tell_end(const struct job *job, int status, enum err_kind kind, struct err *err)
{
	size_t n = 0, first = 0;
	for (size_t i = job->n; i-- > 0;)
		if (ended_with(&job->results[i], status)) {
			first = i;
			n++;
		}
	if (!n)
		return true;
	const struct run *run = job->results[first].run;
	if (job->results[first].checks_failed) {
		tell_check(&job->steps[first], &job->results[first], err);
		return n > 1 ? err_hint(err, "and %zu more", n - 1) : false;
	}
	bool cancelled = !strcmp(run->lifecycle_state, "CANCELED");
	bool has_why = !cancelled && !text_empty(run->lifecycle_details);
	err_set(err, kind, "%s: the run %s %s%s%s", job->steps[first].name, run->display_name,
		status == 6         ? "failed"
			: cancelled ? "was cancelled"
				    : "was stopped",
		has_why ? ": " : "", has_why ? run->lifecycle_details : "");
	if (n > 1)
		err_hint(err, "and %zu more", n - 1);
	return false;
}

/* The whole from its steps: a failed run counts before a stopped one, and both before what was not launched. */
static bool verdict(const struct job *job, struct err *err)
{
	if (!tell_end(job, 6, ERR_RUN_FAILED, err) || !tell_end(job, 7, ERR_RUN_STOPPED, err))
		return false;
	for (size_t i = 0; i < job->n; i++)
		if (job->results[i].state == RUN_ERROR) {
			*err = job->results[i].err;
			return err_wrap(err, "%s", job->steps[i].name);
		}
	return true;
}

bool run_steps(struct oci *oci, const struct run_step *steps, size_t n, const struct run_options *o,
	struct run_result **ret, struct err *err)
{
	struct arena *a = oci_arena(oci);
	struct job *job = arena_new(a, struct job);
	*job = (struct job){.oci = oci,
		.steps = steps,
		.n = n,
		.o = o,
		.dag = dag_new(a, n),
		.clock = o->clock ? o->clock : &clock_system,
		.results = arena_array(a, n, sizeof *job->results),
		.watches = arena_array(a, n, sizeof *job->watches)};
	*ret = job->results;
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < steps[i].needs_n; k++)
			dag_need(job->dag, i, steps[i].needs[k]);
	start_ready(job);
	bool ran = oci_run(oci, err);
	job->over = true;
	if (!ran)
		return false;
	if (dag_left(job->dag) && o->wait)
		return err_set(err, ERR_BUG, "steps wait for each other");
	return verdict(job, err);
}
