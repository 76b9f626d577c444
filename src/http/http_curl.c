/* transport.h over libcurl's multi interface: HTTP/1.1, connections kept alive in the multi's cache. */
#include "base/text.h"
#include "http/transport.h"

#include <curl/curl.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Bodies from here on are announced by Expect: 100-continue, so that a refusal comes before them. */
static const size_t EXPECT_FROM = (size_t)1 << 20;
static const long STREAM_BUFFER = 256 * 1024;
/* Bytes. What comes slower than that for the silence's time is taken for silence: a byte a second would hold us. */
static const long SLOWEST_PER_S = 100;

struct curl_ctx {
	CURLM *multi;
	long connect_timeout_ms, silence_s;
	char *user_agent, *ca_file;
};
struct transfer {
	struct http_attempt *attempt;
	CURL *easy;
	struct curl_slist *headers;
	uint64_t at;      /* of the body, sent so far */
	int requests;     /* that libcurl has put on a connection */
	int socket_errno; /* why there was no socket; 0: there was one */
	char text[CURL_ERROR_SIZE];
};

/* libcurl keeps to itself why it has no socket. */
static curl_socket_t on_socket(void *ctx, curlsocktype purpose, struct curl_sockaddr *to)
{
	struct transfer *t = ctx;
	(void)purpose;
	int fd = socket(to->family, to->socktype | SOCK_CLOEXEC, to->protocol);
	t->socket_errno = fd < 0 ? errno : 0;
	return fd < 0 ? CURL_SOCKET_BAD : fd;
}

static size_t on_header(char *bytes, size_t size, size_t n, void *ctx)
{
	struct transfer *t = ctx;
	return http_attempt_header(t->attempt, bytes, size * n) ? size * n : 0;
}

static size_t on_body(char *bytes, size_t size, size_t n, void *ctx)
{
	struct transfer *t = ctx;
	return http_attempt_body(t->attempt, bytes, size * n) ? size * n : 0;
}

/* The next piece of a file's body. Parts of one file share its descriptor, hence pread. */
static size_t on_read(char *out, size_t size, size_t n, void *ctx)
{
	struct transfer *t = ctx;
	const struct http_request *r = t->attempt->request;
	size_t want = size * n, left = r->body_len - t->at;
	ssize_t got;
	if (!left)
		return 0;
	do
		got = pread(r->body_fd, out, want < left ? want : left,
			(off_t)(r->body_offset + t->at));
	while (got < 0 && errno == EINTR);
	if (got <= 0) {
		if (got < 0)
			err_errno(&t->attempt->err, ERR_IO, "read what is to be sent");
		else
			err_set(&t->attempt->err, ERR_CONFLICT,
				"the file became shorter while it was sent");
		return CURL_READFUNC_ABORT;
	}
	t->at += (uint64_t)got;
	return (size_t)got;
}

static int on_seek(void *ctx, curl_off_t offset, int origin)
{
	struct transfer *t = ctx;
	if (origin != SEEK_SET)
		return CURL_SEEKFUNC_CANTSEEK;
	t->at = (uint64_t)offset;
	return CURL_SEEKFUNC_OK;
}

static bool is_safe(const struct http_request *r)
{
	return !strcmp(r->method, "GET") || !strcmp(r->method, "HEAD");
}

/* Called before each request on a connection. libcurl repeats one by itself when a kept-alive connection
   turns out to be dead, though the service may have acted on it: whatever changes something we repeat
   ourselves, so that it is counted, signed anew and known to be ambiguous. */
static int on_request(void *ctx, char *remote_ip, char *local_ip, int remote_port, int local_port)
{
	struct transfer *t = ctx;
	(void)remote_ip, (void)local_ip, (void)remote_port, (void)local_port;
	bool refused_expect = t->attempt->status == 417;
	if (!t->requests++ || is_safe(t->attempt->request) || refused_expect)
		return CURL_PREREQFUNC_OK;
	err_set(&t->attempt->err, ERR_NETWORK, "the connection was lost before the reply");
	return CURL_PREREQFUNC_ABORT;
}

static void set_body(struct transfer *t)
{
	const struct http_request *r = t->attempt->request;
	if (r->body_from_file) {
		curl_easy_setopt(t->easy, CURLOPT_UPLOAD, 1L);
		curl_easy_setopt(t->easy, CURLOPT_INFILESIZE_LARGE, (curl_off_t)r->body_len);
		curl_easy_setopt(t->easy, CURLOPT_READFUNCTION, on_read);
		curl_easy_setopt(t->easy, CURLOPT_READDATA, t);
		curl_easy_setopt(t->easy, CURLOPT_SEEKFUNCTION, on_seek);
		curl_easy_setopt(t->easy, CURLOPT_SEEKDATA, t);
		curl_easy_setopt(t->easy, CURLOPT_UPLOAD_BUFFERSIZE, STREAM_BUFFER);
	} else if (r->has_body) {
		curl_easy_setopt(t->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)r->body_len);
		curl_easy_setopt(t->easy, CURLOPT_POSTFIELDS, r->body ? r->body : "");
	} else if (!strcmp(r->method, "HEAD")) {
		curl_easy_setopt(t->easy, CURLOPT_NOBODY, 1L);
		return;
	}
	curl_easy_setopt(t->easy, CURLOPT_CUSTOMREQUEST, r->method);
}

