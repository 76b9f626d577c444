/* One call: what really goes out and that its signature holds, pages, replies that are no good, the session's end. */
#include "../unit.h"
#include "base/text.h"
#include "harness_oci.h"
#include "http/sign.h"
#include "model/bucket.h"
#include "oci/call.h"

#include <stdio.h>
#include <stdlib.h>

#define KEY_ID "ocid1.tenancy.oc1..t/ocid1.user.oc1..u/00:11"
#define EMPTY_SHA256 "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="

struct got {
	int calls;
	struct err err;
	int status, attempts;
};

static void on_reply(void *ctx, struct call *c, struct http_reply *reply)
{
	struct got *g = ctx;
	(void)c;
	g->calls++;
	g->err = reply->err;
	g->status = reply->status;
	g->attempts = reply->attempts;
}

static struct got sent(struct call *c)
{
	struct got g = {0};
	call_start(c, on_reply, &g);
	assert_int_equal(g.calls, 0);
	session_run(&S);
	assert_int_equal(g.calls, 1);
	return g;
}

static struct call *call_of(const char *method, const char *path)
{
	struct call *c = call_new(S.oci, method, oci_dataflow_url(S.oci), "do %s", "it");
	call_path(c, "%s", path);
	return c;
}

/* A header's value, in the session's arena; fails the test unless it stands exactly once. */
static const char *field(const struct server_request *r, const char *name)
{
	const char *value = NULL;
	size_t n = strlen(name);
	for (const char *line = r->header; *line; line = strstr(line, "\r\n") + 2) {
		if (strncasecmp(line, name, n) || line[n] != ':')
			continue;
		if (value)
			fail_msg("%s stands twice", name);
		line += n + 1 + strspn(line + n + 1, " ");
		value = arena_strndup(&S.arena, line, strcspn(line, "\r"));
	}
	return value;
}

/* Checks the signature over the request as it arrived, with nothing but what arrived and the public key. */
static void check_signature(const struct server_request *r, const char *names)
{
	struct sign_field fields[64];
	struct sign_request request = {.fields = fields};
	struct sign_parsed parsed;
	struct err err;
	request.method = arena_strndup(&S.arena, r->line, strcspn(r->line, " "));
	request.target = strchr(r->line, ' ') + 1;
	for (const char *line = r->header; *line; line = strstr(line, "\r\n") + 2) {
		const char *colon = strchr(line, ':');
		assert_true(request.fields_n < 64);
		fields[request.fields_n++] =
			(struct sign_field){arena_strndup(&S.arena, line, (size_t)(colon - line)),
				arena_strndup(&S.arena, colon + 1, strcspn(colon + 1, "\r"))};
	}
	assert_true(sign_parse(field(r, "authorization"), &S.arena, &parsed, &err));
	assert_string_equal(parsed.key_id, KEY_ID);
	assert_string_equal(parsed.algorithm, "rsa-sha256");
	assert_string_equal(parsed.names, names);
	buf_auto string = {0};
	assert_true(sign_string(&request, parsed.names, &string, &err));
	assert_true(sign_verify(S.config.key, string.data, string.len, parsed.signature));
	string.data[0] ^= 1;
	assert_false(sign_verify(S.config.key, string.data, string.len, parsed.signature));
}

static void a_get_is_signed(void **state)
{
	(void)state;
	const char *line = "GET /20200129/applications/a%2Fb?compartmentId=c%20d%26e&page=%2B%3D";
	server_expect(S.server, line, (struct server_reply){.body = "{}"});
	struct call *c = call_of("GET", "/applications/a%2Fb");
	call_query(c, "compartmentId", "c d&e");
	call_query(c, "page", "+=");
	assert_int_equal(sent(c).status, 200);
	struct server_request r = server_request(S.server, 0);
	check_signature(&r, SIGN_HEADERS_PLAIN);
	assert_string_equal(field(&r, "date"), "Sun, 05 Jan 2014 21:31:40 GMT");
	assert_string_equal(field(&r, "host"), server_host(S.server));
	assert_string_equal(field(&r, "user-agent"), "weir/" WEIR_VERSION);
	assert_null(field(&r, "content-length"));
	assert_null(field(&r, "x-content-sha256"));
	assert_null(field(&r, "transfer-encoding"));
}

