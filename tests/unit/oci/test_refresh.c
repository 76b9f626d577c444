/* A session's token: what it signs, when it is refreshed, what becomes of calls that wait for it. */
#include "../unit.h"
#include "base/fs.h"
#include "base/text.h"
#include "harness_oci.h"
#include "oci/call.h"

#include <stdlib.h>

#define NOW 1388957500LL
#define APPS "GET /20200129/applications"
#define REFRESH "POST /v1/authentication/refresh"

static char folder[] = "/tmp/weir-unit-refresh-XXXXXX";
static struct arena made; /* tokens that are needed before the session is there */

static int set_up(void **state)
{
	(void)state;
	return !mkdtemp(folder) || chdir(folder);
}

static int tear_down(void **state)
{
	(void)state;
	struct err err;
	return chdir("/") || !fs_remove_tree(folder, &err);
}

static int close_session(void **state)
{
	(void)state;
	session_close(&S);
	arena_clear(&made);
	return 0;
}

static const char *token(int64_t expires, const char *mark)
{
	struct session scratch = {0};
	const char *text = arena_strdup(&made, session_token(&scratch, expires, mark));
	arena_clear(&scratch.arena);
	return text;
}

static void keep(const char *text)
{
	struct err err;
	assert_true(fs_write("token", text, strlen(text), 0644, &err));
}

static void open_with(const char *text)
{
	keep(text);
	session_open_token(&S, "token");
}

struct got {
	int calls;
	struct err err;
	int status, attempts;
	bool maybe_done;
};

static void on_reply(void *ctx, struct call *c, struct http_reply *reply)
{
	struct got *g = ctx;
	(void)c;
	g->calls++;
	g->err = reply->err;
	g->status = reply->status;
	g->attempts = reply->attempts;
	g->maybe_done = reply->maybe_done;
}

static void start(const char *method, struct got *g)
{
	struct call *c = call_new(S.oci, method, oci_dataflow_url(S.oci), "do it");
	call_path(c, "/applications");
	call_start(c, on_reply, g);
}

static struct got get(void)
{
	struct got g = {0};
	start("GET", &g);
	session_run(&S);
	assert_int_equal(g.calls, 1);
	return g;
}

static void assert_signed_by(size_t request, const char *text)
{
	const char *authorization = session_sent(&S, request, "authorization");
	assert_non_null(strstr(authorization, arena_printf(&made, "keyId=\"ST$%s\"", text)));
}

static struct server_reply gives(const char *text)
{
	return (struct server_reply){.body = arena_printf(&made, "{\"token\":\"%s\"}", text)};
}

static const struct server_reply refused = {.status = 401,
	.body = "{\"code\":\"NotAuthenticated\",\"message\":\"The required information to complete "
		"authentication was not provided or was incorrect.\"}"};

