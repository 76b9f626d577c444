/* Checks of a step: that each is of one kind, and can hold. */
#include "base/regex.h"
#include "base/text.h"
#include "model/ocid.h"
#include "spec/check.h"

#include <string.h>

static const char *const KINDS[] = {"printed", "objects", "manifest", "not_logged", NULL};

/* What counts objects means nothing to the other kinds. */
static void check_counts(struct spec *s, const struct check_decl *c, const char *where)
{
	static const char *const counts[] = {
		"exists", "count", "min_count", "max_count", "min_bytes", "max_bytes", NULL};
	const struct node *objects = check_value(&c->head, "objects");
	for (const char *const *key = counts; *key; key++)
		if (!objects && check_value(&c->head, *key))
			state_error(s, check_mark(&c->head, *key), "it goes with `objects`",
				"`%s` means nothing to %s, which has no `objects`", *key, where);
}

static bool is_above(const struct opt_i64 *min, const struct opt_i64 *max)
{
	return min->set && max->set && min->v > max->v;
}

static void check_range(struct spec *s, const struct check_decl *c, const char *where)
{
	const struct opt_i64 *n = &c->count;
	bool none = c->exists.set && !c->exists.v;
	if (is_above(&c->min_count, &c->max_count) || is_above(&c->min_count, n) ||
		is_above(n, &c->max_count))
		state_error(s, check_mark(&c->head, c->max_count.set ? "max_count" : "min_count"),
			NULL, "no count fits `count`, `min_count` and `max_count` of %s", where);
	if (is_above(&c->min_bytes, &c->max_bytes))
		state_error(s, check_mark(&c->head, "max_bytes"), NULL,
			"`max_bytes` of %s is below its `min_bytes`", where);
	if (none &&
		((n->set && n->v) || (c->min_count.set && c->min_count.v) ||
			(c->min_bytes.set && c->min_bytes.v)))
		state_error(s, check_mark(&c->head, "exists"), "leave `exists` out",
			"%s wants no object, and some", where);
}

static void check_printed(struct spec *s, const struct check_decl *c, const char *where)
{
	const struct printed_check *p = c->printed;
	const struct node *at = check_value(&c->head, "printed");
	const struct node *pattern = at ? node_get(at, "matches") : NULL;
	const char *why;
	bool ignored;
	if (at && at->kind == NODE_MAP && !at->u.map.n)
		state_error(s, at->mark,
			"one or several of `contains: TEXT`, `matches: REGEX` and `json: {path: value}`",
			"`printed` of %s asks for nothing", where);
	if (p->matches && !check_waits(p->matches) &&
		!regex_matches(p->matches, REGEX_LINES, "", 0, &ignored, &why))
		state_error(s, pattern ? pattern->mark : c->head.mark, NULL, "`matches` of %s %s",
			where, why);
}

static void check_secret(struct spec *s, const char *id, struct mark at)
{
	static const char cure[] =
		"name a secret by its OCID, ocid1.vaultsecret..., or by a parameter that has it";
	struct ocid ocid;
	if (!ocid_parse(id, s->a, &ocid))
		state_error(s, at, cure, "`$<" SPEC_VAULT "%s>`: `%s` is no OCID", id, id);
	else if (!text_equal(ocid.kind, OCID_SECRET))
		state_error(s, at, cure,
			"`$<" SPEC_VAULT "%s>`: it is the OCID of %s, not of a secret", id,
			ocid_kind_doc(ocid.kind));
}

static void check_not_logged(struct spec *s, const struct check_decl *c, const char *where)
{
	const struct node *list = check_value(&c->head, "not_logged");
	for (size_t i = 0; i < c->not_logged.n; i++) {
		const char *text = c->not_logged.v[i], *id = spec_secret_named(text, s->a);
		bool there = list && list->kind == NODE_SEQ && i < list->u.seq.n;
		struct mark at = there ? list->u.seq.v[i]->mark : c->head.mark;
		bool waits = id && !strchr(id, '.') && !s->launching;
		if (!*text)
			state_error(s, at, "leave it out",
				"`not_logged` of %s has an empty text, which is in every log",
				where);
		else if (id && !waits)
			check_secret(s, id, at);
		else if (!id && strstr(text, "$<" SPEC_VAULT))
			state_error(s, at, "let the reference be the whole text",
				"`$<" SPEC_VAULT "OCID>` cannot stand inside a text");
	}
}

void check_checks(struct spec *s, const struct step_decl *step, const char *where_step)
{
	const struct check_decl *v = step->checks.v;
	for (size_t i = 0; i < step->checks.n; i++) {
		const struct check_decl *c = &v[i];
		const char *where = arena_printf(s->a, "%s.checks.%s", where_step, c->head.key);
		if (!check_one_of(s, &c->head, where, KINDS))
			state_error(s, c->head.mark,
				"one of `printed`, `objects`, `manifest` and `not_logged`",
				"%s checks nothing", where);
		check_counts(s, c, where);
		check_range(s, c, where);
		if (c->printed)
			check_printed(s, c, where);
		check_not_logged(s, c, where);
	}
}
