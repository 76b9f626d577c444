#include "../unit.h"
#include "base/digest.h"
#include "base/fs.h"
#include "base/text.h"
#include "local/objectstorage/object_row.h"
#include "local/store/store.h"
#include "local/store/store_inside.h"
#include "local/store/store_schema.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static char home[64];

static int make_home(void **state)
{
	(void)state;
	snprintf(home, sizeof home, "/tmp/weir-store.XXXXXX");
	return mkdtemp(home) ? 0 : -1;
}

static int remove_home(void **state)
{
	struct err err;
	(void)state;
	return fs_remove_tree(home, &err) ? 0 : -1;
}

static struct store *open_store(void)
{
	struct err err;
	struct store *s = store_open(home, &err);
	if (!s)
		fail_msg("%s", err.text);
	store_identify(s, "ocid1.tenancy.oc1..t", "ocid1.user.oc1..u", "ns", "oc1.iad");
	return s;
}

static void put(struct store *s, const char *name, const char *text)
{
	struct err err;
	struct store_object o = {.bucket = "b", .name = name, .content_type = "text/plain"};
	if (!store_object_put(s, &o, text, strlen(text), &err))
		fail_msg("%s", err.text);
}

/* The object's text, or NULL. */
static const char *get(struct store *s, const char *name)
{
	static _Thread_local char text[256];
	struct err err;
	uint64_t size;
	fd_auto fd = store_object_open(s, "b", name, &size, &err);
	if (fd < 0)
		return NULL;
	ssize_t n = read(fd, text, sizeof text - 1);
	assert_int_equal(n, size);
	text[n] = '\0';
	return text;
}

static int content_files(void)
{
	char command[128];
	snprintf(command, sizeof command, "find %s/objects -type f | wc -l", home);
	FILE *f = popen(command, "r");
	int n = -1;
	assert_int_equal(fscanf(f, "%d", &n), 1);
	pclose(f);
	return n;
}

static void wait_for_content_files(int want)
{
	for (int i = 0; i < 500 && content_files() != want; i++)
		nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL);
	assert_int_equal(content_files(), want);
}

static bool delete_object(sqlite3 *db, void *ctx, struct err *err)
{
	return store_exec(db, NULL, err, "DELETE FROM objects WHERE name = ?", "s", ctx);
}

static void test_put_survives_reopening(void **state)
{
	(void)state;
	struct store *s = open_store();
	put(s, "a", "one");
	put(s, "../../a", "two");
	store_close(s);
	s = open_store();
	assert_string_equal(get(s, "a"), "one");
	assert_string_equal(get(s, "../../a"), "two");
	assert_null(get(s, "b"));
	store_close(s);
}

static void test_overwritten_and_deleted_content_goes(void **state)
{
	(void)state;
	struct err err;
	struct store *s = open_store();
	put(s, "a", "one");
	put(s, "b", "one");
	assert_int_equal(content_files(), 1);
	put(s, "a", "two");
	assert_int_equal(content_files(), 2);
	assert_true(store_write(s, delete_object, (void *)"b", &err));
	assert_int_equal(content_files(), 1);
	assert_string_equal(get(s, "a"), "two");
	store_close(s);
}

static void test_pinned_content_stays_until_unpinned(void **state)
{
	(void)state;
	struct err err;
	struct store *s = open_store();
	put(s, "a", "one");
	struct store_content c;
	assert_true(store_content_begin(s, &c, &err));
	assert_true(store_content_add(&c, "one", 3, &err));
	assert_true(store_content_commit(s, &c, &err));
	assert_true(store_write(s, delete_object, (void *)"a", &err));
	nanosleep(&(struct timespec){.tv_nsec = 700000000}, NULL);
	assert_int_equal(content_files(), 1);
	store_content_unpin(s, c.sha256_hex, true);
	wait_for_content_files(0);
	store_close(s);
}

