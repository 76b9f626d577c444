#include "model/resource.h"

#include "base/text.h"

const struct resource_type resource_types[RESOURCE_KINDS] = {
	[RESOURCE_BUCKET] = {"bucket", &bucket_record, false},
	[RESOURCE_OBJECT] = {"object", &object_record, true},
	[RESOURCE_APPLICATION] = {"application", &application_record, true},
};

struct resource *resources_add(struct resources *r, struct arena *a)
{
	r->v = arena_grow(a, r->v, r->n, &r->cap, sizeof *r->v);
	r->v[r->n] = (struct resource){0};
	return &r->v[r->n++];
}

const struct resource *resources_find(const struct resources *r, const char *address)
{
	for (size_t i = 0; i < r->n; i++)
		if (text_equal(r->v[i].address, address))
			return &r->v[i];
	return NULL;
}

bool resource_was(const struct resource *want, const char *identity)
{
	for (size_t i = 0; i < want->was.n; i++)
		if (text_equal(want->was.v[i], identity))
			return identity;
	return false;
}

char *identity_tag(struct arena *a, const char *pipeline, const char *target, const char *app)
{
	return arena_printf(a, "%s/%s/%s", pipeline, target, app);
}

const char *identity_tag_of(const struct pairs *tags)
{
	for (size_t i = 0; i < tags->n; i++)
		if (text_equal(tags->v[i].name, IDENTITY_TAG))
			return tags->v[i].value;
	return NULL;
}

char *identity_prefix(struct arena *a, const char *pipeline, const char *target)
{
	return arena_printf(a, "weir/%s/%s/", pipeline, target);
}
