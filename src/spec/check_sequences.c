/* Steps: the apps and steps they name, their order, their parameters. */
#include "base/text.h"
#include "spec/check.h"
#include "spec/reference.h"
#include "spec/sequences.h"
#include "spec/uris.h"

#include <stddef.h>
#include <string.h>

static const struct app_decl *find_app(const struct pipeline *p, const char *key)
{
	const struct app_decl *apps = p->apps.v;
	for (size_t i = 0; i < p->apps.n; i++)
		if (text_equal(apps[i].head.key, key))
			return &apps[i];
	return NULL;
}

static void check_app(struct spec *s, const struct pipeline *p, const struct step_decl *step)
{
	if (!step->app || check_waits(step->app) || uris_has_app(s, step->app))
		return;
	const char **names = state_keyed_keys(
		s, &p->apps, sizeof(struct app_decl), offsetof(struct app_decl, head));
	const char *near = state_nearest(s, step->app, names);
	state_error(s, check_mark(&step->head, "app"), near ? near : "declare it under `apps`",
		"there is no app `%s`", step->app);
}

/* A step that needs itself is no cure. */
static const char *need_cure(
	struct spec *s, const struct step_decl *step, const char *need, const char **names)
{
	const char **kept = names;
	for (const char **name = names; *name; name++)
		if (strcmp(*name, step->head.key) != 0)
			*kept++ = *name;
	*kept = NULL;
	const char *near = state_nearest(s, need, names);
	return near ? near : "`needs` lists other steps of the same sequence";
}

static void check_needs(struct spec *s, const struct sequence_decl *sequence,
	const struct step_decl *step, const struct map *known)
{
	const struct node *at = check_value(&step->head, "needs");
	for (size_t i = 0; i < step->needs.n && at->u.seq.n == step->needs.n; i++) {
		const char *need = step->needs.v[i];
		if (map_has(known, need) || check_waits(need))
			continue;
		const char **names = state_keyed_keys(
			s, &sequence->steps, sizeof *step, offsetof(struct step_decl, head));
		state_error(s, at->u.seq.v[i]->mark, need_cure(s, step, need, names),
			"there is no step `%s` in sequences.%s", need, sequence->head.key);
	}
}

static bool declares(const struct pairs *p, const char *name)
{
	for (size_t i = 0; i < p->n; i++)
		if (!strcmp(p->v[i].name, name))
			return true;
	return false;
}

static void check_parameters(
	struct spec *s, const struct app_decl *app, const struct step_decl *step, const char *where)
{
	const struct node *at = check_value(&step->head, "parameters");
	if (!text_equal(app->fields.app.language, "SQL") || !at)
		return;
	for (size_t i = 0; i < step->run.parameters.n; i++) {
		const char *name = step->run.parameters.v[i].name;
		if (declares(&app->fields.app.parameters, name))
			continue;
		const struct node *value = node_get(at, name);
		state_error(s, value ? value->mark : at->mark,
			"declare it there: `parameters: {name: value}`",
			"%s sets `%s`, which apps.%s does not declare, as a SQL application must",
			where, name, app->head.key);
	}
}

struct size {
	const char *key;
	const char *shape;
	const struct shape_config *of_step, *of_app;
};

static bool has_size(const struct size *x)
{
	const struct shape_config none = {0}, *own = x->of_step ? x->of_step : &none,
				  *inherited = x->of_app ? x->of_app : &none;
	return (own->ocpus.set || inherited->ocpus.set) &&
		(own->memory_in_gbs.set || inherited->memory_in_gbs.set);
}

/* A Flex shape that the step chooses needs its size, of the step or its app. */
static void check_size(
	struct spec *s, const struct step_decl *step, const char *where, const struct size *x)
{
	if (!x->shape || check_waits(x->shape) || !shape_is_flex(x->shape) || has_size(x))
		return;
	const char *config = arena_printf(s->a, "%s_config", x->key);
	const struct node *waiting = check_value(&step->head, config);
	if (!waiting || waiting->kind == NODE_MAP)
		state_error(s, check_mark(&step->head, x->key),
			arena_printf(s->a, "`%s: {ocpus: 1, memory_in_gbs: 16}`", config),
			"%s is a Flex shape and needs `%s` with both `ocpus` and `memory_in_gbs` "
			"in %s",
			x->shape, config, where);
}

static void check_run(
	struct spec *s, const struct app_decl *app, const struct step_decl *step, const char *where)
{
	static const char *const logs[] = {"logs_bucket", "logs_bucket_uri", NULL};
	static const char *const warehouses[] = {"warehouse_bucket", "warehouse_bucket_uri", NULL};
	const struct application *a = &app->fields.app;
	const struct run *r = &step->run;
	const struct size driver = {
		"driver_shape", r->driver_shape, r->driver_shape_config, a->driver_shape_config};
	const struct size executor = {"executor_shape", r->executor_shape, r->executor_shape_config,
		a->executor_shape_config};
	check_one_of(s, &step->head, where, logs);
	check_one_of(s, &step->head, where, warehouses);
	check_tag_keys(s, check_value(&step->head, "freeform_tags"));
	check_size(s, step, where, &driver);
	check_size(s, step, where, &executor);
}

void check_sequence(struct spec *s, const struct pipeline *p, const struct sequence_decl *sequence)
{
	const struct step_decl *steps = sequence->steps.v;
	arena_auto scratch = {0};
	struct map known = {.arena = &scratch};
	const char *cycle;
	size_t at, *order = arena_array(s->a, sequence->steps.n, sizeof *order);
	for (size_t i = 0; i < sequence->steps.n; i++)
		map_put(&known, steps[i].head.key, NULL);
	for (size_t i = 0; i < sequence->steps.n; i++) {
		const struct step_decl *step = &steps[i];
		const char *where = arena_printf(
			s->a, "sequences.%s.steps.%s", sequence->head.key, step->head.key);
		const struct app_decl *app = step->app ? find_app(p, step->app) : NULL;
		check_app(s, p, step);
		check_needs(s, sequence, step, &known);
		check_checks(s, step, where);
		if (!app)
			continue;
		check_parameters(s, app, step, where);
		check_run(s, app, step, where);
		check_returns(s, &step->head);
		check_ids(s, &step->head, where);
		check_placeholders(s, &step->run.arguments, check_value(&step->head, "arguments"),
			&step->run.parameters, &app->fields.app.parameters,
			"declare it in the step or its app: `parameters: {name: value}`");
	}
	if (!sequence_order(s, sequence, order, &cycle, &at)) {
		const struct node *needs = check_value(&steps[at].head, "needs");
		state_error(s, needs->mark, "remove one of these needs",
			"the steps of sequences.%s need each other: %s", sequence->head.key, cycle);
	}
}
