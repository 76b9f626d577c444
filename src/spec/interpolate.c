#include "spec/interpolate.h"

#include "base/text.h"
#include "spec/params.h"
#include "spec/reference.h"
#include "spec/yaml.h"

#include <string.h>

/* What references may make of a file, so that a parameter that doubles another thirty times is an error. */
enum {
	TEXT_MAX = 1 << 20,
	TOTAL_MAX = 8 << 20,
	NODES_MAX = 100000,
	CHAIN_MAX = 100,
};

bool chain_enter(struct spec *s, struct chain *link, const char *name, struct mark at)
{
	*link = (struct chain){.name = name, .up = s->chain, .depth = 1};
	if (s->chain)
		link->depth = s->chain->depth + 1;
	const struct chain *c = s->chain;
	while (c && strcmp(c->name, name))
		c = c->up;
	if (!c && link->depth <= CHAIN_MAX) {
		s->chain = link;
		return true;
	}
	if (!c)
		return state_error(
			s, at, NULL, "`%s` is reached by more than %d references", name, CHAIN_MAX);
	/* Outermost first: the chain is kept innermost first. */
	arena_auto scratch = {0};
	const char *path = name;
	for (const struct chain *i = s->chain; i != c->up; i = i->up)
		path = arena_printf(&scratch, "%s -> %s", i->name, path);
	return state_error(s, at, "give one of them a value of its own",
		"`%s` refers to itself: %s", name, path);
}

void chain_leave(struct spec *s, const struct chain *link)
{
	s->chain = link->up;
}

/* All that `$<key>` could have named. */
static const char **known_names(struct scope *scope)
{
	struct spec *s = scope->s;
	size_t own = scope->own ? scope->own->n : 0, n = 0;
	const char **names =
		arena_array(s->a, own + s->params.n + builtin_names_count(s) + 1, sizeof *names);
	for (size_t i = 0; i < own; i++)
		names[n++] = scope->own->v[i].decl->head.key;
	for (size_t i = 0; i < s->params.n; i++)
		names[n++] = s->params.v[i].decl->head.key;
	builtin_names(s, names, n);
	return names;
}

static enum lookup unknown_key(struct scope *scope, const char *key, struct mark at)
{
	struct spec *s = scope->s;
	const char *hint = NULL;
	if (state_suggests(s))
		hint = state_nearest(s, key, known_names(scope));
	if (!hint)
		hint = strchr(key, '.')
			? "names with a dot are weir's own, such as `oci.namespace`: `weir schema "
			  "--markdown` lists them"
			: "declare it under `parameters`; a literal `$<` is written `$$<`";
	state_error(s, at, hint, "nothing is called `%s` that `$<%s>` could stand for", key, key);
	return LOOKUP_FAILED;
}

enum lookup lookup_key(struct scope *scope, const char *key, struct mark at, struct found *ret)
{
	struct spec *s = scope->s;
	struct param *param = scope->own ? params_find(scope->own, key) : NULL;
	*ret = (struct found){0};
	if (param) {
		enum lookup result = params_value(scope, scope->own, param, at, ret);
		return result == LOOKUP_NONE && scope->may_wait ? LOOKUP_WAITS : result;
	}
	param = params_find(&s->params, key);
	if (param)
		return params_value(scope, &s->params, param, at, ret);
	bool known = false;
	enum lookup result = builtin_lookup(scope, key, at, ret, &known);
	return known ? result : unknown_key(scope, key, at);
}

/* A reference, resolved: like lookup_key, with the default text in place of no value. */
static enum lookup resolve(struct scope *scope, const struct reference *r, struct mark at,
	const char **ret_key, const struct node **ret)
{
	struct spec *s = scope->s;
	if (r->kind == REFERENCE_UNCLOSED) {
		state_error(s, at, "a literal `$<` is written `$$<`", "`$<` without `>`");
		return LOOKUP_FAILED;
	}
	const char *key = arena_strndup(s->a, r->key, r->key_len);
	if (r->otherwise && text_starts(key, SPEC_VAULT)) {
		state_error(s, at, "leave out what follows the `|`",
			"`$<%s|...>`: a secret has no default", key);
		return LOOKUP_FAILED;
	}
	struct found found;
	enum lookup result = lookup_key(scope, key, at, &found);
	bool empty =
		result == LOOKUP_NONE || (result == LOOKUP_VALUE && found.value->kind == NODE_NULL);
	*ret_key = key;
	*ret = found.value;
	if (empty && r->otherwise) {
		*ret = r->otherwise_len ? yaml_plain(s->a, r->otherwise, r->otherwise_len)
					: node_str(s->a, "");
		return LOOKUP_VALUE;
	}
	if (result == LOOKUP_NONE) {
		if (found.why)
			state_error(s, at, found.hint, "%s", found.why);
		return LOOKUP_FAILED;
	}
	return result;
}

