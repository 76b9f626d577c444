/* The first half: the file is read, its parameters and targets are known, one target is chosen. */
#include "base/fs.h"
#include "base/text.h"
#include "spec/params.h"
#include "spec/resolve.h"
#include "spec/target.h"
#include "spec/yaml.h"

#include <string.h>

struct node *spec_parse(
	const char *text, size_t len, const char *file, struct arena *a, struct diags *d)
{
	return yaml_parse(text, len, file, a, d);
}

/* The text, in the arena, since excerpts are shown of it as long as the diags live; NULL: told. */
static const char *read_text(struct spec *s, size_t *ret_len)
{
	buf_auto b = {.max = YAML_BYTES_MAX};
	struct err err;
	if (fs_read(s->file, &b, &err)) {
		*ret_len = b.len;
		return arena_strndup(s->a, buf_str(&b), b.len);
	}
	bool named = text_starts(err.text, s->file), large = strstr(err.text, "larger than");
	state_error(s, (struct mark){.file = s->file},
		large ? "split it into several pipelines"
		      : "name the folder with -C, or the file with -f",
		"cannot read the pipeline%s", named ? err.text + strlen(s->file) : err.text);
	return NULL;
}

static struct node *read_file(struct spec *s)
{
	size_t len;
	const char *text = read_text(s, &len);
	return text ? spec_parse(text, len, s->file, s->a, s->d) : NULL;
}

static void declare_params(struct spec *s)
{
	struct pipeline p;
	state_decode_field(
		s, &pipeline_record, "parameters", node_get(s->raw, "parameters"), "", &p);
	s->param_decls = p.parameters;
	params_declare(s, &s->params, &p.parameters, "");
	params_take_given(&s->params, &s->o);
}

static void take_target_values(struct spec *s)
{
	const struct node *values = s->target->parameters;
	for (size_t i = 0; values && values->kind == NODE_MAP && i < values->u.map.n; i++) {
		struct param *param = params_find(&s->params, values->u.map.v[i].key);
		if (param)
			param->in_target = values->u.map.v[i].value;
	}
}

static bool is_sequence_param(struct spec *s, const char *name)
{
	const struct node *all = node_get(s->raw, "sequences");
	for (size_t i = 0; all && all->kind == NODE_MAP && i < all->u.map.n; i++) {
		const struct node *params = node_get(all->u.map.v[i].value, "parameters");
		if (params && node_get(params, name))
			return true;
	}
	return false;
}

static void check_given(struct spec *s)
{
	for (size_t i = 0; i < s->o.params_n; i++) {
		const char *name = s->o.params[i].name;
		if (params_find(&s->params, name) || is_sequence_param(s, name))
			continue;
		state_error(s, (struct mark){.file = "-p"},
			state_nearest(s, name, state_keys(s, node_get(s->raw, "parameters"))),
			"no parameter is called `%s`", name);
	}
}

static const char *key_of(const struct node *n)
{
	bool text = n && n->kind != NODE_NULL && n->kind != NODE_SEQ && n->kind != NODE_MAP;
	return text && pipeline_key_ok(n->text) ? n->text : NULL;
}

/* The name is identity, and so was the one before: it has no references, and is needed before any is resolved. */
static bool take_name(struct spec *s)
{
	const struct node *n = node_get(s->raw, "pipeline");
	if (s->raw->kind != NODE_MAP)
		return state_error(s, s->raw->mark, "begin with `pipeline: name`",
			"a pipeline is a map, not %s", node_kind_name(s->raw->kind));
	s->name = key_of(n) ? key_of(n) : "pipeline";
	s->was = key_of(node_get(s->raw, "was"));
	return true;
}

/* Too many of something: each would cost more than its place in the file, so it goes no further. */
static bool check_counts(struct spec *s)
{
	for (size_t i = 0; i < s->raw->u.map.n; i++) {
		const struct node_pair *pair = &s->raw->u.map.v[i];
		const struct field *f = record_field(&pipeline_record, pair->key);
		bool many = f && f->kind == FIELD_KEYED && pair->value->kind == NODE_MAP &&
			(double)pair->value->u.map.n > f->max;
		if (many)
			return state_error(s, pair->key_mark, "split it into several pipelines",
				"too large: `%s` has %zu entries, of at most %.0f", pair->key,
				pair->value->u.map.n, f->max);
	}
	return true;
}

static bool open_file(struct spec *s)
{
	s->raw = read_file(s);
	if (!s->raw || !take_name(s) || !check_counts(s))
		return false;
	declare_params(s);
	if (!target_choose(s))
		return false;
	take_target_values(s);
	check_given(s);
	target_resolve(s);
	return true;
}

struct spec *spec_open(const struct spec_options *o, struct arena *a, struct diags *d)
{
	struct spec *s = arena_new(a, struct spec);
	s->a = a;
	s->o = *o;
	s->sources.arena = s->script_objects.arena = a;
	s->file = fs_join(a, o->dir, o->file ? o->file : "pipeline.yaml");
	s->dir = fs_dirname(a, s->file);
	state_begin(s, NULL, d);
	if (!open_file(s))
		return NULL;
	if (!s->errors)
		return s;
	/* Nothing can come of it; but all mistakes are to be told, not only the first ones. */
	resolve_file(s, NULL, d);
	return NULL;
}

const struct target_decl *spec_target(const struct spec *s)
{
	return s->target;
}

const char *spec_name(const struct spec *s)
{
	return s->name;
}

const struct strs *spec_secrets(const struct spec *s)
{
	return &s->secrets;
}

void spec_add_secret(struct spec *s, const char *value)
{
	s->secrets.v =
		arena_grow(s->a, s->secrets.v, s->secrets.n, &s->secrets_cap, sizeof *s->secrets.v);
	s->secrets.v[s->secrets.n++] = value;
}
