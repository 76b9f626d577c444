#include "local/command/open_command.h"

#include "base/text.h"
#include "field/node.h"
#include "local/command/ask.h"
#include "local/command/commands.h"
#include "local/home.h"

#include <stdio.h>

static bool ask(struct arena *a, const char *page, const char **ret, struct err *err)
{
	struct answer answer;
	struct err ignored;
	buf_auto body = {0};
	struct node *question = node_map(a);
	node_put(a, question, "page", node_str(a, page));
	node_to_json(question, NODE_JSON_COMPACT, &body);
	if (!ask_service(home_folder(a), "POST", "/weir/pages", buf_str(&body), a, &answer, err))
		return false;
	const struct node *n = node_from_json(a, answer.body, strlen(answer.body), &ignored);
	const char *why = node_get_str(n, "message");
	*ret = node_get_str(n, "address");
	if (answer.status == 200 && *ret)
		return true;
	return err_set(err, answer.status == 400 ? ERR_USAGE : ERR_SERVICE,
		"weir-local gave no address: %d %s", answer.status, why ? why : "");
}

int command_open(int argc, char **argv)
{
	arena_auto arena = {0};
	struct err err;
	const char *address;
	if (argc > 2 || (argc == 2 && *argv[1] != '/')) {
		err_set(&err, ERR_USAGE, "open takes one page of the service, `/` or `/ui/...`");
		return command_fail(&err);
	}
	if (!ask(&arena, argc > 1 ? argv[1] : "/", &address, &err))
		return command_fail(&err);
	puts(address);
	return 0;
}
