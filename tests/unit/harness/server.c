#include "harness/server.h"

#include "base/arena.h"
#include "base/buf.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

enum { EXPECTED_MAX = 256, CONNECTIONS_MAX = 512, GOT_MAX = 20000, BODY_KEPT_MAX = 1 << 20 };

struct expected {
	const char *line;
	struct server_reply reply;
};
struct connection {
	struct server *server;
	pthread_t thread;
	int number, fd;
};
struct server {
	int listener, stop_pipe[2];
	pthread_t thread;
	char url[64];
	server_handler_fn *handler;
	void *ctx;
	pthread_mutex_t lock; /* of all below */
	struct expected expected[EXPECTED_MAX];
	size_t expected_n, used;
	struct connection connections[CONNECTIONS_MAX];
	int connections_n;
	struct server_request got[GOT_MAX];
	size_t got_n;
	char wrong[512];
};

static bool send_all(int fd, const char *p, size_t n)
{
	while (n) {
		ssize_t sent = send(fd, p, n, MSG_NOSIGNAL);
		if (sent <= 0)
			return false;
		p += sent;
		n -= (size_t)sent;
	}
	return true;
}

/* False when the server is being stopped. */
static bool readable(const struct connection *c, int timeout_ms)
{
	struct pollfd fds[2] = {
		{.fd = c->fd, .events = POLLIN}, {.fd = c->server->stop_pipe[0], .events = POLLIN}};
	return poll(fds, 2, timeout_ms) > 0 && !fds[1].revents;
}

static bool receive(const struct connection *c, struct buf *in)
{
	char chunk[64 * 1024];
	if (!readable(c, -1))
		return false;
	ssize_t n = recv(c->fd, chunk, sizeof chunk, 0);
	return n > 0 && buf_add(in, chunk, (size_t)n);
}

static void abort_connection(int fd)
{
	struct linger now = {.l_onoff = 1};
	setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
}

static struct server_reply next_reply(struct server *s, const struct server_request *r)
{
	if (s->handler)
		return s->handler(s->ctx, r);
	if (s->used < s->expected_n && !strcmp(s->expected[s->used].line, r->line))
		return s->expected[s->used++].reply;
	if (!*s->wrong)
		snprintf(s->wrong, sizeof s->wrong, "asked %s instead of %s", r->line,
			s->used < s->expected_n ? s->expected[s->used].line : "nothing more");
	return (struct server_reply){.status = 418};
}

char *server_field(const struct server_request *r, const char *name)
{
	size_t n = strlen(name);
	for (const char *line = r->header; *line; line = strstr(line, "\r\n") + 2) {
		if (strncasecmp(line, name, n) || line[n] != ':')
			continue;
		const char *value = line + n + 1 + strspn(line + n + 1, " ");
		char *copy = xstrdup(value);
		copy[strcspn(copy, "\r")] = 0;
		return copy;
	}
	return NULL;
}

static size_t field_number(const struct server_request *r, const char *name)
{
	char *value = server_field(r, name);
	size_t n = value ? strtoul(value, NULL, 10) : 0;
	free(value);
	return n;
}

/* The header into r, its bytes out of `in`. */
static bool read_header(const struct connection *c, struct buf *in, struct server_request *r)
{
	char *end;
	while (!in->len || !(end = strstr(in->data, "\r\n\r\n")))
		if (!receive(c, in))
			return false;
	*end = 0;
	char *eol = strstr(in->data, "\r\n");
	char *fields = xalloc(strlen(eol ? eol : "") + 3);
	if (eol) {
		*eol = 0;
		sprintf(fields, "%s\r\n", eol + 2);
	}
	char *line = xstrdup(in->data), *version = strrchr(line, ' ');
	if (version)
		*version = 0;
	*r = (struct server_request){.connection = c->number, .line = line, .header = fields};
	size_t used = (size_t)(end + 4 - in->data);
	memmove(in->data, in->data + used, in->len - used);
	buf_truncate(in, in->len - used);
	return true;
}

