/*
 * What carries one attempt of a request: libcurl, or a test's own. Above this seam (queue, signatures, retries,
 * timers) everything is the same for both.
 *
 * Life of an attempt: http.c fills the first part and calls start(); the transport hands in what arrives through
 * http_attempt_header() and http_attempt_body(), which keep the limits, and ends by http_attempt_end(), exactly
 * once, from within wait(). After cancel(), which sets `sent`, the transport forgets the attempt and does not
 * end it.
 */
#ifndef HTTP_TRANSPORT_H
#define HTTP_TRANSPORT_H

#include "http/http.h"

struct http_attempt {
	const struct http_request *request;
	const struct http_fields *fields; /* all that go out, the signer's among them */
	const char *host, *target; /* Host header; path and query for the request line: as signed */
	bool near;                 /* never by a proxy */
	struct arena *arena;       /* of this attempt, for what is below */

	int status;        /* of the last status line that arrived; trust it only when `whole` */
	bool header_whole; /* the empty line that ends the header arrived */
	bool whole;        /* the reply arrived to its end */
	int interim;       /* replies before this one: 100 Continue */
	bool enough;       /* of an error's body: the rest is not read, the reply counts as whole */
	bool sent;         /* bytes of the request went out: the service may have acted */
	struct http_fields reply;
	struct buf body; /* the attempt's until http.c takes it */
	size_t header_bytes;
	uint64_t bytes_sent, bytes_received; /* of bodies */
	struct err err;                      /* why it is not whole */

	bool ended;
	void *impl; /* the transport's */
};

/* One header line with its end, the empty one too; a status line starts over. False: break off, err is set. */
bool http_attempt_header(struct http_attempt *a, const char *line, size_t n);
/* Bytes of the body, to the request's sink or the reply. False: break off, err is set. */
bool http_attempt_body(struct http_attempt *a, const void *bytes, size_t n);
/* whole, or err set. */
void http_attempt_end(struct http_attempt *a);

struct http_transport {
	void (*start)(void *ctx, struct http_attempt *a);
	void (*cancel)(void *ctx, struct http_attempt *a);
	/* Carries attempts on for up to ms, returning early when one has ended or wake() is called. False only
	   when nothing can ever be carried again. */
	bool (*wait)(void *ctx, int64_t ms, struct err *err);
	void (*wake)(void *ctx); /* ends a wait; called from any thread */
	void (*free)(void *ctx); /* NULL: nothing to free */
	void *ctx;
};

enum { HTTP_HEADER_LINE_MAX = 8 * 1024, HTTP_HEADERS_MAX = 64 * 1024 };

/* The one over libcurl. Options are read here, not kept. */
struct http_transport http_curl_transport(const struct http_options *o);

#endif
