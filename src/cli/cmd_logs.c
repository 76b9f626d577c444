#include "cli/commands.h"
#include "cli/output.h"
#include "cli/saving.h"
#include "cli/which_run.h"
#include "report/run_text.h"
#include "run/follow.h"
#include "run/log.h"
#include "run/save.h"

#include "base/fs.h"
#include "base/text.h"

#include <strings.h>
#include <unistd.h>

static enum run_stream stream_of(const struct cli *cli)
{
	return cli->stderr_log ? RUN_STDERR : RUN_STDOUT;
}

/* On a terminal nothing that a job prints may move the cursor; elsewhere its bytes go through as they are. */
static void put_text(struct cli *cli, const char *text, size_t len)
{
	if (isatty(STDOUT_FILENO))
		text_escape(&cli->out, text, len, true);
	else
		buf_add(&cli->out, text, len);
}

static void put_log(struct cli *cli, const char *text, size_t len)
{
	if (cli->tail.set) {
		size_t at = log_tail_at(text, len, (size_t)cli->tail.v);
		text += at;
		len -= at;
	}
	if (cli->head.set)
		len = log_head_end(text, len, (size_t)cli->head.v);
	put_text(cli, text, len);
}

static void put_heading(struct cli *cli, const char *name)
{
	buf_printf(&cli->out, "==> ");
	put_text(cli, name, strlen(name));
	buf_printf(&cli->out, " <==\n");
}

static bool print_application(struct session *s, const struct run *run, struct err *err)
{
	struct cli *cli = s->cli;
	const char *text;
	size_t len;
	bool ended = run_state_is_terminal(run->lifecycle_state);
	if (!run_log_text(s->oci, run->id, stream_of(cli),
		    log_patience(run, clock_wall(cli->clock)), &text, &len, err))
		return err_wrap(err, "%s (%s)", run->display_name, run->lifecycle_state);
	if (!ended)
		output_say(cli, OUTPUT_NOTE, "%s goes on (%s): this is its log so far",
			run->display_name, run->lifecycle_state);
	put_log(cli, text, len);
	return true;
}

/* What the driver or the executors told, one log after the other; names end in their times. */
static bool print_source(struct session *s, const struct run *run, struct err *err)
{
	struct cli *cli = s->cli;
	const char *type = stream_of(cli) == RUN_STDOUT ? "STDOUT" : "STDERR";
	const struct run_log *logs;
	size_t n, shown = 0;
	if (!run_logs(s->oci, run->id, &logs, &n, err))
		return err_wrap(err, "%s (%s)", run->display_name, run->lifecycle_state);
	for (size_t i = 0; i < n; i++) {
		const char *text;
		size_t len;
		if (!logs[i].source || strcasecmp(logs[i].source, cli->source) ||
			!text_equal(logs[i].type, type))
			continue;
		if (!run_log_named(s->oci, run->id, logs[i].name, &text, &len, err))
			return false;
		if (shown++)
			buf_addc(&cli->out, '\n');
		put_heading(cli, logs[i].name);
		put_log(cli, text, len);
	}
	if (shown)
		return true;
	err_set(err, ERR_NOT_FOUND, "%s (%s): the service has no %s log of the %s",
		run->display_name, run->lifecycle_state,
		stream_of(cli) == RUN_STDOUT ? "stdout" : "stderr", cli->source);
	return err_hint(err, "`weir logs %s --where` lists those that it has", run->display_name);
}

/* The file of each log in the run's folder; NULL where it is not there. */
static const char *const *files_of(
	struct session *s, const struct run *run, const struct run_log *logs, size_t n)
{
	struct arena *a = &s->cli->arena;
	bool complete;
	const char *folder = saving_find(s, run, &complete);
	const char **names = arena_array(a, n, sizeof *names);
	const char **files = arena_array(a, n, sizeof *files);
	for (size_t i = 0; folder && i < n; i++) {
		names[i] = save_log_name(a, &logs[i], names, i);
		const char *file = arena_printf(a, "%s/%s", folder, names[i]);
		files[i] = fs_exists(file) ? file : NULL;
	}
	return files;
}

static bool print_where(struct session *s, const struct run *run, struct err *err)
{
	struct cli *cli = s->cli;
	const struct run_log *logs;
	size_t n;
	if (!run_logs(s->oci, run->id, &logs, &n, err))
		return err_wrap(err, "%s (%s)", run->display_name, run->lifecycle_state);
	run_text_logs(run, logs, files_of(s, run, logs, n), n, output_width(STDOUT_FILENO),
		&cli->arena, &cli->out);
	if (!n)
		output_say(cli, OUTPUT_NOTE, "%s (%s) has no logs yet", run->display_name,
			run->lifecycle_state);
	return true;
}

struct following {
	struct cli *cli;
	const char *last; /* the log that the last lines were of */
	const struct run *run;
	struct err err, written;
	bool done;
};

