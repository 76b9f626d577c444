#include "cli/watching.h"

#include "base/text.h"
#include "cli/output.h"
#include "oci/dataflow.h"
#include "report/run_text.h"
#include "run/follow.h"

#include <signal.h>
#include <time.h>

/* Plain lines of a run that goes on: the first after ten seconds, then after twice as long each time. */
enum { SAY_FIRST_MS = 10 * 1000, SAY_MAX_MS = 10 * 60 * 1000 };
/* How long a second Ctrl-C is waited for, and how often it is looked for. */
enum { AGAIN_MS = 5000, AGAIN_LOOK_MS = 20 };

/* One step's run. */
struct watched {
	struct watching *watching;
	const char *name;
	bool seen;
	int64_t say_at, say_wait; /* of the monotonic clock; 0: not yet */
};
struct watching {
	struct session *s;
	struct saving *saving;
	const struct run_step *steps;
	struct watched *v;
};

struct watching *watching_new(struct session *s, const struct launch *l, struct saving *saving)
{
	struct arena *a = oci_arena(s->oci);
	struct watching *w = arena_new(a, struct watching);
	*w = (struct watching){s, saving, l->steps, arena_array(a, l->n, sizeof *w->v)};
	for (size_t i = 0; i < l->n; i++)
		w->v[i] = (struct watched){.watching = w, .name = l->steps[i].name};
	return w;
}

static bool draws(const struct cli *cli)
{
	return !output_json(cli) && output_width(STDERR_FILENO) > 0;
}

/* "1m12s: driver and 2 executors, 5 OCPUs, 0.100 OCPU-hours". */
static void put_spent(struct cli *cli, const struct run *run, struct buf *out)
{
	arena_auto a = {0};
	int64_t now = clock_wall(cli->clock);
	const char *time = run_text_time(run, now, &a), *brief = run_text_brief(run, now, &a);
	buf_printf(out, "%s%s%s", time ? time : "a moment", *brief ? ": " : "", brief);
}

/* `2026-11-20T15:36:39Z "copy" IN_PROGRESS`, and what there is to know about it. */
static void tell_state(struct cli *cli, const struct run_step *step, const struct run_result *r)
{
	char now[32];
	const struct run *run = r->run;
	const char *size = run ? run_text_size(run, &cli->arena) : NULL;
	text_rfc3339(clock_wall(cli->clock), now);
	buf_auto line = {0};
	buf_printf(&line, "%.19sZ \"%s\" %s", now, step->name, run_text_state(r));
	if (r->state == RUN_ERROR)
		buf_printf(&line, ": %.*s", (int)strcspn(r->err.text, "\n"), r->err.text);
	else if (run && text_equal(run->lifecycle_state, "ACCEPTED"))
		buf_printf(&line, " %s (%s)", run->display_name, run->id);
	else if (run && text_equal(run->lifecycle_state, "IN_PROGRESS") && size)
		buf_printf(&line, ": %s", size);
	if (run && r->state == RUN_ENDED) {
		buf_adds(&line, " after ");
		put_spent(cli, run, &line);
	}
	if (run && !text_empty(run->lifecycle_details))
		buf_printf(&line, ": %s", run->lifecycle_details);
	output_say(cli, OUTPUT_NOTE, "%s", buf_str(&line));
}

/* `"verify" check manifest: 12 objects are as it says`. */
static void tell_checks(struct cli *cli, const struct run_step *step, const struct run_result *r)
{
	for (size_t i = 0; i < r->checks_n; i++) {
		const struct check_result *c = &r->checks[i];
		const struct mark *at = &c->decl->head.mark;
		if (c->ok)
			output_say(cli, OUTPUT_NOTE, "\"%s\" check %s: %s", step->name,
				c->decl->head.key, c->text);
		else
			output_say(cli, OUTPUT_NOTE, "\"%s\" check %s does not hold (%s:%u:%u): %s",
				step->name, c->decl->head.key, at->file ? at->file : "", at->line,
				at->col, c->text);
	}
}

static void on_lines(void *ctx, const char *log, const char *text, size_t len)
{
	(void)log;
	const struct watched *w = ctx;
	for (const char *at = text, *end; at < text + len; at = end + 1) {
		end = memchr(at, '\n', (size_t)(text + len - at));
		end = end ? end : text + len;
		output_say(w->watching->s->cli, OUTPUT_NOTE, "%s | %.*s", w->name, (int)(end - at),
			at);
	}
}

static void on_followed(void *ctx, const struct run *run, const struct err *err)
{
	(void)run;
	const struct watched *w = ctx;
	if (err->kind && err->kind != ERR_NOT_FOUND)
		output_say(w->watching->s->cli, OUTPUT_WARNING,
			"%s: its output is followed no more: %s", w->name, err->text);
}

