/* OCIDs. */
#include "../unit.h"
#include "model/ocid.h"

static struct arena arena;

static int teardown(void **state)
{
	(void)state;
	arena_clear(&arena);
	return 0;
}

static const char *parts(const char *text)
{
	struct ocid o;
	return ocid_parse(text, &arena, &o)
		? arena_printf(&arena, "%s|%s|%s", o.kind, o.realm, o.region)
		: "none";
}

static void parsing(void **state)
{
	(void)state;
	assert_string_equal(parts("ocid1.dataflowrun.oc1.iad.anuwcl"), "dataflowrun|oc1|iad");
	assert_string_equal(parts("ocid1.compartment.oc1..aaaa"), "compartment|oc1|");
	assert_string_equal(
		parts("ocid1.vaultsecret.oc2.us-luke-1.x.y"), "vaultsecret|oc2|us-luke-1");
	static const char *const bad[] = {"", "ocid1", "ocid1.", "ocid1.dataflowrun",
		"ocid1.dataflowrun.oc1.iad", "ocid1.dataflowrun.oc1.iad.", "ocid1..oc1.iad.a",
		"ocid1.dataflowrun..iad.a", "ocid2.dataflowrun.oc1.iad.a",
		"ocid1.dataflowrun.oc1.iad.a/b", "ocid1.dataflowrun.oc1.iad.a b",
		" ocid1.dataflowrun.oc1.iad.a", "ocid1.dataflowrun.oc1.iad.a\n"};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		if (strcmp(parts(bad[i]), "none"))
			fail_msg("%s was taken", bad[i]);
	char longer[300];
	memset(longer, 'a', sizeof longer);
	longer[sizeof longer - 1] = 0;
	assert_string_equal(parts(arena_printf(&arena, "ocid1.x.oc1..%s", longer)), "none");
}

static void kinds(void **state)
{
	(void)state;
	assert_true(ocid_is("ocid1.dataflowrun.oc1.iad.a", OCID_RUN));
	assert_false(ocid_is("ocid1.dataflowrun.oc1.iad.a", OCID_APPLICATION));
	assert_false(ocid_is("run-1", OCID_RUN));
	assert_string_equal(ocid_kind_doc(OCID_RUN), "a run");
	assert_string_equal(ocid_kind_doc("vaultsecret"), "a secret");
	assert_string_equal(ocid_kind_doc("vault"), "vault");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parsing),
		cmocka_unit_test(kinds),
	};
	return cmocka_run_group_tests(tests, NULL, teardown);
}
