/* Data Flow's applications: what is asked, and what a lost reply, a used token or a 412 mean. */
#include "../unit.h"
#include "base/text.h"
#include "harness_oci.h"
#include "model/resource.h"
#include "oci/dataflow.h"

#include <stdio.h>
#include <stdlib.h>

#define LIST "GET /20200129/applications?compartmentId=c&limit=1000"
#define LOOK LIST "&displayName=copy%20it"
#define POST "POST /20200129/applications"
#define AT " /20200129/applications/a1"

enum { ATTEMPTS = 8 };

struct got {
	int calls;
	struct err err;
	const struct application *app;
	const char *etag;
	char ids[256];
	size_t requests; /* that had come in when the first was told */
};

static void expect(const char *line, int status, const char *body)
{
	server_expect(S.server, line,
		(struct server_reply){.status = status, .body = body, .fields = "etag: e1\r\n"});
}

static void on_application(
	void *ctx, const struct err *err, const struct application *app, const char *etag)
{
	struct got *g = ctx;
	g->calls++;
	g->err = *err;
	g->app = app;
	g->etag = etag;
	assert_int_equal(!app, !!err->kind);
}

static void on_done(void *ctx, const struct err *err)
{
	struct got *g = ctx;
	g->calls++;
	g->err = *err;
}

static struct got ended(struct got *g)
{
	session_run(&S);
	assert_int_equal(g->calls, 1);
	return *g;
}

static void on_each(void *ctx, const struct err *err, const struct application *app)
{
	struct got *g = ctx;
	assert_int_equal(g->calls, 0);
	if (app) {
		assert_int_equal(err->kind, ERR_NONE);
		if (!*g->ids)
			g->requests = server_requests(S.server);
		snprintf(g->ids + strlen(g->ids), sizeof g->ids - strlen(g->ids), "%s ", app->id);
		return;
	}
	g->calls++;
	g->err = *err;
}

static struct got list(void)
{
	struct got g = {0};
	dataflow_application_list(S.oci, "c", on_each, &g);
	return ended(&g);
}

#define SUMMARY(id) "{\"id\":\"" id "\",\"lifecycleState\":\"ACTIVE\",\"displayName\":\"" id "\"}"

static void listed_as_pages_come(void **state)
{
	(void)state;
	server_expect(S.server, LIST,
		(struct server_reply){.body = "[" SUMMARY("a1") "," SUMMARY("a2") "]",
			.fields = "opc-next-page: p2\r\n"});
	server_expect(S.server, LIST "&page=p2",
		(struct server_reply){.body = "[]", .fields = "opc-next-page: p3\r\n"});
	expect(LIST "&page=p3", 200, "[" SUMMARY("a3") "]");
	struct got g = list();
	assert_int_equal(g.err.kind, ERR_NONE);
	assert_string_equal(g.ids, "a1 a2 a3 ");
	/* So GETs of the first page's begin before the second is asked for. */
	assert_int_equal(g.requests, 1);
	assert_string_equal(session_sent(&S, 0, "host"), server_host(S.server));
	g = (struct got){0};
	expect("GET /20200129/applications?compartmentId=ocid1.x&limit=1000", 200, "[]");
	dataflow_application_list(S.oci, "ocid1.x", on_each, &g);
	assert_int_equal(ended(&g).err.kind, ERR_NONE);
	assert_string_equal(g.ids, "");
}

static void lists_that_break(void **state)
{
	(void)state;
	static const char *const bodies[] = {"{\"items\":[]}", "null", "", "[" SUMMARY("a1") ",7]",
		"[" SUMMARY("a1") ",{\"lifecycleState\":\"ACTIVE\"}]",
		"[" SUMMARY("a1") ",{\"id\":\"\",\"lifecycleState\":\"ACTIVE\"}]",
		"[" SUMMARY("a1") ",{\"id\":\"a2\"}]"};
	for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
		expect(LIST, 200, bodies[i]);
		struct got g = list();
		assert_int_equal(g.err.kind, ERR_PROTOCOL);
		assert_has(g.err.text, "list applications: ");
		assert_string_equal(g.ids, bodies[i][0] == '[' ? "a1 " : "");
	}
	expect(LIST, 404, "{\"code\":\"NotAuthorizedOrNotFound\",\"message\":\"no\"}");
	struct got g = list();
	assert_int_equal(g.err.kind, ERR_NOT_FOUND);
	assert_has(g.err.text, "Allow group <group> to manage dataflow-family in compartment");
}

