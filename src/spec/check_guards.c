/* What was renamed, what is taken over, what is protected. */
#include "base/map.h"
#include "base/text.h"
#include "spec/check.h"
#include "spec/reference.h"
#include "spec/uris.h"

#include <string.h>

struct strs spec_former(const struct spec *s, struct arena *a)
{
	const char *pipelines[] = {s->name, s->was};
	const char *targets[] = {s->target->head.key, s->target->was};
	struct strs made = {arena_array(a, 3, sizeof *made.v), 0};
	for (size_t i = 0; i < 2; i++)
		for (size_t k = 0; k < 2; k++)
			if (i + k && pipelines[i] && targets[k])
				made.v[made.n++] =
					arena_printf(a, "%s/%s", pipelines[i], targets[k]);
	return made;
}

/* One of a section whose keys are renamed. */
struct renamed {
	const char *what, *key, *was; /* "target" */
	const struct node *at;        /* of `was` */
	const struct map *keys;       /* those that there are */
	struct map *seen;             /* `was` to the key that it was first of */
};

static void check_renamed(struct spec *s, const struct renamed *r)
{
	const char *first = map_get(r->seen, r->was);
	if (text_equal(r->was, r->key))
		state_error(s, r->at->mark, "`was` is the key before it was renamed; remove it",
			"%s `%s` cannot have been itself", r->what, r->key);
	else if (map_has(r->keys, r->was))
		state_error(s, r->at->mark, "what is still there was not renamed; remove `was`",
			"%s `%s` cannot have been `%s`, which is there too", r->what, r->key,
			r->was);
	else if (first)
		state_error(s, r->at->mark, "keep one of them",
			"%ss `%s` and `%s` cannot both have been `%s`", r->what, first, r->key,
			r->was);
	else
		map_put(r->seen, r->was, (void *)r->key);
}

/* Of a target that is not chosen references are not resolved. */
static void check_protect(struct spec *s, const struct target_decl *t)
{
	const struct node *at = check_value(&t->head, "protect");
	for (size_t i = 0; at && i < t->protect.n; i++) {
		const char *what = t->protect.v[i];
		if (!text_equal(what, "delete") && !reference_in(what, strlen(what)))
			state_error(s, at->mark, "`protect: [delete]`",
				"`protect` of target `%s` has `delete` or nothing, not `%s`",
				t->head.key, what);
	}
}

static void check_targets(struct spec *s)
{
	struct map keys = {.arena = s->a}, seen = {.arena = s->a};
	const struct target_decl *t = s->targets.v;
	for (size_t i = 0; i < s->targets.n; i++)
		map_put(&keys, t[i].head.key, NULL);
	for (size_t i = 0; i < s->targets.n; i++) {
		const struct node *at = check_value(&t[i].head, "was");
		if (t[i].was && at)
			check_renamed(s,
				&(struct renamed){
					"target", t[i].head.key, t[i].was, at, &keys, &seen});
		bool chosen = text_equal(t[i].head.key, s->target->head.key);
		check_protect(s, chosen ? s->target : &t[i]);
	}
}

static void check_adopt(struct spec *s, const struct app_decl *app, struct map *seen)
{
	const struct node *at = check_value(&app->head, "adopt");
	const char *first = app->adopt ? map_get(seen, app->adopt) : NULL;
	if (!app->adopt || !at)
		return;
	if (app->was)
		state_error(s, at->mark, "keep one of them",
			"`was` and `adopt` of apps.%s exclude each other", app->head.key);
	if (first)
		state_error(s, at->mark, "keep one of them",
			"apps.%s and apps.%s adopt the same application", first, app->head.key);
	map_put(seen, app->adopt, (void *)app->head.key);
}

void check_guards(struct spec *s, const struct pipeline *p)
{
	const struct node *was = node_get(s->raw, "was");
	struct map seen = {.arena = s->a}, adopted = {.arena = s->a};
	const struct app_decl *apps = p->apps.v;
	if (was && s->was && text_equal(s->was, s->name))
		state_error(s, was->mark, "`was` is its name before it was renamed; remove it",
			"pipeline `%s` cannot have been itself", s->name);
	check_targets(s);
	for (size_t i = 0; i < p->apps.n; i++) {
		const struct node *at = check_value(&apps[i].head, "was");
		if (apps[i].was && at)
			check_renamed(s,
				&(struct renamed){
					"app", apps[i].head.key, apps[i].was, at, &s->apps, &seen});
		check_adopt(s, &apps[i], &adopted);
	}
}
