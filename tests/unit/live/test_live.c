/* What is read of a live service, against a scripted one on a real connection. */
#include "live/live.h"

#include "../twin.h"
#include "harness/server.h"
#include "unit.h"

#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <stdio.h>
#include <stdlib.h>

enum { PAGE_DELAY_MS = 1000 };

/* What the service answers to a request line that begins so; the first that fits. */
struct answer {
	const char *line;
	struct server_reply reply;
};
static struct {
	struct answer answers[64];
	size_t n;
	int64_t app_asked; /* when an application was asked for by itself; 0: never */
	int64_t page_sent; /* when the second page goes out, which is held back */
} S;

static struct arena A;
static struct server *server;
static struct oci_config config;
static struct oci *oci;
static struct resources want, live;
static struct live_query query;
static const char *compartments[] = {"ocid1.compartment.oc1..c", "ocid1.compartment.oc1..d"};
static struct err err;

static void answer(const char *line, struct server_reply reply)
{
	assert_true(S.n < 64);
	S.answers[S.n++] = (struct answer){line, reply};
}

static void answer_body(const char *line, const char *body)
{
	answer(line, (struct server_reply){.body = body});
}

static const struct server_reply not_found = {
	.status = 404, .body = "{\"code\":\"BucketNotFound\",\"message\":\"no such bucket\"}"};

static struct server_reply handle(void *ctx, const struct server_request *r)
{
	(void)ctx;
	if (strstr(r->line, "page=2"))
		S.page_sent = clock_mono(&clock_system) + PAGE_DELAY_MS;
	if (!strncmp(r->line, "GET /20200129/applications/", 27))
		S.app_asked = clock_mono(&clock_system);
	for (size_t i = 0; i < S.n; i++)
		if (!strncmp(r->line, S.answers[i].line, strlen(S.answers[i].line)))
			return S.answers[i].reply;
	return not_found;
}

static int make_key(void **state)
{
	(void)state;
	config = (struct oci_config){.file = "config",
		.profile = "DEFAULT",
		.tenancy = "t",
		.user = "u",
		.fingerprint = "f",
		.region = "us-ashburn-1",
		.key = EVP_RSA_gen(2048)};
	return config.key ? 0 : -1;
}

static int free_key(void **state)
{
	(void)state;
	EVP_PKEY_free(config.key);
	return 0;
}

static int setup(void **state)
{
	(void)state;
	S.n = 0;
	S.app_asked = S.page_sent = 0;
	server = server_start_handler(handle, NULL);
	struct oci_options o = {.config = &config, .endpoint = server_url(server), .attempts = 1};
	oci = oci_new(&o, &err);
	want = twin_want(&A);
	live = (struct resources){0};
	query = (struct live_query){.ns = "ns",
		.compartments = {compartments, 1},
		.pipeline = "flights",
		.target = "local",
		.want = &want};
	return oci ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	oci_free(oci);
	server_stop(server);
	arena_clear(&A);
	return 0;
}

static const struct resource *found(const char *address)
{
	const struct resource *r = resources_find(&live, address);
	if (!r)
		fail_msg("%s was not found", address);
	return r;
}

/* How many requests began so. */
static size_t asked(const char *line)
{
	size_t n = 0;
	for (size_t i = 0; i < server_requests(server); i++)
		n += !strncmp(server_request(server, i).line, line, strlen(line));
	return n;
}

static void buckets_are_there(void)
{
	answer_body("GET /n/ns/b/flights/o?", "{\"objects\":[]}");
	answer_body("GET /n/ns/b/logs/o?", "{\"objects\":[]}");
	answer_body("GET /n/ns/b/flights", "{\"name\":\"flights\",\"namespace\":\"ns\"}");
	answer_body("GET /n/ns/b/logs", "{\"name\":\"logs\",\"namespace\":\"ns\"}");
}

static void no_applications(void)
{
	answer_body("GET /20200129/applications?", "[]");
}

static const char *summary(const char *id, const char *name, const char *state, const char *tag)
{
	return arena_printf(&A,
		"{\"id\":\"%s\",\"displayName\":\"%s\",\"lifecycleState\":\"%s\","
		"\"freeformTags\":{\"weir\":\"%s\"}}",
		id, name, state, tag);
}

static void application(const char *id, const char *body)
{
	answer(arena_printf(&A, "GET /20200129/applications/%s", id),
		(struct server_reply){.body = body, .fields = "etag: e1\r\n"});
}

