#include "local/command/fault_command.h"

#include "base/text.h"
#include "field/node.h"
#include "local/command/commands.h"
#include "local/command/verbs.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

static const char target[] = "/weir/faults";

static const char help[] =
	"Usage: weir-local fault add ACTION [OPTION]...\n"
	"       weir-local fault list [-o text|json]\n"
	"       weir-local fault clear\n"
	"\n"
	"Makes requests to the running service go wrong, to test a client or a pipeline. Rules are kept in\n"
	"memory, until `clear` or the end of the service.\n"
	"\n"
	"  status      refused: --status N (503), --code TEXT, --retry-after SECONDS; nothing is done\n"
	"  reset       the connection is reset; nothing is done\n"
	"  lose        it is done, then the connection is reset: the reply is lost\n"
	"  hang        nothing is done, and no reply comes until `clear`\n"
	"  hang-after  it is done, and no reply comes until `clear`\n"
	"  delay       it is done, the reply comes --ms N later; goes together with any other rule\n"
	"  truncate    it is done, the reply's body ends after --bytes N (half of it)\n"
	"  throttle    it is done, the reply's body comes with --bytes-per-second N (1)\n"
	"  exit        the service ends as by kill -9; nothing is done\n"
	"  exit-after  it is done, then the service ends so\n"
	"\n"
	"Which requests: --method M, --path PATTERN (of the raw path, `*` takes slashes too), from the --nth N\n"
	"of them (1), --count N of them (1; 0: all).\n"
	"\n"
	"  weir-local fault add status --status 429 --retry-after 1 --count 20    # a storm of 429\n"
	"  weir-local fault add delay --ms 50 --count 0                           # 50 ms of latency\n"
	"  weir-local fault add lose --method POST --path '/20200129/applications*'   # a reply is lost";

/* Options of `add`, and what the service calls them (fault_rule_record, which checks their values). */
static const struct setting {
	const char *option, *name;
	bool is_text;
} settings[] = {
	{"method", "method", true},
	{"path", "path", true},
	{"nth", "nth", false},
	{"count", "count", false},
	{"status", "status", false},
	{"code", "code", true},
	{"retry-after", "retryAfter", false},
	{"ms", "delayMs", false},
	{"bytes", "bytes", false},
	{"bytes-per-second", "bytesPerSecond", false},
};
enum { SETTINGS = sizeof settings / sizeof *settings, OPTION_FIRST = 256 };

#define HINT "`weir local fault help` lists the actions and their options"

static const struct verbs_command command;

/* -1: it is in the rule. */
static int set(struct arena *a, struct node *rule, const struct setting *s, const char *value)
{
	int64_t n;
	if (node_get(rule, s->name))
		return command_usage(HINT, "--%s is given twice", s->option);
	if (s->is_text) {
		node_put(a, rule, s->name, node_str(a, value));
		return -1;
	}
	if (!text_i64(value, &n))
		return command_usage(HINT, "--%s: %s is not a number", s->option, value);
	node_put(a, rule, s->name, node_int(a, n));
	return -1;
}

/* -1: the rule is whole. */
static int parse(int argc, char **argv, struct arena *a, struct node *rule)
{
	struct option table[SETTINGS + 1] = {0};
	int option, status;
	for (int i = 0; i < SETTINGS; i++)
		table[i] = (struct option){
			settings[i].option, required_argument, NULL, OPTION_FIRST + i};
	optind = opterr = 0;
	while ((option = getopt_long(argc, argv, ":", table, NULL)) != -1) {
		if (option == ':')
			return command_usage(HINT, "%s needs a value", argv[optind - 1]);
		if (option < OPTION_FIRST)
			return command_usage(HINT, "unknown option %s", argv[optind - 1]);
		status = set(a, rule, &settings[option - OPTION_FIRST], optarg);
		if (status >= 0)
			return status;
	}
	if (optind == argc)
		return command_usage(HINT, "which action? %s", "status, reset, lose, delay, ...");
	if (optind + 1 < argc)
		return command_usage(HINT, "%s is one argument too many", argv[optind + 1]);
	node_put(a, rule, "action", node_str(a, argv[optind]));
	return -1;
}

static int add(struct arena *a, int argc, char **argv)
{
	struct node *rule = node_map(a);
	struct answer answer;
	buf_auto body = {0};
	int status = parse(argc, argv, a, rule);
	if (status >= 0)
		return status;
	node_to_json(rule, NODE_JSON_COMPACT, &body);
	status = verbs_ask(&command, a, "POST", target, buf_str(&body), &answer);
	return status < 0 ? 0 : status;
}

static int clear(struct arena *a, int argc, char **argv)
{
	struct answer answer;
	if (argc > 1)
		return command_usage(HINT, "%s is one argument too many", argv[1]);
	int status = verbs_ask(&command, a, "DELETE", target, NULL, &answer);
	return status < 0 ? 0 : status;
}

static int64_t number(const struct node *rule, const char *name)
{
	const struct node *n = node_get(rule, name);
	return n && n->kind == NODE_INT ? n->u.i : 0;
}

/* As `add` takes it, so that a line can be given again. */
static void print_rule(const struct node *rule)
{
	printf("%s", node_get_str(rule, "action"));
	for (int i = 0; i < SETTINGS; i++) {
		const struct node *n = node_get(rule, settings[i].name);
		if (n && n->kind == NODE_INT)
			printf(" --%s %lld", settings[i].option, (long long)n->u.i);
		else if (n && n->kind == NODE_STR)
			printf(" --%s '%s'", settings[i].option,
				node_get_str(rule, settings[i].name));
	}
	const char *on = node_get_str(rule, "actedOn");
	printf("    (seen %lld, acted %lld%s%s)\n", (long long)number(rule, "seen"),
		(long long)number(rule, "acted"), on ? ", first on " : "", on ? on : "");
}

static int list(struct arena *a, int argc, char **argv)
{
	bool text = argc == 3 && !strcmp(argv[1], "-o") && !strcmp(argv[2], "text");
	bool json = argc == 3 && !strcmp(argv[1], "-o") && !strcmp(argv[2], "json");
	if (argc > 1 && !text && !json)
		return command_usage(HINT, "list takes -o text or -o json, not %s", argv[1]);
	return verbs_list(&command, a, target, "rules", json, print_rule);
}

static const struct verb verbs[] = {{"add", add}, {"list", list}, {"clear", clear}, {0}};
static const struct verbs_command command = {
	.name = "fault", .help = help, .hint = HINT, .verbs = verbs};

int command_fault(int argc, char **argv)
{
	return verbs_run(&command, argc, argv);
}
