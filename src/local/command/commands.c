#include "local/command/commands.h"

#include "base/clock.h"
#include "base/fs.h"
#include "base/text.h"
#include "local/command/setup.h"
#include "local/home.h"
#include "local/life.h"
#include "local/runner/cluster.h"
#include "local/runner/spark.h"
#include "local/serve.h"

#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { STATUS_DOWN = 3, POLL_MS = 50, START_TRIES = 1200, LOG_LINES = 50 };

int command_fail(const struct err *err)
{
	fprintf(stderr, "weir-local: %s\n", err->text);
	return err_exit_status(err->kind);
}

int command_usage(const char *hint, const char *fmt, ...)
{
	char text[1024];
	struct err err;
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	err_set(&err, ERR_USAGE, "%s", text);
	err_hint(&err, "%s", hint);
	return command_fail(&err);
}

static int usage(const char *text)
{
	fprintf(stderr, "weir-local: %s\n`weir-local help` lists the commands and their options\n",
		text);
	return err_exit_status(ERR_USAGE);
}

struct options {
	struct serve_options serve;
	bool foreground, json, yes, follow;
	int64_t lines;
	int status; /* not -1: the command line is wrong, or done with */
};

enum {
	OPT_FOREGROUND = 256,
	OPT_ON_DEMAND,
	OPT_IDLE,
	OPT_PORT,
	OPT_MAX_RUNS,
	OPT_READY_FD,
	OPT_SECONDS,
	OPT_SPARK_MASTER
};
static const struct option option_table[] = {
	{"foreground", no_argument, NULL, OPT_FOREGROUND},
	{"on-demand", no_argument, NULL, OPT_ON_DEMAND},
	{"idle-minutes", required_argument, NULL, OPT_IDLE},
	{"port", required_argument, NULL, OPT_PORT},
	{"max-runs", required_argument, NULL, OPT_MAX_RUNS},
	{"request-seconds", required_argument, NULL, OPT_SECONDS},
	{"ready-fd", required_argument, NULL, OPT_READY_FD},
	{"spark-master", required_argument, NULL, OPT_SPARK_MASTER},
	{"output", required_argument, NULL, 'o'},
	{"yes", no_argument, NULL, 'y'},
	{"follow", no_argument, NULL, 'f'},
	{"lines", required_argument, NULL, 'n'},
	{0},
};

static bool number(const char *s, int64_t min, int64_t max, int *ret)
{
	int64_t n;
	if (!text_i64(s, &n) || n < min || n > max)
		return false;
	*ret = (int)n;
	return true;
}

/* False where the value is none for the option. */
static bool take_option(struct options *o, int option, const char *value)
{
	switch (option) {
	case OPT_FOREGROUND:
		o->foreground = true;
		return true;
	case OPT_ON_DEMAND:
		o->serve.idle_minutes = LIFE_ON_DEMAND_MINUTES;
		return true;
	case OPT_IDLE:
		return text_double(value, &o->serve.idle_minutes) && o->serve.idle_minutes >= 0 &&
			o->serve.idle_minutes <= 1e6;
	case OPT_PORT:
		return number(value, 1, 65535, &o->serve.port);
	case OPT_MAX_RUNS:
		return number(value, 1, 64, &o->serve.max_runs);
	case OPT_SECONDS:
		return number(value, 1, 3600, &o->serve.request_seconds);
	case OPT_READY_FD:
		return number(value, 0, 1024, &o->serve.ready_fd);
	case OPT_SPARK_MASTER:
		o->serve.spark_master = value;
		return true;
	case 'o':
		o->json = !strcmp(value, "json");
		return o->json || !strcmp(value, "text");
	case 'y':
		o->yes = true;
		return true;
	case 'f':
		o->follow = true;
		return true;
	case 'n':
		return text_i64(value, &o->lines) && o->lines >= 0;
	default:
		return false;
	}
}

static bool belongs(int option, const char *allowed, const int *long_allowed)
{
	if (option < 256)
		return strchr(allowed, option) != NULL;
	for (; long_allowed && *long_allowed; long_allowed++)
		if (*long_allowed == option)
			return true;
	return false;
}

