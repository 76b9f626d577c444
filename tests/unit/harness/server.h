/*
 * A scripted HTTP server on the loopback, in threads of the test: for what only a real connection shows. Each
 * request takes the next reply of the script, in order; or a handler decides, one request at a time: it must not
 * wait for another request. What it got can be looked at.
 *
 *	struct server *s = server_start();
 *	server_expect(s, "GET /n", (struct server_reply){.status = 503});
 *	server_expect(s, "GET /n", (struct server_reply){.body = "\"ns\""});
 *	... requests to server_url(s) ...
 *	server_stop(s);    fails the test if the script was not used up, or something else was asked
 *
 * Texts are borrowed until server_stop.
 */
#ifndef HARNESS_SERVER_H
#define HARNESS_SERVER_H

#include <stdbool.h>
#include <stddef.h>

enum server_fault {
	SERVER_FINE,
	SERVER_LOSE,     /* reads the request whole, then closes: the reply is lost */
	SERVER_RESET,    /* reads the header, then resets the connection */
	SERVER_TRUNCATE, /* half of the body, then closes */
	SERVER_EARLY,    /* replies without reading the body, then closes */
	SERVER_SILENT,   /* never replies, until server_stop */
	SERVER_CLOSE,    /* replies well, then closes without having said so */
};
struct server_reply {
	int status;         /* 0: 200 */
	const char *fields; /* further header lines, each ended by "\r\n" */
	const char *body;
	size_t body_len; /* 0: strlen(body) */
	int delay_ms;
	enum server_fault fault;
	const char *raw; /* these bytes instead of a reply, then close */
};
struct server_request {
	int connection;     /* from 0 */
	const char *line;   /* "GET /n" */
	const char *header; /* all of it, lines ended by "\r\n" */
	const char *body;
	size_t body_len;
	struct server_reply reply; /* that it was given */
};
typedef struct server_reply server_handler_fn(void *ctx, const struct server_request *r);

struct server *server_start(void);
struct server *server_start_handler(server_handler_fn *handler, void *ctx);
void server_expect(struct server *s, const char *line, struct server_reply reply);
void server_stop(struct server *s);
const char *server_url(const struct server *s);  /* "http://127.0.0.1:PORT" */
const char *server_host(const struct server *s); /* "127.0.0.1:PORT" */
size_t server_requests(struct server *s);
int server_connections(struct server *s);
/* Of the nth request, from 0; fails the test if there is none. A body of over 1 MiB is not kept. */
struct server_request server_request(struct server *s, size_t n);
/* A header's value; NULL if absent. The caller frees it. */
char *server_field(const struct server_request *r, const char *name);

/* Where nobody listens. */
const char *server_nobody(void);

#endif
