/* Encoding, comparison and updates: single cases, and properties over many records. */
#include "things.h"

enum { TRIES = 3000 };

static void each_form_says_what_it_should(void **state)
{
	(void)state;
	struct thing *t = decoded(
		"{\"displayName\":\"n\",\"language\":\"SQL\",\"id\":\"i\",\"numExecutors\":2,"
		"\"driverShapeConfig\":{\"cores\":16,\"memoryInGBs\":1.5},\"arguments\":[\"a\"],"
		"\"parameters\":[{\"name\":\"b\",\"value\":\"1\"}],\"hosts\":[],"
		"\"definedTags\":{\"n\":{\"k\":\"v\"}}}",
		FORM_REPLY);
	t->local_file = "f";
	assert_string_equal(to_json(field_encode(&thing_record, t, FORM_YAML, &arena)),
		"{\"display_name\":\"n\",\"language\":\"SQL\",\"count\":2,\"size\":{\"cores\":16,"
		"\"memory\":1.5},"
		"\"arguments\":[\"a\"],\"hosts\":[],\"parameters\":{\"b\":\"1\"},\"defined_tags\":{"
		"\"n\":{\"k\":\"v\"}},"
		"\"local_file\":\"f\",\"id\":\"i\"}");
	assert_string_equal(to_json(field_encode(&thing_record, t, FORM_CREATE, &arena)),
		"{\"displayName\":\"n\",\"language\":\"SQL\",\"type\":\"BATCH\",\"numExecutors\":2,"
		"\"retries\":3,"
		"\"isVerbose\":false,\"driverShapeConfig\":{\"cores\":16,\"memoryInGBs\":1.5},"
		"\"arguments\":[\"a\"],"
		"\"hosts\":[],\"parameters\":[{\"name\":\"b\",\"value\":\"1\"}],\"definedTags\":{"
		"\"n\":{\"k\":\"v\"}}}");
	assert_string_equal(to_json(field_encode(&thing_record, t, FORM_UPDATE, &arena)),
		"{\"displayName\":\"n\",\"numExecutors\":2,\"driverShapeConfig\":{\"cores\":16,"
		"\"memoryInGBs\":1.5},"
		"\"arguments\":[\"a\"],\"parameters\":[{\"name\":\"b\",\"value\":\"1\"}],"
		"\"definedTags\":{\"n\":{\"k\":\"v\"}}}");
	assert_string_equal(to_json(field_encode(&thing_record, t, FORM_REPLY, &arena)),
		"{\"displayName\":\"n\",\"language\":\"SQL\",\"fileUri\":null,\"note\":null,"
		"\"driverShape\":null,"
		"\"type\":null,\"numExecutors\":2,\"retries\":null,\"ratio\":null,\"isVerbose\":"
		"null,"
		"\"driverShapeConfig\":{\"cores\":16,\"memoryInGBs\":1.5,\"token\":null},"
		"\"otherConfig\":null,"
		"\"arguments\":[\"a\"],\"hosts\":[],\"configuration\":null,"
		"\"parameters\":[{\"name\":\"b\",\"value\":\"1\"}],\"freeformTags\":null,"
		"\"definedTags\":{\"n\":{\"k\":\"v\"}},\"extra\":null,\"password\":null,\"id\":"
		"\"i\",\"hidden\":null}");
}

/* Equal in all that a file can say. */
static void assert_same(const struct record *r, const void *a, const void *b)
{
	const char *x = to_json(field_encode(r, a, FORM_YAML, &arena));
	const char *y = to_json(field_encode(r, b, FORM_YAML, &arena));
	assert_string_equal(x, y);
}

