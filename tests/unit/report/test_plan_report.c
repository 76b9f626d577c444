/* How a plan and what became of it look: golden texts and documents of a twin of the flights. */
#include "model/remember.h"
#include "report/apply_text.h"
#include "report/plan_json.h"
#include "report/plan_text.h"

#include "../twin.h"
#include "../unit.h"
#include "base/fs.h"

static struct arena A;
static struct resources want, live;
static struct plan plan;

static int setup(void **state)
{
	(void)state;
	want = twin_want(&A);
	live = twin_live(&want, &A);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	arena_clear(&A);
	return 0;
}

static const char *shown(bool color)
{
	buf_auto out = {0};
	plan_text(&plan, color, &out);
	return arena_strdup(&A, buf_str(&out));
}

static const char *planned(void)
{
	plan_build(&want, &live, &A, &plan);
	return shown(false);
}

static void test_no_changes(void **state)
{
	(void)state;
	assert_string_equal(
		planned(), "No changes. Your infrastructure matches the configuration.\n");
}

static void test_one_field(void **state)
{
	(void)state;
	twin_get_app(&want, "apps.delays")->num_executors.v = 2;
	assert_string_equal(planned(),
		"  # apps.delays will be updated in-place\n"
		"  ~ application \"flights-delays\" {\n"
		"      ~ num_executors = 1 -> 2\n"
		"        # (12 unchanged attributes hidden)\n"
		"    }\n"
		"\n"
		"Plan: 0 to add, 1 to change, 0 to destroy.\n");
	assert_string_equal(shown(true),
		"  \033[1m# apps.delays\033[0m will be updated in-place\n"
		"  \033[33m~\033[0m application \"flights-delays\" {\n"
		"      \033[33m~\033[0m num_executors = 1 -> 2\n"
		"        # (12 unchanged attributes hidden)\n"
		"    }\n"
		"\n"
		"\033[1mPlan:\033[0m 0 to add, 1 to change, 0 to destroy.\n");
}

static void test_values_of_every_kind(void **state)
{
	(void)state;
	struct application *was = twin_get_app(&live, "apps.delays");
	struct application *now = twin_get_app(&want, "apps.delays");
	const char *args[] = {"--day", "1 \"Jan\""};
	now->arguments = (struct strs){args, 2};
	was->description = "a\033[2Jb";
	struct shape_config old = {.ocpus = {true, 1}}, new = {.ocpus = {true, 1.5}};
	was->driver_shape_config = &old, now->driver_shape_config = &new;
	struct pair p = {"day", "1"}, q = {"day", "2"};
	was->parameters = (struct pairs){&p, 1}, now->parameters = (struct pairs){&q, 1};
	now->type = "SESSION";
	assert_string_equal(planned(),
		"  # apps.delays must be replaced\n"
		"-/+ application \"flights-delays\" {\n"
		"      - description               = \"a\\u001b[2Jb\" -> null\n"
		"      ~ type                      = \"BATCH\" -> \"SESSION\" # forces replacement\n"
		"      + arguments                 = [\"--day\", \"1 \\\"Jan\\\"\"]\n"
		"      ~ parameters.day            = \"1\" -> \"2\"\n"
		"      ~ driver_shape_config.ocpus = 1 -> 1.5\n"
		"        # (12 unchanged attributes hidden)\n"
		"    }\n"
		"\n"
		"Plan: 1 to add, 0 to change, 1 to destroy.\n");
}