static void a_body_is_signed(void **state)
{
	(void)state;
	server_expect(S.server, "POST /20200129/runs", (struct server_reply){.body = "{}"});
	struct call *c = call_of("POST", "/runs");
	struct node *body = node_map(&c->arena);
	node_put(&c->arena, body, "displayName", node_str(&c->arena, "a \"b\" \xc3\xa9"));
	call_json(c, body);
	call_header(c, "opc-retry-token", "T");
	sent(c);
	struct server_request r = server_request(S.server, 0);
	check_signature(&r, SIGN_HEADERS_BODY);
	assert_string_equal(r.body, "{\"displayName\":\"a \\\"b\\\" \xc3\xa9\"}");
	assert_string_equal(field(&r, "content-type"), "application/json");
	assert_int_equal(atoi(field(&r, "content-length")), r.body_len);
	assert_string_equal(
		field(&r, "x-content-sha256"), sign_body_sha256(&S.arena, r.body, r.body_len));
	assert_string_equal(field(&r, "opc-retry-token"), "T");
	assert_null(field(&r, "transfer-encoding"));
	assert_null(field(&r, "expect"));
}

static void an_empty_body_is_signed(void **state)
{
	(void)state;
	server_expect(S.server, "POST /20200129/pools/p/actions/start", (struct server_reply){0});
	sent(call_of("POST", "/pools/p/actions/start"));
	struct server_request r = server_request(S.server, 0);
	check_signature(&r, SIGN_HEADERS_BODY);
	assert_string_equal(field(&r, "content-length"), "0");
	assert_string_equal(field(&r, "content-type"), "application/json");
	assert_string_equal(field(&r, "x-content-sha256"), EMPTY_SHA256);
}

/* PutObject and UploadPart. */
static void a_body_may_be_left_unsigned(void **state)
{
	(void)state;
	server_expect(S.server, "PUT /20200129/o", (struct server_reply){0});
	struct call *c = call_of("PUT", "/o");
	c->http.body = "bytes";
	c->http.body_len = 5;
	c->http.body_unsigned = true;
	call_header(c, "content-type", "text/plain");
	sent(c);
	struct server_request r = server_request(S.server, 0);
	check_signature(&r, SIGN_HEADERS_PLAIN);
	assert_string_equal(r.body, "bytes");
	assert_string_equal(field(&r, "content-length"), "5");
	assert_string_equal(field(&r, "content-type"), "text/plain");
	assert_null(field(&r, "x-content-sha256"));
}

static void each_attempt_is_signed_anew(void **state)
{
	(void)state;
	server_expect(S.server, "DELETE /20200129/runs/r", (struct server_reply){.status = 503});
	server_expect(S.server, "DELETE /20200129/runs/r", (struct server_reply){.status = 204});
	assert_int_equal(sent(call_of("DELETE", "/runs/r")).attempts, 2);
	struct server_request first = server_request(S.server, 0),
			      second = server_request(S.server, 1);
	check_signature(&first, SIGN_HEADERS_PLAIN);
	check_signature(&second, SIGN_HEADERS_PLAIN);
	assert_string_not_equal(field(&first, "date"), field(&second, "date"));
	assert_string_not_equal(field(&first, "authorization"), field(&second, "authorization"));
}

static void a_name_is_no_path(void **state)
{
	(void)state;
	server_expect(S.server, "GET /20200129/runs/%2E%2E", (struct server_reply){0});
	server_expect(S.server, "GET /20200129/runs/a%0D%0AX%3A%20y%20HTTP%2F1.1",
		(struct server_reply){0});
	struct call *c = call_new(S.oci, "GET", oci_dataflow_url(S.oci), "get");
	call_path(c, "/runs/%s", text_percent(&c->arena, ".."));
	sent(c);
	c = call_new(S.oci, "GET", oci_dataflow_url(S.oci), "get");
	call_path(c, "/runs/%s", text_percent(&c->arena, "a\r\nX: y HTTP/1.1"));
	sent(c);
	/* What goes into a header as it is cannot begin another one. */
	c = call_of("GET", "/runs");
	call_header(c, "if-match", "e\r\nx-other: 1");
	assert_int_equal(sent(c).err.kind, ERR_INVALID);
	assert_int_equal(server_requests(S.server), 2);
}

