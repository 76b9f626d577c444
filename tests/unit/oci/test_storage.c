/* Object Storage but for uploads: what is asked, what is made of replies, doubt, hints. */
#include "base/fs.h"
#include "base/text.h"
#include "harness_oci.h"
#include "oci/objectstorage.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

struct got {
	int calls;
	struct err err;
	const char *text;
	size_t len;
	const struct bucket *bucket;
	const struct object *object;
	size_t objects;
	char names[256];
};

static void expect(const char *line, int status, const char *body)
{
	server_expect(S.server, line, (struct server_reply){.status = status, .body = body});
}

static void on_text(void *ctx, const struct err *err, const char *text)
{
	struct got *g = ctx;
	g->calls++;
	g->err = *err;
	g->text = text;
}

static void on_bucket(void *ctx, const struct err *err, const struct bucket *b)
{
	struct got *g = ctx;
	g->calls++;
	g->err = *err;
	g->bucket = b;
	assert_int_equal(!b, !!err->kind);
}

static void on_object(void *ctx, const struct err *err, const struct object *o)
{
	struct got *g = ctx;
	g->calls++;
	g->err = *err;
	g->object = o;
	assert_int_equal(!o, !!err->kind);
}

static void on_each(void *ctx, const struct err *err, const struct object *o)
{
	struct got *g = ctx;
	assert_int_equal(g->calls, 0);
	if (o) {
		assert_int_equal(err->kind, ERR_NONE);
		assert_string_equal(o->bucket, "b");
		g->objects++;
		snprintf(g->names + strlen(g->names), sizeof g->names - strlen(g->names), "%s ",
			o->name);
		return;
	}
	g->calls++;
	g->err = *err;
}

static void on_content(void *ctx, const struct err *err, const char *bytes, size_t len)
{
	struct got *g = ctx;
	g->calls++;
	g->err = *err;
	g->text = bytes;
	g->len = len;
}

static void on_done(void *ctx, const struct err *err)
{
	struct got *g = ctx;
	g->calls++;
	g->err = *err;
}

static struct got ended(struct got *g)
{
	session_run(&S);
	assert_int_equal(g->calls, 1);
	return *g;
}

static struct got namespace(void)
{
	struct got g = {0};
	storage_namespace_get(S.oci, on_text, &g);
	return ended(&g);
}

static void namespaces(void **state)
{
	(void)state;
	expect("GET /n", 200, "\"axab\"");
	expect("GET /n", 200, "{}");
	expect("GET /n", 200, "");
	expect("GET /n", 404, "{\"code\":\"NotAuthorizedOrNotFound\",\"message\":\"no\"}");
	assert_string_equal(namespace().text, "axab");
	assert_int_equal(namespace().err.kind, ERR_PROTOCOL);
	assert_int_equal(namespace().err.kind, ERR_PROTOCOL);
	struct got g = namespace();
	assert_int_equal(g.err.kind, ERR_NOT_FOUND);
	assert_non_null(strstr(
		g.err.text, "Allow group <group> to read objectstorage-namespaces in tenancy"));
}

static struct got bucket_get(void)
{
	struct got g = {0};
	storage_bucket_get(S.oci, "ns", "b", on_bucket, &g);
	return ended(&g);
}

static const char MISSING[] =
	"{\"code\":\"BucketNotFound\",\"message\":\"Either the bucket named 'b' does "
	"not exist in the namespace 'ns' or you are not authorized to access it\"}";
static const char BUCKET[] = "{\"name\":\"b\",\"namespace\":\"ns\",\"compartmentId\":\"c\","
			     "\"versioning\":\"Enabled\",\"etag\":\"e\",\"unknownOne\":[1]}";