static void test_nothing_is_there(void **state)
{
	(void)state;
	no_applications();
	assert_true(live_read(oci, &query, &live, &err));
	assert_int_equal(live.n, 0);
}

static void test_which_applications_count(void **state)
{
	(void)state;
	buckets_are_there();
	answer_body("GET /20200129/applications?",
		arena_printf(&A, "[%s,%s,%s,%s,%s,%s,%s]",
			summary("ours", "any", "ACTIVE", "flights/local/delays"),
			summary("asleep", "any", "INACTIVE", "flights/local/old"),
			summary("gone", "any", "DELETED", "flights/local/ingest"),
			summary("going", "flights-routes", "DELETING", "flights/local/routes"),
			summary("other", "flights-ingest", "ACTIVE", "trains/local/ingest"),
			summary("odd", "any", "ACTIVE", "flights/local/Not A Key"),
			summary("far", "far", "ACTIVE", "flights/prod/delays")));
	application("ours", summary("ours", "any", "ACTIVE", "flights/local/delays"));
	application("asleep", summary("asleep", "any", "INACTIVE", "flights/local/old"));
	assert_true(live_read(oci, &query, &live, &err));
	assert_string_equal(found("apps.delays")->id, "ours");
	assert_string_equal(found("apps.delays")->etag, "e1");
	assert_string_equal(found("apps.old")->id, "asleep");
	assert_string_equal(found("apps.ingest")->id, "other");
	assert_true(found("apps.ingest")->foreign);
	assert_false(found("apps.old")->foreign);
	assert_int_equal(live.n, 3 + 2);
	assert_int_equal(asked("GET /20200129/applications/"), 2);
	assert_int_equal(asked("GET /20200129/applications?"), 1);
}

/* One that is moved while the lists are read is in both. */
static void test_each_compartment_is_listed_once(void **state)
{
	(void)state;
	buckets_are_there();
	query.compartments.n = 2;
	const char *ours = summary("ours", "x", "ACTIVE", "flights/local/delays");
	answer_body("GET /20200129/applications?compartmentId=ocid1.compartment.oc1..c&",
		arena_printf(&A, "[%s]", ours));
	answer_body("GET /20200129/applications?compartmentId=ocid1.compartment.oc1..d&",
		arena_printf(&A, "[%s,%s]", ours,
			summary("far", "y", "ACTIVE", "flights/local/routes")));
	application("ours", ours);
	application("far", summary("far", "y", "ACTIVE", "flights/local/routes"));
	assert_true(live_read(oci, &query, &live, &err));
	assert_string_equal(found("apps.delays")->id, "ours");
	assert_string_equal(found("apps.routes")->id, "far");
	assert_int_equal(live.n, 2 + 2);
	assert_int_equal(asked("GET /20200129/applications?"), 2);
	assert_int_equal(asked("GET /20200129/applications/"), 2);
}

/* After a renaming what bears the old name is ours too, in either place. */
static void test_what_had_another_name_before(void **state)
{
	(void)state;
	static const char *former[] = {"trips/local"};
	query.former = (struct strs){former, 1};
	answer_body("GET /n/ns/b/flights/o?prefix=weir%2Ftrips%2Flocal%2F",
		"{\"objects\":[{\"name\":\"weir/trips/local/scripts/x.py\",\"size\":1,"
		"\"md5\":\"m\",\"etag\":\"e\"}]}");
	buckets_are_there();
	answer_body("GET /20200129/applications?",
		arena_printf(&A, "[%s,%s]", summary("old", "x", "ACTIVE", "trips/local/delays"),
			summary("far", "y", "ACTIVE", "trips/prod/routes")));
	application("old", summary("old", "x", "ACTIVE", "trips/local/delays"));
	assert_true(live_read(oci, &query, &live, &err));
	assert_string_equal(found("apps.delays")->id, "old");
	assert_false(found("apps.delays")->foreign);
	found("oci://flights@ns/weir/trips/local/scripts/x.py");
	assert_int_equal(live.n, 2 + 2);
}

