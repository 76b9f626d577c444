/*
 * The tables against Oracle's contract: Data Flow API 20200129, Object Storage API 20160918. Which fields a create
 * takes ("!" where it must have them), which an update, which a reply has.
 */
#include "../unit.h"
#include "model/application.h"
#include "model/bucket.h"
#include "model/object.h"
#include "model/run.h"

static const char *const create_application[] = {"compartmentId!", "displayName!", "driverShape!",
	"executorShape!", "language!", "numExecutors!", "sparkVersion!", "archiveUri", "arguments",
	"applicationLogConfig", "className", "configuration", "definedTags", "description",
	"driverShapeConfig", "execute", "executorShapeConfig", "fileUri", "freeformTags",
	"logsBucketUri", "metastoreId", "parameters", "poolId", "privateEndpointId", "type",
	"warehouseBucketUri", "maxDurationInMinutes", "idleTimeoutInMinutes", NULL};
static const char *const update_application[] = {"className", "fileUri", "sparkVersion", "language",
	"applicationLogConfig", "archiveUri", "arguments", "configuration", "definedTags",
	"description", "displayName", "driverShape", "driverShapeConfig", "execute",
	"executorShape", "executorShapeConfig", "freeformTags", "logsBucketUri", "metastoreId",
	"numExecutors", "parameters", "poolId", "privateEndpointId", "warehouseBucketUri",
	"maxDurationInMinutes", "idleTimeoutInMinutes", NULL};
static const char *const application[] = {"compartmentId!", "displayName!", "driverShape!",
	"executorShape!", "fileUri!", "id!", "language!", "lifecycleState!", "numExecutors!",
	"ownerPrincipalId!", "sparkVersion!", "timeCreated!", "timeUpdated!",
	"applicationLogConfig", "archiveUri", "arguments", "className", "configuration",
	"definedTags", "description", "driverShapeConfig", "execute", "executorShapeConfig",
	"freeformTags", "logsBucketUri", "metastoreId", "ownerUserName", "parameters", "poolId",
	"privateEndpointId", "type", "warehouseBucketUri", "maxDurationInMinutes",
	"idleTimeoutInMinutes", NULL};
static const char *const create_run[] = {"compartmentId!", "applicationLogConfig", "applicationId",
	"archiveUri", "arguments", "configuration", "definedTags", "displayName", "driverShape",
	"driverShapeConfig", "execute", "executorShape", "executorShapeConfig", "freeformTags",
	"logsBucketUri", "metastoreId", "numExecutors", "parameters", "poolId", "sparkVersion",
	"type", "warehouseBucketUri", "maxDurationInMinutes", "idleTimeoutInMinutes", NULL};
static const char *const update_run[] = {
	"definedTags", "freeformTags", "maxDurationInMinutes", "idleTimeoutInMinutes", NULL};
static const char *const run[] = {"applicationId!", "compartmentId!", "driverShape!",
	"executorShape!", "fileUri!", "id!", "language!", "lifecycleState!", "numExecutors!",
	"sparkVersion!", "timeCreated!", "timeUpdated!", "archiveUri", "arguments",
	"applicationLogConfig", "className", "configuration", "dataReadInBytes",
	"dataWrittenInBytes", "definedTags", "displayName", "driverShapeConfig", "execute",
	"executorShapeConfig", "freeformTags", "lifecycleDetails", "logsBucketUri", "metastoreId",
	"opcRequestId", "ownerPrincipalId", "ownerUserName", "parameters", "poolId",
	"privateEndpointDnsZones", "privateEndpointMaxHostCount", "privateEndpointNsgIds",
	"privateEndpointId", "privateEndpointSubnetId", "runDurationInMilliseconds", "totalOCpu",
	"type", "warehouseBucketUri", "maxDurationInMinutes", "idleTimeoutInMinutes", NULL};
static const char *const run_log[] = {
	"name!", "runId!", "source!", "type!", "sizeInBytes", "timeCreated", NULL};
static const char *const create_bucket[] = {"name!", "compartmentId!", "metadata",
	"publicAccessType", "storageTier", "objectEventsEnabled", "freeformTags", "definedTags",
	"kmsKeyId", "versioning", "autoTiering", "bucketScope", NULL};
static const char *const bucket[] = {"namespace!", "name!", "compartmentId!", "metadata!",
	"createdBy!", "timeCreated!", "etag!", "publicAccessType", "storageTier",
	"objectEventsEnabled", "freeformTags", "definedTags", "kmsKeyId",
	"objectLifecyclePolicyEtag", "approximateCount", "approximateSize", "replicationEnabled",
	"isReadOnly", "id", "versioning", "autoTiering", "bucketScope", NULL};
static const char *const object_summary[] = {"name!", "size", "md5", "timeCreated", "etag",
	"storageTier", "archivalState", "timeModified", NULL};

static struct arena arena;

