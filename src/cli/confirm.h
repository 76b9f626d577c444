/* The one question that weir asks. */
#ifndef CLI_CONFIRM_H
#define CLI_CONFIRM_H

#include "cli/cli.h"

/* True with -y, or when the answer on the terminal is `yes`. Without a terminal, with -o json, and for any
   other answer: ERR_GUARD. */
bool confirm(struct cli *cli, const char *question, struct err *err);

#endif