/* short_ and long_: those that this command takes; long_ ends with 0. */
static struct options parse(int argc, char **argv, const char *short_, const int *long_)
{
	struct options o = {.serve.ready_fd = -1, .lines = LOG_LINES, .status = -1};
	char text[256];
	int option;
	optind = 0;
	opterr = 0;
	while ((option = getopt_long(argc, argv, "+o:yfn:", option_table, NULL)) != -1) {
		if (option == '?' || !belongs(option, short_, long_))
			snprintf(text, sizeof text, "unknown option, or one without its value: %s",
				argv[optind > 1 ? optind - 1 : 1]);
		else if (!take_option(&o, option, optarg))
			snprintf(text, sizeof text, "%s is no value for its option", optarg);
		else
			continue;
		o.status = usage(text);
		return o;
	}
	if (optind < argc) {
		snprintf(text, sizeof text, "%s is one argument too many", argv[optind]);
		o.status = usage(text);
	}
	return o;
}

static bool java_is_there(struct arena *a)
{
	const char *home = getenv("JAVA_HOME"), *path = getenv("PATH");
	if (!text_empty(home))
		return !access(fs_join(a, home, "bin/java"), X_OK);
	while (path && *path) {
		size_t n = strcspn(path, ":");
		if (n && !access(fs_join(a, arena_strndup(a, path, n), "java"), X_OK))
			return true;
		path += n + (path[n] == ':');
	}
	return false;
}

static bool spark_is_there(struct arena *a, const char *home)
{
	struct setup_pins pins;
	setup_pins_load(a, &pins);
	return setup_is_complete(setup_folder(a, home), &pins);
}

static void print_json(struct arena *a, const char *home, struct node *state)
{
	buf_auto out = {0};
	struct node *n = state ? state : node_map(a);
	if (!state)
		node_put(a, n, "home", node_str(a, home));
	node_put(a, n, "running", node_bool(a, state != NULL));
	node_put(a, n, "java", node_bool(a, java_is_there(a)));
	node_put(a, n, "spark", node_bool(a, spark_is_there(a, home)));
	struct spark spark;
	struct err none;
	bool found = spark_find(&spark, home, a, &none);
	node_put(a, n, "spark_home", found ? node_str(a, spark.home) : node_null(a));
	node_to_json(n, NODE_JSON_INDENT, &out);
	puts(buf_str(&out));
}

static void print_text(struct arena *a, const char *home, struct node *state)
{
	if (!state) {
		printf("weir-local is not running (home %s)\n", home);
		return;
	}
	printf("weir-local %s runs at %s (process %d, since %s)\n", node_get_str(state, "version"),
		node_get_str(state, "endpoint"), (int)life_state_pid(state),
		node_get_str(state, "started"));
	printf("home       %s\nconfig     %s, profile %s\nnamespace  %s\n", home,
		node_get_str(state, "config_file"), node_get_str(state, "profile"),
		node_get_str(state, "namespace"));
	if (node_get_str(state, "spark_master"))
		printf("spark      %s\n", node_get_str(state, "spark_master"));
	const struct node *compartments = node_get(state, "compartments");
	for (size_t i = 0; compartments && i < compartments->u.map.n; i++)
		printf("%-10s %s, %s\n", i ? "" : "compartments", compartments->u.map.v[i].key,
			compartments->u.map.v[i].value->text);
	if (!java_is_there(a))
		puts("Java is missing: runs need Java 17");
	if (!spark_is_there(a, home))
		puts("Spark is missing: `weir local setup` installs it; all but runs works without");
}

static int print_state(struct arena *a, const char *home, struct node *state, bool json)
{
	(json ? print_json : print_text)(a, home, state);
	return 0;
}

/* Waits for one that is starting. */
static enum life look_settled(const char *home, struct arena *a, struct node **ret_state)
{
	enum life life = life_look(home, a, ret_state);
	for (int i = 0; life == LIFE_STARTING && i < START_TRIES; i++) {
		clock_system.sleep_ms(clock_system.ctx, POLL_MS);
		life = life_look(home, a, ret_state);
	}
	return life;
}