static struct got get(const char *id)
{
	struct got g = {0};
	dataflow_application_get(S.oci, id, on_application, &g);
	return ended(&g);
}

static void got_by_id(void **state)
{
	(void)state;
	expect("GET" AT, 200,
		"{\"id\":\"a1\",\"lifecycleState\":\"ACTIVE\",\"numExecutors\":2,\"archiveUri\":\"\","
		"\"description\":null,\"parameters\":[{\"name\":\"p\",\"value\":\"1\"}],"
		"\"driverShapeConfig\":{\"ocpus\":1.0,\"memoryInGBs\":16},\"ofTomorrow\":[{}]}");
	struct got g = get("a1");
	assert_int_equal(g.err.kind, ERR_NONE);
	assert_string_equal(g.app->id, "a1");
	assert_string_equal(g.etag, "e1");
	assert_int_equal(g.app->num_executors.v, 2);
	assert_string_equal(g.app->parameters.v[0].value, "1");
	assert_true(g.app->driver_shape_config->ocpus.v == 1);
	assert_null(g.app->description);
	expect("GET /20200129/applications/..%2Fruns", 404,
		"{\"code\":\"NotAuthorizedOrNotFound\",\"message\":\"no\"}");
	g = get("../runs");
	assert_int_equal(g.err.kind, ERR_NOT_FOUND);
	assert_has(g.err.text, "get application ../runs: no (404 NotAuthorizedOrNotFound)");
	assert_has(g.err.text, "Allow group <group> to manage dataflow-family in compartment");
	expect("GET" AT, 200, "{\"displayName\":\"nameless\"}");
	assert_has(get("a1").err.text, "the service's reply has no `id`");
}

static struct pair TAGS[] = {{IDENTITY_TAG, "p/t/copy"}, {"team", "x"}};
static struct application wanted(void)
{
	return (struct application){.compartment_id = "c",
		.display_name = "copy it",
		.language = "PYTHON",
		.num_executors = {true, 2},
		.freeform_tags = {TAGS, 2}};
}

static struct got create_as(const struct application *app, const char *identity)
{
	struct got g = {0};
	dataflow_application_create(S.oci, app, identity, on_application, &g);
	return ended(&g);
}

static struct got create(void)
{
	struct application app = wanted();
	return create_as(&app, "p/t/copy");
}

#define TAGGED(id, tag, lifecycle)                           \
	"{\"id\":\"" id "\",\"lifecycleState\":\"" lifecycle \
	"\",\"displayName\":\"copy it\",\"freeformTags\":{\"team\":\"x\",\"weir\":\"" tag "\"}}"
#define DELETED(id, time)                                                           \
	"{\"id\":\"" id "\",\"lifecycleState\":\"DELETED\",\"timeCreated\":\"" time \
	"\",\"displayName\":\"copy it\",\"freeformTags\":{\"weir\":\"p/t/copy\"}}"
#define OURS TAGGED("a1", "p/t/copy", "ACTIVE")

static void created(void **state)
{
	(void)state;
	expect(POST, 200, OURS);
	struct got g = create();
	assert_int_equal(g.err.kind, ERR_NONE);
	assert_string_equal(g.app->id, "a1");
	assert_string_equal(g.etag, "e1");
	assert_string_equal(server_request(S.server, 0).body,
		"{\"compartmentId\":\"c\",\"displayName\":\"copy it\",\"language\":\"PYTHON\","
		"\"numExecutors\":2,\"freeformTags\":{\"weir\":\"p/t/copy\",\"team\":\"x\"}}");
	assert_int_equal(strlen(session_sent(&S, 0, "opc-retry-token")), 43);
	expect(POST, 400, "{\"code\":\"InvalidParameter\",\"message\":\"bad\"}");
	g = create();
	assert_int_equal(g.err.kind, ERR_INVALID);
	assert_has(g.err.text, "create application copy it: bad (400 InvalidParameter)");
	expect(POST, 200, "{}");
	assert_int_equal(create().err.kind, ERR_PROTOCOL);
}

