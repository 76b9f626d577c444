#include "report/plan_text.h"

#include "base/text.h"
#include "report/paint.h"
#include "report/textdiff.h"

#include <string.h>

enum { MEMBERS_SHOWN = 200 };

struct page {
	struct buf *out;
	bool color;
	struct arena arena;
};

static enum paint paint_of(const char *symbol)
{
	return *symbol == '+'    ? PAINT_GREEN
		: *symbol == '~' ? PAINT_YELLOW
		: *symbol == '<' ? PAINT_CYAN
				 : PAINT_RED;
}

/* "-/+" as two colors, since it is two things. */
static void symbol(struct page *p, const char *text)
{
	if (!strcmp(text, "-/+")) {
		paint_text(p->out, p->color, PAINT_RED, "-");
		buf_addc(p->out, '/');
		paint_text(p->out, p->color, PAINT_GREEN, "+");
		return;
	}
	paint_text(p->out, p->color, paint_of(text), text);
}

static void scalar(struct buf *out, const struct node *n)
{
	char number[32];
	buf_auto json = {0};
	if (n->kind == NODE_FLOAT)
		buf_adds(&json, text_number(n->u.d, number));
	else
		node_to_json(n, NODE_JSON_COMPACT, &json);
	paint_safe_n(out, buf_str(&json), json.len);
}

static void value(struct buf *out, const struct node *n)
{
	if (n->kind == NODE_SEQ) {
		buf_addc(out, '[');
		for (size_t i = 0; i < n->u.seq.n; i++) {
			buf_adds(out, i ? ", " : "");
			value(out, n->u.seq.v[i]);
		}
		buf_addc(out, ']');
	} else if (n->kind == NODE_MAP) {
		buf_addc(out, '{');
		for (size_t i = 0; i < n->u.map.n; i++) {
			buf_adds(out, i ? ", \"" : "\"");
			paint_safe(out, n->u.map.v[i].key);
			buf_adds(out, "\": ");
			value(out, n->u.map.v[i].value);
		}
		buf_addc(out, '}');
	} else {
		scalar(out, n);
	}
}

static void changed_value(struct page *p, const struct field_change *c, const struct node *n)
{
	if (c->field->flags & FIELD_SENSITIVE)
		buf_adds(p->out, "(sensitive)");
	else
		value(p->out, n);
}

static size_t widest(const struct field_changes *changes)
{
	size_t width = 0;
	for (size_t i = 0; i < changes->n; i++) {
		size_t n = strlen(changes->v[i].path);
		width = n > width ? n : width;
	}
	return width;
}

/* What is worth saying of a change behind its values: nothing where only the file changed. */
static void remark(struct page *p, const struct field_change *c)
{
	static const char *const whose[] = {[FIELD_BY_OTHERS] = "changed outside of weir",
		[FIELD_BY_BOTH] = "changed in the file and outside of weir"};
	const char *outside = c->reason >= FIELD_BY_OTHERS ? whose[c->reason] : NULL;
	if (c->replaces)
		paint_text(p->out, p->color, PAINT_RED, " # forces replacement");
	if (outside)
		buf_printf(p->out, "%s %s", c->replaces ? "," : " #", outside);
}

/* "      ~ num_executors = 1 -> 2" */
static void change(struct page *p, const struct field_change *c, size_t width)
{
	buf_adds(p->out, "      ");
	symbol(p, c->was && c->now ? "~" : c->now ? "+" : "-");
	buf_addc(p->out, ' ');
	size_t before = p->out->len;
	paint_safe(p->out, c->path);
	size_t n = p->out->len - before;
	paint_spaces(p->out, n < width ? width - n : 0);
	buf_adds(p->out, " = ");
	if (c->was)
		changed_value(p, c, c->was);
	if (c->was && c->now)
		buf_adds(p->out, " -> ");
	if (c->now)
		changed_value(p, c, c->now);
	if (!c->now)
		buf_adds(p->out, " -> null");
	remark(p, c);
	buf_addc(p->out, '\n');
}

