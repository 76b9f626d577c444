#include "cli/commands.h"
#include "cli/planning.h"

bool cmd_destroy(struct cli *cli, struct err *err)
{
	session_auto s = {0};
	struct resources live = {0};
	if (!session_open_early(&s, cli, err) || !planning_live(&s, &live, err))
		return false;
	struct plan plan = {0};
	struct plan_guards guards;
	planning_guards(&s, &guards);
	apply_plan_destroy(&live, &guards, &cli->arena, &plan);
	planning_limit(&s, &plan);
	return planning_carry_out(&s, &plan, true, err);
}