static void decoding_undoes_encoding(void **state)
{
	(void)state;
	for (int i = 0; i < TRIES; i++) {
		struct thing *t = rnd_thing(), back;
		buf_auto b = {0};
		struct node *n = field_encode(&thing_record, t, FORM_YAML, &arena);
		if (!field_decode(&thing_record, n, FORM_YAML, "", &arena, &back, collect, &b))
			fail_msg("%s of %s", buf_str(&b), to_json(n));
		assert_same(&thing_record, t, &back);
		t->local_file = NULL;
		n = field_encode(&thing_record, t, FORM_REPLY, &arena);
		assert_true(
			field_decode(&thing_record, n, FORM_REPLY, "", &arena, &back, collect, &b));
		assert_same(&thing_record, t, &back);
		/* And by way of text. */
		n = json(to_json(n));
		assert_true(
			field_decode(&thing_record, n, FORM_REPLY, "", &arena, &back, collect, &b));
		assert_same(&thing_record, t, &back);
		arena_clear(&arena);
	}
}

static void keyed_records_go_both_ways(void **state)
{
	(void)state;
	struct plan_file f, back, copy;
	assert_string_equal(
		complaints(&plan_file_record,
			"{\"default\":\"n\",\"parts\":{\"b\":{\"app\":\"x\"},\"a\":{\"app\":\"y\","
			"\"needs\":[]}},"
			"\"steps\":{\"s\":{\"display_name\":\"d\",\"language\":\"SQL\"}}}",
			FORM_YAML, "", &f),
		"");
	struct node *n = field_encode(&plan_file_record, &f, FORM_YAML, &arena);
	assert_string_equal(to_json(n),
		"{\"default\":\"n\",\"parts\":{\"b\":{\"app\":\"x\"},\"a\":{\"app\":\"y\","
		"\"needs\":[]}},"
		"\"steps\":{\"s\":{\"display_name\":\"d\",\"language\":\"SQL\"}}}");
	assert_true(field_decode(&plan_file_record, n, FORM_YAML, "", &arena, &back, NULL, NULL));
	assert_same(&plan_file_record, &f, &back);
	field_copy(&plan_file_record, &f, &copy, &arena);
	assert_same(&plan_file_record, &f, &copy);
	assert_string_equal(((struct step *)copy.steps.v)->head.key, "s");
}

static void copies_are_deep(void **state)
{
	(void)state;
	for (int i = 0; i < 200; i++) {
		struct arena other = {0};
		struct thing *t = rnd_thing(), first, second;
		const char *text = to_json(field_encode(&thing_record, t, FORM_YAML, &arena));
		field_copy(&thing_record, t, &first, &other);
		field_copy(&thing_record, &first, &second, &arena);
		arena_clear(&other);
		assert_string_equal(
			to_json(field_encode(&thing_record, &second, FORM_YAML, &arena)), text);
	}
}

static struct field_changes diff(const struct thing *live, const struct thing *want)
{
	struct field_changes c = {0};
	field_diff(&thing_record, live, want, &arena, &c);
	return c;
}

/* "path was>now" lines; ! where it replaces. */
static const char *shown(struct field_changes c)
{
	buf_auto b = {0};
	for (size_t i = 0; i < c.n; i++)
		buf_printf(&b, "%s %s>%s%s\n", c.v[i].path, to_json(c.v[i].was),
			to_json(c.v[i].now), c.v[i].replaces ? " !" : "");
	return arena_strdup(&arena, buf_str(&b));
}

static const char *between(const char *live, const char *want)
{
	return shown(diff(decoded(live, FORM_REPLY), decoded(want, FORM_REPLY)));
}

static const char *body(const char *live, const char *want)
{
	struct thing *l = decoded(live, FORM_REPLY), *w = decoded(want, FORM_REPLY);
	struct field_changes c = diff(l, w);
	return to_json(field_update_body(&thing_record, l, w, &c, &arena));
}