static void bucket_missing_is_asked_twice(void **state)
{
	(void)state;
	expect("GET /n/ns/b/b", 404, MISSING);
	expect("GET /n/ns/b/b", 200, BUCKET);
	struct got g = bucket_get();
	assert_int_equal(g.err.kind, ERR_NONE);
	assert_string_equal(g.bucket->versioning, "Enabled");
	assert_string_equal(g.bucket->ns, "ns");
	expect("GET /n/ns/b/b", 404, MISSING);
	expect("GET /n/ns/b/b", 404, MISSING);
	g = bucket_get();
	assert_int_equal(g.err.kind, ERR_NOT_FOUND);
	assert_string_equal(g.err.code, "BucketNotFound");
	assert_int_equal(g.err.http_status, 404);
	assert_non_null(strstr(g.err.text, "get bucket b: "));
	assert_non_null(strstr(g.err.text,
		"Allow group <group> to read buckets in compartment "
		"<compartment> where target.bucket.name = 'b'"));
	assert_non_null(strstr(g.err.text, "declare bucket b under `buckets:`"));
}

static void request_is_signed(void **state)
{
	(void)state;
	expect("GET /n/ns/b/b", 200, BUCKET);
	bucket_get();
	struct server_request r = server_request(S.server, 0);
	char *authorization = server_field(&r, "authorization"), *date = server_field(&r, "date"),
	     *host = server_field(&r, "host");
	assert_true(text_starts(authorization,
		"Signature version=\"1\",keyId=\"ocid1.tenancy.oc1..t/ocid1.user.oc1..u/00:11\","
		"algorithm=\"rsa-sha256\",headers=\"date (request-target) host\",signature=\""));
	assert_string_equal(date, "Sun, 05 Jan 2014 21:31:40 GMT");
	assert_string_equal(host, server_host(S.server));
	free(authorization);
	free(date);
	free(host);
}

static struct got bucket_create(void)
{
	struct got g = {0};
	struct bucket b = {.name = "b", .compartment_id = "c", .versioning = "Enabled"};
	storage_bucket_create(S.oci, "ns", &b, on_bucket, &g);
	return ended(&g);
}

static const char EXISTS[] = "{\"code\":\"BucketAlreadyExists\",\"message\":\"there\"}";

static void bucket_created(void **state)
{
	(void)state;
	expect("POST /n/ns/b", 200, BUCKET);
	assert_string_equal(bucket_create().bucket->etag, "e");
	struct server_request r = server_request(S.server, 0);
	assert_string_equal(
		r.body, "{\"name\":\"b\",\"compartmentId\":\"c\",\"versioning\":\"Enabled\"}");
	/* Somebody else's. */
	expect("POST /n/ns/b", 409, EXISTS);
	assert_int_equal(bucket_create().err.kind, ERR_CONFLICT);
	expect("POST /n/ns/b", 404, "{\"code\":\"NotAuthorizedOrNotFound\",\"message\":\"no\"}");
	assert_non_null(strstr(bucket_create().err.text,
		"Allow group <group> to manage buckets in compartment id c"));
}

static void bucket_create_in_doubt(void **state)
{
	(void)state;
	/* Made, the reply lost: the repeat says that it exists, and it is there. */
	session_expect_lost(&S, "POST /n/ns/b", 1);
	expect("POST /n/ns/b", 409, EXISTS);
	expect("GET /n/ns/b/b", 200, BUCKET);
	assert_string_equal(bucket_create().bucket->etag, "e");
	/* Not ours to see. */
	session_expect_lost(&S, "POST /n/ns/b", 1);
	expect("POST /n/ns/b", 409, EXISTS);
	expect("GET /n/ns/b/b", 404, MISSING);
	assert_int_equal(bucket_create().err.kind, ERR_CONFLICT);
	/* Every reply lost. */
	for (int i = 0; i < 8; i++)
		session_expect_lost(&S, "POST /n/ns/b", 1);
	expect("GET /n/ns/b/b", 200, BUCKET);
	assert_string_equal(bucket_create().bucket->etag, "e");
	for (int i = 0; i < 8; i++)
		session_expect_lost(&S, "POST /n/ns/b", 1);
	session_expect_lost(&S, "GET /n/ns/b/b", 1);
	assert_int_equal(bucket_create().err.kind, ERR_NETWORK);
}

