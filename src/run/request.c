#include "run/request.h"

#include "base/text.h"
#include "model/remember.h"
#include "model/resource.h"
#include "run/tag.h"

#include <string.h>

enum { NAME_MAX_BYTES = 255 };

static size_t pair_at(const struct pairs *p, const char *name)
{
	for (size_t i = 0; i < p->n; i++)
		if (text_equal(p->v[i].name, name))
			return i;
	return p->n;
}

static void put(struct pairs *p, const char *name, const char *value)
{
	size_t i = pair_at(p, name);
	p->v[i] = (struct pair){name, value};
	p->n += i == p->n;
}

static struct pairs merged(const struct pairs *base, const struct pairs *over, struct arena *a)
{
	struct pairs out = {.v = arena_array(a, base->n + over->n + 1, sizeof *out.v)};
	for (size_t i = 0; i < base->n; i++)
		put(&out, base->v[i].name, base->v[i].value);
	for (size_t i = 0; i < over->n; i++)
		put(&out, over->v[i].name, over->v[i].value);
	return out;
}

/* The application's tags, less weir's own of it, and the run's. */
static struct pairs tags_with(const struct pairs *tags, const char *tag, struct arena *a)
{
	struct pairs out = {.v = arena_array(a, tags->n + 1, sizeof *out.v)};
	for (size_t i = 0; i < tags->n; i++)
		if (!remember_is_ours(tags->v[i].name))
			out.v[out.n++] = tags->v[i];
	out.v[out.n++] = (struct pair){IDENTITY_TAG, tag};
	return out;
}

static bool pairs_equal(const struct pairs *a, const struct pairs *b)
{
	if (a->n != b->n)
		return false;
	for (size_t i = 0; i < a->n; i++) {
		size_t at = pair_at(b, a->v[i].name);
		if (at == b->n || !text_equal(a->v[i].value, b->v[at].value))
			return false;
	}
	return true;
}

static bool strs_equal(const struct strs *a, const struct strs *b)
{
	if (a->n != b->n)
		return false;
	for (size_t i = 0; i < a->n; i++)
		if (!text_equal(a->v[i], b->v[i]))
			return false;
	return true;
}

struct run *run_request(const struct run_step *step, const char *compartment_id, const char *name,
	const char *tag, struct arena *a)
{
	const struct application *live = step->live;
	struct run *run = arena_new(a, struct run);
	field_copy(&run_record, step->run, run, a);
	run->application_id = step->application_id;
	run->compartment_id = compartment_id;
	run->display_name = name;
	if (run->parameters.v) {
		run->parameters = merged(&live->parameters, &step->run->parameters, a);
		if (pairs_equal(&run->parameters, &live->parameters))
			run->parameters = (struct pairs){0};
	}
	if (run->arguments.v && strs_equal(&run->arguments, &live->arguments))
		run->arguments = (struct strs){0};
	run->freeform_tags = tags_with(&live->freeform_tags, tag, a);
	return run;
}

char *run_display_name(
	const struct run_step *steps, size_t n, size_t i, int64_t now_ms, struct arena *a)
{
	const struct run_step *step = &steps[i];
	bool shared = false;
	for (size_t k = 0; k < n; k++)
		shared |= k != i && text_equal(steps[k].application_id, step->application_id);
	const char *end = arena_printf(
		a, "%s%s-%s", shared ? "-" : "", shared ? step->name : "", run_stamp(a, now_ms));
	const char *base = step->live->display_name ? step->live->display_name : step->name;
	size_t len = strlen(base), room = NAME_MAX_BYTES - strlen(end);
	if (len > room)
		for (len = room; len && (base[len] & 0xc0) == 0x80; len--)
			;
	return arena_printf(a, "%.*s%s", (int)len, base, end);
}
