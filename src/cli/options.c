#include "cli/options.h"

#include "base/text.h"
#include "cli/commands.h"
#include "cli/run_flags.h"
#include "field/field.h"
#include "model/pipeline.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

static const char *const output_choices[] = {"text", "json", "yaml", "jsonl", "csv", NULL};
static const char *const format_choices[] = {"raw", "jsonl", "csv", NULL};
static const char *const source_choices[] = {"application", "driver", "executor", NULL};
static const char *const color_choices[] = {"auto", "always", "never", NULL};

#define AT(m, T) \
	.at = offsetof(struct cli, m) + 0 * sizeof(char[_Generic(((struct cli *)0)->m, T : 1)])
#define FLAG(m) .kind = OPTION_FLAG, AT(m, bool)
#define TEXT(m, a) .kind = OPTION_TEXT, .arg = a, AT(m, const char *)
#define NUMBER(m, a, least) .kind = OPTION_NUMBER, .arg = a, .min = least, AT(m, struct cli_number)
#define CHOICE(m, a, c) .kind = OPTION_CHOICE, .arg = a, .choices = c, AT(m, const char *)
#define PARAM(m, a) .kind = OPTION_PARAM, .arg = a, AT(m, struct cli_params)

static const struct option_row fixed_rows[] = {
	{"directory", 'C', .sets = SET_FILE, .global = true, TEXT(dir, "DIR"),
		.doc = "The pipeline's folder. Default: the working directory."},
	{"file", 'f', .sets = SET_FILE, .global = true, TEXT(file, "FILE"),
		.doc = "The pipeline file. Default: pipeline.yaml in DIR."},
	{"target", 't', .sets = SET_FILE, .global = true, TEXT(target, "TARGET"),
		.doc = "One of the file's targets. Default: the one marked default. Without a file only `local`, the local "
		       "service."},
	{"parameter", 'p', .sets = SET_FILE, .global = true, PARAM(params, "KEY=VALUE"),
		.doc = "Sets a parameter of the file, or of the sequence that is run; a list or map as JSON. "
		       "May be given many times."},
	{"profile", .sets = SET_OCI, .global = true, TEXT(profile, "NAME"),
		.doc = "Profile of the OCI config file, instead of the target's."},
	{"config-file", .sets = SET_OCI, .global = true, TEXT(config_file, "FILE"),
		.doc = "The OCI config file. Default: the target's, then OCI_CLI_CONFIG_FILE, "
		       "OCI_CONFIG_FILE, ~/.oci/config."},
	{"auth", .sets = SET_OCI, .global = true, CHOICE(auth, "TYPE", target_auth_choices),
		.doc = "api_key; security_token for a session of `oci session authenticate`; instance_principal on a "
		       "compute instance of OCI, resource_principal in a function or a Data Flow run, both without "
		       "a config file. Default: the target's, OCI_CLI_AUTH, then what the profile is."},
	{"cert-bundle", .sets = SET_OCI, .global = true, TEXT(cert_bundle, "FILE"),
		.doc = "The certificates (PEM) of who is trusted, instead of the system's. Default: "
		       "OCI_CLI_CERT_BUNDLE."},
	{"region", .sets = SET_OCI, .global = true, TEXT(region, "REGION"),
		.doc = "Region, instead of the target's or the profile's."},
	{"compartment-id", .sets = SET_OCI, .global = true, TEXT(compartment_id, "OCID"),
		.doc = "Compartment, instead of the target's. Without a file it has no default, but for the local "
		       "service."},
	{"endpoint", .sets = SET_OCI, .global = true, TEXT(endpoint, "URL"),
		.doc = "Where all services answer, instead of the target's or the region's. A local target is "
		       "then not started. Without a file the default is OCI_CLI_ENDPOINT."},
	{"retries", .sets = SET_OCI, .global = true, NUMBER(retries, "N", 0),
		.doc = "How often a request that failed is sent again. Default: 7."},
	{"connection-timeout", .sets = SET_OCI, .global = true,
		NUMBER(connection_timeout, "SECONDS", 1),
		.doc = "How long a connection may take. Default: 10."},
	{"read-timeout", .sets = SET_OCI, .global = true, NUMBER(read_timeout, "SECONDS", 1),
		.doc = "How long the service may be silent, or send fewer than 100 bytes a second. Default: 60."},
	{"output", 'o', .sets = SET_OUTPUT, .global = true,
		CHOICE(output, "FORMAT", output_choices),
		.doc = "Form of the result: text (default) or json; of lists also jsonl or csv, of `show` yaml. With json and "
		       "jsonl errors are JSON too."},
	{"detailed-exitcode", .sets = SET_PLAN, FLAG(detailed_exitcode),
		.doc = "Exit status 2 when apply has something to do."},
	{"no-cache", .sets = SET_CACHE, FLAG(no_cache),
		.doc = "Reads everything anew: every application from the service, every local file."},
	{"max-delete", .sets = SET_DELETE, NUMBER(max_delete, "N", 0),
		.doc = "Refuses, before anything is done, when more than N would be destroyed; a "
		       "replacement counts. Default: any number."},
	{"overwrite", .sets = SET_OVERWRITE, FLAG(overwrite),
		.doc = "Writes over objects that weir did not put there, as if each had `overwrite: "
		       "true`; of `output`, over files that hold something else than the object."},
	{"allow-sdist", .sets = SET_SDIST, FLAG(allow_sdist),
		.doc = "Builds Python packages of an archive that have no wheel, which runs what their authors wrote."},
	{"update", .sets = SET_UPDATE, FLAG(update),
		.doc = "Resolves packages and requirements anew, and replaces the lock file."},
	{"yes", 'y', .sets = SET_YES, FLAG(yes), .doc = "Does not ask."},
	{"detach", .sets = SET_RUN, FLAG(detach),
		.doc = "Launches the run and does not wait for its end."},
	{"no-sync", .sets = SET_RUN, FLAG(no_sync),
		.doc = "Runs what was uploaded before, though local files have changed."},
	{"param", .sets = SET_RUN, PARAM(run_params, "NAME=VALUE"),
		.doc = "Sets a Data Flow parameter for this run. May be given many times."},
	{"follow", .sets = SET_FOLLOW, FLAG(follow),
		.doc = "Prints the run's output as it comes, until the run ends."},
	{"base-folder", .sets = SET_SAVE, TEXT(base_folder, "DIR"),
		.doc = "Where each run has a folder with its script, run.json and logs, instead of the file's "
		       "`base_folder`. Default: ~/dataflow."},
	{"no-save-logs", .sets = SET_SAVE, FLAG(no_save_logs),
		.doc = "Keeps no folder of the run."},
	{"exit-code", .sets = SET_STATUS, FLAG(exit_code),
		.doc = "Exit status 6 when a run has failed, 7 when one was cancelled or stopped, 5 while one "
		       "goes on."},
	{"sort", .sets = SET_LIST, TEXT(sort, "FIELD"),
		.doc = "A field of what is listed, as `-o json` names it. Times and numbers begin with the newest "
		       "and largest, texts with A. Default: last_run of apps, time_created of runs."},
	{"reverse", .sets = SET_LIST, FLAG(reverse), .doc = "The other way round."},
	{"limit", .sets = SET_LIST, NUMBER(limit, "N", 1),
		.doc = "Only the first N. Where the order allows it no more is read."},
	{"since", .sets = SET_LIST, TEXT(since, "WHEN"),
		.doc = "Runs made since, apps that ran or changed since: so long ago (`90s`, `2h`, `1h30m`, `7d`, "
		       "`2w`) or a time (`2026-11-20`, `2026-11-20T15:36`, UTC unless it has an offset)."},
	{"state", .sets = SET_LIST, TEXT(state, "STATE[,STATE]"),
		.doc = "Only those in one of these states. Default: all runs, apps that are not deleted."},
	{"all", .sets = SET_LIST, FLAG(all),
		.doc = "Those of other pipelines too, and those that no pipeline made."},
	{"stderr", .sets = SET_LOGS, FLAG(stderr_log),
		.doc = "The standard error instead of the output."},
	{"source", .sets = SET_LOGS, CHOICE(source, "SOURCE", source_choices),
		.doc = "Whose log: application (default), driver, executor; of the last two all there are, each "
		       "under its name."},
	{"where", .sets = SET_LOGS, FLAG(where),
		.doc = "Lists the run's logs: where they are in Object Storage, and on this machine."},
	{"save", .sets = SET_LOGS, FLAG(save),
		.doc = "Saves all logs in the run's folder, and prints its path."},
	{"head", .sets = SET_LOGS, NUMBER(head, "N", 1), .doc = "Only the first N lines."},
	{"tail", .sets = SET_LOGS, NUMBER(tail, "N", 1), .doc = "Only the last N lines."},
	{"group", .sets = SET_DOCTOR, TEXT(group, "NAME"),
		.doc = "The group that policy statements are for; all that it needs are printed."},
	{"format", .sets = SET_PRINTED, CHOICE(format, "FORMAT", format_choices),
		.doc = "raw (default): the lines as the program printed them; jsonl: those that are JSON objects or "
		       "arrays; csv: JSON objects as records with a column a key, or else the lines that are CSV."},
	{"into", .sets = SET_INTO, TEXT(into, "DIR"),
		.doc = "The folder to fill. `import` makes it, or takes one that is empty; by default it is named after the "
		       "pipeline. `init` makes one called NAME, or takes the working directory, as `template` does."},
	{"browser", .sets = SET_OPEN, FLAG(browser),
		.doc = "Opens the address too: by the program that BROWSER names, else by xdg-open."},
	{"markdown", .sets = SET_MARKDOWN, FLAG(markdown),
		.doc = "Prints the reference page, in Markdown."},
	{"quiet", 'q', .sets = SET_COMMON, .global = true, FLAG(quiet), .doc = "No progress."},
	{"verbose", 'v', .sets = SET_COMMON, .global = true, FLAG(verbose),
		.doc = "Tells of each request on stderr."},
	{"color", .sets = SET_COMMON, .global = true, CHOICE(color, "WHEN", color_choices),
		.doc = "auto (default: on a terminal, unless NO_COLOR is set), always or never."},
	{"help", 'h', .sets = SET_COMMON, .global = true, FLAG(help),
		.doc = "Tells about the command."},
	{"version", .sets = SET_TOP, .global = true, FLAG(version),
		.doc = "The same as `weir version`."},
	{0},
};
enum { ROWS_MAX = 96, LONG_BASE = 256 };

