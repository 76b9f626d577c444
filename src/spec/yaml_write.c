#include "spec/yaml_write.h"

#include "base/text.h"
#include "spec/yaml.h"

#include <stdlib.h>
#include <strings.h>
#include <yaml.h>

/* A map of so few numbers stands in one line: {ocpus: 1, memory_in_gbs: 16}. */
enum { INLINE_MAX = 4 };

static int on_bytes(void *ctx, unsigned char *bytes, size_t n)
{
	return buf_add(ctx, bytes, n);
}

/* libyaml fails for want of memory, or when it is used wrongly. */
static void emit(yaml_emitter_t *e, yaml_event_t *event, int made)
{
	if (!made || !yaml_emitter_emit(e, event))
		abort();
}

/* What readers of YAML 1.1 take for a boolean, null, a merge or a default. */
static bool is_word(const char *s)
{
	static const char *const words[] = {
		"y", "n", "yes", "no", "on", "off", "true", "false", "null", "~", "<<", "=", NULL};
	for (const char *const *w = words; *w; w++)
		if (!strcasecmp(s, *w))
			return true;
	return false;
}

/* 3.5.0: a number, date or time to no reader. */
static bool is_version(const char *s)
{
	size_t dots = 0;
	for (const char *c = s; *c; c++)
		dots += *c == '.';
	return strspn(s, "0123456789.") == strlen(s) && dots == 2 && *s != '.';
}

/* -x and --day: no number, and no entry of a list. */
static bool is_option(const char *s)
{
	s += strspn(s, "-") <= 2 ? strspn(s, "-") : 0;
	return (*s >= 'a' && *s <= 'z') || (*s >= 'A' && *s <= 'Z');
}

/* Whether it is no number, date or time in YAML 1.1 either: those begin with a digit, a sign or a dot. */
static bool plain_ok(struct arena *a, const char *s)
{
	if (!*s || is_word(s) || yaml_plain(a, s, strlen(s))->kind != NODE_STR)
		return false;
	return !strchr("0123456789+-.", *s) || is_version(s) || is_option(s);
}

/* Line breaks, those of Unicode too: a double-quoted text has them as escapes, and is one line. */
static bool has_break(const char *s)
{
	return strpbrk(s, "\n\r") || strstr(s, "\xc2\x85") || strstr(s, "\xe2\x80\xa8") ||
		strstr(s, "\xe2\x80\xa9");
}

static yaml_scalar_style_t style_of(const char *s)
{
	arena_auto scratch = {0};
	if (has_break(s))
		return YAML_DOUBLE_QUOTED_SCALAR_STYLE;
	return plain_ok(&scratch, s) ? YAML_PLAIN_SCALAR_STYLE : YAML_SINGLE_QUOTED_SCALAR_STYLE;
}

static void put_scalar(yaml_emitter_t *e, const char *text, yaml_scalar_style_t style)
{
	yaml_event_t event;
	emit(e, &event,
		yaml_scalar_event_initialize(&event, NULL, NULL, (const yaml_char_t *)text,
			(int)strlen(text), 1, 1, style));
}

static bool is_inline(const struct node *map)
{
	bool all = map->u.map.n <= INLINE_MAX;
	for (size_t i = 0; i < map->u.map.n && all; i++) {
		enum node_kind kind = map->u.map.v[i].value->kind;
		all = kind == NODE_INT || kind == NODE_FLOAT || kind == NODE_BOOL;
	}
	return all;
}

static void put(yaml_emitter_t *e, const struct node *n);

static void put_map(yaml_emitter_t *e, const struct node *n, bool outermost)
{
	yaml_event_t event;
	emit(e, &event,
		yaml_mapping_start_event_initialize(&event, NULL, NULL, 1,
			!outermost && is_inline(n) ? YAML_FLOW_MAPPING_STYLE
						   : YAML_BLOCK_MAPPING_STYLE));
	for (size_t i = 0; i < n->u.map.n; i++) {
		put_scalar(e, n->u.map.v[i].key, style_of(n->u.map.v[i].key));
		put(e, n->u.map.v[i].value);
	}
	emit(e, &event, yaml_mapping_end_event_initialize(&event));
}