static const char *token(const char *a, const char *b, const char *c)
{
	const char *parts[] = {a, b, c};
	return call_retry_token(&S.arena, parts, 3);
}

static void retry_tokens(void **state)
{
	(void)state;
	const char *first = token("application", "p/t/a", "{}");
	assert_int_equal(strlen(first), 43);
	assert_int_equal(strspn(first,
				 "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				 "0123456789-_"),
		43);
	assert_string_equal(first, token("application", "p/t/a", "{}"));
	assert_string_not_equal(first, token("application", "p/t/a", "{ }"));
	assert_string_not_equal(first, token("application", "p/t/b", "{}"));
	/* Where a part ends counts. */
	assert_string_not_equal(token("a", "bc", ""), token("ab", "c", ""));
	assert_string_not_equal(token("a", "", "b"), token("a", "b", ""));
}

struct listed {
	int pages, ends;
	size_t items, most; /* bytes of the call's arena */
	struct err err;
	int refuse; /* the page that is refused; 0: none */
};

static bool on_page(void *ctx, struct call *c, const struct node *page, struct err *err)
{
	struct listed *l = ctx;
	assert_int_equal(l->ends, 0);
	l->pages++;
	l->items += page->u.seq.n;
	l->most = c->arena.bytes;
	return l->pages != l->refuse || err_set(err, ERR_LIMIT, "enough");
}

static void on_end(void *ctx, const struct err *err)
{
	struct listed *l = ctx;
	l->ends++;
	l->err = *err;
}

static void list(struct listed *l)
{
	struct call *c = call_of("GET", "/things");
	call_query(c, "limit", "2");
	call_pages(c, on_page, on_end, l);
	session_run(&S);
	assert_int_equal(l->ends, 1);
}

static bool any_page(void *ctx, struct call *c, const struct node *page, struct err *err)
{
	(void)ctx, (void)c, (void)page, (void)err;
	return true;
}

static void list_any(struct listed *l)
{
	struct call *c = call_of("GET", "/things");
	call_query(c, "limit", "2");
	call_pages(c, any_page, on_end, l);
	session_run(&S);
	assert_int_equal(l->ends, 1);
}

static void page(const char *token_asked, const char *body, const char *next)
{
	server_expect(S.server,
		arena_printf(&S.arena, "GET /20200129/things?limit=2%s%s",
			token_asked ? "&page=" : "", token_asked ? token_asked : ""),
		(struct server_reply){.body = body,
			.fields = next ? arena_printf(&S.arena, "opc-next-page: %s\r\n", next)
				       : NULL});
}

static void pages_to_the_last(void **state)
{
	(void)state;
	struct listed l = {0};
	page(NULL, "[1,2]", "a+b/c=&x");
	page("a%2Bb%2Fc%3D%26x", "[]", "second"); /* empty, and yet not the last */
	page("second", "[3]", NULL);
	list(&l);
	assert_int_equal(l.err.kind, ERR_NONE);
	assert_int_equal(l.pages, 3);
	assert_int_equal(l.items, 3);
	/* An empty token is none. */
	l = (struct listed){0};
	page(NULL, "[1]", "");
	list(&l);
	assert_int_equal(l.err.kind, ERR_NONE);
	assert_int_equal(l.pages, 1);
}

static void pages_in_a_circle(void **state)
{
	(void)state;
	struct listed l = {0};
	page(NULL, "[1]", "a");
	page("a", "[1]", "b");
	page("b", "[1]", "a");
	list(&l);
	assert_int_equal(l.err.kind, ERR_PROTOCOL);
	assert_string_equal(l.err.text, "do it: the service gave the same page token twice");
}

static void empty_pages_without_end(void **state)
{
	(void)state;
	struct listed l = {0};
	const char *asked = NULL;
	for (int i = 0; i < CALL_EMPTY_PAGES_MAX; i++) {
		const char *next = arena_printf(&S.arena, "t%d", i);
		page(asked, i % 2 ? "[]" : "{\"items\":[]}", next);
		asked = next;
	}
	list_any(&l);
	assert_int_equal(l.err.kind, ERR_PROTOCOL);
	assert_string_equal(l.err.text, "do it: the service gave 100 empty pages in a row");
}

static void a_page_token_without_end(void **state)
{
	(void)state;
	struct listed l = {0};
	page(NULL, "[1]", arena_printf(&S.arena, "%04097d", 1));
	list(&l);
	assert_string_equal(l.err.text, "do it: the service's page token is longer than 4096");
}

static void pages_that_break(void **state)
{
	(void)state;
	struct listed l = {.refuse = 2};
	page(NULL, "[1]", "a");
	page("a", "[1]", "b");
	list(&l);
	assert_int_equal(l.err.kind, ERR_LIMIT);
	l = (struct listed){0};
	page(NULL, "[1]", "a");
	page("a", "<html>", "b");
	list(&l);
	assert_int_equal(l.err.kind, ERR_PROTOCOL);
	assert_int_equal(l.pages, 1);
	l = (struct listed){0};
	page(NULL, "[1]", "a");
	server_expect(S.server, "GET /20200129/things?limit=2&page=a",
		(struct server_reply){.status = 404});
	list(&l);
	assert_int_equal(l.err.kind, ERR_NOT_FOUND);
	assert_int_equal(l.pages, 1);
}

/* A page is asked for again like any request. */
static void a_page_is_retried(void **state)
{
	(void)state;
	struct listed l = {0};
	page(NULL, "[1]", "a");
	server_expect(S.server, "GET /20200129/things?limit=2&page=a",
		(struct server_reply){.fault = SERVER_LOSE});
	page("a", "[2]", NULL);
	list(&l);
	assert_int_equal(l.err.kind, ERR_NONE);
	assert_int_equal(l.items, 2);
}

static void pages_do_not_pile_up(void **state)
{
	(void)state;
	enum { PAGES = 40, ITEMS = 5000 };
	buf_auto body = {0};
	for (int i = 0; i < ITEMS; i++)
		buf_printf(&body, "%c%d", i ? ',' : '[', i);
	buf_addc(&body, ']');
	for (int i = 0; i < PAGES; i++) {
		char *token_asked = arena_printf(&S.arena, "t%d", i);
		page(i ? token_asked : NULL, body.data,
			i + 1 < PAGES ? arena_printf(&S.arena, "t%d", i + 1) : NULL);
	}
	struct listed l = {0};
	list(&l);
	assert_int_equal(l.items, PAGES * ITEMS);
	assert_true(l.most < 16 * 1024);
}

static void on_record(void *ctx, struct call *c, struct http_reply *reply)
{
	struct got *g = ctx;
	g->calls++;
	g->err = reply->err;
	if (reply->err.kind)
		return;
	const struct bucket *b = call_record(c, reply, &bucket_record, &g->err);
	assert_int_equal(!b, !!g->err.kind);
}

static struct err record(const char *body)
{
	struct got g = {0};
	server_expect(S.server, "GET /20200129/b", (struct server_reply){.body = body});
	call_start(call_of("GET", "/b"), on_record, &g);
	session_run(&S);
	assert_int_equal(g.calls, 1);
	return g.err;
}

static void replies_that_are_no_good(void **state)
{
	(void)state;
	assert_int_equal(
		record("{\"name\":\"b\",\"versioning\":\"OfTomorrow\",\"x\":{}}").kind, ERR_NONE);
	static const char *const bodies[] = {"", "<html>\033[2J</html>", "null", "[]", "\"b\"",
		"{\"name\":\"b\"", "{\"name\":\"a\",\"name\":\"b\"}", "{\"name\":\"\\u0000\"}",
		"{\"name\":[1]}", "{\"freeformTags\":{\"a\":{}}}",
		"{\"approximateCount\":\"many\"}"};
	for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
		struct err err = record(bodies[i]);
		if (err.kind != ERR_PROTOCOL)
			fail_msg("%s is %s", bodies[i], err_kind_name(err.kind));
		assert_has(err.text, "do it: the service's reply");
	}
	assert_has(record("{\"approximateCount\":\"many\"}").text, "approximateCount");
	assert_has(record("").text, "the service's reply is empty");
	assert_has(record(" <!DOCTYPE HTML>").text, "is a page of HTML, not JSON");
	assert_has(record("{\"code\":\"Bad\",\"message\":\"day\"}").text,
		"is an error with status 200: Bad: day");
	buf_auto deep = {0};
	for (int i = 0; i < 3000; i++)
		buf_addc(&deep, '[');
	assert_int_equal(record(deep.data).kind, ERR_PROTOCOL);
}

