#include "local/server/server.h"

#include "base/clock.h"
#include "base/text.h"
#include "local/pages/page.h"
#include "local/server/server_inside.h"
#include "local/store/store.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

int64_t server_now(const struct server *s)
{
	return clock_mono(s->service->clock);
}

uint64_t server_ns(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

/* Called with the first line's target, byte for byte; what it returns comes back as the call. */
static void *on_target(void *cls, const char *target, struct MHD_Connection *mhd)
{
	struct server *s = cls;
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
	struct call *c = xalloc(sizeof *c);
	c->server = s;
	c->conn = info ? info->socket_context : NULL;
	c->mhd = mhd;
	c->reply.fd = -1;
	c->request = (struct request){.service = s->service, .arena = &c->arena, .conn = c};
	c->request.body.max = JSON_MAX;
	c->request.target = arena_strdup(&c->arena, target);
	atomic_fetch_add(&s->calls, 1);
	atomic_fetch_add(&s->served, 1);
	if (c->conn)
		conn_deadline(s, c->conn, s->request_ms, 0);
	return c;
}

static void on_completed(
	void *cls, struct MHD_Connection *mhd, void **of_call, enum MHD_RequestTerminationCode code)
{
	struct server *s = cls;
	struct call *c = *of_call;
	(void)mhd, (void)code;
	*of_call = NULL;
	if (!c)
		return;
	if (c->streaming && c->route->on_abort)
		c->route->on_abort(&c->request);
	if (c->body_hash)
		digest_abort(&c->body_digest);
	if (c->conn) {
		conn_deadline(s, c->conn, IDLE_S * 1000 + s->request_ms, 0);
		atomic_store(&c->conn->reading, true);
	}
	reply_clear(&c->reply);
	buf_clear(&c->request.body);
	arena_clear(&c->arena);
	free(c);
	atomic_store(&s->last_end, server_now(s));
	atomic_fetch_sub(&s->calls, 1);
}

static void on_connection(void *cls, struct MHD_Connection *mhd, void **socket_context,
	enum MHD_ConnectionNotificationCode code)
{
	struct server *s = cls;
	if (code == MHD_CONNECTION_NOTIFY_STARTED) {
		const union MHD_ConnectionInfo *info =
			MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_CONNECTION_FD);
		*socket_context = info ? conn_new(s, info->connect_fd) : NULL;
	} else if (*socket_context) {
		conn_free(s, *socket_context);
		*socket_context = NULL;
	}
}

/* The raw target is what counts: nothing is decoded for us. */
static size_t keep_escapes(void *cls, struct MHD_Connection *mhd, char *s)
{
	(void)cls, (void)mhd;
	return strlen(s);
}

static bool is_reading(const struct call *c)
{
	return !strcmp(c->request.method, "GET") || !strcmp(c->request.method, "HEAD");
}

