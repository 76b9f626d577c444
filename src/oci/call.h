/*
 * One call of the OCI API, from the request that is being built to the callback that gets its reply. A call owns an
 * arena for what lives only as long as it does (URL, body, the reply's nodes); records go to the session's arena, or
 * where `into` says.
 *
 *	struct call *c = call_new(oci, "GET", oci_dataflow_url(oci), "get application %s", id);
 *	call_path(c, "/applications/%s", text_percent(&c->arena, id));
 *	call_query(c, "limit", "100");
 *	call_start(c, on_reply, ctx);
 *
 * on_reply runs once; the call is freed behind it, unless it started it again with call_start().
 */
#ifndef OCI_CALL_H
#define OCI_CALL_H

#include "field/field.h"
#include "oci/oci.h"

struct call;
#define POLICY_PLACE "compartment <compartment>"

typedef void call_fn(void *ctx, struct call *c, struct http_reply *reply);
struct call {
	struct oci *oci;
	struct arena arena;
	struct http_request http; /* further settings go straight in there */
	struct arena *into; /* of records and headers that are kept; the session's unless set */
	struct buf url, body;
	bool has_query, again;
	bool is_refresh; /* of the session's token (refresh.h): waits for none, and is wiped */
	bool is_secret;  /* what it brings: wiped too */
	bool sent_anew;  /* with a new token, after a 401 */
	const char *used_key_id;
	int attempts; /* and the next: of those that the 401 ended */
	bool maybe_done;
	struct call *next_waiting; /* for a fresh token */
	/* http.max_body is 1 MiB unless set: one resource. */
	/* What a policy must allow, "manage objects in " POLICY_PLACE; NULL: no hint. Where query or body name a
	   compartment, the hint names it too. */
	const char *policy, *compartment;
	call_fn *done;
	void *ctx;
};

/* Keeps the Date of a reply for oci_reply_date(). */
void oci_note_reply(struct oci *oci, const struct http_reply *reply);

/* base: scheme, host and base path; the rest is what it does, for messages. */
struct call *call_new(struct oci *oci, const char *method, const char *base, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
/* Sets the policy of which a refusal's hint tells; returns the call. */
static inline struct call *call_policy(struct call *c, const char *policy)
{
	c->policy = policy;
	return c;
}
void call_path(struct call *c, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void call_query(struct call *c, const char *name, const char *value); /* encodes both */
void call_header(struct call *c, const char *name, const char *value);
void call_json(struct call *c, const struct node *body);
void call_start(struct call *c, call_fn *done, void *ctx);
/* For refresh.c: goes on with a call that was started and kept, or ends it. */
void call_send(struct call *c);
void call_fail(struct call *c, const struct err *err);

/* The reply's JSON; NULL with err (ERR_PROTOCOL) when it is none. */
struct node *call_node(struct call *c, const struct http_reply *reply, struct err *err);
/* The reply's JSON object as a record in the arena `into`; NULL with err. */
void *call_record(struct call *c, const struct http_reply *reply, const struct record *record,
	struct err *err);
/* A node of a reply as a record in the arena `into`; NULL with err, naming the call. */
void *call_decode(
	struct call *c, const struct node *n, const struct record *record, struct err *err);
/* Whether the reply has that value, which we could not go on without; else err (ERR_PROTOCOL) names it. */
bool call_has(const struct call *c, const char *name, const char *value, struct err *err);
/* The value of a header, in the arena `into`; NULL if absent. */
const char *call_reply_header(struct call *c, const struct http_reply *reply, const char *name);

/* Whether the change may have been made although the reply says nothing of it: look before judging. */
static inline bool call_is_lost(const struct http_reply *reply)
{
	return reply->maybe_done && err_retryable(reply->err.kind);
}
/* A look has told of the change that it was not made, unless the look itself failed but for what is not there. The error
   of the change is `lost`. */
static inline void call_settle(struct err *lost, const struct err *look)
{
	lost->maybe_done = lost->maybe_done && look->kind && look->kind != ERR_NOT_FOUND &&
		look->http_status != 404;
}
/* Whether an attempt before the last may have made the change: then a 404 to a DELETE, or a 412, may be our own doing. */
static inline bool call_is_repeated(const struct http_reply *reply)
{
	return reply->attempts > 1 && reply->maybe_done;
}

/* Whether a refusal was explained by a clock that is off (http): then neither key nor session is to blame. */
bool call_is_late(const struct err *err);

/* base64url(SHA-256(parts, each behind a NUL)): 43 characters of an opc-retry-token (at most 64 by contract). */
char *call_retry_token(struct arena *a, const char *const *parts, size_t n);

/* A list's pages: asks for page after page with the same query. page_fn gets each page's JSON, which is gone when it
   returns; returning false stops the listing with its err. end gets the outcome. A page token that was there before
   is ERR_PROTOCOL. */
/* A service that gives empty pages, or pages, without end is told so. */
enum { CALL_PAGES_MAX = 10000, CALL_EMPTY_PAGES_MAX = 100, CALL_PAGE_BYTES_MAX = 8 << 20 };
typedef bool call_page_fn(void *ctx, struct call *c, const struct node *page, struct err *err);
/* Counts a page into *empty, those without any item in a row. False, with err, when there were too many. */
bool call_page_count(const struct call *c, const struct node *page, size_t *empty, struct err *err);
void call_pages(struct call *c, call_page_fn *page, oci_done_fn *end, void *ctx);

#endif
