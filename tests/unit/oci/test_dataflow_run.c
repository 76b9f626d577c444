/* Data Flow's runs and their logs: launches that are lost and found, cancels, polls without end, gzip of all kinds. */
#include "../unit.h"
#include "base/text.h"
#include "harness_oci.h"
#include "model/resource.h"
#include "oci/dataflow.h"

#include <stdio.h>
#include <stdlib.h>
#include <zlib.h>

#define POST "POST /20200129/runs"
#define AT " /20200129/runs/r1"
#define LIST "GET /20200129/runs?compartmentId=c&limit=100"
#define LOOK LIST "&applicationId=a1"
#define LOGS "GET /20200129/runs/r1/logs"
#define LOG_NAME "spark_application_stdout.log.gz"
#define LOG LOGS "/" LOG_NAME

enum { ATTEMPTS = 8 };

struct got {
	int calls;
	struct err err;
	struct run run;
	const char *etag;
	char ids[256];
	const struct run_log *logs;
	const char *text;
	size_t n;
};

static void expect(const char *line, int status, const char *body)
{
	server_expect(S.server, line,
		(struct server_reply){.status = status, .body = body, .fields = "etag: e1\r\n"});
}

/* As a caller has to: what is kept is a copy. */
static void on_run(void *ctx, const struct err *err, const struct run *run, const char *etag)
{
	struct got *g = ctx;
	g->calls++;
	g->err = *err;
	assert_int_equal(!run, !!err->kind);
	if (run)
		field_copy(&run_record, run, &g->run, &S.arena);
	g->etag = arena_strdup(&S.arena, etag);
}

static void on_done(void *ctx, const struct err *err)
{
	struct got *g = ctx;
	g->calls++;
	g->err = *err;
}

static void on_each(void *ctx, const struct err *err, const struct run *run)
{
	struct got *g = ctx;
	assert_int_equal(g->calls, 0);
	if (run) {
		snprintf(g->ids + strlen(g->ids), sizeof g->ids - strlen(g->ids), "%s ", run->id);
		return;
	}
	g->calls++;
	g->err = *err;
}

static struct got ended(struct got *g)
{
	session_run(&S);
	assert_int_equal(g->calls, 1);
	return *g;
}

static struct got get(void)
{
	struct got g = {0};
	dataflow_run_get(S.oci, "r1", on_run, &g);
	return ended(&g);
}

#define RUN(id, lifecycle)                                                                   \
	"{\"id\":\"" id "\",\"applicationId\":\"a1\",\"lifecycleState\":\"" lifecycle        \
	"\",\"runDurationInMilliseconds\":1234,\"opcRequestId\":\"A/B\",\"totalOCpu\":null," \
	"\"freeformTags\":{\"weir\":\"" id "\"}}"

static void got_by_id(void **state)
{
	(void)state;
	expect("GET" AT, 200, RUN("r1", "IN_PROGRESS"));
	struct got g = get();
	assert_int_equal(g.err.kind, ERR_NONE);
	assert_string_equal(g.run.lifecycle_state, "IN_PROGRESS");
	assert_string_equal(g.run.opc_request_id, "A/B");
	assert_int_equal(g.run.run_duration_in_milliseconds.v, 1234);
	assert_false(g.run.total_o_cpu.set);
	assert_string_equal(g.etag, "e1");
	expect("GET" AT, 404, "{\"code\":\"NotAuthorizedOrNotFound\",\"message\":\"no\"}");
	g = get();
	assert_int_equal(g.err.kind, ERR_NOT_FOUND);
	assert_has(g.err.text, "Allow group <group> to manage dataflow-family in compartment");
	/* What could be neither named nor watched. */
	expect("GET" AT, 200, "{\"id\":\"r1\"}");
	assert_has(get().err.text, "get run r1: the service's reply has no `lifecycleState`");
	expect("GET" AT, 200, "{\"lifecycleState\":\"IN_PROGRESS\"}");
	assert_has(get().err.text, "has no `id`");
}

/* Watched every few seconds for hours: the session's arena is as large as after the first look. */
static void looks_do_not_pile_up(void **state)
{
	(void)state;
	expect("GET" AT, 200, RUN("r1", "ACCEPTED"));
	get();
	size_t before = oci_arena(S.oci)->bytes;
	for (int i = 0; i < 200; i++) {
		expect("GET" AT, 200, RUN("r1", "IN_PROGRESS"));
		get();
	}
	assert_int_equal(oci_arena(S.oci)->bytes, before);
}