static struct err refused(int status, const char *code)
{
	server_expect(S.server, "GET /20200129/x",
		(struct server_reply){.status = status,
			.body = arena_printf(
				&S.arena, "{\"code\":\"%s\",\"message\":\"no\"}", code)});
	return sent(call_policy(call_of("GET", "/x"), "read things")).err;
}

/* As a host name would be that nobody knows: it is in the URL. */
static void a_region_that_is_misspelt(void **state)
{
	(void)state;
	S.config.region = "us-ashbrun-1";
	server_expect(S.server, "GET /20200129/us-ashbrun-1",
		(struct server_reply){.fault = SERVER_LOSE});
	struct call *c = call_of("GET", "/us-ashbrun-1");
	c->http.no_retry = true;
	assert_has(sent(c).err.text,
		"weir does not know the region us-ashbrun-1; did you mean us-ashburn-1?");
	S.config.region = "us-ashburn-1";
}

static void a_refusal_names_the_policy(void **state)
{
	(void)state;
	static const char hint[] = "Allow group <group> to read things";
	assert_has(refused(404, "NotAuthorizedOrNotFound").text, hint);
	assert_has(refused(403, "NotAllowed").text, hint);
	assert_has(refused(403, "NotAuthorized").text, hint);
	assert_has(refused(400, "InsufficientServicePermissions").text, hint);
	assert_lacks(refused(404, "ObjectNotFound").text, hint);
	assert_lacks(refused(400, "InvalidParameter").text, hint);
	assert_lacks(refused(401, "NotAuthenticated").text, hint);
}

