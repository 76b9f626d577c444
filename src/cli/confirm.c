#include "cli/confirm.h"

#include "base/buf.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/output.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

/* A line of standard input without its newline; at the end of the input what there is. */
static bool read_line(struct buf *line, bool *ret_whole, struct err *err)
{
	for (char c; !cli_stop;) {
		ssize_t n = read(STDIN_FILENO, &c, 1);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_errno(err, ERR_IO, "read the answer");
		*ret_whole = n && c == '\n';
		if (n == 0 || c == '\n')
			return true;
		buf_addc(line, c);
	}
	return err_set(err, ERR_INTERRUPTED, "interrupted: nothing was changed");
}

bool confirm(struct cli *cli, const char *question, struct err *err)
{
	if (cli->yes)
		return true;
	const char *command = cli->command->name;
	if (output_json(cli) || !isatty(STDIN_FILENO)) {
		err_set(err, ERR_GUARD, "`weir %s` asks before it changes anything, and %s",
			command,
			output_json(cli) ? "with -o json it does not ask"
					 : "there is no terminal to ask on");
		return err_hint(err, "with -y it does not ask");
	}
	buf_auto prompt = {0}, answer = {.max = 256};
	buf_printf(&prompt, "\n%s Only `yes` is taken for yes: ", question);
	output_stderr(cli, &prompt);
	bool whole = false, had = read_line(&answer, &whole, err);
	buf_truncate(&prompt, 0);
	buf_adds(&prompt, whole ? "" : "\n");
	output_stderr(cli, &prompt);
	if (!had)
		return false;
	if (text_equal(buf_str(&answer), "yes"))
		return true;
	return err_set(err, ERR_GUARD, "the answer was not `yes`: nothing was changed");
}
