/* Runs over the REST contract; no runner, so that they stay ACCEPTED. */
#include "twin_service.h"

static const char *create_run(const char *app, const char *more)
{
	ask("POST", API "/runs", NULL,
		json("{'compartmentId':'" TENANCY "','applicationId':'%s'%s}", app, more));
	expect(200);
	return told("id");
}

static void test_run_inherits(void **state)
{
	(void)state;
	const char *app = create_app("copy",
		",'arguments':['--day','${day}'],'parameters':[{'name':'day','value':'1'}],"
		"'configuration':{'spark.a':'1'},'archiveUri':'oci://code@ns/a.zip',"
		"'warehouseBucketUri':'oci://w@ns/','maxDurationInMinutes':5,'description':'d',"
		"'freeformTags':{'team':'x'},'logsBucketUri':'oci://logs@ns/p'");
	const char *id = create_run(app, "");
	assert_true(text_starts(id, "ocid1.dataflowrun.oc1.iad.anw"));
	assert_string_equal(told("applicationId"), app);
	assert_string_equal(told("displayName"), "copy");
	assert_string_equal(told("lifecycleState"), "ACCEPTED");
	assert_string_equal(told("language"), "PYTHON");
	assert_string_equal(told("fileUri"), "oci://code@ns/job.py");
	assert_string_equal(told("sparkVersion"), "3.5.0");
	assert_string_equal(told("archiveUri"), "oci://code@ns/a.zip");
	assert_string_equal(told("logsBucketUri"), "oci://logs@ns/p");
	assert_string_equal(told("warehouseBucketUri"), "oci://w@ns/");
	assert_string_equal(told("execute"), "");
	assert_string_equal(node_get_str(node_get(twin.body, "configuration"), "spark.a"), "1");
	assert_string_equal(node_get_str(node_get(twin.body, "freeformTags"), "team"), "x");
	assert_string_equal(node_get(twin.body, "arguments")->u.seq.v[1]->text, "${day}");
	assert_int_equal(node_get(twin.body, "maxDurationInMinutes")->u.i, 5);
	assert_int_equal(node_get(twin.body, "totalOCpu")->u.i, 3);
	static const char *const zeros[] = {
		"dataReadInBytes", "dataWrittenInBytes", "runDurationInMilliseconds", NULL};
	for (const char *const *z = zeros; *z; z++)
		assert_int_equal(node_get(twin.body, *z)->u.i, 0);
	static const char *const nulls[] = {"lifecycleDetails", "privateEndpointId", "poolId",
		"className", "privateEndpointDnsZones", "privateEndpointSubnetId", NULL};
	for (const char *const *n = nulls; *n; n++)
		if (!node_is_empty(node_get(twin.body, *n)))
			fail_msg("%s is not empty", *n);
	const char *slash = strchr(told("opcRequestId"), '/');
	assert_non_null(slash);
	assert_null(strchr(slash + 1, '/'));

	char *made = twin.text;
	ask("GET", arena_printf(&twin.arena, API "/runs/%s", id), NULL, NULL);
	expect(200);
	assert_string_equal(twin.text, made);
	ask("GET", API "/runs/none", NULL, NULL);
	expect_error(404, "NotAuthorizedOrNotFound", "not found");
}

static void test_run_overrides(void **state)
{
	(void)state;
	const char *app = create_app("copy",
		",'arguments':['${day}'],'parameters':[{'name':'day','value':'1'},{'name':'b','value':'2'}],"
		"'archiveUri':'oci://code@ns/a.zip','freeformTags':{'team':'x'}");
	create_run(app,
		",'displayName':'mine','arguments':['${c}'],'parameters':[{'name':'c','value':'3'}],"
		"'archiveUri':'','numExecutors':4,'freeformTags':{},'sparkVersion':'3.5.0'");
	assert_string_equal(told("displayName"), "mine");
	assert_string_equal(told("archiveUri"), "");
	assert_true(node_is_empty(node_get(twin.body, "freeformTags")));
	/* Lists are replaced, not merged. */
	assert_int_equal(node_get(twin.body, "parameters")->u.seq.n, 1);
	assert_int_equal(node_get(twin.body, "totalOCpu")->u.i, 9);

	/* A run keeps what it was made with. */
	const char *id = told("id");
	ask("PUT", arena_printf(&twin.arena, API "/applications/%s", app), NULL,
		json("{'numExecutors':7}"));
	ask("GET", arena_printf(&twin.arena, API "/runs/%s", id), NULL, NULL);
	assert_int_equal(node_get(twin.body, "numExecutors")->u.i, 4);
}

