/*
 * A record with a field of every kind, for the tests of the engine; and a small random source, so that
 * properties are tried on many records, the same ones each time.
 */
#ifndef THINGS_H
#define THINGS_H

#include "../unit.h"
#include "base/text.h"
#include "field/field.h"

#include <ctype.h>
#include <stdio.h>

struct size {
	struct opt_num cores, memory;
	const char *token;
};
struct base_thing {
	const char *display_name;
	const char *language;
};
struct thing {
	struct base_thing base;
	const char *uri;
	const char *note;
	const char *shape;
	const char *mode;
	struct opt_i64 count;
	struct opt_i64 retries;
	struct opt_num ratio;
	struct opt_bool verbose;
	struct size *size;
	struct size *other_size;
	struct strs arguments;
	struct strs hosts;
	struct pairs configuration;
	struct pairs parameters;
	struct pairs freeform_tags;
	struct pairs defined_tags;
	const struct node *extra;
	const char *password;
	const char *local_file;
	const char *id;
	const char *hidden;
};
struct part {
	struct keyed_head head;
	const char *app;
	struct strs needs;
};
/* Its head is not the first member. */
struct step {
	struct base_thing base;
	struct keyed_head head;
};
struct plan_file {
	const char *name;
	struct keyed parts, steps;
	struct base_thing *defaults;
};

static const char *const languages[] = {"PYTHON", "SCALA", "JAVA", "SQL", NULL};
static const char *const shapes[] = {"VM.Standard.E4.Flex", "VM.Standard2.1", NULL};
static const char *const modes[] = {"BATCH", "STREAMING", NULL};

static inline bool oci_uri(const char *s)
{
	return text_starts(s, "oci://");
}

static inline const char *with_slash(struct arena *a, const char *s)
{
	return text_ends(s, "/") ? s : arena_printf(a, "%s/", s);
}

static inline bool lower_case(const char *s)
{
	for (; *s; s++)
		if (!islower((unsigned char)*s))
			return false;
	return true;
}

/* clang-format off */
static const struct record size_record = RECORD("size", struct size,
	NUM(struct size, cores, "cores", ABSENT_SERVER, "Cores.", .min = 1, .max = 64, .letter = 'c'),
	NUM(struct size, memory, "memoryInGBs", ABSENT_SERVER, "Memory in GB.", .letter = 'm'),
	STR(struct size, token, "token", ABSENT_RESET, "A secret inside.", .flags = FIELD_SENSITIVE, .letter = 't'));

static const struct record base_thing_record = RECORD("base", struct base_thing,
	STR(struct base_thing, display_name, "displayName", ABSENT_REQUIRED, "Name.",
		.flags = FIELD_REQUIRED, .max_len = 20, .letter = 'n'),
	ENUM(struct base_thing, language, languages, "language", ABSENT_REQUIRED, "Language.",
		.flags = FIELD_REQUIRED | FIELD_IMMUTABLE, .letter = 'l'));

