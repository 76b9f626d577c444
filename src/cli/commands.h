/*
 * The commands of `weir`, one row a command. The order is that of help.
 */
#ifndef CLI_COMMANDS_H
#define CLI_COMMANDS_H

#include "cli/cli.h"

struct cli_command {
	const char *name;
	const char *group; /* heading in help */
	const char *args;  /* its arguments for usage, such as "NAME"; "" for none */
	const char *doc;   /* one line */
	const char *more;  /* paragraphs of Markdown for help and reference; "" for none */
	cli_command_fn *run;
	unsigned sets; /* of options */
	size_t args_min, args_max;
	bool passes_on; /* all that follows goes to another program as it is */
};
extern const struct cli_command cli_commands[]; /* ends by name NULL */

const struct cli_command *command_find(const char *name); /* NULL: there is none */
const char *command_nearest(const char *name);            /* NULL: nothing is near */

cli_command_fn cmd_validate, cmd_schema, cmd_plan, cmd_apply, cmd_destroy, cmd_run, cmd_list,
	cmd_status, cmd_init, cmd_template, cmd_import, cmd_show, cmd_logs, cmd_output, cmd_cancel,
	cmd_open, cmd_doctor, cmd_archive, cmd_local, cmd_version, cmd_help;

#endif
