#include "report/apply_text.h"

#include "base/text.h"
#include "report/paint.h"

static const char *const doing[] = {
	"", "creating", "updating", "replacing", "destroying", "adopting"};
static const char *const done[] = {"", "created", "updated", "replaced", "destroyed", "adopted"};
static const char *const verbs[] = {"", "create", "update", "replacement", "destroy", "adoption"};

static void address(const struct plan_action *x, bool color, struct buf *out)
{
	buf_auto text = {0};
	paint_safe(&text, x->address);
	paint_text(out, color, PAINT_BOLD, buf_str(&text));
	buf_adds(out, ": ");
}

void apply_text_begun(const struct plan_action *action, bool color, struct buf *out)
{
	address(action, color, out);
	buf_printf(out, "%s...\n", doing[action->verb]);
}

static void failure(const struct plan_action *x, const struct apply_result *r, bool color,
	size_t indent, struct buf *out)
{
	char ms[24];
	if (r->state == APPLY_FAILED) {
		buf_auto text = {0};
		buf_printf(&text, "%s failed", verbs[x->verb]);
		paint_text(out, color, PAINT_RED, buf_str(&text));
		buf_printf(out, " after %s%s: ", text_duration(r->ms, ms),
			r->removed ? " (the old one is deleted)" : "");
	}
	paint_lines(out, r->err->text, indent);
}

void apply_text_ended(const struct plan_action *action, const struct apply_result *result,
	bool color, struct buf *out)
{
	char ms[24];
	if (result->state == APPLY_NOTHING)
		return;
	address(action, color, out);
	if (result->state == APPLY_DONE) {
		const char *id = result->id ? result->id : action->live ? action->live->id : NULL;
		buf_printf(out, "%s in %s", done[action->verb], text_duration(result->ms, ms));
		if (id && !text_equal(id, action->address)) {
			buf_adds(out, " [id=");
			paint_safe(out, id);
			buf_addc(out, ']');
		}
	} else {
		failure(action, result, color, 2, out);
	}
	buf_addc(out, '\n');
}

static void list_done(
	const struct plan *p, const struct apply_result *results, bool color, struct buf *out)
{
	buf_adds(out, "\nDone:\n");
	for (size_t i = 0; i < p->n; i++) {
		if (results[i].state != APPLY_DONE)
			continue;
		buf_adds(out, "  ");
		address(&p->v[i], color, out);
		buf_printf(out, "%s\n", done[p->v[i].verb]);
	}
}

static void list_not_done(
	const struct plan *p, const struct apply_result *results, bool color, struct buf *out)
{
	buf_adds(out, "\nNot done:\n");
	for (size_t i = 0; i < p->n; i++) {
		if (results[i].state != APPLY_FAILED && results[i].state != APPLY_SKIPPED)
			continue;
		buf_adds(out, "  ");
		address(&p->v[i], color, out);
		failure(&p->v[i], &results[i], color, 4, out);
		buf_addc(out, '\n');
	}
}

static void counts(const struct apply_counts *n, bool destroy, struct buf *out)
{
	if (!destroy)
		buf_printf(out, "%zu added, %zu changed, ", n->added, n->changed);
	buf_printf(out, "%zu destroyed", n->destroyed);
	if (n->adopted)
		buf_printf(out, ", %zu adopted", n->adopted);
}

static void failures(const struct apply_counts *n, struct buf *out)
{
	buf_printf(out, "; %zu failed", n->failed);
	if (n->maybe)
		buf_printf(out, " (%zu perhaps done)", n->maybe);
	buf_printf(out, ", %zu not begun", n->skipped);
}

void apply_text_summary(const struct plan *p, const struct apply_result *results, bool destroy,
	bool color, struct buf *out)
{
	struct apply_counts n = apply_count(p, results);
	size_t ended_well = 0;
	for (size_t i = 0; results && i < p->n; i++)
		ended_well += results[i].state == APPLY_DONE;
	bool complete = results && !n.failed && !n.skipped;
	if (ended_well && !complete)
		list_done(p, results, color, out);
	if (n.failed + n.skipped)
		list_not_done(p, results, color, out);
	buf_auto head = {0};
	buf_printf(&head, "%s %s", destroy ? "Destroy" : "Apply",
		complete ? "complete!" : "incomplete.");
	buf_addc(out, '\n');
	paint_text(out, color, complete ? PAINT_GREEN : PAINT_RED, buf_str(&head));
	buf_adds(out, " Resources: ");
	counts(&n, destroy, out);
	if (!complete)
		failures(&n, out);
	buf_adds(out, ".\n");
}