static void on_lines(void *ctx, const char *log, const char *text, size_t len)
{
	struct following *f = ctx;
	if (f->last && !text_equal(f->last, log))
		put_heading(f->cli, log);
	f->last = log;
	put_text(f->cli, text, len);
	if (!f->written.kind && !output_flush(f->cli, &f->written))
		f->done = true; /* nobody reads any more */
}

static void on_end(void *ctx, const struct run *run, const struct err *err)
{
	struct following *f = ctx;
	f->run = run;
	f->err = *err;
	f->done = true;
}

/* A command that waits for a run ends as the run does. */
static bool ended_well(const struct run *run, struct err *err)
{
	int status = run_state_exit_status(run->lifecycle_state);
	if (status <= 0)
		return true;
	return err_set(err, status == 6 ? ERR_RUN_FAILED : ERR_RUN_STOPPED, "%s: %s%s%s",
		run->display_name, run->lifecycle_state,
		text_empty(run->lifecycle_details) ? "" : ": ",
		text_empty(run->lifecycle_details) ? "" : run->lifecycle_details);
}

static bool follow(struct session *s, const struct run **run, struct err *err)
{
	struct following *f = arena_new(oci_arena(s->oci), struct following);
	f->cli = s->cli;
	struct follow_options o = {.run_id = (*run)->id,
		.stream = stream_of(s->cli),
		.lines = on_lines,
		.done = on_end,
		.ctx = f};
	follow_run(s->oci, &o);
	if (!oci_run_until(s->oci, &f->done, err)) {
		if (err->kind == ERR_INTERRUPTED)
			err_hint(err, "%s goes on (%s)", (*run)->display_name, (*run)->id);
		return false;
	}
	if (f->written.kind || f->err.kind) {
		*err = f->written.kind ? f->written : f->err;
		return f->written.kind ? false : err_wrap(err, "%s", (*run)->display_name);
	}
	*run = f->run;
	return true;
}

/* The folder of the run is completed, unless it is complete; --save: in any case, and it is told where. */
static bool keep(struct session *s, const struct run *run, struct err *err)
{
	struct cli *cli = s->cli;
	bool complete = false;
	const char *folder = saving_find(s, run, &complete);
	struct saving *saving = complete && !cli->save ? NULL : saving_new(s);
	saving_keep(saving, NULL, NULL, run, true);
	if (!saving_wait(saving, err))
		return false;
	if (saving_folder(saving, run->id))
		folder = saving_folder(saving, run->id);
	if (cli->save && folder)
		buf_printf(&cli->out, "%s\n", folder);
	return saving_verdict(saving, err);
}

static bool print(struct session *s, const struct run **run, struct err *err)
{
	const struct cli *cli = s->cli;
	if (cli->follow)
		return follow(s, run, err);
	return cli->source && strcmp(cli->source, "application") ? print_source(s, *run, err)
								 : print_application(s, *run, err);
}

static bool check(const struct cli *cli, struct err *err)
{
	if (cli->head.set && cli->tail.set)
		return err_set(err, ERR_USAGE, "`--head` and `--tail`: one of them");
	if (cli->follow && (cli->head.set || cli->tail.set || cli->source))
		return err_set(err, ERR_USAGE,
			"`--follow` gives all of the application's log: without --head, --tail and "
			"--source");
	if (cli->where + cli->save + cli->follow > 1)
		return err_set(err, ERR_USAGE, "`--follow`, `--where`, `--save`: one of them");
	if (cli->save && cli->no_save_logs)
		return err_set(err, ERR_USAGE, "`--save` and `--no-save-logs`: one of them");
	return true;
}

/* Said once a command, to those who look for what is not there. */
static void tell_merged(struct cli *cli, const struct run *run)
{
	if (cli->stderr_log && !cli->source && !cli->quiet && text_equal(run->language, "PYTHON"))
		output_say(cli, OUTPUT_NOTE,
			"what a Python job prints, to its error output too, is in its standard output; "
			"here is what Spark tells");
}

bool cmd_logs(struct cli *cli, struct err *err)
{
	session_auto s = {0};
	const struct run *run;
	if (!check(cli, err) || !session_open_any(&s, cli, err) ||
		!which_run(&s, cli->args[0], &run, err))
		return false;
	if (cli->where)
		return print_where(&s, run, err);
	if (cli->save)
		return keep(&s, run, err);
	tell_merged(cli, run);
	struct err unsaved;
	bool printed = print(&s, &run, err);
	/* One that has no log has a folder all the same. */
	if (!printed && err->kind != ERR_NOT_FOUND)
		return false;
	if (!output_flush(cli, printed ? err : &unsaved))
		return false;
	bool saved = keep(&s, run, &unsaved);
	if (!printed)
		return false;
	if (cli->follow && !ended_well(run, err))
		return false;
	if (!saved)
		*err = unsaved;
	return saved;
}
