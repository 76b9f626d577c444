#include "cli/commands.h"
#include "cli/output.h"
#include "cli/saving.h"
#include "cli/which_run.h"
#include "report/run_json.h"
#include "report/run_text.h"
#include "run/tag.h"

#include "base/text.h"

#include <unistd.h>

enum { STATUS_GOES_ON = 5 };

/* What --exit-code says of these runs: a failure counts before what was stopped, that before what goes on. */
static int exit_code(const struct runs *runs)
{
	bool failed = false, stopped = false, going = false;
	for (size_t i = 0; i < runs->n; i++) {
		int one = run_state_exit_status(runs->v[i]->lifecycle_state);
		failed |= one == 6;
		stopped |= one == 7;
		going |= one < 0;
	}
	return failed ? 6 : stopped ? 7 : going ? STATUS_GOES_ON : 0;
}

/* Those launched together with the newest; runs are newest first. */
static void keep_last_launch(struct runs *runs, struct arena *a)
{
	struct run_tag last, tag;
	size_t n = 0;
	if (!runs->n || !run_tag_parse(a, &runs->v[0]->freeform_tags, &last))
		return;
	for (size_t i = 0; i < runs->n; i++)
		if (run_tag_parse(a, &runs->v[i]->freeform_tags, &tag) &&
			text_equal(tag.invocation, last.invocation) &&
			text_equal(tag.sequence, last.sequence))
			runs->v[n++] = runs->v[i];
	runs->n = n;
}

static bool show_last(struct session *s, struct runs *runs, struct err *err)
{
	struct cli *cli = s->cli;
	struct run_find q;
	if (!which_runs(s, NULL, &q, err) || !run_list(s->oci, &q, runs, err))
		return false;
	keep_last_launch(runs, &cli->arena);
	if (output_json(cli))
		output_node(cli, run_json_runs(runs, &cli->arena));
	else if (runs->n)
		run_text_runs(runs, false, clock_wall(cli->clock), output_width(STDOUT_FILENO),
			&cli->arena, &cli->out);
	else
		output_say(cli, OUTPUT_NOTE, "No runs of %s at target %s.", s->pipeline,
			s->target_name);
	return true;
}

static bool show_one(struct session *s, struct runs *runs, struct err *err)
{
	struct cli *cli = s->cli;
	runs->v = arena_array(&cli->arena, 1, sizeof *runs->v);
	if (!which_run(s, cli->args[0], &runs->v[0], err))
		return false;
	runs->n = 1;
	const struct run *run = runs->v[0];
	bool complete;
	struct run_place place = {saving_find(s, run, &complete), saving_console(s, run->id)};
	if (output_json(cli))
		output_node(cli, run_json_run(run, &place, &cli->arena));
	else
		run_text_run(run, &place, clock_wall(cli->clock), &cli->arena, &cli->out);
	return true;
}

bool cmd_status(struct cli *cli, struct err *err)
{
	session_auto s = {0};
	struct runs runs = {0};
	if (!session_open_any(&s, cli, err))
		return false;
	if (!(cli->args_n ? show_one(&s, &runs, err) : show_last(&s, &runs, err)))
		return false;
	if (cli->exit_code)
		cli->status = exit_code(&runs);
	return true;
}