static void listed(void **state)
{
	(void)state;
	struct got g = {0};
	server_expect(S.server, LIST "&displayName=a%20b",
		(struct server_reply){
			.body = "[" RUN("r1", "FAILED") "," RUN("r2", "OF_TOMORROW") "]",
			.fields = "opc-next-page: 2\r\n"});
	expect(LIST "&displayName=a%20b&page=2", 200, "[" RUN("r3", "SUCCEEDED") "]");
	dataflow_run_list(S.oci, "c", (struct dataflow_filter){"displayName", "a b"}, on_each, &g);
	assert_int_equal(ended(&g).err.kind, ERR_NONE);
	assert_string_equal(g.ids, "r1 r2 r3 ");
	g = (struct got){0};
	expect(LIST, 200, "[" RUN("r1", "FAILED") ",{\"lifecycleState\":\"FAILED\"}]");
	dataflow_run_list(S.oci, "c", (struct dataflow_filter){0}, on_each, &g);
	assert_int_equal(ended(&g).err.kind, ERR_PROTOCOL);
	assert_string_equal(g.ids, "r1 ");
	g = (struct got){0};
	expect(LIST, 200, "{}");
	dataflow_run_list(S.oci, "c", (struct dataflow_filter){0}, on_each, &g);
	assert_int_equal(ended(&g).err.kind, ERR_PROTOCOL);
}

static struct pair TAGS[] = {{IDENTITY_TAG, "r1"}};

static struct got launch(const char *name, const char *seed)
{
	struct got g = {0};
	struct run run = {.application_id = "a1",
		.compartment_id = "c",
		.display_name = name,
		.freeform_tags = {TAGS, 1}};
	dataflow_run_create(S.oci, &run, seed, on_run, &g);
	return ended(&g);
}

static void launched(void **state)
{
	(void)state;
	expect(POST, 503, "");
	expect(POST, 200, RUN("r1", "ACCEPTED"));
	expect(POST, 200, RUN("r1", "ACCEPTED"));
	expect(POST, 200, RUN("r2", "ACCEPTED"));
	struct got g = launch("copy", "p/t/seq/1/copy");
	assert_int_equal(g.err.kind, ERR_NONE);
	assert_string_equal(g.run.id, "r1");
	assert_string_equal(server_request(S.server, 1).body,
		"{\"displayName\":\"copy\",\"freeformTags\":{\"weir\":\"r1\"},"
		"\"applicationId\":\"a1\",\"compartmentId\":\"c\"}");
	/* The token is the seed's, whatever the run is called. */
	launch("copy later", "p/t/seq/1/copy");
	launch("copy", "p/t/seq/2/copy");
	assert_int_equal(strlen(session_sent(&S, 0, "opc-retry-token")), 43);
	assert_string_equal(
		session_sent(&S, 0, "opc-retry-token"), session_sent(&S, 1, "opc-retry-token"));
	assert_string_equal(
		session_sent(&S, 0, "opc-retry-token"), session_sent(&S, 2, "opc-retry-token"));
	assert_string_not_equal(
		session_sent(&S, 0, "opc-retry-token"), session_sent(&S, 3, "opc-retry-token"));
}

static void not_launched(void **state)
{
	(void)state;
	expect(POST, 400, "{\"code\":\"LimitExceeded\",\"message\":\"full\"}");
	struct got g = launch("copy", "s");
	assert_int_equal(g.err.kind, ERR_LIMIT);
	assert_has(g.err.text, "launch copy: full (400 LimitExceeded)");
	/* Another body under one token: it was launched already, and is not once more. */
	expect(POST, 409, "{\"code\":\"InvalidatedRetryToken\",\"message\":\"used\"}");
	assert_int_equal(launch("copy", "s").err.kind, ERR_CONFLICT);
	expect(POST, 200, "{\"id\":\"r1\"}");
	assert_int_equal(launch("copy", "s").err.kind, ERR_PROTOCOL);
	expect(POST, 400, "{\"code\":\"InvalidParameter\",\"message\":\"bad\"}");
	assert_has(launch(NULL, "s").err.text, "launch a1: bad");
}