static const struct record thing_record = RECORD_ON("thing", struct thing, &base_thing_record,
	STR(struct thing, uri, "fileUri", ABSENT_RESET, "Where it is.", .ok = oci_uri,
		.ok_doc = "an oci:// URI: oci://bucket@namespace/path", .canon = with_slash, .letter = 'u'),
	STR(struct thing, note, "note", ABSENT_RESET, "A | note.", .letter = 'o'),
	ENUM(struct thing, shape, shapes, "driverShape", ABSENT_SERVER, "Shape.", .flags = FIELD_OPEN, .letter = 's'),
	ENUM(struct thing, mode, modes, "type", ABSENT_DEFAULT, "Mode.", .dflt = "BATCH", .letter = 'm'),
	I64(struct thing, count, "numExecutors", ABSENT_RESET, "Count.", .min = 1, .max = 1000, .letter = 'c'),
	I64(struct thing, retries, "retries", ABSENT_DEFAULT, "Retries.", .min = 1, .max = 0, .dflt = "3", .letter = 'r'),
	NUM(struct thing, ratio, "ratio", ABSENT_RESET, "Ratio.", .letter = 'q'),
	BOOL(struct thing, verbose, "isVerbose", ABSENT_DEFAULT, "Talks.", .dflt = "false", .letter = 'v'),
	OBJ(struct thing, size, size, "driverShapeConfig", ABSENT_SERVER, "Size.", .letter = 'S'),
	OBJ(struct thing, other_size, size, "otherConfig", ABSENT_RESET, "Size to be reset.", .letter = 'T'),
	STRS(struct thing, arguments, "arguments", ABSENT_RESET, "Arguments.", .max = 5, .letter = 'a'),
	STRS(struct thing, hosts, "hosts", ABSENT_SERVER, "Hosts.", .flags = FIELD_IMMUTABLE, .letter = 'h'),
	PAIRS(struct thing, configuration, "configuration", ABSENT_RESET, "Properties.", .max = 20, .letter = 'g'),
	PARAMS(struct thing, parameters, "parameters", ABSENT_RESET, "Parameters.", .key_ok = lower_case,
		.key_pattern_doc = "a parameter: [a-z]+", .letter = 'p'),
	PAIRS(struct thing, freeform_tags, "freeformTags", ABSENT_SERVER, "Tags.", .flags = FIELD_MERGED),
	TAGS(struct thing, defined_tags, "definedTags", ABSENT_SERVER, "Defined tags."),
	ANY(struct thing, extra, "extra", ABSENT_RESET, "Anything.", .letter = 'e'),
	STR(struct thing, password, "password", ABSENT_RESET, "Secret.", .flags = FIELD_SENSITIVE, .letter = 'w'),
	STR(struct thing, local_file, NULL, ABSENT_RESET, "Not of the API."),
	STR(struct thing, id, "id", ABSENT_REQUIRED, "Identity.", .flags = FIELD_COMPUTED),
	STR(struct thing, hidden, "hidden", ABSENT_RESET, "Compared elsewhere.", .flags = FIELD_READ_ONLY_DIFF));

static const struct record part_record = RECORD("part", struct part,
	STR(struct part, app, NULL, ABSENT_REQUIRED, "App.", .flags = FIELD_REQUIRED),
	STRS(struct part, needs, NULL, ABSENT_RESET, "Needs."));
static const struct record step_record = {.name = "step", .size = sizeof(struct step),
	.base = &base_thing_record, .fields = (const struct field[]){{0}}};
static const struct record plan_file_record = RECORD("file", struct plan_file,
	FIELD_NAMED(struct plan_file, name, "default", FIELD_STR, const char *, NULL, ABSENT_REQUIRED, "Name.",
		.flags = FIELD_REQUIRED),
	KEYED(struct plan_file, parts, part, ABSENT_RESET, "Parts.", .key_ok = lower_case, .max = 3,
		.key_pattern_doc = "a key: [a-z]+"),
	KEYED(struct plan_file, steps, step, ABSENT_RESET, "Steps.", .flags = FIELD_PARTIAL),
	OBJ(struct plan_file, defaults, base_thing, NULL, ABSENT_RESET, "Defaults.", .flags = FIELD_PARTIAL));
/* clang-format on */

static struct arena arena;

static inline int things_clear(void **state)
{
	(void)state;
	arena_clear(&arena);
	return 0;
}

static inline struct node *json(const char *text)
{
	struct err err;
	struct node *n = node_from_json(&arena, text, strlen(text), &err);
	if (!n)
		fail_msg("%s: %s", text, err.text);
	return n;
}

static inline const char *to_json(const struct node *n)
{
	buf_auto b = {0};
	if (!n)
		return "-";
	node_to_json(n, NODE_JSON_COMPACT, &b);
	return arena_strdup(&arena, buf_str(&b));
}

/* Collects complaints as "path: text (hint)" lines; warnings begin with "warning ". */
static inline void collect(void *ctx, const char *path, const struct node *at, struct mark mark,
	bool warning, const char *text, const char *hint)
{
	(void)mark;
	assert_non_null(at);
	buf_printf(ctx, "%s%s: %s%s%s%s\n", warning ? "warning " : "", path, text, hint ? " (" : "",
		hint ? hint : "", hint ? ")" : "");
}

