/* What a plan does, problem by problem, on a twin of the flights. */
#include "plan/plan.h"

#include "../twin.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

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

/* "~ apps.delays num_executors=1->2 <0,3" for each action that does something, then the problems' kinds. */
static const char *dump(const struct plan *p)
{
	buf_auto out = {0};
	for (size_t i = 0; i < p->n; i++) {
		const struct plan_action *x = &p->v[i];
		if (x->verb == PLAN_NONE)
			continue;
		buf_printf(&out, "%s %s", plan_verb_symbol(x->verb), x->address);
		for (size_t k = 0; x->verb != PLAN_CREATE && k < x->changes.n; k++) {
			buf_printf(&out, " %s=", x->changes.v[k].path);
			if (x->changes.v[k].was)
				node_to_json(x->changes.v[k].was, NODE_JSON_COMPACT, &out);
			buf_adds(&out, "->");
			if (x->changes.v[k].now)
				node_to_json(x->changes.v[k].now, NODE_JSON_COMPACT, &out);
		}
		for (size_t k = 0; k < x->needs_n; k++)
			buf_printf(&out, " <%s", p->v[x->needs[k]].address);
		buf_addc(&out, '\n');
	}
	for (size_t i = 0; i < p->problems_n; i++)
		buf_printf(
			&out, "! %s %s\n", err_kind_name(p->problems[i].kind), p->problems[i].text);
	for (size_t i = 0; i < p->notes_n; i++)
		buf_printf(&out, "? %s %s\n", p->notes[i].address, p->notes[i].text);
	return arena_strdup(&A, buf_str(&out));
}

static const char *planned(void)
{
	plan_build(&want, &live, &A, &plan);
	return dump(&plan);
}

static void test_everything_is_created_in_order(void **state)
{
	(void)state;
	live.n = 0;
	assert_string_equal(planned(),
		"+ buckets.flights\n"
		"+ buckets.logs\n"
		"+ objects.airlines <buckets.flights\n"
		"+ scripts.delays <buckets.flights\n"
		"+ scripts.ingest <buckets.flights\n"
		"+ scripts.routes <buckets.flights\n"
		"+ apps.delays <buckets.logs <scripts.delays\n"
		"+ apps.ingest <buckets.logs <scripts.ingest\n"
		"+ apps.routes <buckets.logs <scripts.routes\n");
	assert_int_equal(plan.create, 9);
	assert_false(plan_is_empty(&plan));
	const struct plan_action *app = &plan.v[6];
	bool seen = false;
	for (size_t i = 0; i < app->changes.n; i++) {
		assert_null(app->changes.v[i].was);
		assert_false(app->changes.v[i].replaces);
		seen |= !strcmp(app->changes.v[i].path, "freeform_tags.weir");
	}
	assert_true(seen);
}

static void test_nothing_to_do(void **state)
{
	(void)state;
	assert_string_equal(planned(), "");
	assert_true(plan_is_empty(&plan));
	assert_int_equal(plan.n, 9);
}

static void test_one_field(void **state)
{
	(void)state;
	twin_get_app(&live, "apps.delays")->num_executors.v = 3;
	assert_string_equal(planned(), "~ apps.delays num_executors=3->1\n");
	assert_int_equal(plan.update, 1);
}

static void test_one_script(void **state)
{
	(void)state;
	twin_content(twin_get_object(&want, "scripts.delays"), &A, "print(12)");
	const char *text = planned();
	assert_true(text_starts(text, "~ scripts.delays size=6->9 md5=\""));
	assert_int_equal(plan.update, 1);
}

static void test_multipart_is_decided_by_our_hash(void **state)
{
	(void)state;
	struct object *o = twin_get_object(&live, "objects.airlines");
	o->md5 = NULL;
	o->sha256 = twin_get_object(&want, "objects.airlines")->sha256;
	assert_string_equal(planned(), "");
	o->sha256 = NULL; /* nothing tells: it is uploaded again */
	assert_int_equal(strlen(planned()) > 0, 1);
	assert_int_equal(plan.update, 1);
	/* Where the size tells it, a hash of one side is not shown. */
	o->size.v++;
	assert_null(strstr(planned(), "sha256"));
	assert_int_equal(plan.update, 1);
}

static void test_what_the_file_no_longer_has(void **state)
{
	(void)state;
	twin_drop(&want, "apps.delays");
	twin_drop(&want, "scripts.delays");
	twin_drop(&want, "buckets.logs");
	((struct resource *)resources_find(&live, "scripts.delays"))->address = "oci://old";
	assert_string_equal(planned(), "- apps.delays\n- oci://old <apps.delays\n");
	assert_int_equal(plan.remove, 2);
}

