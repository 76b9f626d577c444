/* Applications over the REST contract, against the real store. */
#include "twin_service.h"

#include "local/dataflow/dataflow_row.h"

static const char *const with_token[] = {"opc-retry-token", "token-1", NULL};

static void test_create_and_get(void **state)
{
	(void)state;
	const char *id = create_app(
		"copy", ",'arguments':['${day}'],'parameters':[{'name':'day','value':'1'}]");
	assert_true(text_starts(id, "ocid1.dataflowapplication.oc1.iad.anw"));
	assert_int_equal(strlen(strrchr(id, '.') + 1), 60);
	assert_string_equal(told("lifecycleState"), "ACTIVE");
	assert_string_equal(told("type"), "BATCH");
	assert_string_equal(told("timeCreated"), told("timeUpdated"));
	assert_string_equal(told("ownerPrincipalId"), twin.service.user);
	assert_string_equal(told("archiveUri"), "");
	assert_string_equal(told("privateEndpointId"), "");
	assert_string_equal(told("logsBucketUri"), "oci://dataflow-logs@ns/");
	static const char *const nulls[] = {"description", "configuration", "execute",
		"metastoreId", "warehouseBucketUri", "className", NULL};
	for (const char *const *n = nulls; *n; n++)
		assert_int_equal(node_get(twin.body, *n)->kind, NODE_NULL);
	assert_int_equal(node_get(twin.body, "freeformTags")->kind, NODE_MAP);
	assert_int_equal(node_get(twin.body, "definedTags")->kind, NODE_MAP);
	char *made = twin.text;
	assert_non_null(header("etag"));
	char *etag = arena_strdup(&twin.arena, header("etag"));

	ask("GET", arena_printf(&twin.arena, API "/applications/%s", id), NULL, NULL);
	expect(200);
	assert_string_equal(twin.text, made);
	assert_string_equal(header("etag"), etag);
	ask("GET", API "/applications/ocid1.dataflowapplication.oc1.iad.none", NULL, NULL);
	expect_error(404, "NotAuthorizedOrNotFound", "not found");
}

static void refused(const char *body, int status, const char *code, const char *part)
{
	ask("POST", API "/applications", NULL, json("%s", body));
	expect_error(status, code, part);
}

#define MIN APP_FIELDS ",'displayName':'x','fileUri':'oci://code@ns/a.py'"

static void test_bad_creates(void **state)
{
	(void)state;
	refused("{", 400, "CannotParseRequest", "JSON");
	refused("{'compartmentId':'" TENANCY "'}", 400, "MissingParameter", "displayName");
	refused("{" MIN "}", 400, "MissingParameter", "language");
	refused("{" MIN ",'language':'COBOL'}", 400, "InvalidParameter", "language");
	refused("{" MIN ",'language':'PYTHON','numExecutor':1}", 400, "InvalidParameter",
		"numExecutors");
	refused("{" MIN ",'language':'PYTHON','lifecycleState':'ACTIVE'}", 400, "InvalidParameter",
		"lifecycleState");
	refused("{" MIN ",'language':'PYTHON','archiveUri':'http://x'}", 400, "InvalidParameter",
		"archiveUri");
	refused("{" MIN ",'language':'PYTHON','configuration':{'spark.master':'local'}}", 400,
		"InvalidParameter", "spark.master");
	refused("{" MIN ",'language':'PYTHON','arguments':['a','${day}']}", 400, "InvalidParameter",
		"arguments[1] names ${day}");
	refused("{" MIN ",'language':'SQL','arguments':['a']}", 400, "InvalidParameter", "SQL");
	refused("{" MIN ",'language':'PYTHON','className':'A'}", 400, "InvalidParameter",
		"className");
	refused("{" APP_FIELDS ",'displayName':'x','language':'PYTHON'}", 400, "MissingParameter",
		"fileUri");
	refused("{'compartmentId':'ocid1.compartment.oc1..other','displayName':'x','language':'PYTHON',"
		"'driverShape':'a','executorShape':'a','numExecutors':1,'sparkVersion':'3.5.0',"
		"'fileUri':'oci://a@b/c'}",
		404, "NotAuthorizedOrNotFound", "Authorization failed");
	ask("GET", API "/applications?compartmentId=" TENANCY, NULL, NULL);
	assert_string_equal(twin.text, "[]");
}