const struct option_row *option_rows(void)
{
	enum { FIXED = sizeof fixed_rows / sizeof *fixed_rows - 1 };
	_Static_assert(FIXED + RUN_FLAGS_MAX <= ROWS_MAX, "there are more rows than room for them");
	static struct option_row rows[FIXED + RUN_FLAGS_MAX + 1];
	if (!rows[0].name) {
		memcpy(rows, fixed_rows, FIXED * sizeof *rows);
		run_flags_rows(rows + FIXED);
	}
	return rows;
}

/* What getopt_long is given at the moment: the rows that are allowed here. */
struct table {
	struct option longs[ROWS_MAX + 1];
	char shorts[2 * ROWS_MAX + 3];
};

static void table_fill(struct table *t, const struct cli_command *command)
{
	size_t n = 0, s = 0;
	/* '-': arguments come in order, as code 1; ':': a missing argument is ':', nothing is printed. */
	t->shorts[s++] = '-';
	t->shorts[s++] = ':';
	for (const struct option_row *r = option_rows(); r->name && n < ROWS_MAX; r++) {
		if (command ? !(command->sets & r->sets) : !r->global)
			continue;
		t->longs[n++] = (struct option){r->name, r->arg ? required_argument : no_argument,
			NULL, LONG_BASE + (int)(r - option_rows())};
		if (!r->letter)
			continue;
		t->shorts[s++] = r->letter;
		if (r->arg)
			t->shorts[s++] = ':';
	}
	t->longs[n] = (struct option){0};
	t->shorts[s] = '\0';
}

