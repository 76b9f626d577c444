#include "report/findings.h"

#include "report/paint.h"

#include <stdio.h>
#include <string.h>

static const char *const words[] = {"ok", "warn", "fail"};

struct finding *findings_add(
	struct findings *f, enum finding_status status, const char *name, const char *fmt, ...)
{
	struct finding *made = arena_new(f->arena, struct finding);
	va_list ap;
	va_start(ap, fmt);
	*made = (struct finding){.status = status,
		.name = arena_strdup(f->arena, name),
		.text = arena_vprintf(f->arena, fmt, ap)};
	va_end(ap);
	f->v = arena_grow(f->arena, f->v, f->n, &f->cap, sizeof *f->v);
	f->v[f->n++] = made;
	f->count[status]++;
	return made;
}

static void add(struct arena *a, struct strs *to, const char *text)
{
	const char **v = arena_array(a, to->n + 1, sizeof *v);
	if (to->n)
		memcpy(v, to->v, to->n * sizeof *v);
	v[to->n] = text;
	*to = (struct strs){v, to->n + 1};
}

void finding_cure(struct findings *f, struct finding *of, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	add(f->arena, &of->cures, arena_vprintf(f->arena, fmt, ap));
	va_end(ap);
}

void finding_policy(struct findings *f, struct finding *of, const char *statement)
{
	add(f->arena, &of->policies, arena_strdup(f->arena, statement));
}

struct finding *findings_failed(struct findings *f, const char *name, const struct err *err)
{
	const char *end = strchrnul(err->text, '\n');
	struct finding *made =
		findings_add(f, FINDING_FAIL, name, "%.*s", (int)(end - err->text), err->text);
	for (const char *line = end; *line; line = end) {
		line += 1 + strspn(line + 1, " ");
		end = strchrnul(line, '\n');
		finding_cure(f, made, "%.*s", (int)(end - line), line);
	}
	return made;
}

static void put_lines(struct buf *out, const char *word, const struct strs *lines)
{
	for (size_t i = 0; i < lines->n; i++) {
		buf_printf(out, "        %-6s  ", word);
		paint_safe(out, lines->v[i]);
		buf_addc(out, '\n');
	}
}

void findings_text(const struct findings *f, bool color, struct buf *out)
{
	static const enum paint paints[] = {PAINT_GREEN, PAINT_YELLOW, PAINT_RED};
	size_t width = 0;
	for (size_t i = 0; i < f->n; i++)
		width = strlen(f->v[i]->name) > width ? strlen(f->v[i]->name) : width;
	for (size_t i = 0; i < f->n; i++) {
		const struct finding *one = f->v[i];
		paint_text(out, color, paints[one->status], words[one->status]);
		paint_spaces(out, 6 - strlen(words[one->status]));
		paint_safe(out, one->name);
		paint_spaces(out, width - strlen(one->name) + 2);
		paint_safe(out, one->text);
		buf_addc(out, '\n');
		put_lines(out, "cure", &one->cures);
		put_lines(out, "policy", &one->policies);
	}
	buf_printf(out, "\n%zu ok, %zu warning%s, %zu failure%s.\n", f->count[FINDING_OK],
		f->count[FINDING_WARN], f->count[FINDING_WARN] == 1 ? "" : "s",
		f->count[FINDING_FAIL], f->count[FINDING_FAIL] == 1 ? "" : "s");
}

static struct node *texts(const struct strs *v, struct arena *a)
{
	struct node *list = node_seq(a);
	for (size_t i = 0; i < v->n; i++)
		node_append(a, list, node_str(a, v->v[i]));
	return list;
}

struct node *findings_json(const struct findings *f, struct arena *a)
{
	struct node *doc = node_map(a), *list = node_seq(a);
	node_put(a, doc, "format_version", node_str(a, "1.0"));
	node_put(a, doc, "ok", node_int(a, (int64_t)f->count[FINDING_OK]));
	node_put(a, doc, "warnings", node_int(a, (int64_t)f->count[FINDING_WARN]));
	node_put(a, doc, "failures", node_int(a, (int64_t)f->count[FINDING_FAIL]));
	node_put(a, doc, "checks", list);
	for (size_t i = 0; i < f->n; i++) {
		const struct finding *one = f->v[i];
		struct node *n = node_map(a);
		node_put(a, n, "name", node_str(a, one->name));
		node_put(a, n, "status", node_str(a, words[one->status]));
		node_put(a, n, "text", node_str(a, one->text));
		node_put(a, n, "cures", texts(&one->cures, a));
		node_put(a, n, "policies", texts(&one->policies, a));
		node_append(a, list, n);
	}
	return doc;
}