static void test_a_script_that_moves_goes_after_its_use(void **state)
{
	(void)state;
	twin_get_object(&want, "scripts.delays")->name = TWIN_PREFIX "scripts/late.py";
	twin_get_app(&want, "apps.delays")->file_uri =
		"oci://flights@ns/" TWIN_PREFIX "scripts/late.py";
	((struct resource *)resources_find(&live, "scripts.delays"))->address = "oci://old";
	assert_string_equal(planned(),
		"+ scripts.delays\n"
		"~ apps.delays file_uri=\"oci://flights@ns/weir/flights/local/scripts/delays.py\"->"
		"\"oci://flights@ns/weir/flights/local/scripts/late.py\" <scripts.delays\n"
		"- oci://old <apps.delays\n");
}

static void test_an_object_that_an_application_names_stays(void **state)
{
	(void)state;
	twin_drop(&want, "scripts.delays"); /* the app's file_uri still names it */
	assert_string_equal(planned(), "");
	twin_drop(&want, "scripts.routes");
	struct application *routes = twin_get_app(&want, "apps.routes");
	routes->archive_uri = arena_printf(&A, "oci://x@ns/a.zip,%s", routes->file_uri);
	routes->file_uri = "oci://x@ns/y.py";
	planned();
	assert_int_equal(plan.remove, 0);
}

static void test_nothing_foreign_is_deleted(void **state)
{
	(void)state;
	struct resource *o = (struct resource *)resources_find(&live, "objects.airlines");
	twin_drop(&want, "objects.airlines");
	((struct object *)o->object)->name = "data/airlines.csv";
	struct resources others = {0};
	twin_app(&others, &A, "x");
	struct application *app = twin_get_app(&others, "apps.x");
	app->freeform_tags.n = 0;
	*resources_add(&live, &A) = twin_served(&others.v[0], &A);
	assert_string_equal(planned(), "");
}

static void test_immutable_field(void **state)
{
	(void)state;
	twin_get_app(&want, "apps.delays")->type = "STREAMING";
	assert_string_equal(planned(), "-/+ apps.delays type=\"BATCH\"->\"STREAMING\"\n");
	assert_int_equal(plan.replace, 1);
	assert_true(plan.v[6].changes.v[0].replaces);
}

static void test_another_compartment_is_a_move(void **state)
{
	(void)state;
	twin_get_app(&live, "apps.delays")->compartment_id = "b";
	assert_string_equal(
		planned(), "~ apps.delays compartment_id=\"b\"->\"ocid1.compartment.oc1..c\"\n");
	assert_int_equal(plan.update, 1);
	assert_true(plan_moves(&plan.v[plan.n - 3]));
	/* What must be re-created anyway is re-created where it belongs. */
	twin_get_app(&want, "apps.delays")->type = "STREAMING";
	assert_non_null(strstr(planned(), "-/+ apps.delays"));
	assert_int_equal(plan.update, 0);
}

static void test_two_with_one_identity(void **state)
{
	(void)state;
	struct resource twin = twin_served(resources_find(&want, "apps.delays"), &A);
	twin.id = "ocid1.dataflowapplication.oc1..a-copy";
	*resources_add(&live, &A) = twin;
	assert_string_equal(planned(),
		"! conflict apps.delays is claimed by more than one live application: "
		"ocid1.dataflowapplication.oc1..a-copy and "
		"ocid1.dataflowapplication.oc1..delays\n");
	assert_false(plan_is_empty(&plan));
	twin_drop(&want, "apps.delays"); /* not wanted: both go, there is nothing to choose */
	planned();
	assert_int_equal(plan.problems_n, 0);
	assert_int_equal(plan.remove, 2);
}

static void make_foreign(const char *address, const char *tag)
{
	struct resource *r = (struct resource *)resources_find(&live, address);
	struct application *app = (struct application *)r->app;
	r->foreign = true;
	if (tag)
		app->freeform_tags.v[0].value = tag;
	else
		app->freeform_tags.n = 0;
}

static void test_display_name_of_another(void **state)
{
	(void)state;
	make_foreign("apps.delays", NULL);
	planned();
	assert_int_equal(plan.problems_n, 1);
	const struct plan_problem *p = &plan.problems[0];
	assert_int_equal(p->kind, ERR_CONFLICT);
	assert_string_equal(p->text,
		"an application with the display name \"flights-delays\" is there already, and is "
		"not weir's: ocid1.dataflowapplication.oc1..delays");
	assert_string_equal(p->hint,
		"to take it over, set its freeform tag `weir` to `flights/local/delays`; to leave "
		"it alone, give apps.delays another display_name");
}

