#include "model/remember.h"

#include "base/text.h"
#include "model/resource.h"

#include <string.h>

bool remember_is_ours(const char *tag)
{
	return text_equal(tag, IDENTITY_TAG) || text_equal(tag, MEMORY_TAG);
}

/* Room for two more. */
static struct pairs users_tags(const struct pairs *tags, struct arena *a)
{
	struct pairs made = {arena_array(a, tags->n + 2, sizeof *made.v), 0};
	for (size_t i = 0; i < tags->n; i++)
		if (!remember_is_ours(tags->v[i].name))
			made.v[made.n++] = tags->v[i];
	return made;
}

struct application *remember_on(
	const struct application *want, struct arena *a, size_t *ret_left_out)
{
	struct application *app = arena_new(a, struct application);
	const char *identity = identity_tag_of(&want->freeform_tags);
	*app = *want;
	app->freeform_tags = users_tags(&want->freeform_tags, a);
	struct pairs *tags = &app->freeform_tags;
	const char *text = memory_write(&application_record, app, identity, a, ret_left_out);
	if (identity)
		tags->v[tags->n++] = (struct pair){IDENTITY_TAG, identity};
	tags->v[tags->n++] = (struct pair){MEMORY_TAG, text};
	return app;
}

void remember_prevents(const struct memory *set, struct opt_bool *ret)
{
	arena_auto a = {0};
	char digest[MEMORY_DIGEST + 1], yes[MEMORY_DIGEST + 1];
	const struct field *f = record_field(&application_record, "prevent_delete");
	*ret = (struct opt_bool){0};
	if (set->state != MEMORY_KNOWN || !memory_field(set, NULL, f, digest))
		return;
	memory_digest(f, node_bool(&a, true), yes);
	*ret = (struct opt_bool){true, !strcmp(digest, yes)};
}

void remember_read(const struct application *live, struct memory *ret)
{
	const char *text = NULL;
	for (size_t i = 0; i < live->freeform_tags.n; i++)
		if (text_equal(live->freeform_tags.v[i].name, MEMORY_TAG))
			text = live->freeform_tags.v[i].value;
	memory_read(text, identity_tag_of(&live->freeform_tags), ret);
}
