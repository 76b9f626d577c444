/* What the field tables can't say of applications and runs, since it needs two fields. */
#include "local/dataflow/dataflow.h"

#include "base/text.h"
#include "model/placeholder.h"

static bool check_placeholders(
	const struct strs *arguments, const struct pairs *parameters, struct dataflow_refusal *ret)
{
	for (size_t i = 0; i < arguments->n; i++) {
		struct placeholder p;
		for (const char *s = arguments->v[i]; placeholder_next(s, &p); s = p.end)
			if (!placeholder_value(&p, parameters))
				return dataflow_refuse(ret, 400, "InvalidParameter",
					"arguments[%zu] names ${%.*s}, and parameters has no %.*s.",
					i, (int)p.name_n, p.name, (int)p.name_n, p.name);
	}
	return true;
}

static bool is_language(const char *language, const char *a, const char *b)
{
	return text_equal(language, a) || text_equal(language, b);
}

/* What applications and runs have in common. */
static bool check_program(const struct strs *arguments, const struct pairs *parameters,
	const char *language, const char *file_uri, struct dataflow_refusal *ret)
{
	if (text_empty(file_uri))
		return dataflow_refuse(ret, 400, "MissingParameter",
			"fileUri is required where there is no execute.");
	if (is_language(language, "SQL", "SQL") && arguments->n)
		return dataflow_refuse(ret, 400, "InvalidParameter",
			"arguments: a SQL application has none; its parameters stand in the SQL as ${name}.");
	return check_placeholders(arguments, parameters, ret);
}

static bool check_tags(const struct pairs *freeform, struct dataflow_refusal *ret)
{
	if (freeform->n > FREEFORM_TAGS_MAX)
		return dataflow_refuse(ret, 400, "InvalidParameter",
			"freeformTags has %zu tags; a resource takes at most %d.", freeform->n,
			FREEFORM_TAGS_MAX);
	return true;
}

bool dataflow_check_application(const struct application *app, struct dataflow_refusal *ret)
{
	if (!text_empty(app->class_name) && !is_language(app->language, "JAVA", "SCALA"))
		return dataflow_refuse(ret, 400, "InvalidParameter",
			"className is for JAVA and SCALA, and language is %s.", app->language);
	return check_tags(&app->freeform_tags, ret) &&
		check_program(&app->arguments, &app->parameters, app->language, app->file_uri, ret);
}

static bool is_declared(const struct pairs *declared, const char *name)
{
	for (size_t i = 0; i < declared->n; i++)
		if (text_equal(declared->v[i].name, name))
			return true;
	return false;
}

/* A name that SQL would not know is a mistake of the caller's. */
static bool check_declared(
	const struct run *run, const struct application *app, struct dataflow_refusal *ret)
{
	for (size_t i = 0; i < run->parameters.n; i++) {
		const char *name = run->parameters.v[i].name;
		if (!is_declared(&app->parameters, name))
			return dataflow_refuse(ret, 400, "InvalidParameter",
				"parameters has %s, which the SQL application does not declare.",
				name);
	}
	return true;
}

bool dataflow_check_run(
	const struct run *run, const struct application *app, struct dataflow_refusal *ret)
{
	if (text_equal(run->type, "SESSION"))
		return dataflow_refuse(
			ret, 400, "InvalidParameter", "type: weir-local has no SESSION runs.");
	if (!check_tags(&run->freeform_tags, ret) ||
		!check_program(
			&run->arguments, &run->parameters, run->language, run->file_uri, ret))
		return false;
	return !text_equal(run->language, "SQL") || check_declared(run, app, ret);
}
