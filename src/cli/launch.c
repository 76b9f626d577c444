#include "cli/launch.h"

#include "base/text.h"
#include "cli/output.h"
#include "cli/planning.h"
#include "cli/run_flags.h"
#include "cli/secrets.h"

#include <stdlib.h>
#include <string.h>

static bool declares(const struct pairs *p, const char *name)
{
	for (size_t i = 0; i < p->n; i++)
		if (!strcmp(p->v[i].name, name))
			return true;
	return false;
}

static void put(struct pairs *p, const char *name, const char *value)
{
	for (size_t i = 0; i < p->n; i++)
		if (!strcmp(p->v[i].name, name)) {
			p->v[i].value = value;
			return;
		}
	p->v[p->n++] = (struct pair){name, value};
}

struct pairs launch_parameters(const struct pairs *step, const struct application *live,
	const struct cli_params *given, bool *used, struct arena *a)
{
	struct pairs out = {.v = arena_array(a, step->n + given->n + 1, sizeof *out.v)};
	for (size_t i = 0; i < step->n; i++)
		put(&out, step->v[i].name, step->v[i].value);
	for (size_t i = 0; i < given->n; i++) {
		if (!declares(step, given->v[i].name) &&
			!declares(&live->parameters, given->v[i].name))
			continue;
		put(&out, given->v[i].name, given->v[i].value);
		used[i] = true;
	}
	if (!out.n)
		out.v = NULL;
	return out;
}

/* What of the plan a launch looks at: its applications and what they need, and the data objects of the file. */
struct scope {
	struct session *s;
	const struct plan *plan;
	const struct spec_steps *steps;
};

static const char *app_address(const struct scope *c, size_t step)
{
	return arena_printf(&c->s->cli->arena, "apps.%s", c->steps->v[step].app->head.key);
}

static const struct plan_action *action_of(const struct plan *plan, const char *address)
{
	for (size_t i = 0; i < plan->n; i++)
		if (text_equal(plan->v[i].address, address))
			return &plan->v[i];
	return NULL;
}

static bool in_scope(const struct scope *c, const char *address)
{
	if (text_starts(address, "objects."))
		return true;
	for (size_t i = 0; i < c->steps->n; i++) {
		const char *app = app_address(c, i);
		const struct resource *want = resources_find(&c->s->want, app);
		if (!strcmp(address, app))
			return true;
		for (size_t k = 0; want && k < want->needs.n; k++)
			if (!strcmp(address, want->needs.v[k]))
				return true;
	}
	return false;
}

static bool check_problems(const struct scope *c, struct err *err)
{
	struct plan only = {.problems = arena_array(
				    &c->s->cli->arena, c->plan->problems_n, sizeof *only.problems)};
	for (size_t i = 0; i < c->plan->problems_n; i++)
		if (in_scope(c, c->plan->problems[i].address))
			only.problems[only.problems_n++] = c->plan->problems[i];
	return planning_problems(c->s->cli, &only, err);
}

/* The top-level fields that differ, each once. */
static void put_fields(const struct field_changes *changes, struct buf *out)
{
	const struct field *last = NULL;
	for (size_t i = 0; i < changes->n; i++) {
		if (changes->v[i].field == last)
			continue;
		last = changes->v[i].field;
		buf_printf(out, "%s%s", out->len ? ", " : "", last->name);
	}
}

/* Every application must be there; one that differs is run as it was applied, and that is said. */
static bool check_apps(const struct scope *c, struct err *err)
{
	for (size_t i = 0; i < c->steps->n; i++) {
		const char *address = app_address(c, i);
		const struct plan_action *action = action_of(c->plan, address);
		if (!action || !action->live) {
			err_set(err, ERR_GUARD,
				"%s is not applied: target %s has no such application", address,
				c->s->target_name);
			return err_hint(err, "`weir apply` makes it");
		}
		if (action->verb == PLAN_NONE)
			continue;
		buf_auto fields = {0};
		put_fields(&action->changes, &fields);
		output_say(c->s->cli, OUTPUT_WARNING,
			"%s is not what the file says (%s): the applied one is run\n`weir apply` changes it",
			address, buf_str(&fields));
	}
	return true;
}

static bool is_content(const struct plan_action *a)
{
	return a->want && a->want->kind == RESOURCE_OBJECT &&
		(a->verb == PLAN_CREATE || a->verb == PLAN_UPDATE || a->verb == PLAN_REPLACE);
}