static struct got bucket_delete(void)
{
	struct got g = {0};
	storage_bucket_delete(S.oci, "ns", "b", on_done, &g);
	return ended(&g);
}

static void bucket_deleted(void **state)
{
	(void)state;
	expect("DELETE /n/ns/b/b", 204, "");
	assert_int_equal(bucket_delete().err.kind, ERR_NONE);
	expect("DELETE /n/ns/b/b", 409, "{\"code\":\"BucketNotEmpty\",\"message\":\"full\"}");
	assert_int_equal(bucket_delete().err.kind, ERR_CONFLICT);
	session_expect_lost(&S, "DELETE /n/ns/b/b", 1);
	expect("DELETE /n/ns/b/b", 404, MISSING);
	expect("DELETE /n/ns/b/b", 404, MISSING);
	assert_int_equal(bucket_delete().err.kind, ERR_NONE);
	expect("DELETE /n/ns/b/b", 404, MISSING);
	expect("DELETE /n/ns/b/b", 404, MISSING);
	assert_int_equal(bucket_delete().err.kind, ERR_NOT_FOUND);
}

static struct got list(const char *prefix)
{
	struct got g = {0};
	storage_object_list(S.oci, "ns", "b", prefix, on_each, &g);
	return ended(&g);
}

#define FIELDS                                                                                   \
	"limit=1000&fields=name%2Csize%2Cmd5%2Cetag%2CtimeCreated%2CtimeModified%2CstorageTier%" \
	"2CarchivalState"

static void listed_page_by_page(void **state)
{
	(void)state;
	expect("GET /n/ns/b/b/o?prefix=a%2Fb%20&" FIELDS, 200,
		"{\"objects\":[{\"name\":\"1\",\"size\":5,\"md5\":\"m\",\"etag\":\"e\"},{\"name\":\"2\"}],"
		"\"prefixes\":[],\"nextStartWith\":\"2/\\u00e9\"}");
	expect("GET /n/ns/b/b/o?prefix=a%2Fb%20&" FIELDS "&start=2%2F%C3%A9", 200,
		"{\"objects\":[],\"nextStartWith\":\"3\"}");
	expect("GET /n/ns/b/b/o?prefix=a%2Fb%20&" FIELDS "&start=3", 200,
		"{\"objects\":[{\"name\":\"3\"}]}");
	struct got g = list("a/b ");
	assert_int_equal(g.err.kind, ERR_NONE);
	assert_string_equal(g.names, "1 2 3 ");
}

static void list_that_breaks(void **state)
{
	(void)state;
	expect("GET /n/ns/b/b/o?prefix=x&" FIELDS, 200, "{\"objects\":[{\"size\":5}]}");
	struct got nameless = list("x");
	assert_int_equal(nameless.err.kind, ERR_PROTOCOL);
	assert_non_null(strstr(nameless.err.text, "no `name`"));
	expect("GET /n/ns/b/b/o?" FIELDS, 200,
		"{\"objects\":[{\"name\":\"1\"}],\"nextStartWith\":\"2\"}");
	expect("GET /n/ns/b/b/o?" FIELDS "&start=2", 200,
		"{\"objects\":[{\"name\":\"2\"}],\"nextStartWith\":\"2\"}");
	struct got g = list("");
	assert_int_equal(g.err.kind, ERR_PROTOCOL);
	assert_non_null(strstr(g.err.text, "do not advance"));
	assert_string_equal(g.names, "1 2 ");
	static const char *const odd[] = {"[]", "{}", "{\"objects\":{}}", "{\"objects\":[1]}",
		"{\"objects\":[{\"name\":1}]}", "<html>", "", "{\"objects\":["};
	for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
		expect("GET /n/ns/b/b/o?" FIELDS, 200, odd[i]);
		assert_int_equal(list(NULL).err.kind, ERR_PROTOCOL);
	}
	expect("GET /n/ns/b/b/o?" FIELDS, 404, MISSING);
	expect("GET /n/ns/b/b/o?" FIELDS, 404, MISSING);
	g = list(NULL);
	assert_int_equal(g.err.kind, ERR_NOT_FOUND);
	assert_non_null(strstr(g.err.text, "declare bucket b"));
}

