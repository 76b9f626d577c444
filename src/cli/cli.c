#include "cli/cli.h"

#include "base/text.h"
#include "cli/commands.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/progress.h"

/* What was asked for, as a command: `weir`, `weir --version` and `weir plan --help` too. */
static bool dispatch(struct cli *cli, struct err *err)
{
	if (cli->help) {
		if (cli->command) {
			const char **args = arena_array(&cli->arena, 1, sizeof *args);
			args[0] = cli->command->name;
			cli->args = args;
		}
		cli->args_n = cli->command ? 1 : 0;
		return cmd_help(cli, err);
	}
	if (cli->version)
		return cmd_version(cli, err);
	if (cli->command)
		return cli->command->run(cli, err);
	err_set(err, ERR_USAGE, "no command is given");
	return err_hint(err, "`weir help` lists the commands");
}

static int finish(struct cli *cli, bool ok, struct err *err)
{
	struct err late = {0};
	progress_draw_end(cli);
	output_diags(cli);
	bool flushed = output_flush(cli, &late);
	if (!ok)
		output_error(cli, err);
	if (!flushed && ok) {
		output_error(cli, &late);
		return err_exit_status(late.kind);
	}
	return ok ? cli->status : err_exit_status(err->kind);
}

int cli_run(int argc, char **argv, const struct clock *clock)
{
	struct err err = {0};
	struct cli cli = {.clock = clock};
	cli.diags.arena = &cli.arena;
	bool ok = options_parse(&cli, argc, argv, &err);
	if (ok) {
		progress_draw_start(&cli);
		ok = dispatch(&cli, &err);
	}
	int status = finish(&cli, ok, &err);
	buf_clear(&cli.out);
	arena_wipe(&cli.fetched);
	arena_clear(&cli.arena);
	return status;
}