static void test_retry_token(void **state)
{
	(void)state;
	const char *body = json("{" MIN ",'language':'PYTHON'}");
	ask("POST", API "/applications", with_token, body);
	expect(200);
	const char *id = told("id"), *first = twin.text;
	ask("POST", API "/applications", with_token, body);
	expect(200);
	assert_string_equal(twin.text, first);
	ask("POST", API "/applications", with_token,
		json("{" MIN ",'language':'PYTHON','description':'d'}"));
	expect_error(409, "InvalidatedRetryToken", "another request");
	ask("GET", API "/applications?compartmentId=" TENANCY, NULL, NULL);
	assert_int_equal(twin.body->u.seq.n, 1);

	ask("DELETE", arena_printf(&twin.arena, API "/applications/%s", id), NULL, NULL);
	expect(204);
	ask("POST", API "/applications", with_token, body);
	expect_error(409, "InvalidatedRetryToken", "deleted");
	ask("POST", API "/applications", (const char *const[]){"opc-retry-token", "token-2", NULL},
		body);
	expect(200);
	assert_string_not_equal(told("id"), id);

	char long_token[66];
	memset(long_token, 't', 65);
	long_token[65] = '\0';
	ask("POST", API "/applications", (const char *const[]){"opc-retry-token", long_token, NULL},
		body);
	expect_error(400, "InvalidParameter", "opc-retry-token");
}

static bool keep(sqlite3 *db, void *ctx, struct err *err)
{
	return dataflow_retry_keep(db, ctx, "the-id", 1000, err);
}

static void test_retry_token_lives_a_day(void **state)
{
	(void)state;
	static const int64_t day = 24LL * 3600 * 1000;
	struct dataflow_retry r = {.operation = "CreateRun", .token = "t", .request = "sum"};
	struct err err;
	const char *id;
	sqlite3 *db = store_db(twin.service.store);
	assert_true(store_write(twin.service.store, keep, &r, &err));
	assert_int_equal(
		dataflow_retry_find(db, &r, 999 + day, &twin.arena, &id), DATAFLOW_RETRY_SAME);
	assert_string_equal(id, "the-id");
	assert_int_equal(
		dataflow_retry_find(db, &r, 1000 + day, &twin.arena, &id), DATAFLOW_RETRY_NEW);
	r.operation = "CreateApplication";
	assert_int_equal(dataflow_retry_find(db, &r, 1001, &twin.arena, &id), DATAFLOW_RETRY_NEW);
}

static void test_update(void **state)
{
	(void)state;
	const char *id = create_app("copy",
		",'description':'d','arguments':['a'],'configuration':{'a':'b'},"
		"'freeformTags':{'team':'x'}");
	const char *url = arena_printf(&twin.arena, API "/applications/%s", id);
	char *before = arena_strdup(&twin.arena, told("timeUpdated"));
	char *etag = arena_strdup(&twin.arena, header("etag"));
	const char *const match[] = {"if-match", etag, NULL};

	ask("PUT", url, match, json("{'numExecutors':3,'description':null}"));
	expect(200);
	assert_int_equal(node_get(twin.body, "numExecutors")->u.i, 3);
	assert_string_equal(told("description"), "d");
	assert_string_equal(told("displayName"), "copy");
	assert_int_equal(node_get(twin.body, "arguments")->u.seq.n, 1);
	assert_string_not_equal(header("etag"), etag);
	assert_true(strcmp(told("timeUpdated"), before) > 0);

	ask("PUT", url, match, json("{'numExecutors':4}"));
	expect_error(412, "NoEtagMatch", etag);

	ask("PUT", url, NULL,
		json("{'description':'','arguments':[],'configuration':{},'freeformTags':{},"
		     "'driverShapeConfig':{}}"));
	expect(200);
	assert_string_equal(told("description"), "");
	assert_true(node_is_empty(node_get(twin.body, "arguments")));
	assert_true(node_is_empty(node_get(twin.body, "configuration")));
	assert_true(node_is_empty(node_get(twin.body, "freeformTags")));
	assert_int_equal(node_get(twin.body, "driverShapeConfig")->kind, NODE_NULL);
	assert_int_equal(node_get(twin.body, "numExecutors")->u.i, 3);

	static const struct {
		const char *body, *part;
	} bad[] = {{"{'displayName':''}", "displayName"},
		{"{'compartmentId':'" TENANCY "'}", "compartmentId"},
		{"{'type':'STREAMING'}", "type"}, {"{'arguments':['${x}']}", "${x}"},
		{"{'numExecutors':0}", "numExecutors"}, {"{'fileUri':''}", "fileUri"}};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		ask("PUT", url, NULL, json("%s", bad[i].body));
		expect(400);
		assert_has(twin.message, bad[i].part);
	}
	ask("PUT", API "/applications/none", NULL, "{}");
	expect_error(404, "NotAuthorizedOrNotFound", "not found");
}

