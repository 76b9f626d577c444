/*
 * Any desired and live resources, planned and shown. The plan does not depend on their order; its counts are those of its
 * actions; what is shown has nothing that a terminal would obey, and the JSON is JSON.
 */
#include "fuzz.h"

#include "base/text.h"
#include "plan/plan.h"
#include "report/plan_json.h"
#include "report/plan_text.h"

#include <string.h>

enum { RESOURCES_MAX = 6 };

static const char *address(enum resource_kind kind, unsigned k, struct arena *a)
{
	static const char *const prefixes[] = {"buckets", "scripts", "apps"};
	return arena_printf(a, "%s.%u", prefixes[kind], k);
}

/* An application is ours by its tag, most of the time. */
static void tag(struct application *app, unsigned k, struct fuzz_input *in, struct arena *a)
{
	if (fuzz_below(in, 4) == 0)
		return;
	struct pair *v = arena_array(a, app->freeform_tags.n + 1, sizeof *v);
	size_t n = 0;
	for (size_t i = 0; i < app->freeform_tags.n; i++)
		if (strcmp(app->freeform_tags.v[i].name, IDENTITY_TAG))
			v[n++] = app->freeform_tags.v[i];
	v[n++] = (struct pair){IDENTITY_TAG, arena_printf(a, "p/t/%u", k)};
	app->freeform_tags = (struct pairs){v, n};
}

static void *record_of(enum resource_kind kind, unsigned k, struct fuzz_input *in, struct arena *a)
{
	void *record = arena_alloc(a, resource_types[kind].record->size);
	fuzz_fill(resource_types[kind].record, in, a, record);
	if (kind == RESOURCE_BUCKET) {
		((struct bucket *)record)->name = arena_printf(a, "b%u", k % 3);
	} else if (kind == RESOURCE_OBJECT) {
		struct object *o = record;
		o->bucket = arena_printf(a, "b%u", k % 3);
		o->name = arena_printf(a, "weir/p/t/scripts/%u%s", k % 3, fuzz_word(in, a));
	} else {
		struct application *app = record;
		app->display_name = fuzz_word(in, a);
		tag(app, k % 3, in, a);
	}
	return record;
}

static void add(struct resources *r, unsigned k, bool live, struct fuzz_input *in, struct arena *a)
{
	enum resource_kind kind = fuzz_below(in, RESOURCE_KINDS);
	struct resource *x = resources_add(r, a);
	*x = (struct resource){.kind = kind, .address = address(kind, k, a)};
	x->record = record_of(kind, k, in, a);
	if (live) {
		x->id = arena_printf(a, "ocid1.%u", k);
		x->etag = fuzz_word(in, a);
		x->foreign = kind == RESOURCE_APPLICATION && fuzz_below(in, 4) == 0;
	} else if (kind != RESOURCE_BUCKET) {
		const char **needs = arena_array(a, 2, sizeof *needs);
		needs[0] = address(RESOURCE_BUCKET, fuzz_below(in, RESOURCES_MAX), a);
		needs[1] = address(RESOURCE_OBJECT, fuzz_below(in, RESOURCES_MAX), a);
		x->needs = (struct strs){needs, kind == RESOURCE_APPLICATION ? 2 : 1};
	}
}

static struct resources reversed(const struct resources *r, struct arena *a)
{
	struct resources made = {0};
	for (size_t i = r->n; i-- > 0;)
		*resources_add(&made, a) = r->v[i];
	return made;
}

static void check_counts(const struct plan *p)
{
	size_t verbs[PLAN_DELETE + 1] = {0};
	for (size_t i = 0; i < p->n; i++) {
		verbs[p->v[i].verb]++;
		for (size_t k = 0; k < p->v[i].needs_n; k++)
			FUZZ_CHECK(p->v[i].needs[k] < i);
		FUZZ_CHECK(p->v[i].verb != PLAN_DELETE || p->v[i].live->kind != RESOURCE_BUCKET);
		FUZZ_CHECK(p->v[i].verb != PLAN_DELETE || !p->v[i].live->foreign);
	}
	FUZZ_CHECK(p->create == verbs[PLAN_CREATE] && p->update == verbs[PLAN_UPDATE] &&
		p->replace == verbs[PLAN_REPLACE] && p->remove == verbs[PLAN_DELETE]);
}

static void show(const struct plan *p, struct arena *a, struct buf *text)
{
	const struct plan_json_head head = {"p", "t"};
	buf_auto json = {0};
	plan_text(p, false, text);
	for (size_t i = 0; i < p->problems_n; i++)
		plan_text_problem(&p->problems[i], text);
	fuzz_check_shown(buf_str(text), text->len);
	node_to_json(plan_json(p, &head, a), NODE_JSON_INDENT, &json);
	fuzz_check_json(buf_str(&json), json.len);
	FUZZ_CHECK(text_is_utf8(buf_str(&json), json.len));
	buf_add(text, buf_str(&json), json.len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	arena_auto a = {0};
	struct fuzz_input in = {data, data + n};
	struct resources want = {0}, live = {0};
	struct plan plan, again;
	buf_auto text = {0}, text_again = {0};
	unsigned want_n = fuzz_below(&in, RESOURCES_MAX), live_n = fuzz_below(&in, RESOURCES_MAX);
	for (unsigned i = 0; i < want_n; i++)
		add(&want, i, false, &in, &a);
	for (unsigned i = 0; i < live_n; i++)
		add(&live, i, true, &in, &a);
	plan_build(&want, &live, &a, &plan);
	check_counts(&plan);
	size_t len;
	const char *old_text = fuzz_until(&in, '\n', &a), *new_text = fuzz_rest(&in, &a, &len);
	for (size_t i = 0; i < plan.n; i++)
		if (plan.v[i].verb == PLAN_UPDATE) {
			plan.v[i].old_text = old_text;
			plan.v[i].new_text = new_text;
			break;
		}
	show(&plan, &a, &text);

	want = reversed(&want, &a);
	live = reversed(&live, &a);
	plan_build(&want, &live, &a, &again);
	for (size_t i = 0; i < again.n && i < plan.n; i++) {
		again.v[i].old_text = plan.v[i].old_text;
		again.v[i].new_text = plan.v[i].new_text;
	}
	show(&again, &a, &text_again);
	FUZZ_CHECK(text_equal(buf_str(&text), buf_str(&text_again)), "%s\n---\n%s", buf_str(&text),
		buf_str(&text_again));
	return 0;
}
