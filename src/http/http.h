/*
 * HTTP/1.1 over one thread and curl_multi: kept-alive connections, a bound on requests in flight that fits the
 * service, retries with the wait of Oracle's SDKs, a signature made anew for each attempt. A request is started with a
 * callback, which runs inside http_run(); callbacks start further requests.
 *
 *	struct http *http = http_new(&options);
 *	http_start(http, &request, on_done, ctx);
 *	http_run(http, NULL, &err);       until nothing is in flight
 *
 * https only, but for loopback and an instance's metadata service; certificates verified; no redirects followed; a
 * reply whose body exceeds the request's max_body is ERR_PROTOCOL. After an error reply that came before the body was
 * sent whole, the connection is closed. What a request borrows (strings, bodies, sources) must live until its callback.
 */
#ifndef HTTP_HTTP_H
#define HTTP_HTTP_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/progress.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct http;
struct http_field {
	const char *name, *value;
};
struct http_fields {
	struct http_field *v;
	size_t n, cap;
};
/* Case-insensitive; NULL if absent; the first if repeated. */
const char *http_fields_get(const struct http_fields *f, const char *name);
void http_fields_add(struct http_fields *f, struct arena *a, const char *name, const char *value);

/* Adds the headers that authenticate an attempt (date, host, x-content-sha256, authorization) to `add`, which
   starts empty and goes out behind r's own. target is path and query as they will be sent. Called once an
   attempt. */
struct http_request;
struct http_signer {
	bool (*sign)(void *ctx, const struct http_request *r, const char *host, const char *target,
		struct arena *a, struct http_fields *add, struct err *err);
	void *ctx;
	bool threads; /* it may be called from other threads, for several requests at once */
};

struct http_request {
	const char *method;
	const char *url; /* whole, encoded; sent as it is (no normalising) */
	struct http_fields fields;
	const void *body; /* in memory ... */
	size_t body_len;
	bool has_body; /* POST and PUT: send content-length even when 0 */
	int body_fd;   /* ... or body_len bytes of a file from body_offset, when body_from_file */
	uint64_t body_offset;
	bool body_from_file;
	bool body_unsigned; /* PutObject and UploadPart: the hash of the body is not signed */
	size_t max_body;    /* of the reply; 0: 64 MiB */
	/* When set, a 2xx body goes there in pieces instead of to reply.body; false stops (ERR_IO). A retry
	   calls it with n 0 and bytes NULL first: start over. It must not call anything of this header. */
	bool (*sink)(void *ctx, const void *bytes, size_t n);
	void *sink_ctx;
	bool no_retry;    /* the caller resolves failures itself */
	int final_status; /* a reply of this status is not retried, whatever its error; 0: none */
	const char *what; /* for messages: "create application copy" */
};

struct http_reply {
	int status; /* 0: none arrived whole */
	struct http_fields fields;
	struct buf body;
	int attempts; /* made, at least 1 */
	/* An attempt ended without a whole reply (or with 5xx) after bytes were sent: the change may have been
	   made, by it or by one before the last. */
	bool maybe_done;
	struct err err; /* kind ERR_NONE when status is 2xx (or 304) */
};
/* reply is the caller's until the callback returns; take what you keep. */
typedef void http_done_fn(void *ctx, struct http_reply *reply);

struct http_transport; /* http/transport.h */
struct http_options {
	const struct clock *clock; /* NULL: clock_system */
	struct http_signer signer; /* sign NULL: none */
	const struct progress *progress;
	/* At once: at first, and where the service bears it (http_window.h); in_flight_max below in_flight: as that.
	   in_flight 0: 64, and up to 128. */
	int in_flight, in_flight_max;
	int attempts;               /* in total; 0: 8; 1: no retry */
	int64_t retry_total_ms;     /* cap of all waits and attempts; 0: 600 s */
	int64_t connect_timeout_ms; /* 0: 10 s */
	int64_t silence_timeout_ms; /* no byte either way, or under 100 a second; 0: 60 s. There is no total timeout. */
	const char *user_agent;
	const char *ca_file; /* NULL: the system's */
	/* The service's error body to code and message; called for replies >= 300 with err filled by status, which
	   it may refine (kind, code, text). NULL: status only. */
	void (*classify)(const struct http_reply *reply, struct err *err);
	const struct http_transport *transport; /* a test's; NULL: libcurl */
};
/* What the first http_new does once for the process, a few milliseconds: from any thread. */
void http_prepare(void);
struct http *http_new(const struct http_options *o);
void http_free(struct http *h);
void http_start(struct http *h, const struct http_request *r, http_done_fn *done, void *ctx);
/* Runs callbacks until nothing is in flight or *stop is true. False only when the transport itself breaks. */
bool http_run(struct http *h, const bool *stop, struct err *err);
/* As http_run, but only until *done, where that comes first. */
bool http_run_until(struct http *h, const bool *stop, const bool *done, struct err *err);
/* Sends what was started, as far as that goes without waiting, while the caller has other things to do. */
void http_kick(struct http *h);
/* After all others of this moment: calls fn once, ms from now, inside http_run (polling, timers). */
void http_after(struct http *h, int64_t ms, void (*fn)(void *ctx), void *ctx);
/* work(ctx) in one of a few threads, then done(ctx) inside http_run, which waits for both: for hashing. */
void http_work(struct http *h, void (*work)(void *ctx), void (*done)(void *ctx), void *ctx);
/* Fails all that is in flight with ERR_INTERRUPTED, drops timers, waits for work and calls its `done`. What callbacks
   begin meanwhile is in flight again. Safe from a callback; from a signal handler use *stop. */
void http_cancel_all(struct http *h);
/* Requests sent so far, retries included; bytes of bodies each way: for -v, tests and benchmarks. */
struct http_stats {
	uint64_t requests, retries, sent, received;
};
struct http_stats http_stats(const struct http *h);

/* What to do after attempt n (from 1) ended with err: wait before the next in ms, or -1: give up. Pure.
   OCI SDK's default: min(2^(n-1) + jitter, 30) s, retry on network errors, 429, 409 IncorrectState and
   LockConflict, 5xx but 501; jitter in 0..1. A Retry-After of up to 30 s is honoured. */
int64_t http_retry_wait(
	int n, int attempts, const struct err *err, double jitter, const char *retry_after);

#endif