/* One token for one create, whenever it is tried; another for another. */
static void tokens_tell_creates_apart(void **state)
{
	(void)state;
	struct application app = wanted();
	expect(POST, 503, "");
	expect(POST, 200, OURS);
	for (int i = 0; i < 3; i++)
		expect(POST, 200, OURS);
	create();
	create();
	create_as(&app, "p/t/other");
	app.num_executors.v = 3;
	create_as(&app, "p/t/copy");
	const char *token = session_sent(&S, 0, "opc-retry-token");
	assert_string_equal(token, session_sent(&S, 1, "opc-retry-token"));
	assert_string_equal(token, session_sent(&S, 2, "opc-retry-token"));
	assert_string_not_equal(token, session_sent(&S, 3, "opc-retry-token"));
	assert_string_not_equal(token, session_sent(&S, 4, "opc-retry-token"));
	assert_string_not_equal(
		session_sent(&S, 3, "opc-retry-token"), session_sent(&S, 4, "opc-retry-token"));
}

static void create_lost_and_found(void **state)
{
	(void)state;
	/* Its repeat is answered with what the first made. */
	session_expect_lost(&S, POST, 1);
	expect(POST, 200, OURS);
	assert_string_equal(create().app->id, "a1");
	/* All replies lost: of those with its name the one with its tag that is alive is it. */
	session_expect_lost(&S, POST, ATTEMPTS);
	server_expect(S.server, LOOK,
		(struct server_reply){.body = "[" TAGGED("a8", "p/t/copy", "DELETED") "," TAGGED(
					      "a9", "p/t/other", "ACTIVE") "," SUMMARY("b") "]",
			.fields = "opc-next-page: 2\r\n"});
	expect(LOOK "&page=2", 200, "[" OURS "," TAGGED("a7", "p/t/copy", "DELETING") "]");
	expect("GET" AT, 200, OURS);
	struct got g = create();
	assert_int_equal(g.err.kind, ERR_NONE);
	assert_string_equal(g.app->id, "a1");
	assert_string_equal(g.etag, "e1");
}

static void create_lost_and_not_found(void **state)
{
	(void)state;
	session_expect_lost(&S, POST, ATTEMPTS);
	expect(LOOK, 200, "[" TAGGED("a9", "p/t/other", "ACTIVE") "]");
	struct got g = create();
	assert_int_equal(g.err.kind, ERR_NETWORK);
	assert_has(g.err.text, "create application copy it: ");
	assert_has(g.err.text, "tried 8 times");
	assert_false(g.err.maybe_done);
	/* 5xx leave the same doubt. */
	for (int i = 0; i < ATTEMPTS; i++)
		expect(POST, 500, "{\"code\":\"InternalServerError\",\"message\":\"oops\"}");
	expect(LOOK, 200, "[]");
	assert_int_equal(create().err.kind, ERR_SERVICE);
	/* 429 do not: nothing was begun, and there is nothing to look for. */
	for (int i = 0; i < ATTEMPTS; i++)
		expect(POST, 429, "");
	assert_int_equal(create().err.kind, ERR_THROTTLED);
}

static void create_lost_and_the_look_fails(void **state)
{
	(void)state;
	session_expect_lost(&S, POST, ATTEMPTS);
	session_expect_lost(&S, LOOK, 1); /* not eight times over again */
	struct got g = create();
	assert_int_equal(g.err.kind, ERR_NETWORK);
	assert_has(g.err.text, "create application copy it: ");
	assert_true(g.err.maybe_done);
	/* What the first page had counts, though the second did not come. */
	session_expect_lost(&S, POST, ATTEMPTS);
	server_expect(S.server, LOOK,
		(struct server_reply){.body = "[" OURS "]", .fields = "opc-next-page: 2\r\n"});
	expect(LOOK "&page=2", 500, "");
	expect("GET" AT, 200, OURS);
	assert_string_equal(create().app->id, "a1");
}

static const char USED[] = "{\"code\":\"InvalidatedRetryToken\",\"message\":\"used\"}";

static void token_used_and_ours_there(void **state)
{
	(void)state;
	expect(POST, 409, USED);
	expect(LOOK, 200, "[" OURS "]");
	expect("GET" AT, 200, OURS);
	struct got g = create();
	assert_int_equal(g.err.kind, ERR_NONE);
	assert_string_equal(g.app->id, "a1");
}

