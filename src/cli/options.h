/*
 * The options of every command, one row an option: what getopt_long parses, what help prints, what the
 * reference page tells. A row belongs to sets; a command names the sets it takes. Rows that may stand before
 * the command (`weir -C DIR plan`) are global. Long names are taken whole: an abbreviation that works today
 * could mean something else tomorrow.
 */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include "cli/cli.h"

enum option_set {
	SET_COMMON = 1 << 0, /* every command's */
	SET_FILE = 1 << 1,   /* which pipeline, for which target */
	SET_OCI = 1 << 2,    /* which service, as whom */
	SET_OUTPUT = 1 << 3,
	SET_TOP = 1 << 4, /* instead of a command */
	SET_PLAN = 1 << 5,
	SET_YES = 1 << 6,
	SET_RUN = 1 << 7,
	SET_STATUS = 1 << 8,
	SET_LOGS = 1 << 9,
	SET_MARKDOWN = 1 << 10,
	SET_CACHE = 1 << 11,
	SET_DELETE = 1 << 12,
	SET_LIST = 1 << 13,
	SET_OVERWRITE = 1 << 14,
	SET_PRINTED = 1 << 15,
	SET_SAVE = 1 << 16, /* folders of runs */
	SET_FOLLOW = 1 << 17,
	SET_INTO = 1 << 18,
	SET_DOCTOR = 1 << 19,
	SET_OPEN = 1 << 20,
	SET_SHOW = 1 << 21,
	SET_SDIST = 1 << 22, /* builds archives */
	SET_UPDATE = 1 << 23,
};
enum option_kind {
	OPTION_FLAG,
	OPTION_TEXT,
	OPTION_NUMBER,
	OPTION_CHOICE,
	OPTION_PARAM,
	OPTION_FIELD
};

struct field;
struct option_row {
	const char *name;
	char letter;     /* 0: none */
	const char *arg; /* name of its argument for help; NULL: takes none */
	const char *doc;
	enum option_kind kind;
	unsigned sets;
	bool global;
	size_t at; /* in struct cli */
	const char *const *choices;
	int64_t min;               /* of a NUMBER */
	const struct field *field; /* of a FIELD: what it says of a run (run_flags.h) */
};
const struct option_row *option_rows(void); /* ends by name NULL */

/* Fills cli from argv. ERR_USAGE with the nearest name for what is not known. cli->command stays NULL when
   there is none in argv. */
bool options_parse(struct cli *cli, int argc, char **argv, struct err *err);

#endif