static void test_content_that_no_row_came_to_name_goes(void **state)
{
	(void)state;
	struct err err;
	struct store *s = open_store();
	struct store_content c;
	assert_true(store_content_begin(s, &c, &err));
	assert_true(store_content_add(&c, "one", 3, &err));
	store_content_end(&c);
	assert_string_equal(
		c.sha256_hex, "7692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff431ed");
	assert_true(store_content_commit(s, &c, &err));
	assert_int_equal(content_files(), 1);
	store_content_unpin(s, c.sha256_hex, false);
	assert_int_equal(content_files(), 0);
	store_close(s);
}

static void test_content_of_contents(void **state)
{
	(void)state;
	struct err err;
	struct store *s = open_store();
	const char *const pieces[] = {"one", "", "two"};
	struct store_content part[3], c, bytes;
	assert_true(store_content_begin(s, &c, &err));
	for (size_t i = 0; i < 3; i++) {
		assert_true(store_content_begin(s, &part[i], &err));
		assert_true(store_content_add(&part[i], pieces[i], strlen(pieces[i]), &err));
		assert_true(store_content_commit(s, &part[i], &err));
		assert_true(store_content_add_content(s, &c, part[i].sha256_hex, &err));
	}
	assert_int_equal(c.size, 6);
	assert_true(store_content_commit(s, &c, &err));
	char text[8] = {0};
	int fd = store_content_open(s, c.sha256_hex, &err);
	assert_int_equal(read(fd, text, sizeof text), 6);
	assert_string_equal(text, "onetwo");
	close(fd);
	/* Bytes that spell the names of the parts have another name. */
	assert_true(store_content_begin(s, &bytes, &err));
	for (size_t i = 0; i < 3; i++)
		assert_true(store_content_add(&bytes, part[i].sha256_hex, 64, &err));
	assert_true(store_content_commit(s, &bytes, &err));
	assert_memory_equal(bytes.sha256_hex, c.sha256_hex, 63);
	assert_string_not_equal(bytes.sha256_hex, c.sha256_hex);
	struct store_content gone;
	assert_true(store_content_begin(s, &gone, &err));
	assert_false(store_content_add_content(s, &gone,
		"0000000000000000000000000000000000000000000000000000000000000000", &err));
	assert_int_equal(err.kind, ERR_NOT_FOUND);
	store_content_abort(&gone);
	store_close(s);
}

static void write_file(const char *path)
{
	struct err err;
	if (!fs_write(path, "x", 1, 0600, &err))
		fail_msg("%s", err.text);
}

static void test_leftovers_are_removed_at_start(void **state)
{
	(void)state;
	struct store *s = open_store();
	put(s, "a", "one");
	store_close(s);
	char path[256];
	snprintf(path, sizeof path, "%s/tmp/content.half", home);
	write_file(path);
	/* Content whose row was never committed. */
	snprintf(path, sizeof path, "%s/objects/ab/ab%062d", home, 0);
	write_file(path);
	assert_int_equal(content_files(), 2);
	s = open_store();
	snprintf(path, sizeof path, "%s/tmp/content.half", home);
	assert_false(fs_exists(path));
	assert_int_equal(content_files(), 1);
	assert_string_equal(get(s, "a"), "one");
	store_close(s);
}

static bool keep_part(sqlite3 *db, void *ctx, struct err *err)
{
	return store_exec(db, NULL, err,
		       "INSERT OR IGNORE INTO uploads(id, bucket, name, headers, time_created)"
		       " SELECT 'u', id, 'o', '', 0 FROM buckets LIMIT 1",
		       "") &&
		store_exec(db, NULL, err,
			"INSERT INTO parts(upload, num, sha256, size, md5, etag)"
			" VALUES('u', (SELECT count(*) FROM parts) + 1, ?, 1, x'00', 'e')",
			"s", ctx);
}