static void assert_kept(const char *text)
{
	buf_auto file = {0};
	struct err err;
	struct stat st;
	assert_true(fs_read("token", &file, &err));
	assert_string_equal(buf_str(&file), text);
	assert_int_equal(stat("token", &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
}

static void a_fresh_token_signs(void **state)
{
	(void)state;
	const char *old = token(NOW + 61, "old");
	open_with(arena_printf(&made, " %s\n", old));
	server_expect(S.server, APPS, (struct server_reply){.body = "[]"});
	assert_int_equal(get().status, 200);
	assert_signed_by(0, old);
}

static void a_token_is_refreshed_a_minute_early(void **state)
{
	(void)state;
	const char *old = token(NOW + 59, "old"), *new = token(NOW + 3600, "new");
	open_with(old);
	server_expect(S.server, REFRESH, gives(new));
	server_expect(S.server, APPS, (struct server_reply){.body = "[]"});
	server_expect(S.server, APPS, (struct server_reply){.body = "[]"});
	assert_int_equal(get().status, 200);
	assert_int_equal(get().status, 200);
	assert_signed_by(0, old);
	assert_string_equal(server_request(S.server, 0).body,
		arena_printf(&made, "{\"currentToken\":\"%s\"}", old));
	assert_signed_by(1, new);
	assert_signed_by(2, new);
	assert_kept(new);
}

static void calls_wait_for_one_refresh(void **state)
{
	(void)state;
	const char *new = token(NOW + 3600, "new");
	struct got g[5] = {0};
	open_with(token(NOW - 5, "old"));
	server_expect(S.server, REFRESH, gives(new));
	for (int i = 0; i < 5; i++) {
		server_expect(S.server, APPS, (struct server_reply){.body = "[]"});
		start("GET", &g[i]);
	}
	session_run(&S);
	for (size_t i = 0; i < 5; i++) {
		assert_int_equal(g[i].status, 200);
		assert_signed_by(i + 1, new);
	}
}

/* Its clock, or ours, is off: the token looks good here. */
static void a_401_is_answered_by_a_refresh_once(void **state)
{
	(void)state;
	const char *old = token(NOW + 3600, "old"), *new = token(NOW + 7200, "new");
	open_with(old);
	server_expect(S.server, APPS, refused);
	server_expect(S.server, REFRESH, gives(new));
	server_expect(S.server, APPS, (struct server_reply){.body = "[]"});
	struct got g = get();
	assert_int_equal(g.status, 200);
	assert_int_equal(g.attempts, 2);
	assert_signed_by(0, old);
	assert_signed_by(1, old);
	assert_signed_by(2, new);
}

static void a_second_401_is_final(void **state)
{
	(void)state;
	open_with(token(NOW + 3600, "old"));
	server_expect(S.server, APPS, refused);
	server_expect(S.server, REFRESH, gives(token(NOW + 7200, "new")));
	server_expect(S.server, APPS, refused);
	struct got g = get();
	assert_int_equal(g.err.kind, ERR_AUTH);
	assert_non_null(strstr(g.err.text, "does not take the session of config, profile [TEST]"));
	assert_non_null(strstr(g.err.text, "oci session authenticate --profile-name TEST"));
	assert_null(strstr(g.err.text, "e30."));
}

/* What an attempt before the 401 may have done is not forgotten. */
static void a_lost_reply_before_a_401_is_remembered(void **state)
{
	(void)state;
	struct got g = {0};
	open_with(token(NOW + 3600, "old"));
	server_expect(S.server, "POST /20200129/applications",
		(struct server_reply){.fault = SERVER_LOSE});
	server_expect(S.server, "POST /20200129/applications", refused);
	server_expect(S.server, REFRESH, gives(token(NOW + 7200, "new")));
	server_expect(S.server, "POST /20200129/applications", (struct server_reply){.body = "{}"});
	start("POST", &g);
	session_run(&S);
	assert_int_equal(g.status, 200);
	assert_int_equal(g.attempts, 3);
	assert_true(g.maybe_done);
}

static void a_session_that_has_expired(void **state)
{
	(void)state;
	struct got g[2] = {0};
	open_with(token(NOW - 100, "old"));
	server_expect(S.server, REFRESH, refused);
	start("GET", &g[0]);
	start("GET", &g[1]);
	session_run(&S);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(g[i].calls, 1);
		assert_int_equal(g[i].err.kind, ERR_AUTH);
		assert_non_null(strstr(g[i].err.text,
			"do it: the session of config, profile [TEST] has "
			"expired, and could not be refreshed (token token)"));
		assert_non_null(
			strstr(g[i].err.text, "oci session authenticate --profile-name TEST"));
		assert_null(strstr(g[i].err.text, "e30."));
	}
}

static void a_refresh_that_fails_early_is_no_matter(void **state)
{
	(void)state;
	const char *old = token(NOW + 50, "old");
	open_with(old);
	server_expect(S.server, REFRESH, (struct server_reply){.status = 404, .body = "{}"});
	server_expect(S.server, APPS, (struct server_reply){.body = "[]"});
	server_expect(S.server, APPS, (struct server_reply){.body = "[]"});
	assert_int_equal(get().status, 200);
	assert_int_equal(get().status, 200);
	assert_signed_by(1, old);
}

static void a_refresh_that_fails_late_is_told(void **state)
{
	(void)state;
	open_with(token(NOW - 1, "old"));
	server_expect(S.server, REFRESH,
		(struct server_reply){
			.status = 404, .body = "{\"code\":\"NotFound\",\"message\":\"no\"}"});
	struct got g = get();
	assert_int_equal(g.err.kind, ERR_NOT_FOUND);
	assert_non_null(
		strstr(g.err.text, "refresh the session of profile [TEST]: no (404 NotFound)"));
	assert_non_null(strstr(g.err.text, "has expired (token token)"));
}

static void what_another_program_refreshed_is_taken(void **state)
{
	(void)state;
	const char *new = token(NOW + 3600, "new");
	open_with(token(NOW + 10, "old"));
	keep(new);
	server_expect(S.server, APPS, (struct server_reply){.body = "[]"});
	assert_int_equal(get().status, 200);
	assert_signed_by(0, new);
}

static void a_reply_that_holds_no_token(void **state)
{
	(void)state;
	static const char *const bodies[] = {"", "{}", "[]", "{\"token\":7}", "{\"token\":\"\"}",
		"{\"token\":\"secret\"}", "<html>"};
	for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
		open_with(token(NOW - 1, "old"));
		server_expect(S.server, REFRESH, (struct server_reply){.body = bodies[i]});
		struct got g = get();
		assert_int_equal(g.err.kind, ERR_PROTOCOL);
		assert_null(strstr(g.err.text, "secret"));
		if (i + 1 < sizeof bodies / sizeof *bodies)
			session_close(&S);
	}
}