static const struct option_row *row_of_letter(int letter)
{
	for (const struct option_row *r = option_rows(); r->name; r++)
		if (letter && r->letter == letter)
			return r;
	return NULL;
}

static const struct option_row *row_of_name(const char *name)
{
	for (const struct option_row *r = option_rows(); r->name; r++)
		if (!strcmp(r->name, name))
			return r;
	return NULL;
}

static const char *row_shown(struct arena *a, const struct option_row *r, bool letter)
{
	return letter && r->letter ? arena_printf(a, "-%c", r->letter)
				   : arena_printf(a, "--%s", r->name);
}

/* An option that another command takes, or that stands before the command. */
static bool misplaced(
	struct cli *cli, const struct option_row *r, const char *shown, struct err *err)
{
	if (!cli->command)
		return err_set(err, ERR_USAGE,
			"`%s` stands before the command\nput it behind the command", shown);
	err_set(err, ERR_USAGE, "`weir %s` has no option `%s`", cli->command->name, shown);
	buf_auto takers = {0};
	for (const struct cli_command *c = cli_commands; c->name; c++)
		if (c->sets & r->sets)
			buf_printf(&takers, "%sweir %s", takers.len ? ", " : "", c->name);
	return takers.len ? err_hint(err, "it is an option of %s", takers.data) : false;
}

