/* What runs when a sequence or an application is launched. */
#include "base/fs.h"
#include "base/text.h"
#include "model/oci_uri.h"
#include "spec/check.h"
#include "spec/reference.h"
#include "spec/sequences.h"
#include "spec/uris.h"

#include <string.h>

#define APPS "apps."
#define SEQUENCES "sequences."

static const struct app_decl *find_app(const struct pipeline *p, const char *key)
{
	const struct app_decl *v = p->apps.v;
	for (size_t i = 0; i < p->apps.n; i++)
		if (text_equal(v[i].head.key, key))
			return &v[i];
	return NULL;
}

static const struct sequence_decl *find_sequence(const struct pipeline *p, const char *key)
{
	const struct sequence_decl *v = p->sequences.v;
	for (size_t i = 0; i < p->sequences.n; i++)
		if (text_equal(v[i].head.key, key))
			return &v[i];
	return NULL;
}

static bool unknown(struct spec *s, const struct pipeline *p, const char *name, struct err *err)
{
	const struct app_decl *apps = p->apps.v;
	const struct sequence_decl *sequences = p->sequences.v;
	size_t all = p->apps.n + p->sequences.n, n = 0;
	const char **names = arena_array(s->a, 2 * all + 1, sizeof *names);
	buf_auto list = {0};
	for (size_t i = 0; i < p->sequences.n; i++)
		names[n++] = sequences[i].head.key;
	for (size_t i = 0; i < p->apps.n; i++)
		names[n++] = apps[i].head.key;
	for (size_t i = 0; i < n && i < 20; i++)
		buf_printf(&list, "%s%s", i ? ", " : "", names[i]);
	if (n > 20)
		buf_adds(&list, ", ...");
	for (size_t i = 0; i < p->sequences.n; i++)
		names[n++] = arena_printf(s->a, SEQUENCES "%s", sequences[i].head.key);
	for (size_t i = 0; i < p->apps.n; i++)
		names[n++] = arena_printf(s->a, APPS "%s", apps[i].head.key);
	const char *near = state_nearest(s, name, names);
	err_set(err, ERR_USAGE, "no sequence and no app is called `%s`", name);
	if (near)
		return err_hint(err, "%s", near);
	return all ? err_hint(err, "there are %s", buf_str(&list)) : false;
}

/* Exactly one of the two is set; or neither, and err tells. */
struct launched {
	const struct app_decl *app;
	const struct sequence_decl *sequence;
};

static bool find(struct spec *s, const struct pipeline *p, const char *name, struct launched *ret,
	struct err *err)
{
	bool only_app = text_starts(name, APPS), only_sequence = text_starts(name, SEQUENCES);
	const char *key = only_app ? name + strlen(APPS)
		: only_sequence    ? name + strlen(SEQUENCES)
				   : name;
	*ret = (struct launched){.app = only_sequence ? NULL : find_app(p, key),
		.sequence = only_app ? NULL : find_sequence(p, key)};
	if (ret->app && ret->sequence)
		return err_set(err, ERR_USAGE,
			"`%s` is an app and a sequence: say apps.%s or sequences.%s", name, name,
			name);
	return ret->app || ret->sequence || unknown(s, p, name, err);
}

/* The sequence with its parameters resolved; NULL: told. */
static const struct sequence_decl *decode(
	struct spec *s, const struct pipeline *p, const struct sequence_decl *declared)
{
	struct scope scope = {.s = s};
	const char *key = declared->head.key;
	const struct node *all = node_get(s->raw, "sequences"), *raw = NULL;
	for (size_t i = 0; i < all->u.map.n && !raw; i++)
		if (text_equal(interpolate_key(&scope, &all->u.map.v[i]), key))
			raw = all->u.map.v[i].value;
	struct sequence_decl *made = arena_new(s->a, struct sequence_decl);
	const struct node *resolved = sequence_resolved(s, key, raw, true);
	const char *where = arena_printf(s->a, SEQUENCES "%s", key);
	s->launching = true;
	state_decode(s, &sequence_decl_record, resolved, where, made);
	made->head = (struct keyed_head){key, declared->head.mark, resolved};
	if (!s->errors)
		check_sequence(s, p, made);
	return s->errors ? NULL : made;
}