static bool read_body(const struct connection *c, struct buf *in, struct server_request *r)
{
	size_t n = field_number(r, "content-length");
	char *expect = server_field(r, "expect");
	static const char go_on[] = "HTTP/1.1 100 Continue\r\n\r\n";
	if (expect && in->len < n)
		send_all(c->fd, go_on, sizeof go_on - 1);
	free(expect);
	while (in->len < n)
		if (!receive(c, in))
			return false;
	char *body = xalloc(n + 1);
	memcpy(body, in->data ? in->data : "", n);
	r->body = body;
	r->body_len = n;
	if (n) {
		memmove(in->data, in->data + n, in->len - n);
		buf_truncate(in, in->len - n);
	}
	return true;
}

static void keep(struct server *s, const struct server_request *r)
{
	if (s->got_n == GOT_MAX)
		abort();
	s->got[s->got_n] = *r;
	if (r->body_len > BODY_KEPT_MAX) {
		free((char *)(uintptr_t)r->body);
		s->got[s->got_n].body = xstrdup("");
	}
	s->got_n++;
}

static bool send_reply(const struct connection *c, const struct server_request *r)
{
	const struct server_reply *p = &r->reply;
	buf_auto out = {0};
	if (p->raw) {
		send_all(c->fd, p->raw, strlen(p->raw));
		return false;
	}
	const char *body = p->body ? p->body : "";
	size_t n = p->body_len ? p->body_len : strlen(body);
	bool head = !strncmp(r->line, "HEAD ", 5);
	bool ends = p->fault == SERVER_EARLY || p->fault == SERVER_CLOSE;
	buf_printf(&out, "HTTP/1.1 %d Thing\r\n%s", p->status ? p->status : 200,
		p->fields ? p->fields : "");
	if (p->status != 204 && (!p->fields || !strcasestr(p->fields, "content-length")))
		buf_printf(&out, "content-length: %zu\r\n", n);
	buf_adds(&out, "\r\n");
	if (p->fault == SERVER_TRUNCATE)
		n /= 2;
	if (!head)
		buf_add(&out, body, n);
	return send_all(c->fd, out.data, out.len) && !ends && p->fault != SERVER_TRUNCATE;
}

static bool serve_one(struct connection *c, struct buf *in)
{
	struct server *s = c->server;
	struct server_request r;
	if (!read_header(c, in, &r))
		return false;
	/* A script knows its reply now; a handler may want the body. */
	pthread_mutex_lock(&s->lock);
	if (!s->handler)
		r.reply = next_reply(s, &r);
	pthread_mutex_unlock(&s->lock);
	bool skip = r.reply.fault == SERVER_RESET || r.reply.fault == SERVER_EARLY;
	bool whole = skip || read_body(c, in, &r);
	if (skip || !whole)
		r.body = xstrdup("");
	pthread_mutex_lock(&s->lock);
	if (s->handler)
		r.reply = next_reply(s, &r);
	keep(s, &r);
	pthread_mutex_unlock(&s->lock);
	if (r.reply.delay_ms)
		readable(c, r.reply.delay_ms);
	if (r.reply.fault == SERVER_SILENT)
		while (readable(c, -1))
			if (!receive(c, in))
				break;
	if (r.reply.fault == SERVER_RESET)
		abort_connection(c->fd);
	if (!whole || r.reply.fault == SERVER_RESET || r.reply.fault == SERVER_LOSE ||
		r.reply.fault == SERVER_SILENT)
		return false;
	return send_reply(c, &r);
}

static void *serve(void *arg)
{
	struct connection *c = arg;
	buf_auto in = {0};
	while (serve_one(c, &in))
		;
	shutdown(c->fd, SHUT_WR);
	close(c->fd);
	return NULL;
}