static void token_used_and_the_next_taken(void **state)
{
	(void)state;
	expect(POST, 409, USED);
	expect(LOOK, 200, "[" TAGGED("a0", "p/t/copy", "DELETED") "]");
	expect(POST, 409, USED);
	expect(LOOK, 200, "[]");
	expect(POST, 200, OURS);
	struct got g = create();
	assert_int_equal(g.err.kind, ERR_NONE);
	assert_string_equal(g.app->id, "a1");
	const char *first = session_sent(&S, 0, "opc-retry-token"),
		   *second = session_sent(&S, 2, "opc-retry-token"),
		   *third = session_sent(&S, 4, "opc-retry-token");
	assert_string_not_equal(first, second);
	assert_string_not_equal(first, third);
	assert_string_not_equal(second, third);
	assert_string_equal(server_request(S.server, 0).body, server_request(S.server, 4).body);
}

/* However often it was deleted: what was deleted last makes a token of its own. */
static void token_of_one_that_is_deleted(void **state)
{
	(void)state;
	static const char gone[] = "[" DELETED("old", "2026-01-01T00:00:00.000Z") "," DELETED(
		"new", "2026-01-02T00:00:00.000Z") "]";
	static const char newer[] = "[" DELETED("newer", "2026-01-03T00:00:00.000Z") "]";
	static const char *const lists[] = {gone, newer, gone};
	const char *tokens[3];
	for (size_t i = 0; i < 3; i++) {
		size_t at = server_requests(S.server);
		expect(POST, 409, USED);
		expect(LOOK, 200, lists[i]);
		expect(POST, 200, OURS);
		assert_int_equal(create().err.kind, ERR_NONE);
		tokens[i] = session_sent(&S, at + 2, "opc-retry-token");
		assert_string_not_equal(tokens[i], session_sent(&S, at, "opc-retry-token"));
	}
	assert_string_not_equal(tokens[0], tokens[1]);
	assert_string_equal(tokens[0], tokens[2]);
}

/* The service gives what the token made within the day: that may bear another name by now. */
static void token_of_one_that_was_renamed(void **state)
{
	(void)state;
	expect(POST, 200, TAGGED("a0", "p/t/renamed", "ACTIVE"));
	expect(POST, 200, OURS);
	struct got g = create();
	assert_int_equal(g.err.kind, ERR_NONE);
	assert_string_equal(g.app->id, "a1");
	assert_string_not_equal(
		session_sent(&S, 0, "opc-retry-token"), session_sent(&S, 1, "opc-retry-token"));
	expect(POST, 200, TAGGED("a0", "p/t/copy", "DELETED"));
	expect(POST, 200, OURS);
	assert_string_equal(create().app->id, "a1");
	for (int i = 0; i < 9; i++)
		expect(POST, 200, TAGGED("a0", "p/t/renamed", "ACTIVE"));
	g = create();
	assert_int_equal(g.err.kind, ERR_CONFLICT);
	assert_has(g.err.text, "create application copy it: the service gives a0 for it");
}

static void token_of_one_that_was_moved(void **state)
{
	(void)state;
	expect(POST, 200,
		"{\"id\":\"a0\",\"lifecycleState\":\"ACTIVE\",\"compartmentId\":\"far\","
		"\"freeformTags\":{\"weir\":\"p/t/copy\"}}");
	struct got g = create();
	assert_int_equal(g.err.kind, ERR_CONFLICT);
	assert_has(g.err.text,
		"a0 is it already, in compartment far\n  name that compartment in the target's `also_look_in`");
}

/* They come to an end, and none is taken twice. */
static void all_tokens_used(void **state)
{
	(void)state;
	enum { SALTS = 8 };
	for (int i = 0; i < SALTS; i++) {
		expect(POST, 409, USED);
		expect(LOOK, 200, "[]");
	}
	struct got g = create();
	assert_int_equal(g.err.kind, ERR_CONFLICT);
	assert_string_equal(g.err.code, "InvalidatedRetryToken");
	for (size_t i = 0; i < SALTS; i++)
		for (size_t k = 0; k < i; k++)
			assert_string_not_equal(session_sent(&S, 2 * i, "opc-retry-token"),
				session_sent(&S, 2 * k, "opc-retry-token"));
}