static bool unknown(struct cli *cli, const char *element, int letter, struct err *err)
{
	struct arena *a = &cli->arena;
	const char *name = letter ? NULL : arena_strndup(a, element + 2, strcspn(element + 2, "="));
	const struct option_row *r = letter ? row_of_letter(letter) : row_of_name(name);
	const char *shown = letter ? arena_printf(a, "-%c", letter) : arena_printf(a, "--%s", name);
	if (r)
		return misplaced(cli, r, shown, err);
	err_set(err, ERR_USAGE, "unknown option `%s`", shown);
	if (!letter) {
		const char *near[ROWS_MAX + 1];
		size_t n = 0;
		for (r = option_rows(); r->name && n < ROWS_MAX; r++)
			if (cli->command ? cli->command->sets & r->sets : r->global)
				near[n++] = r->name;
		near[n] = NULL;
		const char *best = text_nearest(name, near);
		for (size_t i = 0; !best && i < n; i++)
			best = *name && text_starts(near[i], name) ? near[i] : NULL;
		if (best)
			return err_hint(err, "did you mean `--%s`?", best);
	}
	return err_hint(err, "`weir help%s%s` lists the options", cli->command ? " " : "",
		cli->command ? cli->command->name : "");
}

static void add_param(struct cli *cli, struct cli_params *to, const char *name, const char *value)
{
	to->v = arena_grow(&cli->arena, to->v, to->n, &to->cap, sizeof *to->v);
	to->v[to->n++] = (struct spec_param){name, value};
}

static bool set_param(struct cli *cli, struct cli_params *to, const char *shown, const char *form,
	struct err *err)
{
	const char *equals = strchr(optarg, '=');
	if (!equals || equals == optarg)
		return err_set(err, ERR_USAGE, "`%s %s`: not %s", shown, optarg, form);
	add_param(
		cli, to, arena_strndup(&cli->arena, optarg, (size_t)(equals - optarg)), equals + 1);
	return true;
}

static bool set_choice(
	const struct option_row *r, const char **to, const char *shown, struct err *err)
{
	for (const char *const *c = r->choices; *c; c++)
		if (!strcmp(*c, optarg)) {
			*to = *c;
			return true;
		}
	err_set(err, ERR_USAGE, "`%s %s`: not one of", shown, optarg);
	for (const char *const *c = r->choices; *c; c++) {
		size_t len = strlen(err->text);
		snprintf(err->text + len, sizeof err->text - len, "%s %s",
			c == r->choices ? "" : ",", *c);
	}
	const char *near = text_nearest(optarg, r->choices);
	return near ? err_hint(err, "did you mean `%s`?", near) : false;
}

static bool set(struct cli *cli, const struct option_row *r, bool letter, struct err *err)
{
	void *at = (char *)cli + r->at;
	const char *shown = row_shown(&cli->arena, r, letter);
	struct cli_number *number = at;
	switch (r->kind) {
	case OPTION_FLAG:
		*(bool *)at = true;
		return true;
	case OPTION_TEXT:
		if (!*optarg)
			return err_set(err, ERR_USAGE, "`%s` is given nothing", shown);
		*(const char **)at = optarg;
		return true;
	case OPTION_CHOICE:
		return set_choice(r, at, shown, err);
	case OPTION_PARAM:
		return set_param(cli, at, shown, r->arg, err);
	case OPTION_FIELD:
		if (!*optarg && r->field->kind != FIELD_STRS)
			return err_set(err, ERR_USAGE, "`%s` is given nothing", shown);
		add_param(cli, &cli->run_fields, r->field->name, optarg);
		return true;
	case OPTION_NUMBER:
		if (!text_i64(optarg, &number->v) || number->v < r->min || number->v > INT32_MAX)
			return err_set(err, ERR_USAGE, "`%s %s`: not a whole number of at least %d",
				shown, optarg, (int)r->min);
		number->set = true;
		return true;
	}
	return err_set(err, ERR_BUG, "option %s is of no kind", r->name);
}

static bool take_command(struct cli *cli, const char *name, struct err *err)
{
	cli->command = command_find(name);
	if (cli->command)
		return true;
	err_set(err, ERR_USAGE, "unknown command `%s`", name);
	const char *near = command_nearest(name);
	if (near)
		return err_hint(err, "did you mean `weir %s`?", near);
	return err_hint(err, "`weir help` lists the commands");
}

