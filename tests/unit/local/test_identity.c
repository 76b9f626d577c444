/* Policy statements, and what they come to: who may do what where. */
#include "../unit.h"

#include "base/text.h"
#include "local/identity/identity_setup.h"
#include "local/identity/policy.h"
#include "local/server/server.h"

#include <stdlib.h>
#include <string.h>

static struct arena arena;

static const struct identity_home own = {.tenancy = "ocid1.tenancy.oc1..own",
	.user = "ocid1.user.oc1..own",
	.fingerprint = "aa",
	.ns = "weirlocal"};

static struct identity *make(const char *text)
{
	buf_auto mistakes = {0};
	struct identity *identity = identity_setup_make(text, strlen(text), "f", &own, &mistakes);
	if (!identity)
		fail_msg("%s", buf_str(&mistakes));
	return identity;
}

static void statements(void **state)
{
	(void)state;
	struct policy p;
	struct err err;
	assert_true(policy_parse("ALLOW  Group a,'b c' TO Manage object-family IN compartment x:y",
		&arena, &p, &err));
	assert_int_equal(p.groups_n, 2);
	assert_string_equal(p.groups[1], "b c");
	assert_int_equal(p.verb, VERB_MANAGE);
	assert_int_equal(p.types, 1 << TYPE_NAMESPACE | 1 << TYPE_BUCKET | 1 << TYPE_OBJECT);
	assert_string_equal(p.compartment, "x:y");
	assert_true(policy_parse("allow any-user to inspect buckets in tenancy", &arena, &p, &err));
	assert_null(p.groups);
	assert_null(p.compartment);
	assert_false(
		policy_parse("allow any-user to inspect 'buckets' in tenancy", &arena, &p, &err));
	assert_has(err.text, "column 27: `buckets`");
	assert_false(policy_parse("allow group , to read buckets in tenancy", &arena, &p, &err));
	assert_has(err.text, "a group's name is expected");
	assert_false(policy_parse("allow group a b to read buckets in tenancy", &arena, &p, &err));
	assert_has(err.text, "`to` is expected");
}

/* Whatever a text is cut to, it is refused or understood, and never read past its end. */
static void cut_statements(void **state)
{
	(void)state;
	static const char whole[] =
		"Allow group 'a b', c to manage all-resources in compartment id x where y";
	struct policy p;
	struct err err;
	/* Its name may be cut, and the condition is none yet; but not "id", which begins an OCID. */
	const size_t name = strlen("Allow group 'a b', c to manage all-resources in compartment i");
	for (size_t n = 0; n < sizeof whole; n++) {
		char *text = xalloc(n + 1);
		memcpy(text, whole, n);
		text[n] = '\0';
		bool understood = n == name || n == name + 3 || n == name + 4;
		assert_int_equal(policy_parse(text, &arena, &p, &err), understood);
		free(text);
	}
}

static void rights(void **state)
{
	(void)state;
	struct identity *all = make(
		"{\"compartments\": {\"a\": {}, \"a:b\": {}, \"c\": {}},"
		" \"users\": {\"u\": {\"groups\": [\"g\"]}},"
		" \"policies\": [\"allow group G to use objects in compartment a\"],"
		" \"tenancies\": {\"t\": {\"users\": {\"v\": {\"groups\": [\"Administrators\"]}}}}}");
	const struct identity_tenancy *t = &all->tenancies[0], *other = &all->tenancies[1];
	const struct identity_user *home = all->users.v[0].value, *u = all->users.v[1].value,
				   *v = all->users.v[2].value;
	static const struct {
		const char *path;
		enum permit_verb most;
	} rows[] = {{"a", VERB_USE}, {"a:b", VERB_USE}, {"c", VERB_NONE}};
	for (size_t i = 0; i < 3; i++) {
		const struct identity_compartment *c = identity_find_compartment(t, rows[i].path);
		for (unsigned verb = VERB_INSPECT; verb < VERBS; verb++) {
			assert_int_equal(
				identity_allows(u, verb, TYPE_OBJECT, c), verb <= rows[i].most);
			assert_false(identity_allows(u, verb, TYPE_BUCKET, c));
			assert_true(identity_allows(home, verb, TYPE_BUCKET, c));
			assert_false(identity_allows(v, verb, TYPE_OBJECT, c));
		}
		assert_null(identity_compartment(all, other, c->id));
	}
	assert_true(identity_allows(v, VERB_MANAGE, TYPE_RUN, other->compartments));
	assert_string_equal(other->ns, "t");
	struct identity *again = make("{\"users\": {\"u\": {}}}");
	assert_string_equal(((const struct identity_user *)again->users.v[1].value)->id, u->id);
	identity_free(again);
	identity_free(all);
}

/* A route that says nothing lets nobody in: each says what it needs. */
static void every_route_says(void **state)
{
	(void)state;
	const struct route *const tables[] = {objectstorage_routes, dataflow_routes, admin_routes};
	for (size_t i = 0; i < 3; i++)
		for (const struct route *r = tables[i]; r->method; r++)
			if (r->needs.of == OF_UNSAID)
				fail_msg("%s %s needs nothing", r->method, r->pattern);
}

static int teardown(void **state)
{
	(void)state;
	arena_clear(&arena);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(statements),
		cmocka_unit_test(cut_statements),
		cmocka_unit_test(rights),
		cmocka_unit_test(every_route_says),
	};
	return cmocka_run_group_tests(tests, NULL, teardown);
}
