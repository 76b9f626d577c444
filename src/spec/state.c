#include "spec/state.h"

#include "base/text.h"
#include "spec/reference.h"

#include <stdio.h>
#include <string.h>

void state_go_on(struct spec *s, struct diags *d)
{
	s->d = d;
	s->errors = 0;
	s->chain = NULL;
	if (s->told_to == d)
		return;
	s->told = (struct map){.arena = s->a};
	s->told_to = d;
}

void state_begin(struct spec *s, const struct spec_builtins *b, struct diags *d)
{
	state_go_on(s, d);
	s->b = b ? *b : (struct spec_builtins){0};
	s->reference_nodes = 0;
	s->reference_bytes = 0;
	s->launching = false;
	s->defaults = NULL;
	s->wrong = (struct map){.arena = s->a};
	s->apps = s->archives = (struct map){0};
	s->archive_bucket = (struct map){.arena = s->a};
}

/* Whether this is the first time that it is said. */
static bool is_new(struct spec *s, struct mark at, const char *text)
{
	arena_auto scratch = {0};
	const char *key = arena_printf(
		&scratch, "%s:%u:%u:%s", at.file ? at.file : "", at.line, at.col, text);
	return map_put(&s->told, key, NULL);
}

/* same: what makes it the same mistake again; NULL: its text. */
static void tell(struct spec *s, enum diag_level level, struct mark at, const char *hint,
	const char *same, const char *fmt, va_list ap)
{
	arena_auto scratch = {0};
	const char *text = arena_vprintf(&scratch, fmt, ap);
	s->errors += level == DIAG_ERROR;
	/* What is not kept anyway needs no memory of it. */
	if (s->errors > DIAG_MAX || is_new(s, at, same ? same : text))
		diag_add(s->d, level, at, hint, "%s", text);
}

bool state_error(struct spec *s, struct mark at, const char *hint, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	tell(s, DIAG_ERROR, at, hint, NULL, fmt, ap);
	va_end(ap);
	return false;
}

void state_warning(struct spec *s, struct mark at, const char *hint, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	tell(s, DIAG_WARNING, at, hint, NULL, fmt, ap);
	va_end(ap);
}

bool state_app_error(struct spec *s, struct mark at, const char *hint, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	tell(s, DIAG_ERROR, at, hint, fmt, fmt, ap);
	va_end(ap);
	return false;
}

void state_app_warning(struct spec *s, struct mark at, const char *hint, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	tell(s, DIAG_WARNING, at, hint, fmt, fmt, ap);
	va_end(ap);
}

bool state_suggests(const struct spec *s)
{
	enum { SUGGEST_MAX = 100 };
	return s->errors < SUGGEST_MAX;
}

const char *state_nearest(struct spec *s, const char *name, const char *const *names)
{
	const char *near = text_nearest(name, names);
	return near ? arena_printf(s->a, "did you mean `%s`?", near) : NULL;
}

const char **state_keys(struct spec *s, const struct node *map)
{
	size_t n = map && map->kind == NODE_MAP && state_suggests(s) ? map->u.map.n : 0;
	const char **keys = arena_array(s->a, n + 1, sizeof *keys);
	for (size_t i = 0; i < n; i++)
		keys[i] = map->u.map.v[i].key;
	return keys;
}

const char **state_keyed_keys(struct spec *s, const struct keyed *k, size_t size, size_t head_at)
{
	size_t n = state_suggests(s) ? k->n : 0;
	const char **keys = arena_array(s->a, n + 1, sizeof *keys);
	for (size_t i = 0; i < n; i++) {
		const char *record = (const char *)k->v + i * size;
		keys[i] = ((const struct keyed_head *)(const void *)(record + head_at))->key;
	}
	return keys;
}

static const char *place_key(char out[static 32], struct mark at)
{
	snprintf(out, 32, "%u:%u", at.line, at.col);
	return out;
}

void state_mark_wrong(struct spec *s, struct mark at)
{
	char key[32];
	map_put(&s->wrong, place_key(key, at), NULL);
}

bool state_is_wrong(const struct spec *s, struct mark at)
{
	char key[32];
	return at.line && map_has(&s->wrong, place_key(key, at));
}

/* What a parameter of a sequence stands for is known when the sequence is launched. */
static bool waits(const struct spec *s, const char *path, const struct node *at)
{
	return !s->launching && text_starts(path, "sequences.") && at->kind == NODE_STR &&
		reference_in(at->text, at->len);
}

/* A value that defaults gave to many apps is wrong once: what differs is only the path to it. */
static void on_complaint(void *ctx, const char *path, const struct node *at, struct mark mark,
	bool warning, const char *text, const char *hint)
{
	struct spec *s = ctx;
	arena_auto scratch = {0};
	const char *dot = strrchr(path, '.');
	if (state_is_wrong(s, mark) || waits(s, path, at))
		return;
	const char *key = arena_printf(&scratch, "decode:%s:%u:%u:%s", mark.file ? mark.file : "",
		mark.line, mark.col, dot ? dot + 1 : path);
	bool first = s->errors > DIAG_MAX || map_put(&s->told, key, NULL);
	s->errors += !warning;
	if (!hint && text_starts(text, "unknown key"))
		hint = "remove it; `weir schema --markdown` lists what there is";
	if (first)
		diag_add(s->d, warning ? DIAG_WARNING : DIAG_ERROR, mark, hint, "%s", text);
}

bool state_decode(
	struct spec *s, const struct record *r, const struct node *n, const char *path, void *out)
{
	return field_decode(r, n, FORM_YAML, path, s->a, out, on_complaint, s);
}

bool state_decode_field(struct spec *s, const struct record *r, const char *name,
	const struct node *raw, const char *path, void *out)
{
	struct node *only = node_map(s->a);
	struct field row[2] = {*record_field(r, name), {0}};
	struct record one = {.name = r->name, .size = r->size, .fields = row};
	if (raw)
		node_add(s->a, only, name, (struct node *)raw);
	return state_decode(s, &one, only, path, out);
}
