#include "cli/planning.h"

#include "archive/digests.h"
#include "base/fs.h"
#include "base/keep.h"
#include "base/text.h"
#include "cli/archiving.h"
#include "cli/confirm.h"
#include "cli/output.h"
#include "live/live.h"
#include "report/apply_text.h"
#include "report/plan_json.h"
#include "report/plan_text.h"

#include <string.h>
#include <unistd.h>

enum { TEXT_MAX = 1 << 20 };

static bool read_live(struct session *s, struct resources *ret, struct err *err)
{
	struct live_query q = {.ns = s->builtins.ns,
		.compartments = spec_compartments(s->spec, &s->want, &s->cli->arena),
		.pipeline = s->pipeline,
		.target = s->target_name,
		.former = spec_former(s->spec, &s->cli->arena),
		.want = &s->want,
		.cache = s->cache,
		.ahead = s->ahead};
	s->ahead = NULL;
	return live_read(s->oci, &q, ret, err);
}

/* In a namespace that is the service's no more nothing was found, which says nothing. */
static bool read_confirmed(struct session *s, struct resources *ret, struct err *err)
{
	struct err failed;
	bool changed, ok = read_live(s, ret, &failed);
	if (!ok && failed.kind != ERR_NOT_FOUND) {
		*err = failed;
		return false;
	}
	if (!session_confirm(s, &changed, err))
		return false;
	if (changed)
		return read_live(s, ret, err);
	if (!ok)
		*err = failed;
	return ok;
}

bool planning_live(struct session *s, struct resources *ret, struct err *err)
{
	const struct progress *p = &s->cli->progress;
	progress_send(p, PROGRESS_START, "live service", 0, 0, "reading");
	bool ok = read_confirmed(s, ret, err);
	progress_send(p, ok ? PROGRESS_DONE : PROGRESS_FAILED, "live service", 0, 0, NULL);
	if (ok)
		live_cache_save(s->cache);
	return ok;
}

/* A local file as text; NULL where it is too large, binary or gone: then there is no diff to show. */
static const char *file_text(struct session *s, const char *path)
{
	struct err ignored;
	buf_auto text = {.max = TEXT_MAX};
	const char *whole = fs_join(&s->cli->arena, s->desired->dir, path);
	if (!fs_read(whole, &text, &ignored) || !text_is_utf8(buf_str(&text), text.len) ||
		memchr(buf_str(&text), '\0', text.len))
		return NULL;
	return arena_strndup(&s->cli->arena, buf_str(&text), text.len);
}

static bool add_texts(struct session *s, struct plan_action *action, struct err *err)
{
	const struct object *live = action->live->object;
	const char *old = NULL;
	const char *new = file_text(s, action->want->object->path);
	if (!new || (live->size.set && live->size.v > TEXT_MAX))
		return true;
	if (!live_text(s->oci, s->builtins.ns, live->bucket, live->name, &old, err))
		return false;
	if (old) {
		action->old_text = old;
		action->new_text = new;
	}
	return true;
}

/* What differs in an archive, member by member, where both sides can be read. */
static bool add_members(struct session *s, struct plan_action *action, struct err *err)
{
	struct arena *a = &s->cli->arena;
	struct zip_index was, now;
	struct err ignored;
	bool had;
	const char *path = fs_join(a, s->desired->dir, action->want->object->path);
	if (!zip_index_read(path, a, &now, &ignored))
		return true;
	if (!live_members(s->oci, s->builtins.ns, action->live->object, a, &was, &had, err))
		return false;
	if (had) {
		struct zip_diff *diff = arena_new(a, struct zip_diff);
		zip_index_diff(&was, &now, a, diff);
		action->members = diff;
	}
	return true;
}

/* What changes in the content, for whoever reads the plan. */
static bool add_contents(struct session *s, struct plan_action *x, struct err *err)
{
	if (x->verb != PLAN_UPDATE || x->want->kind != RESOURCE_OBJECT || !x->want->object->path)
		return true;
	bool ok = text_starts(x->address, "scripts.")  ? add_texts(s, x, err)
		: text_starts(x->address, "archives.") ? add_members(s, x, err)
						       : true;
	return ok || err_wrap(err, "%s", x->address);
}

void planning_guards(struct session *s, struct plan_guards *ret)
{
	*ret = (struct plan_guards){.prevented = &s->want};
	if (s->desired->target->protect.n)
		ret->protect = arena_printf(
			&s->cli->arena, "target %s has `protect: [delete]`", s->target_name);
}

void planning_limit(struct session *s, struct plan *plan)
{
	const struct cli_number *most = &s->cli->max_delete;
	if (most->set)
		plan_limit_deletions(plan, (size_t)most->v, &s->cli->arena);
}