static void test_versions_in_one_millisecond_differ_in_time(void **state)
{
	(void)state;
	const char *id = create_app("copy", "");
	char *last = arena_strdup(&twin.arena, told("timeUpdated"));
	for (int i = 1; i < 20; i++) {
		ask("PUT", arena_printf(&twin.arena, API "/applications/%s", id), NULL,
			json("{'numExecutors':%d}", i));
		expect(200);
		assert_true(strcmp(told("timeUpdated"), last) > 0);
		last = arena_strdup(&twin.arena, told("timeUpdated"));
	}
}

static void test_deleted_is_listed_and_gone(void **state)
{
	(void)state;
	const char *id = create_app("copy", "");
	const char *url = arena_printf(&twin.arena, API "/applications/%s", id);
	ask("DELETE", url, (const char *const[]){"if-match", "other", NULL}, NULL);
	expect_error(412, "NoEtagMatch", "other");
	ask("DELETE", url, NULL, NULL);
	expect(204);
	ask("GET", url, NULL, NULL);
	expect(200);
	assert_string_equal(told("lifecycleState"), "DELETED");
	ask("GET", API "/applications?compartmentId=" TENANCY, NULL, NULL);
	assert_string_equal(node_get_str(twin.body->u.seq.v[0], "lifecycleState"), "DELETED");
	ask("DELETE", url, NULL, NULL);
	expect_error(404, "NotAuthorizedOrNotFound", "not found");
	ask("PUT", url, NULL, json("{'numExecutors':1}"));
	expect_error(404, "NotAuthorizedOrNotFound", "not found");
}

/* Names of the pages' items, joined; each page has at most limit. */
static char *names(const char *query, size_t limit)
{
	buf_auto all = {0};
	const char *page = "";
	for (;;) {
		ask("GET",
			arena_printf(&twin.arena, API "/%s&limit=%zu%s%s", query, limit,
				*page ? "&page=" : "", page),
			NULL, NULL);
		expect(200);
		assert_true(twin.body->u.seq.n <= limit);
		for (size_t i = 0; i < twin.body->u.seq.n; i++)
			buf_printf(&all, "%s ", node_get_str(twin.body->u.seq.v[i], "displayName"));
		if (!header("opc-next-page"))
			break;
		assert_int_equal(twin.body->u.seq.n, limit);
		page = text_percent(&twin.arena, header("opc-next-page"));
	}
	return arena_strdup(&twin.arena, buf_str(&all));
}

#define LIST "applications?compartmentId=" TENANCY

static void test_list(void **state)
{
	(void)state;
	static const char *const made[] = {"b", "a", "c", "a", "ab"};
	for (size_t i = 0; i < 5; i++)
		create_app(made[i], "");
	for (size_t limit = 1; limit <= 6; limit++) {
		assert_string_equal(names(LIST, limit), "ab a c a b ");
		assert_string_equal(names(LIST "&sortOrder=ASC", limit), "b a c a ab ");
		assert_string_equal(names(LIST "&sortBy=displayName", limit), "a a ab b c ");
		assert_string_equal(
			names(LIST "&sortBy=displayName&sortOrder=DESC", limit), "c b ab a a ");
		assert_string_equal(
			names(LIST "&sortBy=language&sortOrder=ASC", limit), "b a c a ab ");
		assert_string_equal(names(LIST "&displayName=a", limit), "a a ");
		assert_string_equal(
			names(LIST "&displayNameStartsWith=a&sortBy=displayName", limit),
			"a a ab ");
		assert_string_equal(names(LIST "&sparkVersion=3.2.1", limit), "");
	}
	ask("GET", API "/" LIST, NULL, NULL);
	const struct node *one = twin.body->u.seq.v[0];
	assert_int_equal(one->u.map.n, 14);
	assert_non_null(node_get_str(one, "timeUpdated"));
	assert_null(node_get(one, "fileUri"));
}