/* What a scalar becomes that is one whole reference. */
static const struct node *whole(
	struct scope *scope, const struct node *n, const struct reference *r, bool *ret_wrong)
{
	struct spec *s = scope->s;
	const char *key;
	const struct node *value;
	enum lookup result = resolve(scope, r, n->mark, &key, &value);
	*ret_wrong = result == LOOKUP_FAILED;
	if (result != LOOKUP_VALUE)
		return n;
	s->reference_nodes += yaml_size(value, NODES_MAX + 1) - 1;
	if (s->reference_nodes > NODES_MAX) {
		*ret_wrong = !state_error(s, n->mark, NULL,
			"too large: references stand for more than %d values", NODES_MAX);
		return n;
	}
	struct node *made = arena_new(s->a, struct node);
	*made = *value;
	made->mark = n->mark;
	return made;
}

/* Puts a reference inside a longer text; false: it stays unresolved. */
static enum lookup put_reference(
	struct scope *scope, const struct reference *r, struct mark at, struct buf *out)
{
	const char *key;
	const struct node *value;
	if (r->kind == REFERENCE_LITERAL) {
		buf_adds(out, "$<");
		return LOOKUP_VALUE;
	}
	enum lookup result = resolve(scope, r, at, &key, &value);
	if (result != LOOKUP_VALUE)
		return result;
	/* `$<x|null>` is that word here. */
	bool null = value->kind == NODE_NULL && !r->otherwise;
	if (value->kind == NODE_SEQ || value->kind == NODE_MAP || null) {
		const char *hint = null
			? arena_printf(scope->s->a, "give a default: `$<%s|text>`", key)
			: "let the reference be the whole value";
		state_error(scope->s, at, hint, "`$<%s>` is %s and cannot stand inside a text", key,
			null ? "null" : node_kind_name(value->kind));
		return LOOKUP_FAILED;
	}
	buf_add(out, value->text, value->len);
	return LOOKUP_VALUE;
}

/* A text with references in it. LOOKUP_VALUE: out has it. */
static enum lookup put_text(
	struct scope *scope, const char *text, size_t len, struct mark at, struct buf *out)
{
	struct spec *s = scope->s;
	struct reference r;
	size_t from = 0;
	enum lookup worst = LOOKUP_VALUE;
	for (; reference_next(text, len, from, &r); from = r.end) {
		buf_add(out, text + from, r.start - from);
		enum lookup result = put_reference(scope, &r, at, out);
		if (result != LOOKUP_VALUE && worst != LOOKUP_FAILED)
			worst = result;
		if (out->overflow || out->len > TEXT_MAX)
			break;
	}
	buf_add(out, text + from, len - from);
	s->reference_bytes += out->len;
	if (out->len > TEXT_MAX || out->overflow || s->reference_bytes > TOTAL_MAX) {
		state_error(s, at, NULL, "too large: %s",
			s->reference_bytes > TOTAL_MAX && out->len <= TEXT_MAX
				? "references make more than 8 MiB of text"
				: "references make a text of more than 1 MiB");
		return LOOKUP_FAILED;
	}
	return worst;
}

static const struct node *scalar(struct scope *scope, const struct node *n)
{
	struct spec *s = scope->s;
	struct reference r;
	if (n->kind != NODE_STR || !reference_in(n->text, n->len))
		return n;
	bool wrong = false,
	     one = reference_next(n->text, n->len, 0, &r) && !r.start && r.end == n->len &&
		r.kind != REFERENCE_LITERAL;
	if (one) {
		const struct node *made = whole(scope, n, &r, &wrong);
		if (wrong)
			state_mark_wrong(s, n->mark);
		return made;
	}
	buf_auto out = {.max = 2 * TEXT_MAX};
	enum lookup result = put_text(scope, n->text, n->len, n->mark, &out);
	if (result == LOOKUP_FAILED)
		state_mark_wrong(s, n->mark);
	if (result != LOOKUP_VALUE)
		return n;
	struct node *made = arena_new(s->a, struct node);
	*made = (struct node){.kind = NODE_STR, .mark = n->mark, .len = out.len};
	made->text = arena_strndup(s->a, buf_str(&out), out.len);
	return made;
}

/* The scope of one text, so that it is known what came into this one; to be ended by one_text_end. */
static struct scope one_text(const struct scope *scope)
{
	struct scope one = *scope;
	one.changes = one.secret = NULL;
	return one;
}

