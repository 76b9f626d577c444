#include "../unit.h"
#include "base/fs.h"
#include "local/objectstorage/object_row.h"
#include "local/objectstorage/objectstorage.h"
#include "local/store/store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char home[64];
static struct store *store;
static struct bucket_brief bucket;

/* A bucket `b`, versioned. Objects here name content that is not there: nobody reads it. */
static bool make_bucket(sqlite3 *db, void *ctx, struct err *err)
{
	arena_auto a = {0};
	struct bucket b = {.name = "b", .compartment_id = "c", .versioning = "Enabled"};
	(void)ctx;
	bucket_row_complete(&a, &b, "ns", "u", "oc1.iad");
	return bucket_row_insert(db, &b, err);
}

static int open_store(void **state)
{
	struct err err;
	(void)state;
	snprintf(home, sizeof home, "/tmp/weir-rows.XXXXXX");
	if (!mkdtemp(home) || !(store = store_open(home, &err)))
		return -1;
	return store_write(store, make_bucket, NULL, &err) &&
			bucket_row_brief(store_db(store), "b", &bucket)
		? 0
		: -1;
}

static int close_store(void **state)
{
	struct err err;
	(void)state;
	store_close(store);
	return fs_remove_tree(home, &err) ? 0 : -1;
}

struct step {
	enum step_kind { PUT, DELETE, DELETE_VERSION } what;
	const char *version;
};

static bool do_change(sqlite3 *db, void *ctx, struct err *err)
{
	const struct step *c = ctx;
	const struct object_row o = {.name = "a",
		.version = c->version,
		.sha256 = c->version,
		.md5 = "m",
		.etag = c->version,
		.headers = ""};
	switch (c->what) {
	case PUT:
		return object_row_put(db, &bucket, &o, err);
	case DELETE:
		return object_row_delete(db, &bucket, "a", c->version, 5, err);
	case DELETE_VERSION:
		return object_row_delete_version(db, bucket.id, "a", c->version, err);
	}
	return false;
}

static void change(enum step_kind what, const char *version)
{
	struct err err;
	struct step c = {.what = what, .version = version};
	if (!store_write(store, do_change, &c, &err))
		fail_msg("%s", err.text);
}

/* The latest version's id, "" where the object is not there. */
static const char *latest(void)
{
	static char etag[37];
	object_row_etag(store_db(store), bucket.id, "a", etag);
	return etag;
}

/* "3 2- 1": previous versions from the newest on, delete markers with a dash. */
static void assert_previous(const char *want)
{
	char got[256] = "";
	sqlite3_stmt *st = store_prepare(store_db(store),
		"SELECT version || CASE WHEN sha256 IS NULL THEN '-' ELSE '' END FROM versions"
		" WHERE bucket = ? AND name = 'a' ORDER BY seq DESC",
		"i", bucket.id);
	while (sqlite3_step(st) == SQLITE_ROW) {
		size_t n = strlen(got);
		snprintf(got + n, sizeof got - n, "%s%s", n ? " " : "", sqlite3_column_text(st, 0));
	}
	store_done(st);
	assert_string_equal(got, want);
}

static void test_replaced_and_deleted_versions_stay(void **state)
{
	(void)state;
	change(PUT, "1");
	change(PUT, "2");
	assert_string_equal(latest(), "2");
	assert_previous("1");
	change(DELETE, "3");
	assert_string_equal(latest(), "");
	assert_previous("3- 2 1");
	change(DELETE, "4");
	assert_previous("4- 3- 2 1");
	change(PUT, "5");
	assert_string_equal(latest(), "5");
	assert_previous("4- 3- 2 1");
}

static void test_what_was_before_the_latest_takes_its_place(void **state)
{
	(void)state;
	change(PUT, "1");
	change(PUT, "2");
	change(DELETE, "3");
	change(DELETE, "4");
	change(DELETE_VERSION, "4");
	assert_string_equal(latest(), ""); /* another marker hides it */
	change(DELETE_VERSION, "3");
	assert_string_equal(latest(), "2");
	assert_previous("1");
	change(DELETE_VERSION, "2");
	assert_string_equal(latest(), "1");
	assert_previous("");
	change(DELETE_VERSION, "1");
	assert_string_equal(latest(), "");
}

