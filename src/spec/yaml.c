#include "spec/yaml.h"

#include "base/map.h"
#include "base/text.h"

#include <string.h>
#include <yaml.h>

/* An anchor: its node, and how many values it stands for. */
struct anchor {
	struct node *node;
	size_t size;
	bool open; /* its end has not been read */
};

/* A list or map whose end has not been read. */
struct frame {
	struct node *node;
	struct anchor *anchor;
	size_t before; /* values counted when it began */
	bool has_key;
	struct node_pair pending; /* the key that waits for its value */
	bool merging;             /* the key is a merge key */
	struct node_pair *merges;
	size_t merges_n, merges_cap;
	struct map *keys; /* key to index + 1; NULL while they are few */
};

struct parse {
	yaml_parser_t yaml;
	const char *file;
	struct arena *a;
	struct arena scratch;
	struct diags *d;
	struct map anchors;
	struct frame stack[YAML_DEPTH_MAX];
	size_t depth;
	size_t written, aliased;
	struct node *root;
	bool ended;
	bool wrong;
};

enum { FEW_KEYS = 16 };

static struct mark mark_of(const struct parse *p, yaml_mark_t from, yaml_mark_t to)
{
	struct mark m = {.file = p->file,
		.line = (unsigned)from.line + 1,
		.col = (unsigned)from.column + 1,
		.len = 1};
	if (from.line == to.line && to.column > from.column)
		m.len = (unsigned)(to.column - from.column);
	return m;
}

static struct mark event_mark(const struct parse *p, const yaml_event_t *e)
{
	bool whole = e->type == YAML_SCALAR_EVENT || e->type == YAML_ALIAS_EVENT;
	return mark_of(p, e->start_mark, whole ? e->end_mark : e->start_mark);
}

/* A mistake after which reading goes on; what it made wrong is in the nodes only for its places. */
#define mistake(p, mark, hint, ...)                                        \
	do {                                                               \
		diag_add((p)->d, DIAG_ERROR, (mark), (hint), __VA_ARGS__); \
		(p)->wrong = true;                                         \
	} while (0)

/* A mistake after which it does not. */
#define give_up(p, mark, hint, ...) \
	(mistake_and_stop(p), diag_add((p)->d, DIAG_ERROR, (mark), (hint), __VA_ARGS__), false)

static void mistake_and_stop(struct parse *p)
{
	p->wrong = true;
	p->ended = true;
}

static const char *first_place(struct parse *p, struct mark m)
{
	return arena_printf(p->a, "the first is at %u:%u; keep one", m.line, m.col);
}

/* Where the key is in the map; NULL if it is new. */
static const struct node_pair *find_key(struct parse *p, struct frame *f, const char *key)
{
	const struct node *n = f->node;
	if (f->keys) {
		size_t i = (size_t)map_get(f->keys, key);
		return i ? &n->u.map.v[i - 1] : NULL;
	}
	for (size_t i = 0; i < n->u.map.n; i++)
		if (!strcmp(n->u.map.v[i].key, key))
			return &n->u.map.v[i];
	if (n->u.map.n < FEW_KEYS)
		return NULL;
	f->keys = arena_new(&p->scratch, struct map);
	f->keys->arena = &p->scratch;
	for (size_t i = 0; i < n->u.map.n; i++)
		map_put(f->keys, n->u.map.v[i].key, (void *)(i + 1));
	return NULL;
}

static void add_pair(struct parse *p, struct frame *f, struct node_pair pair)
{
	struct node *n = f->node;
	n->u.map.v = arena_grow(p->a, n->u.map.v, n->u.map.n, &n->u.map.cap, sizeof pair);
	n->u.map.v[n->u.map.n++] = pair;
	if (f->keys)
		map_put(f->keys, pair.key, (void *)n->u.map.n);
}

