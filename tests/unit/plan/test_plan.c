/* What a plan does, problem by problem, on a twin of the flights. */
#include "plan/plan.h"

#include "model/remember.h"
#include "plan/compare.h"

#include "../twin.h"
#include "../unit.h"

#include <stdlib.h>

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
	twin_drop(&want,
		"apps.delays"); /* nor is any of them deleted before it is known which is meant */
	planned();
	assert_int_equal(plan.problems_n, 1);
	assert_int_equal(plan.problems[0].kind, ERR_CONFLICT);
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

static struct resource *wanted(const char *address)
{
	return (struct resource *)resources_find(&want, address);
}

/* apps.delays had these identities before. */
static void delays_was(const char *one, const char *other)
{
	struct strs *was = &wanted("apps.delays")->was;
	was->v = arena_array(&A, 2, sizeof *was->v);
	was->v[0] = one;
	was->v[1] = other;
	was->n = 2;
}

static void rename_live(const char *address, const char *to, const char *tag)
{
	struct resource *r = (struct resource *)resources_find(&live, address);
	r->address = to;
	((struct application *)r->app)->freeform_tags.v[0].value = tag;
}

static void test_renamed(void **state)
{
	(void)state;
	delays_was("flights/local/late", "flights/before/delays");
	assert_string_equal(planned(), ""); /* long done, or never there */
	rename_live("apps.delays", "apps.late", "flights/local/late");
	assert_string_equal(planned(),
		"~ apps.delays freeform_tags.weir=\"flights/local/late\"->\"flights/local/delays\"\n");
	rename_live("apps.late", "apps.delays", "flights/before/delays");
	assert_string_equal(planned(),
		"~ apps.delays freeform_tags.weir=\"flights/before/delays\"->"
		"\"flights/local/delays\"\n");
}

static void test_renamed_and_there_already(void **state)
{
	(void)state;
	delays_was("flights/local/late", "flights/before/delays");
	struct resource other = twin_served(resources_find(&want, "apps.delays"), &A);
	other.id = "ocid1.late";
	other.address = "apps.late";
	((struct application *)other.app)->freeform_tags.v[0].value = "flights/local/late";
	*resources_add(&live, &A) = other;
	assert_string_equal(planned(),
		"! conflict more than one live application is apps.delays: "
		"ocid1.dataflowapplication.oc1..delays (flights/local/delays) and ocid1.late "
		"(flights/local/late)\n");
	assert_int_equal(
		plan.remove, 0); /* the one before is not taken for one that is not wanted */
	/* Both of before, and none of now. */
	rename_live("apps.delays", "apps.delays", "flights/before/delays");
	assert_non_null(strstr(planned(),
		"ocid1.late (flights/local/late) and "
		"ocid1.dataflowapplication.oc1..delays (flights/before/delays)"));
}

/* What is renamed is not kept as what it was, and its old script goes. */
static void test_what_prevents_its_deletion_is_renamed(void **state)
{
	(void)state;
	delays_was("flights/before/delays", "x");
	wanted("apps.delays")->prevent_delete = true;
	rename_live("apps.delays", "apps.delays", "flights/before/delays");
	struct object *old =
		twin_object(&live, &A, "old", "/weir/flights/before/scripts/delays.py", "delays");
	struct resource *r = (struct resource *)resources_find(&live, "old");
	r->id = oci_uri_format(&A, old->bucket, "ns", old->name);
	twin_get_app(&live, "apps.delays")->file_uri = r->id;
	plan_build_guarded(&want, &live, &(struct plan_guards){.prevented = &want}, &A, &plan);
	assert_non_null(strstr(dump(&plan), "- old <apps.delays\n"));
	assert_int_equal(plan.keep, 0);
}

