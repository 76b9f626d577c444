#include "cli/commands.h"
#include "cli/output.h"

bool cmd_schema(struct cli *cli, struct err *err)
{
	(void)err;
	if (cli->markdown)
		spec_reference(&cli->out);
	else
		output_node(cli, spec_schema(&cli->arena));
	return true;
}