/* By its OCID, wherever it is; a list that has it too is not asked for it again. */
static void test_what_is_adopted(void **state)
{
	(void)state;
	struct resource *delays = (struct resource *)resources_find(&want, "apps.delays");
	struct resource *routes = (struct resource *)resources_find(&want, "apps.routes");
	delays->adopt = "far";
	routes->adopt = "gone";
	buckets_are_there();
	answer_body("GET /20200129/applications?",
		arena_printf(&A, "[%s]", summary("far", "x", "ACTIVE", "")));
	application("far", summary("far", "x", "ACTIVE", ""));
	application("gone", summary("gone", "x", "DELETED", "flights/local/routes"));
	assert_true(live_read(oci, &query, &live, &err));
	assert_string_equal(found("apps.delays")->id, "far");
	assert_string_equal(found("apps.delays")->etag, "e1");
	assert_true(found("apps.delays")->foreign);
	assert_true(found("apps.routes")->foreign);
	assert_int_equal(live.n, 2 + 2);
	assert_int_equal(asked("GET /20200129/applications/"), 2);
	/* One that is not there is not there; the plan says so. */
	delays->adopt = "nowhere";
	answer("GET /20200129/applications/nowhere",
		(struct server_reply){.status = 404,
			.body = "{\"code\":\"NotAuthorizedOrNotFound\",\"message\":\"no\"}"});
	assert_true(live_read(oci, &query, &live, &err));
	assert_null(resources_find(&live, "apps.delays"));
}

static void test_gets_begin_while_the_listing_goes_on(void **state)
{
	(void)state;
	buckets_are_there();
	answer("GET /20200129/applications?compartmentId=ocid1.compartment.oc1..c&limit=1000&page=2",
		(struct server_reply){.body = "[]", .delay_ms = PAGE_DELAY_MS});
	answer("GET /20200129/applications?",
		(struct server_reply){.fields = "opc-next-page: 2\r\n",
			.body = arena_printf(&A, "[%s]",
				summary("ours", "x", "ACTIVE", "flights/local/delays"))});
	application("ours", summary("ours", "x", "ACTIVE", "flights/local/delays"));
	assert_true(live_read(oci, &query, &live, &err));
	assert_true(S.app_asked && S.app_asked < S.page_sent);
	assert_int_equal(asked("GET /20200129/applications?"), 2);
}

/* The list is under way, or has ended, before it is known what to look for: it is not asked for again. */
static void test_a_list_that_began_before(void **state)
{
	(void)state;
	buckets_are_there();
	answer_body("GET /20200129/applications?",
		arena_printf(&A, "[%s]", summary("ours", "x", "ACTIVE", "flights/local/delays")));
	application("ours", summary("ours", "x", "ACTIVE", "flights/local/delays"));
	for (int ended = 0; ended < 2; ended++) {
		query.ahead = live_ahead_begin(oci, "ocid1.compartment.oc1..c");
		if (ended)
			assert_true(oci_run(oci, &err));
		else
			http_kick(oci_http(oci));
		live = (struct resources){0};
		assert_true(live_read(oci, &query, &live, &err));
		assert_string_equal(found("apps.delays")->id, "ours");
		assert_int_equal(asked("GET /20200129/applications?"), ended + 1);
	}
	/* Of another compartment than those that count: that one is listed all the same. */
	query.ahead = live_ahead_begin(oci, "another");
	assert_true(live_read(oci, &query, &live, &err));
	assert_int_equal(asked("GET /20200129/applications?"), 4);
}

static void test_a_list_that_failed_before(void **state)
{
	(void)state;
	buckets_are_there();
	answer("GET /20200129/applications?",
		(struct server_reply){.status = 401,
			.body = "{\"code\":\"NotAuthenticated\",\"message\":\"who?\"}"});
	query.ahead = live_ahead_begin(oci, "ocid1.compartment.oc1..c");
	assert_true(oci_run(oci, &err));
	assert_false(live_read(oci, &query, &live, &err));
	assert_int_equal(err.kind, ERR_AUTH);
}

static void test_deleted_between_list_and_get(void **state)
{
	(void)state;
	buckets_are_there();
	answer_body("GET /20200129/applications?",
		arena_printf(&A, "[%s,%s]", summary("gone", "x", "ACTIVE", "flights/local/delays"),
			summary("going", "x", "ACTIVE", "flights/local/routes")));
	application("going", summary("going", "x", "DELETING", "flights/local/routes"));
	answer("GET /20200129/applications/gone",
		(struct server_reply){.status = 404,
			.body = "{\"code\":\"NotAuthorizedOrNotFound\",\"message\":\"no\"}"});
	assert_true(live_read(oci, &query, &live, &err));
	assert_int_equal(live.n, 2); /* the buckets */
}

