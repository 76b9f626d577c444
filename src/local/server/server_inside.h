/*
 * What the server's own files share; others use server.h.
 *
 * A call is one request on its way: made when its first line is read (server.c), checked when its head is there
 * (server_head.c, auth.c), fed with its body, handled here or by a worker (server_work.c), and answered
 * (server_reply.c). A refusal is a reply made early: it is sent at once when the client waits for 100 Continue or
 * the request cannot be trusted to end where it says, else when its body has been read and thrown away.
 *
 * A conn is a connection with its deadline, kept by server_watch.c: libmicrohttpd's time-out is for silence only,
 * and a byte a second is not silent.
 */
#ifndef LOCAL_SERVER_INSIDE_H
#define LOCAL_SERVER_INSIDE_H

#include "base/digest.h"
#include "http/sign.h"
#include "local/server/fault.h"
#include "local/server/server.h"
#include "local/service.h"

#include <microhttpd.h>
#include <pthread.h>
#include <stdatomic.h>

enum {
	TARGET_MAX = 8 * 1024,
	HEAD_MAX = 32 * 1024, /* all headers together */
	FIELDS_MAX = 100,
	JSON_MAX = 1024 * 1024,
	DRAIN_MAX = 8 * 1024 * 1024, /* of a refused request's body, to keep its connection */
	CONNECTIONS_MAX = 512,
	CONNECTION_MEMORY = 64 * 1024, /* libmicrohttpd clears it after each request */
	FILES_OWN = 64,                /* of the service beside connections: database, log, epoll */
	IDLE_S = 60,                   /* silence on a connection */
	SLOWEST_PER_S = 64 * 1024,     /* bytes: what a deadline grows by */
	WORKERS = 16,
	ARGS_MAX = 4,
};
#define OBJECT_MAX (50LL << 30) /* bytes of one PUT (Object Storage limits) */
#define NO_DEADLINE INT64_MAX

struct conn {
	struct conn *next, **link;
	int fd;
	_Atomic int64_t deadline; /* on the monotonic clock, ms */
	atomic_bool reading;      /* more of a request is to come, or the next one */
	bool was_ended;           /* the client had ended its side, at the last look */
};

enum phase {
	PHASE_HEAD,  /* nothing checked yet */
	PHASE_BODY,  /* its body comes in */
	PHASE_DRAIN, /* refused; the body is thrown away */
	PHASE_WAIT,  /* a worker has it, or it hangs, or it is delayed */
	PHASE_REPLY, /* the reply is ready */
};
struct call {
	struct server *server;
	struct conn *conn;
	struct MHD_Connection *mhd;
	struct arena arena;
	struct request request;
	struct reply reply;
	const struct route *route;
	const char *version; /* "HTTP/1.1" */
	const char *line;    /* the request line in libmicrohttpd's buffer */
	enum phase phase;
	struct sign_field fields[FIELDS_MAX];
	size_t fields_n;
	uint64_t body_length;
	bool expects;          /* 100-continue */
	bool streaming;        /* on_head was called: on_abort is due unless handled */
	bool body_failed;      /* on_bytes said no: its reply stands */
	bool for_browser;      /* errors become pages */
	bool drop;             /* reset the connection instead of answering */
	const char *body_hash; /* x-content-sha256, where it is signed */
	struct digest body_digest;
	struct fault fault;
	int64_t due;       /* while a timer has it: when it goes on, ns on the monotonic clock */
	struct call *next; /* in the queue of the workers or of those that hang */
};

struct server {
	struct service *service;
	struct MHD_Daemon *daemon;
	int listener;
	int port;
	int64_t request_ms;
	char hosts[2][32]; /* what Host may say */

	struct faults *faults;

	atomic_bool closing; /* new connections are turned away */
	atomic_int calls;
	_Atomic uint64_t served; /* requests that began */
	_Atomic uint64_t
		busy_ns; /* spent on them, waits for the disk too, in all threads together */
	_Atomic int64_t last_end;

	pthread_mutex_t conns_lock;
	struct conn *conns;
	pthread_t watch;
	pthread_cond_t watch_stop;
	bool stopping, watches;

	pthread_t workers[WORKERS];
	int workers_n;
	pthread_mutex_t work_lock;
	pthread_cond_t work_there;
	struct call *work, **work_end;
	struct call *hung;
	bool work_stop;

	pthread_t timer;
	pthread_mutex_t timer_lock;
	pthread_cond_t timer_changed;        /* on the monotonic clock */
	struct call *timed[CONNECTIONS_MAX]; /* a heap, the next one first */
	size_t timed_n;
	bool timer_runs, timer_stops;
};

int64_t server_now(const struct server *s); /* monotonic ms */
uint64_t server_ns(void);                   /* monotonic, of the machine */

/* server_head.c: reads the head into the call and judges its form. False: reply holds a 4xx, and the connection
   must be closed since the next request may not begin where this one ends. */
bool head_read(struct call *c);
/* auth.c: false with a 401. Fills request.caller and body_hash. */
bool auth_check(struct call *c);
void auth_refuse(struct call *c); /* the 401 that tells nothing */

/* server_route.c. NULL: none; *ret_known: the path is that of another method. */
const struct route *route_find(struct call *c, bool *ret_known);

/* server_reply.c */
enum MHD_Result reply_send(struct call *c);
void reply_clear(struct reply *r);
/* A new id for request->request_id: the client's and ours. */
const char *request_id_make(struct arena *a, const char *client);

/* server_work.c: suspends the connection, calls the handler elsewhere, resumes it. */
bool work_start(struct server *s, struct err *err);
void work_submit(struct call *c);
void work_hang(struct call *c); /* the call is suspended already */
void work_release_hung(struct server *s);
void work_stop(struct server *s);
void call_handle(struct call *c); /* the handler, and call_judged */
/* A reply made of rows that could not be read is no reply: 500. For a change that store_write made its err has told. */
void call_look_for_failure(struct call *c);
void call_judged(struct call *c); /* the reply is known: what faults say of that */

/* server_timer.c: a suspended connection goes on later; no thread waits with it. */
bool timer_start(struct server *s, struct err *err);
void timer_add(struct call *c, int64_t due_ns); /* the call is suspended already */
void timer_release(struct server *s);           /* all of them, now */
void timer_stop(struct server *s);
int64_t timer_now(void); /* monotonic ns */

/* server_slow.c: a reply that is cut or slow; takes what reply holds. NULL: no memory. */
struct MHD_Response *slow_response(struct call *c, uint64_t length);

/* server_watch.c */
bool watch_start(struct server *s, struct err *err);
void watch_stop(struct server *s);
struct conn *conn_new(struct server *s, int fd);
void conn_free(struct server *s, struct conn *c);
/* ms from now, plus what `bytes` take at the slowest. */
void conn_deadline(struct server *s, struct conn *c, int64_t ms, uint64_t bytes);

#endif