static void token_used_and_the_look_fails(void **state)
{
	(void)state;
	expect(POST, 409, USED);
	expect(LOOK, 503, ""); /* passes: this is not after eight attempts */
	expect(LOOK, 403, "{\"code\":\"NotAllowed\",\"message\":\"no\"}");
	struct got g = create();
	assert_int_equal(g.err.kind, ERR_PERMISSION);
	assert_has(g.err.text, "create application copy it: list applications: no");
}

static struct node *body_of(const char *json)
{
	struct err err;
	struct node *n = node_from_json(&S.arena, json, strlen(json), &err);
	assert_non_null(n);
	return n;
}

static struct got update(const char *body)
{
	struct got g = {0};
	dataflow_application_update(S.oci, "a1", body_of(body), "e0", on_application, &g);
	return ended(&g);
}

static const char MISSING[] = "{\"code\":\"NotAuthorizedOrNotFound\",\"message\":\"no\"}";
static const char GONE[] = "{\"id\":\"a1\",\"lifecycleState\":\"DELETED\"}";
static const char MISMATCH[] = "{\"code\":\"NoEtagMatch\",\"message\":\"changed\"}";

static void updated(void **state)
{
	(void)state;
	expect("PUT" AT, 200, OURS);
	struct got g = update("{\"numExecutors\":2}");
	assert_int_equal(g.err.kind, ERR_NONE);
	assert_string_equal(g.etag, "e1");
	assert_string_equal(session_sent(&S, 0, "if-match"), "e0");
	assert_null(session_sent(&S, 0, "opc-retry-token"));
	assert_string_equal(server_request(S.server, 0).body, "{\"numExecutors\":2}");
	/* Somebody else was there first, and nothing is looked at. */
	expect("PUT" AT, 412, MISMATCH);
	g = update("{\"numExecutors\":2}");
	assert_int_equal(g.err.kind, ERR_CONFLICT);
	assert_has(g.err.text, "update application a1: changed (412 NoEtagMatch)");
	/* 429 leave no doubt. */
	expect("PUT" AT, 429, "");
	expect("PUT" AT, 412, MISMATCH);
	assert_int_equal(update("{\"numExecutors\":2}").err.kind, ERR_CONFLICT);
	expect("PUT" AT, 200, OURS);
	struct got plain = {0};
	dataflow_application_update(
		S.oci, "a1", body_of("{\"description\":\"\"}"), NULL, on_application, &plain);
	assert_int_equal(ended(&plain).err.kind, ERR_NONE);
	assert_null(session_sent(&S, 4, "if-match"));
}

/* The service's way of writing what was sent. */
static const char LIVE[] =
	"{\"id\":\"a1\",\"lifecycleState\":\"ACTIVE\",\"displayName\":\"copy it\",\"numExecutors\":2,"
	"\"description\":\"\",\"arguments\":null,\"logsBucketUri\":\"oci://logs@ns/\","
	"\"driverShapeConfig\":{\"ocpus\":1.0,\"memoryInGBs\":16.0},"
	"\"parameters\":[{\"name\":\"b\",\"value\":\"2\"},{\"name\":\"a\",\"value\":\"1\"}],"
	"\"freeformTags\":{\"weir\":\"p/t/copy\",\"byTheService\":\"x\"}}";

/* The first PUT's reply is lost; the second finds another etag: ours, or somebody else's. */
static struct got update_again(const char *body)
{
	session_expect_lost(&S, "PUT" AT, 1);
	expect("PUT" AT, 412, MISMATCH);
	expect("GET" AT, 200, LIVE);
	return update(body);
}

static void update_repeated_and_equal(void **state)
{
	(void)state;
	static const char *const bodies[] = {"{\"numExecutors\":2}", "{\"numExecutors\":2.0}",
		"{\"description\":\"\",\"arguments\":[]}", "{\"logsBucketUri\":\"oci://logs@ns\"}",
		"{\"driverShapeConfig\":{\"ocpus\":1,\"memoryInGBs\":16}}",
		"{\"parameters\":[{\"name\":\"a\",\"value\":\"1\"},{\"name\":\"b\",\"value\":\"2\"}]}",
		"{\"freeformTags\":{\"weir\":\"p/t/copy\"}}"};
	for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
		struct got g = update_again(bodies[i]);
		if (g.err.kind)
			fail_msg("%s: %s", bodies[i], g.err.text);
		assert_string_equal(g.app->id, "a1");
		assert_string_equal(g.etag, "e1");
	}
}

