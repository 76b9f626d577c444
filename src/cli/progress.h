/*
 * Draws what the libraries send as progress (base/progress.h) on stderr. On a terminal: a few lines that are
 * redrawn in place and gone in the end. Elsewhere: plain lines, and only of what has taken over two seconds,
 * then every ten. With -q nothing, with -v every request too; with -o json only what is worth a line by
 * itself.
 *
 * Whoever else writes to the terminal hides the lines first (output.h does); the next event draws them again.
 */
#ifndef CLI_PROGRESS_H
#define CLI_PROGRESS_H

#include "cli/cli.h"

/* Makes cli->draw and fills cli->progress. */
void progress_draw_start(struct cli *cli);
void progress_draw_hide(struct progress_draw *d); /* NULL: nothing */
void progress_draw_end(struct cli *cli);

#endif