static void put_needs(struct spec *s, const struct step_decl *step, const struct map *places,
	struct spec_step *to)
{
	to->needs = arena_array(s->a, step->needs.n, sizeof *to->needs);
	for (size_t i = 0; i < step->needs.n; i++)
		to->needs[to->needs_n++] = (size_t)map_get(places, step->needs.v[i]) - 1;
}

static const struct run *step_run(struct spec *s, const struct step_decl *step)
{
	struct run *run = arena_new(s->a, struct run);
	*run = step->run;
	if (step->logs_bucket)
		run->logs_bucket_uri =
			oci_uri_format(s->a, step->logs_bucket, uris_namespace(s), "");
	if (step->warehouse_bucket)
		run->warehouse_bucket_uri =
			oci_uri_format(s->a, step->warehouse_bucket, uris_namespace(s), "");
	return run;
}

static void put_steps(struct spec *s, const struct pipeline *p,
	const struct sequence_decl *sequence, struct spec_steps *ret)
{
	arena_auto scratch = {0};
	struct map places = {.arena = &scratch};
	const struct step_decl *steps = sequence->steps.v;
	size_t n = sequence->steps.n, at;
	size_t *order = arena_array(&scratch, n, sizeof *order);
	const char *cycle;
	*ret = (struct spec_steps){.n = n, .name = sequence->head.key, .is_sequence = true};
	ret->v = arena_array(s->a, n, sizeof *ret->v);
	sequence_order(s, sequence, order, &cycle, &at);
	for (size_t i = 0; i < n; i++) {
		const struct step_decl *step = &steps[order[i]];
		ret->v[i] = (struct spec_step){.name = step->head.key,
			.app = find_app(p, step->app),
			.run = step_run(s, step),
			.checks = step->checks};
		put_needs(s, step, &places, &ret->v[i]);
		map_put(&places, step->head.key, (void *)(i + 1));
	}
}

bool spec_launch(struct spec *s, const struct pipeline *p, const char *name, struct spec_steps *ret,
	struct diags *d, struct err *err)
{
	struct launched what;
	state_go_on(s, d);
	if (!find(s, p, name, &what, err))
		return false;
	if (what.app) {
		*ret = (struct spec_steps){.n = 1, .name = what.app->head.key};
		ret->v = arena_new(s->a, struct spec_step);
		*ret->v = (struct spec_step){
			.name = ret->name, .app = what.app, .run = arena_new(s->a, struct run)};
		return true;
	}
	const struct sequence_decl *sequence = decode(s, p, what.sequence);
	if (!sequence)
		return err_set(
			err, ERR_SPEC, "sequences.%s cannot be launched", what.sequence->head.key);
	put_steps(s, p, sequence, ret);
	return true;
}

const char *spec_base_folder(const struct spec *s, struct arena *a)
{
	const char *folder = s->target->base_folder ? s->target->base_folder : s->base_folder;
	return folder ? fs_join(a, s->dir, folder) : NULL;
}

struct strs spec_run_compartments(struct spec *s, const struct spec_builtins *b, struct arena *a)
{
	struct diags ignored = {.arena = a};
	const struct pipeline *p = spec_resolve(s, b, &ignored);
	struct strs made = {0};
	size_t n = p ? p->apps.n : 0;
	if (!p)
		return made;
	const struct sequence_decl *sequences = p->sequences.v;
	const struct app_decl *apps = p->apps.v;
	for (size_t i = 0; i < p->sequences.n; i++)
		n += sequences[i].steps.n;
	made.v = arena_array(a, n, sizeof *made.v);
	for (size_t i = 0; i < p->apps.n; i++)
		made.v[made.n++] = apps[i].fields.app.compartment_id;
	for (size_t i = 0; i < p->sequences.n; i++) {
		const struct step_decl *steps = sequences[i].steps.v;
		for (size_t k = 0; k < sequences[i].steps.n; k++) {
			const char *id = steps[k].run.compartment_id;
			if (id && !reference_in(id, strlen(id)))
				made.v[made.n++] = id;
		}
	}
	return made;
}
