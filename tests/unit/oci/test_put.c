/* Uploads in one PUT and in parts, against a small object store that can be told to misbehave. */
#include "base/digest.h"
#include "base/fs.h"
#include "base/text.h"
#include "harness_oci.h"
#include "oci/objectstorage.h"
#include "oci/upload.h"

#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { PARTS_MAX = 64 };
static const size_t MIB = (size_t)1 << 20;

/* What the store does with the next request whose line starts with `on`. */
struct fault {
	const char *on;
	int times;
	bool act; /* the change is made, and then ... */
	struct server_reply reply;
};
struct store {
	bool there; /* the object */
	char sha256[128], owner[128], type[128];
	size_t size;
	unsigned char part_sha256[PARTS_MAX][32];
	size_t part_size[PARTS_MAX];
	int parts, uploads, aborted, commits, puts;
	char create[1024], commit[8192];
	struct fault fault;
	struct arena arena;
	void (*on_part)(void *ctx);
	void *on_part_ctx;
};
static struct store STORE;

static void keep_field(const struct server_request *r, const char *name, char *out, size_t n)
{
	char *value = server_field(r, name);
	snprintf(out, n, "%s", value ? value : "");
	free(value);
}

static bool md5_is_right(const struct server_request *r)
{
	arena_auto a = {0};
	unsigned char md5[DIGEST_MAX];
	char told[64];
	keep_field(r, "content-md5", told, sizeof told);
	size_t n = digest_bytes(DIGEST_MD5, r->body, r->body_len, md5);
	return text_equal(told, text_base64(&a, md5, n));
}

static struct server_reply error(int status, const char *code)
{
	return (struct server_reply){.status = status,
		.body = arena_printf(
			&STORE.arena, "{\"code\":\"%s\",\"message\":\"%s\"}", code, code)};
}

static bool refused(const struct server_request *r)
{
	char condition[64];
	keep_field(r, "if-none-match", condition, sizeof condition);
	return *condition && STORE.there;
}

static struct server_reply put_object(const struct server_request *r)
{
	if (refused(r))
		return error(412, "IfNoneMatchFailed");
	if (!md5_is_right(r))
		return error(400, "UnmatchedContentMD5");
	STORE.puts++;
	STORE.there = true;
	STORE.size = r->body_len;
	keep_field(r, "opc-meta-weir-sha256", STORE.sha256, sizeof STORE.sha256);
	keep_field(r, "opc-meta-weir-owner", STORE.owner, sizeof STORE.owner);
	keep_field(r, "content-type", STORE.type, sizeof STORE.type);
	return (struct server_reply){.fields = "etag: e1\r\n"};
}

static struct server_reply put_part(const struct server_request *r)
{
	int number = atoi(strstr(r->line, "uploadPartNum=") + strlen("uploadPartNum="));
	assert_in_range(number, 1, PARTS_MAX);
	if (STORE.on_part)
		STORE.on_part(STORE.on_part_ctx);
	if (!md5_is_right(r))
		return error(400, "UnmatchedContentMD5");
	STORE.parts++;
	STORE.part_size[number - 1] = r->body_len;
	unsigned char hash[DIGEST_MAX];
	digest_bytes(DIGEST_SHA256, r->body, r->body_len, hash);
	memcpy(STORE.part_sha256[number - 1], hash, 32);
	return (struct server_reply){.fields = arena_printf(&STORE.arena, "etag: p%d\r\n", number)};
}

static struct server_reply commit(const struct server_request *r)
{
	if (!STORE.uploads)
		return error(404, "NoSuchUpload");
	if (refused(r))
		return error(412, "IfNoneMatchFailed");
	STORE.uploads = 0;
	STORE.commits++;
	STORE.there = true;
	snprintf(STORE.commit, sizeof STORE.commit, "%s", r->body);
	const char *hash = strstr(STORE.create, "weir-sha256\":\"");
	snprintf(STORE.sha256, 65, "%s", hash + strlen("weir-sha256\":\""));
	return (struct server_reply){.fields = "etag: m1\r\nopc-multipart-md5: x-2\r\n"};
}