/* What maybe_done, attempts and the error's kind mean together. */
static void doubt(void **state)
{
	(void)state;
	struct http_reply r = {.attempts = 1, .maybe_done = true, .err.kind = ERR_NETWORK};
	assert_true(call_is_lost(&r));
	assert_false(call_is_repeated(&r));
	r.attempts = 2;
	r.err.kind = ERR_CONFLICT;
	assert_false(call_is_lost(&r));
	assert_true(call_is_repeated(&r));
	r.maybe_done = false; /* the first one never left */
	assert_false(call_is_repeated(&r));
	r.err.kind = ERR_THROTTLED;
	assert_false(call_is_lost(&r));
}

struct ending {
	int calls, tidied;
	enum err_kind kind;
};

static void on_tidied(void *ctx, struct call *c, struct http_reply *reply)
{
	struct ending *e = ctx;
	(void)c;
	assert_int_equal(reply->err.kind, ERR_INTERRUPTED);
	e->tidied++;
}

static void on_ending(void *ctx, struct call *c, struct http_reply *reply)
{
	struct ending *e = ctx;
	(void)c;
	e->calls++;
	e->kind = reply->err.kind;
	call_start(call_of("DELETE", "/x"), on_tidied, e);
}

/* Nobody is left waiting: files and memory that a call holds are let go. */
static void the_end_ends_what_is_under_way(void **state)
{
	(void)state;
	struct ending e = {0};
	struct err err;
	call_start(call_of("GET", "/x"), on_ending, &e);
	S.stop = true;
	assert_false(oci_run(S.oci, &err));
	assert_int_equal(err.kind, ERR_INTERRUPTED);
	assert_int_equal(e.calls, 0);
	oci_free(S.oci);
	S.oci = NULL;
	assert_int_equal(e.calls, 1);
	assert_int_equal(e.kind, ERR_INTERRUPTED);
	assert_int_equal(e.tidied, 1);
}