static void take_merge(struct parse *p, struct frame *f, struct node_pair pair)
{
	if (f->merges_n)
		mistake(p, pair.key_mark, first_place(p, f->merges[0].key_mark),
			"duplicate key `<<`");
	f->merges =
		arena_grow(&p->scratch, f->merges, f->merges_n, &f->merges_cap, sizeof *f->merges);
	f->merges[f->merges_n++] = pair;
}

/* A value where the innermost list or map wants one, or the root. */
static void put_value(struct parse *p, struct node *value)
{
	if (!p->depth) {
		p->root = value;
		return;
	}
	struct frame *f = &p->stack[p->depth - 1];
	if (f->node->kind == NODE_SEQ) {
		node_append(p->a, f->node, value);
		return;
	}
	struct node_pair pair = f->pending;
	pair.value = value;
	f->has_key = false;
	if (f->merging) {
		take_merge(p, f, pair);
		return;
	}
	const struct node_pair *first = find_key(p, f, pair.key);
	if (first)
		mistake(p, pair.key_mark, first_place(p, first->key_mark), "duplicate key `%s`",
			pair.key);
	else
		add_pair(p, f, pair);
}

static bool wants_key(const struct parse *p)
{
	const struct frame *f = p->depth ? &p->stack[p->depth - 1] : NULL;
	return f && f->node->kind == NODE_MAP && !f->has_key;
}

static void put_key(struct parse *p, const char *key, size_t len, struct mark mark, bool merging)
{
	struct frame *f = &p->stack[p->depth - 1];
	f->pending = (struct node_pair){.key = arena_strndup(p->a, key, len), .key_mark = mark};
	f->has_key = true;
	f->merging = merging;
}

/* What `map` has and the frame's map has not. */
static void merge_map(struct parse *p, struct frame *f, const struct node *map)
{
	for (size_t i = 0; i < map->u.map.n; i++)
		if (!find_key(p, f, map->u.map.v[i].key))
			add_pair(p, f, map->u.map.v[i]);
}

static void merge_value(struct parse *p, struct frame *f, const struct node *value)
{
	bool list = value->kind == NODE_SEQ;
	for (size_t i = 0; list && i < value->u.seq.n; i++) {
		if (value->u.seq.v[i]->kind == NODE_MAP)
			merge_map(p, f, value->u.seq.v[i]);
		else
			mistake(p, value->u.seq.v[i]->mark, NULL, "`<<` takes maps, not %s",
				node_kind_name(value->u.seq.v[i]->kind));
	}
	if (value->kind == NODE_MAP)
		merge_map(p, f, value);
	else if (!list)
		mistake(p, value->mark, "write it as `<<: *name`",
			"`<<` takes a map or a list of maps, not %s", node_kind_name(value->kind));
}

/* Counts n values more: those of an alias, or one that is written. */
static bool count(struct parse *p, size_t *counter, size_t n, size_t max, struct mark at)
{
	*counter += n;
	if (*counter <= max)
		return true;
	if (counter == &p->aliased)
		return give_up(p, at, "write out less by aliases",
			"too large: the aliases stand for more than %zu values", max);
	return give_up(
		p, at, "split it into several pipelines", "too large: more than %zu values", max);
}

static bool count_written(struct parse *p, struct mark at)
{
	return count(p, &p->written, 1, YAML_NODES_MAX, at);
}

static struct anchor *put_anchor(struct parse *p, const yaml_char_t *name, struct node *node)
{
	if (!name)
		return NULL;
	struct anchor *anchor = arena_new(&p->scratch, struct anchor);
	*anchor = (struct anchor){.node = node, .size = 1};
	map_put(&p->anchors, (const char *)name, anchor);
	return anchor;
}