/* A part of an unfinished upload; its content's path. */
static const char *part(struct store *s, struct arena *a, const char *text)
{
	struct err err;
	struct store_content c;
	assert_true(store_content_begin(s, &c, &err));
	assert_true(store_content_add(&c, text, strlen(text), &err));
	c.draft = true;
	assert_true(store_content_commit(s, &c, &err));
	if (!store_write(s, keep_part, c.sha256_hex, &err))
		fail_msg("%s", err.text);
	store_content_unpin(s, c.sha256_hex, true);
	return arena_printf(a, "%s/objects/%.2s/%s", home, c.sha256_hex, c.sha256_hex);
}

static int64_t parts(struct store *s)
{
	sqlite3_stmt *st = store_prepare(store_db(s), "SELECT count(*) FROM parts", "");
	int64_t n = sqlite3_step(st) == SQLITE_ROW ? sqlite3_column_int64(st, 0) : -1;
	store_done(st);
	return n;
}

static void tear(const char *path)
{
	FILE *f = fopen(path, "w");
	assert_non_null(f);
	assert_int_equal(fclose(f), 0);
}

static void test_parts_that_did_not_outlast_the_machine(void **state)
{
	(void)state;
	struct err err;
	arena_auto a = {0};
	struct store *s = open_store();
	put(s, "o", "in an object too");
	const char *torn = part(s, &a, "torn");
	part(s, &a, "whole");
	struct stat before, after;
	unsigned char raw[DIGEST_MAX];
	digest_bytes(DIGEST_SHA256, "in an object too", 16, raw);
	const char *sha256 = text_hex(&a, raw, 32);
	const char *shared = arena_printf(&a, "%s/objects/%.2s/%s", home, sha256, sha256);
	assert_int_equal(stat(shared, &before), 0);
	part(s, &a, "in an object too");
	assert_int_equal(stat(shared, &after), 0);
	assert_true(before.st_ino == after.st_ino); /* what is synced stays in its place */
	store_close(s);

	tear(torn); /* killed only: the kernel has it, nobody looks */
	s = open_store();
	assert_int_equal(parts(s), 3);
	store_close(s);

	/* The machine has started anew. */
	const char *boot = arena_printf(&a, "%s/boot", home);
	assert_true(fs_write(boot, "another", 7, 0600, &err));
	s = open_store();
	assert_int_equal(parts(s), 2);
	assert_string_equal(get(s, "o"), "in an object too");
	wait_for_content_files(2);
	store_close(s);
}

static void test_unreadable_content_and_aborted_content(void **state)
{
	(void)state;
	struct err err;
	struct store *s = open_store();
	struct store_content c;
	assert_true(store_content_begin(s, &c, &err));
	assert_true(store_content_add(&c, "one", 3, &err));
	assert_true(fs_exists(c.path));
	store_content_abort(&c);
	assert_false(fs_exists(c.path));
	store_content_abort(&c);
	char sha256[65];
	memset(sha256, 'a', 64);
	sha256[64] = '\0';
	assert_int_equal(store_content_open(s, sha256, &err), -1);
	assert_int_equal(err.kind, ERR_NOT_FOUND);
	store_close(s);
}

static bool insert_twice(sqlite3 *db, void *ctx, struct err *err)
{
	const char *sql = "INSERT INTO garbage VALUES(?)";
	(void)ctx;
	return store_exec(db, NULL, err, sql, "s", "x") && store_exec(db, NULL, err, sql, "s", "x");
}

static int64_t count(struct store *s, const char *sql)
{
	sqlite3_stmt *st = store_prepare(store_db(s), sql, "");
	assert_int_equal(sqlite3_step(st), SQLITE_ROW);
	int64_t n = sqlite3_column_int64(st, 0);
	store_done(st);
	return n;
}

static void test_a_failed_write_leaves_nothing(void **state)
{
	(void)state;
	struct err err;
	struct store *s = open_store();
	assert_false(store_write(s, insert_twice, NULL, &err));
	assert_int_equal(err.kind, ERR_CONFLICT);
	assert_int_equal(count(s, "SELECT count(*) FROM garbage"), 0);
	store_close(s);
}

