#include "cli/commands.h"
#include "cli/output.h"
#include "cli/session.h"
#include "model/resource.h"
#include "oci/dataflow.h"
#include "plan/identity.h"
#include "report/run_json.h"
#include "report/run_text.h"

#include "base/text.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct listing {
	struct session *s;
	struct run_text_apps apps;
	struct err err;
};

static void on_app(void *ctx, const struct err *err, const struct application *app)
{
	struct listing *l = ctx;
	struct arena *a = oci_arena(l->s->oci);
	if (!app) {
		if (!l->err.kind)
			l->err = *err;
		return;
	}
	const char *tag = identity_tag_of(&app->freeform_tags);
	const char *ours = identity_tag(a, l->s->pipeline, l->s->target_name, "");
	bool gone = text_equal(app->lifecycle_state, "DELETED") ||
		text_equal(app->lifecycle_state, "DELETING");
	if (!tag || !text_starts(tag, ours) || gone)
		return;
	l->apps.v = arena_grow(a, l->apps.v, l->apps.n, &l->apps.cap, sizeof *l->apps.v);
	l->apps.v[l->apps.n++] = app;
}

static int by_tag(const void *left, const void *right)
{
	const struct application *const *a = left, *const *b = right;
	return strcmp(identity_tag_of(&(*a)->freeform_tags), identity_tag_of(&(*b)->freeform_tags));
}

static bool list_apps(struct session *s, struct err *err)
{
	struct cli *cli = s->cli;
	struct listing *l = arena_new(oci_arena(s->oci), struct listing);
	l->s = s;
	struct strs compartments = spec_compartments(s->spec, &s->want, &cli->arena);
	for (size_t i = 0; i < compartments.n; i++)
		dataflow_application_list(s->oci, compartments.v[i], 0, on_app, l);
	if (!oci_run(s->oci, err))
		return false;
	if (l->err.kind) {
		*err = l->err;
		return false;
	}
	if (l->apps.n)
		qsort(l->apps.v, l->apps.n, sizeof *l->apps.v, by_tag);
	if (output_json(cli))
		output_node(cli, run_json_apps(&l->apps, &cli->arena));
	else if (l->apps.n)
		run_text_apps(&l->apps, output_width(STDOUT_FILENO), &cli->arena, &cli->out);
	else
		output_say(cli, OUTPUT_NOTE, "No applications of %s at target %s.", s->pipeline,
			s->target_name);
	return true;
}

static bool list_runs(struct session *s, struct err *err)
{
	struct cli *cli = s->cli;
	struct run_find q = {s->compartment_id, s->pipeline, s->target_name};
	struct runs runs;
	if (!run_list(s->oci, &q, &runs, err))
		return false;
	if (output_json(cli))
		output_node(cli, run_json_runs(&runs, &cli->arena));
	else if (runs.n)
		run_text_runs(&runs, clock_wall(cli->clock), output_width(STDOUT_FILENO),
			&cli->arena, &cli->out);
	else
		output_say(cli, OUTPUT_NOTE, "No runs of %s at target %s.", s->pipeline,
			s->target_name);
	return true;
}

bool cmd_list(struct cli *cli, struct err *err)
{
	static const char *const kinds[] = {"apps", "runs", NULL};
	const char *kind = cli->args[0], *near = text_nearest(kind, kinds);
	bool apps = !strcmp(kind, "apps");
	if (!apps && strcmp(kind, "runs")) {
		err_set(err, ERR_USAGE, "`weir list %s`: neither apps nor runs", kind);
		return near ? err_hint(err, "did you mean `weir list %s`?", near) : false;
	}
	session_auto s = {0};
	return session_open(&s, cli, false, err) &&
		(apps ? session_load(&s, err) && list_apps(&s, err) : list_runs(&s, err));
}