static struct oci *opened(const struct oci_options *o, struct err *err)
{
	struct oci *oci = oci_new(o, err);
	if (!oci)
		return NULL;
	assert_non_null(oci_http(oci));
	return oci;
}

static void endpoints(void **state)
{
	(void)state;
	struct err err;
	struct oci_config config = S.config;
	struct oci *oci = opened(&(struct oci_options){.config = &config}, &err);
	assert_string_equal(oci_dataflow_url(oci),
		"https://dataflow.us-ashburn-1.oci.oraclecloud.com/20200129");
	assert_string_equal(
		oci_storage_url(oci), "https://objectstorage.us-ashburn-1.oraclecloud.com");
	assert_string_equal(oci_secrets_url(oci),
		"https://secrets.vaults.us-ashburn-1.oci.oraclecloud.com/20190301");
	assert_string_equal(oci_tenancy(oci), "ocid1.tenancy.oc1..t");
	assert_string_equal(oci_region(oci), "us-ashburn-1");
	oci_free(oci);
	config.region = NULL;
	oci = opened(&(struct oci_options){.config = &config,
			     .endpoint = "http://127.0.0.1:1//",
			     .objectstorage_endpoint = "http://127.0.0.1:2"},
		&err);
	assert_string_equal(oci_dataflow_url(oci), "http://127.0.0.1:1/20200129");
	assert_string_equal(oci_storage_url(oci), "http://127.0.0.1:2");
	assert_string_equal(oci_secrets_url(oci), "http://127.0.0.1:1/20190301");
	assert_null(oci_region(oci));
	oci_free(oci);
	/* One endpoint is not enough. */
	assert_null(opened(
		&(struct oci_options){.config = &config, .dataflow_endpoint = "http://127.0.0.1:1"},
		&err));
	assert_int_equal(err.kind, ERR_CONFIG);
	assert_has(err.text, "config, profile [TEST] has no `region`");
	assert_has(err.text, "add region=");
	oci_free(NULL);
}

/* A signature says who we are: it goes nowhere in the clear. */
static void only_https_leaves_the_machine(void **state)
{
	(void)state;
	struct err err;
	struct got g = {0};
	struct oci *mine = S.oci;
	S.oci = opened(&(struct oci_options){.config = &S.config,
			       .endpoint = "http://dataflow.example.com"},
		&err);
	g = sent(call_of("GET", "/x"));
	oci_free(S.oci);
	S.oci = mine;
	assert_int_not_equal(g.err.kind, ERR_NONE);
	assert_false(err_retryable(g.err.kind));
	assert_int_equal(g.attempts, 1);
	assert_has(g.err.text, "https");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SESSION_TEST(a_get_is_signed),
		SESSION_TEST(a_body_is_signed),
		SESSION_TEST(an_empty_body_is_signed),
		SESSION_TEST(a_body_may_be_left_unsigned),
		SESSION_TEST(each_attempt_is_signed_anew),
		SESSION_TEST(a_name_is_no_path),
		SESSION_TEST(retry_tokens),
		SESSION_TEST(pages_to_the_last),
		SESSION_TEST(pages_in_a_circle),
		SESSION_TEST(empty_pages_without_end),
		SESSION_TEST(a_page_token_without_end),
		SESSION_TEST(pages_that_break),
		SESSION_TEST(a_page_is_retried),
		SESSION_TEST(pages_do_not_pile_up),
		SESSION_TEST(replies_that_are_no_good),
		SESSION_TEST(a_region_that_is_misspelt),
		SESSION_TEST(a_refusal_names_the_policy),
		SESSION_TEST(doubt),
		SESSION_TEST(the_end_ends_what_is_under_way),
		SESSION_TEST(endpoints),
		SESSION_TEST(only_https_leaves_the_machine),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
