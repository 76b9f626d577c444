#include "cli/commands.h"

#include "base/text.h"
#include "cli/options.h"

#include <string.h>

#define START "To begin with"
#define FILE_ALONE "The file alone"
#define LIVE "Desired against live"
#define RUNS "Runs"
#define REST "And"
enum { SET_LIVE = SET_COMMON | SET_FILE | SET_OCI };

static const char run_more[] =
	"NAME is a sequence or an application; `sequences.x` or `apps.x` where both are called x. The steps of a "
	"sequence are launched as soon as what they need has succeeded, side by side where they can.\n\n"
	"Local scripts, archives and objects that have changed are uploaded first (not with `--no-sync`). Where the "
	"applied application differs from the file, the applied one is run, and this is said.\n\n"
	"Ctrl-C stops the watching, not the run: its name and OCID are printed, and it goes on. On a terminal a second "
	"Ctrl-C within five seconds cancels it.\n\n"
	"Each run has a folder on this machine (`--base-folder`), with its script, run.json and logs.";
static const char init_more[] =
	"A folder NAME, or the working directory: a pipeline.yaml with two applications and a sequence, their scripts, the "
	"JSON Schema for editors, and README.md and .gitignore where there are none. It plans and runs on weir-local at "
	"once. No file is written over.";
static const char template_more[] =
	"KIND is one of `pyspark`, `sparksql` (PySpark around a query), `sql` (Data Flow's own), `java`, `scala` (each a source "
	"and a build.sh that makes a jar against weir-local's Spark) and `azure-copy` (Azure Data Lake to Object Storage). "
	"NAME is that of the app and the script; KIND unless given. Where there is no pipeline.yaml one is made; else what to "
	"add to it is printed. No file is written over.";
static const char import_more[] =
	"Makes a folder with a pipeline.yaml, and beside it the scripts and archives that are run. FROM is one of:\n\n"
	"- OCIDs of applications: each is adopted as it is, so that the file plans to no change;\n"
	"- the OCID of a compartment, or `--compartment-id` alone: all applications in it;\n"
	"- a file: an ADS job (`kind: job`, infrastructure and runtime of type `dataFlow`), or JSON for `oci data-flow "
	"application create --from-json`. No service is asked then.\n\n"
	"Nothing is written over: the folder is new, or was empty, and is there whole or not at all. What is missing or could "
	"not be carried over is a comment in the file and a warning; the status is 5 when the file needs your hand.";
static const char show_more[] =
	"ADDRESS is apps.NAME, buckets.NAME, objects.NAME, scripts.NAME or archives.NAME of the pipeline. Every field that "
	"the service has, where it is in the console, and the last run of an application. The OCID of an application "
	"needs no pipeline file.";
static const char list_more[] =
	"What this pipeline has at the target; with `--all` what anybody has in its compartments. An application is as "
	"recent as its last run, whoever launched it. Without a pipeline file everybody's are listed, in the compartment "
	"of `--compartment-id`.\n\n"
	"On a terminal the table is cut to its width; elsewhere, and as `json`, `jsonl` or `csv`, nothing is.";
static const char status_more[] =
	"RUN is an OCID, a display name, or `last`. Without it: the runs of the last launch of this pipeline and "
	"target.";
static const char apply_more[] =
	"The plan is shown, then asked for; only `yes` is taken for yes. Without a terminal, and with `-o json`, "
	"`-y` is needed. What does not depend on a failure is done all the same, and applying again does what is "
	"left.";
static const char logs_more[] =
	"RUN is an OCID, a display name, or `last`. Data Flow has the logs of a run when it has ended, and what its driver "
	"tells every ten minutes; the local service has them from its beginning on. What a Python job prints, to its "
	"error output too, is in stdout.\n\n"
	"The run's folder (`--base-folder`) is made or completed by the way. With `--follow` the exit status is 6 or 7 when "
	"the run does not end well.";