static void test_a_version_that_is_not_the_latest_changes_nothing_else(void **state)
{
	(void)state;
	change(PUT, "1");
	change(DELETE, "2");
	change(PUT, "3");
	change(DELETE_VERSION, "2");
	assert_string_equal(latest(), "3");
	assert_previous("1");
	change(DELETE_VERSION, "nothing");
	assert_string_equal(latest(), "3");
	assert_previous("1");
}

static void test_suspended(void **state)
{
	(void)state;
	change(PUT, "1");
	change(PUT, "2");
	bucket.versioned = false;
	change(PUT, "3");
	assert_string_equal(latest(), "3");
	assert_previous("1");
	change(DELETE, "4");
	assert_string_equal(latest(), "");
	assert_previous("1"); /* without a marker, and it does not come back */
	bucket.versioned = true;
	change(PUT, "5");
	change(PUT, "6");
	assert_previous("5 1");
}

static void test_a_version_by_its_id(void **state)
{
	(void)state;
	arena_auto a = {0};
	struct object_row o;
	sqlite3 *db = store_db(store);
	change(PUT, "1");
	change(PUT, "2");
	change(DELETE, "3");
	assert_true(object_row_get_version(db, &a, "b", "a", "1", &o));
	assert_string_equal(o.sha256, "1");
	assert_true(object_row_get_version(db, &a, "b", "a", "3", &o));
	assert_null(o.sha256);
	assert_false(object_row_get_version(db, &a, "b", "b", "1", &o));
	assert_false(object_row_get_version(db, &a, "c", "a", "1", &o));
	assert_false(object_row_get(db, &a, "b", "a", &o));
	assert_string_equal(bucket_row_holds(db, bucket.id), "previous versions of objects");
}

static bool add_rule(sqlite3 *db, void *ctx, struct err *err)
{
	return store_exec(db, NULL, err, ctx, "i", bucket.id);
}

#define RULE(amount, unit)                                                                     \
	"INSERT INTO retention_rules VALUES('" amount unit "', ?, 'e', '', " amount ", '" unit \
	"', 0, 0, NULL)"
static void test_retention(void **state)
{
	(void)state;
	struct err err;
	const int64_t day = 24 * 3600 * 1000;
	sqlite3 *db = store_db(store);
	assert_false(storage_retained(db, bucket.id, 0, 1));
	assert_true(store_write(store, add_rule, (void *)RULE("2", "DAYS"), &err));
	assert_true(storage_retained(db, bucket.id, 100, 99 + 2 * day));
	assert_false(storage_retained(db, bucket.id, 100, 100 + 2 * day));
	assert_true(store_write(store, add_rule, (void *)RULE("1", "YEARS"), &err));
	assert_true(storage_retained(db, bucket.id, 0, 365 * day - 1));
	assert_false(storage_retained(db, bucket.id, 0, 365 * day));
	assert_false(storage_retained(db, bucket.id + 1, 0, 1));
	assert_true(store_write(store, add_rule, (void *)RULE("NULL", "DAYS"), &err));
	assert_true(storage_retained(db, bucket.id, 0, INT64_MAX / 2));
}

static void test_archived_until_restored(void **state)
{
	(void)state;
	struct object_row o = {.tier = "Archive"};
	assert_true(object_row_is_archived(&o, 100));
	assert_string_equal(storage_archival_state(&o, 100), "Archived");
	o.restored_until = 200;
	assert_string_equal(storage_archival_state(&o, 199), "Restored");
	assert_string_equal(storage_archival_state(&o, 200), "Archived");
	o.tier = "InfrequentAccess";
	assert_false(object_row_is_archived(&o, 500));
	assert_null(storage_archival_state(&o, 500));
}

#define T(f) cmocka_unit_test_setup_teardown(f, open_store, close_store)
int main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_replaced_and_deleted_versions_stay),
		T(test_what_was_before_the_latest_takes_its_place),
		T(test_a_version_that_is_not_the_latest_changes_nothing_else),
		T(test_suspended),
		T(test_a_version_by_its_id),
		T(test_retention),
		T(test_archived_until_restored),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