static void put_seq(yaml_emitter_t *e, const struct node *n)
{
	yaml_event_t event;
	emit(e, &event,
		yaml_sequence_start_event_initialize(
			&event, NULL, NULL, 1, YAML_BLOCK_SEQUENCE_STYLE));
	for (size_t i = 0; i < n->u.seq.n; i++)
		put(e, n->u.seq.v[i]);
	emit(e, &event, yaml_sequence_end_event_initialize(&event));
}

static void put(yaml_emitter_t *e, const struct node *n)
{
	switch (n->kind) {
	case NODE_MAP:
		put_map(e, n, false);
		return;
	case NODE_SEQ:
		put_seq(e, n);
		return;
	case NODE_NULL:
		put_scalar(e, "null", YAML_PLAIN_SCALAR_STYLE);
		return;
	case NODE_STR:
		put_scalar(e, n->text, style_of(n->text));
		return;
	default:
		put_scalar(e, n->text, YAML_PLAIN_SCALAR_STYLE);
	}
}

static void put_document(const struct node *map, struct buf *out)
{
	yaml_emitter_t e;
	yaml_event_t event;
	if (!yaml_emitter_initialize(&e))
		abort();
	yaml_emitter_set_output(&e, on_bytes, out);
	yaml_emitter_set_unicode(&e, 1);
	yaml_emitter_set_width(&e, -1);
	emit(&e, &event, yaml_stream_start_event_initialize(&event, YAML_UTF8_ENCODING));
	emit(&e, &event, yaml_document_start_event_initialize(&event, NULL, NULL, NULL, 1));
	put_map(&e, map, true);
	emit(&e, &event, yaml_document_end_event_initialize(&event, 1));
	emit(&e, &event, yaml_stream_end_event_initialize(&event));
	yaml_emitter_delete(&e);
}

static void put_lines(struct buf *out, int column, const char *before, const char *text)
{
	for (const char *line = text, *end; *line; line = *end ? end + 1 : end) {
		end = strchrnul(line, '\n');
		buf_printf(out, "%*s%s%.*s\n", column, "", before, (int)(end - line), line);
	}
}

void yaml_write(struct buf *out, int column, const char *key, const struct node *value)
{
	struct node_pair pair = {.key = key, .value = (struct node *)value};
	struct node map = {.kind = NODE_MAP, .u.map = {.v = &pair, .n = 1}};
	buf_auto text = {0};
	put_document(&map, &text);
	put_lines(out, column, "", buf_str(&text));
}

void yaml_write_comment(struct buf *out, int column, const char *text)
{
	buf_auto safe = {0};
	text_escape(&safe, text, strlen(text), true);
	/* U+FFFE and U+FFFF, which YAML has nowhere, become U+FFFD. */
	for (char *at = safe.data; at && (at = strstr(at, "\xef\xbf")); at += 2)
		if (at[2] == '\xbe' || at[2] == '\xbf')
			at[2] = '\xbd';
	put_lines(out, column, "# ", buf_str(&safe));
}

const char *yaml_literal(struct arena *a, const char *text)
{
	if (!strstr(text, "$<"))
		return text;
	buf_auto b = {0};
	for (const char *c = text; *c; c++) {
		if (c[0] == '$' && c[1] == '<')
			buf_addc(&b, '$');
		buf_addc(&b, *c);
	}
	return arena_strdup(a, buf_str(&b));
}

struct node *yaml_literals(struct arena *a, const struct node *n)
{
	struct node *made = arena_new(a, struct node);
	*made = *n;
	if (n->kind == NODE_STR)
		return node_str(a, yaml_literal(a, n->text));
	if (n->kind == NODE_SEQ) {
		made = node_seq(a);
		for (size_t i = 0; i < n->u.seq.n; i++)
			node_append(a, made, yaml_literals(a, n->u.seq.v[i]));
	}
	if (n->kind == NODE_MAP) {
		made = node_map(a);
		for (size_t i = 0; i < n->u.map.n; i++)
			node_add(a, made, yaml_literal(a, n->u.map.v[i].key),
				yaml_literals(a, n->u.map.v[i].value));
	}
	return made;
}
