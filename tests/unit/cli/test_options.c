#include "cli/commands.h"
#include "cli/options.h"

#include "../unit.h"

static struct cli cli;
static struct err err;

static int tear_down(void **state)
{
	(void)state;
	arena_clear(&cli.arena);
	return 0;
}

/* As a shell would: words separated by spaces. */
static bool parse(const char *line)
{
	char *argv[32] = {0};
	int argc = 0;
	arena_clear(&cli.arena);
	cli = (struct cli){0};
	err = (struct err){0};
	char *rest = arena_strdup(&cli.arena, line);
	for (char *word; (word = strsep(&rest, " "));)
		argv[argc++] = word;
	bool ok = options_parse(&cli, argc, argv, &err);
	cli.rest = cli.rest ? memcpy(arena_array(&cli.arena, 32, sizeof *argv), cli.rest,
				      sizeof(char *) * (size_t)(argv + argc + 1 - cli.rest))
			    : NULL;
	return ok;
}

static void refused(const char *line, const char *text)
{
	if (parse(line))
		fail_msg("taken: %s", line);
	assert_int_equal(err.kind, ERR_USAGE);
	assert_has(err.text, text);
}

static void test_globals_stand_before_or_behind(void **state)
{
	(void)state;
	static const char *const lines[] = {
		"weir -C dir -t prod -p a=1 -v plan --detailed-exitcode -o json",
		"weir plan -C dir -t prod -pa=1 -v --detailed-exitcode -ojson",
		"weir plan --directory=dir --target prod --parameter a=1 --verbose --detailed-exitcode --output=json",
		"weir -vCdir -tprod --output json plan -p a=1 --detailed-exitcode"};
	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
		assert_true(parse(lines[i]));
		assert_string_equal(cli.command->name, "plan");
		assert_string_equal(cli.dir, "dir");
		assert_string_equal(cli.target, "prod");
		assert_int_equal(cli.params.n, 1);
		assert_string_equal(cli.params.v[0].name, "a");
		assert_string_equal(cli.params.v[0].value, "1");
		assert_string_equal(cli.output, "json");
		assert_true(cli.verbose && cli.detailed_exitcode);
		assert_int_equal(cli.args_n, 0);
	}
}

static void test_arguments(void **state)
{
	(void)state;
	assert_true(parse("weir run -p day=x=y daily --param a= --param b=2 --detach"));
	assert_int_equal(cli.args_n, 1);
	assert_string_equal(cli.args[0], "daily");
	assert_string_equal(cli.params.v[0].value, "x=y");
	assert_int_equal(cli.run_params.n, 2);
	assert_string_equal(cli.run_params.v[0].value, "");
	assert_true(cli.detach);
	assert_true(parse("weir logs -- --odd-name"));
	assert_string_equal(cli.args[0], "--odd-name");
	assert_true(parse("weir -- logs last"));
	assert_string_equal(cli.args[0], "last");
	assert_true(parse("weir logs last --tail 20"));
	assert_true(cli.tail.set && cli.tail.v == 20 && !cli.head.set);
	assert_true(parse("weir status"));
	assert_true(parse("weir plan --retries 0"));
	assert_true(cli.retries.set && cli.retries.v == 0);
}

static void test_no_command(void **state)
{
	(void)state;
	assert_true(parse("weir"));
	assert_null(cli.command);
	assert_true(parse("weir --version"));
	assert_true(cli.version && !cli.command);
	assert_true(parse("weir --help run"));
	assert_true(cli.help);
	assert_true(parse("weir run -h"));
	assert_true(cli.help);
}

static void test_unknown_names_have_a_cure(void **state)
{
	(void)state;
	refused("weir aply", "did you mean `weir apply`?");
	refused("weir frobnicate", "`weir help` lists the commands");
	refused("weir plan --detailed-exit-code", "did you mean `--detailed-exitcode`?");
	refused("weir plan --detailed", "did you mean `--detailed-exitcode`?");
	refused("weir plan --out=x", "unknown option `--out`");
	refused("weir run x --timeout 3",
		"unknown option `--timeout`\n  `weir help run` lists the options");
	refused("weir plan -x", "unknown option `-x`");
	refused("weir -vx plan", "unknown option `-x`");
	refused("weir --nothing plan", "unknown option `--nothing`");
	refused("weir fmt", "unknown command `fmt`");
}

