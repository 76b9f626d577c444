/* The client against a real server on the loopback: retries, what breaks, what is refused. */
#include "base/fs.h"
#include "base/text.h"
#include "harness/fake_clock.h"
#include "harness/server.h"
#include "http/http.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

struct got {
	bool called;
	int status, attempts;
	bool maybe_done;
	struct err err;
	char body[256], etag[64];
	size_t body_len;
};
struct fixture {
	struct fake_clock time;
	struct clock clock;
	struct http_options o;
	struct server *server;
	struct http *http;
	struct arena arena;
	struct buf notes, window; /* lines; what was told of the window */
};
static struct fixture F;

static void note(void *ctx, const struct progress_event *e)
{
	(void)ctx;
	if (e->kind == PROGRESS_NOTE)
		buf_printf(&F.notes, "%s\n", e->text);
	if (e->kind == PROGRESS_DEBUG && !e->what)
		buf_printf(&F.window, "%s\n", e->text);
}
static const struct progress PROGRESS = {.event = note};

static int setup(void **state)
{
	(void)state;
	memset(&F, 0, sizeof F);
	F.time.wall_ms = 1388957500000;
	F.clock = fake_clock(&F.time);
	F.o = (struct http_options){.clock = &F.clock, .progress = &PROGRESS};
	F.server = server_start();
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	http_free(F.http);
	server_stop(F.server); /* its replies may lie in the arena */
	buf_clear(&F.notes);
	buf_clear(&F.window);
	arena_clear(&F.arena);
	return 0;
}

static void open_http(void)
{
	if (!F.http)
		F.http = http_new(&F.o);
}

static const char *url(const char *path)
{
	return arena_printf(&F.arena, "%s%s", server_url(F.server), path);
}

static void on_done(void *ctx, struct http_reply *r)
{
	struct got *g = ctx;
	const char *etag = http_fields_get(&r->fields, "ETag");
	assert_false(g->called);
	*g = (struct got){.called = true,
		.status = r->status,
		.attempts = r->attempts,
		.maybe_done = r->maybe_done,
		.err = r->err,
		.body_len = r->body.len};
	snprintf(g->body, sizeof g->body, "%s", buf_str(&r->body));
	snprintf(g->etag, sizeof g->etag, "%s", etag ? etag : "");
}

static struct got run(const struct http_request *r)
{
	struct got g = {0};
	struct err err;
	open_http();
	http_start(F.http, r, on_done, &g);
	assert_false(g.called);
	assert_true(http_run(F.http, NULL, &err));
	assert_true(g.called);
	return g;
}

static struct got get(const char *path)
{
	return run(&(struct http_request){.method = "GET", .url = url(path), .what = "get it"});
}

static struct got put(const char *path, const char *body)
{
	return run(&(struct http_request){.method = "PUT",
		.url = url(path),
		.body = body,
		.body_len = strlen(body),
		.has_body = true,
		.what = "put it"});
}

static void plain_get(void **state)
{
	(void)state;
	server_expect(F.server, "GET /a/%2e%2E/../b?x=%2F",
		(struct server_reply){.body = "hello", .fields = "ETag:  e1 \r\n"});
	struct got g = get("/a/%2e%2E/../b?x=%2F");
	assert_int_equal(g.status, 200);
	assert_int_equal(g.err.kind, ERR_NONE);
	assert_int_equal(g.attempts, 1);
	assert_string_equal(g.body, "hello");
	assert_string_equal(g.etag, "e1");
	assert_false(g.maybe_done);
}

static void headers_that_go_out(void **state)
{
	(void)state;
	struct http_field fields[] = {{"content-type", "application/json"}, {"x-empty", ""}};
	F.o.user_agent = "weir/test";
	server_expect(F.server, "POST /p", (struct server_reply){0});
	server_expect(F.server, "DELETE /p", (struct server_reply){.status = 204});
	server_expect(F.server, "POST /p", (struct server_reply){0});
	run(&(struct http_request){.method = "POST",
		.url = url("/p"),
		.has_body = true,
		.body = "{}",
		.body_len = 2,
		.fields = {fields, 2, 2}});
	run(&(struct http_request){.method = "DELETE", .url = url("/p")});
	run(&(struct http_request){.method = "POST", .url = url("/p"), .has_body = true});
	struct server_request r = server_request(F.server, 0);
	static const char *const want[][2] = {{"content-type", "application/json"}, {"x-empty", ""},
		{"content-length", "2"}, {"user-agent", "weir/test"}};
	for (size_t i = 0; i < 4; i++) {
		char *value = server_field(&r, want[i][0]);
		assert_non_null(value);
		assert_string_equal(value, want[i][1]);
		free(value);
	}
	assert_string_equal(r.body, "{}");
	assert_null(server_field(&r, "expect"));
	assert_null(server_field(&r, "transfer-encoding"));
	r = server_request(F.server, 2);
	char *length = server_field(&r, "content-length");
	assert_string_equal(length, "0");
	free(length);
	assert_null(server_field(&r, "content-type"));
	assert_int_equal(server_connections(F.server), 1);
}

