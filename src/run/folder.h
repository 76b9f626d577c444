/*
 * The folder of a run on this machine:
 *
 *	<base>/<application's display name>-<last 6 of its OCID>/<run's display name>-<time created>/
 *
 * The end of the OCID is everywhere the same, so two machines agree. Each part is made safe as a file name. A folder
 * is its run's by the id in its run.json: nothing is written into another's.
 */
#ifndef RUN_FOLDER_H
#define RUN_FOLDER_H

#include "model/run.h"

#define FOLDER_RECORD "run.json"

/* The two parts below the base, pure. app_name NULL: not known any more. */
char *folder_of_application(struct arena *a, const char *app_name, const char *app_id);
char *folder_of_run(struct arena *a, const struct run *run);

struct folder {
	const char *path;
	const struct node *record; /* its run.json as it is; NULL: none yet */
};
/* Where the run's folder is, if it is there: also under a name that its application had before. Else path NULL. */
void folder_find(struct arena *a, const char *base, const struct run *run, struct folder *ret);
/* Finds or makes it. A folder of that name that is another run's (names that differ only in case, on some file
   systems) is left alone: this one then bears the end of the run's OCID too. ERR_IO where it can't be made, or holds
   what is no run's. */
bool folder_claim(struct arena *a, const char *base, const char *app_name, const struct run *run,
	struct folder *ret, struct err *err);

#endif