static void test_options_of_other_commands(void **state)
{
	(void)state;
	refused("weir plan -y", "`weir plan` has no option `-y`");
	refused("weir plan --yes", "it is an option of weir apply, weir destroy");
	refused("weir -o json logs last", "`weir logs` has no option `--output`");
	refused("weir --detach run x", "put it behind the command");
	refused("weir version -t x", "`weir version` has no option `-t`");
	refused("weir plan --version", "`weir plan` has no option `--version`");
}

static void test_values(void **state)
{
	(void)state;
	refused("weir plan -t", "`-t` needs TARGET");
	refused("weir plan --target", "`--target` needs TARGET");
	refused("weir plan --target=", "`--target` is given nothing");
	refused("weir plan -p novalue", "`-p novalue`: not KEY=VALUE");
	refused("weir plan -p =x", "not KEY=VALUE");
	refused("weir plan -o xml", "not one of text, json");
	refused("weir plan -o yaml", "`weir plan` has no output as yaml");
	refused("weir plan -o csv", "`weir plan` has no output as csv\n  `weir help plan` lists");
	refused("weir -o jsonl plan", "`weir plan` has no output as jsonl");
	assert_true(parse("weir -o csv list apps"));
	refused("weir plan -o jsn", "did you mean `json`?");
	refused("weir plan --color=maybe", "not one of auto, always, never");
	refused("weir plan --detailed-exitcode=1", "`--detailed-exitcode` takes no value");
	refused("weir logs x --tail 0", "not a whole number of at least 1");
	refused("weir logs x --tail -5", "not a whole number of at least 1");
	refused("weir logs x --head 1e3", "not a whole number of at least 1");
	refused("weir logs x --head 99999999999999999999", "not a whole number");
	refused("weir plan --retries=-1", "not a whole number of at least 0");
}

static void test_numbers_of_arguments(void **state)
{
	(void)state;
	refused("weir run", "`weir run` needs NAME\n  usage: weir run NAME [OPTION...]");
	refused("weir plan x", "`x` is one argument too many");
	refused("weir status a b", "`b` is one argument too many");
}

static void test_local_passes_all_on(void **state)
{
	(void)state;
	assert_true(parse("weir local up --port 0 -x --help"));
	assert_string_equal(cli.rest[0], "local");
	assert_string_equal(cli.rest[1], "up");
	assert_string_equal(cli.rest[5], "--help");
	assert_null(cli.rest[6]);
	assert_true(parse("weir local"));
	assert_null(cli.rest[1]);
	assert_true(parse("weir -- local -- x"));
	assert_string_equal(cli.rest[1], "--");
	refused("weir -v local status", "`weir local` has no option `--verbose`");
}

/* The rows of the tables are in order: unique names and letters, nothing that no command takes. */
static void test_tables(void **state)
{
	(void)state;
	unsigned taken = SET_TOP;
	for (const struct cli_command *c = cli_commands; c->name; c++) {
		taken |= c->sets;
		assert_non_null(c->run);
		assert_ptr_equal(command_find(c->name), c);
	}
	for (const struct option_row *r = option_rows(); r->name; r++) {
		assert_true(r->sets && !(r->sets & ~taken));
		assert_non_null(r->doc);
		assert_int_equal(r->kind == OPTION_FLAG, r->arg == NULL);
		for (const struct option_row *o = r + 1; o->name; o++) {
			assert_string_not_equal(o->name, r->name);
			assert_true(!r->letter || r->letter != o->letter);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_teardown(name, tear_down)
		TEST(test_globals_stand_before_or_behind),
		TEST(test_arguments),
		TEST(test_no_command),
		TEST(test_unknown_names_have_a_cure),
		TEST(test_options_of_other_commands),
		TEST(test_values),
		TEST(test_numbers_of_arguments),
		TEST(test_local_passes_all_on),
		TEST(test_tables),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
