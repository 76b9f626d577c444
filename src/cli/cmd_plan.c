#include "cli/commands.h"
#include "cli/output.h"
#include "cli/planning.h"
#include "report/plan_json.h"

bool cmd_plan(struct cli *cli, struct err *err)
{
	session_auto s = {0};
	struct plan plan;
	if (!session_open_early(&s, cli, err) || !planning_make(&s, &plan, err))
		return false;
	struct plan_json_head head = {s.pipeline, s.target_name};
	planning_show(cli, &plan);
	if (output_json(cli))
		output_node(cli, plan_json(&plan, &head, &cli->arena));
	if (!planning_problems(cli, &plan, err))
		return false;
	if (cli->detailed_exitcode && !plan_is_empty(&plan))
		cli->status = 2;
	return true;
}