static void test_bad_runs(void **state)
{
	(void)state;
	const char *app = create_app(
		"copy", ",'arguments':['${day}'],'parameters':[{'name':'day','value':'1'}]");
	ask("POST", API "/applications", NULL,
		json("{" APP_FIELDS
		     ",'displayName':'q','language':'SQL','fileUri':'oci://code@ns/q.sql',"
		     "'parameters':[{'name':'origin','value':'JFK'}]}"));
	expect(200);
	const char *sql = told("id");
	ask("POST", API "/applications", NULL,
		json("{" APP_FIELDS ",'displayName':'s','language':'PYTHON','type':'SESSION',"
		     "'fileUri':'oci://code@ns/s.py'}"));
	expect(200);
	const char *session = told("id");
	const struct {
		const char *app, *more, *code, *part;
		int status;
	} bad[] = {
		{app, ",'parameters':[{'name':'other','value':'1'}]", "InvalidParameter", "${day}",
			400},
		{app, ",'arguments':['${x}']", "InvalidParameter", "${x}", 400},
		{app, ",'fileUri':'oci://code@ns/other.py'", "InvalidParameter", "fileUri", 400},
		{app, ",'sparkVersion':'3.2.1'", "InvalidParameter", "sparkVersion", 400},
		{app, ",'configuration':{'spark.master':'x'}", "InvalidParameter", "spark.master",
			400},
		{app, ",'execute':'nothing'", "InvalidParameter", "execute", 400},
		{sql, ",'parameters':[{'name':'dest','value':'x'}]", "InvalidParameter", "dest",
			400},
		{session, "", "InvalidParameter", "SESSION", 400},
		{"ocid1.dataflowapplication.oc1.iad.none", "", "NotAuthorizedOrNotFound",
			"applicationId", 404},
		{"", "", "MissingParameter", "applicationId or execute", 400},
	};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		ask("POST", API "/runs", NULL,
			json("{'compartmentId':'" TENANCY "','applicationId':'%s'%s}", bad[i].app,
				bad[i].more));
		expect_error(bad[i].status, bad[i].code, bad[i].part);
	}
	ask("POST", API "/runs", NULL, json("{'applicationId':'%s'}", app));
	expect_error(400, "MissingParameter", "compartmentId");
	ask("DELETE", arena_printf(&twin.arena, API "/applications/%s", app), NULL, NULL);
	ask("POST", API "/runs", NULL,
		json("{'compartmentId':'" TENANCY "','applicationId':'%s'}", app));
	expect_error(404, "NotAuthorizedOrNotFound", "applicationId");
	ask("GET", API "/runs?compartmentId=" TENANCY, NULL, NULL);
	assert_string_equal(twin.text, "[]");
}

static void test_run_retry_token(void **state)
{
	(void)state;
	static const char *const token[] = {"opc-retry-token", "t", NULL};
	const char *app = create_app("copy", "");
	char *body = json("{'compartmentId':'" TENANCY "','applicationId':'%s'}", app);
	ask("POST", API "/runs", token, body);
	expect(200);
	const char *id = told("id");
	ask("POST", API "/runs", token, body);
	expect(200);
	assert_string_equal(told("id"), id);
	ask("POST", API "/runs", NULL, body);
	expect(200);
	assert_string_not_equal(told("id"), id);
}

static void test_submit_makes_an_application(void **state)
{
	(void)state;
	ask("POST", API "/runs", NULL,
		json("{'compartmentId':'" TENANCY "','execute':'oci://code@ns/dir/job.py a b'}"));
	expect(200);
	assert_string_equal(told("fileUri"), "oci://code@ns/dir/job.py");
	assert_string_equal(told("displayName"), "job.py");
	assert_int_equal(node_get(twin.body, "arguments")->u.seq.n, 2);
	ask("GET", arena_printf(&twin.arena, API "/applications/%s", told("applicationId")), NULL,
		NULL);
	expect(200);
	assert_string_equal(told("displayName"), "job.py");
	assert_string_equal(told("execute"), "oci://code@ns/dir/job.py a b");
}

static void test_update_run(void **state)
{
	(void)state;
	const char *id = create_run(create_app("copy", ""), "");
	const char *url = arena_printf(&twin.arena, API "/runs/%s", id);
	char *etag = arena_strdup(&twin.arena, header("etag"));
	ask("PUT", url, (const char *const[]){"if-match", etag, NULL},
		json("{'freeformTags':{'a':'b'},'maxDurationInMinutes':9}"));
	expect(200);
	assert_string_equal(node_get_str(node_get(twin.body, "freeformTags"), "a"), "b");
	assert_int_equal(node_get(twin.body, "maxDurationInMinutes")->u.i, 9);
	ask("PUT", url, (const char *const[]){"if-match", etag, NULL}, json("{'freeformTags':{}}"));
	expect_error(412, "NoEtagMatch", etag);
	ask("PUT", url, NULL, json("{'numExecutors':3}"));
	expect_error(400, "InvalidParameter", "numExecutors");
}