static void test_display_name_of_another_pipeline(void **state)
{
	(void)state;
	make_foreign("apps.delays", "trains/local/delays");
	planned();
	assert_int_equal(plan.problems_n, 1);
	assert_non_null(strstr(plan.problems[0].text, "is weir's `trains/local/delays`"));
}

static void test_display_name_matters_only_when_new(void **state)
{
	(void)state;
	struct resource other = twin_served(resources_find(&want, "apps.delays"), &A);
	other.foreign = true;
	other.id = "ocid1.other";
	*resources_add(&live, &A) = other;
	assert_string_equal(planned(), ""); /* ours has that name already */
	twin_get_app(&live, "apps.delays")->display_name = "before";
	planned();
	assert_int_equal(plan.problems_n, 1); /* ours is being renamed to it */
}

static void test_object_of_another_is_not_written_over(void **state)
{
	(void)state;
	struct object *mine = twin_object(&want, &A, "objects.mine", "/data/mine.csv", "new");
	struct resource there = twin_served(&want.v[want.n - 1], &A);
	struct object *theirs = (struct object *)there.object;
	*resources_add(&live, &A) = there;
	assert_string_equal(planned(), ""); /* equal content: nothing to write */
	twin_content(theirs, &A, "old!");
	planned();
	assert_int_equal(plan.problems_n, 1);
	assert_string_equal(plan.problems[0].text,
		"oci://flights@ns/data/mine.csv would be written over, and was not put there by "
		"weir");
	theirs->owner = mine->owner;
	planned();
	assert_int_equal(plan.problems_n, 0);
	assert_int_equal(plan.update, 1);
}

static void test_two_declarations_of_one_object(void **state)
{
	(void)state;
	twin_object(&want, &A, "objects.again", "objects/airlines.csv", "x");
	planned();
	assert_int_equal(plan.problems_n, 1);
	assert_int_equal(plan.problems[0].kind, ERR_SPEC);
	assert_non_null(strstr(plan.problems[0].text, "objects.again and objects.airlines"));
}

static void test_bucket_settings_are_a_note(void **state)
{
	(void)state;
	((struct bucket *)resources_find(&want, "buckets.flights")->bucket)->versioning = "Enabled";
	((struct bucket *)resources_find(&live, "buckets.flights")->bucket)->versioning =
		"Disabled";
	assert_string_equal(planned(),
		"? buckets.flights versioning of the bucket is \"Disabled\", "
		"the file says \"Enabled\"\n");
	assert_true(plan_is_empty(&plan));
	assert_int_equal(plan.notes[0].kind, ERR_NONE);
}

/* A generator that gives the same numbers each time. */
static uint32_t seed;
static uint32_t random_below(uint32_t n)
{
	seed = seed * 1664525u + 1013904223u;
	return (seed >> 8) % n;
}

static void shuffle(struct resources *r)
{
	for (size_t i = r->n; i > 1; i--) {
		size_t k = random_below((uint32_t)i);
		struct resource x = r->v[k];
		r->v[k] = r->v[i - 1];
		r->v[i - 1] = x;
	}
}

static void test_order_of_input_does_not_count(void **state)
{
	(void)state;
	/* Some of everything: a change, a replacement, a creation, deletions, all problems, a note. */
	twin_get_app(&live, "apps.delays")->num_executors.v = 7;
	twin_get_app(&want, "apps.routes")->type = "SESSION";
	struct resource twin = twin_served(resources_find(&want, "apps.ingest"), &A);
	twin.id = "ocid1.copy";
	*resources_add(&live, &A) = twin;
	for (int i = 0; i < 20; i++) {
		const char *key = arena_printf(&A, "a%d", i);
		twin_app(&want, &A, key);
		struct resource r = twin_served(&want.v[want.n - 1], &A);
		r.foreign = i % 3 == 0;
		if (i % 4)
			*resources_add(&live, &A) = r;
		if (i % 5 == 0)
			want.n--;
		twin_object(&want, &A, arena_printf(&A, "objects.o%d", i),
			arena_printf(&A, "objects/%d", i / 2), "same");
	}
	((struct bucket *)resources_find(&want, "buckets.logs")->bucket)->versioning = "Enabled";
	const char *first = planned();
	assert_true(plan.problems_n > 2 && plan.notes_n && plan.create && plan.remove);
	seed = 1;
	for (int i = 0; i < 100; i++) {
		shuffle(&want);
		shuffle(&live);
		assert_string_equal(planned(), first);
	}
}

