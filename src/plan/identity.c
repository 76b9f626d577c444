#include "plan/identity.h"

#include "base/text.h"

#include <stdlib.h>
#include <string.h>

struct strs identity_uses(const struct application *app, struct arena *a)
{
	struct strs ret = {0};
	size_t cap = 0;
	const char *lists[] = {app->file_uri, app->archive_uri};
	for (size_t i = 0; i < 2; i++) {
		for (const char *at = lists[i]; at && *at;) {
			size_t n = strcspn(at, ",");
			ret.v = arena_grow(a, ret.v, ret.n, &cap, sizeof *ret.v);
			ret.v[ret.n++] = arena_strndup(a, at, n);
			at += n + (at[n] == ',');
		}
	}
	return ret;
}

const char *identity_key(const char *tag, struct arena *a)
{
	return arena_printf(a, "application %s", tag);
}

static const char *application_identity(const struct resource *r, struct arena *a)
{
	const char *tag = identity_tag_of(&r->app->freeform_tags);
	return identity_key(tag ? tag : r->id ? r->id : r->address, a);
}

const char *identity_of(const struct resource *r, struct arena *a)
{
	switch (r->kind) {
	case RESOURCE_BUCKET:
		return arena_printf(a, "bucket %s", r->bucket->name);
	case RESOURCE_OBJECT:
		/* A bucket's name has no slash, so that the first one ends it. */
		return arena_printf(a, "object %s/%s", r->object->bucket, r->object->name);
	case RESOURCE_APPLICATION:
	case RESOURCE_KINDS:
		break;
	}
	return application_identity(r, a);
}

static int compare_text(const char *a, const char *b)
{
	return strcmp(a ? a : "", b ? b : "");
}

static int compare(const void *x, const void *y)
{
	const struct identity *a = x, *b = y;
	int order = strcmp(a->key, b->key);
	if (!order)
		order = compare_text(a->r->id, b->r->id);
	return order ? order : compare_text(a->r->address, b->r->address);
}

struct identity *identity_sort(
	const struct resources *r, bool foreign, struct arena *a, size_t *ret_n)
{
	struct identity *v = arena_array(a, r->n, sizeof *v);
	size_t n = 0;
	for (size_t i = 0; i < r->n; i++)
		if (r->v[i].foreign == foreign)
			v[n++] = (struct identity){identity_of(&r->v[i], a), &r->v[i]};
	qsort(v, n, sizeof *v, compare);
	*ret_n = n;
	return v;
}