static void test_cancel_without_a_runner(void **state)
{
	(void)state;
	const char *id = create_run(create_app("copy", ""), "");
	const char *url = arena_printf(&twin.arena, API "/runs/%s", id);
	for (int i = 0; i < 2; i++) {
		ask("DELETE", url, NULL, NULL);
		expect(204);
		ask("GET", url, NULL, NULL);
		assert_string_equal(told("lifecycleState"), "CANCELING");
	}
	ask("DELETE", API "/runs/none", NULL, NULL);
	expect_error(404, "NotAuthorizedOrNotFound", "not found");
}

static size_t count(const char *query)
{
	ask("GET", arena_printf(&twin.arena, API "/runs?compartmentId=" TENANCY "%s", query), NULL,
		NULL);
	expect(200);
	return twin.body->u.seq.n;
}

static void test_list_runs(void **state)
{
	(void)state;
	const char *one = create_app("one", ""), *two = create_app("two", "");
	create_run(one, "");
	create_run(two, ",'numExecutors':5");
	create_run(two, ",'displayName':'again'");
	const char *url = arena_printf(&twin.arena, API "/runs/%s", told("id"));
	char *created = arena_strdup(&twin.arena, told("timeCreated"));
	ask("DELETE", url, NULL, NULL);
	assert_int_equal(count(""), 3);
	assert_string_equal(node_get_str(twin.body->u.seq.v[0], "displayName"), "again");
	assert_int_equal(twin.body->u.seq.v[0]->u.map.n, 20);
	assert_int_equal(count(arena_printf(&twin.arena, "&applicationId=%s", two)), 2);
	assert_int_equal(count("&lifecycleState=CANCELING"), 1);
	assert_int_equal(count("&lifecycleState=FAILED"), 0);
	assert_int_equal(count("&displayNameStartsWith=t"), 1);
	assert_int_equal(
		count(arena_printf(&twin.arena, "&timeCreatedGreaterThan=%s", created)), 0);
	assert_int_equal(count("&timeCreatedGreaterThan=2020-01-01T00:00:00%2B02:00"), 3);
	assert_int_equal(count("&sortBy=totalOCpu&sortOrder=DESC&limit=1"), 1);
	assert_string_equal(node_get_str(twin.body->u.seq.v[0], "displayName"), "two");
	assert_int_equal(
		count(arena_printf(&twin.arena, "&sortBy=totalOCpu&sortOrder=DESC&limit=2&page=%s",
			text_percent(&twin.arena, header("opc-next-page")))),
		2);
	assert_int_equal(node_get(twin.body->u.seq.v[0], "totalOCpu")->u.i, 3);
	ask("GET", API "/runs?compartmentId=" TENANCY "&lifecycleState=DONE", NULL, NULL);
	expect_error(400, "InvalidParameter", "lifecycleState");
	ask("GET", API "/runs?compartmentId=" TENANCY "&timeCreatedGreaterThan=today", NULL, NULL);
	expect_error(400, "InvalidParameter", "timeCreatedGreaterThan");
}

static void test_no_logs_yet(void **state)
{
	(void)state;
	const char *id = create_run(create_app("copy", ""), "");
	ask("GET", arena_printf(&twin.arena, API "/runs/%s/logs", id), NULL, NULL);
	expect(200);
	assert_string_equal(twin.text, "[]");
	static const char *const none[] = {
		"spark_application_stdout.log.gz", "stdout.log", "..", NULL};
	for (const char *const *n = none; *n; n++) {
		ask("GET", arena_printf(&twin.arena, API "/runs/%s/logs/%s", id, *n), NULL, NULL);
		expect_error(404, "NotAuthorizedOrNotFound", "not found");
	}
	ask("GET", API "/runs/none/logs", NULL, NULL);
	expect_error(404, "NotAuthorizedOrNotFound", "not found");
}

int main(void)
{
#define CASE(fn) cmocka_unit_test_setup_teardown(fn, twin_setup, twin_teardown)
	const struct CMUnitTest tests[] = {
		CASE(test_run_inherits),
		CASE(test_run_overrides),
		CASE(test_bad_runs),
		CASE(test_run_retry_token),
		CASE(test_submit_makes_an_application),
		CASE(test_update_run),
		CASE(test_cancel_without_a_runner),
		CASE(test_list_runs),
		CASE(test_no_logs_yet),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
