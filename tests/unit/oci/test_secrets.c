/* Values of Vault's secrets: what the service may say of them, and that nothing of them is told. */
#include "../unit.h"
#include "harness_oci.h"
#include "oci/secrets.h"

#include <stdio.h>

#define ID "ocid1.vaultsecret.oc1.iad.a"
#define GET "GET /20190301/secretbundles/" ID "?stage=CURRENT"
#define BUNDLE(type, content)                                                     \
	"{\"secretId\":\"" ID                                                     \
	"\",\"versionNumber\":2,\"secretBundleContent\":{\"contentType\":\"" type \
	"\",\"content\":" content "}}"

struct got {
	int calls;
	struct err err;
	char value[64];
	size_t len;
};

static void on_value(void *ctx, const struct err *err, const char *value, size_t len)
{
	struct got *g = ctx;
	g->calls++;
	g->err = *err;
	assert_int_equal(!value, !!err->kind);
	g->len = len;
	if (value) {
		assert_true(len < sizeof g->value);
		memcpy(g->value, value, len + 1);
	}
}

static struct got get(int status, const char *body)
{
	struct got g = {0};
	server_expect(S.server, GET, (struct server_reply){.status = status, .body = body});
	secrets_get(S.oci, ID, on_value, &g);
	session_run(&S);
	assert_int_equal(g.calls, 1);
	return g;
}

static void values(void **state)
{
	(void)state;
	struct got g = get(200, BUNDLE("BASE64", "\"czNjcmV0\""));
	assert_string_equal(g.value, "s3cret");
	assert_int_equal(g.len, 6);
	g = get(200, BUNDLE("BASE64", "\"AP8=\""));
	assert_int_equal(g.len, 2);
	assert_memory_equal(g.value, "\0\xff", 3);
	g = get(200, BUNDLE("BASE64", "\"\""));
	assert_int_equal(g.err.kind, ERR_NONE);
	assert_int_equal(g.len, 0);
}

static void refused(void **state)
{
	(void)state;
	struct got g = get(404, "{\"code\":\"NotAuthorizedOrNotFound\",\"message\":\"no\"}");
	assert_int_equal(g.err.kind, ERR_NOT_FOUND);
	assert_has(g.err.text, "get secret " ID);
	assert_has(g.err.text,
		"Allow group <group> to read secret-bundles in compartment <compartment>");
	g = get(403, "{\"code\":\"NotAllowed\",\"message\":\"no\"}");
	assert_int_equal(g.err.kind, ERR_PERMISSION);
	assert_has(g.err.text, "read secret-bundles");
}

static void what_is_wrong_is_not_told(void **state)
{
	(void)state;
	static const char *const bodies[] = {"{\"secretBundleContent\":{}}", "{}", "[]",
		BUNDLE("BASE64", "\"czNjcmV0!\""), BUNDLE("TEXT", "\"czNjcmV0\""),
		BUNDLE("BASE64", "7"), "{\"content\":\"czNjcmV0", "{\"content\":\"x\"} czNjcmV0"};
	for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
		struct got g = get(200, bodies[i]);
		assert_int_equal(g.err.kind, ERR_PROTOCOL);
		assert_lacks(g.err.text, "czNjcmV0");
	}
}

static void regions(void **state)
{
	(void)state;
	struct err err;
	assert_true(secrets_are_here(S.oci, "ocid1.vaultsecret.oc1.iad.a", &err));
	assert_true(secrets_are_here(S.oci, "ocid1.vaultsecret.oc1.us-ashburn-1.a", &err));
	assert_true(secrets_are_here(S.oci, "ocid1.vaultsecret.oc1..a", &err));
	assert_true(secrets_are_here(S.oci, "ocid1.vaultsecret.oc1.xx-new-1.a", &err));
	assert_false(secrets_are_here(S.oci, "ocid1.vaultsecret.oc1.phx.a", &err));
	assert_int_equal(err.kind, ERR_INVALID);
	assert_has(err.text,
		"secret ocid1.vaultsecret.oc1.phx.a is in the region us-phoenix-1, and the target in "
		"us-ashburn-1");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SESSION_TEST(values),
		SESSION_TEST(refused),
		SESSION_TEST(what_is_wrong_is_not_told),
		SESSION_TEST(regions),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
