#include "report/plan_json.h"

#include "base/text.h"
#include "report/textdiff.h"

static void put_str(struct arena *a, struct node *map, const char *key, const char *value)
{
	if (value)
		node_put(a, map, key, node_str(a, value));
}

static void put_count(struct arena *a, struct node *map, const char *key, size_t n)
{
	node_put(a, map, key, node_int(a, (int64_t)n));
}

static struct node *document(const struct plan_json_head *head, struct arena *a)
{
	struct node *doc = node_map(a);
	put_str(a, doc, "format_version", PLAN_JSON_VERSION);
	put_str(a, doc, "pipeline", head->pipeline);
	put_str(a, doc, "target", head->target);
	return doc;
}

/* The engine has put a word in the place of what is sensitive. */
static struct node *change(const struct field_change *c, bool has_reason, struct arena *a)
{
	static const char *const reasons[] = {"unknown", "file", "drift", "both"};
	struct node *map = node_map(a);
	put_str(a, map, "field", c->path);
	put_str(a, map, "action", c->was && c->now ? "change" : c->now ? "add" : "remove");
	node_put(a, map, "was", c->was ? (struct node *)c->was : node_null(a));
	node_put(a, map, "now", c->now ? (struct node *)c->now : node_null(a));
	if (c->field->flags & FIELD_SENSITIVE)
		node_put(a, map, "sensitive", node_bool(a, true));
	if (has_reason)
		put_str(a, map, "reason", reasons[c->reason]);
	if (c->replaces)
		node_put(a, map, "forces_replacement", node_bool(a, true));
	return map;
}

static void put_diff(const struct plan_action *x, struct node *map, struct arena *a)
{
	if (!x->old_text || !x->new_text)
		return;
	buf_auto text = {0};
	struct textdiff diff;
	textdiff_lines(x->old_text, x->new_text, a, &diff);
	textdiff_unified(&diff, &text);
	put_str(a, map, "diff", buf_str(&text));
}

static void put_members(const struct plan_action *x, struct node *map, struct arena *a)
{
	if (!x->members)
		return;
	struct node *list = node_seq(a);
	for (size_t i = 0; i < x->members->n; i++) {
		const struct zip_change *c = &x->members->v[i];
		struct node *one = node_map(a);
		put_str(a, one, "name", c->name);
		put_str(a, one, "action",
			c->sign == '+'           ? "add"
				: c->sign == '-' ? "remove"
						 : "change");
		if (c->sign != '+')
			node_put(a, one, "was", node_int(a, (int64_t)c->was));
		if (c->sign != '-')
			node_put(a, one, "now", node_int(a, (int64_t)c->now));
		node_append(a, list, one);
	}
	node_put(a, map, "members", list);
}

/* What the documents say of an action alike. */
static struct node *action(const struct plan_action *x, struct arena *a)
{
	struct node *map = node_map(a);
	put_str(a, map, "address", x->address);
	put_str(a, map, "type", resource_types[x->want ? x->want->kind : x->live->kind].name);
	put_str(a, map, "action", plan_verb_name(x->verb));
	return map;
}

static struct node *resource_change(
	const struct plan *p, const struct plan_action *x, struct arena *a)
{
	struct node *map = action(x, a), *changes = node_seq(a), *needs = node_seq(a);
	put_str(a, map, "id", x->live ? x->live->id : NULL);
	if (plan_moves(x))
		node_put(a, map, "moves", node_bool(a, true));
	put_str(a, map, "kept_by", x->kept);
	if (x->want && x->live && x->live->foreign)
		node_put(a, map, "adopts", node_bool(a, true));
	else if (x->want && x->live && !text_equal(x->live->address, x->want->address))
		put_str(a, map, "previous_address", x->live->address);
	bool compared = x->want && x->live && x->want->kind == RESOURCE_APPLICATION;
	for (size_t i = 0; i < x->changes.n; i++)
		node_append(a, changes, change(&x->changes.v[i], compared, a));
	node_put(a, map, "changes", changes);
	for (size_t i = 0; i < x->needs_n; i++)
		node_append(a, needs, node_str(a, p->v[x->needs[i]].address));
	node_put(a, map, "needs", needs);
	put_diff(x, map, a);
	put_members(x, map, a);
	return map;
}