static const char OBJECT[] = "/n/ns/b/b/o/a%2Fx%20%2B%C3%A9";
static const char NAME[] = "a/x +\xc3\xa9";

static const char *line(const char *method)
{
	return arena_printf(&S.arena, "%s %s", method, OBJECT);
}

static void head(void **state)
{
	(void)state;
	struct got g = {0};
	server_expect(S.server, line("HEAD"),
		(struct server_reply){
			.fields =
				"content-length: 5\r\nContent-MD5: m\r\nETag: e\r\nopc-meta-weir-sha256: s\r\n"
				"opc-meta-weir-owner: p/t\r\ncontent-type: text/plain\r\n"
				"last-modified: Sun, 05 Jan 2014 21:31:40 GMT\r\n"});
	storage_object_head(S.oci, "ns", "b", NAME, on_object, &g);
	ended(&g);
	assert_string_equal(g.object->name, NAME);
	assert_int_equal(g.object->size.v, 5);
	assert_string_equal(g.object->md5, "m");
	assert_string_equal(g.object->etag, "e");
	assert_string_equal(g.object->sha256, "s");
	assert_string_equal(g.object->owner, "p/t");
	assert_string_equal(g.object->content_type, "text/plain");
	assert_string_equal(g.object->time_modified, "2014-01-05T21:31:40.000Z");
	g = (struct got){0};
	expect(line("HEAD"), 404, "");
	storage_object_head(S.oci, "ns", "b", NAME, on_object, &g);
	ended(&g);
	assert_int_equal(g.err.kind, ERR_NOT_FOUND);
	assert_int_equal(server_requests(S.server), 2);
}

static struct got delete_with(const char *etag)
{
	struct got g = {0};
	storage_object_delete(S.oci, "ns", "b", NAME, etag, on_done, &g);
	return ended(&g);
}

static void deleted(void **state)
{
	(void)state;
	const char *stale = "{\"code\":\"IfMatchFailed\",\"message\":\"other etag\"}";
	const char *gone = "{\"code\":\"ObjectNotFound\",\"message\":\"gone\"}";
	expect(line("DELETE"), 204, "");
	assert_int_equal(delete_with("e1").err.kind, ERR_NONE);
	struct server_request r = server_request(S.server, 0);
	char *match = server_field(&r, "if-match");
	assert_string_equal(match, "e1");
	free(match);
	expect(line("DELETE"), 412, stale);
	assert_int_equal(delete_with("e1").err.kind, ERR_CONFLICT);
	expect(line("DELETE"), 404, gone);
	assert_int_equal(delete_with("e1").err.kind, ERR_NOT_FOUND);
	/* In doubt. */
	session_expect_lost(&S, line("DELETE"), 1);
	expect(line("DELETE"), 404, gone);
	assert_int_equal(delete_with(NULL).err.kind, ERR_NONE);
	session_expect_lost(&S, line("DELETE"), 1);
	expect(line("DELETE"), 412, stale);
	expect(line("HEAD"), 404, "");
	assert_int_equal(delete_with("e1").err.kind, ERR_NONE);
	session_expect_lost(&S, line("DELETE"), 1);
	expect(line("DELETE"), 412, stale);
	expect(line("HEAD"), 200, "");
	assert_int_equal(delete_with("e1").err.kind, ERR_CONFLICT);
	for (int i = 0; i < 8; i++)
		session_expect_lost(&S, line("DELETE"), 1);
	expect(line("HEAD"), 404, "");
	assert_int_equal(delete_with(NULL).err.kind, ERR_NONE);
	for (int i = 0; i < 8; i++)
		session_expect_lost(&S, line("DELETE"), 1);
	expect(line("HEAD"), 200, "");
	assert_int_equal(delete_with(NULL).err.kind, ERR_NETWORK);
	/* A throttled one has done nothing: a 404 behind it is a 404. */
	expect(line("DELETE"), 429, "");
	expect(line("DELETE"), 404, gone);
	assert_int_equal(delete_with(NULL).err.kind, ERR_NOT_FOUND);
}