static void launch_lost_and_found(void **state)
{
	(void)state;
	session_expect_lost(&S, POST, 1);
	expect(POST, 200, RUN("r1", "ACCEPTED"));
	assert_string_equal(launch("copy", "s").run.id, "r1");
	session_expect_lost(&S, POST, ATTEMPTS);
	server_expect(S.server, LOOK,
		(struct server_reply){
			.body = "[" RUN("r0", "ACCEPTED") "," RUN("r1", "ACCEPTED") "]",
			.fields = "opc-next-page: 2\r\n"});
	expect(LOOK "&page=2", 200, "[" RUN("r2", "ACCEPTED") "]");
	expect("GET" AT, 200, RUN("r1", "IN_PROGRESS"));
	struct got g = launch("copy", "s");
	assert_int_equal(g.err.kind, ERR_NONE);
	assert_string_equal(g.run.id, "r1");
	assert_string_equal(g.run.lifecycle_state, "IN_PROGRESS");
}

static void launch_lost(void **state)
{
	(void)state;
	session_expect_lost(&S, POST, ATTEMPTS);
	expect(LOOK, 200, "[" RUN("r2", "ACCEPTED") "]");
	struct got g = launch("copy", "s");
	assert_int_equal(g.err.kind, ERR_NETWORK);
	assert_has(g.err.text, "launch copy: ");
	assert_lacks(g.err.text, "may have been launched");
	session_expect_lost(&S, POST, ATTEMPTS);
	session_expect_lost(&S, LOOK, 1);
	g = launch("copy", "s");
	assert_int_equal(g.err.kind, ERR_NETWORK);
	assert_has(g.err.text, "it may have been launched");
}

static struct got cancel(void)
{
	struct got g = {0};
	dataflow_run_cancel(S.oci, "r1", on_done, &g);
	return ended(&g);
}

static const char ENDED[] = "{\"code\":\"IncorrectState\",\"message\":\"it has ended\"}";

static void cancelled(void **state)
{
	(void)state;
	expect("DELETE" AT, 204, "");
	assert_int_equal(cancel().err.kind, ERR_NONE);
	expect("DELETE" AT, 503, "");
	expect("DELETE" AT, 200, "{}");
	assert_int_equal(cancel().err.kind, ERR_NONE);
	expect("DELETE" AT, 404, "{\"code\":\"NotAuthorizedOrNotFound\",\"message\":\"no\"}");
	assert_int_equal(cancel().err.kind, ERR_NOT_FOUND);
}

/* Waiting would not change it: one request, no wait. */
static void cancel_of_what_has_ended(void **state)
{
	(void)state;
	expect("DELETE" AT, 409, ENDED);
	struct got g = cancel();
	assert_int_equal(g.err.kind, ERR_INCORRECT_STATE);
	assert_has(g.err.text, "cancel run r1: it has ended (409 IncorrectState)");
	assert_int_equal(server_requests(S.server), 1);
	assert_int_equal(S.time.slept_ms, 0);
}

static void cancel_in_doubt(void **state)
{
	(void)state;
	static const struct {
		const char *state;
		enum err_kind repeated, lost;
	} rows[] = {
		{"CANCELING", ERR_NONE, ERR_NONE},
		{"CANCELED", ERR_NONE, ERR_NONE},
		{"SUCCEEDED", ERR_INCORRECT_STATE, ERR_NETWORK},
		{"IN_PROGRESS", ERR_INCORRECT_STATE, ERR_NETWORK},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const char *body = arena_printf(
			&S.arena, "{\"id\":\"r1\",\"lifecycleState\":\"%s\"}", rows[i].state);
		/* The first was heard, the second is told that it is being cancelled. */
		session_expect_lost(&S, "DELETE" AT, 1);
		expect("DELETE" AT, 409, ENDED);
		expect("GET" AT, 200, body);
		assert_int_equal(cancel().err.kind, rows[i].repeated);
		session_expect_lost(&S, "DELETE" AT, ATTEMPTS);
		expect("GET" AT, 200, body);
		assert_int_equal(cancel().err.kind, rows[i].lost);
	}
	session_expect_lost(&S, "DELETE" AT, ATTEMPTS);
	session_expect_lost(&S, "GET" AT, 1);
	assert_int_equal(cancel().err.kind, ERR_NETWORK);
	/* A service that says it otherwise, and is busy. */
	session_expect_lost(&S, "DELETE" AT, 1);
	expect("DELETE" AT, 409, "{\"code\":\"Conflict\",\"message\":\"under way\"}");
	expect("GET" AT, 503, "");
	expect("GET" AT, 200, RUN("r1", "CANCELING"));
	assert_int_equal(cancel().err.kind, ERR_NONE);
}