static void test_bad_lists(void **state)
{
	(void)state;
	static const struct {
		const char *query, *code, *part;
		int status;
	} bad[] = {
		{"", "MissingParameter", "compartmentId", 400},
		{"?compartmentId=other", "NotAuthorizedOrNotFound", "Authorization failed", 404},
		{"?compartmentId=" TENANCY "&displayName=a&sparkVersion=3.5.0", "InvalidParameter",
			"at most one filter", 400},
		{"?compartmentId=" TENANCY "&sortBy=colour", "InvalidParameter", "sortBy", 400},
		{"?compartmentId=" TENANCY "&sortOrder=UP", "InvalidParameter", "sortOrder", 400},
		{"?compartmentId=" TENANCY "&limit=0", "InvalidParameter", "limit", 400},
		{"?compartmentId=" TENANCY "&limit=x", "InvalidParameter", "limit", 400},
		{"?compartmentId=" TENANCY "&page=!", "InvalidParameter", "page", 400},
		{"?compartmentId=" TENANCY "&page=eHg", "InvalidParameter", "page", 400},
	};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		ask("GET", arena_printf(&twin.arena, API "/applications%s", bad[i].query), NULL,
			NULL);
		expect_error(bad[i].status, bad[i].code, bad[i].part);
	}
}

static void test_execute(void **state)
{
	(void)state;
	const char *id = create_app("e",
		",'execute':'--class org.x.Main --conf spark.a=b=c --jars=oci://b@ns/j.jar "
		"oci://code@ns/app.jar one \\'two words\\' three\\\\ four','arguments':['ignored']");
	assert_string_equal(told("language"), "JAVA");
	assert_string_equal(told("className"), "org.x.Main");
	assert_string_equal(told("fileUri"), "oci://code@ns/app.jar");
	const struct node *c = node_get(twin.body, "configuration"),
			  *a = node_get(twin.body, "arguments");
	assert_string_equal(node_get_str(c, "spark.a"), "b=c");
	assert_string_equal(node_get_str(c, "spark.jars"), "oci://b@ns/j.jar");
	assert_int_equal(a->u.seq.n, 3);
	assert_string_equal(a->u.seq.v[1]->text, "two words");
	assert_string_equal(a->u.seq.v[2]->text, "three four");

	/* What it says is not overruled; another one is. */
	const char *url = arena_printf(&twin.arena, API "/applications/%s", id);
	ask("PUT", url, NULL, json("{'arguments':['x']}"));
	expect(200);
	assert_int_equal(node_get(twin.body, "arguments")->u.seq.n, 3);
	ask("PUT", url, NULL, json("{'execute':'oci://code@ns/b.py'}"));
	expect(200);
	assert_string_equal(told("language"), "PYTHON");
	assert_true(node_is_empty(node_get(twin.body, "arguments")));

	static const char *const bad[] = {"--master local oci://a@b/c.py",
		"--conf x oci://a@b/c.py", "--class", "/tmp/x.py", "oci://a@b/c.py \\\"open",
		"--conf spark.master=x oci://a@b/c.py", "--class A"};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		ask("PUT", url, NULL, json("{'execute':'%s'}", bad[i]));
		expect_error(400, "InvalidParameter", "execute: ");
	}
}

static const char *compartment(const char *path)
{
	const struct identity_tenancy *t = &twin.identity->tenancies[0];
	for (size_t i = 0; i < t->compartments_n; i++)
		if (!strcmp(t->compartments[i].path, path))
			return t->compartments[i].id;
	fail_msg("no compartment %s", path);
	return NULL;
}