static const char output_more[] =
	"RUN is an OCID, a display name, or `last`. What the run printed comes without the lines that Spark, log4j, Python's "
	"logging and tracebacks put around it; how many lines were left out is told on stderr. The run must have ended.\n\n"
	"With an address, `oci://BUCKET@NAMESPACE/NAME`, the object of that name is downloaded, or all whose names begin so, "
	"into DIR (default: here); with a RUN too, only once that has ended. The namespace may be left out. Files that are there "
	"already are compared, not downloaded again; other files are not touched, unless `--overwrite` is given. A download that was "
	"broken off goes on where it ended. Every file is compared with the checksum that the service has of it.";
static const char doctor_more[] =
	"A line a check, with what cures what is wrong: config file and key, the clock, whether the service takes them, region and "
	"namespace, each compartment, whether applications and runs may be made, and each bucket that the pipeline names: "
	"whether it is there, private, versioned, and can be written to. For that an object `weir-doctor-...` is written and deleted; "
	"nothing is left, also after Ctrl-C. Applications and runs are asked for without what they must have, so that none is made.\n\n"
	"What is missing is told as policy statements, for `--group NAME` and the compartment. Limits and quotas are not looked "
	"at: Data Flow's API does not tell them. Exit status 3 when something fails, 0 when there are but warnings.";
static const char open_more[] =
	"WHAT is `apps.NAME`, a RUN (an OCID, a display name, `last`), an application's OCID, `buckets.NAME`, or a list: `apps`, "
	"`runs`, `buckets`. Without it: all there is.\n\n"
	"On OCI that is the link of the console, by realm and region. The local service has pages of its own: their address lets a "
	"browser in once, within a minute, as the user who signed (`--profile`).\n\n"
	"The address is printed; a browser is started only with `--browser`.";
static const char archive_more[] =
	"Of an archive with `packages`, `requirements` or `files`; without NAME, of all archives. `build` resolves them once, by Maven "
	"and pip, and writes what they became into a lock file beside them, NAME.lock, with a SHA-256 for each jar and wheel: keep it "
	"in Git. From then on what is locked is built, until the inputs change or `--update` is given. The same inputs and lock give the "
	"same bytes on any machine; where nothing has changed nothing is run. The archive is `.weir/NAME.zip`; `weir apply` and `weir run` build what is "
	"missing, `weir plan` and `weir validate` never do. Of the file `archives` alone is looked at: only parameters named there need a "
	"value.\n\n"
	"`check` says what is stale, which jars Spark has in another version, which wheels are for another Python or lack one that they "
	"need, and whether the size is refused; exit status 1 for an error. `show` lists the parts with size, licence and origin.";
static const char local_more[] =
	"Everything behind `local` goes to the program `weir-local`, which lies beside `weir` or in PATH: `weir "
	"local setup` installs Spark, `weir local up` and `down` start and stop the service, `weir local env` "
	"prints what other clients need to reach it. `weir local --help` tells the rest.";

