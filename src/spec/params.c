#include "spec/params.h"

#include "base/regex.h"
#include "base/text.h"
#include "spec/reference.h"
#include "spec/yaml.h"

#include <string.h>

void params_declare(struct spec *s, struct params *p, const struct keyed *decls, const char *where)
{
	*p = (struct params){.n = decls->n, .where = where, .by_name = {.arena = s->a}};
	p->v = arena_array(s->a, decls->n, sizeof *p->v);
	const struct param_decl *decl = decls->v;
	for (size_t i = 0; i < decls->n; i++) {
		p->v[i].decl = &decl[i];
		map_put(&p->by_name, decl[i].head.key, &p->v[i]);
	}
}

void params_reset(struct params *p)
{
	for (size_t i = 0; i < p->n; i++)
		p->v[i] = (struct param){.decl = p->v[i].decl,
			.in_target = p->v[i].in_target,
			.given = p->v[i].given};
}

struct param *params_find(const struct params *p, const char *name)
{
	return map_get(&p->by_name, name);
}

void params_take_given(struct params *p, const struct spec_options *o)
{
	for (size_t i = 0; i < o->params_n; i++) {
		struct param *param = params_find(p, o->params[i].name);
		if (param)
			param->given = o->params[i].value;
	}
}

static const char *type_of(const struct param_decl *decl)
{
	return decl->type ? decl->type : "string";
}

static bool has_type(const struct param_decl *decl, const char *type)
{
	return !strcmp(type_of(decl), type);
}

static const char *shown(const struct param_decl *decl, const struct node *n)
{
	return decl->sensitive.v ? "(sensitive)" : n->text;
}

/* Whether a value has the type declared; a string may be written as any scalar. */
static bool fits_type(const struct param_decl *decl, const struct node *n)
{
	switch (n->kind) {
	case NODE_SEQ:
		return has_type(decl, "list");
	case NODE_MAP:
		return has_type(decl, "map");
	case NODE_INT:
		if (has_type(decl, "integer"))
			return true;
		/* fall through */
	case NODE_FLOAT:
		return has_type(decl, "number") || has_type(decl, "string");
	case NODE_BOOL:
		return has_type(decl, "boolean") || has_type(decl, "string");
	case NODE_STR:
		return has_type(decl, "string");
	default:
		return true;
	}
}

static const char *with_article(const char *type)
{
	return *type == 'i'                ? "an integer"
		: !strcmp(type, "list")    ? "a list"
		: !strcmp(type, "map")     ? "a map"
		: !strcmp(type, "number")  ? "a number"
		: !strcmp(type, "boolean") ? "true or false"
					   : "a string";
}

static bool check_choice(struct spec *s, const struct param_decl *decl, const struct node *n)
{
	const char **choices = arena_array(s->a, decl->choices.n + 1, sizeof *choices);
	buf_auto list = {0};
	for (size_t i = 0; i < decl->choices.n; i++) {
		choices[i] = decl->choices.v[i];
		if (!strcmp(choices[i], n->text))
			return true;
		buf_printf(&list, "%s%s", i ? ", " : "", choices[i]);
	}
	return state_error(s, n->mark, state_nearest(s, n->text, choices),
		"parameter `%s` must be one of %s, not `%s`", decl->head.key, buf_str(&list),
		shown(decl, n));
}

static bool check_pattern(struct spec *s, const struct param_decl *decl, const struct node *n)
{
	const char *why;
	bool matches;
	const struct node *at = node_get(decl->head.node, "pattern");
	if (!regex_matches(decl->pattern, REGEX_WHOLE, n->text, n->len, &matches, &why))
		return state_error(s, at ? at->mark : decl->head.mark, NULL,
			"`pattern` of parameter `%s` %s", decl->head.key, why);
	return matches ||
		state_error(s, n->mark, NULL, "parameter `%s` must match `%s`, unlike `%s`",
			decl->head.key, decl->pattern, shown(decl, n));
}

