#include "local/command/secret_command.h"

#include "base/buf.h"
#include "base/fs.h"
#include "base/text.h"
#include "field/node.h"
#include "local/command/commands.h"
#include "local/command/verbs.h"

#include <errno.h>
#include <getopt.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { VALUE_MAX = 25 * 1024 };

static const char help[] =
	"Usage: weir-local secret put NAME [--raw] [--pending] [--version-name V] [--compartment-id C] < VALUE\n"
	"       weir-local secret list [-o text|json]\n"
	"       weir-local secret delete NAME|OCID\n"
	"\n"
	"Secrets in the vault of the running service. `put` reads the value from standard input, so that it is on no\n"
	"command line, leaves out the line's end behind it (--raw keeps it), and prints the secret's OCID. Put again, the\n"
	"value is a new version, which is the current one, or with --pending waits behind it. It has 1 byte to 25 KiB.\n"
	"\n"
	"Jobs fetch a value by its OCID with OCI's SDK; nothing here prints one.\n"
	"\n"
	"  printf %s \"$TOKEN\" | weir-local secret put azure-client-secret";

#define HINT "`weir local secret help` tells how"

static const struct verbs_command command;

struct asked {
	const char *name, *version, *compartment;
	bool raw, pending, json;
};

/* -1: all is there. */
static int parse(int argc, char **argv, const char *verb, struct asked *ret)
{
	static const struct option table[] = {{"raw", no_argument, NULL, 'r'},
		{"pending", no_argument, NULL, 'p'}, {"version-name", required_argument, NULL, 'v'},
		{"compartment-id", required_argument, NULL, 'c'},
		{"output", required_argument, NULL, 'o'}, {0}};
	const char *allowed = text_equal(verb, "put") ? "rpvc"
		: text_equal(verb, "list")            ? "o"
						      : "";
	int option;
	optind = opterr = 0;
	while ((option = getopt_long(argc, argv, ":o:", table, NULL)) != -1) {
		if (!strchr(allowed, option) || option == ':' || option == '?')
			return command_usage(HINT, "unknown option, or one without its value: %s",
				argv[optind - 1]);
		if (option == 'o' && strcmp(optarg, "json") && strcmp(optarg, "text"))
			return command_usage(HINT, "-o is text or json, not %s", optarg);
		ret->raw |= option == 'r';
		ret->pending |= option == 'p';
		ret->json |= option == 'o' && !strcmp(optarg, "json");
		ret->version = option == 'v' ? optarg : ret->version;
		ret->compartment = option == 'c' ? optarg : ret->compartment;
	}
	if (text_equal(verb, "list"))
		return optind == argc
			? -1
			: command_usage(HINT, "%s is one argument too many", argv[optind]);
	if (optind + 1 != argc)
		return command_usage(HINT, "`secret %s` needs one name", verb);
	ret->name = argv[optind];
	return -1;
}

/* All of standard input, without the end of its line. -1: it is there. */
static int read_value(struct buf *value, bool raw)
{
	char bytes[4096];
	ssize_t n;
	if (isatty(STDIN_FILENO))
		return command_usage(HINT, "the value comes from standard input: %s",
			"redirect it from a file or a pipe, so that it is not shown");
	while ((n = read(STDIN_FILENO, bytes, sizeof bytes)) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			struct err err;
			err_errno(&err, ERR_IO, "read standard input");
			return command_fail(&err);
		}
		buf_add(value, bytes, (size_t)n);
		OPENSSL_cleanse(bytes, sizeof bytes);
		if (value->len > VALUE_MAX + 2)
			return command_usage(HINT, "the value has over %d bytes", VALUE_MAX);
	}
	if (!raw && value->len && value->data[value->len - 1] == '\n')
		value->len -= value->len > 1 && value->data[value->len - 2] == '\r' ? 2 : 1;
	if (!value->len)
		return command_usage(HINT, "the value on standard input is %s", "empty");
	if (value->len > VALUE_MAX)
		return command_usage(HINT, "the value has over %d bytes", VALUE_MAX);
	return -1;
}

static int put(struct arena *a, int argc, char **argv)
{
	struct asked asked = {0};
	struct answer answer;
	struct err err;
	buf_auto value = {0}, body = {0};
	int status = parse(argc, argv, "put", &asked);
	if (status < 0)
		status = read_value(&value, asked.raw);
	if (status >= 0)
		return status;
	struct node *n = node_map(a);
	node_put(a, n, "secretName", node_str(a, asked.name));
	node_put(a, n, "content", node_str(a, text_base64(a, value.data, value.len)));
	node_put(a, n, "pending", node_bool(a, asked.pending));
	if (asked.version)
		node_put(a, n, "versionName", node_str(a, asked.version));
	if (asked.compartment)
		node_put(a, n, "compartmentId", node_str(a, asked.compartment));
	node_to_json(n, NODE_JSON_COMPACT, &body);
	OPENSSL_cleanse(value.data, value.len);
	status = verbs_ask(&command, a, "POST", "/weir/secrets", buf_str(&body), &answer);
	OPENSSL_cleanse(body.data, body.len);
	if (status >= 0)
		return status;
	struct node *made = node_from_json(a, answer.body, strlen(answer.body), &err);
	const char *id = made ? node_get_str(made, "id") : NULL;
	if (!id) {
		err_set(&err, ERR_PROTOCOL, "weir-local told no OCID");
		return command_fail(&err);
	}
	puts(id);
	return 0;
}

static void print(const struct node *s)
{
	const struct node *current = node_get(s, "currentVersionNumber");
	const struct node *latest = node_get(s, "latestVersionNumber");
	printf("%-32s version %lld of %lld  %s\n", node_get_str(s, "secretName"),
		current ? (long long)current->u.i : 0, latest ? (long long)latest->u.i : 0,
		node_get_str(s, "id"));
}

static int list(struct arena *a, int argc, char **argv)
{
	struct asked asked = {0};
	int status = parse(argc, argv, "list", &asked);
	if (status >= 0)
		return status;
	return verbs_list(&command, a, "/weir/secrets", "secrets", asked.json, print);
}

static int delete (struct arena *a, int argc, char **argv)
{
	struct asked asked = {0};
	struct answer answer;
	int status = parse(argc, argv, "delete", &asked);
	if (status >= 0)
		return status;
	const char *target = arena_printf(a, "/weir/secrets/%s", text_percent(a, asked.name));
	status = verbs_ask(&command, a, "DELETE", target, NULL, &answer);
	return status < 0 ? 0 : status;
}

static const struct verb verbs[] = {{"put", put}, {"list", list}, {"delete", delete}, {0}};
static const struct verbs_command command = {.name = "secret",
	.help = help,
	.hint = HINT,
	.absent = "there is no such secret",
	.verbs = verbs};

int command_secret(int argc, char **argv)
{
	return verbs_run(&command, argc, argv);
}