static void take_arg(struct cli *cli, const char *arg)
{
	cli->args =
		arena_grow(&cli->arena, cli->args, cli->args_n, &cli->args_cap, sizeof *cli->args);
	cli->args[cli->args_n++] = arg;
}

/* A form of the result that only some commands have. */
static bool check_output(const struct cli *cli, struct err *err)
{
	static const struct {
		const char *form;
		unsigned sets;
	} some[] = {{"jsonl", SET_LIST}, {"csv", SET_LIST}, {"yaml", SET_SHOW}};
	const struct cli_command *c = cli->command;
	for (size_t i = 0; cli->output && i < sizeof some / sizeof *some; i++)
		if (!strcmp(cli->output, some[i].form) && !(c->sets & some[i].sets)) {
			err_set(err, ERR_USAGE, "`weir %s` has no output as %s", c->name,
				cli->output);
			return err_hint(err, "`weir help %s` lists the options", c->name);
		}
	return true;
}

/* Options that stood before the command, once it is known: those it takes. */
static bool check_given(struct cli *cli, const bool *given, struct err *err)
{
	for (size_t i = 0; option_rows()[i].name; i++)
		if (given[i] && !(cli->command->sets & option_rows()[i].sets) && !cli->help)
			return misplaced(cli, &option_rows()[i],
				row_shown(&cli->arena, &option_rows()[i], false), err);
	return true;
}

static bool check_args(struct cli *cli, struct err *err)
{
	const struct cli_command *c = cli->command;
	if (cli->help || c->passes_on)
		return true;
	if (cli->args_n < c->args_min)
		err_set(err, ERR_USAGE, "`weir %s` needs %s", c->name, c->args);
	else if (cli->args_n > c->args_max)
		err_set(err, ERR_USAGE, "`weir %s`: `%s` is one argument too many", c->name,
			cli->args[c->args_max]);
	else
		return true;
	return err_hint(
		err, "usage: weir %s%s%s [OPTION...]", c->name, *c->args ? " " : "", c->args);
}

/* What getopt_long returned for the element argv[at]. */
static bool take(struct cli *cli, int code, char **argv, int at, bool *given, struct err *err)
{
	if (code == 1) {
		if (cli->command) {
			take_arg(cli, optarg);
			return true;
		}
		return take_command(cli, optarg, err);
	}
	bool is_long = text_starts(argv[at], "--");
	if (code == '?' && optopt >= LONG_BASE)
		return err_set(err, ERR_USAGE, "`--%s` takes no value",
			option_rows()[optopt - LONG_BASE].name);
	if (code == '?')
		return unknown(cli, argv[at], is_long ? 0 : optopt, err);
	int which = code == ':' ? optopt : code;
	const struct option_row *r =
		which >= LONG_BASE ? &option_rows()[which - LONG_BASE] : row_of_letter(which);
	if (r && code == ':')
		return err_set(err, ERR_USAGE, "`%s` needs %s",
			row_shown(&cli->arena, r, which < LONG_BASE), r->arg);
	if (!r || (is_long && strcspn(argv[at] + 2, "=") != strlen(r->name)))
		return unknown(cli, argv[at], 0, err);
	given[r - option_rows()] = true;
	return set(cli, r, !is_long, err);
}

/* What stands behind "--" is no option. */
static bool take_plain(struct cli *cli, char **argv, int argc, struct err *err)
{
	for (int i = 0; i < argc; i++) {
		if (cli->command)
			take_arg(cli, argv[i]);
		else if (!take_command(cli, argv[i], err))
			return false;
		if (cli->command->passes_on) {
			cli->rest = argv + i;
			return true;
		}
	}
	return true;
}

bool options_parse(struct cli *cli, int argc, char **argv, struct err *err)
{
	bool given[ROWS_MAX] = {0};
	struct table table;
	table_fill(&table, NULL);
	optind = 0; /* glibc: start anew */
	opterr = 0;
	for (int at = 1;; at = optind) {
		int code = getopt_long(argc, argv, table.shorts, table.longs, NULL);
		if (code == -1)
			break;
		bool had = cli->command;
		if (!take(cli, code, argv, at, given, err))
			return false;
		if (!cli->command || had)
			continue;
		if (cli->command->passes_on) {
			cli->rest = argv + optind - 1;
			return check_given(cli, given, err);
		}
		table_fill(&table, cli->command);
	}
	if (!take_plain(cli, argv + optind, argc - optind, err))
		return false;
	return !cli->command ||
		(check_given(cli, given, err) && check_output(cli, err) && check_args(cli, err));
}