static void what_absence_means(void **state)
{
	(void)state;
	/* The service's: no difference. */
	const char *defaults = "\"type\":\"BATCH\",\"retries\":3,\"isVerbose\":false";
	assert_string_equal(between(arena_printf(&arena,
					    "{\"driverShape\":\"x\",\"driverShapeConfig\":{"
					    "\"cores\":2},\"hosts\":[\"h\"],%s}",
					    defaults),
				    "{}"),
		"");
	/* A default: compared. */
	assert_string_equal(between("{\"type\":\"STREAMING\",\"retries\":3}", "{}"),
		"mode \"STREAMING\">\"BATCH\"\nverbose ->false\n");
	assert_string_equal(between("{\"type\":\"BATCH\",\"retries\":5,\"isVerbose\":false}", "{}"),
		"retries 5>3\n");
	/* Reset: what is there goes. */
	assert_string_equal(between(arena_printf(&arena,
					    "{\"note\":\"x\",\"numExecutors\":2,\"arguments\":["
					    "\"a\"],\"configuration\":{\"k\":\"v\"},"
					    "\"otherConfig\":{\"cores\":1},\"extra\":5,%s}",
					    defaults),
				    "{}"),
		"note \"x\">-\ncount 2>-\nother_size {\"cores\":1}>-\narguments [\"a\"]>-\n"
		"configuration {\"k\":\"v\"}>-\nextra 5>-\n");
	/* Never: computed, compared elsewhere, not of the API. */
	assert_string_equal(
		between(arena_printf(&arena, "{\"id\":\"a\",\"hidden\":\"h\",%s}", defaults),
			"{\"id\":\"b\",\"hidden\":\"i\"}"),
		"");
}

static void empties_equal_absence(void **state)
{
	(void)state;
	const char *d = "\"type\":\"BATCH\",\"retries\":3,\"isVerbose\":false";
	const char *empty = arena_printf(&arena,
		"{\"note\":\"\",\"arguments\":[],\"configuration\":{},"
		"\"parameters\":[],\"extra\":{},\"otherConfig\":{},%s}",
		d);
	assert_string_equal(between(empty, "{}"), "");
	assert_string_equal(between(arena_printf(&arena, "{%s}", d), empty), "");
	assert_string_equal(between(empty, empty), "");
	/* Said to be empty: cleared, also where absence would leave it to the service. */
	assert_string_equal(
		between(arena_printf(&arena, "{\"driverShape\":\"x\",\"hosts\":[\"h\"],%s}", d),
			"{\"driverShape\":\"\",\"hosts\":[]}"),
		"shape \"x\">-\nhosts [\"h\"]>- !\n");
}

static void canonical_forms(void **state)
{
	(void)state;
	const char *d = "\"type\":\"BATCH\",\"retries\":3,\"isVerbose\":false";
	assert_string_equal(
		between(arena_printf(&arena, "{\"fileUri\":\"oci://b@n/\",\"ratio\":1.0,%s}", d),
			"{\"fileUri\":\"oci://b@n\",\"ratio\":1}"),
		"");
	assert_string_equal(between(arena_printf(&arena, "{\"fileUri\":\"oci://b@n/\",%s}", d),
				    "{\"fileUri\":\"oci://c@n\"}"),
		"uri \"oci://b@n/\">\"oci://c@n\"\n");
}

