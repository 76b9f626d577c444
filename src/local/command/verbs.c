#include "local/command/verbs.h"

#include "base/buf.h"
#include "base/text.h"
#include "local/command/commands.h"
#include "local/home.h"

#include <stdio.h>
#include <string.h>

/* "add, list or clear". */
static const char *names(const struct verb *verbs, struct arena *a)
{
	buf_auto out = {0};
	for (const struct verb *v = verbs; v->name; v++)
		buf_printf(&out, "%s%s", v == verbs ? "" : v[1].name ? ", " : " or ", v->name);
	return arena_strdup(a, buf_str(&out));
}

int verbs_run(const struct verbs_command *c, int argc, char **argv)
{
	arena_auto arena = {0};
	const char *name = argc > 1 ? argv[1] : "";
	for (const struct verb *v = c->verbs; v->name; v++)
		if (text_equal(name, v->name))
			return v->run(&arena, argc - 1, argv + 1);
	if (text_equal(name, "help") || text_equal(name, "--help") || text_equal(name, "-h")) {
		puts(c->help);
		return 0;
	}
	const char *all = names(c->verbs, &arena);
	if (!*name)
		return command_usage(c->hint, "%s what? %s", c->name, all);
	return command_usage(c->hint, "there is no `%s %s`: it is %s", c->name, name, all);
}

/* The service's word on what was wrong; it names settings as the API does. */
static const char *refusal(struct arena *a, const struct answer *answer)
{
	struct err ignored;
	struct node *body = node_from_json(a, answer->body, strlen(answer->body), &ignored);
	const char *message = body ? node_get_str(body, "message") : NULL;
	return message ? message : arena_printf(a, "status %d", answer->status);
}

int verbs_ask(const struct verbs_command *c, struct arena *a, const char *method,
	const char *target, const char *body, struct answer *ret)
{
	struct err err;
	if (!ask_service(home_folder(a), method, target, body, a, ret, &err))
		return command_fail(&err);
	if (ret->status < 300)
		return -1;
	if (ret->status == 400)
		return command_usage(c->hint, "%s", refusal(a, ret));
	if (ret->status == 404 && c->absent)
		err_set(&err, ERR_NOT_FOUND, "%s", c->absent);
	else
		err_set(&err, ret->status == 409 ? ERR_CONFLICT : ERR_SERVICE,
			"weir-local refuses: %s", refusal(a, ret));
	return command_fail(&err);
}

int verbs_list(const struct verbs_command *c, struct arena *a, const char *target, const char *what,
	bool json, void (*print)(const struct node *item))
{
	struct answer answer;
	struct err err;
	int status = verbs_ask(c, a, "GET", target, NULL, &answer);
	if (status >= 0)
		return status;
	struct node *all = node_from_json(a, answer.body, strlen(answer.body), &err);
	if (!all || all->kind != NODE_SEQ) {
		err_set(&err, ERR_PROTOCOL, "weir-local told no list of %s", what);
		return command_fail(&err);
	}
	if (json) {
		buf_auto out = {0};
		node_to_json(all, NODE_JSON_INDENT, &out);
		puts(buf_str(&out));
		return 0;
	}
	if (!all->u.seq.n)
		printf("There are no %s.\n", what);
	for (size_t i = 0; i < all->u.seq.n; i++)
		print(all->u.seq.v[i]);
	return 0;
}
