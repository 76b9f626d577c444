#include "cli/run_flags.h"

#include "base/text.h"
#include "cli/options.h"
#include "model/remember.h"
#include "spec/merge.h"

#include <stdio.h>
#include <string.h>

enum { NAME_ROOM = 48, DOC_ROOM = 200 };

static bool is_map(const struct field *f)
{
	return f->kind == FIELD_PAIRS || f->kind == FIELD_TAGS;
}

/* "driver-shape", and of what is given one at a time the singular: "freeform-tag". */
static const char *flag_name(const struct field *f, char out[static NAME_ROOM])
{
	size_t n = (size_t)snprintf(out, NAME_ROOM, "%s", f->name);
	for (char *c = out; *c; c++)
		*c = *c == '_' ? '-' : *c;
	if ((is_map(f) || f->kind == FIELD_STRS) && text_ends(out, "s"))
		out[n - 1] = '\0';
	return out;
}

static const char *argument_name(const struct field *f)
{
	switch (f->kind) {
	case FIELD_I64:
		return "N";
	case FIELD_OBJ:
		return "KEY=VALUE,...";
	case FIELD_PAIRS:
		return "KEY=VALUE";
	case FIELD_TAGS:
		return "NAMESPACE.KEY=VALUE";
	case FIELD_STRS:
		return "TEXT";
	default:
		return text_ends(f->name, "_uri")   ? "URI"
			: text_ends(f->name, "_id") ? "OCID"
						    : "NAME";
	}
}

static bool is_repeated(const struct field *f)
{
	return is_map(f) || f->kind == FIELD_STRS;
}

static const char *doc(const struct field *f, char out[static DOC_ROOM])
{
	size_t n = (size_t)snprintf(out, DOC_ROOM, "%s", f->doc);
	bool listed = f->choices || f->kind == FIELD_OBJ;
	const char *before = ": ";
	n -= listed; /* the period, which comes behind what is listed */
	for (const char *const *c = f->choices; c && *c; c++, before = ", ")
		n += (size_t)snprintf(out + n, DOC_ROOM - n, "%s%s", before, *c);
	for (const struct field *g = f->kind == FIELD_OBJ ? f->of->fields : NULL; g && g->name;
		g++, before = ", ")
		n += (size_t)snprintf(out + n, DOC_ROOM - n, "%s`%s`", before, g->name);
	snprintf(out + n, DOC_ROOM - n, "%s%s", listed ? "." : "",
		is_repeated(f) ? " May be given many times." : "");
	return out;
}

struct rows_made {
	struct option_row *v;
	size_t n;
};

static bool add_row(void *ctx, const struct field *f)
{
	static char names[RUN_FLAGS_MAX][NAME_ROOM], docs[RUN_FLAGS_MAX][DOC_ROOM];
	struct rows_made *made = ctx;
	if (f->kind == FIELD_PARAMS || made->n == RUN_FLAGS_MAX)
		return true;
	made->v[made->n] = (struct option_row){.name = flag_name(f, names[made->n]),
		.arg = argument_name(f),
		.doc = doc(f, docs[made->n]),
		.kind = OPTION_FIELD,
		.sets = SET_RUN,
		.field = f};
	made->n++;
	return true;
}

size_t run_flags_rows(struct option_row *rows)
{
	struct rows_made made = {.v = rows};
	record_each(&run_given_record, add_row, &made);
	return made.n;
}

bool run_flags_have(const struct cli *cli, const char *field)
{
	for (size_t i = 0; i < cli->run_fields.n; i++)
		if (text_equal(cli->run_fields.v[i].name, field))
			return true;
	return false;
}

static struct node *scalar(struct arena *a, const char *text)
{
	int64_t i;
	double d;
	if (text_i64(text, &i))
		return node_int(a, i);
	return text_double(text, &d) ? node_float(a, d) : node_str(a, text);
}

static bool wrong(const struct field *f, const char *value, struct err *err)
{
	char name[NAME_ROOM];
	return err_set(
		err, ERR_USAGE, "`--%s %s`: not %s", flag_name(f, name), value, argument_name(f));
}

/* Puts KEY=VALUE into a map; false: it has no such form. */
static bool put_pair(struct arena *a, struct node *map, const char *pair, bool typed)
{
	const char *equals = strchr(pair, '=');
	if (!equals || equals == pair)
		return false;
	node_put(a, map, arena_strndup(a, pair, (size_t)(equals - pair)),
		typed ? scalar(a, equals + 1) : node_str(a, equals + 1));
	return true;
}

static bool put_record(struct arena *a, struct node *map, const char *value)
{
	char *rest = arena_strdup(a, value);
	for (char *pair; (pair = strsep(&rest, ","));)
		if (!put_pair(a, map, pair, true))
			return false;
	return true;
}

static bool put_value(struct arena *a, struct node *all, const struct field *f, const char *value,
	struct err *err)
{
	struct node *had = node_get(all, f->name);
	struct node *n = NULL;
	if (f->kind == FIELD_STRS) {
		n = had ? had : node_seq(a);
		node_append(a, n, node_str(a, value));
	} else if (is_map(f) || f->kind == FIELD_OBJ) {
		n = had ? had : node_map(a);
		if (!(is_map(f) ? put_pair(a, n, value, false) : put_record(a, n, value)))
			return wrong(f, value, err);
	} else {
		n = f->kind == FIELD_I64 ? scalar(a, value) : node_str(a, value);
	}
	if (f->flags & FIELD_MERGED && n->u.map.n &&
		remember_is_ours(n->u.map.v[n->u.map.n - 1].key))
		return err_set(err, ERR_USAGE, "the tag `%s` is weir's own",
			n->u.map.v[n->u.map.n - 1].key);
	node_put(a, all, f->name, n);
	return true;
}

/* The first mistake is the one that is told. */
static void complain(void *ctx, const char *path, const struct node *at, struct mark mark,
	bool warning, const char *text, const char *hint)
{
	(void)at, (void)mark;
	struct err *err = ctx;
	char top[NAME_ROOM], name[NAME_ROOM];
	if (warning || err->kind)
		return;
	snprintf(top, sizeof top, "%.*s", (int)strcspn(path, ".["), path);
	const struct field *f = record_field(&run_given_record, top);
	err_set(err, ERR_USAGE, "`--%s`: %s", f ? flag_name(f, name) : top, text);
	if (hint)
		err_hint(err, "%s", hint);
}

bool run_flags_over(struct cli *cli, const struct run *step, struct run *ret, struct err *err)
{
	struct arena *a = &cli->arena;
	struct node *given = node_map(a);
	struct err first = {0};
	for (size_t i = 0; i < cli->run_fields.n; i++) {
		const struct spec_param *p = &cli->run_fields.v[i];
		if (!put_value(a, given, record_field(&run_given_record, p->name), p->value, err))
			return false;
	}
	const struct node *all =
		merge(a, field_encode(&run_given_record, step, FORM_YAML, a), given);
	struct run made;
	if (!field_decode(&run_given_record, all, FORM_YAML, "", a, &made, complain, &first)) {
		*err = first;
		return false;
	}
	made.compartment_id = cli->compartment_id ? cli->compartment_id : step->compartment_id;
	*ret = made;
	return true;
}
