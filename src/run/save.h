/*
 * What a run leaves on this machine (folder.h): the script as it ran, its logs, and run.json, which says what the run
 * is, as the service has it, and of which version of the script. Each file is written aside and renamed. It may be
 * done again: what is there of the run is completed; the script that was kept at its launch stays.
 *
 * run.json: {"format_version", "id", "console", "application": {"id", "display_name"}, "script": {"uri", "file", "size",
 * "etag", "version_id", "md5", "sha256", "time_modified"}, "logs": [{"name", "source", "type", "size", "uri", "file"}],
 * "complete", "run": all fields, in YAML's names}.
 */
#ifndef RUN_SAVE_H
#define RUN_SAVE_H

#include "oci/oci.h"
#include "run/folder.h"

struct save_options {
	const char *base; /* folder of the folders */
	const char *
		app_name; /* display name; NULL: the service is asked, where no folder is there yet */
	const struct run *run;
	const char *console; /* its page; NULL: none */
	bool logs;  /* all that the service has; of an ended run they are waited for a while */
	bool fresh; /* it ended just now: its logs may be late */
	/* Takes out of a text what must not be kept; NULL: nothing. */
	void (*redact)(void *ctx, struct buf *text);
	void *ctx;
};
struct save_result {
	const char *folder; /* NULL: none could be had */
	bool complete;      /* the run has ended, and all is there */
	const char *lacks;  /* why there is no script; NULL: there is one */
	struct err err;     /* the first that failed */
};
typedef void save_done_fn(void *ctx, const struct save_result *result);
/* done is not called when the session ends before. What o points to is borrowed until done. Files that can't be written are an ERR_IO that names them; the
   others are written all the same. */
void save_run(struct oci *oci, const struct save_options *o, save_done_fn *done, void *ctx);

/* Names of files in the folder. Pure. taken: names given before, n of them. */
char *save_script_name(struct arena *a, const char *object);
char *save_log_name(struct arena *a, const struct run_log *log, const char *const *taken, size_t n);
/* Where `was`, an earlier run.json, has "(sensitive)" in a text, that text stays. Pure. */
struct node *save_keep_hidden(struct arena *a, struct node *now, const struct node *was);

#endif
