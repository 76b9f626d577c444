#include "cli/credentials.h"

#include "base/fs.h"
#include "base/text.h"
#include "cli/output.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

enum { BUNDLE_MAX = 16 * 1024 * 1024 };

static bool read_phrase(struct buf *out, struct err *err)
{
	for (char c; !cli_stop;) {
		ssize_t n = read(STDIN_FILENO, &c, 1);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_errno(err, ERR_IO, "read the pass phrase");
		if (n == 0 || c == '\n')
			return true;
		buf_addc(out, c);
	}
	return err_set(err, ERR_INTERRUPTED, "interrupted");
}

/* oci_config_options.ask: on the terminal, without echo. */
static bool ask(void *ctx, const char *name, struct buf *out, struct err *err)
{
	struct cli *cli = ctx;
	struct termios was, quiet;
	if (output_json(cli) || !isatty(STDIN_FILENO) || tcgetattr(STDIN_FILENO, &was))
		return false;
	quiet = was;
	quiet.c_lflag &= (tcflag_t)~ECHO;
	buf_auto prompt = {0};
	buf_adds(&prompt, "Pass phrase of ");
	text_escape(&prompt, name, strlen(name), false);
	buf_adds(&prompt, ": ");
	tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet);
	output_stderr(cli, &prompt);
	bool ok = read_phrase(out, err);
	tcsetattr(STDIN_FILENO, TCSAFLUSH, &was);
	buf_truncate(&prompt, 0);
	buf_adds(&prompt, "\n");
	output_stderr(cli, &prompt);
	return ok;
}

bool credentials_load(struct cli *cli, struct oci_config_options *o, bool may_ask,
	struct oci_config *ret, struct err *err)
{
	o->ask = may_ask ? ask : NULL;
	o->ask_ctx = cli;
	return oci_config_load(o, &cli->arena, ret, err);
}

void credentials_warn(struct cli *cli, const struct oci_config *c)
{
	for (size_t i = 0; i < c->exposed_n; i++)
		output_say(cli, OUTPUT_WARNING, "others can read %s: chmod 600 it", c->exposed[i]);
	if (c->token_unused)
		output_say(cli, OUTPUT_WARNING,
			"%s has a session's token, which is not used\nto sign with it: --auth "
			"security_token",
			c->where);
}

bool credentials_certificates(struct cli *cli, const char **ret, struct err *err)
{
	const char *given = cli->cert_bundle, *where = "--cert-bundle";
	if (!given) {
		given = getenv("OCI_CLI_CERT_BUNDLE");
		where = "OCI_CLI_CERT_BUNDLE";
	}
	if (text_empty(given))
		return true;
	buf_auto text = {.max = BUNDLE_MAX};
	const char *path = fs_expand_home(&cli->arena, given);
	if (!fs_read(path, &text, err)) {
		err->kind = ERR_CONFIG;
		return err_wrap(err, "%s", where);
	}
	if (!strstr(buf_str(&text), "-----BEGIN ") || !strstr(buf_str(&text), "CERTIFICATE-----")) {
		err_set(err, ERR_CONFIG, "%s: %s holds no certificate in PEM form", where, path);
		return err_hint(err, "it must hold those of who signs the service's certificate");
	}
	*ret = path;
	return true;
}
