/* What goes under `defaults`. */
#include "../unit.h"
#include "import/lift.h"

static struct arena arena;

static int teardown(void **state)
{
	(void)state;
	arena_clear(&arena);
	return 0;
}

static struct node *read(const char *json)
{
	struct err err;
	struct node *n = node_from_json(&arena, json, strlen(json), &err);
	if (!n)
		fail_msg("%s: %s", json, err.text);
	return n;
}

static void add(struct buf *out, const struct node *n)
{
	if (out->len)
		buf_adds(out, " | ");
	node_to_json(n, NODE_JSON_COMPACT, out);
}

/* apps: a JSON list; "DEFAULTS | APP | APP". */
static const char *lifted(const char *json)
{
	struct node *list = read(json);
	buf_auto out = {0};
	add(&out, import_lift(list->u.seq.v, list->u.seq.n, &arena));
	for (size_t i = 0; i < list->u.seq.n; i++)
		add(&out, list->u.seq.v[i]);
	return arena_strdup(&arena, buf_str(&out));
}

static void lifting(void **state)
{
	(void)state;
	static const struct {
		const char *apps, *want;
	} cases[] = {
		{"[{\"a\":1}]", "{} | {\"a\":1}"},
		{"[{\"a\":1,\"b\":2},{\"a\":1,\"b\":3}]", "{\"a\":1} | {\"b\":2} | {\"b\":3}"},
		{"[{\"a\":1},{\"a\":2},{\"a\":1}]", "{\"a\":1} | {} | {\"a\":2} | {}"},
		{"[{\"a\":2},{\"a\":1},{\"a\":1}]", "{\"a\":1} | {\"a\":2} | {} | {}"},
		/* One of them lacks it. */
		{"[{\"a\":1},{},{\"a\":1}]", "{} | {\"a\":1} | {} | {\"a\":1}"},
		/* No more than half. */
		{"[{\"a\":1},{\"a\":2},{\"a\":1},{\"a\":2}]",
			"{} | {\"a\":1} | {\"a\":2} | {\"a\":1} | {\"a\":2}"},
		/* What an app is. */
		{"[{\"script\":1,\"arguments\":[]},{\"script\":1,\"arguments\":[]}]",
			"{} | {\"script\":1,\"arguments\":[]} | {\"script\":1,\"arguments\":[]}"},
		{"[{\"t\":[1]},{\"t\":[1]},{\"t\":[2]}]", "{\"t\":[1]} | {} | {} | {\"t\":[2]}"},
		/* Maps merge: those that have all of its keys stand as they are. */
		{"[{\"m\":{\"x\":1}},{\"m\":{\"x\":1}},{\"m\":{\"y\":1}}]",
			"{} | {\"m\":{\"x\":1}} | {\"m\":{\"x\":1}} | {\"m\":{\"y\":1}}"},
		{"[{\"m\":{\"x\":1}},{\"m\":{\"x\":1}},{\"m\":{\"x\":2,\"y\":1}}]",
			"{\"m\":{\"x\":1}} | {} | {} | {\"m\":{\"x\":2,\"y\":1}}"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_string_equal(lifted(cases[i].apps), cases[i].want);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lifting),
	};
	return cmocka_run_group_tests(tests, NULL, teardown);
}