static bool check_limits(struct spec *s, const struct param_decl *decl, const struct node *n)
{
	char limit[32];
	double v = n->kind == NODE_INT ? (double)n->u.i : n->u.d;
	if (decl->minimum.set && !(v >= decl->minimum.v))
		return state_error(s, n->mark, NULL, "parameter `%s` must be at least %s, not %s",
			decl->head.key, text_number(decl->minimum.v, limit), shown(decl, n));
	if (decl->maximum.set && !(v <= decl->maximum.v))
		return state_error(s, n->mark, NULL, "parameter `%s` must be at most %s, not %s",
			decl->head.key, text_number(decl->maximum.v, limit), shown(decl, n));
	return true;
}

static bool fits(struct spec *s, const struct param_decl *decl, const struct node *n)
{
	if (n->kind == NODE_NULL)
		return true;
	if (!fits_type(decl, n))
		return state_error(s, n->mark, NULL, "parameter `%s` must be %s, not %s",
			decl->head.key, with_article(type_of(decl)), node_kind_name(n->kind));
	bool scalar = n->kind != NODE_SEQ && n->kind != NODE_MAP;
	if (decl->choices.v && scalar && !check_choice(s, decl, n))
		return false;
	if (decl->pattern && scalar && !check_pattern(s, decl, n))
		return false;
	return has_type(decl, "string") || (n->kind != NODE_INT && n->kind != NODE_FLOAT) ||
		check_limits(s, decl, n);
}

/* The value of -p: a list or map is JSON, a string is itself, the rest is what YAML makes of it. */
static const struct node *given_node(struct spec *s, const struct param *param)
{
	struct mark at = {.file = "-p"};
	struct node *n;
	struct err err;
	if (strstr(param->given, "$<" SPEC_VAULT)) {
		state_error(s, at,
			"give the OCID; `$<" SPEC_VAULT
			"PARAMETER>` in `not_logged` of a check is its value",
			"parameter `%s`: the value of a secret is in no parameter",
			param->decl->head.key);
		return NULL;
	}
	if (has_type(param->decl, "string")) {
		n = node_str(s->a, param->given);
	} else if (has_type(param->decl, "list") || has_type(param->decl, "map")) {
		n = node_from_json(s->a, param->given, strlen(param->given), &err);
		if (!n) {
			state_error(s, at, "a list or map is given as JSON", "parameter `%s`: %s",
				param->decl->head.key, err.text);
			return NULL;
		}
	} else {
		n = yaml_plain(s->a, param->given, strlen(param->given));
	}
	n->mark = at;
	return n;
}

static size_t depth_of(const struct node *n)
{
	size_t deepest = 0;
	for (size_t i = 0; n->kind == NODE_SEQ && i < n->u.seq.n; i++) {
		size_t d = depth_of(n->u.seq.v[i]);
		deepest = d > deepest ? d : deepest;
	}
	for (size_t i = 0; n->kind == NODE_MAP && i < n->u.map.n; i++) {
		size_t d = depth_of(n->u.map.v[i].value);
		deepest = d > deepest ? d : deepest;
	}
	return deepest + 1;
}

/* Resolves a value that the file has. Its references see what the parameter sees. */
static const struct node *file_node(
	struct spec *s, struct params *p, struct param *param, const struct node *raw)
{
	struct scope scope = {.s = s, .own = p == &s->params ? NULL : p};
	size_t before = s->errors;
	const struct node *n = interpolate(&scope, raw);
	param->changes = scope.changes;
	param->secret = scope.secret;
	if (s->errors != before || state_is_wrong(s, raw->mark))
		return NULL;
	if (depth_of(n) > YAML_DEPTH_MAX) {
		state_error(s, raw->mark, NULL,
			"too deep: the value of `%s` has more than %d lists and maps in each other",
			param->decl->head.key, YAML_DEPTH_MAX);
		return NULL;
	}
	return n;
}

static void keep_secret(struct spec *s, const struct param_decl *decl, const struct node *n)
{
	for (size_t i = 0; n->kind == NODE_SEQ && i < n->u.seq.n; i++)
		keep_secret(s, decl, n->u.seq.v[i]);
	for (size_t i = 0; n->kind == NODE_MAP && i < n->u.map.n; i++)
		keep_secret(s, decl, n->u.map.v[i].value);
	if (n->kind == NODE_SEQ || n->kind == NODE_MAP || !n->len)
		return;
	if (n->len < SPEC_SECRET_MIN) {
		state_error(s, n->mark, NULL,
			"the value of `%s` is too short to be kept out of what is printed: a "
			"sensitive value has at least %d characters",
			decl->head.key, SPEC_SECRET_MIN);
		return;
	}
	spec_add_secret(s, n->text);
}