static void inside_records_and_maps(void **state)
{
	(void)state;
	const char *d = "\"type\":\"BATCH\",\"retries\":3,\"isVerbose\":false";
	const char *live = arena_printf(&arena,
		"{\"driverShapeConfig\":{\"cores\":1,\"memoryInGBs\":16},\"parameters\":[{\"name\":"
		"\"b\",\"value\":\"1\"},"
		"{\"name\":\"a\",\"value\":\"1\"},{\"name\":\"z\",\"value\":\"1\"}],"
		"\"freeformTags\":{\"team\":\"x\",\"other\":\"y\"},"
		"\"definedTags\":{\"ns\":{\"k\":\"v\",\"by\":\"me\"}},\"language\":\"SQL\",%s}",
		d);
	const char *want =
		"{\"driverShapeConfig\":{\"cores\":2},\"parameters\":[{\"name\":\"a\",\"value\":"
		"\"1\"},"
		"{\"name\":\"c\",\"value\":\"\"},{\"name\":\"b\",\"value\":\"2\"}],"
		"\"freeformTags\":{\"team\":\"z\"},"
		"\"definedTags\":{\"ns\":{\"k\":\"w\"},\"m\":{\"k\":\"v\"}},\"language\":\"JAVA\"}";
	assert_string_equal(between(live, want),
		"language \"SQL\">\"JAVA\" !\nsize.cores 1>2\nparameters.b "
		"\"1\">\"2\"\nparameters.c ->\"\"\n"
		"parameters.z \"1\">-\nfreeform_tags.team \"x\">\"z\"\ndefined_tags.m.k ->\"v\"\n"
		"defined_tags.ns.k \"v\">\"w\"\n");
	/* Whole fields; what was the service's inside stays; tags merged; nothing immutable. */
	assert_string_equal(body(live, want),
		"{\"driverShapeConfig\":{\"cores\":2,\"memoryInGBs\":16},\"parameters\":[{\"name\":"
		"\"a\",\"value\":\"1\"},"
		"{\"name\":\"c\",\"value\":\"\"},{\"name\":\"b\",\"value\":\"2\"}],"
		"\"freeformTags\":{\"other\":\"y\",\"team\":\"z\"},"
		"\"definedTags\":{\"ns\":{\"by\":\"me\",\"k\":\"w\"},\"m\":{\"k\":\"v\"}}}");
}

static void order_of_parameters_does_not_count(void **state)
{
	(void)state;
	const char *d = "\"type\":\"BATCH\",\"retries\":3,\"isVerbose\":false";
	assert_string_equal(between(arena_printf(&arena,
					    "{\"parameters\":[{\"name\":\"a\",\"value\":\"1\"},{"
					    "\"name\":\"b\",\"value\":\"2\"}],%s}",
					    d),
				    "{\"parameters\":[{\"name\":\"b\",\"value\":\"2\"},{\"name\":"
				    "\"a\",\"value\":\"1\"}]}"),
		"");
	/* That of arguments does. */
	assert_string_equal(between(arena_printf(&arena, "{\"arguments\":[\"a\",\"b\"],%s}", d),
				    "{\"arguments\":[\"b\",\"a\"]}"),
		"arguments [\"a\",\"b\"]>[\"b\",\"a\"]\n");
}

static void how_fields_are_cleared(void **state)
{
	(void)state;
	assert_string_equal(body("{\"note\":\"x\",\"numExecutors\":2,\"arguments\":[\"a\"],"
				 "\"configuration\":{\"k\":\"v\"},"
				 "\"parameters\":[{\"name\":\"a\",\"value\":\"1\"}],"
				 "\"otherConfig\":{\"cores\":1},\"extra\":5,"
				 "\"type\":\"STREAMING\"}",
				    "{}"),
		"{\"note\":\"\",\"type\":\"BATCH\",\"numExecutors\":null,\"retries\":3,"
		"\"isVerbose\":false,"
		"\"otherConfig\":{},\"arguments\":[],\"configuration\":{},\"parameters\":[],"
		"\"extra\":null}");
}

/* What the plan knows of tags that are no longer ours, it adds to the changes. */
static void a_dropped_tag_leaves_the_update(void **state)
{
	(void)state;
	struct thing *live = decoded("{\"freeformTags\":{\"old\":\"1\",\"theirs\":\"2\"},"
				     "\"definedTags\":{\"ns\":{\"old\":\"1\",\"theirs\":\"2\"}}}",
		FORM_REPLY);
	struct thing *want = decoded("{}", FORM_REPLY);
	struct field_change v[] = {{.path = "freeform_tags.old",
					   .field = record_field(&thing_record, "freeform_tags")},
		{.path = "defined_tags.ns.old",
			.field = record_field(&thing_record, "defined_tags")}};
	struct field_changes c = {v, 2, 2};
	assert_string_equal(to_json(field_update_body(&thing_record, live, want, &c, &arena)),
		"{\"freeformTags\":{\"theirs\":\"2\"},\"definedTags\":{\"ns\":{\"theirs\":\"2\"}}"
		"}");
}