/* The scripts of a target or pipeline of before go once no application uses them. */
static void test_objects_of_before_go_after_their_use(void **state)
{
	(void)state;
	twin_drop(&want, "apps.ingest"), twin_drop(&want, "apps.routes");
	twin_drop(&live, "apps.ingest"), twin_drop(&live, "apps.routes");
	delays_was("flights/before/delays", "x");
	rename_live("apps.delays", "apps.delays", "flights/before/delays");
	twin_get_app(&live, "apps.delays")->file_uri =
		"oci://flights@ns/weir/flights/before/scripts/delays.py";
	struct object *old =
		twin_object(&live, &A, "old", "/weir/flights/before/scripts/delays.py", "delays");
	old->owner = "flights/before";
	((struct resource *)resources_find(&live, "old"))->id =
		twin_get_app(&live, "apps.delays")->file_uri;
	twin_drop(&live, "scripts.delays");
	assert_non_null(strstr(planned(), "- old <apps.delays\n"));
	assert_non_null(strstr(planned(), "+ scripts.delays\n"));
}

static void test_object_of_before_is_taken_over(void **state)
{
	(void)state;
	static const char *before[] = {"flights/before"};
	struct object *mine = twin_object(&want, &A, "objects.mine", "/data/mine.csv", "new");
	struct resource there = twin_served(resources_find(&want, "objects.mine"), &A);
	((struct object *)there.object)->owner = "flights/before";
	*resources_add(&live, &A) = there;
	wanted("objects.mine")->was = (struct strs){before, 1};
	assert_string_equal(
		planned(), "~ objects.mine owner=\"flights/before\"->\"flights/local\"\n");
	twin_content(mine, &A, "newer");
	planned();
	assert_int_equal(plan.problems_n, 0);
}

#define DELAYS "ocid1.dataflowapplication.oc1..delays"

static void test_adopted(void **state)
{
	(void)state;
	make_foreign("apps.delays", NULL);
	wanted("apps.delays")->adopt = DELAYS;
	assert_string_equal(
		planned(), "<= apps.delays freeform_tags.weir=->\"flights/local/delays\"\n");
	assert_int_equal(plan.adopt, 1);
	assert_false(plan_changes(&plan));
	assert_false(plan_is_empty(&plan));
	twin_get_app(&live, "apps.delays")->num_executors.v = 7;
	assert_string_equal(planned(),
		"~ apps.delays num_executors=7->1 freeform_tags.weir=->\"flights/local/delays\"\n");
	assert_true(plan_changes(&plan));
}

static void test_adopted_long_ago(void **state)
{
	(void)state;
	wanted("apps.delays")->adopt = DELAYS;
	assert_string_equal(planned(), "");
}

static void test_what_cannot_be_adopted(void **state)
{
	(void)state;
	struct resource *want_delays = wanted("apps.delays");
	/* Another is this one already. */
	want_delays->adopt = "ocid1.dataflowapplication.oc1..routes";
	assert_non_null(strstr(planned(), "which it adopts, is weir's `flights/local/routes`"));
	assert_non_null(strstr(plan.problems[0].hint, "`was: KEY`"));
	make_foreign("apps.routes", "trains/local/x");
	assert_non_null(strstr(planned(), "which it adopts, is weir's `trains/local/x`"));
	make_foreign("apps.routes", NULL);
	assert_non_null(strstr(planned(),
		"! conflict more than one live application is apps.delays: " DELAYS
		" (flights/local/delays) and ocid1.dataflowapplication.oc1..routes (adopted)\n"));
	twin_drop(&live, "apps.delays");
	twin_get_app(&live, "apps.routes")->lifecycle_state = "DELETED";
	assert_non_null(strstr(planned(), "which it adopts, is deleted\n"));
	want_delays->adopt = "ocid1.nowhere";
	assert_non_null(strstr(planned(),
		"! not-found ocid1.nowhere, which it adopts, is not there, "
		"or not for this user to see\n"));
}