static void evaluate(struct spec *s, struct params *p, struct param *param, struct mark at)
{
	struct chain link;
	const struct param_decl *decl = param->decl;
	if (!chain_enter(s, &link, decl->head.key, at)) {
		param->failed = true;
		return;
	}
	const struct node *raw =
		param->in_target ? param->in_target : node_get(decl->head.node, "default");
	const struct node *n = NULL;
	if (param->given)
		n = given_node(s, param);
	else if (raw)
		n = file_node(s, p, param, raw);
	chain_leave(s, &link);
	param->failed = param->failed || ((param->given || raw) && (!n || !fits(s, decl, n)));
	param->state = PARAM_DONE;
	if (!n || param->failed)
		return;
	if (decl->sensitive.v) {
		param->secret = decl->head.key;
		keep_secret(s, decl, n);
	}
	if (has_type(decl, "string") && n->kind != NODE_NULL && n->kind != NODE_STR) {
		struct node *text = node_str(s->a, n->text);
		text->mark = n->mark;
		n = text;
	}
	param->value = n;
}

enum lookup params_value(struct scope *scope, struct params *p, struct param *param, struct mark at,
	struct found *ret)
{
	struct spec *s = scope->s;
	if (param->state == PARAM_NEW)
		evaluate(s, p, param, at);
	if (param->failed)
		return LOOKUP_FAILED;
	if (param->changes)
		scope->changes = param->changes;
	if (param->secret)
		scope->secret = param->secret;
	ret->value = param->value;
	return param->value ? LOOKUP_VALUE : LOOKUP_NONE;
}

/* What a declaration says that cannot be. */
static void check_decl(struct spec *s, const struct param_decl *decl)
{
	bool number = has_type(decl, "integer") || has_type(decl, "number");
	const struct node *min = node_get(decl->head.node, "minimum");
	const struct node *max = node_get(decl->head.node, "maximum");
	const struct node *pattern = node_get(decl->head.node, "pattern");
	const char *why;
	bool matches;
	if (!number && (decl->minimum.set || decl->maximum.set))
		state_error(s, decl->minimum.set ? min->mark : max->mark,
			"add `type: integer` or `type: number`",
			"parameter `%s` is no number and has no range", decl->head.key);
	else if (decl->minimum.set && decl->maximum.set && decl->minimum.v > decl->maximum.v)
		state_error(s, max->mark, NULL,
			"`maximum` of parameter `%s` is below its `minimum`", decl->head.key);
	if (decl->pattern && !regex_matches(decl->pattern, REGEX_WHOLE, "", 0, &matches, &why))
		state_error(s, pattern->mark, NULL, "`pattern` of parameter `%s` %s",
			decl->head.key, why);
}

static void tell_missing(struct spec *s, const struct param *param)
{
	const char *key = param->decl->head.key;
	state_error(s, param->decl->head.mark,
		arena_printf(s->a,
			"give it with -p %s=VALUE, for a target under "
			"`targets.%s.parameters`, or with a `default`",
			key, s->target->head.key),
		"parameter `%s` is required and has no value", key);
}

void params_check_used(struct spec *s, const struct params *p)
{
	for (size_t i = 0; i < p->n; i++)
		if (p->v[i].state == PARAM_DONE && !p->v[i].failed && !p->v[i].value)
			tell_missing(s, &p->v[i]);
}

void params_check(struct spec *s, struct params *p, bool required)
{
	struct scope scope = {.s = s, .own = p == &s->params ? NULL : p};
	for (size_t i = 0; i < p->n; i++) {
		struct param *param = &p->v[i];
		struct found found;
		check_decl(s, param->decl);
		if (params_value(&scope, p, param, param->decl->head.mark, &found) == LOOKUP_NONE &&
			required)
			tell_missing(s, param);
	}
}