static void secrets_never_show(void **state)
{
	(void)state;
	const char *d = "\"type\":\"BATCH\",\"retries\":3,\"isVerbose\":false";
	const char *live = arena_printf(&arena,
		"{\"password\":\"live-secret\",\"driverShapeConfig\":{\"token\":\"live-secret\"},"
		"\"otherConfig\":{\"cores\":1,\"token\":\"live-secret\"},%s}",
		d);
	const char *want =
		"{\"password\":\"want-secret\",\"driverShapeConfig\":{\"token\":\"want-secret\"}}";
	const char *out = between(live, want);
	assert_string_equal(out,
		"size.token \"(sensitive)\">\"(sensitive)\"\n"
		"other_size {\"cores\":1,\"token\":\"(sensitive)\"}>-\n"
		"password \"(sensitive)\">\"(sensitive)\"\n");
	assert_string_equal(
		between(arena_printf(&arena, "{%s}", d), "{\"password\":\"want-secret\"}"),
		"password ->\"(sensitive)\"\n");
	/* But they are sent. */
	assert_has(body(live, want), "\"password\":\"want-secret\"");
	assert_has(body(live, want), "\"driverShapeConfig\":{\"token\":\"want-secret\"}");
}

static void a_thing_does_not_differ_from_itself(void **state)
{
	(void)state;
	for (int i = 0; i < TRIES; i++) {
		struct thing *t = rnd_thing();
		/* As the service has it, with the defaults. */
		t->mode = t->mode ? t->mode : "BATCH";
		t->retries = t->retries.set ? t->retries : (struct opt_i64){true, 3};
		t->verbose.set = true;
		assert_string_equal(shown(diff(t, t)), "");
		arena_clear(&arena);
	}
}

/* The service's side of an update: what the request has replaces what is there. */
static void carry_out(struct thing *live, const struct node *request)
{
	struct thing given;
	buf_auto b = {0};
	/* By way of text, and without the check of weir-local, since a clear is "" also where "" is no choice. */
	if (!field_decode(&thing_record, json(to_json(request)), FORM_REPLY, "", &arena, &given,
		    collect, &b))
		fail_msg("%s in %s", buf_str(&b), to_json(request));
	field_overlay(&thing_record, &given, live, &arena);
	/* null clears as well. */
	const struct node *null = node_get(request, "numExecutors");
	live->count = null && null->kind == NODE_NULL ? (struct opt_i64){0} : live->count;
	null = node_get(request, "ratio");
	live->ratio = null && null->kind == NODE_NULL ? (struct opt_num){0} : live->ratio;
	null = node_get(request, "extra");
	live->extra = null && null->kind == NODE_NULL ? NULL : live->extra;
}

static void the_update_ends_the_difference(void **state)
{
	(void)state;
	size_t changed = 0;
	for (int i = 0; i < TRIES; i++) {
		struct thing *live = rnd_thing(), *want = rnd_thing();
		want->base.language = live->base.language;
		want->hosts = live->hosts;
		struct field_changes c = diff(live, want);
		changed += c.n > 0;
		struct node *request = field_update_body(&thing_record, live, want, &c, &arena);
		const char *before = shown(c), *text = to_json(request);
		/* One entry for each field that changes, none for others. */
		for (size_t k = 0; k < c.n; k++)
			assert_non_null(node_get(request, c.v[k].field->api));
		for (size_t k = 0; k < request->u.map.n; k++)
			assert_has(before,
				record_field_api(&thing_record, request->u.map.v[k].key)->name);
		carry_out(live, request);
		const char *after = shown(diff(live, want));
		if (*after)
			fail_msg("%s after %s, which was for\n%s", after, text, before);
		arena_clear(&arena);
	}
	assert_true(changed > TRIES / 2);
}