static void test_creation_and_deletion(void **state)
{
	(void)state;
	want.n = live.n = 0;
	twin_app(&want, &A, "new")->description = "first";
	twin_object(&want, &A, "scripts.new", "scripts/new.py", "x = 1\n");
	twin_app(&live, &A, "old");
	live.v[0].id = "ocid1.old";
	assert_string_equal(planned(),
		"  # scripts.new will be created\n"
		"  + object \"weir/flights/local/scripts/new.py\" {\n"
		"      + bucket = \"flights\"\n"
		"      + name   = \"weir/flights/local/scripts/new.py\"\n"
		"      + size   = 6\n"
		"      + sha256 = "
		"\"9e26bf369911c45c243c684147b23fc9e1dcfcf257d299a1c632016a6fcd33f4\"\n"
		"      + path   = \"data/weir/flights/local/scripts/new.py\"\n"
		"    }\n"
		"\n"
		"  # apps.new will be created\n"
		"  + application \"flights-new\" {\n"
		"      + compartment_id     = \"ocid1.compartment.oc1..c\"\n"
		"      + display_name       = \"flights-new\"\n"
		"      + description        = \"first\"\n"
		"      + language           = \"PYTHON\"\n"
		"      + spark_version      = \"3.5.0\"\n"
		"      + file_uri           = \"oci://flights@ns/weir/flights/local/scripts/new.py\"\n"
		"      + driver_shape       = \"VM.Standard.E4.Flex\"\n"
		"      + executor_shape     = \"VM.Standard.E4.Flex\"\n"
		"      + num_executors      = 1\n"
		"      + logs_bucket_uri    = \"oci://logs@ns/\"\n"
		"      + freeform_tags.weir = \"flights/local/new\"\n"
		"    }\n"
		"\n"
		"  # apps.old will be destroyed\n"
		"  - application \"flights-old\" {\n"
		"      - id = \"ocid1.old\" -> null\n"
		"    }\n"
		"\n"
		"Plan: 2 to add, 0 to change, 1 to destroy.\n");
}

static void test_script_diff(void **state)
{
	(void)state;
	twin_content(twin_get_object(&want, "scripts.delays"), &A, "a\n\033[1mB\n");
	plan_build(&want, &live, &A, &plan);
	for (size_t i = 0; i < plan.n; i++) {
		plan.v[i].old_text = "a\nb";
		plan.v[i].new_text = "a\n\033[1mB\n";
	}
	assert_string_equal(shown(false),
		"  # scripts.delays will be updated in-place\n"
		"  ~ object \"weir/flights/local/scripts/delays.py\" {\n"
		"      ~ size = 6 -> 8\n"
		"      ~ md5  = \"d/27BxcyDTfJalQrVvB7aQ==\" -> \"beaxBs39XcvOq/e+EMa8TQ==\"\n"
		"\n"
		"        @@ -1,2 +1,2 @@\n"
		"         a\n"
		"        -b\n"
		"        \\ No newline at end of file\n"
		"        +\\x1B[1mB\n"
		"    }\n"
		"\n"
		"Plan: 0 to add, 1 to change, 0 to destroy.\n");
}

static void test_problem(void **state)
{
	(void)state;
	buf_auto out = {0};
	struct plan_problem p = {ERR_CONFLICT, "apps.\033x", "two\nlines", "cure"};
	plan_text_problem(&p, &out);
	assert_string_equal(buf_str(&out), "apps.\\x1Bx: two\n  lines\n  cure");
}

static const char *json(struct node *n)
{
	buf_auto out = {0};
	node_to_json(n, NODE_JSON_COMPACT, &out);
	return arena_strdup(&A, buf_str(&out));
}

static const struct plan_json_head head = {"flights", "local"};

/* The file has changed a number, others a class, both a description; the type is immutable. */
static void test_whose_doing_it_is(void **state)
{
	(void)state;
	struct application *now = twin_get_app(&want, "apps.delays");
	now->description = "first";
	now->type = "BATCH";
	struct application *was = (struct application *)remember_on(now, &A, NULL);
	was->description = "theirs";
	was->class_name = "Theirs";
	was->type = "STREAMING";
	((struct resource *)resources_find(&live, "apps.delays"))->app = was;
	now->description = "ours";
	now->num_executors.v = 2;
	assert_string_equal(planned(),
		"  # apps.delays must be replaced\n"
		"-/+ application \"flights-delays\" {\n"
		"      ~ description   = \"theirs\" -> \"ours\" # changed in the file and outside "
		"of weir\n"
		"      ~ type          = \"STREAMING\" -> \"BATCH\" # forces replacement, changed "
		"outside of weir\n"
		"      - class_name    = \"Theirs\" -> null # changed outside of weir\n"
		"      ~ num_executors = 1 -> 2\n"
		"        # (9 unchanged attributes hidden)\n"
		"    }\n"
		"\n"
		"Plan: 1 to add, 0 to change, 1 to destroy.\n");
	const char *text = json(plan_json(&plan, &head, &A));
	assert_has(text, "\"now\":\"ours\",\"reason\":\"both\"}");
	assert_has(text, "\"now\":\"BATCH\",\"reason\":\"drift\",\"forces_replacement\":true}");
	assert_has(text, "\"now\":null,\"reason\":\"drift\"}");
	assert_has(text, "\"now\":2,\"reason\":\"file\"}");
}