/* Its run is seen for the first time. */
static void begin(struct watched *w, const struct run_step *step, const struct run_result *r)
{
	struct session *s = w->watching->s;
	w->seen = true;
	saving_keep(w->watching->saving, step->name, step->live->display_name, r->run, false);
	if (s->cli->follow)
		follow_run(s->oci,
			&(struct follow_options){.run_id = r->run->id,
				.stream = RUN_STDOUT,
				.lines = on_lines,
				.done = on_followed,
				.ctx = w});
}

static void draw(const struct watched *w, const struct run *run)
{
	struct cli *cli = w->watching->s->cli;
	arena_auto a = {0};
	progress_send(&cli->progress, PROGRESS_STEP, w->name, 0, 0, "%s %s", run->lifecycle_state,
		run_text_brief(run, clock_wall(cli->clock), &a));
}

void watching_changed(void *ctx, const struct run_step *step, const struct run_result *r)
{
	struct watching *watching = ctx;
	struct watched *w = &watching->v[step - watching->steps];
	struct cli *cli = watching->s->cli;
	if (r->run && !w->seen)
		begin(w, step, r);
	if (r->checks_n) {
		if (!cli->quiet || r->checks_failed)
			tell_checks(cli, step, r);
		return;
	}
	if (r->state == RUN_ENDED)
		saving_keep(watching->saving, step->name, step->live->display_name, r->run, true);
	if (cli->quiet)
		return;
	tell_state(cli, step, r);
	if (draws(cli) && r->state == RUN_LAUNCHED)
		draw(w, r->run);
	else if (draws(cli))
		progress_send(&cli->progress, PROGRESS_DONE, step->name, 0, 0, NULL);
}

void watching_looked(void *ctx, const struct run_step *step, const struct run *run)
{
	struct watching *watching = ctx;
	struct watched *w = &watching->v[step - watching->steps];
	struct cli *cli = watching->s->cli;
	int64_t now = clock_mono(cli->clock);
	if (draws(cli)) {
		draw(w, run);
		return;
	}
	if (!w->say_wait) {
		w->say_wait = SAY_FIRST_MS;
		w->say_at = now + SAY_FIRST_MS;
	}
	if (cli->quiet || now < w->say_at)
		return;
	w->say_wait = 2 * w->say_wait < SAY_MAX_MS ? 2 * w->say_wait : SAY_MAX_MS;
	w->say_at = now + w->say_wait;
	buf_auto spent = {0};
	put_spent(cli, run, &spent);
	output_say(cli, OUTPUT_NOTE, "\"%s\" %s for %s", w->name, run->lifecycle_state,
		buf_str(&spent));
}

static bool goes_on(const struct run_result *r)
{
	return r->run && !run_state_is_terminal(r->run->lifecycle_state);
}

static bool is_asked_again(void)
{
	for (int ms = 0; ms < AGAIN_MS && cli_stops < 2; ms += AGAIN_LOOK_MS)
		nanosleep(&(struct timespec){.tv_nsec = AGAIN_LOOK_MS * 1000000L}, NULL);
	return cli_stops >= 2;
}

static bool cancel_all(struct session *s, const struct launch *l, const struct run_result *results,
	struct err *err)
{
	struct oci_wait *waits = arena_array(oci_arena(s->oci), l->n, sizeof *waits);
	for (size_t i = 0; i < l->n; i++)
		if (goes_on(&results[i]))
			dataflow_run_cancel(s->oci, results[i].run->id, oci_wait_done, &waits[i]);
	for (size_t i = 0; i < l->n; i++) {
		if (!goes_on(&results[i]))
			continue;
		if (!oci_run_until(s->oci, &waits[i].done, err))
			return false;
		if (waits[i].err.kind && waits[i].err.kind != ERR_INCORRECT_STATE) {
			*err = waits[i].err;
			return err_wrap(err, "cancel %s", results[i].run->display_name);
		}
	}
	return true;
}

bool watching_cancelled(struct session *s, const struct launch *l, const struct run_result *results,
	struct err *err)
{
	size_t n = 0;
	buf_auto names = {0};
	for (size_t i = 0; i < l->n; i++)
		if (goes_on(&results[i]))
			buf_printf(&names, "%s%s (%s)", n++ ? ", " : "",
				results[i].run->display_name, results[i].run->id);
	if (!n || cli_stop_signal != SIGINT || !draws(s->cli))
		return false;
	output_say(s->cli, OUTPUT_NOTE, "%s: %s\nCtrl-C again within %d seconds cancels",
		n == 1 ? "The run goes on" : "The runs go on", buf_str(&names), AGAIN_MS / 1000);
	if (!is_asked_again())
		return false;
	cli_stop = false;
	if (cancel_all(s, l, results, err))
		err_set(err, ERR_RUN_STOPPED, "cancelled: %s", buf_str(&names));
	return true;
}