static void add_header(struct transfer *t, const char *line)
{
	struct curl_slist *list = curl_slist_append(t->headers, line);
	if (!list)
		abort();
	t->headers = list;
}

static void set_headers(struct transfer *t)
{
	const struct http_attempt *a = t->attempt;
	buf_auto line = {0};
	for (size_t i = 0; i < a->fields->n; i++) {
		const struct http_field *f = &a->fields->v[i];
		buf_truncate(&line, 0);
		if (*f->value)
			buf_printf(&line, "%s: %s", f->name, f->value);
		else
			buf_printf(&line, "%s;", f->name); /* libcurl's form of an empty one */
		add_header(t, line.data);
	}
	if (a->request->body_len < EXPECT_FROM)
		add_header(t, "Expect:");
	/* libcurl would call a body a form. */
	if (!http_fields_get(a->fields, "content-type"))
		add_header(t, "Content-Type:");
	curl_easy_setopt(t->easy, CURLOPT_HTTPHEADER, t->headers);
	curl_easy_setopt(t->easy, CURLOPT_HEADEROPT, CURLHEADER_SEPARATE);
}

static void set_connection(const struct curl_ctx *c, const struct transfer *t)
{
	CURL *e = t->easy;
	curl_easy_setopt(e, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(e, CURLOPT_CONNECTTIMEOUT_MS, c->connect_timeout_ms);
	curl_easy_setopt(e, CURLOPT_LOW_SPEED_LIMIT, SLOWEST_PER_S);
	curl_easy_setopt(e, CURLOPT_LOW_SPEED_TIME, c->silence_s);
	curl_easy_setopt(e, CURLOPT_TCP_KEEPALIVE, 1L);
	curl_easy_setopt(e, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(e, CURLOPT_SSL_VERIFYPEER, 1L);
	curl_easy_setopt(e, CURLOPT_SSL_VERIFYHOST, 2L);
	curl_easy_setopt(e, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
	if (c->ca_file)
		curl_easy_setopt(e, CURLOPT_CAINFO, c->ca_file);
	if (c->user_agent)
		curl_easy_setopt(e, CURLOPT_USERAGENT, c->user_agent);
	if (t->attempt->near)
		curl_easy_setopt(e, CURLOPT_PROXY, "");
	curl_easy_setopt(e, CURLOPT_BUFFERSIZE, STREAM_BUFFER);
}

static void start(void *ctx, struct http_attempt *a)
{
	struct curl_ctx *c = ctx;
	struct transfer *t = xalloc(sizeof *t);
	*t = (struct transfer){.attempt = a, .easy = curl_easy_init()};
	if (!t->easy)
		abort();
	a->impl = t;
	CURL *e = t->easy;
	curl_easy_setopt(e, CURLOPT_PRIVATE, t);
	curl_easy_setopt(e, CURLOPT_ERRORBUFFER, t->text);
	curl_easy_setopt(e, CURLOPT_URL, a->request->url);
	curl_easy_setopt(e, CURLOPT_PATH_AS_IS, 1L);
	curl_easy_setopt(e, CURLOPT_REQUEST_TARGET, a->target);
	curl_easy_setopt(e, CURLOPT_OPENSOCKETFUNCTION, on_socket);
	curl_easy_setopt(e, CURLOPT_OPENSOCKETDATA, t);
	curl_easy_setopt(e, CURLOPT_HEADERFUNCTION, on_header);
	curl_easy_setopt(e, CURLOPT_HEADERDATA, t);
	curl_easy_setopt(e, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(e, CURLOPT_WRITEDATA, t);
	curl_easy_setopt(e, CURLOPT_PREREQFUNCTION, on_request);
	curl_easy_setopt(e, CURLOPT_PREREQDATA, t);
	set_connection(c, t);
	set_body(t);
	set_headers(t);
	if (curl_multi_add_handle(c->multi, e) != CURLM_OK)
		abort();
}

static void note_sent(struct transfer *t)
{
	long request = 0;
	curl_off_t body = 0;
	curl_easy_getinfo(t->easy, CURLINFO_REQUEST_SIZE, &request);
	curl_easy_getinfo(t->easy, CURLINFO_SIZE_UPLOAD_T, &body);
	t->attempt->sent = request > 0 || t->requests > 1;
	t->attempt->bytes_sent = (uint64_t)body;
}

static void drop(struct curl_ctx *c, struct transfer *t)
{
	curl_multi_remove_handle(c->multi, t->easy);
	curl_easy_cleanup(t->easy);
	curl_slist_free_all(t->headers);
	t->attempt->impl = NULL;
	free(t);
}

static void cancel(void *ctx, struct http_attempt *a)
{
	struct transfer *t = a->impl;
	note_sent(t);
	drop(ctx, t);
}

static void connect_failed(const struct transfer *t, struct err *err)
{
	long number = t->socket_errno;
	if (!number)
		curl_easy_getinfo(t->easy, CURLINFO_OS_ERRNO, &number);
	err_set(err, ERR_NETWORK, "%s: %s", t->attempt->host,
		number ? strerror((int)number) : "no connection");
	if (number == EMFILE)
		err_hint(err, "`ulimit -n` sets how many files and connections weir may have open");
}

/* Whatever libcurl says that is not named here may pass: the connection is to blame. */
static void name_failure(const struct transfer *t, CURLcode code, struct err *err)
{
	const char *host = t->attempt->host;
	const char *text = *t->text ? t->text : curl_easy_strerror(code);
	switch (code) {
	case CURLE_OK:
		err_set(err, ERR_NETWORK, "%s: the reply ended in its header", host);
		break;
	case CURLE_COULDNT_CONNECT:
		connect_failed(t, err);
		break;
	case CURLE_COULDNT_RESOLVE_HOST:
	case CURLE_COULDNT_RESOLVE_PROXY:
		err_set(err, ERR_NETWORK, "%s: the name is not known", host);
		break;
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_CACERT_BADFILE:
	case CURLE_SSL_ISSUER_ERROR:
		err_set(err, ERR_PROTOCOL, "%s: the certificate is not trusted: %s", host, text);
		break;
	case CURLE_OPERATION_TIMEDOUT:
		err_set(err, ERR_NETWORK, "%s: no answer in time", host);
		break;
	case CURLE_PARTIAL_FILE:
		err_set(err, ERR_NETWORK, "%s: the reply ended before its end", host);
		break;
	case CURLE_GOT_NOTHING:
	case CURLE_SEND_ERROR:
	case CURLE_RECV_ERROR:
		err_set(err, ERR_NETWORK, "%s: the connection was lost", host);
		break;
	default:
		err_set(err, ERR_NETWORK, "%s: %s", host, text);
	}
}

static void end(struct curl_ctx *c, struct transfer *t, CURLcode code)
{
	struct http_attempt *a = t->attempt;
	note_sent(t);
	/* libcurl is content with a header that was cut off. */
	a->whole = (code == CURLE_OK || a->enough) && a->status >= 200 && a->header_whole;
	/* One that a callback broke off says why itself. */
	if (!a->whole && !a->err.kind)
		name_failure(t, code, &a->err);
	drop(c, t);
	http_attempt_end(a);
}

static bool wait_any(void *ctx, int64_t ms, struct err *err)
{
	struct curl_ctx *c = ctx;
	int running, left;
	bool ended = false;
	CURLMcode code = curl_multi_perform(c->multi, &running);
	for (CURLMsg *m; (m = curl_multi_info_read(c->multi, &left));) {
		struct transfer *t;
		if (m->msg != CURLMSG_DONE)
			continue;
		CURLcode result = m->data.result;
		curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, &t);
		end(c, t, result);
		ended = true;
	}
	if (code == CURLM_OK && !ended)
		code = curl_multi_poll(c->multi, NULL, 0, (int)ms, NULL);
	return code == CURLM_OK ||
		err_set(err, ERR_NETWORK, "libcurl: %s", curl_multi_strerror(code));
}

static void wake(void *ctx)
{
	struct curl_ctx *c = ctx;
	curl_multi_wakeup(c->multi);
}

static void free_ctx(void *ctx)
{
	struct curl_ctx *c = ctx;
	curl_multi_cleanup(c->multi);
	free(c->user_agent);
	free(c->ca_file);
	free(c);
}

static void init_once(void)
{
	if (curl_global_init(CURL_GLOBAL_DEFAULT))
		abort();
}

void http_prepare(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	pthread_once(&once, init_once);
}

struct http_transport http_curl_transport(const struct http_options *o)
{
	http_prepare();
	struct curl_ctx *c = xalloc(sizeof *c);
	int64_t silence = o->silence_timeout_ms ? o->silence_timeout_ms : 60 * 1000;
	*c = (struct curl_ctx){.multi = curl_multi_init(),
		.connect_timeout_ms =
			o->connect_timeout_ms ? (long)o->connect_timeout_ms : 10 * 1000L,
		.silence_s = (long)((silence + 999) / 1000),
		.user_agent = o->user_agent ? xstrdup(o->user_agent) : NULL,
		.ca_file = o->ca_file ? xstrdup(o->ca_file) : NULL};
	if (!c->multi)
		abort();
	curl_multi_setopt(c->multi, CURLMOPT_MAXCONNECTS, (long)o->in_flight_max);
	return (struct http_transport){start, cancel, wait_any, wake, free_ctx, c};
}
