/*
 * weir-local's HTTP side: libmicrohttpd on 127.0.0.1, every request checked before it reaches a handler:
 * well-formed (design section 10: one Host that is ours, no doubled signed header, no Transfer-Encoding beside
 * Content-Length, no raw space, no absolute-form target), signed by a known key for this Host, dated within five
 * minutes, body equal to its hash where the signature covers it.
 *
 * A handler is called once, when the whole request is there and verified; for streamed bodies `on_head` and
 * `on_bytes` come before. Handlers run on several threads at once: those of GET and HEAD, on_head and on_bytes in
 * the threads of the HTTP side, where others wait for them (reads only, nothing slow), all others in workers,
 * which may wait for store_write.
 */
#ifndef LOCAL_SERVER_H
#define LOCAL_SERVER_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "field/field.h"
#include "local/identity/permit.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct identity;
struct identity_user;
struct page_session;
struct service;             /* the whole process: store, runner, identity, see service.h */
struct caller {             /* who signed */
	const char *key_id; /* as signed */
	const char *tenancy, *user;
	const char *run_id; /* the run whose own key it is; NULL: a user */
	/* As the set-up was when the request came. */
	const struct identity *identity;
	const struct identity_user *who;
};
struct request {
	struct service *service;
	struct arena *arena; /* of this request */
	const char *method;
	const char *target;      /* raw, as on the request line */
	const char *path;        /* raw, without query */
	const char *const *args; /* decoded path parameters of the route, in order */
	struct caller caller;
	const struct page_session *session; /* of a browser, for pages; else NULL */
	const char *request_id;             /* "CLIENT/SERVER": goes into the reply */
	void *conn;                         /* the server's */
	struct buf body;                    /* of small (JSON) bodies, at most 1 MiB */
	void *stream;                       /* the handler's, of a streamed body */
};
/* Query parameter, percent-decoded, '+' a blank; NULL if absent. */
const char *request_query(struct request *r, const char *name);
const char *request_header(const struct request *r, const char *name); /* NULL if absent */
/* The i-th header as sent; false behind the last. */
bool request_header_at(
	const struct request *r, size_t i, const char **ret_name, const char **ret_value);

/* Whether a process of this service's own user, or of root, is at the other end. */
bool request_peer_is_ours(const struct request *r);

enum { REPLY_FIELDS_MAX = 64 };
struct reply {
	int status;      /* 0: 200 */
	struct buf body; /* or ... */
	int fd; /* ... of a file [offset, offset + length), closed by the server; -1: none */
	uint64_t offset, length;
	uint64_t head_length; /* content-length to tell on HEAD */
	struct {
		const char *name, *value;
	} fields[REPLY_FIELDS_MAX]; /* borrowed: the request's arena */
	size_t fields_n;
	bool close; /* drop the connection after it */
};
void reply_field(struct reply *r, const char *name, const char *value);
void reply_json(struct reply *r, int status, const struct node *body);
/* {"code": ..., "message": ...}; replaces what the reply had. */
void reply_error(struct reply *r, int status, const char *code, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

/* The body as JSON; NULL with a 400 reply. */
struct node *request_json(struct request *r, struct reply *reply);
/* The body as a record; false with a 400 reply that names every mistake (MissingParameter where something
   required is all that lacks, else InvalidParameter). */
bool request_decode(struct request *r, const struct record *record, enum field_form form, void *out,
	struct reply *reply);
/* The same of a part of it, or of what was made of it. */
bool request_decode_node(struct request *r, const struct node *n, const struct record *record,
	enum field_form form, void *out, struct reply *reply);
/* Each item of a list in the body that the record keeps as it is (ANY); n NULL: there is none. */
bool request_check_items(struct request *r, const struct node *n, const char *path,
	const struct record *record, struct reply *reply);
/* Query `limit` (1 to max; larger is max) and `page`, the token that reply_next_page made. *ret_after is the key
   behind which the page begins, "" for the first. False with a 400 reply. */
bool request_page(struct request *r, int64_t dflt, int64_t max, int64_t *ret_limit,
	const char **ret_after, struct reply *reply);
void reply_next_page(struct reply *reply, struct request *r, const char *after);

typedef void route_fn(struct request *r, struct reply *reply);
struct route {
	const char *method;
	/* "/20200129/applications/{}"; "{*}" at the end takes the rest, slashes too. */
	const char *pattern;
	struct permit needs;
	route_fn *handle;
	/* Streamed bodies (objects, parts): on_head may refuse by a reply with status (before 100 Continue is sent);
	   on_bytes takes them; then handle. All NULL for JSON bodies. on_abort: the client went away; undo. */
	route_fn *on_head;
	bool (*on_bytes)(struct request *r, const void *bytes, size_t n, struct reply *reply);
	void (*on_abort)(struct request *r);
	/* Who comes without a signature (no Authorization header; by_token: whatever it says) is let in where this says
	   so. It fills request.caller, or leaves `who` NULL: nobody in particular, and no permission is asked for. False
	   with a reply, or without for the 401 that all get. */
	bool (*admit)(struct request *r, struct reply *reply);
	bool by_token;
	/* For browsers (local/pages): a worker handles it, whatever the method, and its refusals become pages. */
	bool is_page;
};
/* Each ends with method NULL. */
extern const struct route objectstorage_routes[], dataflow_routes[], session_routes[],
	admin_routes[], page_routes[], vault_routes[];

struct server;
struct server_options {
	int port; /* 0: a free one */
	int64_t request_ms; /* deadline of a request's head, and of body and reply beyond their size; 0: 30 s */
};
/* Takes the port; ERR_CONFLICT where another has it. Connections wait until server_open, by which all that the
   handlers use must be there. */
struct server *server_start(struct service *s, const struct server_options *o, struct err *err);
bool server_open(struct server *s, struct err *err);
int server_port(const struct server *s);
/* Since the last request ended; 0 while one goes on. */
int64_t server_idle_ms(const struct server *s);
void server_stop(struct server *s);

#endif