static void update_repeated_and_unequal(void **state)
{
	(void)state;
	static const char *const bodies[] = {"{\"numExecutors\":3}",
		"{\"description\":\"\",\"displayName\":\"other\"}", "{\"displayName\":\"\"}",
		"{\"logsBucketUri\":\"oci://logs2@ns\"}", "{\"arguments\":[\"a\"]}",
		"{\"driverShapeConfig\":{\"ocpus\":2,\"memoryInGBs\":16}}",
		"{\"driverShapeConfig\":{}}", "{\"numExecutors\":null}", "{\"parameters\":[]}",
		"{\"parameters\":[{\"name\":\"a\",\"value\":\"1\"}]}",
		"{\"freeformTags\":{\"weir\":\"p/t/other\"}}"};
	for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
		struct got g = update_again(bodies[i]);
		if (g.err.kind != ERR_CONFLICT)
			fail_msg("%s is taken for done", bodies[i]);
		assert_has(g.err.text, "changed (412 NoEtagMatch)");
	}
}

static void update_lost(void **state)
{
	(void)state;
	session_expect_lost(&S, "PUT" AT, ATTEMPTS);
	expect("GET" AT, 200, LIVE);
	assert_int_equal(update("{\"numExecutors\":2}").err.kind, ERR_NONE);
	session_expect_lost(&S, "PUT" AT, ATTEMPTS);
	expect("GET" AT, 200, LIVE);
	assert_int_equal(update("{\"numExecutors\":3}").err.kind, ERR_NETWORK);
	session_expect_lost(&S, "PUT" AT, ATTEMPTS);
	session_expect_lost(&S, "GET" AT, 1);
	struct got g = update("{\"numExecutors\":2}");
	assert_int_equal(g.err.kind, ERR_NETWORK);
	assert_has(g.err.text, "update application a1: ");
}

#define MOVE "POST" AT "/actions/changeCompartment"

static struct got move_it(const char *etag)
{
	struct got g = {0};
	dataflow_application_move(S.oci, "a1", "c2", etag, on_done, &g);
	return ended(&g);
}

static void moved(void **state)
{
	(void)state;
	expect(MOVE, 204, "");
	assert_int_equal(move_it("e0").err.kind, ERR_NONE);
	assert_string_equal(server_request(S.server, 0).body, "{\"compartmentId\":\"c2\"}");
	assert_string_equal(session_sent(&S, 0, "if-match"), "e0");
	/* There and back is another move, and gets another token. */
	const char *token = session_sent(&S, 0, "opc-retry-token");
	assert_int_equal(strlen(token), 43);
	expect(MOVE, 204, "");
	assert_int_equal(move_it("e2").err.kind, ERR_NONE);
	assert_string_not_equal(session_sent(&S, 1, "opc-retry-token"), token);
	expect(MOVE, 412, MISMATCH);
	struct got g = move_it("e0");
	assert_int_equal(g.err.kind, ERR_CONFLICT);
	assert_has(g.err.text, "move application a1: changed (412 NoEtagMatch)");
}

static void move_lost(void **state)
{
	(void)state;
	static const char there[] =
		"{\"id\":\"a1\",\"lifecycleState\":\"ACTIVE\",\"compartmentId\":\"c2\"}";
	static const char here[] =
		"{\"id\":\"a1\",\"lifecycleState\":\"ACTIVE\",\"compartmentId\":\"c\"}";
	session_expect_lost(&S, MOVE, 1);
	expect(MOVE, 412, MISMATCH);
	expect("GET" AT, 200, there);
	assert_int_equal(move_it("e0").err.kind, ERR_NONE);
	session_expect_lost(&S, MOVE, 1);
	expect(MOVE, 412, MISMATCH);
	expect("GET" AT, 200, here);
	assert_int_equal(move_it("e0").err.kind, ERR_CONFLICT);
	session_expect_lost(&S, MOVE, ATTEMPTS);
	expect("GET" AT, 200, there);
	assert_int_equal(move_it("e0").err.kind, ERR_NONE);
	session_expect_lost(&S, MOVE, ATTEMPTS);
	expect("GET" AT, 200, GONE);
	assert_int_equal(move_it("e0").err.kind, ERR_NETWORK);
}

