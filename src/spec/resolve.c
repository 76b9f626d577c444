/* The second half: references are resolved, apps merged, all of it decoded and checked. */
#include "spec/resolve.h"
#include "base/text.h"
#include "spec/apps.h"
#include "spec/check.h"
#include "spec/params.h"
#include "spec/sequences.h"
#include "spec/target.h"
#include "spec/uris.h"

static void put(struct spec *s, struct node *to, const struct node_pair *pair, const struct node *n)
{
	node_add(s->a, to, pair->key, (struct node *)n);
	to->u.map.v[to->u.map.n - 1].key_mark = pair->key_mark;
}

/* One top-level value as it is decoded. */
static const struct node *section(struct spec *s, const char *key, const struct node *raw)
{
	struct scope scope = {.s = s};
	if (text_equal(key, "pipeline") || text_equal(key, "was"))
		return raw;
	/* Decoded when the file was opened. */
	if (text_equal(key, "parameters") || text_equal(key, "targets"))
		return NULL;
	if (text_equal(key, "apps"))
		return apps_merged(s);
	if (text_equal(key, "defaults"))
		return apps_defaults(s);
	if (text_equal(key, "sequences"))
		return sequences_resolved(s, raw);
	return interpolate(&scope, raw);
}

static const struct node *resolved_file(struct spec *s)
{
	struct node *all = node_map(s->a);
	all->mark = s->raw->mark;
	for (size_t i = 0; i < s->raw->u.map.n; i++) {
		const struct node_pair *pair = &s->raw->u.map.v[i];
		const struct node *value = section(s, pair->key, pair->value);
		if (value)
			put(s, all, pair, value);
	}
	return all;
}

static void begin(struct spec *s, const struct spec_builtins *b, struct diags *d)
{
	state_begin(s, b, d);
	params_reset(&s->params);
	uris_prepare(s);
}

static const struct pipeline *end(const struct spec *s, struct pipeline *p)
{
	p->target = s->target;
	p->dir = s->dir;
	p->file = s->file;
	return s->errors ? NULL : p;
}

const struct pipeline *resolve_file(struct spec *s, const struct spec_builtins *b, struct diags *d)
{
	struct pipeline *p = arena_new(s->a, struct pipeline);
	begin(s, b, d);
	s->resolved = true;
	params_check(s, &s->params, true);
	target_check(s);
	state_decode(s, &pipeline_record, resolved_file(s), "", p);
	s->base_folder = p->base_folder;
	p->defaults = NULL;
	p->parameters = s->param_decls;
	p->targets = s->targets;
	check_pipeline(s, p);
	return end(s, p);
}

const struct pipeline *spec_resolve(struct spec *s, const struct spec_builtins *b, struct diags *d)
{
	s->told_to = NULL;
	return resolve_file(s, b, d);
}

const struct pipeline *spec_resolve_archives(struct spec *s, struct diags *d)
{
	struct pipeline *p = arena_new(s->a, struct pipeline);
	struct scope scope = {.s = s};
	const struct node *raw = node_get(s->raw, "archives");
	s->told_to = NULL;
	begin(s, NULL, d);
	state_decode_field(
		s, &pipeline_record, "archives", raw ? interpolate(&scope, raw) : NULL, "", p);
	params_check_used(s, &s->params);
	check_archives(s, p);
	return end(s, p);
}
