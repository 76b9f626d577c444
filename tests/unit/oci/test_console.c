/* Pages of OCI's console. */
#include "../unit.h"
#include "oci/console.h"

static struct arena arena;

static int teardown(void **state)
{
	(void)state;
	arena_clear(&arena);
	return 0;
}

#define APP "ocid1.dataflowapplication.oc1.iad.anwx"
#define RUN "ocid1.dataflowrun.oc1.iad.anwx"

static void pages_of_the_commercial_realm(void **state)
{
	(void)state;
	assert_string_equal(oci_console_link(&arena, NULL, APP),
		"https://cloud.oracle.com/data-flow/apps/details/" APP "?region=us-ashburn-1");
	assert_string_equal(oci_console_link(&arena, NULL, RUN),
		"https://cloud.oracle.com/data-flow/runs/details/" RUN "?region=us-ashburn-1");
}

static void the_region_is_that_of_the_ocid(void **state)
{
	(void)state;
	assert_string_equal(oci_console_link(&arena, "eu-frankfurt-1", RUN),
		"https://cloud.oracle.com/data-flow/runs/details/" RUN "?region=us-ashburn-1");
	assert_string_equal(oci_console_link(&arena, "fra", "ocid1.dataflowrun.oc1..a"),
		"https://cloud.oracle.com/data-flow/runs/details/ocid1.dataflowrun.oc1..a"
		"?region=eu-frankfurt-1");
	assert_string_equal(oci_console_link(&arena, NULL, "ocid1.dataflowrun.oc1.xx-new-1.a"),
		"https://cloud.oracle.com/data-flow/runs/details/ocid1.dataflowrun.oc1.xx-new-1.a"
		"?region=xx-new-1");
}

static void other_realms_have_hosts_of_their_own(void **state)
{
	(void)state;
	assert_string_equal(
		oci_console_link(&arena, NULL, "ocid1.dataflowrun.oc3.us-gov-phoenix-1.a"),
		"https://console.us-gov-phoenix-1.oraclegovcloud.com/data-flow/runs/details/"
		"ocid1.dataflowrun.oc3.us-gov-phoenix-1.a?region=us-gov-phoenix-1");
	assert_string_equal(oci_console_link(&arena, NULL, "ocid1.dataflowapplication.oc4.ltn.a"),
		"https://console.uk-gov-london-1.oraclegovcloud.uk/data-flow/apps/details/"
		"ocid1.dataflowapplication.oc4.ltn.a?region=uk-gov-london-1");
}

static void no_page(void **state)
{
	(void)state;
	assert_null(oci_console_link(&arena, "iad", "ocid1.bucket.oc1.iad.a"));
	assert_null(oci_console_link(&arena, "iad", "dataflowrun"));
	assert_null(oci_console_link(&arena, "iad", ""));
	assert_null(oci_console_link(&arena, NULL, "ocid1.dataflowrun.oc1..a"));
}

static void what_an_ocid_holds_stays_in_its_place(void **state)
{
	(void)state;
	assert_string_equal(
		oci_console_link(&arena, "iad", "ocid1.dataflowrun.oc1.iad.a/../b?c#d\n"),
		"https://cloud.oracle.com/data-flow/runs/details/"
		"ocid1.dataflowrun.oc1.iad.a%2F..%2Fb%3Fc%23d%0A?region=us-ashburn-1");
	assert_string_equal(oci_console_link(&arena, "iad", "ocid1.dataflowrun.oc1.evil/x?.a"),
		"https://cloud.oracle.com/data-flow/runs/details/"
		"ocid1.dataflowrun.oc1.evil%2Fx%3F.a?region=us-ashburn-1");
}

static void buckets_and_lists(void **state)
{
	(void)state;
	assert_string_equal(oci_console_bucket(&arena, "iad", "ns", "a_b.c"),
		"https://cloud.oracle.com/object-storage/buckets/ns/a_b.c/objects?region=us-ashburn-1");
	assert_string_equal(oci_console_list(&arena, "us-ashburn-1", "runs"),
		"https://cloud.oracle.com/data-flow/runs?region=us-ashburn-1");
	assert_string_equal(oci_console_list(&arena, "us-gov-ashburn-1", "buckets"),
		"https://console.us-gov-ashburn-1.oraclegovcloud.com/object-storage/buckets"
		"?region=us-gov-ashburn-1");
	assert_null(oci_console_list(&arena, NULL, "runs"));
	assert_null(oci_console_bucket(&arena, "", "ns", "b"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(buckets_and_lists),
		cmocka_unit_test(pages_of_the_commercial_realm),
		cmocka_unit_test(the_region_is_that_of_the_ocid),
		cmocka_unit_test(other_realms_have_hosts_of_their_own),
		cmocka_unit_test(no_page),
		cmocka_unit_test(what_an_ocid_holds_stays_in_its_place),
	};
	return cmocka_run_group_tests_name("console", tests, NULL, teardown);
}