static struct server_reply act(const struct server_request *r)
{
	if (text_starts(r->line, "HEAD /n/ns/b/b/o/x"))
		return STORE.there
			? (struct server_reply){.fields = arena_printf(&STORE.arena,
							"etag: h1\r\nopc-meta-weir-sha256: %s\r\n",
							STORE.sha256)}
			: (struct server_reply){.status = 404};
	if (text_starts(r->line, "PUT /n/ns/b/b/o/x"))
		return put_object(r);
	if (text_equal(r->line, "POST /n/ns/b/b/u")) {
		if (refused(r))
			return error(412, "IfNoneMatchFailed");
		STORE.uploads++;
		snprintf(STORE.create, sizeof STORE.create, "%s", r->body);
		return (struct server_reply){.body = "{\"uploadId\":\"u/1\",\"bucket\":\"b\"}"};
	}
	if (text_starts(r->line, "PUT /n/ns/b/b/u/x?uploadId=u%2F1&uploadPartNum="))
		return put_part(r);
	if (text_equal(r->line, "POST /n/ns/b/b/u/x?uploadId=u%2F1"))
		return commit(r);
	if (text_equal(r->line, "DELETE /n/ns/b/b/u/x?uploadId=u%2F1")) {
		STORE.aborted++;
		STORE.uploads = 0;
		return (struct server_reply){.status = 204};
	}
	return (struct server_reply){.status = 418};
}

static struct server_reply handle(void *ctx, const struct server_request *r)
{
	struct fault *f = &STORE.fault;
	(void)ctx;
	if (!f->times || !text_starts(r->line, f->on))
		return act(r);
	f->times--;
	if (f->act)
		act(r);
	return f->reply;
}

static int setup(void **state)
{
	(void)state;
	memset(&STORE, 0, sizeof STORE);
	session_open(&S, handle, NULL);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	session_close(&S);
	arena_clear(&STORE.arena);
	return 0;
}

struct got {
	int calls;
	struct err err;
	struct object object;
};

static void on_object(void *ctx, const struct err *err, const struct object *o)
{
	struct got *g = ctx;
	g->calls++;
	g->err = *err;
	if (o)
		g->object = *o;
	assert_int_equal(!o, !!err->kind);
}

static struct got put(struct storage_put p)
{
	struct got g = {0};
	p.ns = "ns";
	p.bucket = "b";
	p.name = "x";
	storage_object_put(S.oci, &p, on_object, &g);
	assert_int_equal(g.calls, 0);
	session_run(&S);
	assert_int_equal(g.calls, 1);
	return g;
}

static struct got put_text(const char *text)
{
	return put((struct storage_put){.bytes = text, .len = strlen(text), .if_none_match = true});
}

static const char HELLO[] = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";

static void small(void **state)
{
	(void)state;
	struct got g = put((struct storage_put){.bytes = "hello",
		.len = 5,
		.owner = "p/t",
		.content_type = "text/plain",
		.if_match = "e0"});
	assert_int_equal(g.err.kind, ERR_NONE);
	assert_string_equal(g.object.etag, "e1");
	assert_string_equal(g.object.sha256, HELLO);
	assert_string_equal(g.object.md5, "XUFAKrxLKna5cZ2REBfFkg==");
	assert_int_equal(g.object.size.v, 5);
	assert_string_equal(g.object.owner, "p/t");
	assert_string_equal(STORE.sha256, HELLO);
	assert_string_equal(STORE.owner, "p/t");
	assert_string_equal(STORE.type, "text/plain");
	struct server_request r = server_request(S.server, 0);
	char field[512];
	keep_field(&r, "if-match", field, sizeof field);
	assert_string_equal(field, "e0");
	/* What the contract says of PutObject: the body's hash is not signed. */
	keep_field(&r, "authorization", field, sizeof field);
	assert_non_null(strstr(field, "headers=\"date (request-target) host\""));
	assert_null(server_field(&r, "x-content-sha256"));
	keep_field(&r, "content-length", field, sizeof field);
	assert_string_equal(field, "5");
}

