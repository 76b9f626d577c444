/* What an application must be, beyond its fields one by one. */
#include "base/text.h"
#include "model/remember.h"
#include "spec/apps.h"
#include "spec/check.h"
#include "spec/source.h"
#include "spec/uris.h"

#include <stddef.h>
#include <string.h>

const char *check_one_of(
	struct spec *s, const struct keyed_head *head, const char *where, const char *const *keys)
{
	const char *first = NULL;
	for (; *keys; keys++) {
		const struct node *n = check_value(head, *keys);
		if (n && first)
			state_app_error(s, n->mark,
				"keep one of them; null removes what is inherited",
				"`%s` and `%s` exclude each other in %s", first, *keys, where);
		first = first ? first : n ? *keys : NULL;
	}
	return first;
}

static void check_program(struct spec *s, const struct app_decl *app)
{
	static const char *const programs[] = {"script", "file_uri", "execute", NULL};
	static const char *const archives[] = {"archive", "archive_uri", NULL};
	static const char *const logs[] = {"logs_bucket", "logs_bucket_uri", NULL};
	static const char *const warehouses[] = {"warehouse_bucket", "warehouse_bucket_uri", NULL};
	static const char *const derived[] = {
		"class_name", "arguments", "parameters", "configuration", NULL};
	const char *where = arena_printf(s->a, "apps.%s", app->head.key);
	const char *program = check_one_of(s, &app->head, where, programs);
	check_one_of(s, &app->head, where, archives);
	check_one_of(s, &app->head, where, logs);
	check_one_of(s, &app->head, where, warehouses);
	if (!program)
		state_app_error(s, app->head.mark,
			"give it `script` (a local file), `file_uri` (oci://...) or `execute`",
			"apps.%s has no program", app->head.key);
	for (const char *const *key = derived; text_equal(program, "execute") && *key; key++) {
		const struct node *n = check_value(&app->head, *key);
		if (n)
			state_app_warning(s, n->mark, "write it into `execute`, or remove it",
				"`%s` of apps.%s is ignored by the service: it takes what "
				"`execute` says",
				*key, app->head.key);
	}
}

static void check_uploads(struct spec *s, const struct pipeline *p, const struct app_decl *app)
{
	static const char *const uploaded[] = {"script", "archive"};
	const struct node *at;
	for (size_t i = 0; i < sizeof uploaded / sizeof *uploaded; i++)
		if ((at = check_value(&app->head, uploaded[i])) &&
			!check_value(&app->head, "script_bucket"))
			state_app_error(s, at->mark,
				"set `script_bucket` in the app or under `defaults`",
				"`%s` of apps.%s needs a bucket to be uploaded to", uploaded[i],
				app->head.key);
	if ((at = check_value(&app->head, "script_object")) && !check_value(&app->head, "script"))
		state_app_error(s, at->mark, "give it `script`, or remove it",
			"`script_object` of apps.%s is a name for nothing: it has no `script`",
			app->head.key);
	if ((at = check_value(&app->head, "overwrite")) &&
		!check_value(&app->head, "script_object"))
		state_app_error(s, at->mark, "give it `script_object`, or remove it",
			"`overwrite` of apps.%s is for an object with a name of its own, and it has "
			"no `script_object`",
			app->head.key);
	check_object_name(s, &app->head, "script_object", app->fields.script_object);
	if (app->fields.script)
		source_check(s, app->fields.script, check_mark(&app->head, "script"), "script");
	at = check_value(&app->head, "archive");
	if (!app->fields.archive || uris_has_archive(s, app->fields.archive))
		return;
	const char **names = state_keyed_keys(
		s, &p->archives, sizeof(struct archive_decl), offsetof(struct archive_decl, head));
	const char *near = state_nearest(s, app->fields.archive, names);
	state_app_error(s, at->mark, near ? near : "declare it under `archives`",
		"there is no archive `%s`", app->fields.archive);
}

static bool is_language(const char *name)
{
	const char *const *c = language_choices;
	while (*c && !text_equal(*c, name))
		c++;
	return *c;
}

static bool is_jvm(const char *language)
{
	return text_equal(language, "JAVA") || text_equal(language, "SCALA");
}

