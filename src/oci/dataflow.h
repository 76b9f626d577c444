/*
 * Data Flow, API 20200129: applications, runs, run logs. See oci.h for how calls end. Records and strings given
 * to callbacks live in the session's arena, but those of one run (dataflow_run_fn) only until the callback returns:
 * what is looked at for hours must not pile up. Keep a field_copy().
 */
#ifndef OCI_DATAFLOW_H
#define OCI_DATAFLOW_H

#include "model/application.h"
#include "model/run.h"
#include "oci/oci.h"

typedef void dataflow_application_fn(
	void *ctx, const struct err *err, const struct application *app, const char *etag);
typedef void dataflow_run_fn(
	void *ctx, const struct err *err, const struct run *run, const char *etag);
/* Called for each summary as its page arrives (GETs may begin while the listing goes on), then once with app
   NULL: the end, or the error. Summaries lack most fields (contract: ApplicationSummary). */
typedef void dataflow_application_each_fn(
	void *ctx, const struct err *err, const struct application *app);
typedef void dataflow_run_each_fn(void *ctx, const struct err *err, const struct run *run);

void dataflow_application_list(
	struct oci *oci, const char *compartment_id, dataflow_application_each_fn *fn, void *ctx);
void dataflow_application_get(
	struct oci *oci, const char *id, dataflow_application_fn *done, void *ctx);
/* identity: what the retry token is derived from, with the body and a salt (design: InvalidatedRetryToken:
   list again; if ours is there, take it; else another salt, the OCID of the newest that was deleted). app is borrowed until done. */
void dataflow_application_create(struct oci *oci, const struct application *app,
	const char *identity, dataflow_application_fn *done, void *ctx);
/* body: field_update_body's. etag NULL: no if-match. A 412 to a repeated PUT whose application now equals what
   we sent is success; other 412 are ERR_CONFLICT. */
void dataflow_application_update(struct oci *oci, const char *id, const struct node *body,
	const char *etag, dataflow_application_fn *done, void *ctx);
/* The service's own action, ChangeApplicationCompartment: what else it is stays. A reply that was lost is looked
   for, as that of an update. */
void dataflow_application_move(struct oci *oci, const char *id, const char *compartment_id,
	const char *etag, oci_done_fn *done, void *ctx);
/* A 404 to a repeated DELETE is success. */
void dataflow_application_delete(
	struct oci *oci, const char *id, const char *etag, oci_done_fn *done, void *ctx);

/* filter: at most one, as the service takes; name NULL: none. E.g. {"applicationId", id}. */
struct dataflow_filter {
	const char *name, *value;
};
void dataflow_run_list(struct oci *oci, const char *compartment_id, struct dataflow_filter filter,
	dataflow_run_each_fn *fn, void *ctx);
/* In an order, and only as many pages as are wanted (contract: ListRuns sortBy: timeCreated, runDurationInMilliseconds,
   totalOCpu, dataReadInBytes, dataWrittenInBytes and texts; paging and sorting do not count as filters). */
struct dataflow_order {
	struct dataflow_filter filter;
	const char *sort_by; /* NULL: the service's own order */
	bool ascending;
	int page_size;           /* 0: 100; at most 1000 */
	bool (*more)(void *ctx); /* asked after each page; false: no further one. NULL: all */
};
void dataflow_run_list_by(struct oci *oci, const char *compartment_id,
	const struct dataflow_order *order, dataflow_run_each_fn *fn, void *ctx);
void dataflow_run_get(struct oci *oci, const char *id, dataflow_run_fn *done, void *ctx);
/* run is borrowed until done. token_seed: what makes this launch unique; the same seed never launches twice within
   24 hours. */
void dataflow_run_create(struct oci *oci, const struct run *run, const char *token_seed,
	dataflow_run_fn *done, void *ctx);
/* DELETE /runs/{id}: cancel. ERR_INCORRECT_STATE when it has ended already. */
void dataflow_run_cancel(struct oci *oci, const char *id, oci_done_fn *done, void *ctx);

typedef void dataflow_log_list_fn(
	void *ctx, const struct err *err, const struct run_log *logs, size_t n);
void dataflow_run_log_list(
	struct oci *oci, const char *run_id, dataflow_log_list_fn *done, void *ctx);
/* The log's text, gunzipped whichever way it was served, until the callback returns. */
typedef void dataflow_log_fn(void *ctx, const struct err *err, const char *text, size_t len);
void dataflow_run_log_get(
	struct oci *oci, const char *run_id, const char *name, dataflow_log_fn *done, void *ctx);

#endif