/* Closing with this set resets the connection. */
static enum MHD_Result drop(struct call *c)
{
	struct linger at_once = {.l_onoff = 1};
	if (c->conn)
		setsockopt(c->conn->fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
	return MHD_NO;
}

/* What OCI says with a status, where the rule does not. */
static const char *code_of(int status)
{
	switch (status) {
	case 401:
		return "NotAuthenticated";
	case 404:
		return "NotAuthorizedOrNotFound";
	case 409:
		return "IncorrectState";
	case 412:
		return "NoEtagMatch";
	case 429:
		return "TooManyRequests";
	case 500:
		return "InternalServerError";
	default:
		return status < 500 ? "InvalidParameter" : "ServiceUnavailable";
	}
}

static bool apply_fault(struct call *c)
{
	if (text_starts(c->request.path, "/weir/"))
		return true;
	c->fault = faults_match(c->server->faults, c->request.method, c->request.path, &c->arena);
	if (c->fault.action != FAULT_STATUS)
		return true;
	const struct fault_rule *rule = c->fault.rule;
	int status = rule->status.set ? (int)rule->status.v : 503;
	reply_error(&c->reply, status, rule->code ? rule->code : code_of(status),
		"A fault that was asked for.");
	if (rule->retry_after.set)
		reply_field(&c->reply, "retry-after",
			arena_printf(&c->arena, "%d", (int)rule->retry_after.v));
	return false;
}

static bool refuse(struct call *c, int status, const char *code, const char *text)
{
	reply_error(&c->reply, status, code, "%s", text);
	return false;
}

static bool find_route(struct call *c)
{
	bool known = false;
	c->route = route_find(c, &known);
	c->for_browser = page_is_wanted(&c->request, c->route);
	if (c->route)
		return true;
	return known ? refuse(c, 405, "MethodNotAllowed", "This resource has no such method.")
		     : refuse(c, 404, "NotFound", "There is no such resource in this API.");
}

static bool check_body_size(struct call *c)
{
	uint64_t max = c->route->on_bytes ? OBJECT_MAX : JSON_MAX;
	return c->body_length <= max ||
		refuse(c, 413, "RequestEntityTooLarge",
			"The body is larger than this request takes.");
}

static bool let_in(struct call *c)
{
	const struct route *route = c->route;
	if (!route->admit || (!route->by_token && request_header(&c->request, "authorization")))
		return auth_check(c);
	bool ok = route->admit(&c->request, &c->reply);
	if (!ok && !c->reply.status)
		auth_refuse(c);
	return ok;
}

static bool is_permitted(struct call *c)
{
	return !c->request.caller.who || permit_head(&c->request, &c->route->needs, &c->reply);
}

/* All that is judged before the body. False: the reply refuses. */
static bool judge_head(struct call *c)
{
	if (!find_route(c) || !let_in(c) || !check_body_size(c) || !apply_fault(c) ||
		!is_permitted(c))
		return false;
	if (c->route->on_head) {
		c->route->on_head(&c->request, &c->reply);
		c->streaming = !c->reply.status;
	}
	return !c->reply.status;
}

static enum MHD_Result answer(struct call *c)
{
	return c->drop ? drop(c) : reply_send(c);
}

/* A refusal goes out at once where the client waits for a word before its body, or has too much of it; else the
   body is read first, so that the client is there to hear it and the connection stays. */
static enum MHD_Result refuse_call(struct call *c)
{
	if (c->body_length && (c->expects || c->body_length > DRAIN_MAX)) {
		c->reply.close = true;
		call_judged(c);
		return answer(c);
	}
	c->phase = PHASE_DRAIN;
	conn_deadline(c->server, c->conn, c->server->request_ms, c->body_length);
	return MHD_YES;
}

/* The first of libmicrohttpd's calls. A reply to a PUT in it would close the connection, so that what has no body
   is handled in the second. */
static enum MHD_Result begin(struct call *c)
{
	if (!head_read(c)) {
		c->reply.close = true;
		return reply_send(c);
	}
	store_failure_clear();
	bool taken = judge_head(c);
	call_look_for_failure(c);
	if (!taken || c->reply.status)
		return refuse_call(c);
	if (c->fault.action == FAULT_EXIT)
		raise(SIGKILL);
	if (c->fault.action == FAULT_RESET)
		return drop(c);
	if (c->body_hash)
		digest_init(&c->body_digest, DIGEST_SHA256);
	conn_deadline(c->server, c->conn, c->server->request_ms, c->body_length);
	c->phase = PHASE_BODY;
	return MHD_YES;
}

static void take_bytes(struct call *c, const char *bytes, size_t n)
{
	if (c->phase != PHASE_BODY || c->body_failed)
		return;
	if (c->body_hash)
		digest_add(&c->body_digest, bytes, n);
	if (!c->route->on_bytes)
		buf_add(&c->request.body, bytes, n);
	else if (!c->route->on_bytes(&c->request, bytes, n, &c->reply))
		c->body_failed = true;
}

static bool body_is_as_signed(struct call *c)
{
	if (!c->body_hash)
		return true;
	unsigned char hash[DIGEST_MAX];
	size_t n = digest_final(&c->body_digest, hash);
	bool same = text_equal(text_base64(&c->arena, hash, n), c->body_hash);
	c->body_hash = NULL;
	return same;
}

/* Nothing is read of the connection until it is resumed, and it may take as long as it does. */
static void suspend(struct call *c)
{
	conn_deadline(c->server, c->conn, 0, UINT64_MAX);
	if (c->conn)
		atomic_store(&c->conn->reading, false);
	MHD_suspend_connection(c->mhd);
}

/* The reply is known: it goes out now, later, or not at all. */
static enum MHD_Result answer_in_time(struct call *c)
{
	bool hangs = c->fault.action == FAULT_HANG_AFTER;
	if (!hangs && !c->fault.delay_ms)
		return answer(c);
	suspend(c);
	if (hangs)
		work_hang(c);
	else
		timer_add(c, timer_now() + c->fault.delay_ms * 1000000);
	return MHD_YES;
}

static enum MHD_Result to_worker(struct call *c)
{
	c->phase = PHASE_WAIT;
	suspend(c);
	if (c->fault.action == FAULT_HANG)
		work_hang(c);
	else
		work_submit(c);
	return MHD_YES;
}

/* The request is there, whole. */
static enum MHD_Result end_body(struct call *c)
{
	bool refused = c->phase == PHASE_DRAIN || c->body_failed;
	if (!refused && !body_is_as_signed(c)) {
		auth_refuse(c);
		return reply_send(c);
	}
	refused = refused || !permit_body(&c->request, &c->route->needs, &c->reply);
	bool slow = !is_reading(c) || (c->route && c->route->is_page);
	if (!refused && (slow || c->fault.action == FAULT_HANG))
		return to_worker(c);
	if (refused)
		call_judged(c);
	else
		call_handle(c);
	return answer_in_time(c);
}

static enum MHD_Result go_on(
	struct call *c, const char *method, const char *version, const char *bytes, size_t *n)
{
	if (c->phase == PHASE_HEAD) {
		c->request.method = arena_strdup(&c->arena, method);
		c->line = method;
		c->version = version;
		return begin(c);
	}
	if (*n) {
		take_bytes(c, bytes, *n);
		*n = 0;
		return MHD_YES;
	}
	if (c->phase == PHASE_WAIT)
		return MHD_YES;
	if (c->phase != PHASE_REPLY)
		return end_body(c);
	return answer(c);
}

static enum MHD_Result on_access(void *cls, struct MHD_Connection *mhd, const char *url,
	const char *method, const char *version, const char *bytes, size_t *n, void **of_call)
{
	struct server *s = cls;
	uint64_t began = server_ns();
	(void)mhd, (void)url;
	if (!*of_call)
		return MHD_NO;
	enum MHD_Result result = go_on(*of_call, method, version, bytes, n);
	atomic_fetch_add(&s->busy_ns, server_ns() - began);
	return result;
}

/* A listening socket on loopback; -1. */
static int listen_on(int port, int *ret_port, struct err *err)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	struct sockaddr_in at = {.sin_family = AF_INET,
		.sin_port = htons((uint16_t)port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t n = sizeof at;
	int yes = 1;
	if (fd < 0) {
		err_errno(err, ERR_IO, "open a socket");
		return -1;
	}
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
	if (bind(fd, (struct sockaddr *)&at, sizeof at) || listen(fd, 256) ||
		getsockname(fd, (struct sockaddr *)&at, &n)) {
		err_errno(err, errno == EADDRINUSE ? ERR_CONFLICT : ERR_IO,
			"listen on 127.0.0.1:%d", port);
		close(fd);
		return -1;
	}
	*ret_port = ntohs(at.sin_port);
	return fd;
}

/* From 1.0 on, level 1 refuses what server_head.c finds out by itself before; there, it would close without a
   word. */
#if MHD_VERSION >= 0x01000000
#define STRICT MHD_OPTION_CLIENT_DISCIPLINE_LVL, 1
#else
#define STRICT MHD_OPTION_STRICT_FOR_CLIENT, 0
#endif

static long threads(void)
{
	long cores = sysconf(_SC_NPROCESSORS_ONLN);
	if (cores < 2)
		return 2;
	return cores > 8 ? 8 : cores;
}

/* Each may need a descriptor for what it writes or reads beside its own: one that can't be accepted keeps libmicrohttpd
   busy. */
static long connections(void)
{
	struct rlimit files;
	if (getrlimit(RLIMIT_NOFILE, &files) || files.rlim_cur / 2 >= CONNECTIONS_MAX + FILES_OWN)
		return CONNECTIONS_MAX;
	long n = (long)files.rlim_cur / 2 - FILES_OWN;
	return n > 8 ? n : 8;
}

#define CALL(option, fn)                \
	{                               \
		option, (intptr_t)fn, s \
	}
/* What comes while the server stops is turned away. MHD_quiesce_daemon is not for this: with a pool over epoll, it and a
   thread of the pool may both take the listener out of the thread's set, and the second aborts the process. */
static enum MHD_Result on_accept(void *ctx, const struct sockaddr *from, socklen_t n)
{
	struct server *s = ctx;
	(void)from, (void)n;
	return atomic_load(&s->closing) ? MHD_NO : MHD_YES;
}

static struct MHD_Daemon *start_daemon(struct server *s)
{
	struct MHD_OptionItem options[] = {
		{MHD_OPTION_LISTEN_SOCKET, s->listener, NULL},
		{MHD_OPTION_THREAD_POOL_SIZE, threads(), NULL},
		{MHD_OPTION_CONNECTION_LIMIT, connections(), NULL},
		{MHD_OPTION_CONNECTION_TIMEOUT, IDLE_S, NULL},
		{MHD_OPTION_CONNECTION_MEMORY_LIMIT, CONNECTION_MEMORY, NULL},
		{STRICT, NULL},
		CALL(MHD_OPTION_URI_LOG_CALLBACK, on_target),
		CALL(MHD_OPTION_NOTIFY_COMPLETED, on_completed),
		CALL(MHD_OPTION_NOTIFY_CONNECTION, on_connection),
		CALL(MHD_OPTION_UNESCAPE_CALLBACK, keep_escapes),
		{MHD_OPTION_END, 0, NULL},
	};
	return MHD_start_daemon(MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME, 0,
		on_accept, s, on_access, s, MHD_OPTION_ARRAY, options, MHD_OPTION_END);
}

/* Its waits do not end early or late when somebody sets the wall clock. */
static void init_monotonic(pthread_cond_t *cond)
{
	pthread_condattr_t monotonic;
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(cond, &monotonic);
	pthread_condattr_destroy(&monotonic);
}

struct server *server_start(
	struct service *service, const struct server_options *o, struct err *err)
{
	struct server *s = xalloc(sizeof *s);
	s->service = service;
	s->request_ms = o->request_ms ? o->request_ms : 30 * 1000;
	s->last_end = server_now(s);
	s->faults = faults_new();
	s->work_end = &s->work;
	pthread_mutex_init(&s->conns_lock, NULL);
	pthread_mutex_init(&s->work_lock, NULL);
	pthread_cond_init(&s->work_there, NULL);
	init_monotonic(&s->watch_stop);
	pthread_mutex_init(&s->timer_lock, NULL);
	s->listener = listen_on(o->port, &s->port, err);
	if (s->listener < 0) {
		server_stop(s);
		return NULL;
	}
	snprintf(s->hosts[0], sizeof s->hosts[0], "127.0.0.1:%d", s->port);
	snprintf(s->hosts[1], sizeof s->hosts[1], "localhost:%d", s->port);
	return s;
}

bool server_open(struct server *s, struct err *err)
{
	if (!work_start(s, err) || !timer_start(s, err) || !watch_start(s, err))
		return false;
	s->daemon = start_daemon(s);
	return s->daemon || err_set(err, ERR_IO, "libmicrohttpd does not start");
}

int server_port(const struct server *s)
{
	return s->port;
}

int64_t server_idle_ms(const struct server *s)
{
	return atomic_load(&s->calls) ? 0 : server_now(s) - atomic_load(&s->last_end);
}

/* No new connections; those who wait for a worker get their reply, those who hang are dropped. */
void server_stop(struct server *s)
{
	if (!s)
		return;
	atomic_store(&s->closing, true);
	work_stop(s);
	timer_stop(s);
	if (s->daemon)
		MHD_stop_daemon(s->daemon); /* closes the listener, too */
	else if (s->listener >= 0)
		close(s->listener);
	watch_stop(s);
	faults_free(s->faults);
	pthread_mutex_destroy(&s->conns_lock);
	pthread_mutex_destroy(&s->work_lock);
	pthread_cond_destroy(&s->work_there);
	pthread_cond_destroy(&s->watch_stop);
	pthread_mutex_destroy(&s->timer_lock);
	free(s);
}