static void on_logs(void *ctx, const struct err *err, const struct run_log *logs, size_t n)
{
	struct got *g = ctx;
	g->calls++;
	g->err = *err;
	g->logs = logs;
	g->n = n;
}

static struct got logs(void)
{
	struct got g = {0};
	dataflow_run_log_list(S.oci, "r1", on_logs, &g);
	return ended(&g);
}

static void logs_listed(void **state)
{
	(void)state;
	server_expect(S.server, LOGS,
		(struct server_reply){
			.body = "[{\"name\":\"out\",\"runId\":\"r1\",\"source\":\"APPLICATION\","
				"\"type\":\"STDOUT\",\"sizeInBytes\":\"7\"}]",
			.fields = "opc-next-page: 2\r\n"});
	assert_int_equal(logs().err.kind, ERR_PROTOCOL);
	server_expect(S.server, LOGS,
		(struct server_reply){
			.body = "[{\"name\":\"out\",\"runId\":\"r1\",\"source\":\"APPLICATION\","
				"\"type\":\"STDOUT\",\"sizeInBytes\":7}]",
			.fields = "opc-next-page: 2\r\n"});
	expect(LOGS "?page=2", 200, "[{\"name\":\"err\",\"source\":\"OF_TOMORROW\"}]");
	struct got g = logs();
	assert_int_equal(g.err.kind, ERR_NONE);
	assert_int_equal(g.n, 2);
	assert_string_equal(g.logs[0].name, "out");
	assert_int_equal(g.logs[0].size_in_bytes.v, 7);
	assert_string_equal(g.logs[1].name, "err");
	expect(LOGS, 200, "[]");
	assert_int_equal(logs().n, 0);
	expect(LOGS, 200, "[{\"type\":\"STDOUT\"}]");
	g = logs();
	assert_int_equal(g.err.kind, ERR_PROTOCOL);
	assert_non_null(strstr(g.err.text, "no `name`"));
	expect(LOGS, 404, "");
	g = logs();
	assert_int_equal(g.err.kind, ERR_NOT_FOUND);
	assert_int_equal(g.n, 0);
}

static void on_text(void *ctx, const struct err *err, const char *text, size_t len)
{
	struct got *g = ctx;
	g->calls++;
	g->err = *err;
	g->text = err->kind ? NULL : arena_strndup(&S.arena, text, len);
	g->n = len;
}

static struct got log_of(const void *bytes, size_t n, const char *fields)
{
	struct got g = {0};
	server_expect(S.server, LOG,
		(struct server_reply){.body = n ? bytes : "", .body_len = n, .fields = fields});
	dataflow_run_log_get(S.oci, "r1", LOG_NAME, on_text, &g);
	return ended(&g);
}

static void gzip(struct buf *out, const char *text, size_t n)
{
	z_stream z = {.next_in = (unsigned char *)(uintptr_t)text, .avail_in = (unsigned)n};
	size_t room = n + n / 1000 + 64;
	unsigned char *made = xalloc(room);
	assert_int_equal(
		deflateInit2(&z, 6, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY), Z_OK);
	z.next_out = made;
	z.avail_out = (unsigned)room;
	assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
	buf_add(out, made, room - z.avail_out);
	deflateEnd(&z);
	free(made);
}

static void assert_text(const struct got *g, const char *text, size_t n)
{
	if (g->err.kind)
		fail_msg("%s", g->err.text);
	assert_int_equal(g->n, n);
	assert_memory_equal(g->text, text, n);
	assert_int_equal(g->text[n], 0);
}

static void plain_logs(void **state)
{
	(void)state;
	static const char text[] = "a\nb\0c\n";
	struct got g = log_of(text, sizeof text - 1, NULL);
	assert_text(&g, text, sizeof text - 1);
	g = log_of(NULL, 0, NULL);
	assert_text(&g, "", 0);
	g = log_of("\x1f", 1, NULL);
	assert_text(&g, "\x1f", 1);
}

