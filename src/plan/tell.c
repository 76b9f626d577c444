#include "plan/tell.h"

#include "base/map.h"
#include "model/remember.h"

static void add(
	struct arena *a, struct plan_problem **v, size_t *n, size_t *cap, struct plan_problem one)
{
	*v = arena_grow(a, *v, *n, cap, sizeof **v);
	(*v)[(*n)++] = one;
}

void tell_problem(struct plan *p, struct arena *a, enum err_kind kind, const char *address,
	const char *text, const char *hint)
{
	add(a, &p->problems, &p->problems_n, &p->problems_cap,
		(struct plan_problem){kind, address, text, hint});
}

void tell_note(
	struct plan *p, struct arena *a, const char *address, const char *text, const char *hint)
{
	add(a, &p->notes, &p->notes_n, &p->notes_cap,
		(struct plan_problem){ERR_NONE, address, text, hint});
}

const char *tell_value(const struct node *n, struct arena *a)
{
	buf_auto b = {0};
	if (!n)
		return "not set";
	node_to_json(n, NODE_JSON_COMPACT, &b);
	return arena_strdup(a, buf_str(&b));
}

/* What was set before, is no longer in the file, and can't be cleared. */
static void note_stays(struct plan *p, struct arena *a, const struct resource *want,
	const struct field_changes *stays)
{
	for (size_t i = 0; i < stays->n; i++)
		tell_note(p, a, want->address,
			arena_printf(a,
				"`%s` is no longer in the file, and the service can't clear it: it "
				"stays %s",
				stays->v[i].path, tell_value(stays->v[i].was, a)),
			"give it in the file the value that it is to have");
}

static void note_memory(struct plan *p, struct arena *a, const struct resource *want,
	const struct resource *live, enum memory_state state)
{
	static const char garbled[] = "is not as weir wrote it",
			  newer[] = "was written by a later weir";
	if (state != MEMORY_GARBLED && state != MEMORY_NEWER)
		return;
	tell_note(p, a, want->address,
		arena_printf(a,
			"the freeform tag `" MEMORY_TAG "` of %s %s: what was set last is not "
			"known, and nothing is reset that the file no longer has",
			live->id, state == MEMORY_NEWER ? newer : garbled),
		"the next update writes it anew");
}

/* Names of the live tags that the file does not have. */
static const char *tags_of_others(
	struct arena *a, const struct resource *want, const struct resource *live)
{
	buf_auto names = {0};
	struct map ours = {.arena = a};
	for (size_t i = 0; i < want->app->freeform_tags.n; i++)
		map_put(&ours, want->app->freeform_tags.v[i].name, NULL);
	for (size_t i = 0; i < live->app->freeform_tags.n; i++) {
		const char *name = live->app->freeform_tags.v[i].name;
		if (!map_has(&ours, name) && !remember_is_ours(name))
			buf_printf(&names, "%s`%s`", names.len ? ", " : "", name);
	}
	return arena_strdup(a, buf_str(&names));
}

/* The service takes ten freeform tags; it is better told before anything is sent. */
static void check_tags(struct plan *p, struct arena *a, const struct resource *want,
	const struct resource *live, const struct field_changes *changes)
{
	size_t n = compare_tags_after(live, want, changes);
	if (n > FREEFORM_TAGS_MAX)
		tell_problem(p, a, ERR_LIMIT, want->address,
			arena_printf(a,
				"%s would have %zu freeform tags, of which the service takes %d: "
				"those of the file, weir's own, and %s, which others set",
				want->address, n, FREEFORM_TAGS_MAX, tags_of_others(a, want, live)),
			"remove some from the file, or from the live application");
	else if (n == FREEFORM_TAGS_MAX)
		tell_note(p, a, want->address,
			arena_printf(a,
				"%s has %d freeform tags, so that there is no room for `" MEMORY_TAG
				"`: what leaves the file later will not be reset",
				want->address, FREEFORM_TAGS_MAX),
			"remove one of the tags");
}

/* Tags beyond those that weir-set has room for. Eight always fit. */
static void check_memory(struct plan *p, struct arena *a, const struct resource *want)
{
	enum { ALWAYS_FIT = 8 };
	size_t left_out = 0;
	if (want->app->freeform_tags.n + want->app->defined_tags.n > ALWAYS_FIT)
		remember_on(want->app, a, &left_out);
	if (left_out)
		tell_note(p, a, want->address,
			arena_printf(a,
				"%zu of the tags do not fit into `" MEMORY_TAG
				"`: they will stay when they leave the file",
				left_out),
			"take such tags away by hand then");
}

void tell_tags(struct plan *p, struct arena *a, const struct resource *want,
	const struct resource *live, const struct comparison *c, enum plan_verb verb)
{
	if (live) {
		note_memory(p, a, want, live, c->memory);
		note_stays(p, a, want, &c->stays);
	}
	if (verb == PLAN_UPDATE || verb == PLAN_ADOPT)
		check_tags(p, a, want, live, &c->changes);
	if (verb != PLAN_NONE)
		check_memory(p, a, want);
}
