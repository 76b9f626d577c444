/*
 * The folders that runs leave on this machine (run/save.h), as commands keep them: where, what is said of it, and what
 * is not kept. A folder that can't be written is told and remembered; whatever else goes on.
 */
#ifndef CLI_SAVING_H
#define CLI_SAVING_H

#include "cli/session.h"
#include "model/run.h"

struct saving;
/* NULL: nothing is to be saved (--no-save-logs). After the file was resolved. */
struct saving *saving_new(struct session *s);
/* Begins to save what there is of the run, at its launch and at its end, while oci_run goes on; the second waits for the
   first. app_name NULL: it is asked for. saving NULL: does nothing. label NULL: nothing is said when it is done. */
void saving_keep(struct saving *saving, const char *label, const char *app_name,
	const struct run *run, bool logs);
/* Until all is done. */
bool saving_wait(struct saving *saving, struct err *err);
/* NULL: none, or not yet. */
const char *saving_folder(const struct saving *saving, const char *run_id);
/* ERR_IO, or what else it was, when a folder could not be had or filled. */
bool saving_verdict(const struct saving *saving, struct err *err);
/* Where the folder of a run is, if it is there. */
const char *saving_find(struct session *s, const struct run *run, bool *ret_complete);
/* The page of a run or an application in the console; NULL: a local service has none. */
const char *saving_console(const struct session *s, const char *id);

#endif
