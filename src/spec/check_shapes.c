/* Whether the machines that an application asks for are there to be had. */
#include "base/text.h"
#include "spec/check.h"

#include <string.h>

struct shape {
	const char *key, *config_key, *name;
	const struct shape_config *config; /* NULL: none */
};

static bool has_keys(const struct node *config)
{
	const struct node *ocpus = node_get(config, "ocpus");
	const struct node *memory = node_get(config, "memory_in_gbs");
	return ocpus && ocpus->kind != NODE_NULL && memory && memory->kind != NODE_NULL;
}

/*
 * What a Flex shape of a family can be. Facts: Compute's page of shapes; Data Flow's own says nothing, so that this is a
 * warning, and of a family that is not here nothing is said.
 */
static const struct bounds {
	const char *family;
	double ocpus, memory_in_gbs; /* at most */
} bounds[] = {
	{"VM.Standard.E3.Flex", 64, 1024},
	{"VM.Standard.E4.Flex", 64, 1024},
	{"VM.Standard3.Flex", 32, 512},
	{"VM.Standard.A1.Flex", 80, 512},
};
enum { GB_PER_OCPU_MAX = 64 };

static void check_bounds(struct spec *s, const struct app_decl *app, const struct shape *shape)
{
	const struct node *at = check_value(&app->head, shape->config_key);
	double ocpus = shape->config->ocpus.v, memory = shape->config->memory_in_gbs.v;
	for (size_t i = 0; i < sizeof bounds / sizeof *bounds; i++) {
		const struct bounds *b = &bounds[i];
		if (!text_equal(shape->name, b->family))
			continue;
		double most = ocpus * GB_PER_OCPU_MAX;
		most = most < b->memory_in_gbs ? most : b->memory_in_gbs;
		if (ocpus > b->ocpus)
			state_app_warning(s, at->mark, "take fewer, and more executors",
				"`%s` of apps.%s asks for %g OCPUs, and %s has at most %g",
				shape->config_key, app->head.key, ocpus, b->family, b->ocpus);
		else if (memory < ocpus || memory > most)
			state_app_warning(s, at->mark,
				arena_printf(s->a, "%s takes from %g to %g GB with so many",
					b->family, ocpus, most),
				"`%s` of apps.%s asks for %g GB with %g OCPUs", shape->config_key,
				app->head.key, memory, ocpus);
	}
}

/* A Flex shape is nothing without its size. The service takes a size with a fixed shape too; it does nothing. */
static void check_shape(struct spec *s, const struct app_decl *app, const struct shape *shape)
{
	const struct node *name = check_value(&app->head, shape->key);
	const struct node *config = check_value(&app->head, shape->config_key);
	const char *example =
		arena_printf(s->a, "`%s: {ocpus: 1, memory_in_gbs: 16}`", shape->config_key);
	if (!shape->name)
		return;
	if (!shape_is_flex(shape->name)) {
		if (config)
			state_app_warning(s, config->mark,
				"remove it; null removes what is inherited",
				"`%s` of apps.%s is for Flex shapes, and %s is none",
				shape->config_key, app->head.key, shape->name);
		return;
	}
	if (!config)
		state_app_error(s, name->mark, example,
			"%s is a Flex shape and needs `%s` in apps.%s", shape->name,
			shape->config_key, app->head.key);
	else if (config->kind == NODE_MAP && !has_keys(config))
		state_app_error(s, config->mark, example,
			"`%s` of apps.%s needs both `ocpus` and `memory_in_gbs`", shape->config_key,
			app->head.key);
	else if (shape->config && shape->config->ocpus.set && shape->config->memory_in_gbs.set)
		check_bounds(s, app, shape);
}

/* VM.Standard.E4.Flex and VM.Standard2.4 without the size. */
static size_t family_length(const char *shape)
{
	const char *dot = strrchr(shape, '.');
	return dot ? (size_t)(dot - shape) : strlen(shape);
}

void check_shapes(struct spec *s, const struct app_decl *app)
{
	const struct application *a = &app->fields.app;
	const struct shape driver = {
		"driver_shape", "driver_shape_config", a->driver_shape, a->driver_shape_config};
	const struct shape executor = {"executor_shape", "executor_shape_config", a->executor_shape,
		a->executor_shape_config};
	check_shape(s, app, &driver);
	check_shape(s, app, &executor);
	if (!driver.name || !executor.name)
		return;
	size_t n = family_length(driver.name);
	if (n != family_length(executor.name) || memcmp(driver.name, executor.name, n))
		state_app_warning(s, check_mark(&app->head, "executor_shape"),
			"take both from one family",
			"driver and executors of apps.%s are of different families: %s and %s",
			app->head.key, driver.name, executor.name);
}