static void empty_and_file(void **state)
{
	(void)state;
	struct got g = put((struct storage_put){.bytes = "", .len = 0});
	assert_int_equal(g.err.kind, ERR_NONE);
	assert_int_equal(STORE.size, 0);
	assert_string_equal(STORE.type, "application/octet-stream");
	const char *path = session_file(&S, 3 * MIB + 7, 1);
	g = put((struct storage_put){.path = path});
	assert_int_equal(g.err.kind, ERR_NONE);
	assert_int_equal(STORE.size, 3 * MIB + 7);
	assert_string_equal(STORE.sha256, g.object.sha256);
	assert_string_equal(g.object.path, path);
	g = put((struct storage_put){.path = path, .sha256 = g.object.sha256});
	assert_int_equal(g.err.kind, ERR_NONE);
	assert_int_equal(STORE.puts, 3);
	g = put((struct storage_put){.path = path, .sha256 = HELLO});
	assert_int_equal(g.err.kind, ERR_CONFLICT);
	assert_non_null(strstr(g.err.text, "changed since the plan was made"));
	assert_int_equal(STORE.puts, 3);
	unlink(path);
	g = put((struct storage_put){.path = path});
	assert_int_equal(g.err.kind, ERR_IO);
	assert_non_null(strstr(g.err.text, "upload object x to bucket b: /tmp/weir-test-"));
	g = put((struct storage_put){.path = "/dev/null"});
	assert_int_equal(g.err.kind, ERR_IO);
}

static const struct server_reply LOST = {.fault = SERVER_LOSE};

static void reply_lost_after_the_put(void **state)
{
	(void)state;
	STORE.fault = (struct fault){"PUT", 1, true, LOST};
	struct got g = put_text("hello");
	assert_int_equal(g.err.kind, ERR_NONE);
	assert_string_equal(g.object.etag, "h1");
	assert_int_equal(STORE.puts, 1);
	/* All replies lost: it is there all the same. */
	STORE.there = false;
	STORE.fault = (struct fault){"PUT", 8, true, LOST};
	g = put_text("hello");
	assert_int_equal(g.err.kind, ERR_NONE);
	assert_string_equal(g.object.etag, "h1");
	assert_int_equal(STORE.puts, 2);
	/* Lost before it arrived. */
	STORE.there = false;
	STORE.fault = (struct fault){"PUT", 8, false, LOST};
	g = put_text("hello");
	assert_int_equal(g.err.kind, ERR_NETWORK);
	assert_int_equal(STORE.puts, 2);
}

static void somebody_was_there_before(void **state)
{
	(void)state;
	put_text("other");
	struct got g = put_text("hello");
	assert_int_equal(g.err.kind, ERR_CONFLICT);
	assert_string_equal(g.err.code, "IfNoneMatchFailed");
	assert_int_equal(server_requests(S.server), 3);
	/* The same content under our mark is what was wanted: an upload that was killed may have been taken. */
	assert_int_equal(put_text("other").err.kind, ERR_NONE);
	/* In doubt, what is there decides. */
	STORE.fault = (struct fault){"PUT", 1, false, LOST};
	g = put_text("hello");
	assert_int_equal(g.err.kind, ERR_CONFLICT);
	STORE.fault = (struct fault){"PUT", 1, false, LOST};
	assert_int_equal(put_text("other").err.kind, ERR_NONE);
	assert_int_equal(STORE.puts, 1);
}

