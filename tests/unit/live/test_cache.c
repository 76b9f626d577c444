/* When a copy of an application is as good as the live one, and when not. */
#include "live/cache.h"

#include "base/fs.h"
#include "base/keep.h"
#include "base/text.h"
#include "unit.h"

#include <stdlib.h>

#define UPDATED "2026-11-25T10:00:00.000Z"
static const int64_t SETTLED = 1795600800000 + CACHE_SETTLED_MS;

static char base[] = "/tmp/weir-unit-cache-XXXXXX";
static struct arena A;
static struct err err;
static const char *folder;
static struct live_cache *cache;
static struct application app, summary;
static const char *etag;

static int make_folder(void **state)
{
	(void)state;
	return mkdtemp(base) ? 0 : -1;
}

static int remove_folder(void **state)
{
	(void)state;
	bool ok = fs_remove_tree(base, &err);
	arena_clear(&A);
	return ok ? 0 : -1;
}

static void open_cache(void)
{
	cache = live_cache_open(&A, folder, "service\nuser\npipeline/target", NULL);
}

static struct pair tags[] = {{"weir", "p/t/a"}, {"team", "x"}};

static int setup(void **state)
{
	(void)state;
	if (!fs_remove_tree(fs_join(&A, base, "weir"), &err) || setenv("XDG_CACHE_HOME", base, 1))
		return -1;
	folder = keep_folder(&A);
	static struct shape_config size = {.ocpus = {true, 2}};
	app = (struct application){.id = "ocid1.a",
		.compartment_id = "c",
		.display_name = "a",
		.lifecycle_state = "ACTIVE",
		.language = "PYTHON",
		.spark_version = "3.5.0",
		.description = "what only a GET tells",
		.driver_shape_config = &size,
		.freeform_tags = {tags, 2},
		.time_created = "2026-11-25T09:00:00.000Z",
		.time_updated = UPDATED};
	summary = app;
	summary.description = NULL;
	summary.driver_shape_config = NULL;
	etag = NULL;
	open_cache();
	return folder ? 0 : -1;
}

static void keep_app(int64_t read_ms)
{
	live_cache_keep(cache, &app, "e1", read_ms);
	live_cache_save(cache);
	open_cache();
}

static bool is_found(void)
{
	const struct application *found = live_cache_find(cache, &summary, &etag);
	if (!found)
		return false;
	assert_string_equal(found->description, "what only a GET tells");
	assert_true(found->driver_shape_config->ocpus.v == 2);
	assert_string_equal(etag, "e1");
	return true;
}

static void test_what_was_read_is_found(void **state)
{
	(void)state;
	assert_false(is_found());
	keep_app(SETTLED);
	assert_true(is_found());
}

static void test_changed_a_moment_ago(void **state)
{
	(void)state;
	keep_app(SETTLED - 1);
	assert_false(is_found());
	keep_app(0); /* the service told no time */
	assert_false(is_found());
	app.time_updated = summary.time_updated = "yesterday";
	keep_app(SETTLED);
	assert_false(is_found());
	app.time_updated = summary.time_updated = NULL;
	keep_app(SETTLED);
	assert_false(is_found());
}

static void test_whatever_the_summary_tells_decides(void **state)
{
	(void)state;
	const char **const texts[] = {&summary.time_updated, &summary.compartment_id,
		&summary.display_name, &summary.lifecycle_state, &summary.language,
		&summary.spark_version, &summary.type, &summary.pool_id,
		&summary.owner_principal_id, &summary.time_created, &summary.id};
	keep_app(SETTLED);
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		const char *was = *texts[i];
		*texts[i] = "another";
		if (is_found())
			fail_msg("text %zu differs, and yet it was found", i);
		*texts[i] = was;
	}
	static struct pair other[] = {{"weir", "p/t/a"}, {"team", "y"}};
	summary.freeform_tags.v = other;
	assert_false(is_found());
	summary.freeform_tags = (struct pairs){tags, 1};
	assert_false(is_found());
	static struct pair turned[] = {{"team", "x"}, {"weir", "p/t/a"}};
	summary.freeform_tags = (struct pairs){turned, 2};
	assert_true(is_found());
	summary.defined_tags = (struct pairs){tags, 1};
	assert_false(is_found());
	summary.defined_tags = (struct pairs){0};
	summary.owner_principal_id = summary.time_created = NULL; /* not told: not compared */
	assert_true(is_found());
}

static void test_forgotten(void **state)
{
	(void)state;
	keep_app(SETTLED);
	assert_true(is_found());
	live_cache_forget(cache, "ocid1.a");
	assert_false(is_found());
	live_cache_save(cache);
	open_cache();
	assert_false(is_found());
}

static void test_what_is_no_longer_live_is_dropped(void **state)
{
	(void)state;
	keep_app(SETTLED);
	live_cache_save(cache); /* a reading in which it was not listed */
	open_cache();
	assert_false(is_found());
}

static void test_read_anew(void **state)
{
	(void)state;
	keep_app(SETTLED);
	live_cache_empty(cache);
	assert_false(is_found());
	live_cache_keep(cache, &app, "e1", SETTLED);
	assert_true(is_found());
	live_cache_save(cache);
	open_cache();
	assert_true(is_found());
}

static void test_secrets_are_not_kept(void **state)
{
	(void)state;
	const char *texts[] = {"", "hunter2"};
	struct strs secrets = {texts, 2};
	cache = live_cache_open(&A, folder, "service\nuser\npipeline/target", &secrets);
	struct pair parameter = {"password", "is hunter2!"};
	app.parameters = (struct pairs){&parameter, 1};
	keep_app(SETTLED);
	assert_false(is_found());
	cache = live_cache_open(&A, folder, "service\nuser\npipeline/target", &secrets);
	parameter.value = "is not";
	keep_app(SETTLED);
	assert_true(is_found());
}

static void test_of_another_scope(void **state)
{
	(void)state;
	live_cache_set_ns(cache, "ns");
	keep_app(SETTLED);
	assert_string_equal(live_cache_ns(cache), "ns");
	cache = live_cache_open(&A, folder, "service\nanother\npipeline/target", NULL);
	assert_false(is_found());
	assert_null(live_cache_ns(cache));
}

static void test_nowhere_to_keep(void **state)
{
	(void)state;
	cache = live_cache_open(&A, NULL, "s", NULL);
	live_cache_keep(cache, &app, "e1", SETTLED);
	live_cache_save(cache);
	assert_true(is_found());
	folder = "/proc/1/nowhere";
	open_cache();
	keep_app(SETTLED);
	assert_false(is_found());
}

/* Two at once: the last one's is there, whole. */
static void test_two_at_once(void **state)
{
	(void)state;
	struct live_cache *other =
		live_cache_open(&A, folder, "service\nuser\npipeline/target", NULL);
	live_cache_keep(other, &app, "e0", SETTLED);
	live_cache_keep(cache, &app, "e1", SETTLED);
	live_cache_save(other);
	live_cache_save(cache);
	open_cache();
	assert_true(is_found());
}

#define TEST(f) cmocka_unit_test_setup(f, setup)
int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_what_was_read_is_found),
		TEST(test_changed_a_moment_ago),
		TEST(test_whatever_the_summary_tells_decides),
		TEST(test_forgotten),
		TEST(test_what_is_no_longer_live_is_dropped),
		TEST(test_read_anew),
		TEST(test_secrets_are_not_kept),
		TEST(test_of_another_scope),
		TEST(test_nowhere_to_keep),
		TEST(test_two_at_once),
	};
	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