static void test_objects_under_our_prefix(void **state)
{
	(void)state;
	no_applications();
	answer_body("GET /n/ns/b/flights/o?",
		"{\"objects\":["
		"{\"name\":\"weir/flights/local/scripts/delays.py\",\"size\":6,\"md5\":"
		"\"d/27BxcyDTfJalQrVvB7aQ==\",\"etag\":\"e2\"},"
		"{\"name\":\"weir/flights/local/objects/airlines.csv\",\"size\":99,"
		"\"md5\":\"kLkHV8M2V4B1TLtbQXmB2Q==-3\",\"etag\":\"e3\"},"
		"{\"name\":\"weir/flights/local/objects/large\",\"size\":99,"
		"\"md5\":\"kLkHV8M2V4B1TLtbQXmB2Q==-3\"},"
		"{\"name\":\"weir/flights/local/scripts/old.py\",\"size\":1,\"md5\":\"x\"},"
		"{\"name\":\"weir/flights/local/_meta/x\",\"size\":1,\"md5\":\"x\"},"
		"{\"name\":\"weir/flights/local/stray\",\"size\":1,\"md5\":\"x\"}]}");
	buckets_are_there();
	answer("HEAD /n/ns/b/flights/o/weir%2Fflights%2Flocal%2Fobjects%2Fairlines.csv",
		(struct server_reply){.fields = "etag: e3\r\nopc-meta-weir-sha256: abc\r\n"
						"opc-meta-weir-owner: flights/local\r\n"});
	assert_true(live_read(oci, &query, &live, &err));
	const struct resource *script = found("scripts.delays");
	assert_int_equal(script->object->size.v, 6);
	assert_string_equal(script->object->md5, "d/27BxcyDTfJalQrVvB7aQ==");
	assert_string_equal(script->etag, "e2");
	assert_string_equal(script->id, "oci://flights@ns/weir/flights/local/scripts/delays.py");
	const struct resource *parts = found("objects.airlines");
	assert_string_equal(parts->object->sha256, "abc");
	assert_string_equal(parts->object->owner, "flights/local");
	assert_string_equal(parts->object->bucket, "flights");
	assert_non_null(found("oci://flights@ns/weir/flights/local/scripts/old.py"));
	assert_non_null(found("oci://flights@ns/weir/flights/local/objects/large"));
	assert_int_equal(live.n, 4 + 2);
	bool by_prefix = false;
	for (size_t i = 0; i < server_requests(server); i++)
		by_prefix |= !!strstr(
			server_request(server, i).line, "prefix=weir%2Fflights%2Flocal%2F");
	assert_true(by_prefix);
	assert_int_equal(asked("HEAD "), 1); /* of what is wanted and came in parts */
}

static void test_object_with_a_name_of_its_own(void **state)
{
	(void)state;
	no_applications();
	buckets_are_there();
	twin_object(&want, &A, "objects.mine", "/data/mine.csv", "x");
	twin_object(&want, &A, "objects.new", "/data/new.csv", "x");
	answer("HEAD /n/ns/b/flights/o/data%2Fmine.csv",
		(struct server_reply){.fields = "etag: e4\r\ncontent-md5: qq==\r\n"});
	assert_true(live_read(oci, &query, &live, &err));
	assert_string_equal(found("objects.mine")->object->name, "data/mine.csv");
	assert_null(found("objects.mine")->object->owner);
	assert_null(resources_find(&live, "objects.new"));
}

static void test_bucket_that_the_file_does_not_declare(void **state)
{
	(void)state;
	no_applications();
	buckets_are_there();
	twin_drop(&want, "buckets.logs");
	twin_drop(&want, "buckets.flights");
	assert_true(live_read(oci, &query, &live, &err));
	assert_int_equal(live.n, 0);
	assert_int_equal(asked("GET /n/ns/b/flights/o?"), 1);
	assert_int_equal(asked("GET /n/ns/b/logs"), 1);
}

static void test_missing_bucket_that_is_needed(void **state)
{
	(void)state;
	no_applications();
	answer_body("GET /n/ns/b/logs", "{\"name\":\"logs\",\"namespace\":\"ns\"}");
	twin_drop(&want, "buckets.logs");
	twin_drop(&want, "buckets.flights");
	assert_false(live_read(oci, &query, &live, &err));
	assert_int_equal(err.kind, ERR_NOT_FOUND);
	assert_has(err.text, "scripts.ingest needs bucket flights");
	assert_has(err.text, "declare bucket flights under `buckets:`");
	assert_has(err.text, "Allow group");
}

