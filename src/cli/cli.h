/*
 * What one call of `weir` knows: its options, its arguments, where it prints. A command is a function of it.
 *
 * stdout gets the result and nothing else; stderr gets progress and diagnostics (output.h). A command returns
 * false with an err whose kind decides the exit status (err_exit_status), or true, and then the status is
 * cli->status, 0 unless it set another (`plan --detailed-exitcode`). Mistakes of the file are in cli->diags,
 * which are printed at the end whatever is returned.
 *
 *	static bool cmd_version(struct cli *cli, struct err *err);
 */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/diag.h"
#include "base/err.h"
#include "base/progress.h"
#include "spec/spec.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cli_command;
struct cli_params {
	struct spec_param *v;
	size_t n, cap;
};
struct cli_number {
	bool set;
	int64_t v;
};

struct cli {
	struct arena arena;
	const struct clock *clock;
	const struct cli_command *command; /* NULL before one is found */

	/* Options, by the rows of options.c. */
	const char *dir, *file, *target;
	struct cli_params params; /* -p */
	const char *profile, *config_file, *auth, *cert_bundle;
	const char *region, *compartment_id, *endpoint;
	struct cli_number retries, connection_timeout, read_timeout, max_delete;
	const char *output, *color; /* NULL: not given */
	bool quiet, verbose, help, version;
	bool detailed_exitcode, yes, detach, no_sync, no_cache, exit_code, stderr_log, markdown,
		browser, overwrite, allow_sdist, update;
	const char *base_folder;
	bool no_save_logs, save, where, follow;
	const char *source; /* of a log: application, driver, executor; NULL: application */
	struct cli_params run_params; /* --param */
	struct cli_params run_fields; /* names of run_given_record, and the value of each flag */
	struct cli_number head, tail;
	const char *group;                /* of the policy statements of doctor */
	const char *format;               /* of what a run printed */
	const char *sort, *since, *state; /* of list */
	struct cli_number limit;
	bool reverse, all;
	const char *into;

	const char **args; /* what follows the command and is no option */
	size_t args_n, args_cap;
	char **rest; /* of a command that passes on: argv from the command's own name */

	struct buf out;             /* of the result, until output_flush */
	const struct strs *secrets; /* spec_secrets, which output leaves out; NULL: none known */
	struct arena fetched;       /* values of Vault's secrets: wiped at the end */
	struct diags diags;
	struct progress progress;
	struct progress_draw *draw; /* who draws what goes to progress */
	int status;
};

typedef bool cli_command_fn(struct cli *cli, struct err *err);

/* All of `weir` but the process's own set-up (main.c). Returns the exit status. */
int cli_run(int argc, char **argv, const struct clock *clock);

/* Set by SIGINT and SIGTERM; what waits looks at it. The first cli_stops_heard signals ask to stop, one more ends the
   process at once. */
extern bool cli_stop;
extern int cli_stops, cli_stops_heard; /* signals so far; 1 */
extern int cli_stop_signal;            /* the last one */
void cli_stop_listen(void);

#endif