enum { THREADS = 8, PUTS = 25 };
static void *put_many(void *arg)
{
	struct store *s = arg;
	char name[32];
	for (int i = 0; i < PUTS; i++) {
		snprintf(name, sizeof name, "%lx-%d", (unsigned long)pthread_self(), i);
		put(s, name, name);
		if (!get(s, name) || strcmp(get(s, name), name))
			return (void *)"the object is not what was put";
	}
	return NULL;
}

static void *read_in_thread(void *arg)
{
	return get(arg, "a") ? NULL : (void *)"not found";
}

static void test_threads_write_together(void **state)
{
	(void)state;
	struct store *s = open_store();
	pthread_t t[THREADS];
	for (int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&t[i], NULL, put_many, s), 0);
	for (int i = 0; i < THREADS; i++) {
		void *failed;
		pthread_join(t[i], &failed);
		assert_null(failed);
	}
	assert_int_equal(count(s, "SELECT count(*) FROM objects"), THREADS * PUTS);
	store_close(s);
}

static int connections(const struct store *s)
{
	int n = 0;
	for (const struct store_conn *c = s->all; c; c = c->next_all)
		n++;
	return n;
}

/* All that threads need is open from the start, when descriptors are not scarce. */
static void test_connections_of_ended_threads_are_used_again(void **state)
{
	(void)state;
	struct store *s = open_store();
	put(s, "a", "one");
	int n = connections(s);
	for (int i = 0; i < n + 20; i++) {
		pthread_t t;
		void *failed;
		assert_int_equal(pthread_create(&t, NULL, read_in_thread, s), 0);
		pthread_join(t, &failed);
		assert_null(failed);
	}
	assert_int_equal(connections(s), n);
	store_close(s);
}

#define ONE "7692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff431ed" /* of "one" */

static void exec(sqlite3 *db, const char *sql)
{
	char *error = NULL;
	if (sqlite3_exec(db, sql, NULL, NULL, &error) != SQLITE_OK)
		fail_msg("%s: %s", sql, error);
}

/* A home as the first schema had it. */
static void make_old_home(void)
{
	struct err err;
	char path[256];
	sqlite3 *db;
	snprintf(path, sizeof path, "%s/weir-local.db", home);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	exec(db, store_schema[0]);
	exec(db, "PRAGMA user_version = 1");
	exec(db,
		"INSERT INTO buckets VALUES(1, 'b', 'c', 'e', '{\"name\": \"b\", \"compartmentId\": \"c\","
		" \"versioning\": \"Enabled\", \"publicAccessType\": \"ObjectRead\","
		" \"storageTier\": \"Standard\"}')");
	exec(db,
		"INSERT INTO objects VALUES(1, 'a', '" ONE "', 3, 'm', 'e1', '', 5, 6),"
		" (1, 'b', '" ONE "', 3, 'm', 'e2', '', 5, 6)");
	exec(db, "INSERT INTO uploads VALUES('u', 1, 'big', '', 5)");
	exec(db,
		"INSERT INTO runs(id, etag, record, summary, time_started) VALUES('r', 'e',"
		" '{\"compartmentId\": \"c\", \"displayName\": \"n\", \"language\": \"SQL\","
		" \"ownerPrincipalId\": \"u\", \"lifecycleState\": \"FAILED\","
		" \"timeCreated\": \"2026-01-01T00:00:00.000Z\","
		" \"timeUpdated\": \"2026-01-01T00:00:07.250Z\", \"runDurationInMilliseconds\": 5250,"
		" \"totalOCpu\": 1, \"dataReadInBytes\": 0, \"dataWrittenInBytes\": 0}', '{}',"
		" 1767225602000)");
	sqlite3_close(db);
	snprintf(path, sizeof path, "%s/objects/76", home);
	assert_true(fs_mkdirs(path, 0700, &err));
	snprintf(path, sizeof path, "%s/objects/76/" ONE, home);
	assert_true(fs_write(path, "one", 3, 0600, &err));
}