static struct node *problems(const struct plan_problem *v, size_t n, struct arena *a)
{
	struct node *list = node_seq(a);
	for (size_t i = 0; i < n; i++) {
		struct node *map = node_map(a);
		if (v[i].kind)
			put_str(a, map, "kind", err_kind_name(v[i].kind));
		put_str(a, map, "address", v[i].address);
		put_str(a, map, "text", v[i].text);
		put_str(a, map, "hint", v[i].hint);
		node_append(a, list, map);
	}
	return list;
}

struct node *plan_json(const struct plan *p, const struct plan_json_head *head, struct arena *a)
{
	struct node *doc = document(head, a), *changes = node_seq(a), *summary = node_map(a);
	for (size_t i = 0; i < p->n; i++)
		if (p->v[i].verb != PLAN_NONE)
			node_append(a, changes, resource_change(p, &p->v[i], a));
	node_put(a, doc, "resource_changes", changes);
	put_count(a, summary, "add", p->create + p->replace);
	put_count(a, summary, "change", p->update);
	put_count(a, summary, "remove", p->remove + p->replace);
	put_count(a, summary, "adopt", p->adopt);
	put_count(a, summary, "kept", p->keep);
	put_count(a, summary, "unchanged", p->n - changes->u.seq.n);
	node_put(a, doc, "summary", summary);
	node_put(a, doc, "problems", problems(p->problems, p->problems_n, a));
	node_put(a, doc, "notes", problems(p->notes, p->notes_n, a));
	return doc;
}

static struct node *error(const struct err *err, struct arena *a)
{
	struct node *map = node_map(a);
	if (err->kind)
		put_str(a, map, "kind", err_kind_name(err->kind));
	if (err->http_status)
		node_put(a, map, "http_status", node_int(a, err->http_status));
	put_str(a, map, "code", *err->code ? err->code : NULL);
	put_str(a, map, "text", err->text);
	return map;
}

static struct node *result(
	const struct plan_action *x, const struct apply_result *r, struct arena *a)
{
	static const char *const states[] = {"nothing", "done", "failed", "skipped"};
	struct node *map = action(x, a);
	put_str(a, map, "state", states[r->state]);
	put_str(a, map, "id", r->id ? r->id : x->live && !r->removed ? x->live->id : NULL);
	if (r->state != APPLY_SKIPPED)
		node_put(a, map, "ms", node_int(a, r->ms));
	if (r->removed)
		node_put(a, map, "removed", node_bool(a, true));
	if (r->state == APPLY_FAILED && r->err->maybe_done)
		node_put(a, map, "maybe_done", node_bool(a, true));
	if (r->err)
		node_put(a, map, "error", error(r->err, a));
	return map;
}

struct node *plan_json_applied(const struct plan *p, const struct apply_result *results,
	const struct err *err, const struct plan_json_head *head, struct arena *a)
{
	struct node *doc = document(head, a), *list = node_seq(a), *summary = node_map(a);
	for (size_t i = 0; results && i < p->n; i++)
		if (results[i].state != APPLY_NOTHING)
			node_append(a, list, result(&p->v[i], &results[i], a));
	node_put(a, doc, "results", list);
	struct apply_counts n = apply_count(p, results);
	put_count(a, summary, "added", n.added);
	put_count(a, summary, "changed", n.changed);
	put_count(a, summary, "destroyed", n.destroyed);
	put_count(a, summary, "adopted", n.adopted);
	put_count(a, summary, "failed", n.failed);
	put_count(a, summary, "maybe_done", n.maybe);
	put_count(a, summary, "skipped", n.skipped);
	node_put(a, doc, "summary", summary);
	node_put(a, doc, "error", err->kind ? error(err, a) : node_null(a));
	return doc;
}
