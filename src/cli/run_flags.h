/*
 * The flags of `weir run` that say what its runs have otherwise than their steps and applications: one for each row
 * of run_given_record, named as the field. A list is given an item at a time (`--argument`), a map a key at a time
 * (`--configuration KEY=VALUE`), a record as `KEY=VALUE,...`. Data Flow parameters have a flag of their own (--param),
 * since they are held against what the application declares.
 */
#ifndef CLI_RUN_FLAGS_H
#define CLI_RUN_FLAGS_H

#include "cli/cli.h"
#include "model/run.h"

struct option_row;
enum { RUN_FLAGS_MAX = 32 };
/* Fills rows, at most RUN_FLAGS_MAX, whose texts live as long as the process; how many. */
size_t run_flags_rows(struct option_row *rows);
/* The step's run with the flags put over it: maps key by key, the rest in its place. ERR_USAGE names the flag. */
bool run_flags_over(struct cli *cli, const struct run *step, struct run *ret, struct err *err);
/* Whether one of them is that field. */
bool run_flags_have(const struct cli *cli, const char *field);

#endif
