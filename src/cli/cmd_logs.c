#include "cli/commands.h"
#include "cli/output.h"
#include "cli/which_run.h"
#include "run/log.h"

#include "base/text.h"

#include <unistd.h>

/* How long after its end a run's log may be late, and how long it is then waited for. */
enum { FRESH_MS = 120 * 1000, PATIENCE_MS = 10 * 1000 };

/* On a terminal nothing that a job prints may move the cursor; elsewhere its bytes go through as they are. */
static void put_log(struct cli *cli, const char *text, size_t len)
{
	if (cli->tail.set) {
		size_t at = log_tail_at(text, len, (size_t)cli->tail.v);
		text += at;
		len -= at;
	}
	if (cli->head.set)
		len = log_head_end(text, len, (size_t)cli->head.v);
	if (isatty(STDOUT_FILENO))
		text_escape(&cli->out, text, len, true);
	else
		buf_add(&cli->out, text, len);
}

static bool is_fresh(const struct cli *cli, const struct run *run)
{
	int64_t ended;
	return run->time_updated && text_parse_rfc3339(run->time_updated, &ended) &&
		clock_wall(cli->clock) - ended < FRESH_MS;
}

bool cmd_logs(struct cli *cli, struct err *err)
{
	session_auto s = {0};
	const struct run *run;
	const char *text;
	size_t len;
	if (cli->head.set && cli->tail.set)
		return err_set(err, ERR_USAGE, "`--head` and `--tail`: one of them");
	if (!session_open_any(&s, cli, err))
		return false;
	if (!which_run(&s, cli->args[0], &run, err))
		return false;
	bool ended = run_state_is_terminal(run->lifecycle_state);
	if (!run_log_text(s.oci, run->id, cli->stderr_log ? RUN_STDERR : RUN_STDOUT,
		    ended && is_fresh(cli, run) ? PATIENCE_MS : 0, &text, &len, err))
		return err_wrap(err, "%s (%s)", run->display_name, run->lifecycle_state);
	if (!ended)
		output_say(cli, OUTPUT_NOTE, "%s goes on (%s): this is its log so far",
			run->display_name, run->lifecycle_state);
	put_log(cli, text, len);
	return true;
}