static const char *word(void)
{
	static const char *const words[] = {"a", "b", "c d", "\xc3\xa9", "3.10"};
	return words[random_below(5)];
}

/* Absent, empty, or a few. */
static struct pairs some_pairs(void)
{
	static const char *const names[] = {"x", "y", "z"};
	struct pairs p = {0};
	if (!random_below(3))
		return p;
	p.v = arena_array(&A, 3, sizeof *p.v);
	for (size_t i = 0; i < 3; i++)
		if (random_below(2))
			p.v[p.n++] = (struct pair){names[i], word()};
	return p;
}

static void vary(struct application *app)
{
	app->description = random_below(2) ? word() : NULL;
	app->class_name = random_below(2) ? word() : NULL;
	app->num_executors.v = 1 + random_below(3);
	app->parameters = some_pairs();
	app->configuration = some_pairs();
	if (random_below(2)) {
		app->arguments.v = arena_array(&A, 2, sizeof *app->arguments.v);
		app->arguments.v[0] = word(), app->arguments.v[1] = word();
		app->arguments.n = random_below(3);
	}
	if (random_below(2)) {
		app->driver_shape_config = arena_new(&A, struct shape_config);
		app->driver_shape_config->ocpus = (struct opt_num){true, 1 + random_below(2)};
	}
	if (random_below(2))
		app->max_duration_in_minutes = (struct opt_i64){true, 1 + random_below(3)};
}

/* What the service has after an update: of each field in the body its value, the others as before. */
static struct resource updated(const struct plan_action *x)
{
	struct node *body =
		field_update_body(&application_record, x->live->app, x->want->app, &x->changes, &A);
	struct node *all = field_encode(&application_record, x->live->app, FORM_REPLY, &A);
	for (size_t i = 0; i < body->u.map.n; i++)
		node_put(&A, all, body->u.map.v[i].key, body->u.map.v[i].value);
	struct application *app = arena_new(&A, struct application);
	assert_true(field_decode(&application_record, all, FORM_REPLY, "", &A, app, NULL, NULL));
	struct resource r = *x->live;
	r.app = app;
	return r;
}

static void test_applying_the_difference_gives_what_is_wanted(void **state)
{
	(void)state;
	size_t changed = 0;
	seed = 7;
	for (int i = 0; i < 500; i++) {
		want.n = live.n = 0;
		vary(twin_app(&want, &A, "x"));
		live = twin_live(&want, &A);
		want.n = 0;
		vary(twin_app(&want, &A, "x"));
		planned();
		changed += plan.update;
		if (!plan.update)
			continue;
		live.v[0] = updated(&plan.v[0]);
		assert_string_equal(planned(), "");
	}
	assert_true(changed > 400);
}

static void test_ten_thousand_applications(void **state)
{
	(void)state;
	want.n = 0;
	for (int i = 0; i < 10000; i++) {
		twin_app(&want, &A, arena_printf(&A, "a%d", i));
		twin_object(&want, &A, arena_printf(&A, "scripts.a%d", i),
			arena_printf(&A, "scripts/a%d.py", i), "x");
	}
	live = twin_live(&want, &A);
	for (size_t i = 0; i < live.n; i += 4)
		twin_get_app(&(struct resources){&live.v[i], 1, 1}, live.v[i].address)
			->num_executors.v = 2;
	plan_build(&want, &live, &A, &plan);
	assert_int_equal(plan.update, 5000);
	assert_int_equal(plan.n, 20000);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_everything_is_created_in_order),
		TEST(test_nothing_to_do),
		TEST(test_one_field),
		TEST(test_one_script),
		TEST(test_multipart_is_decided_by_our_hash),
		TEST(test_what_the_file_no_longer_has),
		TEST(test_a_script_that_moves_goes_after_its_use),
		TEST(test_an_object_that_an_application_names_stays),
		TEST(test_nothing_foreign_is_deleted),
		TEST(test_immutable_field),
		TEST(test_another_compartment_is_a_move),
		TEST(test_two_with_one_identity),
		TEST(test_display_name_of_another),
		TEST(test_display_name_of_another_pipeline),
		TEST(test_display_name_matters_only_when_new),
		TEST(test_object_of_another_is_not_written_over),
		TEST(test_two_declarations_of_one_object),
		TEST(test_bucket_settings_are_a_note),
		TEST(test_order_of_input_does_not_count),
		TEST(test_applying_the_difference_gives_what_is_wanted),
		TEST(test_ten_thousand_applications),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