static bool is_changed(const struct field_changes *changes, const char *name)
{
	for (size_t i = 0; i < changes->n; i++)
		if (!strcmp(changes->v[i].field->name, name))
			return true;
	return false;
}

/* How many attributes of a live application have a value and keep it. */
static void hidden(struct page *p, const struct plan_action *x)
{
	if (!x->live || !x->want || x->want->kind != RESOURCE_APPLICATION)
		return;
	size_t n = 0;
	const struct node *all =
		field_encode(&application_record, x->live->app, FORM_YAML, &p->arena);
	for (size_t i = 0; i < all->u.map.n; i++)
		n += !node_is_empty(all->u.map.v[i].value) &&
			!is_changed(&x->changes, all->u.map.v[i].key);
	if (n)
		buf_printf(p->out, "        # (%zu unchanged attribute%s hidden)\n", n,
			n == 1 ? "" : "s");
}

static void text_change(struct page *p, const struct plan_action *x)
{
	if (!x->old_text || !x->new_text)
		return;
	struct textdiff diff;
	textdiff_lines(x->old_text, x->new_text, &p->arena, &diff);
	if (diff.too_many)
		buf_printf(p->out, "\n        %zu lines differ\n", diff.too_many);
	else if (diff.n)
		buf_addc(p->out, '\n');
	for (size_t i = 0; i < diff.n; i++) {
		const struct textdiff_line *line = &diff.v[i];
		buf_auto text = {0};
		if (line->sign != '@')
			buf_addc(&text, line->sign);
		text_escape(&text, line->text, line->len, true);
		paint_spaces(p->out, 8);
		paint_text(p->out, p->color,
			line->sign == '-'           ? PAINT_RED
				: line->sign == '+' ? PAINT_GREEN
				: line->sign == '@' ? PAINT_CYAN
						    : PAINT_PLAIN,
			buf_str(&text));
		buf_addc(p->out, '\n');
		if (line->no_newline)
			buf_adds(p->out, "        \\ No newline at end of file\n");
	}
}

static void member(struct page *p, const struct zip_change *c)
{
	char was[16], now[16], sign[2] = {c->sign};
	paint_spaces(p->out, 8);
	symbol(p, sign);
	buf_addc(p->out, ' ');
	paint_safe(p->out, c->name);
	text_bytes(c->was, was);
	text_bytes(c->now, now);
	buf_printf(p->out, " (%s%s%s)\n", c->sign == '+' ? now : was, c->sign == '~' ? " -> " : "",
		c->sign == '~' ? now : "");
}

/* The members of an archive that differ. */
static void members(struct page *p, const struct plan_action *x)
{
	const struct zip_diff *d = x->members;
	size_t shown = d && d->n > MEMBERS_SHOWN ? MEMBERS_SHOWN : d ? d->n : 0;
	if (!d)
		return;
	buf_addc(p->out, '\n');
	for (size_t i = 0; i < shown; i++)
		member(p, &d->v[i]);
	if (shown < d->n || d->unchanged)
		paint_spaces(p->out, 8);
	if (shown < d->n)
		buf_printf(p->out, "# (%zu more members differ, %zu unchanged)\n", d->n - shown,
			d->unchanged);
	else if (d->unchanged)
		buf_printf(p->out, "# (%zu unchanged member%s hidden)\n", d->unchanged,
			d->unchanged == 1 ? "" : "s");
}

static const char *what_happens(const struct plan_action *x)
{
	static const char *const texts[PLAN_VERBS] = {"", "will be created",
		"will be updated in-place", "must be replaced", "will be destroyed",
		"will be adopted (tags only)", "is kept: protected"};
	if (plan_moves(x))
		return x->changes.n > 1 ? "will be updated in-place and moved" : "will be moved";
	return texts[x->verb];
}