static void a_token_that_cannot_be_kept_is_used(void **state)
{
	(void)state;
	const char *new = token(NOW + 3600, "new");
	open_with(token(NOW - 1, "old"));
	S.config.token_file = "nowhere/token";
	server_expect(S.server, REFRESH, gives(new));
	server_expect(S.server, APPS, (struct server_reply){.body = "[]"});
	assert_int_equal(get().status, 200);
	assert_signed_by(1, new);
	assert_non_null(strstr(buf_str(&S.notes), "nowhere/token"));
	assert_null(strstr(buf_str(&S.notes), "e30."));
}

static void the_end_of_the_session_ends_what_waits(void **state)
{
	(void)state;
	struct got g = {0};
	open_with(token(NOW - 1, "old"));
	start("GET", &g);
	oci_free(S.oci);
	S.oci = NULL;
	assert_int_equal(g.calls, 1);
	assert_int_equal(g.err.kind, ERR_INTERRUPTED);
}

static void a_link_to_the_token_stays_one(void **state)
{
	(void)state;
	const char *new = token(NOW + 3600, "new");
	struct stat st;
	struct err err;
	open_with(token(NOW - 1, "old"));
	assert_int_equal(symlink("token", "link"), 0);
	assert_true(token_write("link", new, &err));
	assert_int_equal(lstat("link", &st), 0);
	assert_true(S_ISLNK(st.st_mode));
	assert_kept(new);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(a_fresh_token_signs, close_session),
		cmocka_unit_test_teardown(a_token_is_refreshed_a_minute_early, close_session),
		cmocka_unit_test_teardown(calls_wait_for_one_refresh, close_session),
		cmocka_unit_test_teardown(a_401_is_answered_by_a_refresh_once, close_session),
		cmocka_unit_test_teardown(a_second_401_is_final, close_session),
		cmocka_unit_test_teardown(a_lost_reply_before_a_401_is_remembered, close_session),
		cmocka_unit_test_teardown(a_session_that_has_expired, close_session),
		cmocka_unit_test_teardown(a_refresh_that_fails_early_is_no_matter, close_session),
		cmocka_unit_test_teardown(a_refresh_that_fails_late_is_told, close_session),
		cmocka_unit_test_teardown(what_another_program_refreshed_is_taken, close_session),
		cmocka_unit_test_teardown(a_reply_that_holds_no_token, close_session),
		cmocka_unit_test_teardown(a_token_that_cannot_be_kept_is_used, close_session),
		cmocka_unit_test_teardown(the_end_of_the_session_ends_what_waits, close_session),
		cmocka_unit_test_teardown(a_link_to_the_token_stays_one, close_session),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