static void tags_of_others_survive(void **state)
{
	(void)state;
	for (int i = 0; i < TRIES; i++) {
		struct thing *live = rnd_thing(), *want = rnd_thing();
		struct field_changes c = diff(live, want);
		struct node *request = field_update_body(&thing_record, live, want, &c, &arena);
		const struct node *tags = node_get(request, "freeformTags");
		for (size_t k = 0; tags && k < live->freeform_tags.n; k++)
			assert_non_null(node_get(tags, live->freeform_tags.v[k].name));
		arena_clear(&arena);
	}
}

static void reverse(struct pairs *p)
{
	for (size_t i = 0; i < p->n / 2; i++) {
		struct pair x = p->v[i];
		p->v[i] = p->v[p->n - 1 - i];
		p->v[p->n - 1 - i] = x;
	}
}

static void order_of_maps_does_not_show(void **state)
{
	(void)state;
	for (int i = 0; i < TRIES / 3; i++) {
		struct thing *live = rnd_thing(), *want = rnd_thing();
		const char *before = shown(diff(live, want));
		struct pairs *maps[] = {&live->configuration, &want->configuration,
			&live->parameters, &want->parameters, &live->freeform_tags,
			&want->freeform_tags, &live->defined_tags, &want->defined_tags};
		for (size_t k = 0; k < sizeof maps / sizeof *maps; k++)
			reverse(maps[k]);
		/* Unless a whole map goes: it is shown as it was written. */
		struct field_changes c = diff(live, want);
		bool whole = false;
		for (size_t k = 0; k < c.n; k++)
			whole = whole ||
				(c.v[k].was && c.v[k].was->kind == NODE_MAP && !c.v[k].now);
		if (!whole)
			assert_string_equal(shown(c), before);
		arena_clear(&arena);
	}
}

static void an_overlay_takes_what_is_set(void **state)
{
	(void)state;
	struct thing *to = decoded(
		"{\"note\":\"a\",\"numExecutors\":1,\"arguments\":[\"x\"],\"hosts\":[\"h\"]}",
		FORM_REPLY);
	struct thing *from =
		decoded("{\"note\":\"\",\"numExecutors\":2,\"arguments\":[]}", FORM_REPLY);
	field_overlay(&thing_record, from, to, &arena);
	assert_string_equal(to_json(field_encode(&thing_record, to, FORM_YAML, &arena)),
		"{\"note\":\"\",\"count\":2,\"arguments\":[],\"hosts\":[\"h\"]}");
	assert_true(field_is_set(record_field(&thing_record, "note"), to));
	assert_true(field_is_set(record_field(&thing_record, "arguments"), to));
	assert_false(field_is_set(record_field(&thing_record, "size"), to));
	assert_false(field_is_set(record_field(&thing_record, "ratio"), to));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_form_says_what_it_should),
		cmocka_unit_test(decoding_undoes_encoding),
		cmocka_unit_test(keyed_records_go_both_ways),
		cmocka_unit_test(copies_are_deep),
		cmocka_unit_test(what_absence_means),
		cmocka_unit_test(empties_equal_absence),
		cmocka_unit_test(canonical_forms),
		cmocka_unit_test(inside_records_and_maps),
		cmocka_unit_test(order_of_parameters_does_not_count),
		cmocka_unit_test(how_fields_are_cleared),
		cmocka_unit_test(a_dropped_tag_leaves_the_update),
		cmocka_unit_test(secrets_never_show),
		cmocka_unit_test(a_thing_does_not_differ_from_itself),
		cmocka_unit_test(the_update_ends_the_difference),
		cmocka_unit_test(tags_of_others_survive),
		cmocka_unit_test(order_of_maps_does_not_show),
		cmocka_unit_test(an_overlay_takes_what_is_set),
	};
	return cmocka_run_group_tests(tests, NULL, things_clear);
}
