#include "cli/output.h"

#include "base/fs.h"
#include "base/text.h"
#include "cli/progress.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

static const char *const level_words[] = {"error", "warning", "", ""};
static const char *const level_names[] = {"error", "warning", "info", "debug"};
static const char *const level_colors[] = {"\033[1;31m", "\033[1;33m", "", ""};

bool output_is(const struct cli *cli, const char *form)
{
	return cli->output && !strcmp(cli->output, form);
}

bool output_json(const struct cli *cli)
{
	return output_is(cli, "json");
}

/* Whether what is told on stderr is. */
static bool tells_json(const struct cli *cli)
{
	return output_json(cli) || output_is(cli, "jsonl");
}

bool output_color(const struct cli *cli, int fd)
{
	if (cli->color && strcmp(cli->color, "auto"))
		return !strcmp(cli->color, "always");
	const char *term = getenv("TERM");
	return text_empty(getenv("NO_COLOR")) && isatty(fd) && term && *term &&
		strcmp(term, "dumb");
}

int output_width(int fd)
{
	struct winsize size;
	return isatty(fd) && ioctl(fd, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

/* Puts "(sensitive)" where secret stands in text. */
static void leave_out(const char *secret, size_t n, struct buf *text)
{
	buf_auto kept = {0};
	const char *at = text->data, *end = text->data + text->len, *found;
	while (n && (found = memmem(at, (size_t)(end - at), secret, n))) {
		buf_add(&kept, at, (size_t)(found - at));
		buf_adds(&kept, "(sensitive)");
		at = found + n;
	}
	if (at == text->data)
		return;
	buf_add(&kept, at, (size_t)(end - at));
	buf_truncate(text, 0);
	buf_add(text, kept.data, kept.len);
}

/* As they are, and as they stand in JSON. */
void output_leave_out_secrets(const struct cli *cli, struct buf *text)
{
	for (size_t i = 0; cli->secrets && text->len && i < cli->secrets->n; i++) {
		const char *secret = cli->secrets->v[i];
		buf_auto json = {0};
		text_json(&json, secret, strlen(secret));
		leave_out(secret, strlen(secret), text);
		leave_out(json.data + 1, json.len - 2, text);
	}
}

bool output_flush(struct cli *cli, struct err *err)
{
	struct err failed = {0};
	progress_draw_hide(cli->draw);
	output_leave_out_secrets(cli, &cli->out);
	bool ok =
		!cli->out.len || fs_write_all(STDOUT_FILENO, cli->out.data, cli->out.len, &failed);
	int why = errno;
	buf_truncate(&cli->out, 0);
	if (ok)
		return true;
	err_set(err, ERR_IO, "write to stdout: %s", strerror(why));
	if (why == EPIPE)
		err->text[0] = '\0';
	return false;
}

void output_node(struct cli *cli, const struct node *node)
{
	node_to_json(node, NODE_JSON_INDENT, &cli->out);
	if (!text_ends(buf_str(&cli->out), "\n"))
		buf_addc(&cli->out, '\n');
}

void output_stderr(struct cli *cli, struct buf *text)
{
	struct err ignored;
	output_leave_out_secrets(cli, text);
	progress_draw_hide(cli->draw);
	(void)!fs_write_all(STDERR_FILENO, buf_str(text), text->len, &ignored);
}

static void put_json(struct buf *out, const char *key, const char *text)
{
	buf_adds(out, key);
	text_json(out, text, strlen(text));
}

static void error_json(const struct err *err, struct buf *out)
{
	const char *rest = strchrnul(err->text, '\n');
	buf_adds(out, "{\"@level\":\"error\",\"@message\":");
	text_json(out, err->text, (size_t)(rest - err->text));
	buf_adds(out,
		",\"@module\":\"weir\",\"type\":\"diagnostic\",\"diagnostic\":{\"severity\":\"error\"");
	buf_adds(out, ",\"summary\":");
	text_json(out, err->text, (size_t)(rest - err->text));
	put_json(out, ",\"detail\":", *rest ? rest + 1 + strspn(rest + 1, " ") : "");
	put_json(out, ",\"kind\":", err_kind_name(err->kind));
	if (err->http_status)
		buf_printf(out, ",\"http_status\":%d", err->http_status);
	if (*err->code)
		put_json(out, ",\"code\":", err->code);
	buf_adds(out, "}}\n");
}

static void level_text(struct cli *cli, enum output_level level, const char *text, struct buf *out)
{
	if (*level_words[level]) {
		bool color = output_color(cli, STDERR_FILENO);
		buf_printf(out, "%s%s:%s ", color ? level_colors[level] : "", level_words[level],
			color ? "\033[0m" : "");
	}
	for (const char *line = text, *end; *line; line = *end ? end + 1 : end) {
		end = strchrnul(line, '\n');
		if (line != text) {
			line += strspn(line, " ");
			buf_adds(out, "  ");
		}
		text_escape(out, line, (size_t)(end - line), false);
		buf_addc(out, '\n');
	}
}

void output_error(struct cli *cli, const struct err *err)
{
	if (!*err->text)
		return;
	buf_auto out = {0};
	if (tells_json(cli))
		error_json(err, &out);
	else
		level_text(cli, OUTPUT_ERROR, err->text, &out);
	output_stderr(cli, &out);
}

void output_diags(struct cli *cli)
{
	buf_auto out = {0};
	diag_sort(&cli->diags);
	if (tells_json(cli))
		diag_render_json(&cli->diags, &out);
	else
		diag_render_text(&cli->diags, output_color(cli, STDERR_FILENO), &out);
	if (out.len)
		output_stderr(cli, &out);
	cli->diags.n = cli->diags.errors = cli->diags.warnings = cli->diags.dropped = 0;
}

void output_say(struct cli *cli, enum output_level level, const char *fmt, ...)
{
	if (level == OUTPUT_DEBUG && !cli->verbose)
		return;
	buf_auto text = {.max = 1 << 20}, out = {0};
	va_list ap;
	va_start(ap, fmt);
	buf_vprintf(&text, fmt, ap);
	va_end(ap);
	if (!tells_json(cli)) {
		level_text(cli, level, buf_str(&text), &out);
	} else {
		put_json(&out, "{\"@level\":", level_names[level]);
		put_json(&out, ",\"@message\":", buf_str(&text));
		buf_adds(&out, ",\"@module\":\"weir\",\"type\":\"log\"}\n");
	}
	output_stderr(cli, &out);
}
