/*
 * What `weir import` takes from the live service: which applications are meant, whose they are, and where the file is to
 * say that they are.
 */
#ifndef CLI_IMPORTING_H
#define CLI_IMPORTING_H

#include "cli/session.h"
#include "import/import.h"

struct importing {
	struct strs apps, compartments,
		files; /* arguments by their kind; only one of the three has any */
};
/* ERR_USAGE for what is none of them. */
bool importing_sort(struct cli *cli, struct importing *ret, struct err *err);
/* Where a definition's file is for: no service is asked. */
void importing_target_of_file(struct cli *cli, struct import *im);
/* Reads the applications into im, which it begins: of which pipeline they are, if of any. All that cannot be had are
   told, then ERR_NOT_FOUND or what else the first of them was. */
bool importing_read(
	struct session *s, const struct importing *what, struct import *im, struct err *err);

#endif