const struct cli_command cli_commands[] = {
	{"init", START, "[NAME]", "Makes a new pipeline that runs as it is.", init_more, cmd_init,
		SET_COMMON | SET_OUTPUT | SET_INTO, 0, 1, false},
	{"template", START, "KIND [NAME]", "Makes a script to start from.", template_more,
		cmd_template, SET_COMMON | SET_OUTPUT | SET_INTO, 1, 2, false},
	{"import", START, "[FROM...]", "Makes a pipeline of applications that are there.",
		import_more, cmd_import, SET_LIVE | SET_OUTPUT | SET_INTO, 0, SIZE_MAX, false},
	{"validate", FILE_ALONE, "", "Checks the pipeline file; sends nothing.",
		"Every mistake is told with its place, and a cure where there is one.",
		cmd_validate, SET_COMMON | SET_FILE | SET_OUTPUT, 0, 0, false},
	{"schema", FILE_ALONE, "", "Prints the JSON Schema of pipeline files.",
		"For editors: put `# yaml-language-server: $schema=PATH` in the first line of the file.",
		cmd_schema, SET_COMMON | SET_MARKDOWN, 0, 0, false},
	{"archive", FILE_ALONE, "build|check|show [NAME...]",
		"Builds dependency archives, and tells of them.", archive_more, cmd_archive,
		SET_COMMON | SET_FILE | SET_OUTPUT | SET_SDIST | SET_UPDATE, 1, SIZE_MAX, false},
	{"plan", LIVE, "", "Shows what apply would change.",
		"Changes nothing. With `-o json` the plan is one JSON object on stdout.", cmd_plan,
		SET_LIVE | SET_OUTPUT | SET_PLAN | SET_DELETE | SET_CACHE | SET_OVERWRITE, 0, 0,
		false},
	{"show", LIVE, "ADDRESS|OCID", "Shows what is live of one resource.", show_more, cmd_show,
		SET_LIVE | SET_OUTPUT | SET_SHOW, 1, 1, false},
	{"apply", LIVE, "", "Changes the live service to what the file says.", apply_more,
		cmd_apply,
		SET_LIVE | SET_OUTPUT | SET_YES | SET_DELETE | SET_CACHE | SET_OVERWRITE |
			SET_SDIST,
		0, 0, false},
	{"destroy", LIVE, "", "Deletes what this pipeline has at the target.",
		"Applications and the objects under the pipeline's prefix are deleted; buckets stay, and runs stay "
		"listed. The plan is shown and asked for, as by apply.",
		cmd_destroy, SET_LIVE | SET_OUTPUT | SET_YES | SET_DELETE | SET_CACHE, 0, 0, false},
	{"run", RUNS, "NAME", "Runs a sequence or an application, and watches it.", run_more,
		cmd_run,
		SET_LIVE | SET_OUTPUT | SET_RUN | SET_FOLLOW | SET_SAVE | SET_CACHE |
			SET_OVERWRITE | SET_SDIST,
		1, 1, false},
	{"list", RUNS, "apps|runs", "Lists applications or runs, the most recent first.", list_more,
		cmd_list, SET_LIVE | SET_OUTPUT | SET_LIST, 1, 1, false},
	{"status", RUNS, "[RUN]", "Tells how runs are getting on.", status_more, cmd_status,
		SET_LIVE | SET_OUTPUT | SET_STATUS | SET_SAVE, 0, 1, false},
	{"logs", RUNS, "RUN", "Prints what a run has printed.", logs_more, cmd_logs,
		SET_LIVE | SET_LOGS | SET_FOLLOW | SET_SAVE, 1, 1, false},
	{"output", RUNS, "[RUN] [oci://BUCKET/PREFIX [DIR]]",
		"Prints what a run's program printed, or downloads objects.", output_more,
		cmd_output, SET_LIVE | SET_OUTPUT | SET_PRINTED | SET_OVERWRITE, 1, 3, false},
	{"cancel", RUNS, "RUN", "Cancels a run.", "RUN is an OCID, a display name, or `last`.",
		cmd_cancel, SET_LIVE | SET_OUTPUT, 1, 1, false},
	{"open", RUNS, "[WHAT]",
		"Prints the address of a page: the console's, or the local service's.", open_more,
		cmd_open, SET_LIVE | SET_OUTPUT | SET_OPEN, 0, 1, false},
	{"doctor", REST, "", "Checks what weir needs: credentials, clock, buckets, policies.",
		doctor_more, cmd_doctor, SET_LIVE | SET_OUTPUT | SET_DOCTOR, 0, 0, false},
	{"local", REST, "COMMAND...", "The local service: set-up, start, stop, environment.",
		local_more, cmd_local, 0, 0, 0, true},
	{"version", REST, "", "Prints the version.", "", cmd_version, SET_COMMON | SET_OUTPUT, 0, 0,
		false},
	{"help", REST, "[COMMAND]", "Tells about weir, or about a command.", "", cmd_help,
		SET_COMMON | SET_MARKDOWN, 0, 1, false},
	{0},
};

const struct cli_command *command_find(const char *name)
{
	for (const struct cli_command *c = cli_commands; c->name; c++)
		if (!strcmp(c->name, name))
			return c;
	return NULL;
}

const char *command_nearest(const char *name)
{
	const char *names[sizeof cli_commands / sizeof *cli_commands] = {0};
	for (size_t i = 0; cli_commands[i].name; i++)
		names[i] = cli_commands[i].name;
	return text_nearest(name, names);
}