static struct got get(size_t max)
{
	struct got g = {0};
	storage_object_get(S.oci, "ns", "b", NAME, max, on_content, &g);
	return ended(&g);
}

static void content_in_memory(void **state)
{
	(void)state;
	server_expect(S.server, line("GET"), (struct server_reply){.body = "a\0b", .body_len = 3});
	struct got g = get(3);
	assert_int_equal(g.len, 3);
	assert_memory_equal(g.text, "a\0b", 4);
	expect(line("GET"), 200, "");
	assert_int_equal(get(3).len, 0);
	expect(line("GET"), 200, "1234");
	g = get(3);
	assert_int_equal(g.err.kind, ERR_LIMIT);
	assert_non_null(strstr(g.err.text, "larger than 3 B"));
	/* Half of it, then all. */
	server_expect(S.server, line("GET"),
		(struct server_reply){.body = "abc", .fault = SERVER_TRUNCATE});
	expect(line("GET"), 200, "abc");
	g = get(3);
	assert_string_equal(g.text, "abc");
	expect(line("GET"), 404,
		"{\"code\":\"ObjectNotFound\",\"message\":\"a much longer text\"}");
	assert_int_equal(get(3).err.kind, ERR_NOT_FOUND);
}

static struct got download(const char *path)
{
	struct got g = {0};
	storage_object_download(S.oci, "ns", "b", NAME, path, on_done, &g);
	return ended(&g);
}

static void downloads(void **state)
{
	(void)state;
	char dir[] = "/tmp/weir-test-XXXXXX";
	struct err err;
	struct stat st;
	assert_non_null(mkdtemp(dir));
	const char *path = arena_printf(&S.arena, "%s/file", dir);
	server_expect(S.server, line("GET"),
		(struct server_reply){.body = "not all of it", .fault = SERVER_TRUNCATE});
	server_expect(S.server, line("GET"),
		(struct server_reply){
			.body = "all", .fields = "content-md5: oYHhozTnrO2pDVU4FrjcLg==\r\n"});
	assert_int_equal(download(path).err.kind, ERR_PROTOCOL); /* that is the MD5 of "ALL" */
	assert_false(fs_exists(path));
	server_expect(S.server, line("GET"),
		(struct server_reply){.body = "all",
			.fields =
				"opc-meta-weir-sha256: "
				"2c93ee1cf46fdeeb2bf7a07ea6d5ee8a8a1ab7bc5b13b1d1ccc2b9a93e0ba8c5\r\n"});
	assert_int_equal(download(path).err.kind, ERR_PROTOCOL);
	expect(line("GET"), 200, "all");
	assert_int_equal(download(path).err.kind, ERR_NONE);
	buf_auto text = {0};
	assert_true(fs_read(path, &text, &err));
	assert_string_equal(buf_str(&text), "all");
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0666 & ~022);
	/* What was there stays when another download fails. */
	expect(line("GET"), 403, "");
	assert_int_equal(download(path).err.kind, ERR_PERMISSION);
	assert_true(fs_exists(path));
	assert_int_equal(unlink(path), 0);
	assert_int_equal(rmdir(dir), 0); /* so nothing was left aside */
	assert_int_equal(download(path).err.kind, ERR_IO);
}

int main(void)
{
	umask(022);
	const struct CMUnitTest tests[] = {
		SESSION_TEST(namespaces),
		SESSION_TEST(bucket_missing_is_asked_twice),
		SESSION_TEST(request_is_signed),
		SESSION_TEST(bucket_created),
		SESSION_TEST(bucket_create_in_doubt),
		SESSION_TEST(bucket_deleted),
		SESSION_TEST(listed_page_by_page),
		SESSION_TEST(list_that_breaks),
		SESSION_TEST(head),
		SESSION_TEST(deleted),
		SESSION_TEST(content_in_memory),
		SESSION_TEST(downloads),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