static void move(const char *id, const char *to, const char *const *headers)
{
	ask("POST", arena_printf(&twin.arena, API "/applications/%s/actions/changeCompartment", id),
		headers, json("{'compartmentId':'%s'}", to));
}

static size_t listed_in(const char *id)
{
	ask("GET", arena_printf(&twin.arena, API "/applications?compartmentId=%s", id), NULL, NULL);
	expect(200);
	return twin.body->u.seq.n;
}

static void test_lists_are_of_one_compartment(void **state)
{
	(void)state;
	create_app("root", "");
	ask("POST", API "/applications", NULL,
		json("{'compartmentId':'%s','displayName':'dev','language':'PYTHON','driverShape':'a',"
		     "'executorShape':'a','numExecutors':1,'sparkVersion':'3.5.0','fileUri':'oci://a@b/c'}",
			compartment("dev")));
	expect(200);
	assert_string_equal(told("compartmentId"), compartment("dev"));
	assert_int_equal(listed_in(TENANCY), 1);
	assert_int_equal(listed_in(compartment("dev")), 1);
	assert_int_equal(listed_in(compartment("test")), 0);
}

static void test_move(void **state)
{
	(void)state;
	const char *id = create_app("wanderer", ""), *dev = compartment("dev");
	const char *etag = arena_strdup(&twin.arena, header("etag"));
	move(id, dev, (const char *const[]){"if-match", "other", NULL});
	expect_error(412, "NoEtagMatch", "if-match");
	move(id, dev, (const char *const[]){"if-match", etag, "opc-retry-token", "t", NULL});
	expect(204);
	assert_string_not_equal(header("etag"), etag);
	assert_int_equal(listed_in(TENANCY), 0);
	assert_int_equal(listed_in(dev), 1);
	/* The reply was lost, and the move is asked for again, with the etag that has gone. */
	move(id, dev, (const char *const[]){"if-match", etag, "opc-retry-token", "t", NULL});
	expect(204);
	move(id, compartment("test"), (const char *const[]){"opc-retry-token", "t", NULL});
	expect_error(409, "InvalidatedRetryToken", "another request");
	/* The same token of another application's move is another one. */
	move(create_app("second", ""), dev, (const char *const[]){"opc-retry-token", "t", NULL});
	expect(204);
	assert_int_equal(listed_in(dev), 2);
}

static void test_bad_moves(void **state)
{
	(void)state;
	const char *id = create_app("stays", "");
	const char *target =
		arena_printf(&twin.arena, API "/applications/%s/actions/changeCompartment", id);
	move(id, "ocid1.compartment.oc1..other", NULL);
	expect_error(404, "NotAuthorizedOrNotFound", "Authorization failed");
	move("ocid1.dataflowapplication.oc1..none", compartment("dev"), NULL);
	expect_error(404, "NotAuthorizedOrNotFound", "Authorization failed");
	ask("POST", target, NULL, "{}");
	expect_error(400, "MissingParameter", "compartmentId");
	ask("POST", target, NULL, json("{'compartmentId':1}"));
	expect_error(400, "InvalidParameter", "compartmentId");
	ask("POST", target, NULL, json("{'compartmentId':'%s','more':1}", compartment("dev")));
	expect_error(400, "InvalidParameter", "more");
	assert_int_equal(listed_in(TENANCY), 1);
	ask("DELETE", arena_printf(&twin.arena, API "/applications/%s", id), NULL, NULL);
	expect(204);
	move(id, compartment("dev"), NULL);
	expect_error(404, "NotAuthorizedOrNotFound", "Authorization failed");
}

int main(void)
{
#define CASE(fn) cmocka_unit_test_setup_teardown(fn, twin_setup, twin_teardown)
	const struct CMUnitTest tests[] = {
		CASE(test_create_and_get),
		CASE(test_bad_creates),
		CASE(test_retry_token),
		CASE(test_retry_token_lives_a_day),
		CASE(test_update),
		CASE(test_versions_in_one_millisecond_differ_in_time),
		CASE(test_deleted_is_listed_and_gone),
		CASE(test_list),
		CASE(test_lists_are_of_one_compartment),
		CASE(test_move),
		CASE(test_bad_moves),
		CASE(test_bad_lists),
		CASE(test_execute),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
