/* `weir help`: for a terminal, and as the reference page (docs/reference/commands.md). */
#include "base/text.h"
#include "cli/commands.h"
#include "cli/options.h"

#include <stdio.h>
#include <string.h>

static const unsigned SHARED = SET_COMMON | SET_FILE | SET_OCI | SET_OUTPUT | SET_SHOW;

struct status_row {
	int status;
	const char *doc;
};
static const struct status_row statuses[] = {
	{0, "Done. For `plan` also when there are changes, unless `--detailed-exitcode`."},
	{1, "The file or the command line is wrong, a guard refused, or the answer to a question was no."},
	{2, "`plan --detailed-exitcode`: apply has something to do."},
	{3, "The service or the machine did not do it: network, credentials, permission, limits, disk, no Java."},
	{4, "Conflict: the live service is not what the plan saw, or two things claim one identity."},
	{5, "In part: something was done, something was not. `status --exit-code`: a run goes on."},
	{6, "A run failed."},
	{7, "A run was cancelled, stopped or timed out."},
	{70, "A bug in weir."},
	{130, "Interrupted. A run that was launched goes on, and its name and OCID are printed."},
	{0, NULL},
};

static const char *signature(struct arena *a, const struct option_row *r)
{
	const char *letter = r->letter ? arena_printf(a, "-%c, ", r->letter) : "    ";
	return arena_printf(
		a, "%s--%s%s%s", letter, r->name, r->arg ? " " : "", r->arg ? r->arg : "");
}

/* Text without Markdown's backquotes, folded at 80 columns, every line but the first indented. */
static void fold(struct buf *out, const char *text, size_t indent)
{
	size_t column = indent;
	for (const char *word = text; *word;) {
		if (*word == '\n') {
			buf_addc(out, '\n');
			column = 0;
			word++;
			continue;
		}
		size_t len = strcspn(word, " \n"), shown = 0;
		for (size_t i = 0; i < len; i++)
			shown += word[i] != '`';
		if (column > indent && column + 1 + shown > 80) {
			buf_printf(out, "\n%*s", (int)indent, "");
			column = indent;
		} else if (column > indent) {
			buf_addc(out, ' ');
			column++;
		}
		for (size_t i = 0; i < len; i++)
			if (word[i] != '`')
				buf_addc(out, word[i]);
		column += shown;
		word += len;
		word += *word == ' ';
	}
	buf_addc(out, '\n');
}

static void print_options(struct arena *a, struct buf *out, unsigned sets)
{
	size_t width = 0;
	for (const struct option_row *r = option_rows(); r->name; r++) {
		size_t len = (r->sets & sets) ? strlen(signature(a, r)) : 0;
		width = len > width ? len : width;
	}
	for (const struct option_row *r = option_rows(); r->name; r++) {
		if (!(r->sets & sets))
			continue;
		buf_printf(out, "  %-*s  ", (int)width, signature(a, r));
		fold(out, r->doc, width + 4);
	}
}

static void print_command(struct arena *a, struct buf *out, const struct cli_command *c)
{
	buf_printf(out, "Usage: weir %s%s%s%s\n\n", c->name, *c->args ? " " : "", c->args,
		c->passes_on ? "" : " [OPTION...]");
	fold(out, c->doc, 0);
	if (*c->more) {
		buf_addc(out, '\n');
		fold(out, c->more, 0);
	}
	if (c->passes_on)
		return;
	unsigned own = c->sets & ~SHARED, shared = c->sets & SHARED;
	buf_adds(out, own ? "\nOptions:\n" : "");
	print_options(a, out, own);
	buf_adds(out, "\nOptions that other commands have too:\n");
	print_options(a, out, shared);
}

static void print_overview(struct arena *a, struct buf *out)
{
	buf_adds(out, "Usage: weir [OPTION...] COMMAND [ARGUMENT...] [OPTION...]\n\n");
	fold(out,
		"Plans, applies and runs pipelines of Spark jobs on OCI Data Flow, or on this machine's local "
		"service.",
		0);
	const char *group = "";
	for (const struct cli_command *c = cli_commands; c->name; c++) {
		if (strcmp(group, c->group))
			buf_printf(out, "\n%s:\n", c->group);
		group = c->group;
		buf_printf(out, "  %-9s %s\n", c->name, c->doc);
	}
	buf_adds(out, "\nOptions of most commands, before or behind the command:\n");
	print_options(a, out, SHARED);
	buf_adds(out, "\n`weir help COMMAND` tells about one.\n");
}

static void cell(struct buf *out, const char *text)
{
	for (; *text; text++)
		buf_printf(out, *text == '|' ? "\\|" : "%c", *text);
}

static void markdown_options(struct buf *out, unsigned sets, unsigned but)
{
	buf_adds(out, "| option | does |\n|---|---|\n");
	for (const struct option_row *r = option_rows(); r->name; r++) {
		if (!(r->sets & sets) || r->sets & but)
			continue;
		buf_adds(out, "| ");
		if (r->letter)
			buf_printf(out, "`-%c`, ", r->letter);
		buf_printf(out, "`--%s%s%s` | ", r->name, r->arg ? " " : "", r->arg ? r->arg : "");
		cell(out, r->doc);
		buf_adds(out, " |\n");
	}
	buf_addc(out, '\n');
}