static bool begin(struct parse *p, struct node *node, const yaml_char_t *anchor, struct mark at)
{
	if (p->depth == YAML_DEPTH_MAX)
		return give_up(p, at, NULL, "too deep: more than %d lists and maps in each other",
			YAML_DEPTH_MAX);
	if (wants_key(p))
		return give_up(
			p, at, NULL, "a key must be a scalar, not %s", node_kind_name(node->kind));
	if (!count_written(p, at))
		return false;
	node->mark = at;
	struct frame *f = &p->stack[p->depth++];
	*f = (struct frame){.node = node, .before = p->written + p->aliased};
	f->anchor = put_anchor(p, anchor, node);
	if (f->anchor)
		f->anchor->open = true;
	return true;
}

static bool end(struct parse *p)
{
	struct frame *f = &p->stack[p->depth - 1];
	for (size_t i = 0; i < f->merges_n; i++)
		merge_value(p, f, f->merges[i].value);
	if (f->anchor) {
		f->anchor->open = false;
		f->anchor->size = p->written + p->aliased - f->before + 1;
	}
	struct node *node = f->node;
	p->depth--;
	put_value(p, node);
	return true;
}

static const char *nearest_anchor(struct parse *p, const char *name)
{
	const char **names = arena_array(&p->scratch, p->anchors.n + 1, sizeof *names);
	for (size_t i = 0; i < p->anchors.n; i++)
		names[i] = p->anchors.v[i].key;
	const char *near = text_nearest(name, names);
	return near ? arena_printf(p->a, "did you mean `*%s`?", near) : NULL;
}

static bool on_alias(struct parse *p, const yaml_event_t *e)
{
	const char *name = (const char *)e->data.alias.anchor;
	struct mark at = event_mark(p, e);
	const struct anchor *anchor = map_get(&p->anchors, name);
	if (!anchor)
		return give_up(
			p, at, nearest_anchor(p, name), "no anchor `&%s` before this alias", name);
	if (anchor->open)
		return give_up(
			p, at, NULL, "alias `*%s` inside its own anchor: it has no end", name);
	if (wants_key(p)) {
		if (anchor->node->kind == NODE_SEQ || anchor->node->kind == NODE_MAP)
			return give_up(p, at, NULL, "a key must be a scalar, not %s",
				node_kind_name(anchor->node->kind));
		put_key(p, anchor->node->text, anchor->node->len, at, false);
		return true;
	}
	if (!count(p, &p->aliased, anchor->size, YAML_ALIASED_MAX, at))
		return false;
	put_value(p, anchor->node);
	return true;
}

#define TAG_PREFIX "tag:yaml.org,2002:"

/* The kind that a tag such as !!int asks for, in short; "" for none or "!", NULL for one that is not known. */
static const char *tag_name(const yaml_char_t *tag)
{
	const char *s = (const char *)tag;
	if (!s || !*s)
		return "";
	if (!strcmp(s, "!"))
		return "str";
	return text_starts(s, TAG_PREFIX) ? s + strlen(TAG_PREFIX) : NULL;
}

static bool tag_wrong(struct parse *p, const yaml_char_t *tag, struct mark at)
{
	mistake(p, at, "remove the tag", "tag `%s` is not one of the core schema", tag);
	return true;
}

static struct node *string_node(struct parse *p, const char *text, size_t len)
{
	struct node *n = arena_new(p->a, struct node);
	n->kind = NODE_STR;
	n->text = arena_strndup(p->a, text, len);
	n->len = len;
	return n;
}