static void one_text_end(struct scope *scope, const struct scope *one, struct mark at)
{
	if (one->changes)
		scope->changes = one->changes;
	if (one->secret)
		scope->secret = one->secret;
	if (scope->in_app && one->changes)
		state_warning(scope->s, at, "pass it as a parameter of a sequence, or with -p",
			"`$<%s>` changes by itself: a plan would find a difference every time",
			one->changes);
	if (scope->in_app && one->secret)
		state_warning(scope->s, at, "let the application read it from a Vault secret",
			"the value of `%s` is sensitive, and can be read by all who can read the "
			"application",
			one->secret);
}

static const struct node *list(struct scope *scope, const struct node *n)
{
	struct arena *a = scope->s->a;
	struct node *made = NULL;
	for (size_t i = 0; i < n->u.seq.n; i++) {
		const struct node *was = n->u.seq.v[i], *now = interpolate(scope, was);
		if (now != was && !made) {
			made = arena_new(a, struct node);
			*made = *n;
			made->u.seq.cap = n->u.seq.n;
			made->u.seq.v = arena_array(a, n->u.seq.n, sizeof *made->u.seq.v);
			memcpy(made->u.seq.v, n->u.seq.v, n->u.seq.n * sizeof *made->u.seq.v);
		}
		if (made)
			made->u.seq.v[i] = (struct node *)now;
	}
	return made ? made : n;
}

const char *interpolate_key(struct scope *scope, const struct node_pair *pair)
{
	size_t len = strlen(pair->key);
	if (!reference_in(pair->key, len))
		return pair->key;
	buf_auto out = {.max = 2 * TEXT_MAX};
	struct scope one = one_text(scope);
	enum lookup result = put_text(&one, pair->key, len, pair->key_mark, &out);
	one_text_end(scope, &one, pair->key_mark);
	if (result == LOOKUP_FAILED)
		state_mark_wrong(scope->s, pair->key_mark);
	return result == LOOKUP_VALUE ? arena_strndup(scope->s->a, buf_str(&out), out.len)
				      : pair->key;
}

/* Keys that were different may have become one. */
static void drop_duplicates(struct spec *s, struct node *map)
{
	arena_auto scratch = {0};
	struct map seen = {.arena = &scratch};
	size_t n = 0;
	for (size_t i = 0; i < map->u.map.n; i++) {
		struct node_pair *pair = &map->u.map.v[i];
		const struct mark *first = map_get(&seen, pair->key);
		if (first) {
			state_error(s, pair->key_mark,
				arena_printf(s->a, "the first is at %u:%u; keep one", first->line,
					first->col),
				"duplicate key `%s`", pair->key);
			continue;
		}
		map->u.map.v[n] = *pair;
		map_put(&seen, pair->key, &map->u.map.v[n++].key_mark);
	}
	map->u.map.n = n;
}

static const char *const *one_further(const char *const *way, const char *key)
{
	return way && *way && (!strcmp(*way, "*") || !strcmp(*way, key)) ? way + 1 : NULL;
}

static const struct node *map(struct scope *scope, const struct node *n)
{
	const char *const *way = scope->to_secrets;
	struct arena *a = scope->s->a;
	struct node *made = NULL;
	bool new_keys = false;
	for (size_t i = 0; i < n->u.map.n; i++) {
		const struct node_pair *was = &n->u.map.v[i];
		scope->to_secrets = NULL;
		const char *key = interpolate_key(scope, was);
		scope->to_secrets = one_further(way, key);
		const struct node *now = interpolate(scope, was->value);
		scope->to_secrets = way;
		if ((now != was->value || key != was->key) && !made) {
			made = arena_new(a, struct node);
			*made = *n;
			made->u.map.cap = n->u.map.n;
			made->u.map.v = arena_array(a, n->u.map.n, sizeof *made->u.map.v);
			memcpy(made->u.map.v, n->u.map.v, n->u.map.n * sizeof *made->u.map.v);
		}
		if (!made)
			continue;
		made->u.map.v[i].value = (struct node *)now;
		made->u.map.v[i].key = key;
		new_keys = new_keys || key != was->key;
	}
	if (new_keys)
		drop_duplicates(scope->s, made);
	return made ? made : n;
}

const struct node *interpolate(struct scope *scope, const struct node *n)
{
	if (n->kind == NODE_SEQ)
		return list(scope, n);
	if (n->kind == NODE_MAP)
		return map(scope, n);
	struct scope one = one_text(scope);
	const struct node *made = scalar(&one, n);
	one_text_end(scope, &one, n->mark);
	return made;
}

const char *interpolate_text(struct scope *scope, const struct node *n)
{
	if (!n)
		return NULL;
	const struct node *made = interpolate(scope, n);
	bool text = made->kind != NODE_SEQ && made->kind != NODE_MAP && made->kind != NODE_NULL;
	return text && !state_is_wrong(scope->s, n->mark) ? made->text : NULL;
}
