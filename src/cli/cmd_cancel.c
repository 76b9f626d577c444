#include "cli/commands.h"
#include "cli/output.h"
#include "cli/which_run.h"
#include "oci/dataflow.h"
#include "report/run_json.h"

#include "base/text.h"

static bool cancel(struct session *s, const struct run *run, struct err *err)
{
	struct oci_wait *w = arena_new(oci_arena(s->oci), struct oci_wait);
	dataflow_run_cancel(s->oci, run->id, oci_wait_done, w);
	if (!oci_run(s->oci, err))
		return false;
	if (!w->err.kind)
		return true;
	*err = w->err;
	return err_wrap(err, "cancel %s", run->display_name);
}

bool cmd_cancel(struct cli *cli, struct err *err)
{
	session_auto s = {0};
	const struct run *run;
	if (!session_open_any(&s, cli, err))
		return false;
	if (!which_run(&s, cli->args[0], &run, err))
		return false;
	bool is_cancelled = text_starts(run->lifecycle_state, "CANCEL");
	if (run_state_is_terminal(run->lifecycle_state) && !is_cancelled)
		return err_set(err, ERR_INCORRECT_STATE, "%s has ended already: %s",
			run->display_name, run->lifecycle_state);
	if (!is_cancelled && (!cancel(&s, run, err) || !which_run(&s, run->id, &run, err)))
		return false;
	if (output_json(cli))
		output_node(cli, run_json_run(run, &(struct run_place){0}, &cli->arena));
	else
		buf_printf(&cli->out, "%s: %s\n", run->display_name, run->lifecycle_state);
	return true;
}
