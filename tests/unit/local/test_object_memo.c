#include "../unit.h"
#include "base/fs.h"
#include "local/objectstorage/object_memo.h"
#include "local/store/store.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char home[64];
static struct store *store;
static struct arena arena;

static void put(const char *name, const char *text)
{
	struct err err;
	struct store_object o = {.bucket = "b", .name = name, .content_type = "text/plain"};
	if (!store_object_put(store, &o, text, strlen(text), &err))
		fail_msg("%s", err.text);
}

static int open_store(void **state)
{
	struct err err;
	(void)state;
	snprintf(home, sizeof home, "/tmp/weir-memo.XXXXXX");
	if (!mkdtemp(home) || !(store = store_open(home, &err)))
		return -1;
	store_identify(store, "ocid1.tenancy.oc1..t", "ocid1.user.oc1..u", "ns", "oc1.iad");
	return 0;
}

static int close_store(void **state)
{
	struct err err;
	(void)state;
	store_close(store);
	arena_clear(&arena);
	return fs_remove_tree(home, &err) ? 0 : -1;
}

/* The etag that is remembered of it, by the row that each memo begins with; NULL. */
static const char *remembered(const char *name)
{
	const struct store_memo *m = store_memo_get(store, "b", name);
	return m ? ((const struct object_row *)m->value)->etag : NULL;
}

static const char *content(const char *name)
{
	struct object_row row;
	if (!object_memo_get(store, &arena, "b", name, &row))
		return NULL;
	const char *bytes = object_memo_content(store, "b", &row);
	return bytes ? arena_strndup(&arena, bytes, row.size) : "";
}

static void test_read_once(void **state)
{
	struct object_row first, second;
	(void)state;
	put("a", "one");
	assert_true(object_memo_get(store, &arena, "b", "a", &first));
	assert_string_equal(remembered("a"), first.etag);
	assert_null(remembered("b"));
	assert_null(store_memo_get(store, "c", "a"));
	assert_true(object_memo_get(store, &arena, "b", "a", &second));
	assert_string_equal(second.name, "a");
	assert_string_equal(second.version, first.version);
	assert_string_equal(second.sha256, first.sha256);
	assert_string_equal(second.md5, first.md5);
	assert_string_equal(second.etag, first.etag);
	assert_string_equal(second.headers, "content-type: text/plain\n");
	assert_string_equal(second.tier, first.tier);
	assert_int_equal(second.size, 3);
	assert_int_equal(second.time_modified, first.time_modified);
	assert_string_equal(content("a"), "one");
	assert_string_equal(content("a"), "one");
}

static bool remove_objects(sqlite3 *db, void *ctx, struct err *err)
{
	(void)ctx;
	return store_exec(db, NULL, err, "DELETE FROM objects", "");
}

static void test_a_commit_ends_it(void **state)
{
	struct object_row row;
	struct err err;
	(void)state;
	put("a", "one");
	assert_string_equal(content("a"), "one");
	put("a", "two");
	assert_null(remembered("a"));
	assert_string_equal(content("a"), "two");
	put("other", "x");
	assert_null(remembered("a"));
	assert_string_equal(content("a"), "two");
	assert_true(store_write(store, remove_objects, NULL, &err));
	assert_null(content("a"));
	assert_null(remembered("a"));
	assert_false(object_memo_get(store, &arena, "b", "a", &row));
}

/* In the writer's thread, while its transaction is open: what it reads is not yet so. */
static bool read_and_fail(sqlite3 *db, void *ctx, struct err *err)
{
	struct object_row row;
	if (!remove_objects(db, NULL, err))
		return false;
	*(bool *)ctx = !object_memo_get(store, &arena, "b", "a", &row) &&
		store_commits(store) % 2 == 1 &&
		!store_memo_make(store, store_commits(store), "b", "a");
	return err_set(err, ERR_CONFLICT, "no");
}

static void test_none_while_a_change_is_on_its_way(void **state)
{
	struct err err;
	bool none = false;
	(void)state;
	put("a", "one");
	assert_string_equal(content("a"), "one");
	uint64_t commits = store_commits(store);
	assert_false(store_write(store, read_and_fail, &none, &err));
	assert_true(none);
	assert_true(store_commits(store) > commits);
	assert_string_equal(content("a"), "one");
}

/* Rows that were read before a commit are not what is remembered after it. */
static void test_what_was_read_before(void **state)
{
	(void)state;
	put("a", "one");
	uint64_t commits = store_commits(store);
	put("a", "two");
	struct store_memo *m = store_memo_make(store, commits, "b", "a");
	assert_non_null(m);
	m->value = arena_strdup(&m->arena, "one");
	assert_null(store_memo_get(store, "b", "a"));
	assert_string_equal(content("a"), "two");
}

static void test_content_that_is_large_or_not_this_one(void **state)
{
	static char large[5000];
	struct object_row before, now;
	(void)state;
	memset(large, 'x', sizeof large - 1);
	put("large", large);
	put("empty", "");
	put("a", "one");
	assert_true(object_memo_get(store, &arena, "b", "large", &now));
	assert_null(object_memo_content(store, "b", &now));
	assert_true(object_memo_get(store, &arena, "b", "empty", &now));
	assert_non_null(object_memo_content(store, "b", &now));
	assert_true(object_memo_get(store, &arena, "b", "a", &before));
	put("a", "two");
	assert_null(object_memo_content(store, "b", &before));
	assert_true(object_memo_get(store, &arena, "b", "a", &now));
	assert_null(object_memo_content(store, "b", &before));
	assert_memory_equal(object_memo_content(store, "b", &now), "two", 3);
}

enum { THREADS = 6, ROUNDS = 100 };
static _Atomic int told;

static void *read_on(void *arg)
{
	struct arena mine = {0};
	struct object_row row;
	for (int floor = 0; floor < ROUNDS;) {
		floor = told;
		const char *bytes = object_memo_get(store, &mine, "b", "a", &row)
			? object_memo_content(store, "b", &row)
			: NULL;
		char number[16] = "";
		if (bytes)
			memcpy(number, bytes, row.size);
		if (bytes && atoi(number) < floor)
			return (void *)"older than what was told";
		arena_clear(&mine);
	}
	return arg;
}

static void test_threads_read_what_was_told(void **state)
{
	pthread_t t[THREADS];
	char number[16];
	(void)state;
	put("a", "0");
	for (int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&t[i], NULL, read_on, NULL), 0);
	for (int n = 1; n <= ROUNDS; n++) {
		snprintf(number, sizeof number, "%d", n);
		put("a", number);
		told = n;
	}
	for (int i = 0; i < THREADS; i++) {
		void *wrong;
		pthread_join(t[i], &wrong);
		assert_null(wrong);
	}
}

#define T(f) cmocka_unit_test_setup_teardown(f, open_store, close_store)
int main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_read_once),
		T(test_a_commit_ends_it),
		T(test_none_while_a_change_is_on_its_way),
		T(test_what_was_read_before),
		T(test_content_that_is_large_or_not_this_one),
		T(test_threads_read_what_was_told),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
