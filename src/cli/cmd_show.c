#include "cli/commands.h"
#include "cli/given_ocid.h"
#include "cli/output.h"
#include "cli/saving.h"
#include "cli/which_app.h"
#include "cli/which_run.h"
#include "model/oci_uri.h"
#include "oci/console.h"
#include "oci/dataflow.h"
#include "oci/objectstorage.h"
#include "report/shown.h"
#include "run/list.h"
#include "spec/yaml_write.h"

#include "base/text.h"

static void put(struct session *s, const struct shown *x)
{
	struct cli *cli = s->cli;
	struct arena *a = &cli->arena;
	const struct node *doc = shown_json(x, a);
	if (output_json(cli))
		output_node(cli, doc);
	else if (output_is(cli, "yaml"))
		for (size_t i = 0; i < doc->u.map.n; i++)
			yaml_write(&cli->out, 0, doc->u.map.v[i].key, doc->u.map.v[i].value);
	else
		shown_text(x, clock_wall(cli->clock), a, &cli->out);
}

/* ---- applications */

struct one {
	struct err err;
	const void *record;
};

static void on_app(
	void *ctx, const struct err *err, const struct application *app, const char *etag)
{
	(void)etag;
	*(struct one *)ctx = (struct one){*err, app};
}

struct newest {
	struct err err;
	const struct run *run;
};

static void on_run(void *ctx, const struct err *err, const struct run *run)
{
	struct newest *n = ctx;
	if (err->kind)
		n->err = *err;
	if (run && (!n->run || list_newer(run, n->run)))
		n->run = run;
}

/* Of all that name it, in the compartments where there may be some. */
static void ask_runs(struct session *s, const struct application *app, struct newest *n)
{
	struct strs places = which_compartments(s);
	struct dataflow_filter by_app = {"applicationId", app->id};
	bool own = false;
	for (size_t i = 0; i < places.n; i++) {
		own |= text_equal(places.v[i], app->compartment_id);
		dataflow_run_list(s->oci, places.v[i], by_app, on_run, n);
	}
	if (!own && app->compartment_id)
		dataflow_run_list(s->oci, app->compartment_id, by_app, on_run, n);
}

static bool show_app(struct session *s, const char *what, struct err *err)
{
	bool named = !text_starts(what, "ocid1.");
	const char *id = what;
	struct one *app = arena_new(oci_arena(s->oci), struct one);
	struct newest *newest = arena_new(oci_arena(s->oci), struct newest);
	if (named && !which_app(s, what, &id, err))
		return false;
	dataflow_application_get(s->oci, id, on_app, app);
	if (!oci_run(s->oci, err))
		return false;
	if (app->err.kind) {
		*err = app->err;
		return given_ocid_failed(s, id, err);
	}
	ask_runs(s, app->record, newest);
	if (!oci_run(s->oci, err))
		return false;
	if (newest->err.kind)
		*err = newest->err;
	else
		put(s,
			&(struct shown){.address = named ? what : NULL,
				.kind = RESOURCE_APPLICATION,
				.record = app->record,
				.console = saving_console(s, id),
				.last_run = newest->run});
	return !newest->err.kind;
}

/* ---- buckets and objects */

static void on_bucket(void *ctx, const struct err *err, const struct bucket *bucket)
{
	*(struct one *)ctx = (struct one){*err, bucket};
}

static void on_object(void *ctx, const struct err *err, const struct object *object)
{
	*(struct one *)ctx = (struct one){*err, object};
}

static bool wait(struct session *s, const struct one *x, struct err *err)
{
	if (!oci_run(s->oci, err))
		return false;
	if (x->err.kind)
		*err = x->err;
	return !x->err.kind;
}

static const char *bucket_console(struct session *s, const char *bucket)
{
	return session_has_pages(s)
		? NULL
		: oci_console_bucket(&s->cli->arena, oci_region(s->oci), s->builtins.ns, bucket);
}

static bool show_bucket(struct session *s, const char *address, struct err *err)
{
	const char *name = address + strlen("buckets.");
	struct one *x = arena_new(oci_arena(s->oci), struct one);
	storage_bucket_get(s->oci, s->builtins.ns, name, on_bucket, x);
	if (!wait(s, x, err))
		return false;
	put(s,
		&(struct shown){.address = address,
			.kind = RESOURCE_BUCKET,
			.record = x->record,
			.uri = oci_uri_format(&s->cli->arena, name, s->builtins.ns, NULL),
			.console = bucket_console(s, name)});
	return true;
}

static bool unknown_object(struct session *s, const char *address, struct err *err)
{
	const char **names = arena_array(&s->cli->arena, s->want.n + 1, sizeof *names);
	size_t n = 0;
	for (size_t i = 0; i < s->want.n; i++)
		if (s->want.v[i].kind == RESOURCE_OBJECT)
			names[n++] = s->want.v[i].address;
	const char *near = text_nearest(address, names);
	err_set(err, ERR_USAGE, "the pipeline has no %s", address);
	return near ? err_hint(err, "did you mean `%s`?", near) : false;
}

static bool show_object(struct session *s, const char *address, struct err *err)
{
	struct arena *a = &s->cli->arena;
	const struct resource *want = resources_find(&s->want, address);
	struct one *x = arena_new(oci_arena(s->oci), struct one);
	if (!want || want->kind != RESOURCE_OBJECT)
		return unknown_object(s, address, err);
	const struct object *o = want->object;
	storage_object_head(s->oci, s->builtins.ns, o->bucket, o->name, on_object, x);
	if (!wait(s, x, err)) {
		bool gone = err->http_status == 404;
		return gone ? err_hint(err, "`weir apply` uploads %s", o->path) : false;
	}
	struct object *shown = arena_new(a, struct object);
	*shown = *(const struct object *)x->record;
	shown->bucket = o->bucket;
	shown->name = o->name;
	shown->path = o->path;
	put(s,
		&(struct shown){.address = address,
			.kind = RESOURCE_OBJECT,
			.record = shown,
			.uri = oci_uri_format(a, o->bucket, s->builtins.ns, o->name),
			.console = bucket_console(s, o->bucket)});
	return true;
}

/* ---- */

static const struct {
	const char *begin;
	bool (*show)(struct session *s, const char *what, struct err *err);
} kinds[] = {{"apps.", show_app}, {"buckets.", show_bucket}, {"objects.", show_object},
	{"scripts.", show_object}, {"archives.", show_object}};

static bool no_address(const char *what, struct err *err)
{
	err_set(err, ERR_USAGE, "`%s` is no address", what);
	return err_hint(err,
		"apps.NAME, buckets.NAME, objects.NAME, scripts.NAME, archives.NAME, or the OCID of an "
		"application");
}

bool cmd_show(struct cli *cli, struct err *err)
{
	session_auto s = {0};
	const char *what = cli->args[0];
	size_t k = 0;
	if (text_starts(what, "ocid1."))
		return given_ocid_check(what, OCID_APPLICATION, err) &&
			session_open_any(&s, cli, err) && show_app(&s, what, err);
	while (k < sizeof kinds / sizeof *kinds && !text_starts(what, kinds[k].begin))
		k++;
	if (k == sizeof kinds / sizeof *kinds || text_equal(what, kinds[k].begin))
		return no_address(what, err);
	return session_open_any(&s, cli, err) && session_need_file(&s, what, err) &&
		session_load(&s, err) && kinds[k].show(&s, what, err);
}