static void gzipped_logs(void **state)
{
	(void)state;
	buf_auto one = {0}, none = {0}, many = {0}, large = {0}, text = {0};
	gzip(&one, "hello\n", 6);
	gzip(&none, "", 0);
	struct got g = log_of(one.data, one.len, NULL);
	assert_text(&g, "hello\n", 6);
	/* The header says what the bytes are anyway. */
	g = log_of(one.data, one.len,
		"content-encoding: gzip\r\ncontent-type: application/octet-stream\r\n");
	assert_text(&g, "hello\n", 6);
	g = log_of(none.data, none.len, NULL);
	assert_text(&g, "", 0);
	/* Several members are one text. */
	gzip(&many, "one\n", 4);
	gzip(&many, "", 0);
	gzip(&many, "two\n", 4);
	g = log_of(many.data, many.len, NULL);
	assert_text(&g, "one\ntwo\n", 8);
	/* Larger than any piece on the way. */
	for (int i = 0; i < 100000; i++)
		buf_printf(&text, "line %d\n", i);
	gzip(&large, text.data, text.len);
	g = log_of(large.data, large.len, NULL);
	assert_text(&g, text.data, text.len);
}

static void damaged_logs(void **state)
{
	(void)state;
	buf_auto whole = {0}, many = {0};
	gzip(&whole, "hello, hello, hello\n", 20);
	/* Cut off anywhere behind the magic number. */
	for (size_t n = 2; n < whole.len; n++) {
		struct got g = log_of(whole.data, n, NULL);
		assert_int_equal(g.err.kind, ERR_PROTOCOL);
		assert_null(g.text);
		assert_has(g.err.text, "get log " LOG_NAME " of run r1: the log's gzip is damaged");
	}
	gzip(&many, "one\n", 4);
	buf_adds(&many, "no gzip");
	assert_int_equal(log_of(many.data, many.len, NULL).err.kind, ERR_PROTOCOL);
	whole.data[whole.len - 8] ^= 1; /* its checksum */
	assert_int_equal(log_of(whole.data, whole.len, NULL).err.kind, ERR_PROTOCOL);
}

/* A MiB, of which each 256th byte tells something, 300 times over; or of nothing at all. */
static struct got log_of_300_mib(bool says_something)
{
	enum { MIB = 1 << 20 };
	char *text = xalloc(MIB);
	for (uint32_t i = 0, x = 1; says_something && i < MIB; i += 256) {
		x = x * 1664525 + 1013904223;
		text[i] = (char)(x >> 24);
	}
	buf_auto member = {0}, log = {0};
	gzip(&member, text, MIB);
	free(text);
	for (int i = 0; i < 300; i++)
		buf_add(&log, member.data, member.len);
	return log_of(log.data, log.len, NULL);
}

static void a_log_that_is_too_large(void **state)
{
	(void)state;
	struct got g = log_of_300_mib(true);
	assert_int_equal(g.err.kind, ERR_LIMIT);
	assert_has(g.err.text, "the log is larger than 256 MiB");
}

/* 300 MiB in 300 KB. */
static void a_log_that_unfolds_without_end(void **state)
{
	(void)state;
	struct got g = log_of_300_mib(false);
	assert_int_equal(g.err.kind, ERR_LIMIT);
	assert_has(g.err.text, "the log's gzip holds more than 400 times as many bytes");
}

static void logs_that_are_not_there(void **state)
{
	(void)state;
	struct got g = {0};
	expect(LOG, 404, "{\"code\":\"NotAuthorizedOrNotFound\",\"message\":\"no\"}");
	dataflow_run_log_get(S.oci, "r1", LOG_NAME, on_text, &g);
	assert_int_equal(ended(&g).err.kind, ERR_NOT_FOUND);
	assert_null(g.text);
	g = (struct got){0};
	expect("GET /20200129/runs/r1/logs/..%2Fx", 404, "");
	dataflow_run_log_get(S.oci, "r1", "../x", on_text, &g);
	assert_int_equal(ended(&g).err.kind, ERR_NOT_FOUND);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SESSION_TEST(got_by_id),
		SESSION_TEST(looks_do_not_pile_up),
		SESSION_TEST(listed),
		SESSION_TEST(launched),
		SESSION_TEST(not_launched),
		SESSION_TEST(launch_lost_and_found),
		SESSION_TEST(launch_lost),
		SESSION_TEST(cancelled),
		SESSION_TEST(cancel_of_what_has_ended),
		SESSION_TEST(cancel_in_doubt),
		SESSION_TEST(logs_listed),
		SESSION_TEST(plain_logs),
		SESSION_TEST(gzipped_logs),
		SESSION_TEST(damaged_logs),
		SESSION_TEST(a_log_that_is_too_large),
		SESSION_TEST(a_log_that_unfolds_without_end),
		SESSION_TEST(logs_that_are_not_there),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
