#include "local/identity/policy.h"

#include "base/text.h"

#include <string.h>
#include <strings.h>

#define BIT(type) (1u << TYPE_##type)
#define WITH_WORK(type) (BIT(type) | BIT(WORK_REQUEST))
#define DATAFLOW (BIT(APPLICATION) | BIT(RUN) | BIT(POOL) | WITH_WORK(PRIVATE_ENDPOINT))
#define OBJECTS (BIT(NAMESPACE) | BIT(BUCKET) | BIT(OBJECT))

static const char *const verbs[] = {
	[VERB_INSPECT] = "inspect",
	[VERB_READ] = "read",
	[VERB_USE] = "use",
	[VERB_MANAGE] = "manage",
};
static const struct {
	const char *name;
	unsigned types;
} types[] = {
	{"all-resources", DATAFLOW | OBJECTS | BIT(COMPARTMENT) | BIT(SECRET)},
	{"dataflow-family", DATAFLOW},
	{"dataflow-application", WITH_WORK(APPLICATION)},
	{"dataflow-run", WITH_WORK(RUN)},
	{"dataflow-pool", WITH_WORK(POOL)},
	{"dataflow-private-endpoint", WITH_WORK(PRIVATE_ENDPOINT)},
	{"object-family", OBJECTS},
	{"objectstorage-namespaces", BIT(NAMESPACE)},
	{"buckets", BIT(BUCKET)},
	{"objects", BIT(OBJECT)},
	{"compartments", BIT(COMPARTMENT)},
	{"secret-family", BIT(SECRET)},
	{"secret-bundles", BIT(SECRET)},
};
enum { TYPE_NAMES = sizeof types / sizeof *types };

struct parser {
	struct arena *arena;
	struct err *err;
	const char *text, *at;
	const char *word; /* NULL at the end */
	size_t column;    /* of the word, from 1 */
	bool quoted;
};

static bool fail(const struct parser *p, const char *what, const char *cure)
{
	if (p->word)
		err_set(p->err, ERR_INVALID, "column %zu: `%s`: %s", p->column, p->word, what);
	else
		err_set(p->err, ERR_INVALID, "column %zu, at the end: %s", p->column, what);
	return err_hint(p->err, "%s", cure);
}

/* Words end at blanks; a comma is a word of its own. */
static bool next(struct parser *p)
{
	p->at += strspn(p->at, " \t\r\n");
	p->column = (size_t)(p->at - p->text) + 1;
	p->quoted = *p->at == '\'' || *p->at == '"';
	p->word = NULL;
	if (!*p->at)
		return true;
	const char *from = p->at;
	size_t n = strcspn(from, " \t\r\n,");
	if (p->quoted) {
		const char *end = strchr(from + 1, *from);
		if (!end) {
			p->word = from;
			return fail(p, "the quote is not closed", "close it");
		}
		n = (size_t)(end - ++from);
		p->at = end + 1;
	} else {
		n = n ? n : 1;
		p->at += n;
	}
	p->word = arena_strndup(p->arena, from, n);
	return true;
}

static bool is(const struct parser *p, const char *word)
{
	return p->word && !p->quoted && !strcasecmp(p->word, word);
}

static bool take(struct parser *p, const char *word, const char *form)
{
	if (!is(p, word))
		return fail(p, arena_printf(p->arena, "`%s` is expected", word), form);
	return next(p);
}

static const char FORM[] =
	"a statement is: Allow group NAME to VERB TYPE in tenancy, or: ... in compartment NAME";

static bool take_name(struct parser *p, const char *what, const char **ret)
{
	if (!p->word || (!p->quoted && !strcmp(p->word, ",")) || !*p->word)
		return fail(p, arena_printf(p->arena, "a %s's name is expected", what), FORM);
	*ret = p->word;
	return next(p);
}