bool planning_make(struct session *s, struct plan *ret, struct err *err)
{
	struct resources live = {0};
	if (!planning_live(s, &live, err) || !archiving_ready(s, err) ||
		!digests_fill(&s->want, &live, s->desired->dir,
			s->cli->no_cache ? NULL : keep_folder(&s->cli->arena), &s->cli->arena, err))
		return false;
	for (size_t i = 0; i < s->want.n; i++)
		s->want.v[i].overwrite |= s->cli->overwrite;
	*ret = (struct plan){0};
	struct plan_guards guards;
	planning_guards(s, &guards);
	plan_build_guarded(&s->want, &live, &guards, &s->cli->arena, ret);
	planning_limit(s, ret);
	for (size_t i = 0; i < ret->n; i++)
		if (!add_contents(s, &ret->v[i], err))
			return false;
	return true;
}

void planning_show(struct cli *cli, const struct plan *plan)
{
	if (!output_json(cli))
		plan_text(plan, output_color(cli, STDOUT_FILENO), &cli->out);
	for (size_t i = 0; i < plan->notes_n; i++) {
		buf_auto text = {0};
		plan_text_problem(&plan->notes[i], &text);
		output_say(cli, OUTPUT_WARNING, "%s", buf_str(&text));
	}
}

bool planning_problems(struct cli *cli, const struct plan *plan, struct err *err)
{
	for (size_t i = 0; i < plan->problems_n; i++) {
		struct err one;
		buf_auto text = {0};
		plan_text_problem(&plan->problems[i], &text);
		err_set(&one, plan->problems[i].kind, "%s", buf_str(&text));
		output_error(cli, &one);
	}
	return !plan->problems_n || err_set(err, plan->problems[0].kind, "%s", "");
}

static void on_changed(
	void *ctx, const struct plan_action *action, const struct apply_result *result)
{
	struct cli *cli = ctx;
	if (cli->quiet || output_json(cli))
		return;
	buf_auto line = {0};
	bool color = output_color(cli, STDERR_FILENO);
	if (result)
		apply_text_ended(action, result, color, &line);
	else
		apply_text_begun(action, color, &line);
	output_stderr(cli, &line);
}

/* What is about to be changed is read anew by the next plan, whatever becomes of this. */
static void forget_changed(struct session *s, const struct plan *plan)
{
	for (size_t i = 0; i < plan->n; i++) {
		const struct resource *live = plan->v[i].live;
		if (plan->v[i].verb != PLAN_NONE && live && live->kind == RESOURCE_APPLICATION)
			live_cache_forget(s->cache, live->id);
	}
	live_cache_save(s->cache);
}

bool planning_apply(
	struct session *s, const struct plan *plan, struct apply_result **ret, struct err *err)
{
	struct apply_options o = {.ns = s->builtins.ns,
		.compartment_id = s->compartment_id,
		.owner = s->owner,
		.identity = s->owner,
		.dir = s->desired->dir,
		.progress = &s->cli->progress,
		.clock = s->cli->clock,
		.changed = on_changed,
		.ctx = s->cli};
	forget_changed(s, plan);
	return apply_plan(s->oci, plan, &o, ret, err);
}

/* What the result is, whatever came of it. */
static void tell(struct session *s, const struct plan *plan, const struct apply_result *results,
	bool destroy, const struct err *err)
{
	struct cli *cli = s->cli;
	struct plan_json_head head = {s->pipeline, s->target_name};
	if (output_json(cli))
		output_node(cli, plan_json_applied(plan, results, err, &head, &cli->arena));
	else
		apply_text_summary(
			plan, results, destroy, output_color(cli, STDOUT_FILENO), &cli->out);
}

bool planning_carry_out(struct session *s, const struct plan *plan, bool destroy, struct err *err)
{
	struct cli *cli = s->cli;
	struct apply_result *results = NULL;
	struct err failed = {0};
	planning_show(cli, plan);
	if (!planning_problems(cli, plan, err)) {
		if (output_json(cli))
			tell(s, plan, NULL, destroy, err);
		return false;
	}
	if (plan_is_empty(plan)) {
		if (output_json(cli))
			tell(s, plan, NULL, destroy, &failed);
		return true;
	}
	if (!output_flush(cli, err))
		return false;
	if (!confirm(cli, destroy ? "Delete all of this?" : "Apply these changes?", err))
		return false;
	bool ok = planning_apply(s, plan, &results, &failed);
	tell(s, plan, results, destroy, &failed);
	if (!ok)
		*err = failed;
	return ok;
}
