/* Which live resource a desired one is. */
#include "base/text.h"
#include "plan/builder.h"

#include <string.h>

enum { CLAIMS_MAX = 8 }; /* own identity, three of before each with two keys, an OCID */

bool claim_is_doubled(struct builder *b, const struct identity *first, const char *address)
{
	const struct identity *end = b->live + b->live_n, *at = first + 1;
	if (first->r->kind != RESOURCE_APPLICATION || at == end || strcmp(at->key, first->key) != 0)
		return false;
	buf_auto ids = {0};
	buf_adds(&ids, first->r->id);
	for (; at < end && !strcmp(at->key, first->key); at++)
		buf_printf(&ids, " and %s", at->r->id);
	builder_problem(b, ERR_CONFLICT, address,
		arena_printf(b->a, "%s is claimed by more than one live application: %s", address,
			buf_str(&ids)),
		"delete the one that is not meant, or take its freeform tag `" IDENTITY_TAG
		"` away, and plan again");
	return true;
}

/* The first live application that bears an identity; false when there are several. */
static bool by_identity(struct builder *b, const char *key, const struct resource *want,
	const struct resource **ret)
{
	const struct identity *first = map_get(&b->live_by_identity, key);
	*ret = first ? first->r : NULL;
	return !first || !claim_is_doubled(b, first, want->address);
}

static bool no_such(struct builder *b, const struct resource *want, const struct resource *there)
{
	builder_problem(b, ERR_NOT_FOUND, want->address,
		arena_printf(b->a,
			there ? "%s, which it adopts, is deleted"
			      : "%s, which it adopts, is not there, or not for this user to see",
			want->adopt),
		"give `adopt` the OCID of an application that is live, or remove it to have a new "
		"one made");
	return false;
}

static bool is_gone(const struct resource *there)
{
	return !there || application_is_gone(there->app);
}

/* The application that want takes over: one that is nobody's, or is want already. */
static bool by_adoption(struct builder *b, const struct resource *want, const struct resource **ret)
{
	const struct resource *there = map_get(&b->live_by_id, want->adopt);
	if (is_gone(there))
		return no_such(b, want, there);
	const char *theirs = identity_tag_of(&there->app->freeform_tags);
	if (theirs && !text_equal(theirs, identity_tag_of(&want->app->freeform_tags))) {
		builder_problem(b, ERR_CONFLICT, want->address,
			arena_printf(
				b->a, "%s, which it adopts, is weir's `%s`", there->id, theirs),
			there->foreign
				? "take its freeform tag `" IDENTITY_TAG
				  "` away first, if that pipeline is to lose it; or remove `adopt`"
				: "to rename an app of this pipeline give it `was: KEY`, in place "
				  "of `adopt`");
		return false;
	}
	*ret = there;
	return true;
}

static void add(const struct resource **v, size_t *n, const struct resource *r)
{
	for (size_t i = 0; i < *n; i++)
		if (v[i] == r)
			return;
	if (r && *n < CLAIMS_MAX)
		v[(*n)++] = r;
}

static void tell_several(
	struct builder *b, const struct resource *want, const struct resource **v, size_t n)
{
	buf_auto ids = {0};
	for (size_t i = 0; i < n; i++) {
		const char *tag = identity_tag_of(&v[i]->app->freeform_tags);
		buf_printf(&ids, "%s%s (%s)", i ? " and " : "", v[i]->id, tag ? tag : "adopted");
	}
	builder_problem(b, ERR_CONFLICT, want->address,
		arena_printf(b->a, "more than one live application is %s: %s", want->address,
			buf_str(&ids)),
		"delete the one that is not meant, or remove `was` or `adopt` where it is no longer "
		"needed");
}

bool claim(struct builder *b, const struct identity *w, const struct resource **ret)
{
	const struct resource *want = w->r, *found[CLAIMS_MAX], *one = NULL;
	size_t n = 0;
	bool ok = by_identity(b, w->key, want, &one);
	add(found, &n, one);
	for (size_t i = 0; ok && want->kind == RESOURCE_APPLICATION && i < want->was.n; i++) {
		const char *key = identity_key(want->was.v[i], b->a);
		ok = by_identity(b, key, want, &one);
		add(found, &n, one);
		if (one)
			map_put(&b->claimed, key, (void *)want);
	}
	if (ok && want->adopt && n && is_gone(map_get(&b->live_by_id, want->adopt)))
		builder_note(b, want->address,
			arena_printf(b->a, "%s, which it adopted, is gone", want->adopt),
			"remove `adopt`: the application is this one already");
	else if (ok && want->adopt) {
		one = NULL;
		ok = by_adoption(b, want, &one);
		add(found, &n, one);
	}
	if (ok && n > 1) {
		tell_several(b, want, found, n);
		ok = false;
	}
	*ret = n ? found[0] : NULL;
	return ok;
}