/* What the service refuses beside another language. */
static void check_misfits(struct spec *s, const struct app_decl *app)
{
	const struct application *a = &app->fields.app;
	const struct node *class_name = check_value(&app->head, "class_name");
	const struct node *arguments = check_value(&app->head, "arguments");
	if (class_name && !is_jvm(a->language))
		state_app_warning(s, class_name->mark, "remove it; null removes what is inherited",
			"`class_name` of apps.%s is for JAVA and SCALA, and its language is %s",
			app->head.key, a->language);
	if (arguments && a->arguments.n && text_equal(a->language, "SQL"))
		state_app_warning(s, arguments->mark,
			"declare `parameters`: their names stand in the SQL as ${name}",
			"apps.%s has language SQL, which takes no `arguments`", app->head.key);
}

static void check_language(struct spec *s, const struct app_decl *app)
{
	const struct application *a = &app->fields.app;
	const struct node *script = check_value(&app->head, "script");
	const struct node *language = check_value(&app->head, "language");
	const char *file = app->fields.script ? app->fields.script : a->file_uri;
	const char *told = file ? apps_language_of(file) : NULL;
	if (a->execute || !a->language || !is_language(a->language))
		return;
	check_misfits(s, app);
	if (script && told && !text_equal(told, a->language))
		state_app_error(s, language->mark,
			arena_printf(s->a, "`language: %s`, or leave it out", told),
			"apps.%s has language %s, but `%s` is %s", app->head.key, a->language, file,
			told);
	if (file && text_ends(file, ".jar") && !is_jvm(a->language))
		state_app_error(s, language->mark, "`language: JAVA`, or SCALA",
			"apps.%s has language %s, but `%s` is a jar", app->head.key, a->language,
			file);
	if (is_jvm(a->language) && !check_value(&app->head, "class_name"))
		state_app_error(s, app->head.mark, "`class_name: com.example.Main`",
			"apps.%s has language %s and needs a `class_name`", app->head.key,
			a->language);
}

void check_tag_keys(struct spec *s, const struct node *n)
{
	for (size_t i = 0; n && n->kind == NODE_MAP && i < n->u.map.n; i++)
		if (remember_is_ours(n->u.map.v[i].key))
			state_app_error(s, n->u.map.v[i].key_mark, "choose another key",
				"the tag `%s` is weir's own: it says %s", n->u.map.v[i].key,
				text_equal(n->u.map.v[i].key, IDENTITY_TAG)
					? "whose the application is"
					: "what weir set last");
}

/* The service takes ten freeform tags; one of them says whose the application is, one what weir set last. */
static void check_tags(struct spec *s, const struct app_decl *app)
{
	enum { TAGS_MAX = FREEFORM_TAGS_MAX - 2 };
	const struct pairs *tags = &app->fields.app.freeform_tags;
	const struct node *n = check_value(&app->head, "freeform_tags");
	check_tag_keys(s, n);
	if (tags->n > TAGS_MAX)
		state_app_error(s, n->mark, "remove some",
			"apps.%s has %zu freeform tags; the service takes ten, and two are weir's",
			app->head.key, tags->n);
}

static void check_display_names(struct spec *s, const struct pipeline *p)
{
	arena_auto scratch = {0};
	struct map seen = {.arena = &scratch};
	struct app_decl *apps = p->apps.v;
	for (size_t i = 0; i < p->apps.n; i++) {
		const char *name = apps[i].fields.app.display_name;
		const struct app_decl *first = name ? map_get(&seen, name) : NULL;
		if (first)
			state_app_warning(s, apps[i].head.mark, "give each a name of its own",
				"apps.%s and apps.%s have one display name, `%s`", first->head.key,
				apps[i].head.key, name);
		else if (name)
			map_put(&seen, name, &apps[i]);
	}
}

void check_apps(struct spec *s, const struct pipeline *p)
{
	const struct app_decl *apps = p->apps.v;
	for (size_t i = 0; i < p->apps.n; i++) {
		const struct app_decl *app = &apps[i];
		check_program(s, app);
		check_uploads(s, p, app);
		check_language(s, app);
		check_shapes(s, app);
		check_ids(s, &app->head, arena_printf(s->a, "apps.%s", app->head.key));
		check_tags(s, app);
		check_returns(s, &app->head);
		/* What execute makes the service ignore need not fit together. */
		if (!app->fields.app.execute)
			check_placeholders(s, &app->fields.app.arguments,
				check_value(&app->head, "arguments"), &app->fields.app.parameters,
				NULL, "declare it in the app: `parameters: {name: value}`");
	}
	check_display_names(s, p);
}
