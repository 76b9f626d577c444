#include "cli/importing.h"

#include "base/text.h"
#include "cli/given_ocid.h"
#include "cli/output.h"
#include "import/gather.h"
#include "model/resource.h"
#include "oci/objectstorage.h"

#include <string.h>

/* ---- what is meant */

static void add(struct arena *a, struct strs *to, size_t *cap, const char *text)
{
	to->v = arena_grow(a, to->v, to->n, cap, sizeof *to->v);
	to->v[to->n++] = text;
}

static bool is_compartment(const char *text)
{
	return ocid_is(text, OCID_COMPARTMENT) || ocid_is(text, OCID_TENANCY);
}

bool importing_sort(struct cli *cli, struct importing *ret, struct err *err)
{
	struct arena *a = &cli->arena;
	struct importing w = {0};
	size_t caps[3] = {0};
	for (size_t i = 0; i < cli->args_n; i++) {
		const char *arg = cli->args[i];
		if (is_compartment(arg))
			add(a, &w.compartments, &caps[0], arg);
		else if (!text_starts(arg, "ocid1."))
			add(a, &w.files, &caps[1], arg);
		else if (given_ocid_check(arg, OCID_APPLICATION, err))
			add(a, &w.apps, &caps[2], arg);
		else
			return err_hint(err, "applications are imported, or all of a compartment");
	}
	if (!cli->args_n && cli->compartment_id)
		add(a, &w.compartments, &caps[0], cli->compartment_id);
	int kinds = (w.apps.n > 0) + (w.compartments.n > 0) + (w.files.n > 0);
	if (!kinds) {
		err_set(err, ERR_USAGE, "what is to be imported?");
		return err_hint(err,
			"name applications by their OCIDs, a compartment by its OCID, or a file");
	}
	if (kinds > 1)
		return err_set(
			err, ERR_USAGE, "applications, compartments, files: name one kind of them");
	*ret = w;
	return true;
}

/* ---- where they are */

/* A key for the target: the profile's name if it makes one. */
static const char *target_key(struct arena *a, const char *profile)
{
	struct import_names names = {.used = {.arena = a}};
	bool plain = text_empty(profile) || text_equal(profile, "DEFAULT");
	return import_names_key(&names, plain ? "oci" : profile, "oci");
}

void importing_target_of_file(struct cli *cli, struct import *im)
{
	bool local = text_equal(cli->target, "local");
	im->target = (struct import_target){.key = local ? "local" : NULL,
		.type = local ? "local" : "oci",
		.profile = cli->profile,
		.config_file = cli->config_file,
		.region = cli->region,
		.endpoint = cli->endpoint,
		.compartment_id = cli->compartment_id};
	if (!local)
		im->target.key = cli->target ? cli->target : target_key(&cli->arena, cli->profile);
}

static void target_of_session(const struct session *s, struct import *im)
{
	struct cli *cli = s->cli;
	const struct target_decl *t = s->target;
	im->target = (struct import_target){.key = s->target_name, .type = "local"};
	if (s->local) {
		im->target.implied_compartment_id = s->config.tenancy;
		return;
	}
	im->target.type = "oci";
	im->target.profile = cli->profile ? cli->profile : t->profile;
	im->target.config_file = cli->config_file ? cli->config_file : t->config_file;
	im->target.region = cli->region ? cli->region : t->region;
	im->target.endpoint = s->endpoint;
	if (!s->spec)
		im->target.key = target_key(&cli->arena, im->target.profile);
}

/* ---- whose they are */

struct owners {
	size_t none, n;
	struct map pipelines; /* "<pipeline>/<target>" to the first struct import_owner */
};

static const char *owner_text(struct arena *a, const struct import_owner *o)
{
	return arena_printf(a, "%s/%s", o->pipeline, o->target);
}

static void count_owners(struct arena *a, const struct gathered *g, struct owners *ret)
{
	*ret = (struct owners){.pipelines = {.arena = a}};
	for (size_t i = 0; i < g->n; i++) {
		struct import_owner *o = arena_new(a, struct import_owner);
		if (!import_owner(a, g->v[i].app, o)) {
			ret->none++;
			continue;
		}
		ret->n++;
		if (!map_has(&ret->pipelines, owner_text(a, o)))
			map_put(&ret->pipelines, owner_text(a, o), o);
	}
}

static const char *names_of(struct arena *a, const struct map *m)
{
	buf_auto out = {0};
	for (size_t i = 0; i < m->n; i++)
		buf_printf(&out, "%s%s", i ? ", " : "", m->v[i].key);
	return arena_strdup(a, buf_str(&out));
}

/* One file is one pipeline's: what is another's would be taken away from it, or be deleted by its next apply. */
static bool refuse_mixed(struct session *s, const struct owners *o, struct err *err)
{
	const char *names = names_of(&s->cli->arena, &o->pipelines);
	err_set(err, ERR_GUARD, "%zu of these applications %s weir's already, of %s, and %s", o->n,
		o->n == 1 ? "is" : "are", names,
		o->none ? "others are not" : "one file is one pipeline's");
	return err_hint(err,
		"import those of one pipeline into a folder, and what is nobody's into another");
}

/* A whole compartment: what is nobody's, if there is any. */
static void leave_out_owned(struct session *s, const struct owners *o, struct gathered *g)
{
	size_t n = 0;
	struct import_owner owner;
	for (size_t i = 0; i < g->n; i++)
		if (!import_owner(&s->cli->arena, g->v[i].app, &owner))
			g->v[n++] = g->v[i];
	output_say(s->cli, OUTPUT_NOTE,
		"%zu %s weir's already, of %s: left out\nimport one by its OCID to have the "
		"pipeline's file again",
		g->n - n, g->n - n == 1 ? "application is" : "applications are",
		names_of(&s->cli->arena, &o->pipelines));
	g->n = n;
}