static void markdown_command(struct buf *out, const struct cli_command *c)
{
	buf_printf(out, "## weir %s%s%s\n\n%s\n\n", c->name, *c->args ? " " : "", c->args, c->doc);
	if (*c->more)
		buf_printf(out, "%s\n\n", c->more);
	if (c->sets & ~SHARED)
		markdown_options(out, c->sets & ~SHARED, 0);
	if (c->passes_on)
		return;
	buf_adds(out, "Takes the options of [every command](#options)");
	buf_adds(out, c->sets & SET_FILE ? ", of [the pipeline](#the-pipeline)" : "");
	buf_adds(out, c->sets & SET_OCI ? ", of [the service](#the-service)" : "");
	buf_adds(out, c->sets & SET_OUTPUT ? ", and `-o`" : "");
	buf_adds(out, ".\n\n");
}

static const char markdown_intro[] =
	"<!-- Made by `weir help --markdown`; a test keeps it equal. -->\n"
	"# The commands of weir\n\n"
	"    weir [OPTION...] COMMAND [ARGUMENT...] [OPTION...]\n\n"
	"stdout gets the result, stderr progress and diagnostics. An option is written whole: abbreviations are "
	"refused. Nothing is asked without a terminal.\n\n";
static const char markdown_errors[] =
	"## Errors\n\n"
	"A mistake of the pipeline file is told as a compiler does: `FILE:LINE:COLUMN: error: ...`, the line, a "
	"caret, and `= ` with a cure. Any other error is `error: ...`, followed by indented lines that say how to "
	"mend it. With `-o json` each of both is one JSON object a line on stderr, and stdout has nothing else "
	"than one JSON document:\n\n"
	"```json\n"
	"{\"@level\":\"error\",\"@message\":\"...\",\"@module\":\"weir\",\"type\":\"diagnostic\",\"diagnostic\":{"
	"\"severity\":\"error\",\"summary\":\"...\",\"detail\":\"the cure\",\"kind\":\"not-found\","
	"\"http_status\":404,\"code\":\"BucketNotFound\"}}\n"
	"```\n\n"
	"Mistakes of the file have `range` and `snippet` in place of `kind`, `http_status` and `code`. Notes and "
	"warnings that are no diagnostics have `\"type\":\"log\"`. A result that cannot be written to stdout is "
	"an error with status 3.\n\n"
	"## Environment\n\n"
	"| variable | does |\n|---|---|\n"
	"| `NO_COLOR` | No colours, unless `--color always`. |\n"
	"| `OCI_CLI_CONFIG_FILE`, `OCI_CONFIG_FILE` | The OCI config file. |\n"
	"| `OCI_CLI_PROFILE` | Its profile. |\n"
	"| `OCI_CLI_ENDPOINT` | Where all services answer, for a command [without a file](#commands-without-a-file). |\n"
	"| `OCI_REGION` | The region where the profile has none. |\n"
	"| `WEIR_LOCAL_HOME` | The home of the local service. |\n\n";

static const char markdown_without[] =
	"### Commands without a file\n\n"
	"`weir import`, `show`, `list`, `status`, `logs`, `output`, `cancel` and `doctor` need no pipeline file. Where none is given with `-f` and DIR has no "
	"pipeline.yaml, the OCI config file says where and as whom, by the rules of Oracle's command line: "
	"`--profile`, `--config-file`, `--auth`, `--region`, `--endpoint` and the variables "
	"[below](#environment). `-t local` is the local service of this machine. An OCID is then all that must be known; "
	"a display name needs `--compartment-id`, and `last` needs a pipeline.\n\n";

static void markdown(struct buf *out)
{
	buf_adds(out, markdown_intro);
	buf_adds(out, "## Options\n\nOf every command:\n\n");
	markdown_options(out, SET_COMMON, 0);
	buf_adds(out, "Of commands with more than one form of result:\n\n");
	markdown_options(out, SET_OUTPUT, 0);
	buf_adds(out, "### The pipeline\n\n");
	markdown_options(out, SET_FILE, 0);
	buf_adds(out, "### The service\n\n");
	markdown_options(out, SET_OCI, 0);
	buf_adds(out, markdown_without);
	for (const struct cli_command *c = cli_commands; c->name; c++)
		markdown_command(out, c);
	buf_adds(out, "## Exit status\n\n| status | means |\n|---|---|\n");
	for (const struct status_row *s = statuses; s->doc; s++)
		buf_printf(out, "| %d | %s |\n", s->status, s->doc);
	buf_addc(out, '\n');
	buf_adds(out, markdown_errors);
	buf_truncate(out, out->len - 1);
}

bool cmd_help(struct cli *cli, struct err *err)
{
	if (cli->markdown && cli->args_n)
		return err_set(
			err, ERR_USAGE, "`--markdown` prints the whole page: name no command");
	if (cli->markdown) {
		markdown(&cli->out);
		return true;
	}
	if (!cli->args_n) {
		print_overview(&cli->arena, &cli->out);
		return true;
	}
	const struct cli_command *c = command_find(cli->args[0]);
	if (c) {
		print_command(&cli->arena, &cli->out, c);
		return true;
	}
	err_set(err, ERR_USAGE, "unknown command `%s`", cli->args[0]);
	const char *near = command_nearest(cli->args[0]);
	return near ? err_hint(err, "did you mean `%s`?", near)
		    : err_hint(err, "`weir help` lists the commands");
}
