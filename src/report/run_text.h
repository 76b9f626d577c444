/*
 * Runs and applications for people: the steps of a launch, lists, one run in full. Widths are a terminal's
 * columns, 0 for none.
 *
 *	STEP    STATE          TIME  RUN                              OCID
 *	ingest  SUCCEEDED     31.9s  flights-ingest-20261120T153639Z  ocid1.dataflowrun.oc1..one
 *	delays  FAILED        12.0s  flights-delays-20261120T153712Z  ocid1.dataflowrun.oc1..two
 *	routes  NOT_LAUNCHED      -  -                                -
 */
#ifndef REPORT_RUN_TEXT_H
#define REPORT_RUN_TEXT_H

#include "base/arena.h"
#include "base/buf.h"
#include "run/list.h"
#include "run/run.h"

/* Of one run; NULL: there is none. */
struct run_place {
	const char *folder, *console;
};

/* A step's state: its run's lifecycle state where there is a run, else WAITING, LAUNCHING, NOT_LAUNCHED,
   ERROR. */
const char *run_text_state(const struct run_result *result);
/* "31.9s", from the service's figure or, while it goes on, from its creation to now; NULL before there is one. */
int64_t run_text_ms(const struct run *run, int64_t now_ms); /* -1 before there is one */
const char *run_text_time(const struct run *run, int64_t now_ms, struct arena *a);

void run_text_steps(const struct run_step *steps, const struct run_result *results, size_t n,
	int64_t now_ms, int width, struct arena *a, struct buf *out);
/* everybodys: of which pipeline and target each is, is told too. */
void run_text_runs(const struct runs *runs, bool everybodys, int64_t now_ms, int width,
	struct arena *a, struct buf *out);
void run_text_apps(const struct listed_apps *apps, bool everybodys, int width, struct arena *a,
	struct buf *out);
/* The logs of a run: where each lies in Object Storage, and the local file; NULL: there is none. */
void run_text_logs(const struct run *run, const struct run_log *logs, const char *const *files,
	size_t n, int width, struct arena *a, struct buf *out);
/* What the state means, and lifecycleDetails: "the service stopped it before its end: ...". */
const char *run_text_words(const struct run *run, struct arena *a);
/* "driver VM.Standard.E4.Flex (1 OCPU, 16 GB), 2 executors VM.Standard.E4.Flex (1 OCPU, 16 GB); 3 OCPUs in all"; NULL:
   nothing is known. */
const char *run_text_size(const struct run *run, struct arena *a);
/* OCPUs times hours so far, which is what costs; of one that goes on at most, since it may have waited. NULL: not
   known. */
const char *run_text_ocpu_hours(const struct run *run, int64_t now_ms, struct arena *a);
/* In a few words: "driver and 2 executors, 5 OCPUs, 0.100 OCPU-hours"; "" where nothing is known. */
const char *run_text_brief(const struct run *run, int64_t now_ms, struct arena *a);
/* All that is known of one run: how it is getting on, its places, then a line a field. */
void run_text_run(const struct run *run, const struct run_place *place, int64_t now_ms,
	struct arena *a, struct buf *out);

#endif