static bool has_id(const struct gathered *g, size_t n, const char *id)
{
	for (size_t i = 0; i < n; i++)
		if (text_equal(g->v[i].id, id))
			return true;
	return false;
}

/* A file that does not name all that is a pipeline's would have the rest deleted. */
static bool gather_rest(
	struct session *s, const struct import_owner *o, struct gathered *g, struct err *err)
{
	struct arena *a = &s->cli->arena;
	struct map places = {.arena = a};
	size_t given = g->n, n = given;
	for (size_t i = 0; i < given; i++)
		if (g->v[i].app->compartment_id)
			map_put(&places, g->v[i].app->compartment_id, s);
	for (size_t i = 0; i < places.n; i++)
		if (!gather_compartment(s->oci, places.v[i].key,
			    arena_printf(a, "%s/", owner_text(a, o)), g, err))
			return false;
	for (size_t i = given; i < g->n; i++)
		if (!has_id(g, given, g->v[i].id))
			g->v[n++] = g->v[i];
	g->n = n;
	if (n > given)
		output_say(s->cli, OUTPUT_NOTE,
			"%zu more of pipeline %s come with it: a file without them would have them "
			"deleted",
			n - given, o->pipeline);
	return true;
}

/* Under the name of a pipeline that is there already, its applications would be deleted by the first apply. */
static bool take_names(
	struct session *s, const struct gathered *g, struct import *im, struct err *err)
{
	struct arena *a = &s->cli->arena;
	struct map places = {.arena = a}, tags = {.arena = a};
	for (size_t i = 0; i < g->n; i++)
		if (g->v[i].app->compartment_id &&
			map_put(&places, g->v[i].app->compartment_id, s) &&
			!gather_tags(s->oci, g->v[i].app->compartment_id, &tags, err))
			return false;
	for (size_t i = 0; i < tags.n; i++)
		import_names_take(&im->pipelines,
			arena_strndup(a, tags.v[i].key, strcspn(tags.v[i].key, "/")));
	return true;
}

static bool choose_owner(
	struct session *s, bool listed, struct gathered *g, struct import *im, struct err *err)
{
	struct owners o;
	count_owners(&s->cli->arena, g, &o);
	if (!o.n)
		return take_names(s, g, im, err);
	if (listed && o.none) {
		leave_out_owned(s, &o, g);
		return take_names(s, g, im, err);
	}
	if (o.none || o.pipelines.n > 1)
		return refuse_mixed(s, &o, err);
	const struct import_owner *owner = o.pipelines.v[0].value;
	im->own = true;
	im->pipeline = owner->pipeline;
	im->target.key = owner->target;
	return listed || gather_rest(s, owner, g, err);
}

/* ---- reading */

static bool gather(
	struct session *s, const struct importing *what, struct gathered *g, struct err *err)
{
	if (what->apps.n)
		return gather_ids(s->oci, &what->apps, g, err);
	for (size_t i = 0; i < what->compartments.n; i++)
		if (!gather_compartment(s->oci, what->compartments.v[i], NULL, g, err))
			return err_wrap(err, "compartment %s", what->compartments.v[i]);
	if (g->n)
		return true;
	err_set(err, ERR_NOT_FOUND, "there is no application in compartment %s",
		what->compartments.v[0]);
	return err_hint(err, "those of the compartments in it are their own: name these too");
}

/* All of them are told; the last is returned. */
static bool tell_failures(struct session *s, const struct gathered *g, struct err *err)
{
	struct err failed = {0};
	for (size_t i = 0; i < g->n; i++) {
		if (!g->v[i].err.kind)
			continue;
		if (failed.kind)
			output_error(s->cli, &failed);
		failed = g->v[i].err;
		given_ocid_failed(s, g->v[i].id, &failed);
	}
	if (failed.kind)
		*err = failed;
	return !failed.kind;
}

struct ns_wait {
	struct err err;
	const char *ns;
};

static void on_namespace(void *ctx, const struct err *err, const char *ns)
{
	*(struct ns_wait *)ctx = (struct ns_wait){*err, ns};
}

static bool take_namespace(const struct ns_wait *w, struct import *im, struct err *err)
{
	if (w->err.kind) {
		*err = w->err;
		return false;
	}
	im->ns = w->ns;
	return true;
}

bool importing_read(
	struct session *s, const struct importing *what, struct import *im, struct err *err)
{
	struct gathered g = {0};
	struct ns_wait *w = arena_new(oci_arena(s->oci), struct ns_wait);
	storage_namespace_get(s->oci, on_namespace, w);
	if (!gather(s, what, &g, err) || !tell_failures(s, &g, err) || !take_namespace(w, im, err))
		return false;
	target_of_session(s, im);
	const char *region = oci_region(s->oci);
	im->from = session_has_pages(s) || !region
		? "weir-local"
		: arena_printf(&s->cli->arena, "region %s", region);
	import_begin(im);
	if (!choose_owner(s, what->compartments.n, &g, im, err))
		return false;
	for (size_t i = 0; i < g.n; i++) {
		struct import_app *app = import_add(im, g.v[i].app);
		if (!im->own && identity_tag_of(&g.v[i].app->freeform_tags))
			import_note(im, &app->notes, true,
				"it has a freeform tag `" IDENTITY_TAG
				"` that weir did not write: take that away before this is applied");
	}
	return true;
}
