/* `weir local ...` is weir-local itself. */
#include "cli/commands.h"
#include "cli/local_service.h"

#include <signal.h>
#include <unistd.h>

bool cmd_local(struct cli *cli, struct err *err)
{
	const char *path = local_service_program(&cli->arena, err);
	if (!path)
		return false;
	signal(SIGPIPE, SIG_DFL);
	cli->rest[0] = arena_strdup(&cli->arena, "weir-local");
	execv(path, cli->rest);
	return err_errno(err, ERR_MISSING_TOOL, "%s", path);
}