static void test_missing_logs_bucket(void **state)
{
	(void)state;
	no_applications();
	answer_body("GET /n/ns/b/flights", "{\"objects\":[]}");
	twin_drop(&want, "buckets.logs");
	assert_false(live_read(oci, &query, &live, &err));
	assert_int_equal(err.kind, ERR_NOT_FOUND);
	assert_has(err.text, "apps.ingest needs bucket logs");
	/* A bucket of another namespace is not ours to see. */
	for (size_t i = 0; i < want.n; i++)
		if (want.v[i].kind == RESOURCE_APPLICATION)
			((struct application *)want.v[i].app)->logs_bucket_uri = "oci://logs@far/";
	assert_true(live_read(oci, &query, &live, &err));
}

static void test_scripts_where_the_file_no_longer_looks(void **state)
{
	(void)state;
	answer_body("GET /20200129/applications?",
		arena_printf(&A, "[%s]", summary("a", "x", "ACTIVE", "flights/local/delays")));
	application("a",
		"{\"id\":\"a\",\"displayName\":\"x\",\"lifecycleState\":\"ACTIVE\","
		"\"freeformTags\":{\"weir\":\"flights/local/delays\"},"
		"\"fileUri\":\"oci://before@ns/weir/flights/local/scripts/delays.py\"}");
	answer_body("GET /n/ns/b/before/o?",
		"{\"objects\":[{\"name\":\"weir/flights/local/scripts/delays.py\",\"size\":6,"
		"\"md5\":\"x\"}]}");
	buckets_are_there();
	assert_true(live_read(oci, &query, &live, &err));
	assert_non_null(found("oci://before@ns/weir/flights/local/scripts/delays.py"));
}

static void test_an_error_ends_the_reading(void **state)
{
	(void)state;
	buckets_are_there();
	answer("GET /20200129/applications?",
		(struct server_reply){.status = 401,
			.body = "{\"code\":\"NotAuthenticated\",\"message\":\"who?\"}"});
	assert_false(live_read(oci, &query, &live, &err));
	assert_int_equal(err.kind, ERR_AUTH);
	assert_has(err.text, "read the live service: ");
	assert_int_equal(live.n, 0);
}

static void test_text(void **state)
{
	(void)state;
	const char *text = NULL;
	answer_body("GET /n/ns/b/b/o/text", "print(1)\n");
	answer("GET /n/ns/b/b/o/binary", (struct server_reply){.body = "a\0b", .body_len = 3});
	answer_body("GET /n/ns/b/b/o/latin", "\xe9");
	char *large = arena_alloc(&A, (1 << 20) + 2);
	memset(large, 'x', (1 << 20) + 1);
	answer_body("GET /n/ns/b/b/o/large", large);
	assert_true(live_text(oci, "ns", "b", "text", &text, &err));
	assert_string_equal(text, "print(1)\n");
	static const char *const none[] = {"binary", "latin", "large", "gone"};
	for (size_t i = 0; i < 4; i++) {
		text = "before";
		if (!live_text(oci, "ns", "b", none[i], &text, &err))
			fail_msg("%s: %s", none[i], err.text);
		assert_null(text);
	}
	answer("GET /n/ns/b/b/o/secret",
		(struct server_reply){
			.status = 403, .body = "{\"code\":\"NotAllowed\",\"message\":\"no\"}"});
	assert_false(live_text(oci, "ns", "b", "secret", &text, &err));
	assert_int_equal(err.kind, ERR_PERMISSION);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_nothing_is_there),
		TEST(test_which_applications_count),
		TEST(test_each_compartment_is_listed_once),
		TEST(test_what_had_another_name_before),
		TEST(test_what_is_adopted),
		TEST(test_gets_begin_while_the_listing_goes_on),
		TEST(test_a_list_that_began_before),
		TEST(test_a_list_that_failed_before),
		TEST(test_deleted_between_list_and_get),
		TEST(test_objects_under_our_prefix),
		TEST(test_object_with_a_name_of_its_own),
		TEST(test_bucket_that_the_file_does_not_declare),
		TEST(test_missing_bucket_that_is_needed),
		TEST(test_missing_logs_bucket),
		TEST(test_scripts_where_the_file_no_longer_looks),
		TEST(test_an_error_ends_the_reading),
		TEST(test_text),
	};
	return cmocka_run_group_tests(tests, make_key, free_key);
}