static bool sync_content(const struct scope *c, struct err *err)
{
	struct session *s = c->s;
	struct arena *a = &s->cli->arena;
	struct plan sync = {.v = arena_array(a, c->plan->n, sizeof *sync.v)};
	buf_auto names = {0};
	for (size_t i = 0; i < c->plan->n; i++) {
		const struct plan_action *action = &c->plan->v[i];
		if (!is_content(action) || !in_scope(c, action->address))
			continue;
		sync.v[sync.n] = *action;
		sync.v[sync.n++].needs_n = 0;
		sync.create += action->verb == PLAN_CREATE;
		sync.update += action->verb == PLAN_UPDATE;
		sync.replace += action->verb == PLAN_REPLACE;
		buf_printf(&names, "%s%s", names.len ? ", " : "", action->address);
	}
	if (!sync.n)
		return true;
	bool reviewed = s->target->sync.set && !s->target->sync.v;
	if (s->cli->no_sync || reviewed) {
		output_say(s->cli, OUTPUT_WARNING, "what is uploaded is not what is here: %s%s%s%s",
			buf_str(&names), reviewed ? "\ntarget " : "",
			reviewed ? s->target_name : "",
			reviewed ? " has `sync: false`: `weir apply` uploads it" : "");
		return true;
	}
	struct apply_result *results;
	return planning_apply(s, &sync, &results, err) || err_wrap(err, "upload before the run");
}

static bool check_params(
	const struct scope *c, const struct launch *l, const bool *used, struct err *err)
{
	const struct cli_params *given = &c->s->cli->run_params;
	struct arena *a = &c->s->cli->arena;
	for (size_t i = 0; i < given->n; i++) {
		if (used[i])
			continue;
		const char **names = NULL;
		size_t n = 0, cap = 0;
		for (size_t k = 0; k < l->n; k++)
			for (size_t p = 0; p < l->steps[k].live->parameters.n; p++) {
				names = arena_grow(a, names, n, &cap, sizeof *names);
				names[n++] = l->steps[k].live->parameters.v[p].name;
			}
		names = arena_grow(a, names, n, &cap, sizeof *names);
		names[n] = NULL;
		const char *near = text_nearest(given->v[i].name, names);
		err_set(err, ERR_USAGE, "`--param %s=...`: %s declares no such Data Flow parameter",
			given->v[i].name, l->name);
		if (near)
			return err_hint(err, "did you mean `%s`?", near);
		return err_hint(err, "a parameter of the file is set by -p");
	}
	return true;
}

static bool fill_step(
	const struct scope *c, size_t i, bool *used, struct run_step *out, struct err *err)
{
	struct arena *a = &c->s->cli->arena;
	const struct spec_step *step = &c->steps->v[i];
	const struct plan_action *action = action_of(c->plan, app_address(c, i));
	if (!action)
		abort(); /* it has been looked for before */
	struct run *run = arena_new(a, struct run);
	if (!run_flags_over(c->s->cli, step->run, run, err))
		return false;
	run->parameters = launch_parameters(
		&run->parameters, action->live->app, &c->s->cli->run_params, used, a);
	*out = (struct run_step){.name = step->name,
		.application_id = action->live->id,
		.live = action->live->app,
		.run = run,
		.needs = step->needs,
		.needs_n = step->needs_n,
		.checks = step->checks};
	return true;
}

/* A name is one run's. */
static bool check_names(const struct cli *cli, const struct spec_steps *steps, struct err *err)
{
	if (steps->n < 2 || !run_flags_have(cli, "display_name"))
		return true;
	err_set(err, ERR_USAGE, "`--display-name` names one run, and %s has %zu", steps->name,
		steps->n);
	return err_hint(err, "give steps a `display_name` of their own");
}

static bool check_detach(const struct cli *cli, const struct spec_steps *steps, struct err *err)
{
	size_t needs = 0;
	for (size_t i = 0; i < steps->n; i++)
		needs += steps->v[i].needs_n;
	if (!cli->detach || !needs)
		return true;
	err_set(err, ERR_USAGE, "steps of %s wait for others, so somebody must watch them",
		steps->name);
	return err_hint(err, "leave --detach out");
}

bool launch_prepare(struct session *s, const char *name, struct launch *ret, struct err *err)
{
	struct arena *a = &s->cli->arena;
	struct spec_steps steps;
	struct plan plan;
	if (!spec_launch(s->spec, s->desired, name, &steps, &s->cli->diags, err))
		return false;
	struct scope c = {s, &plan, &steps};
	if (!check_detach(s->cli, &steps, err) || !check_names(s->cli, &steps, err) ||
		!planning_make(s, &plan, err) || !check_problems(&c, err) || !check_apps(&c, err))
		return false;
	struct launch l = {.name = steps.name,
		.n = steps.n,
		.steps = arena_array(a, steps.n, sizeof *l.steps)};
	bool *used = arena_array(a, s->cli->run_params.n, sizeof *used);
	for (size_t i = 0; i < steps.n; i++)
		if (!fill_step(&c, i, used, &l.steps[i], err))
			return false;
	if (!check_params(&c, &l, used, err) || !secrets_fetch(s, &steps, &l.secrets, err) ||
		!sync_content(&c, err))
		return false;
	*ret = l;
	return true;
}