static void bucket_missing(void **state)
{
	(void)state;
	static const struct server_reply missing = {
		.status = 404, .body = "{\"code\":\"BucketNotFound\",\"message\":\"no b\"}"};
	STORE.fault = (struct fault){"PUT", 1, false, missing};
	assert_int_equal(put_text("hello").err.kind, ERR_NONE);
	STORE.there = false;
	STORE.fault = (struct fault){"PUT", 9, false, missing};
	struct got g = put_text("hello");
	assert_int_equal(g.err.kind, ERR_NOT_FOUND);
	assert_int_equal(STORE.fault.times, 7);
	assert_non_null(strstr(g.err.text,
		"Allow group <group> to manage objects in compartment "
		"<compartment> where target.bucket.name = 'b'"));
	assert_non_null(strstr(g.err.text, "declare bucket b"));
}

static void service_got_other_bytes(void **state)
{
	(void)state;
	static const struct server_reply other = {
		.fields = "etag: e1\r\nopc-content-md5: XUFAKrxLKna5cZ2REBfFkQ==\r\n"};
	static const struct server_reply unmatched = {
		.status = 400, .body = "{\"code\":\"UnmatchedContentMD5\",\"message\":\"no\"}"};
	STORE.fault = (struct fault){"PUT", 1, false, other};
	assert_int_equal(put_text("hello").err.kind, ERR_PROTOCOL);
	STORE.fault = (struct fault){"PUT", 1, false, unmatched};
	assert_int_equal(put_text("hello").err.kind, ERR_CONFLICT);
}

static void part_sizes(void **state)
{
	(void)state;
	const uint64_t mib = MIB;
	assert_int_equal(multipart_part_size(129 * mib), 16 * mib);
	assert_int_equal(multipart_part_size(160000 * mib), 16 * mib);
	assert_int_equal(multipart_part_size(160000 * mib + 1), 32 * mib);
	for (uint64_t size = mib; size < (uint64_t)10 << 40; size = size * 3 + 12345) {
		uint64_t part = multipart_part_size(size);
		assert_true((size + part - 1) / part <= 10000);
		assert_true(part <= (uint64_t)50 << 30);
	}
}

static const size_t LARGE = 33 * 1024 * 1024 + 5; /* three parts */

static struct got put_large(const char *path, const char *sha256)
{
	return put((struct storage_put){.path = path,
		.owner = "p/t",
		.sha256 = sha256,
		.if_none_match = true,
		.parts_above = 32 * MIB});
}

/* That what arrived in parts is the file. */
static void assert_parts_are(const char *path)
{
	struct content c;
	struct err err;
	char *bytes = xalloc(16 * MIB);
	assert_true(content_open(&c, S.oci, path, NULL, 0, &err));
	size_t at = 0;
	for (int i = 0; i < 3; i++) {
		unsigned char hash[DIGEST_MAX];
		ssize_t n = pread(c.fd, bytes, 16 * MIB, (off_t)at);
		assert_int_equal(n, STORE.part_size[i]);
		digest_bytes(DIGEST_SHA256, bytes, (size_t)n, hash);
		assert_memory_equal(hash, STORE.part_sha256[i], 32);
		at += (size_t)n;
	}
	assert_int_equal(at, c.size);
	content_close(&c);
	free(bytes);
}

