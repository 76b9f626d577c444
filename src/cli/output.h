/*
 * Where weir's words go. The result is gathered in cli->out and written by output_flush; everything else is
 * for people on stderr: errors ("error: ..." and lines of advice), warnings, notes. With -o json and jsonl each of
 * those is one JSON object a line, of the shape of the file's diagnostics (base/diag.h).
 *
 * Values of sensitive parameters come out of none of these: "(sensitive)" stands in their place.
 *
 * A write to stdout that fails is an error of its own (status 3): a full disk must not look like success.
 */
#ifndef CLI_OUTPUT_H
#define CLI_OUTPUT_H

#include "cli/cli.h"

enum output_level { OUTPUT_ERROR, OUTPUT_WARNING, OUTPUT_NOTE, OUTPUT_DEBUG };

bool output_json(const struct cli *cli); /* -o json */
bool output_is(const struct cli *cli, const char *form);
bool output_color(const struct cli *cli, int fd); /* ANSI escapes on this descriptor */
int output_width(int fd);                         /* columns of a terminal; 0: none */
/* Writes cli->out to stdout and empties it. A reader that went away is ERR_IO with an empty text. */
bool output_flush(struct cli *cli, struct err *err);
/* The result as JSON, indented, with a final newline. */
void output_node(struct cli *cli, const struct node *node);

/* Puts "(sensitive)" in the place of what is; the functions here do so themselves. */
void output_leave_out_secrets(const struct cli *cli, struct buf *text);
/* Lines for people; nothing is told when it fails. */
void output_stderr(struct cli *cli, struct buf *text);
void output_error(struct cli *cli, const struct err *err);
void output_diags(struct cli *cli); /* tells them, and empties cli->diags */
/* Lines; control characters in them are escaped. OUTPUT_DEBUG: only with -v. */
void output_say(struct cli *cli, enum output_level level, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

#endif