static void test_plan_document(void **state)
{
	(void)state;
	twin_get_app(&want, "apps.delays")->num_executors.v = 2;
	twin_drop(&want, "objects.airlines");
	plan_build(&want, &live, &A, &plan);
	assert_string_equal(json(plan_json(&plan, &head, &A)),
		"{\"format_version\":\"1.0\",\"pipeline\":\"flights\",\"target\":\"local\","
		"\"resource_changes\":["
		"{\"address\":\"apps.delays\",\"type\":\"application\",\"action\":\"update\","
		"\"id\":\"ocid1.dataflowapplication.oc1..delays\","
		"\"changes\":[{\"field\":\"num_executors\",\"action\":\"change\",\"was\":1,"
		"\"now\":2,\"reason\":\"unknown\"}],\"needs\":[]},"
		"{\"address\":\"objects.airlines\",\"type\":\"object\",\"action\":\"delete\","
		"\"id\":\"oci://flights@ns/weir/flights/local/objects/airlines.csv\","
		"\"changes\":[],\"needs\":[]}],"
		"\"summary\":{\"add\":0,\"change\":1,\"remove\":1,\"adopt\":0,\"kept\":0,\"unchanged\":7},"
		"\"problems\":[],\"notes\":[]}");
}

/* Results as apply_plan gives them: all done, but for what a test says. */
static struct apply_result *results_done(void)
{
	struct apply_result *r = arena_array(&A, plan.n, sizeof *r);
	for (size_t i = 0; i < plan.n; i++)
		if (plan.v[i].verb != PLAN_NONE)
			r[i] = (struct apply_result){
				.state = APPLY_DONE, .id = "ocid1.new", .ms = 200};
	return r;
}

static struct err *error(enum err_kind kind, const char *text)
{
	struct err *e = arena_new(&A, struct err);
	err_set(e, kind, "%s", text);
	return e;
}

static const char *summary(const struct apply_result *r, bool destroy)
{
	buf_auto out = {0};
	apply_text_summary(&plan, r, destroy, false, &out);
	return arena_strdup(&A, buf_str(&out));
}

static const char *ended(size_t i, const struct apply_result *r)
{
	buf_auto out = {0};
	apply_text_ended(&plan.v[i], &r[i], false, &out);
	return arena_strdup(&A, buf_str(&out));
}

static void test_applied(void **state)
{
	(void)state;
	twin_get_app(&want, "apps.delays")->num_executors.v = 2;
	twin_get_app(&want, "apps.ingest")->type = "SESSION";
	twin_drop(&want, "objects.airlines");
	plan_build(&want, &live, &A, &plan);
	struct apply_result *r = results_done();
	assert_string_equal(ended(5, r), "apps.delays: updated in 0.2s [id=ocid1.new]\n");
	assert_string_equal(ended(0, r), "");
	assert_string_equal(summary(r, false),
		"\nApply complete! Resources: 1 added, 1 changed, 2 destroyed.\n");
	assert_string_equal(summary(r, true), "\nDestroy complete! Resources: 2 destroyed.\n");
	assert_string_equal(summary(NULL, false),
		"\nApply incomplete. Resources: 0 added, 0 changed, 0 destroyed; 0 failed, 0 not "
		"begun.\n");
}