static void large(void **state)
{
	(void)state;
	const char *path = session_file(&S, LARGE, 2);
	struct got g = put_large(path, NULL);
	assert_int_equal(g.err.kind, ERR_NONE);
	assert_string_equal(g.object.etag, "m1");
	assert_null(g.object.md5);
	assert_int_equal(g.object.size.v, LARGE);
	assert_int_equal(STORE.parts, 3);
	assert_parts_are(path);
	char create[512];
	snprintf(create, sizeof create,
		"{\"object\":\"x\",\"contentType\":\"application/octet-stream\",\"metadata\":{"
		"\"opc-meta-weir-sha256\":\"%s\",\"opc-meta-weir-owner\":\"p/t\"}}",
		g.object.sha256);
	assert_string_equal(STORE.create, create);
	assert_true(text_starts(STORE.commit,
		"{\"partsToCommit\":[{\"partNum\":1,\"etag\":\"p1\"},{\"partNum\":2,\"etag\":\"p2\"},"));
	assert_true(
		text_ends(STORE.commit, "{\"partNum\":3,\"etag\":\"p3\"}],\"partsToExclude\":[]}"));
	/* There already, it is not sent again. */
	struct got again = put_large(path, NULL);
	assert_int_equal(again.err.kind, ERR_NONE);
	assert_string_equal(again.object.etag, "h1");
	assert_int_equal(STORE.parts, 3);
	/* Its hash known, it is hashed while it goes up. */
	STORE.there = false;
	again = put_large(path, arena_strdup(&S.arena, g.object.sha256));
	assert_int_equal(again.err.kind, ERR_NONE);
	assert_string_equal(again.object.sha256, g.object.sha256);
	assert_string_equal(STORE.create, create);
	assert_int_equal(STORE.commits, 2);
	/* And if it is another, nothing of it stays. */
	STORE.there = false;
	again = put_large(path, HELLO);
	assert_int_equal(again.err.kind, ERR_CONFLICT);
	assert_int_equal(STORE.aborted, 1);
	assert_int_equal(STORE.commits, 2);
	assert_false(STORE.there);
	unlink(path);
}

static void large_with_faults(void **state)
{
	(void)state;
	const char *path = session_file(&S, LARGE, 3);
	static const char *const steps[] = {
		"POST /n/ns/b/b/u", "PUT /n/ns/b/b/u/x", "POST /n/ns/b/b/u/x?uploadId"};
	static const struct server_reply busy = {.status = 503};
	static const struct server_reply no = {.status = 403};
	for (size_t i = 0; i < 3; i++) {
		/* Three in a row are retried. */
		STORE.there = false;
		STORE.fault = (struct fault){steps[i], 3, false, busy};
		assert_int_equal(put_large(path, NULL).err.kind, ERR_NONE);
		STORE.there = false;
		STORE.fault = (struct fault){steps[i], 1, true, LOST};
		struct got g = put_large(path, NULL);
		assert_int_equal(g.err.kind, ERR_NONE);
		assert_int_equal(STORE.aborted, (int)i);
		/* A refusal ends it, and takes back what went up. */
		STORE.there = false;
		STORE.fault = (struct fault){steps[i], 1, false, no};
		g = put_large(path, NULL);
		assert_int_equal(g.err.kind, ERR_PERMISSION);
		assert_int_equal(STORE.aborted, (int)i + (i > 0));
		assert_false(STORE.there);
		STORE.aborted = (int)i + 1;
	}
	assert_int_equal(STORE.commits, 6);
	/* The commit's replies all lost. */
	STORE.fault = (struct fault){steps[2], 8, true, LOST};
	struct got g = put_large(path, NULL);
	assert_int_equal(g.err.kind, ERR_NONE);
	assert_string_equal(g.object.etag, "h1");
	assert_int_equal(STORE.commits, 7);
	/* Somebody puts another one there meanwhile. */
	STORE.there = false;
	STORE.fault = (struct fault){
		steps[2], 1, false, {.status = 412, .body = "{\"code\":\"IfNoneMatchFailed\"}"}};
	g = put_large(path, NULL);
	assert_int_equal(g.err.kind, ERR_CONFLICT);
	assert_int_equal(STORE.aborted, 4);
	unlink(path);
}

static void append(void *ctx)
{
	fd_auto fd = open(ctx, O_WRONLY | O_APPEND);
	assert_int_equal(write(fd, "x", 1), 1);
}

static void raise_stop(void *ctx)
{
	(void)ctx;
	__atomic_store_n(&S.stop, true, __ATOMIC_RELAXED);
}

static void large_that_changes(void **state)
{
	(void)state;
	const char *path = session_file(&S, LARGE, 4);
	STORE.on_part = append;
	STORE.on_part_ctx = (void *)(uintptr_t)path;
	struct got g = put_large(path, NULL);
	assert_int_equal(g.err.kind, ERR_CONFLICT);
	assert_non_null(strstr(g.err.text, "changed while it was uploaded"));
	assert_int_equal(STORE.aborted, 1);
	assert_false(STORE.there);
	unlink(path);
}