static void test_a_home_of_an_earlier_schema_is_brought_up(void **state)
{
	(void)state;
	make_old_home();
	struct store *s = open_store();
	arena_auto a = {0};
	struct object_row first, second;
	assert_string_equal(get(s, "a"), "one");
	assert_true(object_row_get(store_db(s), &a, "b", "a", &first));
	assert_true(object_row_get(store_db(s), &a, "b", "b", &second));
	assert_int_equal(strlen(first.version), 36);
	assert_string_not_equal(first.version, second.version);
	assert_string_equal(first.tier, "Standard");
	assert_int_equal(first.time_modified, 6);
	struct bucket_brief brief;
	assert_true(bucket_row_brief(store_db(s), "b", &brief));
	assert_true(brief.versioned);
	put(s, "a", "two");
	assert_string_equal(get(s, "a"), "two");
	assert_true(object_row_get_version(store_db(s), &a, "b", "a", first.version, &second));
	assert_string_equal(second.sha256, ONE);
	assert_int_equal(count(s, "SELECT count(*) FROM uploads WHERE tier = 'Standard'"), 1);
	assert_int_equal(count(s, "SELECT count(*) FROM buckets WHERE access = 'ObjectRead'"), 1);
	assert_int_equal(
		count(s,
			"SELECT group_concat(state || ' ' || time, ', ') = 'ACCEPTED"
			" 2026-01-01T00:00:00.000Z, IN_PROGRESS 2026-01-01T00:00:02.000Z, FAILED"
			" 2026-01-01T00:00:07.250Z' FROM (SELECT state, time FROM run_states"
			" ORDER BY seq)"),
		1);
	store_close(s);
}

static void test_a_newer_schema_is_refused(void **state)
{
	(void)state;
	struct err err;
	char path[128];
	sqlite3 *db;
	store_close(open_store());
	snprintf(path, sizeof path, "%s/weir-local.db", home);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, "PRAGMA user_version=999", NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
	assert_null(store_open(home, &err));
	assert_int_equal(err.kind, ERR_CONFIG);
	assert_non_null(strstr(err.text, "newer weir-local"));
}

static void test_a_file_that_is_no_database(void **state)
{
	(void)state;
	struct err err;
	char path[128], garbage[4096];
	memset(garbage, 'x', sizeof garbage);
	snprintf(path, sizeof path, "%s/weir-local.db", home);
	assert_true(fs_write(path, garbage, sizeof garbage, 0600, &err));
	assert_null(store_open(home, &err));
	assert_non_null(strstr(err.text, path));
}

static void test_headers_are_read_line_by_line(void **state)
{
	(void)state;
	const char *at = "content-type: a/b\nopc-meta-x: 1: 2\n", *name, *value;
	size_t name_len, value_len;
	assert_true(object_row_header(&at, &name, &name_len, &value, &value_len));
	assert_int_equal(name_len, 12);
	assert_memory_equal(value, "a/b", value_len);
	assert_true(object_row_header(&at, &name, &name_len, &value, &value_len));
	assert_memory_equal(name, "opc-meta-x", name_len);
	assert_int_equal(value_len, 4);
	assert_false(object_row_header(&at, &name, &name_len, &value, &value_len));
}

#define T(f) cmocka_unit_test_setup_teardown(f, make_home, remove_home)
int main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_put_survives_reopening),
		T(test_overwritten_and_deleted_content_goes),
		T(test_pinned_content_stays_until_unpinned),
		T(test_content_that_no_row_came_to_name_goes),
		T(test_content_of_contents),
		T(test_leftovers_are_removed_at_start),
		T(test_parts_that_did_not_outlast_the_machine),
		T(test_unreadable_content_and_aborted_content),
		T(test_a_failed_write_leaves_nothing),
		T(test_threads_write_together),
		T(test_connections_of_ended_threads_are_used_again),
		T(test_a_home_of_an_earlier_schema_is_brought_up),
		T(test_a_newer_schema_is_refused),
		T(test_a_file_that_is_no_database),
		T(test_headers_are_read_line_by_line),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