/* Before it was renamed, or taken over. */
static void former(struct page *p, const struct plan_action *x)
{
	if (!x->live || !x->want || x->verb == PLAN_ADOPT)
		return;
	if (x->live->foreign) {
		buf_adds(p->out, " (adopted)");
	} else if (strcmp(x->live->address, x->want->address)) {
		buf_adds(p->out, " (was ");
		paint_safe(p->out, x->live->address);
		buf_addc(p->out, ')');
	}
}

static const char *name_of(const struct resource *r)
{
	switch (r->kind) {
	case RESOURCE_BUCKET:
		return r->bucket->name;
	case RESOURCE_OBJECT:
		return r->object->name;
	case RESOURCE_APPLICATION:
	case RESOURCE_KINDS:
		break;
	}
	return r->app->display_name;
}

static void heading(struct page *p, const struct plan_action *x)
{
	buf_auto head = {0};
	buf_adds(&head, "# ");
	paint_safe(&head, x->address);
	buf_adds(p->out, "  ");
	paint_text(p->out, p->color, PAINT_BOLD, buf_str(&head));
	buf_printf(p->out, " %s", what_happens(x));
	former(p, x);
	if (x->verb == PLAN_KEEP) {
		buf_adds(p->out, " (");
		paint_safe(p->out, x->kept);
		buf_addc(p->out, ')');
	}
	buf_addc(p->out, '\n');
}

static void block(struct page *p, const struct plan_action *x)
{
	const struct resource *r = x->want ? x->want : x->live;
	heading(p, x);
	if (x->verb == PLAN_KEEP) {
		buf_addc(p->out, '\n');
		return;
	}
	paint_spaces(p->out, 3 - strlen(plan_verb_symbol(x->verb)));
	symbol(p, plan_verb_symbol(x->verb));
	buf_printf(p->out, " %s \"", resource_types[r->kind].name);
	paint_safe(p->out, name_of(r));
	buf_adds(p->out, "\" {\n");
	size_t width = widest(&x->changes);
	for (size_t i = 0; i < x->changes.n; i++)
		change(p, &x->changes.v[i], width);
	if (x->verb == PLAN_DELETE) {
		buf_adds(p->out, "      ");
		symbol(p, "-");
		buf_adds(p->out, " id = \"");
		paint_safe(p->out, x->live->id);
		buf_adds(p->out, "\" -> null\n");
	}
	hidden(p, x);
	text_change(p, x);
	members(p, x);
	buf_adds(p->out, "    }\n\n");
}

void plan_text_summary(const struct plan *p, bool color, struct buf *out)
{
	if (!plan_changes(p) && !p->problems_n) {
		paint_text(out, color, PAINT_GREEN, "No changes.");
		buf_adds(out, " Your infrastructure matches the configuration");
		if (p->adopt)
			buf_printf(out, ", %zu to adopt", p->adopt);
		if (p->keep)
			buf_printf(out, ", but for %zu kept: protected", p->keep);
		buf_adds(out, ".\n");
		return;
	}
	paint_text(out, color, PAINT_BOLD, "Plan:");
	buf_printf(out, " %zu to add, %zu to change, %zu to destroy", p->create + p->replace,
		p->update, p->remove + p->replace);
	if (p->adopt)
		buf_printf(out, ", %zu to adopt", p->adopt);
	if (p->keep)
		buf_printf(out, "; %zu kept: protected", p->keep);
	buf_adds(out, ".\n");
}

void plan_text(const struct plan *p, bool color, struct buf *out)
{
	struct page page = {.out = out, .color = color};
	for (size_t i = 0; i < p->n; i++)
		if (p->v[i].verb != PLAN_NONE)
			block(&page, &p->v[i]);
	arena_clear(&page.arena);
	plan_text_summary(p, color, out);
}

void plan_text_problem(const struct plan_problem *x, struct buf *out)
{
	if (x->address) {
		paint_safe(out, x->address);
		buf_adds(out, ": ");
	}
	paint_lines(out, x->text, 2);
	if (x->hint) {
		buf_adds(out, "\n  ");
		paint_lines(out, x->hint, 2);
	}
}