/* A scalar whose tag is one of the core schema's, or has none. */
static struct node *scalar_node(struct parse *p, const yaml_event_t *e, struct mark at)
{
	const char *text = (const char *)e->data.scalar.value;
	size_t len = e->data.scalar.length;
	const char *tag = tag_name(e->data.scalar.tag);
	bool plain = e->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
	if (tag && (!strcmp(tag, "str") || (!*tag && !plain)))
		return string_node(p, text, len);
	struct node *n = yaml_plain(p->a, text, len);
	if (tag && !*tag)
		return n;
	static const struct {
		const char *tag;
		enum node_kind kind;
	} kinds[] = {
		{"null", NODE_NULL}, {"bool", NODE_BOOL}, {"int", NODE_INT}, {"float", NODE_FLOAT}};
	for (size_t i = 0; tag && i < sizeof kinds / sizeof *kinds; i++) {
		if (strcmp(tag, kinds[i].tag))
			continue;
		if (kinds[i].kind == NODE_FLOAT && n->kind == NODE_INT) {
			n->kind = NODE_FLOAT;
			n->u.d = (double)n->u.i;
		}
		if (n->kind != kinds[i].kind)
			mistake(p, at, NULL, "`%s` is not %s, as its tag says", n->text,
				node_kind_name(kinds[i].kind));
		return n;
	}
	tag_wrong(p, e->data.scalar.tag, at);
	return n;
}

/* A key is its text, whatever its tag; it is a node only where an anchor asks for one. */
static void on_key(struct parse *p, const yaml_event_t *e, struct mark at)
{
	const char *text = (const char *)e->data.scalar.value;
	const yaml_char_t *tag = e->data.scalar.tag;
	bool plain = e->data.scalar.style == YAML_PLAIN_SCALAR_STYLE && !tag;
	if (e->data.scalar.anchor)
		put_anchor(p, e->data.scalar.anchor, scalar_node(p, e, at));
	else if (!tag_name(tag))
		tag_wrong(p, tag, at);
	put_key(p, text, e->data.scalar.length, at, plain && !strcmp(text, "<<"));
}

static bool on_scalar(struct parse *p, const yaml_event_t *e)
{
	struct mark at = event_mark(p, e);
	if (memchr(e->data.scalar.value, 0, e->data.scalar.length))
		return give_up(p, at, "remove the `\\0`", "a text must not hold a NUL character");
	if (wants_key(p)) {
		on_key(p, e, at);
		return true;
	}
	if (!count_written(p, at))
		return false;
	struct node *n = scalar_node(p, e, at);
	n->mark = at;
	put_anchor(p, e->data.scalar.anchor, n);
	put_value(p, n);
	return true;
}

static bool on_begin(struct parse *p, const yaml_event_t *e)
{
	bool list = e->type == YAML_SEQUENCE_START_EVENT;
	const yaml_char_t *anchor =
		list ? e->data.sequence_start.anchor : e->data.mapping_start.anchor;
	const yaml_char_t *tag = list ? e->data.sequence_start.tag : e->data.mapping_start.tag;
	const char *name = tag_name(tag);
	struct mark at = event_mark(p, e);
	if (!name || (*name && strcmp(name, list ? "seq" : "map")))
		tag_wrong(p, tag, at);
	return begin(p, list ? node_seq(p->a) : node_map(p->a), anchor, at);
}

static bool on_event(struct parse *p, const yaml_event_t *e)
{
	switch (e->type) {
	case YAML_SCALAR_EVENT:
		return on_scalar(p, e);
	case YAML_ALIAS_EVENT:
		return on_alias(p, e);
	case YAML_SEQUENCE_START_EVENT:
	case YAML_MAPPING_START_EVENT:
		return on_begin(p, e);
	case YAML_SEQUENCE_END_EVENT:
	case YAML_MAPPING_END_EVENT:
		return end(p);
	case YAML_DOCUMENT_START_EVENT:
		if (p->root)
			return give_up(p, event_mark(p, e), "make a file of it",
				"a second document: a file holds one");
		return true;
	case YAML_STREAM_END_EVENT:
		p->ended = true;
		return true;
	default:
		return true;
	}
}