static void head_has_no_body(void **state)
{
	(void)state;
	server_expect(F.server, "HEAD /h",
		(struct server_reply){.fields = "content-length: 1000\r\netag: e\r\n"});
	server_expect(F.server, "HEAD /h", (struct server_reply){.status = 404});
	struct got g = run(&(struct http_request){.method = "HEAD", .url = url("/h")});
	assert_int_equal(g.status, 200);
	assert_string_equal(g.etag, "e");
	g = run(&(struct http_request){.method = "HEAD", .url = url("/h")});
	assert_int_equal(g.err.kind, ERR_NOT_FOUND);
	assert_int_equal(server_connections(F.server), 1);
}

static void retried_until_it_works(void **state)
{
	(void)state;
	static const int statuses[] = {503, 500, 429, 502, 504};
	for (size_t i = 0; i < 5; i++)
		server_expect(F.server, "PUT /x", (struct server_reply){.status = statuses[i]});
	server_expect(F.server, "PUT /x", (struct server_reply){.body = "ok"});
	struct got g = put("/x", "body");
	assert_int_equal(g.status, 200);
	assert_int_equal(g.attempts, 6);
	assert_true(g.maybe_done);
	/* 1 + 2 + 4 + 8 + 16 s, and up to a second of jitter with each. */
	assert_in_range(F.time.slept_ms, 31000, 36000);
	for (size_t i = 0; i < 6; i++)
		assert_string_equal(server_request(F.server, i).body, "body");
	assert_non_null(strstr(buf_str(&F.notes), "put it: 503, again in "));
	assert_non_null(strstr(buf_str(&F.notes), "s (1 of 8)\n"));
	assert_non_null(strstr(buf_str(&F.notes), "put it: 429, again in "));
	assert_non_null(strstr(buf_str(&F.notes), "s (5 of 8)\n"));
	struct http_stats stats = http_stats(F.http);
	assert_int_equal(stats.requests, 6);
	assert_int_equal(stats.retries, 5);
	assert_int_equal(stats.sent, 24);
	assert_int_equal(stats.received, 2);
}

static void throttled_is_not_ambiguous(void **state)
{
	(void)state;
	server_expect(F.server, "PUT /x",
		(struct server_reply){.status = 429, .fields = "Retry-After: 7\r\n"});
	server_expect(F.server, "PUT /x", (struct server_reply){.status = 412});
	struct got g = put("/x", "body");
	assert_int_equal(g.status, 412);
	assert_int_equal(g.err.kind, ERR_CONFLICT);
	assert_false(g.maybe_done);
	assert_in_range(F.time.slept_ms, 7000, 8000);
}

static void gives_up_after_eight(void **state)
{
	(void)state;
	for (int i = 0; i < 8; i++)
		server_expect(F.server, "GET /x", (struct server_reply){.status = 503});
	struct got g = get("/x");
	assert_int_equal(g.attempts, 8);
	assert_int_equal(g.err.kind, ERR_SERVICE);
	assert_int_equal(g.err.http_status, 503);
	assert_true(
		text_starts(g.err.text, "get it: 503 Service Unavailable\n  tried 8 times in 1m"));
}

static void total_time_is_capped(void **state)
{
	(void)state;
	F.o.retry_total_ms = 5000;
	for (int i = 0; i < 3; i++)
		server_expect(F.server, "GET /x", (struct server_reply){.status = 503});
	struct got g = get("/x");
	assert_int_equal(g.attempts, 3);
	assert_true(F.time.slept_ms <= 5000);
}

static void final_and_no_retry(void **state)
{
	(void)state;
	server_expect(F.server, "GET /1", (struct server_reply){.status = 503});
	server_expect(F.server, "GET /2", (struct server_reply){.status = 503});
	server_expect(F.server, "GET /3", (struct server_reply){.status = 501});
	struct got g =
		run(&(struct http_request){.method = "GET", .url = url("/1"), .no_retry = true});
	assert_int_equal(g.attempts, 1);
	g = run(&(struct http_request){.method = "GET", .url = url("/2"), .final_status = 503});
	assert_int_equal(g.attempts, 1);
	g = get("/3");
	assert_int_equal(g.attempts, 1);
	assert_int_equal(g.err.kind, ERR_PROTOCOL);
}

