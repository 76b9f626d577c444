#include "cli/commands.h"
#include "cli/launch.h"
#include "cli/output.h"
#include "cli/run_flags.h"
#include "cli/watching.h"
#include "report/run_json.h"
#include "report/run_text.h"
#include "run/tag.h"

#include "base/text.h"

#include <string.h>
#include <unistd.h>

static void tell_logs(struct cli *cli, const struct launch *l, const struct run_result *results)
{
	for (size_t i = 0; i < l->n; i++) {
		const char *tail = results[i].log_tail;
		if (!tail)
			continue;
		buf_auto text = {0};
		const char *name = results[i].run->display_name;
		buf_printf(&text, "\nThe last lines of %s's log (`weir logs ", l->steps[i].name);
		text_escape(&text, name, strlen(name), false);
		buf_printf(&text, "%s` prints it):\n", results[i].log_is_stderr ? " --stderr" : "");
		for (const char *end; *tail; tail = *end ? end + 1 : end) {
			end = strchrnul(tail, '\n');
			buf_adds(&text, "  | ");
			text_escape(&text, tail, (size_t)(end - tail), false);
			buf_addc(&text, '\n');
		}
		buf_addc(&text, '\n');
		output_stderr(cli, &text);
	}
}

/* Where each run's folder and page are. */
static const struct run_place *places(const struct session *s, const struct saving *saving,
	const struct run_result *results, size_t n)
{
	struct run_place *v = arena_array(&s->cli->arena, n, sizeof *v);
	for (size_t i = 0; i < n; i++)
		if (results[i].run)
			v[i] = (struct run_place){saving_folder(saving, results[i].run->id),
				saving_console(s, results[i].run->id)};
	return v;
}

static void tell_result(const struct session *s, const struct launch *l,
	const struct run_options *o, const struct saving *saving, const struct run_result *results)
{
	struct cli *cli = s->cli;
	struct arena *a = &cli->arena;
	struct run_json_head head = {s->pipeline, s->target_name, l->name, o->invocation};
	if (output_json(cli)) {
		output_node(cli,
			run_json_steps(&head, l->steps, results, places(s, saving, results, l->n),
				l->n, a));
		return;
	}
	tell_logs(cli, l, results);
	run_text_steps(l->steps, results, l->n, clock_wall(cli->clock), output_width(STDOUT_FILENO),
		a, &cli->out);
}

/* What was launched goes on without us. */
static void add_going_on(const struct launch *l, const struct run_result *results, struct err *err)
{
	for (size_t i = 0; i < l->n; i++) {
		const struct run_result *r = &results[i];
		if (r->state == RUN_LAUNCHING)
			err_hint(err,
				"%s was being launched: `weir list runs` tells whether it was",
				l->steps[i].name);
		else if (r->run && !run_state_is_terminal(r->run->lifecycle_state))
			err_hint(err, "%s %s: %s (%s)", l->steps[i].name,
				r->state == RUN_ERROR ? "may go on" : "goes on",
				r->run->display_name, r->run->id);
		else if (r->state == RUN_WAITING)
			err_hint(err, "%s was not launched, and will not be", l->steps[i].name);
	}
}

bool cmd_run(struct cli *cli, struct err *err)
{
	session_auto s = {0};
	struct launch l;
	struct run checked;
	if (cli->detach && cli->follow)
		return err_set(err, ERR_USAGE, "`--detach` and `--follow`: one of them");
	if (!run_flags_over(cli, &(struct run){0}, &checked, err))
		return false;
	if (!session_open(&s, cli, true, err))
		return false;
	if (!s.can_run)
		return err_set(err, ERR_MISSING_TOOL, "nothing can be run here: %s", s.run_hint);
	if (!session_load(&s, err) || !launch_prepare(&s, cli->args[0], &l, err))
		return false;
	struct saving *saving = saving_new(&s);
	cli_stops_heard = 2;
	struct run_options o = {.compartment_id = s.compartment_id,
		.pipeline = s.pipeline,
		.target = s.target_name,
		.name = l.name,
		.invocation = run_invocation(&cli->arena, clock_wall(cli->clock)),
		.clock = cli->clock,
		.wait = !cli->detach,
		.secrets = l.secrets,
		.changed = watching_changed,
		.looked = watching_looked,
		.ctx = watching_new(&s, &l, saving)};
	struct run_result *results;
	bool ok = run_steps(s.oci, l.steps, l.n, &o, &results, err);
	bool cancelled =
		!ok && err->kind == ERR_INTERRUPTED && watching_cancelled(&s, &l, results, err);
	tell_result(&s, &l, &o, saving, results);
	if (!ok && !cancelled)
		add_going_on(&l, results, err);
	return ok && saving_verdict(saving, err);
}
