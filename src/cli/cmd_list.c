#include "cli/commands.h"
#include "cli/output.h"
#include "cli/session.h"
#include "cli/which_run.h"
#include "report/rows.h"
#include "report/run_json.h"
#include "report/run_text.h"

#include "base/text.h"

#include <ctype.h>
#include <unistd.h>

/* One of the names; else the nearest is told. */
static bool is_name(
	const char *option, const char *given, const char *const *names, struct err *err)
{
	for (size_t i = 0; names[i]; i++)
		if (!strcmp(names[i], given))
			return true;
	buf_auto all = {0};
	for (size_t i = 0; names[i]; i++)
		buf_printf(&all, "%s%s", i ? ", " : "", names[i]);
	const char *near = text_nearest(given, names);
	err_set(err, ERR_USAGE, "`%s %s`: not one of %s", option, given, buf_str(&all));
	return near ? err_hint(err, "did you mean `%s`?", near) : false;
}

static bool read_states(
	struct cli *cli, const char *const *names, struct strs *ret, struct err *err)
{
	struct arena *a = &cli->arena;
	size_t cap = 0;
	for (const char *at = cli->state, *end; at; at = *end ? end + 1 : NULL) {
		end = strchrnul(at, ',');
		char *state = arena_strndup(a, at, (size_t)(end - at));
		for (char *c = state; *c; c++)
			*c = (char)toupper((unsigned char)*c);
		if (!is_name("--state", state, names, err))
			return false;
		ret->v = arena_grow(a, ret->v, ret->n, &cap, sizeof *ret->v);
		ret->v[ret->n++] = state;
	}
	return true;
}

static bool read_since(const struct cli *cli, int64_t *ret, struct err *err)
{
	int64_t ago;
	if (!cli->since)
		return true;
	if (text_parse_duration(cli->since, &ago)) {
		*ret = clock_wall(cli->clock) - ago;
		return true;
	}
	if (text_parse_time(cli->since, ret))
		return true;
	err_set(err, ERR_USAGE, "`--since %s`: neither so long ago nor a time", cli->since);
	return err_hint(err, "such as 90s, 2h, 1h30m, 7d, or 2026-11-20, 2026-11-20T15:36");
}

static bool read_query(struct cli *cli, bool apps, struct list_query *q, struct err *err)
{
	const char *const *sorts = apps ? list_app_sorts : list_run_sorts;
	*q = (struct list_query){.sort = cli->sort ? cli->sort : sorts[0],
		.reverse = cli->reverse,
		.limit = cli->limit.set ? (size_t)cli->limit.v : 0};
	return is_name("--sort", q->sort, sorts, err) &&
		read_states(cli, apps ? list_app_states : run_state_choices, &q->states, err) &&
		read_since(cli, &q->since, err);
}

/* What names hold must not move a terminal's cursor; what a program reads stays as it is. */
static void put_rows(struct cli *cli, const struct buf *rows)
{
	if (isatty(STDOUT_FILENO))
		text_escape(&cli->out, buf_str(rows), rows->len, true);
	else
		buf_add(&cli->out, buf_str(rows), rows->len);
}

/* v: nodes of what is listed, a line each. */
static void put_lines(struct cli *cli, const struct node *list, const char *const *columns)
{
	bool csv = output_is(cli, "csv");
	buf_auto rows = {0};
	if (csv)
		rows_csv_head(columns, &rows);
	for (size_t i = 0; i < list->u.seq.n; i++)
		if (csv)
			rows_csv(columns, list->u.seq.v[i], &rows);
		else
			rows_jsonl(list->u.seq.v[i], &rows);
	put_rows(cli, &rows);
}

static void put(struct session *s, bool apps, const struct node *doc, const struct buf *text)
{
	struct cli *cli = s->cli;
	const char *what = apps ? "apps" : "runs";
	if (output_json(cli))
		output_node(cli, doc);
	else if (doc)
		put_lines(cli, node_get(doc, what), apps ? app_csv_columns : run_csv_columns);
	else
		buf_add(&cli->out, buf_str(text), text->len);
}

static void say_nothing_found(const struct session *s, const char *what, const char *owner)
{
	const struct cli *cli = s->cli;
	const char *such = cli->since || cli->state ? "such " : "";
	if (owner)
		output_say(s->cli, OUTPUT_NOTE, "No %s%s of %s at target %s.", such, what,
			s->pipeline, s->target_name);
	else
		output_say(s->cli, OUTPUT_NOTE, "No %s%s in the compartment.", such, what);
}

static bool list(struct session *s, bool apps, struct list_query *q, struct err *err)
{
	struct cli *cli = s->cli;
	struct arena *a = &cli->arena;
	struct listed_apps listed = {0};
	struct runs runs = {0};
	buf_auto text = {0};
	bool as_text = !cli->output || output_is(cli, "text");
	int width = output_width(STDOUT_FILENO);
	q->owner = cli->all ? NULL : s->owner;
	if (!(apps ? list_apps(s->oci, q, &listed, err) : list_runs(s->oci, q, &runs, err)))
		return false;
	if (as_text && !listed.n && !runs.n)
		say_nothing_found(s, apps ? "applications" : "runs", q->owner);
	if (as_text && apps)
		run_text_apps(&listed, !q->owner, width, a, &text);
	else if (as_text)
		run_text_runs(&runs, !q->owner, clock_wall(cli->clock), width, a, &text);
	put(s, apps,
		as_text        ? NULL
			: apps ? run_json_apps(&listed, a)
			       : run_json_runs(&runs, a),
		&text);
	return true;
}

/* Of applications also where a plan looks for them; those in which they may have run are known from the file alone. */
static bool find_compartments(struct session *s, bool apps, struct list_query *q, struct err *err)
{
	q->compartments = which_compartments(s);
	if (!s->spec)
		return session_need_compartment(s, err);
	if (!apps)
		return true;
	if (!session_load(s, err))
		return false;
	struct strs runs_in = q->compartments;
	q->compartments = spec_compartments(s->spec, &s->want, &s->cli->arena);
	q->runs_in = which_others(&runs_in, &q->compartments, &s->cli->arena);
	return true;
}

bool cmd_list(struct cli *cli, struct err *err)
{
	static const char *const kinds[] = {"apps", "runs", NULL};
	const char *kind = cli->args[0], *near = text_nearest(kind, kinds);
	bool apps = !strcmp(kind, "apps");
	struct list_query q;
	if (!apps && strcmp(kind, "runs")) {
		err_set(err, ERR_USAGE, "`weir list %s`: neither apps nor runs", kind);
		return near ? err_hint(err, "did you mean `weir list %s`?", near) : false;
	}
	session_auto s = {0};
	return read_query(cli, apps, &q, err) && session_open_any(&s, cli, err) &&
		find_compartments(&s, apps, &q, err) && list(&s, apps, &q, err);
}
