#include "cli/commands.h"
#include "cli/planning.h"

bool cmd_apply(struct cli *cli, struct err *err)
{
	session_auto s = {0};
	struct plan plan;
	return session_open_early(&s, cli, err) && planning_make(&s, &plan, err) &&
		planning_carry_out(&s, &plan, false, err);
}