/* Nobody who adopts an application wants it deleted. */
static void test_adoption_is_no_replacement(void **state)
{
	(void)state;
	make_foreign("apps.delays", NULL);
	wanted("apps.delays")->adopt = DELAYS;
	twin_get_app(&want, "apps.delays")->type = "STREAMING";
	assert_non_null(strstr(planned(),
		"! guard type of " DELAYS ", which it adopts, can only change by deleting it\n"));
}

/* Once it was adopted it may be re-created, and the OCID in the file is an old one. */
static void test_adopted_and_re_created_since(void **state)
{
	(void)state;
	wanted("apps.delays")->adopt = "ocid1.dataflowapplication.oc1..before";
	assert_string_equal(planned(),
		"? apps.delays ocid1.dataflowapplication.oc1..before, which it adopted, is gone\n");
	assert_true(plan_is_empty(&plan));
}

static const char *guarded(const struct plan_guards *guards)
{
	plan_build_guarded(&want, &live, guards, &A, &plan);
	return dump(&plan);
}

static void test_nothing_is_deleted_where_that_is_protected(void **state)
{
	(void)state;
	const struct plan_guards guards = {.protect = "target local has `protect: [delete]`"};
	twin_drop(&want, "apps.delays");
	twin_drop(&want, "scripts.delays");
	assert_string_equal(guarded(&guards), " apps.delays\n scripts.delays\n");
	assert_int_equal(plan.keep, 2);
	assert_true(plan_is_empty(&plan));
	assert_string_equal(plan.v[plan.n - 1].kept, guards.protect);
	twin_get_app(&want, "apps.ingest")->type = "STREAMING";
	assert_non_null(strstr(guarded(&guards),
		"! guard type can only change by deleting and creating it, and it is protected "
		"(target local has `protect: [delete]`)\n"));
}

/* And what it runs stays with it. */
static void test_what_prevents_its_deletion_stays(void **state)
{
	(void)state;
	struct resources all = want;
	const struct plan_guards guards = {.prevented = &all};
	wanted("apps.delays")->prevent_delete = true;
	want = (struct resources){0}; /* destroy */
	guarded(&guards);
	assert_int_equal(plan.keep, 2);
	assert_int_equal(plan.remove, 2 + 2 + 1);
	assert_non_null(strstr(dump(&plan), " apps.delays\n"));
	assert_non_null(strstr(dump(&plan), "\n scripts.delays\n"));
	want = all;
	twin_get_app(&want, "apps.delays")->type = "STREAMING";
	assert_non_null(strstr(guarded(&guards), "! guard type can only change"));
	assert_non_null(strstr(dump(&plan), "(prevent_delete)"));
}

static void test_deletions_are_limited(void **state)
{
	(void)state;
	twin_get_app(&want, "apps.delays")->type = "STREAMING";
	twin_drop(&want, "apps.routes");
	planned();
	plan_limit_deletions(&plan, 2, &A);
	assert_int_equal(plan.problems_n, 0);
	plan_limit_deletions(&plan, 1, &A);
	assert_int_equal(plan.problems_n, 1);
	assert_int_equal(plan.problems[0].kind, ERR_GUARD);
	assert_string_equal(
		plan.problems[0].text, "2 would be destroyed, and --max-delete allows 1");
	assert_false(plan_is_empty(&plan));
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
		"to take it over, give apps.delays `adopt: ocid1.dataflowapplication.oc1..delays`; "
		"to leave it alone, give it another display_name");
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
	assert_string_equal(plan.problems[0].hint,
		"give objects.mine another `object:` name, or write over it by `overwrite: true` or "
		"--overwrite");
	there.versioned = (struct opt_bool){true, false};
	live.v[live.n - 1] = there;
	planned();
	assert_non_null(strstr(plan.problems[0].hint,
		"--overwrite\nits bucket keeps no versions: what is there is lost"));
	struct resource *declared = (struct resource *)resources_find(&want, "objects.mine");
	declared->overwrite = true;
	planned();
	assert_int_equal(plan.problems_n, 0);
	assert_int_equal(plan.update, 1);
	assert_string_equal(plan.notes[0].text,
		"oci://flights@ns/data/mine.csv is written over, and was not put there by weir");
	assert_string_equal(
		plan.notes[0].hint, "its bucket keeps no versions: what is there is lost");
	declared->overwrite = false;
	theirs->owner = mine->owner;
	planned();
	assert_int_equal(plan.problems_n, 0);
	assert_int_equal(plan.update, 1);
}

