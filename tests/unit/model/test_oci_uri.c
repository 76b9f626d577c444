/* oci://bucket@namespace/object, and keys. */
#include "../unit.h"
#include "model/object.h"
#include "model/oci_uri.h"
#include "model/pipeline.h"
#include "model/resource.h"

static struct arena arena;

static int teardown(void **state)
{
	(void)state;
	arena_clear(&arena);
	return 0;
}

static const char *parts(const char *uri)
{
	struct oci_uri u;
	return oci_uri_parse(uri, &arena, &u)
		? arena_printf(&arena, "%s|%s|%s", u.bucket, u.ns, u.object)
		: "none";
}

static void parsing(void **state)
{
	(void)state;
	assert_string_equal(parts("oci://b@n/a/b c.py"), "b|n|a/b c.py");
	assert_string_equal(parts("oci://b.x_-1@n"), "b.x_-1|n|");
	assert_string_equal(parts("oci://b@n/"), "b|n|");
	assert_string_equal(parts("oci://b@n/a@b"), "b|n|a@b");
	assert_string_equal(parts("oci://b@n/dir/"), "b|n|dir/");
	static const char *const bad[] = {"", "oci:/b@n/x", "OCI://b@n/x", "s3://b@n/x",
		"oci://b/x", "oci://@n/x", "oci://b@/x", "oci://b@n//x", "oci://b c@n/x",
		"oci://b@n@m/x", "oci://b@n/x\ny", "oci://b@n/\xff", "oci://b", " oci://b@n/x",
		"oci://b@n x/y"};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		if (strcmp(parts(bad[i]), "none"))
			fail_msg("%s was taken", bad[i]);
}

static void kinds(void **state)
{
	(void)state;
	assert_true(oci_uri_ok("oci://b@n/x"));
	assert_false(oci_uri_ok("oci://b@n/"));
	assert_true(oci_uri_bucket_ok("oci://b@n"));
	assert_true(oci_uri_bucket_ok("oci://b@n/prefix"));
	assert_true(oci_uri_list_ok("oci://b@n/x,oci://b@n/y"));
	assert_false(oci_uri_list_ok("oci://b@n/x,"));
	assert_false(oci_uri_list_ok(",oci://b@n/x"));
	assert_false(oci_uri_list_ok(""));
}

static void canonical(void **state)
{
	(void)state;
	assert_string_equal(oci_uri_canon(&arena, "oci://b@n"), "oci://b@n/");
	assert_string_equal(oci_uri_canon(&arena, "oci://b@n/"), "oci://b@n/");
	assert_string_equal(oci_uri_canon(&arena, "oci://b@n/x"), "oci://b@n/x");
	assert_string_equal(oci_uri_canon(&arena, "anything"), "anything");
	assert_string_equal(oci_uri_format(&arena, "b", "n", NULL), "oci://b@n/");
	assert_string_equal(parts(oci_uri_format(&arena, "b", "n", "a/b")), "b|n|a/b");
}

static void names(void **state)
{
	(void)state;
	char longest[1026];
	memset(longest, 'a', sizeof longest);
	longest[1025] = 0;
	assert_false(object_name_ok(longest));
	longest[1024] = 0;
	assert_true(object_name_ok(longest));
	longest[257] = 0;
	assert_false(bucket_name_ok(longest));
	longest[256] = 0;
	assert_true(bucket_name_ok(longest));
	assert_false(bucket_name_ok(""));
	assert_false(bucket_name_ok("a/b"));
	assert_false(object_name_ok(""));
	assert_false(object_name_ok("a\rb"));
}

static void keys(void **state)
{
	(void)state;
	assert_true(pipeline_key_ok("a"));
	assert_true(pipeline_key_ok("0-a_b"));
	assert_true(pipeline_key_ok("a234567890123456789012345678901234567890"));
	assert_false(pipeline_key_ok("a2345678901234567890123456789012345678901"));
	assert_false(pipeline_key_ok(""));
	assert_false(pipeline_key_ok("-a"));
	assert_false(pipeline_key_ok("_a"));
	assert_false(pipeline_key_ok("A"));
	assert_false(pipeline_key_ok("a/b"));
	assert_true(param_key_ok("Secret_ID-2"));
	assert_false(param_key_ok("-x"));
	assert_false(param_key_ok("a.b"));
	assert_false(param_key_ok(""));
}

static void identity(void **state)
{
	(void)state;
	assert_string_equal(identity_tag(&arena, "p", "t", "a"), "p/t/a");
	assert_string_equal(identity_prefix(&arena, "p", "t"), "weir/p/t/");
	struct resources r = {0};
	for (int i = 0; i < 20; i++)
		resources_add(&r, &arena)->address = arena_printf(&arena, "apps.a%d", i);
	assert_int_equal(r.n, 20);
	assert_ptr_equal(resources_find(&r, "apps.a7"), &r.v[7]);
	assert_null(resources_find(&r, "apps.a20"));
	assert_false(resource_types[RESOURCE_BUCKET].deletable);
}

static void content(void **state)
{
	(void)state;
	struct object a = {.size = {true, 4}, .md5 = "m", .sha256 = "s"}, b = a;
	assert_true(object_same_content(&a, &b));
	b.md5 = "other"; /* SHA-256 decides */
	assert_true(object_same_content(&a, &b));
	b.sha256 = NULL;
	assert_false(object_same_content(&a, &b));
	b.md5 = "m";
	assert_true(object_same_content(&a, &b));
	b.size.v = 5;
	assert_false(object_same_content(&a, &b));
	b = (struct object){.size = {true, 4}};
	assert_false(object_same_content(&a, &b));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(parsing, teardown),
		cmocka_unit_test_teardown(kinds, teardown),
		cmocka_unit_test_teardown(canonical, teardown),
		cmocka_unit_test_teardown(names, teardown),
		cmocka_unit_test_teardown(keys, teardown),
		cmocka_unit_test_teardown(identity, teardown),
		cmocka_unit_test_teardown(content, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
