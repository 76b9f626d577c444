#include "cli/commands.h"
#include "cli/given_ocid.h"
#include "cli/output.h"
#include "cli/session.h"
#include "cli/which_app.h"
#include "cli/which_run.h"
#include "oci/console.h"
#include "oci/dataflow.h"
#include "oci/invite.h"

#include "base/text.h"
#include "model/oci_uri.h"

#include <fcntl.h>
#include <spawn.h>
#include <stdlib.h>
#include <unistd.h>

/* What is to be opened: one of these, or a list. */
struct place {
	const char *app_id, *run_id;
	const char *bucket, *ns; /* ns: asked for where the console's link needs it */
	const char *list;        /* "apps", "runs", "buckets"; "" for all there is */
};

static bool fail(const struct err *from, struct err *err)
{
	*err = *from;
	return false;
}

/* ---- what is meant */

static bool find_app(struct session *s, const char *address, struct place *ret, struct err *err)
{
	return session_need_file(s, address, err) && session_load(s, err) &&
		which_app(s, address, &ret->app_id, err);
}

struct wait {
	struct err err;
	const char *text;
	struct invite invite;
};

static void on_app(
	void *ctx, const struct err *err, const struct application *app, const char *etag)
{
	struct wait *w = ctx;
	(void)etag;
	w->err = *err;
	w->text = app ? app->id : NULL;
}

static bool find_app_id(struct session *s, const char *id, struct place *ret, struct err *err)
{
	struct wait *w = arena_new(oci_arena(s->oci), struct wait);
	if (!given_ocid_check(id, OCID_APPLICATION, err))
		return false;
	dataflow_application_get(s->oci, id, on_app, w);
	if (!oci_run(s->oci, err))
		return false;
	ret->app_id = w->text;
	return ret->app_id || fail(&w->err, err) || given_ocid_failed(s, id, err);
}

static bool find_run(struct session *s, const char *what, struct place *ret, struct err *err)
{
	const struct run *run;
	if (!which_run(s, what, &run, err))
		return false;
	ret->run_id = run->id;
	return true;
}

static bool find_bucket(struct session *s, const char *name, struct place *ret, struct err *err)
{
	if (!bucket_name_ok(name))
		return err_set(err, ERR_USAGE, "`%s` can't be a bucket's name", name);
	ret->bucket = name;
	return session_has_pages(s) || session_namespace(s, &ret->ns, err);
}

static bool is_list(const char *what)
{
	return text_equal(what, "apps") || text_equal(what, "runs") || text_equal(what, "buckets");
}

static bool find(struct session *s, const char *what, struct place *ret, struct err *err)
{
	*ret = (struct place){.list = what ? what : ""};
	if (!what || is_list(what))
		return true;
	if (text_starts(what, "apps."))
		return find_app(s, what, ret, err);
	if (text_starts(what, "buckets."))
		return find_bucket(s, what + strlen("buckets."), ret, err);
	return ocid_is(what, OCID_APPLICATION) ? find_app_id(s, what, ret, err)
					       : find_run(s, what, ret, err);
}

/* ---- its address */

static const char *page_of(const struct place *p, struct arena *a)
{
	if (p->app_id)
		return arena_printf(a, "/ui/applications/%s", text_percent(a, p->app_id));
	if (p->run_id)
		return arena_printf(a, "/ui/runs/%s", text_percent(a, p->run_id));
	if (p->bucket)
		return arena_printf(a, "/ui/buckets/%s", text_percent(a, p->bucket));
	if (!*p->list)
		return "/";
	return text_equal(p->list, "apps") ? "/ui/applications"
					   : arena_printf(a, "/ui/%s", p->list);
}

static void on_invite(void *ctx, const struct err *err, const struct invite *invite)
{
	struct wait *w = ctx;
	w->err = *err;
	if (invite)
		w->invite = *invite;
}

static bool ask(struct session *s, const char *page, struct invite *ret, struct err *err)
{
	struct wait *w = arena_new(oci_arena(s->oci), struct wait);
	oci_invite(s->oci, page, on_invite, w);
	if (!oci_run(s->oci, err))
		return false;
	*ret = w->invite;
	return ret->address || fail(&w->err, err);
}

static bool link_of(
	const struct session *s, const struct place *p, struct invite *ret, struct err *err)
{
	struct arena *a = &s->cli->arena;
	const char *region = oci_region(s->oci), *ocid = p->app_id ? p->app_id : p->run_id;
	ret->address = ocid ? oci_console_link(a, region, ocid)
		: p->bucket ? oci_console_bucket(a, region, p->ns, p->bucket)
			    : oci_console_list(a, region, *p->list ? p->list : "apps");
	if (ret->address)
		return true;
	err_set(err, ERR_USAGE, "no region is known, so that the console has no address");
	return err_hint(err, "give it with --region");
}

/* ---- the browser */

static bool start_browser(const char *address, struct err *err)
{
	const char *program = getenv("BROWSER");
	program = text_empty(program) ? "xdg-open" : program;
	char *const argv[] = {(char *)program, (char *)address, NULL};
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attributes;
	pid_t pid;
	posix_spawn_file_actions_init(&files);
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		posix_spawn_file_actions_addopen(&files, fd, "/dev/null", O_RDWR, 0);
	posix_spawnattr_init(&attributes);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID); /* it outlives us */
	int failed = posix_spawnp(&pid, program, &files, &attributes, argv, environ);
	posix_spawnattr_destroy(&attributes);
	posix_spawn_file_actions_destroy(&files);
	if (!failed)
		return true;
	err_set(err, ERR_MISSING_TOOL, "%s: %s", program, strerror(failed));
	return err_hint(err, "set BROWSER to a browser's program, or open the address yourself");
}

static void put(struct cli *cli, const struct invite *invite)
{
	struct arena *a = &cli->arena;
	if (!output_json(cli)) {
		buf_printf(&cli->out, "%s\n", invite->address);
		return;
	}
	struct node *n = node_map(a);
	node_put(a, n, "address", node_str(a, invite->address));
	if (invite->time_expires)
		node_put(a, n, "time_expires", node_str(a, invite->time_expires));
	output_node(cli, n);
}

bool cmd_open(struct cli *cli, struct err *err)
{
	session_auto s = {0};
	struct place place;
	struct invite invite = {0};
	if (!session_open_any(&s, cli, err) ||
		!find(&s, cli->args_n ? cli->args[0] : NULL, &place, err) ||
		!(session_has_pages(&s) ? ask(&s, page_of(&place, &cli->arena), &invite, err)
					: link_of(&s, &place, &invite, err)))
		return false;
	put(cli, &invite);
	return !cli->browser || (output_flush(cli, err) && start_browser(invite.address, err));
}