static void large_that_is_interrupted(void **state)
{
	(void)state;
	const char *path = session_file(&S, 6 * 16 * MIB, 5);
	struct got g = {0};
	struct err err;
	STORE.on_part = raise_stop;
	struct storage_put p = {
		.ns = "ns", .bucket = "b", .name = "x", .path = path, .parts_above = 32 * MIB};
	storage_object_put(S.oci, &p, on_object, &g);
	assert_false(oci_run(S.oci, &err));
	assert_int_equal(err.kind, ERR_INTERRUPTED);
	/* What is under way may end: it takes itself back. */
	assert_true(http_run(oci_http(S.oci), NULL, &err));
	assert_int_equal(g.calls, 1);
	assert_int_equal(g.err.kind, ERR_INTERRUPTED);
	assert_int_equal(STORE.aborted, 1);
	assert_in_range(STORE.parts, 1, 5);
	assert_false(STORE.there);
	unlink(path);
}

static void large_from_memory(void **state)
{
	(void)state;
	char *bytes = xalloc(LARGE);
	for (size_t i = 0; i < LARGE; i++)
		bytes[i] = session_byte(i, 6);
	struct got g =
		put((struct storage_put){.bytes = bytes, .len = LARGE, .parts_above = 32 * MIB});
	assert_int_equal(g.err.kind, ERR_NONE);
	const char *path = session_file(&S, LARGE, 6);
	assert_parts_are(path);
	unlink(path);
	free(bytes);
}

/* Answers so many requests, and then none. */
static struct server_reply fall_silent(void *ctx, const struct server_request *r)
{
	int *left = ctx;
	if (*left <= 0)
		return (struct server_reply){.fault = SERVER_SILENT};
	--*left;
	return act(r);
}

static void *stop_soon(void *ctx)
{
	(void)ctx;
	usleep(100 * 1000);
	__atomic_store_n(&S.stop, true, __ATOMIC_RELAXED);
	return NULL;
}

/* The session ends while uploads are at one of their steps: every callback is called, nothing is left behind. */
static void session_that_ends_early(void **state)
{
	(void)state;
	for (int answers = -1; answers < 5; answers++) {
		int left = answers;
		struct got one = {0}, parts = {0};
		struct err err;
		pthread_t thread;
		memset(&STORE, 0, sizeof STORE);
		session_open(&S, fall_silent, &left);
		const char *path = session_file(&S, 4 * 16 * MIB, 7);
		struct storage_put p = {.ns = "ns", .bucket = "b", .name = "x", .path = path};
		storage_object_put(S.oci, &p, on_object, &one);
		p.parts_above = 32 * MIB;
		storage_object_put(S.oci, &p, on_object, &parts);
		if (answers >= 0) {
			pthread_create(&thread, NULL, stop_soon, NULL);
			assert_false(oci_run(S.oci, &err));
			pthread_join(thread, NULL);
		}
		char file[64];
		snprintf(file, sizeof file, "%s", path);
		session_close(&S);
		unlink(file);
		assert_int_equal(one.calls, 1);
		assert_int_equal(parts.calls, 1);
		assert_int_equal(parts.err.kind, ERR_INTERRUPTED);
		arena_clear(&STORE.arena);
	}
}

#define PUT_TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		PUT_TEST(small),
		PUT_TEST(empty_and_file),
		PUT_TEST(reply_lost_after_the_put),
		PUT_TEST(somebody_was_there_before),
		PUT_TEST(bucket_missing),
		PUT_TEST(service_got_other_bytes),
		PUT_TEST(part_sizes),
		PUT_TEST(large),
		PUT_TEST(large_with_faults),
		PUT_TEST(large_that_changes),
		PUT_TEST(large_that_is_interrupted),
		PUT_TEST(large_from_memory),
		cmocka_unit_test(session_that_ends_early),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
