/*
 * A session with OCI: one config profile, one event loop (http.h), the endpoints of the services. The typed
 * calls are in dataflow.h and objectstorage.h; all are asynchronous: they return at once and call `done`
 * from oci_run(); what is still under way when the session ends is done with ERR_INTERRUPTED, from oci_free(), so what
 * a callback touches lives as long as the session. Replies are decoded by the field tables into the session's arena.
 *
 * `done` gets an err: kind ERR_NONE on success. Ambiguity is resolved here, once for all callers (design,
 * "Retries and ambiguity"): a lost reply is looked at before it is judged.
 *
 *	struct oci *oci = oci_new(&options, &err);
 *	dataflow_application_get(oci, id, on_app, ctx);
 *	oci_run(oci, &err);
 *	oci_free(oci);
 */
#ifndef OCI_OCI_H
#define OCI_OCI_H

#include "base/arena.h"
#include "base/err.h"
#include "field/field.h"
#include "http/http.h"
#include "oci/config.h"

struct oci;
struct oci_options {
	const struct oci_config *config; /* borrowed */
	const char *endpoint;            /* for all services; NULL: by region */
	const char *dataflow_endpoint, *objectstorage_endpoint; /* override `endpoint` */
	const char *ca_file;       /* of who is trusted, PEM; NULL: the system's */
	const struct clock *clock; /* NULL: the system's */
	const struct progress *progress;
	int in_flight;                                  /* 0: 64 at first (http.h) */
	int attempts;                                   /* 0: 8 */
	int64_t retry_total_ms;                         /* 0: 600 s */
	int64_t connect_timeout_ms, silence_timeout_ms; /* 0: 10 s, 60 s (http.h) */
	const char *user_agent;
	const struct http_transport *transport; /* a test's; NULL: libcurl */
	const bool *stop; /* set by a signal handler: oci_run returns ERR_INTERRUPTED */
};
struct oci *oci_new(const struct oci_options *o, struct err *err);
void oci_free(struct oci *oci);
/* Runs callbacks until nothing is in flight. */
bool oci_run(struct oci *oci, struct err *err);
/* Or until *done, with the rest still in flight. */
bool oci_run_until(struct oci *oci, const bool *done, struct err *err);
struct arena *oci_arena(struct oci *oci);
struct http *oci_http(struct oci *oci);
const struct oci_config *oci_profile(const struct oci *oci);
const char *oci_tenancy(const struct oci *oci);
const char *oci_region(const struct oci *oci); /* NULL where endpoints were given and no region */
struct refresh;
struct refresh *oci_refresh(
	const struct oci *oci); /* of a session's token; NULL: an API key signs */
const char *oci_key_id(const struct oci *oci);
const struct progress *oci_progress(const struct oci *oci);
/* The service's time of the reply that is being delivered, in Unix ms; 0: it told none. */
int64_t oci_reply_date(const struct oci *oci);
bool oci_is_stopped(const struct oci *oci); /* the stop flag; from any thread */
/* What the paths of each API are appended to: endpoint and base path. */
const char *oci_dataflow_url(const struct oci *oci);
const char *oci_storage_url(const struct oci *oci);
const char *oci_secrets_url(const struct oci *oci);
bool oci_is_local(const struct oci *oci); /* a weir-local: nothing else speaks http */

/* Synchronous use: { struct oci_wait w = {0}; dataflow_x(oci, ..., cb, &w); oci_run(...) } is what each
   caller writes; done with only an err has a ready callback. */
typedef void oci_done_fn(void *ctx, const struct err *err);
struct oci_wait {
	bool done;
	struct err err;
};
void oci_wait_done(void *ctx, const struct err *err); /* an oci_done_fn for a struct oci_wait */

#endif