static bool start(const char *home, const struct options *o, struct arena *a, struct err *err)
{
	const struct serve_options *s = &o->serve;
	const char *args[16] = {"--idle-minutes", arena_printf(a, "%.6f", s->idle_minutes)};
	size_t n = 2;
	const struct {
		const char *name;
		int value;
	} numbers[] = {{"--port", s->port}, {"--max-runs", s->max_runs},
		{"--request-seconds", s->request_seconds}};
	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
		if (!numbers[i].value)
			continue;
		args[n++] = numbers[i].name;
		args[n++] = arena_printf(a, "%d", numbers[i].value);
	}
	if (s->spark_master) {
		args[n++] = "--spark-master";
		args[n++] = s->spark_master;
	}
	bool locked;
	return home_make(home, err) && life_start(home, args, &locked, err);
}

/* One that runs has the cluster that it was started with. */
static bool has_master(const struct node *state, const char *wanted, struct err *err)
{
	const char *has = node_get_str(state, "spark_master");
	if (!wanted || text_equal(has ? has : CLUSTER_NONE, wanted))
		return true;
	if (has)
		err_set(err, ERR_CONFLICT, "weir-local runs already, with the Spark cluster %s",
			has);
	else
		err_set(err, ERR_CONFLICT, "weir-local runs already, without a Spark cluster");
	return err_hint(err, "end it first: `weir local down`");
}

static int up(const struct options *o)
{
	arena_auto arena = {0};
	struct err err;
	struct node *state;
	const char *home = home_folder(&arena);
	const char *master = o->serve.spark_master;
	if (master && !cluster_is_master(master, &err))
		return command_fail(&err);
	if (look_settled(home, &arena, &state) == LIFE_DOWN && !start(home, o, &arena, &err))
		return command_fail(&err);
	if (look_settled(home, &arena, &state) != LIFE_UP) {
		err_set(&err, ERR_SERVICE, "weir-local ended again; `weir-local logs` tells more");
		return command_fail(&err);
	}
	if (!has_master(state, master, &err))
		return command_fail(&err);
	return print_state(&arena, home, state, o->json);
}

static const int serve_options[] = {OPT_FOREGROUND, OPT_ON_DEMAND, OPT_IDLE, OPT_PORT, OPT_MAX_RUNS,
	OPT_SECONDS, OPT_SPARK_MASTER, OPT_READY_FD, 0};

int command_up(int argc, char **argv)
{
	struct options o = parse(argc, argv, "o", serve_options + 1);
	return o.status >= 0 ? o.status : up(&o);
}

int command_serve(int argc, char **argv)
{
	arena_auto arena = {0};
	struct err err;
	struct options o = parse(argc, argv, "o", serve_options);
	if (o.status >= 0)
		return o.status;
	if (!o.foreground)
		return up(&o);
	o.serve.home = home_folder(&arena);
	if (o.serve.spark_master && !cluster_is_master(o.serve.spark_master, &err))
		return command_fail(&err);
	return serve_run(&o.serve, &err) ? 0 : command_fail(&err);
}

int command_down(int argc, char **argv)
{
	arena_auto arena = {0};
	struct err err;
	struct node *state;
	struct options o = parse(argc, argv, "", NULL);
	if (o.status >= 0)
		return o.status;
	const char *home = home_folder(&arena);
	if (look_settled(home, &arena, &state) != LIFE_UP)
		return print_state(&arena, home, NULL, false);
	return life_stop(home, life_state_pid(state), &err) ? 0 : command_fail(&err);
}

int command_status(int argc, char **argv)
{
	arena_auto arena = {0};
	struct node *state;
	struct options o = parse(argc, argv, "o", NULL);
	if (o.status >= 0)
		return o.status;
	const char *home = home_folder(&arena);
	enum life life = life_look(home, &arena, &state);
	int status = print_state(&arena, home, state, o.json);
	return life == LIFE_UP ? status : STATUS_DOWN;
}

/* In single quotes, so that sh takes it as it is. */
static void print_export(const char *name, const char *value)
{
	printf("export %s='", name);
	for (; *value; value++) {
		if (*value == '\'')
			fputs("'\\''", stdout);
		else
			putchar(*value);
	}
	puts("'");
}

