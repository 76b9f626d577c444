#include "run/request.h"

#include "base/text.h"
#include "model/remember.h"
#include "model/resource.h"
#include "run/tag.h"

#include <string.h>

enum { NAME_MAX_BYTES = 255 };

/* Maps go over what is inherited, key by key; all else in its place. */
static struct node *together(const struct node *inherited, struct node *own, struct arena *a)
{
	if (own->kind != NODE_MAP || !inherited || inherited->kind != NODE_MAP)
		return own;
	struct node *made = node_map(a);
	for (size_t i = 0; i < inherited->u.map.n; i++)
		node_put(a, made, inherited->u.map.v[i].key, inherited->u.map.v[i].value);
	for (size_t i = 0; i < own->u.map.n; i++)
		node_put(a, made, own->u.map.v[i].key,
			together(node_get(inherited, own->u.map.v[i].key), own->u.map.v[i].value,
				a));
	return made;
}

/* What is to be otherwise than the application has it, by the names that the two have in common. */
static struct node *different(const struct run_step *step, struct arena *a)
{
	const struct node *live = field_encode(&application_record, step->live, FORM_YAML, a);
	const struct node *own = field_encode(&run_given_record, step->run, FORM_YAML, a);
	struct node *made = node_map(a);
	for (size_t i = 0; i < own->u.map.n; i++) {
		const struct node_pair *pair = &own->u.map.v[i];
		const struct node *inherited = node_get(live, pair->key);
		struct node *value = together(inherited, pair->value, a);
		if (!node_equal(inherited, value))
			node_add(a, made, pair->key, value);
	}
	return made;
}

static bool has(const struct pairs *p, const char *name)
{
	for (size_t i = 0; i < p->n; i++)
		if (text_equal(p->v[i].name, name))
			return true;
	return false;
}

/* The application's tags, less weir's own of it, and the run's. */
static struct pairs tags_with(const struct run_step *step, const char *tag, struct arena *a)
{
	const struct pairs *tags = &step->live->freeform_tags, *own = &step->run->freeform_tags;
	struct pairs out = {.v = arena_array(a, tags->n + own->n + 1, sizeof *out.v)};
	for (size_t i = 0; i < tags->n; i++)
		if (!remember_is_ours(tags->v[i].name) && !has(own, tags->v[i].name))
			out.v[out.n++] = tags->v[i];
	for (size_t i = 0; i < own->n; i++)
		out.v[out.n++] = own->v[i];
	out.v[out.n++] = (struct pair){IDENTITY_TAG, tag};
	return out;
}

struct run *run_request(const struct run_step *step, const char *compartment_id, const char *name,
	const char *tag, struct arena *a)
{
	struct run *run = arena_new(a, struct run);
	field_decode(&run_given_record, different(step, a), FORM_YAML, "", a, run, NULL, NULL);
	run->application_id = step->application_id;
	run->compartment_id =
		step->run->compartment_id ? step->run->compartment_id : compartment_id;
	run->display_name = step->run->display_name ? step->run->display_name : name;
	run->freeform_tags = tags_with(step, tag, a);
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
