/* weir-local: an OCI-compatible Object Storage and Data Flow on this machine. */
#include "local/command/commands.h"
#include "local/command/fault_command.h"
#include "local/command/open_command.h"
#include "local/command/secret_command.h"
#include "local/command/session_command.h"
#include "local/command/setup.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static int command_version(int argc, char **argv)
{
	(void)argc, (void)argv;
	puts("weir-local " WEIR_VERSION);
	return 0;
}

static int command_help(int argc, char **argv);

/* A result that did not reach its reader is no success. */
static int with_output(int status)
{
	bool failed = fflush(stdout) || ferror(stdout);
	if (!failed || status)
		return status;
	fprintf(stderr, "weir-local: write to stdout: %s\n", strerror(errno));
	return 3;
}

static const struct {
	const char *name;
	int (*run)(int argc, char **argv);
	const char *options, *text;
} commands[] = {
	{"up", command_up, "[--on-demand] [--port N] [-o text|json]",
		"Start the service, detached, and return when it answers."},
	{"down", command_down, "", "End it."},
	{"status", command_status, "[-o text|json]",
		"Where it is; exit status 3 if it does not run."},
	{"serve", command_serve, "[--foreground] [--port N]", "As up, or in the foreground."},
	{"setup", setup_main, "[--azure]",
		"Install Spark and the oci:// connector, for runs; and Azure's driver."},
	{"env", command_env, "", "Print export lines that point OCI's clients at it."},
	{"open", command_open, "[PAGE]",
		"Print an address that lets a browser in to its pages, once, within a minute."},
	{"logs", command_logs, "[-f] [-n LINES]", "What the service said."},
	{"fault", command_fault, "add ACTION [OPTION]... | list | clear",
		"Make requests fail or come late, for tests; `fault help` tells how."},
	{"session", command_session, "NAME [--minutes N]",
		"Make a profile that signs with a session's token."},
	{"secret", command_secret, "put NAME < VALUE | list | delete NAME",
		"Secrets of its vault, which jobs fetch by their OCIDs."},
	{"identity", command_identity, "[show [-o json]|check FILE|set FILE|clear]",
		"Compartments, users, tenancies, policies."},
	{"reset", command_reset, "[-y]", "Remove all objects, applications and runs."},
	{"version", command_version, "", "Print the version."},
	{"help", command_help, "", "Print this."},
};
enum { COMMANDS = sizeof commands / sizeof *commands };

static int command_help(int argc, char **argv)
{
	(void)argc, (void)argv;
	puts("Usage: weir-local COMMAND [OPTION]...\n");
	for (int i = 0; i < COMMANDS; i++)
		printf("  %-8s %-42s %s\n", commands[i].name, commands[i].options,
			commands[i].text);
	puts("\nOf up and serve also: --idle-minutes N (end after N minutes without requests and runs;\n"
	     "--on-demand is 30, else never), --max-runs N (at once; 2), --request-seconds N (deadline of a\n"
	     "request's head; 30), --spark-master spark://127.0.0.1:PORT (runs go to that Spark cluster; kept for\n"
	     "later starts, until `local` is given).\n\n"
	     "Its home is $WEIR_LOCAL_HOME, else $XDG_STATE_HOME/weir/local, else ~/.local/state/weir/local.");
	return 0;
}

int main(int argc, char **argv)
{
	const char *name = argc > 1 ? argv[1] : "help";
	if (!strcmp(name, "--help") || !strcmp(name, "-h"))
		name = "help";
	if (!strcmp(name, "--version"))
		name = "version";
	for (int i = 0; i < COMMANDS; i++)
		if (!strcmp(name, commands[i].name))
			return with_output(commands[i].run(
				argc > 1 ? argc - 1 : argc, argc > 1 ? argv + 1 : argv));
	fprintf(stderr, "weir-local: there is no command `%s`; `weir-local help` lists them\n",
		name);
	return 1;
}