int command_env(int argc, char **argv)
{
	arena_auto arena = {0};
	struct options o = parse(argc, argv, "", NULL);
	if (o.status >= 0)
		return o.status;
	const char *home = home_folder(&arena), *config = fs_join(&arena, home, "config");
	int port = home_port(home);
	if (!port || !fs_exists(config)) {
		struct err err;
		err_set(&err, ERR_CONFIG, "%s has no service yet", home);
		err_hint(&err, "`weir local up` makes and starts one");
		return command_fail(&err);
	}
	const char *endpoint = arena_printf(&arena, "http://127.0.0.1:%d", port);
	const char *ocifs =
		arena_printf(&arena, "{\"config_kwargs\":{\"service_endpoint\":\"%s\"}}", endpoint);
	const char *const variables[][2] = {
		{"OCI_CLI_CONFIG_FILE", config}, /* the command line's, and weir's */
		{"OCI_CLI_PROFILE", HOME_PROFILE},
		{"OCI_CLI_ENDPOINT", endpoint},
		{"OCI_CONFIG_FILE", config},     /* the SDK's */
		{"OCI_CONFIG_LOCATION", config}, /* ADS's */
		{"OCI_CONFIG_PROFILE", HOME_PROFILE},
		{"OCIFS_IAM_TYPE", "api_key"},
		{"OCIFS_CONFIG_LOCATION", config},
		{"OCIFS_CONFIG_PROFILE", HOME_PROFILE},
		{"FSSPEC_OCI", ocifs},
	};
	for (size_t i = 0; i < sizeof variables / sizeof *variables; i++)
		print_export(variables[i][0], variables[i][1]);
	return 0;
}

/* -1: the answer is yes. */
static int ask(const char *home, bool yes)
{
	char answer[16];
	if (yes)
		return -1;
	if (!isatty(STDIN_FILENO))
		return usage("reset needs -y where nobody can be asked");
	printf("Remove all objects, applications and runs of %s? Only `yes` is taken: ", home);
	fflush(stdout);
	if (fgets(answer, sizeof answer, stdin) && !strcmp(answer, "yes\n"))
		return -1;
	puts("Nothing was removed.");
	return err_exit_status(ERR_GUARD);
}

/* With the lock held. Key, port and what setup installed stay. */
static bool remove_data(const char *home, struct arena *a, struct err *err)
{
	static const char *const names[] = {"weir-local.db", "weir-local.db-wal",
		"weir-local.db-shm", "objects", "tmp", "runs", "tenancies", "boot",
		"weir-local.log", "weir-local.log.1", "state.json", "vault.key"};
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (!fs_remove_tree(fs_join(a, home, names[i]), err))
			return false;
	return true;
}

static bool reset(const char *home, struct arena *a, struct err *err)
{
	struct node *state;
	if (look_settled(home, a, &state) == LIFE_UP &&
		!life_stop(home, life_state_pid(state), err))
		return false;
	if (!home_make(home, err))
		return false;
	int lock = life_lock(home, err);
	if (lock < 0)
		return false;
	bool ok = remove_data(home, a, err);
	close(lock);
	return ok;
}

int command_reset(int argc, char **argv)
{
	arena_auto arena = {0};
	struct err err;
	struct options o = parse(argc, argv, "y", NULL);
	if (o.status >= 0)
		return o.status;
	const char *home = home_folder(&arena);
	int answer = ask(home, o.yes);
	if (answer >= 0)
		return answer;
	return reset(home, &arena, &err) ? 0 : command_fail(&err);
}

int command_logs(int argc, char **argv)
{
	arena_auto arena = {0};
	struct err err;
	struct options o = parse(argc, argv, "fn", NULL);
	if (o.status >= 0)
		return o.status;
	const char *file = fs_join(&arena, home_folder(&arena), "weir-local.log");
	if (!fs_exists(file)) {
		err_set(&err, ERR_NOT_FOUND, "%s: there is no log yet", file);
		return command_fail(&err);
	}
	const char *lines = arena_printf(&arena, "%lld", (long long)o.lines);
	execlp("tail", "tail", "-n", lines, o.follow ? "-F" : "--", file, (char *)NULL);
	err_errno(&err, ERR_MISSING_TOOL, "tail");
	return command_fail(&err);
}