static void *accept_all(void *arg)
{
	struct server *s = arg;
	for (;;) {
		struct pollfd fds[2] = {{.fd = s->listener, .events = POLLIN},
			{.fd = s->stop_pipe[0], .events = POLLIN}};
		if (poll(fds, 2, -1) < 0 || fds[1].revents)
			return NULL;
		int fd = accept(s->listener, NULL, NULL);
		if (fd < 0)
			continue;
		pthread_mutex_lock(&s->lock);
		if (s->connections_n == CONNECTIONS_MAX)
			abort();
		struct connection *c = &s->connections[s->connections_n];
		*c = (struct connection){.server = s, .number = s->connections_n++, .fd = fd};
		pthread_create(&c->thread, NULL, serve, c);
		pthread_mutex_unlock(&s->lock);
	}
}

static int listen_somewhere(int *ret_port)
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof at;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || bind(fd, (struct sockaddr *)&at, len) || listen(fd, 256) ||
		getsockname(fd, (struct sockaddr *)&at, &len))
		abort();
	*ret_port = ntohs(at.sin_port);
	return fd;
}

struct server *server_start_handler(server_handler_fn *handler, void *ctx)
{
	struct server *s = xalloc(sizeof *s);
	int port;
	s->handler = handler;
	s->ctx = ctx;
	pthread_mutex_init(&s->lock, NULL);
	s->listener = listen_somewhere(&port);
	snprintf(s->url, sizeof s->url, "http://127.0.0.1:%d", port);
	if (pipe(s->stop_pipe) || pthread_create(&s->thread, NULL, accept_all, s))
		abort();
	return s;
}

struct server *server_start(void)
{
	return server_start_handler(NULL, NULL);
}

void server_expect(struct server *s, const char *line, struct server_reply reply)
{
	pthread_mutex_lock(&s->lock);
	if (s->expected_n == EXPECTED_MAX)
		abort();
	s->expected[s->expected_n++] = (struct expected){line, reply};
	pthread_mutex_unlock(&s->lock);
}

void server_stop(struct server *s)
{
	char wrong[600];
	close(s->stop_pipe[1]);
	pthread_join(s->thread, NULL);
	for (int i = 0; i < s->connections_n; i++)
		pthread_join(s->connections[i].thread, NULL);
	close(s->listener);
	close(s->stop_pipe[0]);
	snprintf(wrong, sizeof wrong, "%s", s->wrong);
	if (!*wrong && s->used < s->expected_n)
		snprintf(wrong, sizeof wrong, "never asked %s", s->expected[s->used].line);
	for (size_t i = 0; i < s->got_n; i++) {
		free((char *)(uintptr_t)s->got[i].line);
		free((char *)(uintptr_t)s->got[i].header);
		free((char *)(uintptr_t)s->got[i].body);
	}
	pthread_mutex_destroy(&s->lock);
	free(s);
	if (*wrong)
		fail_msg("%s", wrong);
}

const char *server_url(const struct server *s)
{
	return s->url;
}

const char *server_host(const struct server *s)
{
	return s->url + strlen("http://");
}

size_t server_requests(struct server *s)
{
	pthread_mutex_lock(&s->lock);
	size_t n = s->got_n;
	pthread_mutex_unlock(&s->lock);
	return n;
}

int server_connections(struct server *s)
{
	pthread_mutex_lock(&s->lock);
	int n = s->connections_n;
	pthread_mutex_unlock(&s->lock);
	return n;
}

struct server_request server_request(struct server *s, size_t n)
{
	pthread_mutex_lock(&s->lock);
	bool there = n < s->got_n;
	struct server_request r = there ? s->got[n] : (struct server_request){0};
	pthread_mutex_unlock(&s->lock);
	if (!there)
		fail_msg("there was no request %zu", n);
	return r;
}

const char *server_nobody(void)
{
	static char url[64];
	int port;
	close(listen_somewhere(&port));
	snprintf(url, sizeof url, "http://127.0.0.1:%d", port);
	return url;
}
