#include "plan/compare.h"

#include "base/text.h"
#include "model/remember.h"

#include <string.h>

/* Adds one row of an object's difference; nothing where both sides agree. */
static void object_change(struct field_changes *c, struct arena *a, const char *name,
	const struct node *was, const struct node *now)
{
	if (node_equal(was, now))
		return;
	c->v = arena_grow(a, c->v, c->n, &c->cap, sizeof *c->v);
	c->v[c->n++] = (struct field_change){.path = arena_strdup(a, name),
		.field = record_field(&object_record, name),
		.was = was,
		.now = now};
}

static const struct node *text_node(struct arena *a, const char *s)
{
	return s ? node_str(a, s) : NULL;
}

static const struct node *size_node(struct arena *a, const struct object *o)
{
	return o->size.set ? node_int(a, o->size.v) : NULL;
}

static void object_created(const struct object *o, struct arena *a, struct field_changes *ret)
{
	object_change(ret, a, "bucket", NULL, text_node(a, o->bucket));
	object_change(ret, a, "name", NULL, text_node(a, o->name));
	object_change(ret, a, "size", NULL, size_node(a, o));
	if (o->sha256)
		object_change(ret, a, "sha256", NULL, text_node(a, o->sha256));
	else
		object_change(ret, a, "md5", NULL, text_node(a, o->md5));
	object_change(ret, a, "content_type", NULL, text_node(a, o->content_type));
	object_change(ret, a, "path", NULL, text_node(a, o->path));
}

static void object_updated(const struct object *live, const struct object *want, struct arena *a,
	struct field_changes *ret)
{
	if (object_same_content(live, want))
		return;
	object_change(ret, a, "size", size_node(a, live), size_node(a, want));
	bool both_sha256 = live->sha256 && want->sha256;
	if (live->md5 && want->md5 && !both_sha256)
		object_change(ret, a, "md5", text_node(a, live->md5), text_node(a, want->md5));
	else if (both_sha256 ||
		!ret->n) /* of one side alone it tells nothing that the size does not */
		object_change(
			ret, a, "sha256", text_node(a, live->sha256), text_node(a, want->sha256));
}

/* What is compared with live. */
static const void *wanted(const struct resource *live, const struct resource *want, struct arena *a)
{
	if (!live || want->kind != RESOURCE_APPLICATION)
		return want->record;
	struct application *app = arena_new(a, struct application);
	*app = *want->app;
	application_take_derived(app, live->app);
	return app;
}

/* The live side, with what weir remembers of its own. Where there is no room to remember it, it is no difference. */
static const struct application *with_memory(const struct resource *live,
	const struct resource *want, const struct memory *set, struct arena *a)
{
	struct application *app = arena_new(a, struct application);
	*app = *live->app;
	remember_prevents(set, &app->prevent_delete);
	if (compare_tags_after(live, want, &(struct field_changes){0}) >= FREEFORM_TAGS_MAX)
		app->prevent_delete = want->app->prevent_delete;
	return app;
}

/* A live `execute` that goes takes along what the service derived from it: whoever's doing the one is, the others are. */
static void judge_derived(struct field_changes *c)
{
	const struct field_change *execute = NULL;
	for (size_t i = 0; i < c->n; i++)
		if (!strcmp(c->v[i].path, "execute") && c->v[i].was && !c->v[i].now)
			execute = &c->v[i];
	for (size_t i = 0; execute && i < c->n; i++)
		if (application_derives(c->v[i].field->name))
			c->v[i].reason = execute->reason;
}

static void by_table(const struct resource *live, const struct resource *want, struct arena *a,
	struct comparison *ret)
{
	const struct record *record = resource_types[want->kind].record;
	const void *there = live ? live->record : arena_alloc(a, record->size);
	struct memory set = {.state = MEMORY_NONE};
	if (live && live->kind == RESOURCE_APPLICATION)
		remember_read(live->app, &set);
	ret->memory = set.state;
	if (live && live->kind == RESOURCE_APPLICATION)
		there = with_memory(live, want, &set, a);
	field_diff_since(record, there, wanted(live, want, a), &set, a, &ret->changes, &ret->stays);
	if (want->kind == RESOURCE_APPLICATION)
		judge_derived(&ret->changes);
	for (size_t i = 0; !live && i < ret->changes.n; i++)
		ret->changes.v[i].replaces = false; /* nothing is there to be replaced */
}

void compare_resource(const struct resource *live, const struct resource *want, struct arena *a,
	struct comparison *ret)
{
	*ret = (struct comparison){0};
	if (want->kind != RESOURCE_OBJECT) {
		by_table(live, want, a, ret);
	} else if (live) {
		object_updated(live->object, want->object, a, &ret->changes);
		if (resource_was(want, live->object->owner))
			object_change(&ret->changes, a, "owner", text_node(a, live->object->owner),
				text_node(a, want->object->owner));
	} else {
		object_created(want->object, a, &ret->changes);
	}
}

static bool has_tag(const struct pairs *tags, const char *name)
{
	for (size_t i = 0; i < tags->n; i++)
		if (text_equal(tags->v[i].name, name))
			return true;
	return false;
}

static bool goes(const struct field_changes *changes, const char *tag)
{
	static const char in[] = "freeform_tags.";
	for (size_t i = 0; i < changes->n; i++) {
		const struct field_change *c = &changes->v[i];
		if (!c->now && text_starts(c->path, in) && text_equal(c->path + strlen(in), tag))
			return true;
	}
	return false;
}

size_t compare_tags_after(const struct resource *live, const struct resource *want,
	const struct field_changes *changes)
{
	const struct pairs *had = &live->app->freeform_tags, *has = &want->app->freeform_tags;
	size_t n = has->n;
	for (size_t i = 0; i < had->n; i++) {
		const char *name = had->v[i].name;
		n += !has_tag(has, name) && !goes(changes, name) && strcmp(name, MEMORY_TAG);
	}
	return n;
}

struct node *compare_update_body(const struct resource *live, const struct resource *want,
	const struct field_changes *changes, struct arena *a)
{
	const struct application *app = remember_on(want->app, a, NULL);
	struct field_changes all = {arena_array(a, changes->n + 1, sizeof *all.v), 0, 0};
	for (size_t i = 0; i < changes->n; i++)
		if (!(changes->v[i].field->flags & FIELD_MOVED))
			all.v[all.n++] = changes->v[i];
	if (!all.n)
		return node_map(a);
	struct field_change *memory = &all.v[all.n++];
	*memory = (struct field_change){.path = "freeform_tags." MEMORY_TAG,
		.field = record_field(&application_record, "freeform_tags"),
		.now = node_bool(a, true)};
	if (compare_tags_after(live, want, changes) >= FREEFORM_TAGS_MAX) {
		app = want->app;
		memory->now = NULL; /* an old one would tell what is no longer so */
	}
	return field_update_body(&application_record, live->app, app, &all, a);
}