/* Each way for a reply to be lost; the second attempt gets it. */
static void lost_replies(void **state)
{
	(void)state;
	static const struct server_reply lost[] = {
		{.fault = SERVER_LOSE},
		{.fault = SERVER_RESET},
		{.fault = SERVER_TRUNCATE, .body = "0123456789"},
		{.raw = "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n123"},
		{.raw = "HTTP/1.1 200 OK\r\ncontent-le"},
		{.raw = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\n123"},
		{.raw = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzzz\r\n123"},
		{.raw = "garbage\r\n\r\n"},
		{.raw = "HTTP/1.1 100 Continue\r\n\r\n"},
		{.raw = "\r\n"},
	};
	const size_t n = sizeof lost / sizeof *lost;
	for (size_t i = 0; i < n; i++) {
		server_expect(F.server, "PUT /x", lost[i]);
		server_expect(F.server, "PUT /x", (struct server_reply){.body = "ok"});
	}
	for (size_t i = 0; i < n; i++) {
		struct got g = put("/x", "body");
		if (g.status != 200 || g.attempts != 2 || !g.maybe_done)
			fail_msg("%zu: status %d, %d attempts, maybe %d: %s", i, g.status,
				g.attempts, g.maybe_done, g.err.text);
		assert_string_equal(g.body, "ok");
	}
}

static void lost_for_good(void **state)
{
	(void)state;
	F.o.attempts = 2;
	server_expect(F.server, "GET /x", (struct server_reply){.fault = SERVER_LOSE});
	server_expect(F.server, "GET /x",
		(struct server_reply){.fault = SERVER_TRUNCATE, .body = "0123456789"});
	struct got g = get("/x");
	assert_int_equal(g.err.kind, ERR_NETWORK);
	assert_int_equal(g.status, 0);
	assert_int_equal(g.err.http_status, 0);
	assert_true(g.maybe_done);
	assert_non_null(strstr(g.err.text, "the reply ended before its end"));
}

static void nobody_listens(void **state)
{
	(void)state;
	struct got g = run(&(struct http_request){.method = "PUT",
		.has_body = true,
		.url = arena_printf(&F.arena, "%s/x", server_nobody()),
		.what = "put it"});
	assert_int_equal(g.err.kind, ERR_NETWORK);
	assert_int_equal(g.attempts, 8);
	assert_false(g.maybe_done);
	assert_non_null(strstr(g.err.text, "Connection refused"));
	assert_non_null(strstr(buf_str(&F.notes), "Connection refused, again in "));
	assert_in_range(F.time.slept_ms, 91000, 98000);
}

/* A proxy of the environment must not be asked for the loopback: nobody is there to answer. */
static void no_proxy_for_loopback(void **state)
{
	(void)state;
	setenv("http_proxy", server_nobody(), 1);
	setenv("all_proxy", server_nobody(), 1);
	server_expect(F.server, "GET /x", (struct server_reply){0});
	struct got g = get("/x");
	unsetenv("http_proxy");
	unsetenv("all_proxy");
	assert_int_equal(g.status, 200);
}

static void redirects_are_refused(void **state)
{
	(void)state;
	char fields[128];
	snprintf(fields, sizeof fields, "location: %s/other\r\n", server_url(F.server));
	for (int status = 301; status <= 308; status += 7)
		server_expect(F.server, "GET /x",
			(struct server_reply){.status = status, .fields = fields});
	for (int i = 0; i < 2; i++) {
		struct got g = get("/x");
		assert_int_equal(g.err.kind, ERR_PROTOCOL);
		assert_non_null(strstr(g.err.text, "redirects are not followed"));
	}
}

static void html_and_empty_errors(void **state)
{
	(void)state;
	server_expect(F.server, "GET /x",
		(struct server_reply){
			.status = 404, .body = "<html><body>Nothing here</body></html>"});
	server_expect(F.server, "GET /x", (struct server_reply){.status = 403});
	struct got g = get("/x");
	assert_int_equal(g.err.kind, ERR_NOT_FOUND);
	assert_string_equal(g.err.text, "get it: 404 Not Found");
	g = get("/x");
	assert_int_equal(g.err.kind, ERR_PERMISSION);
}

static void limits_of_a_reply(void **state)
{
	(void)state;
	char *huge = arena_alloc(&F.arena, 9000), *etag, *many = arena_alloc(&F.arena, 70000);
	memset(huge, 'e', 8192);
	etag = arena_printf(&F.arena, "etag: %s\r\n", huge);
	for (int i = 0; i < 1400; i++)
		strcat(many + 40 * i, "x-filler: 0123456789012345678901234567\r\n");
	memset(many + 56000, 0, 1);
	for (int i = 0; i < 400; i++)
		strcat(many + 56000, "x-filler: 01234567890123456789\r\n");
	server_expect(F.server, "GET /x", (struct server_reply){.fields = etag});
	server_expect(F.server, "GET /x", (struct server_reply){.fields = many});
	server_expect(F.server, "GET /x", (struct server_reply){.body = "12345"});
	server_expect(F.server, "GET /x", (struct server_reply){.body = "123456"});
	server_expect(F.server, "GET /x", (struct server_reply){.status = 404, .body = huge});
	struct got g = get("/x");
	assert_int_equal(g.err.kind, ERR_PROTOCOL);
	assert_non_null(strstr(g.err.text, "header of the reply is too long"));
	assert_int_equal(get("/x").err.kind, ERR_PROTOCOL);
	struct http_request small = {.method = "GET", .url = url("/x"), .max_body = 5};
	assert_string_equal(run(&small).body, "12345");
	g = run(&small);
	assert_int_equal(g.err.kind, ERR_PROTOCOL);
	assert_int_equal(g.attempts, 1);
	assert_non_null(strstr(g.err.text, "larger than 5 B"));
	/* An error's body may be longer than what was wanted. */
	assert_int_equal(run(&small).err.kind, ERR_NOT_FOUND);
}

static const char *interim(int n)
{
	buf_auto text = {0};
	for (int i = 0; i < n; i++)
		buf_adds(&text, "HTTP/1.1 102 Processing\r\n\r\n");
	buf_adds(&text, "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
	return arena_strdup(&F.arena, buf_str(&text));
}

static void interim_replies_are_counted(void **state)
{
	(void)state;
	server_expect(F.server, "GET /x", (struct server_reply){.raw = interim(100)});
	server_expect(F.server, "GET /x", (struct server_reply){.raw = interim(101)});
	assert_string_equal(get("/x").body, "ok");
	struct got g = get("/x");
	assert_int_equal(g.err.kind, ERR_PROTOCOL);
	assert_non_null(strstr(g.err.text, "more than 100 interim replies"));
}

static void statuses_that_are_none(void **state)
{
	(void)state;
	server_expect(F.server, "GET /x",
		(struct server_reply){.raw = "HTTP/1.1 999 No\r\ncontent-length: 0\r\n\r\n"});
	struct got g = get("/x");
	assert_int_equal(g.err.kind, ERR_PROTOCOL);
	assert_int_equal(g.attempts, 1);
	assert_non_null(strstr(g.err.text, "999: not a status of HTTP"));
}

/* Of a page that says no in a MiB the beginning is read, and the refusal counts. */
static void large_errors_are_cut(void **state)
{
	(void)state;
	enum { MIB = 1 << 20 };
	char *page = arena_alloc(&F.arena, MIB + 1);
	memset(page, 'x', MIB);
	server_expect(F.server, "GET /x", (struct server_reply){.status = 404, .body = page});
	struct got g = get("/x");
	assert_int_equal(g.err.kind, ERR_NOT_FOUND);
	assert_int_equal(g.status, 404);
	assert_int_equal(g.body_len, 64 * 1024);
}

static void bad_requests_never_leave(void **state)
{
	(void)state;
	struct http_field split = {"x", "a\r\nhost: evil"};
	struct got g = run(&(struct http_request){
		.method = "GET", .url = url("/x"), .fields = {&split, 1, 1}});
	assert_int_equal(g.err.kind, ERR_INVALID);
	g = run(&(struct http_request){.method = "GET", .url = "http://example.com/"});
	assert_int_equal(g.err.kind, ERR_CONFIG);
	g = run(&(struct http_request){.method = "GET", .url = url("/ x")});
	assert_int_equal(g.err.kind, ERR_CONFIG);
	assert_int_equal(server_requests(F.server), 0);
}

struct signer {
	int calls;
	bool fail;
};

static bool sign(void *ctx, const struct http_request *r, const char *host, const char *target,
	struct arena *a, struct http_fields *add, struct err *err)
{
	struct signer *s = ctx;
	if (s->fail)
		return err_set(err, ERR_CONFIG, "no key");
	assert_string_equal(host, server_host(F.server));
	assert_string_equal(target, "/t/..?a=%2F");
	assert_string_equal(r->method, "GET");
	assert_int_equal(add->n, 0);
	http_fields_add(add, a, "host", host);
	http_fields_add(add, a, "date", arena_printf(a, "attempt %d", ++s->calls));
	return true;
}

static void signed_anew_each_attempt(void **state)
{
	(void)state;
	struct signer s = {0};
	F.o.signer = (struct http_signer){.sign = sign, .ctx = &s};
	server_expect(F.server, "GET /t/..?a=%2F", (struct server_reply){.status = 500});
	server_expect(F.server, "GET /t/..?a=%2F", (struct server_reply){0});
	assert_int_equal(get("/t/..?a=%2F").status, 200);
	for (size_t i = 0; i < 2; i++) {
		struct server_request r = server_request(F.server, i);
		char *date = server_field(&r, "date"), *host = server_field(&r, "host");
		assert_string_equal(date, i ? "attempt 2" : "attempt 1");
		assert_string_equal(host, server_host(F.server));
		free(date);
		free(host);
	}
	s.fail = true;
	struct got g = get("/t/..?a=%2F");
	assert_int_equal(g.err.kind, ERR_CONFIG);
	assert_int_equal(g.attempts, 1);
}

static void set_stop(void *ctx)
{
	*(bool *)ctx = true;
}

/* Signs in other threads, the first ones the slowest. */
struct slow_signer {
	pthread_t here;
	int elsewhere, here_too; /* signatures made by other threads, and by this one */
	pthread_mutex_t lock;
	const char *bad; /* end of the target that cannot be signed; NULL: none */
};

static bool sign_slowly(void *ctx, const struct http_request *r, const char *host,
	const char *target, struct arena *a, struct http_fields *add, struct err *err)
{
	struct slow_signer *s = ctx;
	(void)r;
	int number = atoi(strrchr(target, '/') + 1);
	usleep((useconds_t)(20 - number) * 200);
	pthread_mutex_lock(&s->lock);
	if (pthread_equal(pthread_self(), s->here))
		s->here_too++;
	else
		s->elsewhere++;
	pthread_mutex_unlock(&s->lock);
	if (s->bad && !strcmp(target, s->bad))
		return err_set(err, ERR_CONFIG, "no key");
	http_fields_add(add, a, "host", host);
	http_fields_add(add, a, "date", target);
	return true;
}

enum { MANY = 20 };

static void open_with(struct slow_signer *s)
{
	*s = (struct slow_signer){.here = pthread_self(), .bad = s->bad};
	pthread_mutex_init(&s->lock, NULL);
	F.o.signer = (struct http_signer){.sign = sign_slowly, .ctx = s, .threads = true};
	open_http();
}

static void start_many(struct got *got, struct http_request *requests)
{
	for (int i = 0; i < MANY; i++) {
		requests[i] = (struct http_request){
			.method = "GET", .url = url(arena_printf(&F.arena, "/%d", i))};
		http_start(F.http, &requests[i], on_done, &got[i]);
	}
}

static struct server_reply echo(void *ctx, const struct server_request *r)
{
	(void)ctx;
	return (struct server_reply){.body = r->line + strlen("GET /")};
}

static void signed_by_other_threads(void **state)
{
	(void)state;
	struct slow_signer s = {.bad = "/7"};
	struct got got[MANY] = {0};
	struct http_request requests[MANY];
	struct err err;
	server_stop(F.server);
	F.server = server_start_handler(echo, NULL);
	open_with(&s);
	start_many(got, requests);
	assert_true(http_run(F.http, NULL, &err));
	for (int i = 0; i < MANY; i++) {
		assert_true(got[i].called);
		if (i == 7) {
			assert_int_equal(got[i].err.kind, ERR_CONFIG);
			continue;
		}
		assert_int_equal(got[i].status, 200);
		assert_string_equal(got[i].body, arena_printf(&F.arena, "%d", i));
	}
	assert_int_equal(s.elsewhere, MANY);
}

static void on_done_a_minute_later(void *ctx, struct http_reply *reply)
{
	on_done(ctx, reply);
	F.time.mono_ms += 60 * 1000;
}

/* Those behind are signed while the first is in flight; what waited too long with its signature gets another. */
static void signed_too_early(void **state)
{
	(void)state;
	struct slow_signer s = {0};
	struct got got[MANY] = {0}, first = {0};
	struct http_request requests[MANY], request;
	struct err err;
	server_stop(F.server);
	F.server = server_start_handler(echo, NULL);
	F.o.in_flight = 1;
	request = (struct http_request){.method = "GET", .url = url("/0")};
	open_with(&s);
	http_start(F.http, &request, on_done_a_minute_later, &first);
	start_many(got, requests);
	assert_true(http_run(F.http, NULL, &err));
	assert_string_equal(first.body, "0");
	for (int i = 0; i < MANY; i++)
		assert_string_equal(got[i].body, arena_printf(&F.arena, "%d", i));
	assert_int_equal(s.elsewhere, MANY + 1);
	assert_int_equal(s.here_too, MANY);
}

static void cancelled_while_it_is_signed(void **state)
{
	(void)state;
	struct slow_signer s = {0};
	struct got got[MANY] = {0};
	struct http_request requests[MANY];
	struct err err;
	bool stop = false;
	open_with(&s);
	start_many(got, requests);
	http_after(
		F.http, 0, set_stop, &stop); /* after the first round: some are with the signers */
	assert_true(http_run(F.http, &stop, &err));
	http_cancel_all(F.http);
	for (int i = 0; i < MANY; i++) {
		assert_true(got[i].called);
		assert_int_equal(got[i].err.kind, ERR_INTERRUPTED);
	}
	assert_int_equal(http_stats(F.http).requests, 0);
}

static void freed_while_it_is_signed(void **state)
{
	(void)state;
	struct slow_signer s = {0};
	struct got got[MANY] = {0};
	struct http_request requests[MANY];
	struct err err;
	bool stop = false;
	open_with(&s);
	start_many(got, requests);
	http_after(F.http, 0, set_stop, &stop);
	assert_true(http_run(F.http, &stop, &err));
	http_free(F.http);
	F.http = NULL;
	for (int i = 0; i < MANY; i++)
		assert_false(got[i].called);
}

static void skewed_clock_is_named(void **state)
{
	(void)state;
	server_expect(F.server, "GET /x",
		(struct server_reply){
			.status = 401, .fields = "date: Sun, 05 Jan 2014 21:52:40 GMT\r\n"});
	struct got g = get("/x");
	assert_int_equal(g.err.kind, ERR_AUTH);
	assert_non_null(strstr(g.err.text, "clock is 21m0s behind"));
}

/* A kept-alive connection that the service has closed meanwhile. */
static void dead_connection(void **state)
{
	(void)state;
	server_expect(F.server, "GET /x", (struct server_reply){.fault = SERVER_CLOSE});
	server_expect(F.server, "PUT /x", (struct server_reply){0});
	assert_int_equal(get("/x").status, 200);
	struct got g = put("/x", "body");
	assert_int_equal(g.status, 200);
	/* A third if the PUT was on its way before the end of the first was seen. */
	assert_in_range(server_connections(F.server), 2, 3);
}

/* The reply to a change is lost on a kept-alive connection: libcurl alone would repeat it unseen. */
static void loss_on_a_reused_connection(void **state)
{
	(void)state;
	server_expect(F.server, "GET /x", (struct server_reply){0});
	server_expect(F.server, "PUT /x", (struct server_reply){.fault = SERVER_LOSE});
	server_expect(F.server, "PUT /x", (struct server_reply){.status = 412});
	assert_int_equal(get("/x").status, 200);
	struct got g = put("/x", "body");
	assert_int_equal(g.status, 412);
	assert_int_equal(g.attempts, 2);
	assert_true(g.maybe_done);
	assert_int_equal(server_request(F.server, 1).connection, 0);
}

static char *temporary(size_t n)
{
	char *path = arena_strdup(&F.arena, "/tmp/weir-test-XXXXXX");
	int fd = mkstemp(path);
	assert_true(fd >= 0);
	char *bytes = arena_alloc(&F.arena, n);
	for (size_t i = 0; i < n; i++)
		bytes[i] = (char)('a' + i % 26);
	assert_int_equal(write(fd, bytes, n), (ssize_t)n);
	close(fd);
	return path;
}

static void body_from_a_file(void **state)
{
	(void)state;
	char *path = temporary(100);
	struct err err;
	fd_auto fd = fs_open_regular(path, NULL, &err);
	server_expect(F.server, "PUT /x", (struct server_reply){.status = 500});
	server_expect(F.server, "PUT /x", (struct server_reply){.fault = SERVER_LOSE});
	server_expect(F.server, "PUT /x", (struct server_reply){0});
	struct http_request r = {.method = "PUT",
		.url = url("/x"),
		.has_body = true,
		.body_from_file = true,
		.body_fd = fd,
		.body_offset = 26,
		.body_len = 52};
	struct got g = run(&r);
	assert_int_equal(g.status, 200);
	for (size_t i = 0; i < 3; i++) {
		struct server_request got = server_request(F.server, i);
		assert_int_equal(got.body_len, 52);
		assert_string_equal(
			got.body, "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz");
	}
	unlink(path);
}

static struct server_reply fine(void *ctx, const struct server_request *r)
{
	(void)ctx, (void)r;
	return (struct server_reply){0};
}

static void file_that_became_shorter(void **state)
{
	(void)state;
	char *path = temporary(100);
	struct err err;
	struct server *s = server_start_handler(fine, NULL);
	fd_auto fd = fs_open_regular(path, NULL, &err);
	struct got g = run(&(struct http_request){.method = "PUT",
		.has_body = true,
		.url = arena_printf(&F.arena, "%s/x", server_url(s)),
		.body_from_file = true,
		.body_fd = fd,
		.body_offset = 90,
		.body_len = 11});
	assert_int_equal(g.err.kind, ERR_CONFLICT);
	assert_int_equal(g.attempts, 1);
	assert_non_null(strstr(g.err.text, "became shorter"));
	unlink(path);
	server_stop(s);
}

static void refused_before_the_body(void **state)
{
	(void)state;
	const size_t n = 8 << 20;
	char *path = temporary(n);
	struct err err;
	fd_auto fd = fs_open_regular(path, NULL, &err);
	server_expect(
		F.server, "PUT /x", (struct server_reply){.status = 412, .fault = SERVER_EARLY});
	server_expect(F.server, "PUT /x", (struct server_reply){0});
	struct http_request r = {.method = "PUT",
		.url = url("/x"),
		.has_body = true,
		.body_from_file = true,
		.body_fd = fd,
		.body_len = n};
	struct got g = run(&r);
	assert_int_equal(g.status, 412);
	assert_int_equal(g.attempts, 1);
	assert_int_equal(http_stats(F.http).sent, 0);
	g = run(&r);
	assert_int_equal(g.status, 200);
	struct server_request got = server_request(F.server, 1);
	assert_int_equal(got.body_len, n);
	char *expect = server_field(&got, "expect");
	assert_string_equal(expect, "100-continue");
	free(expect);
	assert_int_equal(http_stats(F.http).sent, n);
	assert_int_equal(got.connection, 1);
	unlink(path);
}

static struct buf sunk;
static size_t sink_room = SIZE_MAX;

static bool sink(void *ctx, const void *bytes, size_t n)
{
	(void)ctx;
	if (!bytes) {
		buf_truncate(&sunk, 0);
		return true;
	}
	return sunk.len + n <= sink_room && buf_add(&sunk, bytes, n);
}

static void sink_starts_over(void **state)
{
	(void)state;
	server_expect(F.server, "GET /x", (struct server_reply){.status = 503, .body = "not this"});
	server_expect(F.server, "GET /x",
		(struct server_reply){.body = "half of this", .fault = SERVER_TRUNCATE});
	server_expect(F.server, "GET /x", (struct server_reply){.body = "all of this"});
	server_expect(F.server, "GET /x", (struct server_reply){.body = "too much"});
	struct http_request r = {.method = "GET", .url = url("/x"), .sink = sink};
	struct got g = run(&r);
	assert_int_equal(g.status, 200);
	assert_int_equal(g.body_len, 0);
	assert_string_equal(buf_str(&sunk), "all of this");
	sink_room = 3;
	buf_clear(&sunk);
	g = run(&r);
	sink_room = SIZE_MAX;
	assert_int_equal(g.err.kind, ERR_IO);
	assert_int_equal(g.attempts, 1);
	buf_clear(&sunk);
}

struct counter {
	int started, done;
};

static void count(void *ctx, struct http_reply *r)
{
	struct counter *c = ctx;
	c->done++;
	assert_int_equal(r->status, 200);
	if (c->started < 60) {
		c->started++;
		http_start(F.http, &(struct http_request){.method = "GET", .url = url("/x")}, count,
			c);
	}
}

static void bounded_and_kept_alive(void **state)
{
	(void)state;
	struct counter c = {0};
	struct err err;
	F.o.in_flight = 4;
	open_http();
	for (int i = 0; i < 60; i++)
		server_expect(F.server, "GET /x", (struct server_reply){0});
	for (; c.started < 30; c.started++)
		http_start(F.http, &(struct http_request){.method = "GET", .url = url("/x")}, count,
			&c);
	assert_true(http_run(F.http, NULL, &err));
	assert_int_equal(c.done, 60);
	assert_in_range(server_connections(F.server), 1, 4);
}

static struct server_reply throttle_first(void *ctx, const struct server_request *r)
{
	int *seen = ctx;
	(void)r;
	return (struct server_reply){.status = (*seen)++ < 16 ? 429 : 200};
}

/* 16 at once are told to wait: one sign that 8 are enough. */
static void throttled_by_half(void **state)
{
	(void)state;
	int seen = 0;
	struct got got[16] = {0};
	struct err err;
	server_stop(F.server);
	F.server = server_start_handler(throttle_first, &seen);
	F.o.in_flight = 16;
	open_http();
	for (int i = 0; i < 16; i++)
		http_start(F.http, &(struct http_request){.method = "GET", .url = url("/x")},
			on_done, &got[i]);
	assert_true(http_run(F.http, NULL, &err));
	for (int i = 0; i < 16; i++)
		assert_int_equal(got[i].attempts, 2);
	assert_string_equal(buf_str(&F.window), "429: at most 8 requests in flight from here on\n");
}

static void first_in_first_out(void **state)
{
	(void)state;
	struct got g[5] = {0};
	struct err err;
	F.o.in_flight = 1;
	open_http();
	static const char *const lines[] = {"GET /0", "GET /1", "GET /2", "GET /3", "GET /4"};
	for (int i = 0; i < 5; i++) {
		server_expect(F.server, lines[i], (struct server_reply){0});
		http_start(F.http,
			&(struct http_request){.method = "GET", .url = url(lines[i] + 4)}, on_done,
			&g[i]);
	}
	assert_true(http_run(F.http, NULL, &err));
	for (int i = 0; i < 5; i++)
		assert_int_equal(g[i].status, 200);
}

static int64_t real_ms(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void *raise_flag(void *flag)
{
	usleep(100 * 1000);
	__atomic_store_n((bool *)flag, true, __ATOMIC_RELAXED);
	return NULL;
}

static void stop_flag(void **state)
{
	(void)state;
	bool stop = false;
	struct got g = {0};
	struct err err;
	pthread_t thread;
	F.o.clock = NULL;
	open_http();
	server_expect(F.server, "GET /x", (struct server_reply){.fault = SERVER_SILENT});
	http_start(F.http, &(struct http_request){.method = "GET", .url = url("/x")}, on_done, &g);
	pthread_create(&thread, NULL, raise_flag, &stop);
	int64_t began = real_ms();
	assert_true(http_run(F.http, &stop, &err));
	assert_in_range(real_ms() - began, 90, 600);
	assert_false(g.called);
	http_cancel_all(F.http);
	assert_true(g.called);
	assert_int_equal(g.err.kind, ERR_INTERRUPTED);
	assert_true(g.maybe_done);
	pthread_join(thread, NULL);
	/* Waiting for a retry, it looks too. */
	stop = false;
	pthread_create(&thread, NULL, raise_flag, &stop);
	g = (struct got){0};
	http_start(F.http, &(struct http_request){.method = "GET", .url = server_nobody()}, on_done,
		&g);
	began = real_ms();
	assert_true(http_run(F.http, &stop, &err));
	assert_in_range(real_ms() - began, 90, 600);
	http_cancel_all(F.http);
	assert_true(g.called);
	assert_false(g.maybe_done);
	pthread_join(thread, NULL);
	assert_true(http_run(F.http, NULL, &err));
}

static void cancel_others(void *ctx, struct http_reply *r)
{
	int *done = ctx;
	assert_int_equal(r->status, 200);
	++*done;
	http_cancel_all(F.http);
}

static void cancel_from_a_callback(void **state)
{
	(void)state;
	int done = 0;
	struct got g[3] = {0};
	struct err err;
	F.o.in_flight = 2;
	open_http();
	server_expect(F.server, "GET /1", (struct server_reply){.delay_ms = 50});
	http_start(F.http, &(struct http_request){.method = "GET", .url = url("/1")}, cancel_others,
		&done);
	/* One on the wire, one waiting for its retry, one in the queue. */
	http_start(F.http, &(struct http_request){.method = "GET", .url = server_nobody()}, on_done,
		&g[0]);
	http_start(F.http, &(struct http_request){.method = "GET", .url = server_nobody()}, on_done,
		&g[1]);
	http_start(F.http, &(struct http_request){.method = "GET", .url = server_nobody()}, on_done,
		&g[2]);
	assert_true(http_run(F.http, NULL, &err));
	assert_int_equal(done, 1);
	for (int i = 0; i < 3; i++)
		assert_int_equal(g[i].err.kind, ERR_INTERRUPTED);
}

static void silence_times_out(void **state)
{
	(void)state;
	F.o.silence_timeout_ms = 1000;
	F.o.attempts = 1;
	server_expect(F.server, "GET /x", (struct server_reply){.fault = SERVER_SILENT});
	int64_t began = real_ms();
	struct got g = get("/x");
	assert_int_equal(g.err.kind, ERR_NETWORK);
	assert_true(g.maybe_done);
	assert_non_null(strstr(g.err.text, "no answer in time"));
	assert_in_range(real_ms() - began, 900, 10000);
}

static void classify(const struct http_reply *r, struct err *err)
{
	assert_int_equal(r->status, 409);
	if (strstr(buf_str(&r->body), "LockConflict")) {
		err_set(err, ERR_INCORRECT_STATE, "409 LockConflict");
		snprintf(err->code, sizeof err->code, "LockConflict");
	}
}

static void classified_by_the_caller(void **state)
{
	(void)state;
	F.o.classify = classify;
	server_expect(F.server, "GET /x",
		(struct server_reply){.status = 409, .body = "{\"code\":\"LockConflict\"}"});
	server_expect(F.server, "GET /x", (struct server_reply){.status = 409, .body = "?"});
	struct got g = get("/x");
	assert_int_equal(g.attempts, 2);
	assert_int_equal(g.err.kind, ERR_CONFLICT);
	assert_non_null(strstr(buf_str(&F.notes), "get it: 409 LockConflict, again in"));
}

static void timer_fired(void *ctx)
{
	++*(int *)ctx;
}

static void heavy(void *ctx)
{
	*(bool *)ctx = true;
}

static void timers_and_work(void **state)
{
	(void)state;
	int fired = 0;
	bool worked = false;
	struct err err;
	open_http();
	http_after(F.http, 60 * 1000, timer_fired, &fired);
	http_after(F.http, 0, timer_fired, &fired);
	http_work(F.http, heavy, heavy, &worked);
	assert_true(http_run(F.http, NULL, &err));
	assert_int_equal(fired, 2);
	assert_true(worked);
	assert_int_equal(F.time.slept_ms, 60 * 1000);
	http_after(F.http, 5, timer_fired, &fired);
	http_cancel_all(F.http);
	assert_true(http_run(F.http, NULL, &err));
	assert_int_equal(fired, 2);
}

#define HTTP_TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		HTTP_TEST(plain_get),
		HTTP_TEST(headers_that_go_out),
		HTTP_TEST(head_has_no_body),
		HTTP_TEST(retried_until_it_works),
		HTTP_TEST(throttled_is_not_ambiguous),
		HTTP_TEST(gives_up_after_eight),
		HTTP_TEST(total_time_is_capped),
		HTTP_TEST(final_and_no_retry),
		HTTP_TEST(lost_replies),
		HTTP_TEST(lost_for_good),
		HTTP_TEST(nobody_listens),
		HTTP_TEST(no_proxy_for_loopback),
		HTTP_TEST(redirects_are_refused),
		HTTP_TEST(html_and_empty_errors),
		HTTP_TEST(limits_of_a_reply),
		HTTP_TEST(interim_replies_are_counted),
		HTTP_TEST(statuses_that_are_none),
		HTTP_TEST(large_errors_are_cut),
		HTTP_TEST(bad_requests_never_leave),
		HTTP_TEST(signed_anew_each_attempt),
		HTTP_TEST(signed_by_other_threads),
		HTTP_TEST(signed_too_early),
		HTTP_TEST(cancelled_while_it_is_signed),
		HTTP_TEST(freed_while_it_is_signed),
		HTTP_TEST(skewed_clock_is_named),
		HTTP_TEST(dead_connection),
		HTTP_TEST(loss_on_a_reused_connection),
		HTTP_TEST(body_from_a_file),
		HTTP_TEST(file_that_became_shorter),
		HTTP_TEST(refused_before_the_body),
		HTTP_TEST(sink_starts_over),
		HTTP_TEST(bounded_and_kept_alive),
		HTTP_TEST(throttled_by_half),
		HTTP_TEST(first_in_first_out),
		HTTP_TEST(stop_flag),
		HTTP_TEST(cancel_from_a_callback),
		HTTP_TEST(silence_times_out),
		HTTP_TEST(classified_by_the_caller),
		HTTP_TEST(timers_and_work),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