/* What decoding the JSON complains of; "" for nothing. Fails if the result does not agree. */
static inline const char *complaints(
	const struct record *r, const char *text, enum field_form form, const char *path, void *out)
{
	buf_auto b = {0};
	bool ok = field_decode(r, json(text), form, path, &arena, out, collect, &b);
	bool errors = false;
	for (const char *s = buf_str(&b); *s; s = strchr(s, '\n') + 1)
		errors = errors || !text_starts(s, "warning ");
	assert_int_equal(ok, !errors);
	return arena_strdup(&arena, buf_str(&b));
}

static inline struct thing *decoded(const char *text, enum field_form form)
{
	struct thing *t = arena_new(&arena, struct thing);
	assert_string_equal(complaints(&thing_record, text, form, "", t), "");
	return t;
}

static unsigned seed = 1;

static inline unsigned rnd(unsigned below)
{
	seed = seed * 1664525u + 1013904223u;
	return (seed >> 16) % below;
}

static inline const char *rnd_str(void)
{
	static const char *const texts[] = {
		"", "x", "3.10", "true", "a b", "oci://b@n", "\xc3\xa4\n\"", "~"};
	return texts[rnd(sizeof texts / sizeof *texts)];
}

static inline struct strs rnd_strs(void)
{
	struct strs s = {arena_array(&arena, 5, sizeof *s.v), rnd(5)};
	for (size_t i = 0; i < s.n; i++)
		s.v[i] = rnd_str();
	return rnd(3) ? s : (struct strs){0};
}

static inline struct pairs rnd_pairs(const char *prefix)
{
	struct pairs p = {arena_array(&arena, 5, sizeof *p.v), 0};
	for (int i = 0; i < 5; i++)
		if (rnd(2))
			p.v[p.n++] = (struct pair){
				arena_printf(&arena, "%s%c", prefix, 'a' + i), rnd_str()};
	/* Not always in the same order. */
	if (p.n > 1 && rnd(2)) {
		struct pair first = p.v[0];
		p.v[0] = p.v[p.n - 1];
		p.v[p.n - 1] = first;
	}
	return rnd(3) ? p : (struct pairs){0};
}

static inline struct size *rnd_size(void)
{
	struct size *s = arena_new(&arena, struct size);
	if (rnd(2))
		s->cores = (struct opt_num){true, 1 + rnd(64)};
	if (rnd(2))
		s->memory = (struct opt_num){true, rnd(100) / 4.0};
	if (rnd(2))
		s->token = rnd_str();
	return rnd(3) ? s : NULL;
}

/* A valid thing, of which any field that may be absent may be. */
static inline struct thing *rnd_thing(void)
{
	struct thing *t = arena_new(&arena, struct thing);
	t->base.display_name = arena_printf(&arena, "n%u", rnd(3));
	t->base.language = languages[rnd(4)];
	t->uri = rnd(2) ? arena_printf(&arena, "oci://b@n%s", rnd(2) ? "/" : "") : NULL;
	t->note = rnd(2) ? rnd_str() : NULL;
	t->shape = rnd(2) ? shapes[rnd(2)] : NULL;
	t->mode = rnd(2) ? modes[rnd(2)] : NULL;
	t->count = (struct opt_i64){rnd(2), 0};
	t->count.v = t->count.set ? 1 + rnd(3) : 0;
	t->retries = (struct opt_i64){rnd(2), 0};
	t->retries.v = t->retries.set ? 2 + rnd(3) : 0;
	t->ratio = (struct opt_num){rnd(2), 0};
	t->ratio.v = t->ratio.set ? rnd(5) / 2.0 : 0;
	t->verbose.set = rnd(2);
	t->verbose.v = t->verbose.set && rnd(2);
	t->size = rnd_size();
	t->other_size = rnd_size();
	t->arguments = rnd_strs();
	t->hosts = rnd_strs();
	t->configuration = rnd_pairs("spark.");
	t->parameters = rnd_pairs("p");
	t->freeform_tags = rnd_pairs("");
	t->defined_tags = rnd_pairs("ns.");
	t->extra = rnd(2) ? json(rnd(2) ? "{\"a\":[1,null]}" : "[]") : NULL;
	t->password = rnd(2) ? rnd_str() : NULL;
	t->local_file = rnd(2) ? rnd_str() : NULL;
	t->hidden = rnd(2) ? rnd_str() : NULL;
	return t;
}

#endif