static int teardown(void **state)
{
	(void)state;
	arena_clear(&arena);
	return 0;
}

static size_t name_length(const char *name)
{
	return strcspn(name, "!");
}

static bool is_among(const char *const *names, const char *api)
{
	for (; *names; names++)
		if (strlen(api) == name_length(*names) &&
			!strncmp(api, *names, name_length(*names)))
			return true;
	return false;
}

struct against {
	const char *const *names;
	enum field_form form;
	size_t n;
};

/* A row is written in a form just when the contract has it there. */
static bool row_is_in_contract(void *ctx, const struct field *f)
{
	struct against *c = ctx;
	bool written = f->api && (c->form == FORM_REPLY || !(f->flags & FIELD_COMPUTED)) &&
		(c->form != FORM_UPDATE || !(f->flags & FIELD_IMMUTABLE));
	bool there = f->api && is_among(c->names, f->api);
	if (written != there)
		fail_msg("%s: in the table %d, in the contract %d", f->name, written, there);
	c->n += there;
	return true;
}

static void compare(const struct record *r, const char *const *names, enum field_form form)
{
	struct against c = {names, form, 0};
	size_t n = 0;
	record_each(r, row_is_in_contract, &c);
	for (; names[n]; n++) {
		const char *name = arena_strndup(&arena, names[n], name_length(names[n]));
		const struct field *f = record_field_api(r, name);
		if (!f)
			fail_msg("%s is not in the table", names[n]);
		bool required = names[n][name_length(names[n])] == '!';
		if (form == FORM_CREATE && required != ((f->flags & FIELD_REQUIRED) != 0))
			fail_msg("%s: required in one of table and contract", names[n]);
	}
	assert_int_equal(c.n, n);
}

static void applications(void **state)
{
	(void)state;
	compare(&application_record, create_application, FORM_CREATE);
	compare(&application_record, update_application, FORM_UPDATE);
	compare(&application_record, application, FORM_REPLY);
}

static void runs(void **state)
{
	(void)state;
	compare(&run_record, create_run, FORM_CREATE);
	compare(&run_record, update_run, FORM_UPDATE);
	compare(&run_record, run, FORM_REPLY);
	compare(&run_log_record, run_log, FORM_REPLY);
}

static void buckets_and_objects(void **state)
{
	(void)state;
	compare(&bucket_record, create_bucket, FORM_CREATE);
	compare(&bucket_record, bucket, FORM_REPLY);
	compare(&object_record, object_summary, FORM_REPLY);
}

static void states_of_runs(void **state)
{
	(void)state;
	static const struct {
		const char *state;
		int status;
	} cases[] = {{"ACCEPTED", -1}, {"IN_PROGRESS", -1}, {"CANCELING", -1}, {"STOPPING", -1},
		{"SUCCEEDED", 0}, {"FAILED", 6}, {"CANCELED", 7}, {"STOPPED", 7},
		{"SOMETHING_NEW", -1}, {NULL, -1}};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		assert_int_equal(run_state_exit_status(cases[i].state), cases[i].status);
		assert_int_equal(run_state_is_terminal(cases[i].state), cases[i].status >= 0);
	}
}

static void names_and_shapes(void **state)
{
	(void)state;
	assert_true(parameter_name_ok("Day_1"));
	assert_false(parameter_name_ok(""));
	assert_false(parameter_name_ok("a-b"));
	assert_false(parameter_name_ok("\xc3\xa9"));
	assert_true(configuration_key_ok("spark.sql.shuffle.partitions"));
	assert_false(configuration_key_ok("spark.master"));
	assert_false(configuration_key_ok(""));
	assert_false(configuration_key_ok("a b"));
	assert_true(shape_is_flex("VM.Standard.E4.Flex"));
	assert_false(shape_is_flex("VM.Standard2.1"));
	assert_false(shape_is_flex("VM.Flexible.1"));
}

static void what_execute_derives(void **state)
{
	(void)state;
	struct application want = {.execute = "--class a.B oci://b@n/x.jar", .language = "JAVA"};
	struct application live = {.execute = "same",
		.language = "SCALA",
		.class_name = "a.B",
		.file_uri = "oci://b@n/x.jar",
		.description = "d"};
	application_take_derived(&want, &live);
	assert_string_equal(want.class_name, "a.B");
	assert_string_equal(want.language, "SCALA");
	assert_string_equal(want.file_uri, "oci://b@n/x.jar");
	assert_null(want.description);
	struct application plain = {.language = "PYTHON"};
	application_take_derived(&plain, &live);
	assert_string_equal(plain.language, "PYTHON");
	assert_null(plain.class_name);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(applications, teardown),
		cmocka_unit_test_teardown(runs, teardown),
		cmocka_unit_test_teardown(buckets_and_objects, teardown),
		cmocka_unit_test(states_of_runs),
		cmocka_unit_test(names_and_shapes),
		cmocka_unit_test(what_execute_derives),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