/* Cures for what people run into. */
static const char *syntax_hint(const struct parse *p, const char *text, size_t len)
{
	static const struct {
		const char *problem, *hint;
	} hints[] = {
		{"mapping values are not allowed", "quote a value that has `: ` in it"},
		{"could not find expected ':'", "is a `:` or a quote missing?"},
		{"did not find expected key", "is it indented as its neighbours are?"},
		{"did not find expected '-'", "is it indented as its neighbours are?"},
		{"did not find expected ',' or", "is a bracket or a comma missing?"},
		{"found unexpected end of stream", "is a quote or a bracket missing?"},
	};
	size_t at = 0;
	for (size_t line = 0; line < p->yaml.problem_mark.line && at < len; at++)
		line += text[at] == '\n';
	at += p->yaml.problem_mark.column;
	if (strstr(p->yaml.problem, "cannot start any token"))
		return at < len && text[at] == '\t' ? "indent with spaces, not tabs"
						    : "quote a value that begins with it";
	for (size_t i = 0; i < sizeof hints / sizeof *hints; i++)
		if (strstr(p->yaml.problem, hints[i].problem))
			return hints[i].hint;
	return NULL;
}

static void syntax_error(struct parse *p, const char *text, size_t len)
{
	const yaml_parser_t *y = &p->yaml;
	p->wrong = true;
	if (y->error == YAML_MEMORY_ERROR)
		abort();
	const char *problem = y->problem ? y->problem : "it cannot be read";
	struct mark at = mark_of(p, y->problem_mark, y->problem_mark);
	if (y->context)
		diag_add(p->d, DIAG_ERROR, at, syntax_hint(p, text, len),
			"not YAML: %s %s that begins at %zu:%zu", problem, y->context,
			y->context_mark.line + 1, y->context_mark.column + 1);
	else
		diag_add(p->d, DIAG_ERROR, at, syntax_hint(p, text, len), "not YAML: %s", problem);
}

static void read_events(struct parse *p, const char *text, size_t len)
{
	yaml_parser_set_encoding(&p->yaml, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&p->yaml, (const unsigned char *)text, len);
	while (!p->ended) {
		yaml_event_t e;
		if (!yaml_parser_parse(&p->yaml, &e)) {
			syntax_error(p, text, len);
			return;
		}
		bool go_on = on_event(p, &e);
		yaml_event_delete(&e);
		if (!go_on)
			return;
	}
}

static bool check_text(const char *text, size_t len, const char *file, struct diags *d)
{
	struct mark at = {.file = file};
	const char *why;
	if (len > YAML_BYTES_MAX) {
		diag_add(d, DIAG_ERROR, at, "split it into several pipelines",
			"too large: more than %d MiB", YAML_BYTES_MAX >> 20);
		return false;
	}
	if (len >= 2 && (!memcmp(text, "\xff\xfe", 2) || !memcmp(text, "\xfe\xff", 2))) {
		diag_add(d, DIAG_ERROR, at, "save it as UTF-8", "the file is UTF-16, not UTF-8");
		return false;
	}
	if (!yaml_is_text(text, len, &at, &why)) {
		diag_add(d, DIAG_ERROR, at, "a pipeline is YAML in UTF-8", "not text: %s", why);
		return false;
	}
	return true;
}

struct node *yaml_parse(
	const char *text, size_t len, const char *file, struct arena *a, struct diags *d)
{
	static const char bom[] = "\xef\xbb\xbf";
	if (len >= 3 && !memcmp(text, bom, 3)) {
		text += 3;
		len -= 3;
	}
	diag_source_add(d, file, text, len);
	if (!check_text(text, len, file, d))
		return NULL;
	struct parse p = {.file = file, .a = a, .d = d};
	p.anchors.arena = &p.scratch;
	if (!yaml_parser_initialize(&p.yaml))
		abort();
	read_events(&p, text, len);
	yaml_parser_delete(&p.yaml);
	arena_clear(&p.scratch);
	if (!p.wrong && !p.root)
		diag_add(d, DIAG_ERROR, (struct mark){.file = file}, "begin with `pipeline: name`",
			"the file is empty");
	return p.wrong ? NULL : p.root;
}