/* What an adopted application runs is adopted with it: nobody else's, and not what it does not run. */
static void test_objects_are_adopted(void **state)
{
	(void)state;
	struct resource *script = (struct resource *)resources_find(&want, "scripts.delays");
	struct object *mine = (struct object *)script->object;
	mine->name = "jobs/delays.py";
	struct resource there = twin_served(script, &A);
	struct object *theirs = (struct object *)there.object;
	*resources_add(&live, &A) = there;
	twin_content(theirs, &A, "old!");
	theirs->owner = NULL;
	struct application *app = (struct application *)resources_find(&want, "apps.delays")->app;
	app->file_uri = twin_get_app(&live, "apps.delays")->file_uri = there.id;
	const char *refused =
		"! conflict oci://flights@ns/jobs/delays.py would be written over, and "
		"was not put there by weir";
	assert_non_null(strstr(planned(), refused));
	assert_string_equal(plan.problems[0].hint,
		"give apps.delays another `script_object:` name, or write over it by `overwrite: true` or "
		"--overwrite");
	wanted("apps.delays")->adopt = DELAYS;
	assert_null(strstr(planned(), "would be written over"));
	theirs->owner = "trains/local";
	assert_non_null(strstr(planned(), "and is weir's `trains/local`"));
	theirs->owner = NULL;
	twin_get_app(&live, "apps.delays")->file_uri = "oci://flights@ns/jobs/other.py";
	assert_non_null(strstr(planned(), refused));
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

static void test_bucket_is_not_created_suspended(void **state)
{
	(void)state;
	struct bucket *mine = (struct bucket *)resources_find(&want, "buckets.flights")->bucket;
	mine->versioning = "Suspended";
	((struct bucket *)resources_find(&live, "buckets.flights")->bucket)->versioning =
		"Suspended";
	assert_string_equal(planned(), "");
	twin_drop(&live, "buckets.flights");
	planned();
	assert_int_equal(plan.problems_n, 1);
	assert_int_equal(plan.problems[0].kind, ERR_GUARD);
	assert_string_equal(
		plan.problems[0].text, "a bucket is not created with its versioning suspended");
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

static struct resource *live_app(const char *address)
{
	return (struct resource *)resources_find(&live, address);
}

/* As weir leaves it: with the tag weir-set. */
static struct application *applied(const char *address)
{
	struct application *app = remember_on(twin_get_app(&want, address), &A, NULL);
	app->id = live_app(address)->id;
	app->lifecycle_state = "ACTIVE";
	live_app(address)->app = app;
	return app;
}

static void put_tag(struct pairs *tags, const char *name, const char *value)
{
	struct pair *v = arena_array(&A, tags->n + 1, sizeof *v);
	for (size_t i = 0; i < tags->n; i++)
		v[i] = tags->v[i];
	v[tags->n] = (struct pair){name, value};
	*tags = (struct pairs){v, tags->n + 1};
}

static const char *tag_of(const struct pairs *tags, const char *name)
{
	for (size_t i = 0; i < tags->n; i++)
		if (!strcmp(tags->v[i].name, name))
			return tags->v[i].value;
	return NULL;
}

/* The body of the only update. */
static const char *body(void)
{
	buf_auto out = {0};
	for (size_t i = 0; i < plan.n; i++)
		if (plan.v[i].verb == PLAN_UPDATE)
			node_to_json(compare_update_body(plan.v[i].live, plan.v[i].want,
					     &plan.v[i].changes, &A),
				NODE_JSON_COMPACT, &out);
	return arena_strdup(&A, buf_str(&out));
}

static void test_a_stale_memory_is_no_change(void **state)
{
	(void)state;
	applied("apps.delays");
	assert_string_equal(planned(), "");
	/* Of a field that others cleared, and the file no longer has: nothing is left to do. */
	twin_get_app(&want, "apps.delays")->pool_id = "p";
	applied("apps.delays")->pool_id = NULL;
	twin_get_app(&want, "apps.delays")->pool_id = NULL;
	assert_string_equal(planned(), "");
}

static void test_what_weir_set_is_reset(void **state)
{
	(void)state;
	struct application *app = twin_get_app(&want, "apps.delays");
	struct shape_config size = {.ocpus = {true, 2}, .memory_in_gbs = {true, 32}};
	struct log_config logs = {.log_group_id = "g", .log_id = "l"};
	app->pool_id = "p";
	app->logs_bucket_uri = "oci://logs@ns/";
	app->warehouse_bucket_uri = "oci://w@ns";
	app->driver_shape_config = &size;
	app->application_log_config = &logs;
	put_tag(&app->freeform_tags, "team", "x");
	put_tag(&app->defined_tags, "n.cost", "y");
	struct application *was = applied("apps.delays");
	put_tag(&was->freeform_tags, "theirs", "1");
	put_tag(&was->defined_tags, "n.theirs", "1");
	was->metastore_id = "theirs";
	assert_string_equal(planned(), "");
	app->pool_id = app->logs_bucket_uri = app->warehouse_bucket_uri = NULL;
	app->driver_shape_config = NULL;
	app->application_log_config = NULL;
	app->freeform_tags.n = 1;
	app->defined_tags.n = 0;
	assert_string_equal(planned(),
		"~ apps.delays driver_shape_config.ocpus=2-> "
		"driver_shape_config.memory_in_gbs=32-> logs_bucket_uri=\"oci://logs@ns/\"-> "
		"warehouse_bucket_uri=\"oci://w@ns\"-> pool_id=\"p\"-> "
		"application_log_config.log_group_id=\"g\"-> "
		"application_log_config.log_id=\"l\"-> freeform_tags.team=\"x\"-> "
		"defined_tags.n.cost=\"y\"->\n");
	const char *now = tag_of(&remember_on(app, &A, NULL)->freeform_tags, "weir-set");
	assert_string_equal(body(),
		arena_printf(&A,
			"{\"driverShapeConfig\":{},\"logsBucketUri\":\"\",\"warehouseBucketUri\":"
			"\"\",\"poolId\":\"\",\"applicationLogConfig\":{},\"freeformTags\":{"
			"\"theirs\":\"1\",\"weir\":\"flights/local/delays\",\"weir-set\":\"%s\"},"
			"\"definedTags\":{\"n\":{\"theirs\":\"1\"}}}",
			now));
}

static void test_what_cannot_be_cleared_is_told(void **state)
{
	(void)state;
	struct application *app = twin_get_app(&want, "apps.delays");
	app->max_duration_in_minutes = (struct opt_i64){true, 60};
	app->idle_timeout_in_minutes = (struct opt_i64){true, 5};
	app->type = "STREAMING";
	applied("apps.delays");
	app->max_duration_in_minutes.set = app->idle_timeout_in_minutes.set = false;
	app->type = NULL;
	assert_string_equal(planned(),
		"? apps.delays `type` is no longer in the file, and the service can't clear it: it "
		"stays \"STREAMING\"\n"
		"? apps.delays `max_duration_in_minutes` is no longer in the file, and the service "
		"can't clear it: it stays 60\n"
		"? apps.delays `idle_timeout_in_minutes` is no longer in the file, and the service "
		"can't clear it: it stays 5\n");
	assert_true(plan_is_empty(&plan));
	/* Whoever gives it a value again has it his way. */
	app->max_duration_in_minutes = (struct opt_i64){true, 30};
	assert_has(planned(), "~ apps.delays max_duration_in_minutes=60->30\n");
}

/* From a script to `execute`: what the service derives from it is neither reset nor told. */
static void test_execute_takes_the_place_of_the_rest(void **state)
{
	(void)state;
	struct application *app = twin_get_app(&want, "apps.delays");
	app->class_name = "Main";
	applied("apps.delays");
	app->file_uri = app->class_name = NULL;
	app->execute = "oci://flights@ns/x.py";
	twin_drop(&want, "scripts.delays");
	twin_drop(&live, "scripts.delays");
	assert_string_equal(planned(), "~ apps.delays execute=->\"oci://flights@ns/x.py\"\n");
}

static void test_others_keep_what_the_file_leaves_out(void **state)
{
	(void)state;
	struct application *was = applied("apps.delays");
	was->pool_id = "theirs";
	was->logs_bucket_uri = "oci://logs@ns"; /* the same, written in another way */
	was->driver_shape_config = arena_new(&A, struct shape_config);
	was->driver_shape_config->ocpus = (struct opt_num){true, 4};
	was->max_duration_in_minutes = (struct opt_i64){true, 9};
	was->metastore_id = was->private_endpoint_id = "theirs";
	put_tag(&was->freeform_tags, "theirs", "1");
	put_tag(&was->defined_tags, "n.theirs", "1");
	assert_string_equal(planned(), "");
}

/* As an older weir left it: nothing is known, nothing is reset. */
static void test_without_memory_nothing_is_reset(void **state)
{
	(void)state;
	struct application *was = twin_get_app(&live, "apps.delays");
	was->pool_id = "p";
	put_tag(&was->freeform_tags, "team", "x");
	assert_string_equal(planned(), "");
	twin_get_app(&want, "apps.delays")->num_executors.v = 2;
	assert_string_equal(planned(), "~ apps.delays num_executors=1->2\n");
	assert_int_equal(plan.v[6].changes.v[0].reason, FIELD_BY_UNKNOWN);
	assert_has(body(), "\"weir-set\":\"1");
	assert_has(body(), "\"team\":\"x\"");
}

static void test_a_garbled_memory_is_none(void **state)
{
	(void)state;
	static const char *const texts[] = {
		"", "1", "1aaaaa", "mine", "1aaaaaoAAAAA", "\x01\xff", "1aaaaaoAAAAA.AAAAABBB"};
	twin_get_app(&want, "apps.delays")->pool_id = "p";
	struct application *was = applied("apps.delays");
	twin_get_app(&want, "apps.delays")->pool_id = NULL;
	struct pair *tag = &was->freeform_tags.v[was->freeform_tags.n - 1];
	assert_string_equal(tag->name, "weir-set");
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		tag->value = texts[i];
		assert_string_equal(planned(),
			"? apps.delays the freeform tag `weir-set` of "
			"ocid1.dataflowapplication.oc1..delays is not as weir wrote it: what was set "
			"last is not known, and nothing is reset that the file no longer has\n");
		assert_true(plan_is_empty(&plan));
	}
	tag->value = "2 is to come";
	assert_has(planned(), "was written by a later weir");
	/* That of another application. */
	tag->value = tag_of(&applied("apps.routes")->freeform_tags, "weir-set");
	live_app("apps.delays")->app = was;
	assert_has(planned(), "is not as weir wrote it");
	/* The next update mends it. */
	twin_get_app(&want, "apps.delays")->num_executors.v = 2;
	planned();
	assert_has(body(),
		tag_of(&remember_on(twin_get_app(&want, "apps.delays"), &A, NULL)->freeform_tags,
			"weir-set"));
	assert_lacks(body(), "poolId");
}

static void test_ten_tags(void **state)
{
	(void)state;
	struct application *app = twin_get_app(&want, "apps.delays"), *was = applied("apps.delays");
	for (int i = 0; i < 8; i++)
		put_tag(&was->freeform_tags, arena_printf(&A, "theirs%d", i), "x");
	/* As they are, they are no concern of a plan. */
	assert_string_equal(planned(), "");
	app->num_executors.v = 2;
	assert_string_equal(planned(), "~ apps.delays num_executors=1->2\n");
	assert_has(body(), "weir-set");
	/* One more, and the memory has to go; */
	put_tag(&app->freeform_tags, "ours", "x");
	assert_has(planned(),
		"? apps.delays apps.delays has 10 freeform tags, so that there is no room");
	assert_false(plan.problems_n);
	assert_lacks(body(), "weir-set");
	/* unless one of ours goes at the same time; */
	put_tag(&app->freeform_tags, "theirs0", "y");
	assert_has(planned(), "so that there is no room");
	/* and another is too many. */
	put_tag(&app->freeform_tags, "ours2", "x");
	assert_has(planned(),
		"! limit apps.delays would have 11 freeform tags, of which the service takes 10: those "
		"of the file, weir's own, and `theirs1`, `theirs2`, `theirs3`, `theirs4`, `theirs5`, "
		"`theirs6`, `theirs7`, which others set\n");
	assert_false(plan_is_empty(&plan));
}

static void test_more_tags_than_there_is_room_for(void **state)
{
	(void)state;
	struct application *app = twin_get_app(&want, "apps.delays");
	for (int i = 0; i < 60; i++)
		put_tag(&app->defined_tags, arena_printf(&A, "n.k%d", i), "x");
	assert_has(planned(), "of the tags do not fit into `weir-set`: they will stay");
	struct application *was = applied("apps.delays");
	assert_true(strlen(tag_of(&was->freeform_tags, "weir-set")) < 256);
	app->defined_tags.n = 0;
	planned();
	assert_int_equal(plan.update, 1);
	assert_true(plan.v[6].changes.n > 8 && plan.v[6].changes.n < 60);
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
	struct node *body = compare_update_body(x->live, x->want, &x->changes, &A);
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
		TEST(test_renamed),
		TEST(test_renamed_and_there_already),
		TEST(test_objects_of_before_go_after_their_use),
		TEST(test_what_prevents_its_deletion_is_renamed),
		TEST(test_object_of_before_is_taken_over),
		TEST(test_adopted),
		TEST(test_adopted_long_ago),
		TEST(test_adoption_is_no_replacement),
		TEST(test_adopted_and_re_created_since),
		TEST(test_what_cannot_be_adopted),
		TEST(test_nothing_is_deleted_where_that_is_protected),
		TEST(test_what_prevents_its_deletion_stays),
		TEST(test_deletions_are_limited),
		TEST(test_display_name_of_another),
		TEST(test_display_name_of_another_pipeline),
		TEST(test_display_name_matters_only_when_new),
		TEST(test_object_of_another_is_not_written_over),
		TEST(test_objects_are_adopted),
		TEST(test_two_declarations_of_one_object),
		TEST(test_bucket_settings_are_a_note),
		TEST(test_bucket_is_not_created_suspended),
		TEST(test_order_of_input_does_not_count),
		TEST(test_a_stale_memory_is_no_change),
		TEST(test_what_weir_set_is_reset),
		TEST(test_what_cannot_be_cleared_is_told),
		TEST(test_execute_takes_the_place_of_the_rest),
		TEST(test_others_keep_what_the_file_leaves_out),
		TEST(test_without_memory_nothing_is_reset),
		TEST(test_a_garbled_memory_is_none),
		TEST(test_ten_tags),
		TEST(test_more_tags_than_there_is_room_for),
		TEST(test_applying_the_difference_gives_what_is_wanted),
		TEST(test_ten_thousand_applications),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