static void test_applied_in_part(void **state)
{
	(void)state;
	live.n = 0;
	plan_build(&want, &live, &A, &plan);
	struct apply_result *r = results_done();
	r[3] = (struct apply_result){.state = APPLY_FAILED,
		.err = error(ERR_THROTTLED, "PUT: 429\nwait\033 a little"),
		.ms = 3100};
	r[6] = (struct apply_result){.state = APPLY_SKIPPED,
		.err = error(ERR_NONE, "not begun, since scripts.delays failed")};
	assert_string_equal(ended(3, r),
		"scripts.delays: create failed after 3.1s: PUT: 429\n  wait\\x1B a "
		"little\n");
	assert_string_equal(ended(6, r), "apps.delays: not begun, since scripts.delays failed\n");
	assert_string_equal(summary(r, false),
		"\nDone:\n"
		"  buckets.flights: created\n"
		"  buckets.logs: created\n"
		"  objects.airlines: created\n"
		"  scripts.ingest: created\n"
		"  scripts.routes: created\n"
		"  apps.ingest: created\n"
		"  apps.routes: created\n"
		"\nNot done:\n"
		"  scripts.delays: create failed after 3.1s: PUT: 429\n"
		"    wait\\x1B a little\n"
		"  apps.delays: not begun, since scripts.delays failed\n"
		"\nApply incomplete. Resources: 7 added, 0 changed, 0 destroyed; 1 failed, 1 not "
		"begun.\n");
	struct err *lost = error(ERR_NETWORK, "PUT: lost");
	lost->maybe_done = true;
	r[3].err = lost;
	assert_non_null(strstr(summary(r, false),
		"7 added, 0 changed, 0 destroyed; 1 failed (1 perhaps done), 1 not begun.\n"));
	assert_non_null(strstr(json(plan_json_applied(&plan, r, lost, &head, &A)),
		"\"state\":\"failed\",\"ms\":3100,\"maybe_done\":true,"));
}

static void test_applied_document(void **state)
{
	(void)state;
	twin_get_app(&want, "apps.delays")->num_executors.v = 2;
	twin_get_app(&want, "apps.ingest")->type = "SESSION";
	plan_build(&want, &live, &A, &plan);
	struct apply_result *r = results_done();
	struct err *why = error(ERR_LIMIT, "no more");
	why->http_status = 400;
	strcpy(why->code, "LimitExceeded");
	r[7].state = APPLY_NOTHING;
	for (size_t i = 0; i < plan.n; i++)
		if (!strcmp(plan.v[i].address, "apps.ingest"))
			r[i] = (struct apply_result){
				.state = APPLY_FAILED, .err = why, .removed = true, .ms = 5};
	struct err partial;
	err_set(&partial, ERR_PARTIAL, "in part");
	assert_string_equal(json(plan_json_applied(&plan, r, &partial, &head, &A)),
		"{\"format_version\":\"1.0\",\"pipeline\":\"flights\",\"target\":\"local\","
		"\"results\":["
		"{\"address\":\"apps.delays\",\"type\":\"application\",\"action\":\"update\","
		"\"state\":\"done\",\"id\":\"ocid1.new\",\"ms\":200},"
		"{\"address\":\"apps.ingest\",\"type\":\"application\",\"action\":\"replace\","
		"\"state\":\"failed\",\"ms\":5,\"removed\":true,"
		"\"error\":{\"kind\":\"limit\",\"http_status\":400,\"code\":\"LimitExceeded\","
		"\"text\":\"no more\"}}],"
		"\"summary\":{\"added\":0,\"changed\":1,\"destroyed\":1,\"adopted\":0,\"failed\":1,"
		"\"maybe_done\":0,\"skipped\":0},"
		"\"error\":{\"kind\":\"partial\",\"text\":\"in part\"}}");
}

/* The page that tells of the documents names every kind of error. */
static void test_reference_names_every_kind(void **state)
{
	(void)state;
	buf_auto page = {0};
	struct err err;
	assert_true(fs_read(SOURCE_DIR "/docs/reference/output.md", &page, &err));
	static const enum err_kind kinds[] = {
#define X(kind, name, status, retry) kind,
		ERR_KINDS(X)
#undef X
	};
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		assert_non_null(
			strstr(buf_str(&page), arena_printf(&A, "`%s`", err_kind_name(kinds[i]))));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_no_changes),
		TEST(test_one_field),
		TEST(test_values_of_every_kind),
		TEST(test_creation_and_deletion),
		TEST(test_script_diff),
		TEST(test_problem),
		TEST(test_whose_doing_it_is),
		TEST(test_plan_document),
		TEST(test_applied),
		TEST(test_applied_in_part),
		TEST(test_applied_document),
		TEST(test_reference_names_every_kind),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
