#include "cli/commands.h"
#include "cli/output.h"
#include "cli/output_objects.h"
#include "cli/which_run.h"
#include "report/printed.h"
#include "run/log.h"
#include "run/tag.h"

#include "base/text.h"

#include <unistd.h>

/* A name may be that of another pipeline's run; whoever gives an OCID knows which one is meant. */
static bool is_meant(
	const struct session *s, const char *what, const struct run *run, struct err *err)
{
	struct run_tag tag;
	bool known = run_tag_parse(&s->cli->arena, &run->freeform_tags, &tag);
	if (!s->spec ||
		(known && text_equal(tag.pipeline, s->pipeline) &&
			text_equal(tag.target, s->target_name)))
		return true;
	const char *whose = known ? arena_printf(&s->cli->arena, "of pipeline %s, target %s",
					    tag.pipeline, tag.target)
				  : "of no pipeline";
	if (text_starts(what, "ocid1.")) {
		output_say(s->cli, OUTPUT_NOTE, "%s is %s", run->display_name, whose);
		return true;
	}
	err_set(err, ERR_USAGE, "%s is %s, not of %s, target %s", what, whose, s->pipeline,
		s->target_name);
	return err_hint(err, "if it is meant, name it by its OCID: %s", run->id);
}

static bool find(struct session *s, const char *what, const struct run **ret, struct err *err)
{
	if (!which_run(s, what, ret, err) || !is_meant(s, what, *ret, err))
		return false;
	const struct run *run = *ret;
	if (run_state_exit_status(run->lifecycle_state) < 0) {
		err_set(err, ERR_INCORRECT_STATE, "%s has not ended: %s", run->display_name,
			run->lifecycle_state);
		return err_hint(err, "`weir logs %s` tells what it has printed so far", what);
	}
	if (!text_equal(run->lifecycle_state, "SUCCEEDED"))
		output_say(s->cli, OUTPUT_WARNING,
			"%s did not succeed: %s; what there is may not be all", run->display_name,
			run->lifecycle_state);
	return true;
}

static enum printed_form form_of(const struct cli *cli)
{
	return text_equal(cli->format, "jsonl")  ? PRINTED_JSONL
		: text_equal(cli->format, "csv") ? PRINTED_CSV
						 : PRINTED_RAW;
}

static const char *lines(const struct cli *cli, size_t n)
{
	return arena_printf((struct arena *)&cli->arena, "%zu line%s", n, n == 1 ? "" : "s");
}

static void say_left_out(struct cli *cli, const struct printed_count *n)
{
	const char *form = form_of(cli) == PRINTED_JSONL ? "JSON objects or arrays"
		: n->is_columns                          ? "JSON objects"
							 : "CSV of as many fields as most";
	if (n->logged)
		output_say(cli, OUTPUT_NOTE, "%s of logs left out", lines(cli, n->logged));
	if (n->unfit)
		output_say(cli, OUTPUT_NOTE, "%s left out that %s no %s", lines(cli, n->unfit),
			n->unfit == 1 ? "is" : "are", form);
	if (!n->kept)
		output_say(
			cli, OUTPUT_NOTE, "No output%s.", (n->logged + n->unfit) ? " is left" : "");
}

static bool print(struct session *s, const struct run *run, struct err *err)
{
	struct cli *cli = s->cli;
	const char *log;
	size_t len;
	buf_auto text = {0};
	if (!run_log_text(s->oci, run->id, RUN_STDOUT, log_patience(run, clock_wall(cli->clock)),
		    &log, &len, err))
		return err_wrap(err, "%s (%s)", run->display_name, run->lifecycle_state);
	struct printed_count n = printed(form_of(cli), log, len, &text);
	if (isatty(STDOUT_FILENO))
		text_escape(&cli->out, buf_str(&text), text.len, true);
	else
		buf_add(&cli->out, buf_str(&text), text.len);
	say_left_out(cli, &n);
	return true;
}

/* [RUN] [URI [DIR]] */
static bool read_args(
	struct cli *cli, const char **run, const char **uri, const char **folder, struct err *err)
{
	size_t at = 0;
	*run = *uri = NULL;
	*folder = ".";
	if (!text_starts(cli->args[at], "oci://"))
		*run = cli->args[at++];
	if (at < cli->args_n)
		*uri = cli->args[at++];
	if (at < cli->args_n)
		*folder = cli->args[at++];
	if (*uri && !text_starts(*uri, "oci://"))
		err_set(err, ERR_USAGE, "`weir output`: `%s` is no address, oci://BUCKET/PREFIX",
			*uri);
	else if (at < cli->args_n)
		err_set(err, ERR_USAGE, "`weir output`: `%s` is one argument too many",
			cli->args[at]);
	else if (*uri && cli->format)
		err_set(err, ERR_USAGE,
			"`--format` is for what a run printed: objects come as they are");
	else if (!*uri && cli->overwrite)
		err_set(err, ERR_USAGE, "`--overwrite` is for objects: no address is given");
	else
		return true;
	return err_hint(err, "usage: weir output [RUN] [oci://BUCKET/PREFIX [DIR]] [OPTION...]");
}

bool cmd_output(struct cli *cli, struct err *err)
{
	session_auto s = {0};
	const char *what, *uri, *folder;
	const struct run *run = NULL;
	if (!read_args(cli, &what, &uri, &folder, err) || !session_open_any(&s, cli, err) ||
		(what && !find(&s, what, &run, err)))
		return false;
	if (uri)
		return output_objects(&s, uri, folder, err);
	return run ? print(&s, run, err) : err_set(err, ERR_BUG, "neither a run nor an address");
}