static struct got delete_it(void)
{
	struct got g = {0};
	dataflow_application_delete(S.oci, "a1", "e0", on_done, &g);
	return ended(&g);
}

static void deleted(void **state)
{
	(void)state;
	expect("DELETE" AT, 204, "");
	assert_int_equal(delete_it().err.kind, ERR_NONE);
	assert_string_equal(session_sent(&S, 0, "if-match"), "e0");
	/* A first 404 is somebody else's doing, or no permission. */
	expect("DELETE" AT, 404, MISSING);
	assert_int_equal(delete_it().err.kind, ERR_NOT_FOUND);
	expect("DELETE" AT, 429, "");
	expect("DELETE" AT, 404, MISSING);
	assert_int_equal(delete_it().err.kind, ERR_NOT_FOUND);
	/* That of a repeated one is ours. */
	session_expect_lost(&S, "DELETE" AT, 1);
	expect("DELETE" AT, 404, MISSING);
	assert_int_equal(delete_it().err.kind, ERR_NONE);
	expect("DELETE" AT, 412, MISMATCH);
	assert_int_equal(delete_it().err.kind, ERR_CONFLICT);
}

/* Deleted ones go on being there as such, with another etag. */
static void delete_repeated_and_changed(void **state)
{
	(void)state;
	session_expect_lost(&S, "DELETE" AT, 1);
	expect("DELETE" AT, 412, MISMATCH);
	expect("GET" AT, 200, GONE);
	assert_int_equal(delete_it().err.kind, ERR_NONE);
	session_expect_lost(&S, "DELETE" AT, 1);
	expect("DELETE" AT, 412, MISMATCH);
	expect("GET" AT, 200, LIVE);
	assert_int_equal(delete_it().err.kind, ERR_CONFLICT);
	session_expect_lost(&S, "DELETE" AT, 1);
	for (int i = 1; i < ATTEMPTS; i++)
		expect("DELETE" AT, 409, "{\"code\":\"IncorrectState\",\"message\":\"is gone\"}");
	expect("GET" AT, 200, GONE);
	assert_int_equal(delete_it().err.kind, ERR_NONE);
}

static void delete_lost(void **state)
{
	(void)state;
	session_expect_lost(&S, "DELETE" AT, ATTEMPTS);
	expect("GET" AT, 404, MISSING);
	assert_int_equal(delete_it().err.kind, ERR_NONE);
	session_expect_lost(&S, "DELETE" AT, ATTEMPTS);
	expect("GET" AT, 200, "{\"id\":\"a1\",\"lifecycleState\":\"DELETING\"}");
	assert_int_equal(delete_it().err.kind, ERR_NONE);
	session_expect_lost(&S, "DELETE" AT, ATTEMPTS);
	expect("GET" AT, 200, LIVE);
	struct got g = delete_it();
	assert_int_equal(g.err.kind, ERR_NETWORK);
	assert_has(g.err.text, "delete application a1: ");
	session_expect_lost(&S, "DELETE" AT, ATTEMPTS);
	session_expect_lost(&S, "GET" AT, 1);
	assert_int_equal(delete_it().err.kind, ERR_NETWORK);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SESSION_TEST(listed_as_pages_come),
		SESSION_TEST(lists_that_break),
		SESSION_TEST(got_by_id),
		SESSION_TEST(created),
		SESSION_TEST(tokens_tell_creates_apart),
		SESSION_TEST(create_lost_and_found),
		SESSION_TEST(create_lost_and_not_found),
		SESSION_TEST(create_lost_and_the_look_fails),
		SESSION_TEST(token_used_and_ours_there),
		SESSION_TEST(token_used_and_the_next_taken),
		SESSION_TEST(token_of_one_that_is_deleted),
		SESSION_TEST(token_of_one_that_was_renamed),
		SESSION_TEST(token_of_one_that_was_moved),
		SESSION_TEST(all_tokens_used),
		SESSION_TEST(token_used_and_the_look_fails),
		SESSION_TEST(updated),
		SESSION_TEST(update_repeated_and_equal),
		SESSION_TEST(update_repeated_and_unequal),
		SESSION_TEST(update_lost),
		SESSION_TEST(moved),
		SESSION_TEST(move_lost),
		SESSION_TEST(deleted),
		SESSION_TEST(delete_repeated_and_changed),
		SESSION_TEST(delete_lost),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