static bool take_groups(struct parser *p, struct policy *ret)
{
	size_t cap = 0;
	ret->groups_at = p->column;
	for (;;) {
		ret->groups =
			arena_grow(p->arena, ret->groups, ret->groups_n, &cap, sizeof *ret->groups);
		if (is(p, "id"))
			return fail(p, "a group's OCID is not understood here", "name the group");
		if (!take_name(p, "group", &ret->groups[ret->groups_n++]))
			return false;
		if (!is(p, ","))
			return true;
		if (!next(p))
			return false;
	}
}

static bool take_subject(struct parser *p, struct policy *ret)
{
	if (is(p, "any-user"))
		return next(p);
	if (is(p, "group"))
		return next(p) && take_groups(p, ret);
	if (is(p, "dynamic-group") || is(p, "service") || is(p, "any-group") || is(p, "resource"))
		return fail(p, "weir-local knows only groups of users, and any-user",
			"leave the statement out; here runs act as the user who launched them");
	return fail(p, "`group` or `any-user` is expected", FORM);
}

static bool take_verb(struct parser *p, struct policy *ret)
{
	static const char *const names[] = {"inspect", "read", "use", "manage", NULL};
	for (unsigned v = VERB_INSPECT; v < VERBS; v++) {
		if (!is(p, verbs[v]))
			continue;
		ret->verb = v;
		return next(p);
	}
	if (p->word && *p->word == '{')
		return fail(p, "single permissions are not understood here",
			"use a verb: inspect, read, use or manage");
	const char *near = p->word ? text_nearest(p->word, names) : NULL;
	return fail(p, "a verb is expected",
		near ? arena_printf(p->arena, "did you mean `%s`?", near)
		     : "the verbs are inspect, read, use and manage");
}

static bool take_type(struct parser *p, struct policy *ret)
{
	const char *names[TYPE_NAMES + 1] = {NULL}, *list = "";
	for (size_t i = 0; i < TYPE_NAMES; i++) {
		names[i] = types[i].name;
		list = arena_printf(p->arena, "%s%s%s", list, i ? ", " : "", types[i].name);
		if (!is(p, types[i].name))
			continue;
		ret->types = types[i].types;
		return next(p);
	}
	const char *near = p->word ? text_nearest(p->word, names) : NULL;
	return fail(p, "a type of resource that weir-local has is expected",
		near ? arena_printf(p->arena, "did you mean `%s`?", near)
		     : arena_printf(p->arena, "the types are %s", list));
}

static bool take_place(struct parser *p, struct policy *ret)
{
	ret->compartment_at = p->column;
	if (is(p, "tenancy"))
		return next(p);
	if (!is(p, "compartment"))
		return fail(p, "`tenancy` or `compartment` is expected", FORM);
	if (!next(p) || (is(p, "id") && !next(p)))
		return false;
	ret->compartment_at = p->column;
	return take_name(p, "compartment", &ret->compartment);
}

static bool take_end(struct parser *p)
{
	if (!p->word)
		return true;
	if (is(p, "where"))
		return fail(p, "conditions are not understood here",
			"leave `where` and what follows out, or the statement");
	return fail(p, "the statement should end here", FORM);
}

static bool take_start(struct parser *p)
{
	if (is(p, "define") || is(p, "endorse") || is(p, "admit") || is(p, "deny"))
		return fail(p, "weir-local knows only Allow statements",
			"leave it out; tenancies see nothing of each other");
	return take(p, "allow", FORM);
}

bool policy_parse(const char *text, struct arena *a, struct policy *ret, struct err *err)
{
	struct parser p = {.arena = a, .err = err, .text = text, .at = text};
	struct policy policy = {.groups = NULL};
	if (!next(&p) || !take_start(&p) || !take_subject(&p, &policy) || !take(&p, "to", FORM) ||
		!take_verb(&p, &policy) || !take_type(&p, &policy) || !take(&p, "in", FORM) ||
		!take_place(&p, &policy) || !take_end(&p))
		return false;
	*ret = policy;
	return true;
}
