/*
 * weir-local's HTTP side: libmicrohttpd on 127.0.0.1, every request checked before it reaches a handler:
 * well-formed (design section 10: one Host that is ours, no doubled signed header, no Transfer-Encoding beside
 * Content-Length, no raw space, no absolute-form target), signed by a known key for this Host, dated within five
 * minutes, body equal to its hash where the signature covers it.
 *
 * A handler is called when the head is verified (for streamed bodies: once before the body, see `on_head`), and
 * once at the end with everything. Handlers run on several threads; the store is safe for that.
 */
#ifndef LOCAL_SERVER_H
#define LOCAL_SERVER_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "field/node.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct service;          /* the whole process: store, runner, identity, see service.h */
struct caller {          /* who signed */
	const char *key_id;  /* as signed */
	const char *tenancy, *user;
	const char *run_id;  /* the run whose own key it is; NULL: a user */
};
struct request {
	struct service *service;
	struct arena *arena;     /* of this request */
	const char *method;
	const char *target;      /* raw, as on the request line */
	const char *path;        /* raw, without query */
	const char *const *args; /* decoded path parameters of the route, in order */
	struct caller caller;
	const char *request_id;  /* "CLIENT/SERVER": goes into the reply */
	void *conn;              /* the server's */
	struct buf body;         /* of small (JSON) bodies, at most 1 MiB */
	void *stream;            /* the handler's, of a streamed body */
};
/* Query parameter, percent-decoded and '+' kept; NULL if absent. */
const char *request_query(struct request *r, const char *name);
const char *request_header(const struct request *r, const char *name); /* NULL if absent */

struct reply {
	int status;
	struct buf body;         /* or ... */
	int fd;                  /* ... a file's bytes [offset, offset+length), closed by the server; -1: none */
	uint64_t offset, length;
	uint64_t head_length;    /* content-length to tell on HEAD */
	struct { const char *name, *value; } fields[32];
	size_t fields_n;
	bool close;              /* drop the connection after it */
};
void reply_field(struct reply *r, const char *name, const char *value);
void reply_json(struct reply *r, int status, const struct node *body);
/* {"code": ..., "message": ...}. */
void reply_error(struct reply *r, int status, const char *code, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

typedef void route_fn(struct request *r, struct reply *reply);
struct route {
	const char *method;
	const char *pattern; /* "/20200129/applications/{}"; "{*}" at the end takes the rest, slashes too */
	route_fn *handle;
	/* Streamed bodies (objects, parts): on_head may refuse by a reply with status (before 100 Continue is sent);
	   on_bytes takes them; then handle. All NULL for JSON bodies. on_abort: the client went away; undo. */
	route_fn *on_head;
	bool (*on_bytes)(struct request *r, const void *bytes, size_t n, struct reply *reply);
	void (*on_abort)(struct request *r);
};
extern const struct route objectstorage_routes[], dataflow_routes[], admin_routes[]; /* end: method NULL */

struct server;
struct server *server_start(struct service *s, int port, struct err *err); /* port 0: a free one */
int server_port(const struct server *s);
int64_t server_idle_ms(const struct server *s); /* since the last request ended */
void server_stop(struct server *s);

#endif
