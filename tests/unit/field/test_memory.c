/* What was set last: its text, whatever becomes of it, and what the diff makes of it. */
#include "field/memory.h"
#include "things.h"

#define BOUND "flights/local/delays"
#define DEFAULTS "\"type\":\"BATCH\",\"retries\":3,\"isVerbose\":false"

static struct thing *thing(const char *json_text)
{
	return decoded(json_text, FORM_REPLY);
}

static char *written(const struct thing *t)
{
	return memory_write(&thing_record, t, BOUND, &arena, NULL);
}

static struct memory read_text(const char *text)
{
	struct memory m;
	memory_read(text, BOUND, &m);
	return m;
}

static const struct field *row(const char *name)
{
	return record_field(&thing_record, name);
}

/* The text never changes for what was set once: what is written today is read by every later weir. */
static void the_text_is_for_ever(void **state)
{
	(void)state;
	struct thing *t =
		thing("{\"displayName\":\"n\",\"language\":\"SQL\",\"fileUri\":\"oci://b@n\","
		      "\"numExecutors\":2,\"ratio\":1.5,"
		      "\"driverShapeConfig\":{\"cores\":16,\"memoryInGBs\":1.5},"
		      "\"arguments\":[\"a\",\"b\"],"
		      "\"parameters\":[{\"name\":\"b\",\"value\":\"1\"}],"
		      "\"freeformTags\":{\"team\":\"x\"},"
		      "\"definedTags\":{\"ns\":{\"k\":\"v\"}}}");
	/* Made by another program from what memory.h says. */
	assert_string_equal(written(t),
		"1v3IONnRqOuklW345juAQRbdmpMTO1c1HNeOrTgdAhqnymhMv_LzxZScsX720SmnymhMaBHPvLpD7LIa"
		".7Olz8LXEerEgeTJR");
}

static void what_is_written_is_read(void **state)
{
	(void)state;
	for (int i = 0; i < 500; i++) {
		struct thing *t = rnd_thing();
		const char *text = written(t);
		assert_true(strlen(text) <= MEMORY_MAX);
		assert_int_equal(read_text(text).state, MEMORY_KNOWN);
		assert_string_equal(text, written(t));
		arena_clear(&arena);
	}
	assert_int_equal(read_text(written(thing("{}"))).state, MEMORY_KNOWN);
	assert_int_equal(read_text(NULL).state, MEMORY_NONE);
}

static void remembers(const char *json_text, const char *name, const char *outer, bool set)
{
	struct memory m = read_text(written(thing(json_text)));
	const struct field *o = outer ? row(outer) : NULL;
	char digest[MEMORY_DIGEST + 1];
	const struct field *f = o ? record_field(o->of, name) : row(name);
	if (memory_field(&m, o, f, digest) != set)
		fail_msg("%s of %s: %d", name, json_text, !set);
}

static void what_is_remembered(void **state)
{
	(void)state;
	remembers("{\"driverShape\":\"x\"}", "shape", NULL, true);
	remembers("{}", "shape", NULL, false);
	/* Set to nothing: worth a word where absence means something else. */
	remembers("{\"driverShape\":\"\"}", "shape", NULL, true);
	remembers("{\"note\":\"\"}", "note", NULL, false);
	/* A default is sent. */
	remembers("{}", "mode", NULL, true);
	remembers("{\"driverShapeConfig\":{\"cores\":1}}", "cores", "size", true);
	remembers("{\"driverShapeConfig\":{\"cores\":1}}", "memory", "size", false);
	remembers("{\"driverShapeConfig\":{\"cores\":1}}", "cores", "other_size", false);
	remembers("{\"numExecutors\":1}", "cores", "size", false);
}

static void same_digest(const char *name, const char *a, const char *b, bool same)
{
	char x[MEMORY_DIGEST + 1], y[MEMORY_DIGEST + 1];
	memory_digest(row(name), json(a), x);
	memory_digest(row(name), json(b), y);
	if (!strcmp(x, y) != same)
		fail_msg("%s: %s and %s", name, a, b);
}

static void digests_are_of_canonical_forms(void **state)
{
	(void)state;
	same_digest("uri", "\"oci://b@n\"", "\"oci://b@n/\"", true);
	same_digest("uri", "\"oci://b@n\"", "\"oci://b@m\"", false);
	same_digest("ratio", "1", "1.0", true);
	same_digest("ratio", "1", "1e0", true);
	same_digest("ratio", "1", "1.5", false);
	same_digest("parameters", "{\"a\":\"1\",\"b\":\"2\"}", "{\"b\":\"2\",\"a\":\"1\"}", true);
	same_digest("parameters", "{\"a\":\"1\"}", "{\"a\":\"\"}", false);
	same_digest("arguments", "[\"a\",\"b\"]", "[\"b\",\"a\"]", false);
	same_digest("arguments", "[\"a,b\"]", "[\"a\",\"b\"]", false);
	same_digest("arguments", "[]", "null", true);
	same_digest("note", "\"\"", "{}", true);
	same_digest("extra", "{\"a\":[1,{}],\"b\":true}", "{\"b\":true,\"a\":[1.0,{}]}", true);
	same_digest("extra", "{\"a\":[]}", "{\"a\":{}}", false);
	same_digest("extra", "[null,false]", "[false,null]", false);
}

/* No character can be changed, none left out, and nothing added. */
static void an_edit_by_hand_is_seen(void **state)
{
	(void)state;
	static const char put[] = "1A0z.-_ \n\xc3";
	struct thing *t = thing("{\"driverShape\":\"x\",\"driverShapeConfig\":{\"cores\":1},"
				"\"freeformTags\":{\"team\":\"x\",\"cost\":\"y\"}}");
	const char *text = written(t);
	size_t n = strlen(text);
	for (size_t i = 0; i < n; i++) {
		char *other = arena_strdup(&arena, text);
		for (size_t k = 0; put[k]; k++) {
			other[i] = put[k];
			if (strcmp(other, text))
				assert_int_not_equal(read_text(other).state, MEMORY_KNOWN);
		}
		other[i] = '\0';
		assert_int_equal(read_text(other).state, MEMORY_GARBLED);
		other = arena_printf(&arena, "%.*s%s", (int)i, text, text + i + 1);
		assert_int_not_equal(read_text(other).state, MEMORY_KNOWN);
	}
	assert_int_equal(read_text(arena_printf(&arena, "%sA", text)).state, MEMORY_GARBLED);
	assert_int_equal(read_text(arena_printf(&arena, " %s", text)).state, MEMORY_GARBLED);
	assert_int_equal(read_text(arena_printf(&arena, "2%s", text)).state, MEMORY_NEWER);
	/* Copied from another resource. */
	struct memory m;
	memory_read(text, "flights/local/other", &m);
	assert_int_equal(m.state, MEMORY_GARBLED);
	memory_read(text, NULL, &m);
	assert_int_equal(m.state, MEMORY_GARBLED);
}

static void any_text_is_safe(void **state)
{
	(void)state;
	for (int i = 0; i < 20000; i++) {
		char text[300] = "1";
		size_t n = 1 + rnd(sizeof text - 1);
		for (size_t k = rnd(2); k < n; k++)
			text[k] = (char)(rnd(4) ? "1aA0.-_zZ"[rnd(9)] : (int)(1 + rnd(255)));
		text[n] = '\0';
		assert_int_not_equal(read_text(text).state, MEMORY_KNOWN);
	}
	char *longest = arena_alloc(&arena, 100000);
	memset(longest, '1', 99999);
	assert_int_equal(read_text(longest).state, MEMORY_GARBLED);
	assert_int_equal(read_text("").state, MEMORY_GARBLED);
}

/* Tags that do not fit: the text stays short, and some are not known. */
static void what_does_not_fit(void **state)
{
	(void)state;
	struct thing *t = rnd_thing();
	size_t left_out, known = 0;
	enum { TAGS = 100 };
	t->defined_tags = (struct pairs){arena_array(&arena, TAGS, sizeof(struct pair)), TAGS};
	for (size_t i = 0; i < TAGS; i++)
		t->defined_tags.v[i] =
			(struct pair){arena_printf(&arena, "ns.a-long-key-of-a-tag-%02zu", i), "v"};
	const char *text = memory_write(&thing_record, t, BOUND, &arena, &left_out);
	assert_true(strlen(text) <= MEMORY_MAX && strlen(text) > MEMORY_MAX - 8);
	struct memory m = read_text(text);
	assert_int_equal(m.state, MEMORY_KNOWN);
	for (size_t i = 0; i < TAGS; i++) {
		const char *name = t->defined_tags.v[i].name;
		bool same = false, other = true;
		if (!memory_key(&m, row("defined_tags"), name, "v", &same))
			continue;
		known++;
		assert_true(memory_key(&m, row("defined_tags"), name, "w", &other));
		assert_true(same && !other);
	}
	assert_int_equal(known + left_out, TAGS);
	assert_true(known > 5);
}

/* "path was>now reason" lines, then "path stays was". */
static const char *since(const char *set, const char *live, const char *want)
{
	static const char *const reasons[] = {"unknown", "file", "others", "both"};
	struct memory m = read_text(set ? written(thing(set)) : NULL);
	struct field_changes c = {0}, stays = {0};
	field_diff_since(&thing_record, thing(live), thing(want), &m, &arena, &c, &stays);
	buf_auto b = {0};
	for (size_t i = 0; i < c.n; i++)
		buf_printf(&b, "%s %s>%s %s\n", c.v[i].path, to_json(c.v[i].was),
			to_json(c.v[i].now), reasons[c.v[i].reason]);
	for (size_t i = 0; i < stays.n; i++)
		buf_printf(&b, "%s stays %s\n", stays.v[i].path, to_json(stays.v[i].was));
	return arena_strdup(&arena, buf_str(&b));
}

#define WITH(text) "{" text "," DEFAULTS "}"

static void whose_doing_it_is(void **state)
{
	(void)state;
	const char *one = WITH("\"driverShape\":\"1\""), *two = WITH("\"driverShape\":\"2\""),
		   *three = WITH("\"driverShape\":\"3\""), *none = "{" DEFAULTS "}";
	assert_string_equal(since(one, one, one), "");
	assert_string_equal(since(one, one, two), "shape \"1\">\"2\" file\n");
	assert_string_equal(since(one, two, one), "shape \"2\">\"1\" others\n");
	assert_string_equal(since(one, two, three), "shape \"2\">\"3\" both\n");
	assert_string_equal(since(one, none, one), "shape ->\"1\" others\n");
	assert_string_equal(since(NULL, two, one), "shape \"2\">\"1\" unknown\n");
	/* The file has it for the first time. */
	assert_string_equal(since(none, one, two), "shape \"1\">\"2\" file\n");
	/* Both came to the same. */
	assert_string_equal(since(one, two, two), "");
	/* The service's own. */
	assert_string_equal(since(none, one, none), "");
	assert_string_equal(since(NULL, one, none), "");
}

/* Of what absence clears in any case, nothing was set where nothing is remembered. */
static void whose_doing_what_absence_clears_is(void **state)
{
	(void)state;
	const char *one = WITH("\"note\":\"1\""), *two = WITH("\"note\":\"2\""),
		   *none = "{" DEFAULTS "}";
	assert_string_equal(since(none, one, none), "note \"1\">- others\n");
	assert_string_equal(since(one, one, none), "note \"1\">- file\n");
	assert_string_equal(since(one, two, none), "note \"2\">- both\n");
	assert_string_equal(since(none, none, one), "note ->\"1\" file\n");
	assert_string_equal(since(none, two, one), "note \"2\">\"1\" both\n");
	assert_string_equal(since(one, none, one), "note ->\"1\" others\n");
}

static void maps_and_records(void **state)
{
	(void)state;
	/* Fields inside a record are remembered one by one; */
	assert_string_equal(since(WITH("\"driverShapeConfig\":{\"cores\":1,\"memoryInGBs\":1}"),
				    WITH("\"driverShapeConfig\":{\"cores\":2,\"memoryInGBs\":1}"),
				    WITH("\"driverShapeConfig\":{\"cores\":1,\"memoryInGBs\":2}")),
		"size.cores 2>1 others\nsize.memory 1>2 file\n");
	/* a whole one that absence clears, by all that is inside; */
	assert_string_equal(
		since(WITH("\"otherConfig\":{\"cores\":1}"),
			WITH("\"otherConfig\":{\"cores\":1,\"memoryInGBs\":4}"), "{" DEFAULTS "}"),
		"other_size {\"cores\":1,\"memory\":4}>- file\n");
	assert_string_equal(since(WITH("\"otherConfig\":{\"cores\":1}"),
				    WITH("\"otherConfig\":{\"cores\":2}"), "{" DEFAULTS "}"),
		"other_size {\"cores\":2}>- both\n");
	/* a map is one value; */
	assert_string_equal(since(WITH("\"configuration\":{\"a\":\"1\",\"b\":\"1\"}"),
				    WITH("\"configuration\":{\"a\":\"2\",\"b\":\"1\"}"),
				    WITH("\"configuration\":{\"a\":\"1\",\"b\":\"2\"}")),
		"configuration.a \"2\">\"1\" both\nconfiguration.b \"1\">\"2\" both\n");
	assert_string_equal(since(WITH("\"configuration\":{\"a\":\"1\",\"b\":\"1\"}"),
				    WITH("\"configuration\":{\"c\":\"2\",\"b\":\"1\"}"),
				    WITH("\"configuration\":{\"b\":\"1\",\"a\":\"1\"}")),
		"configuration.a ->\"1\" others\nconfiguration.c \"2\">- others\n");
	/* each tag is one. */
	assert_string_equal(
		since(WITH("\"freeformTags\":{\"a\":\"1\",\"b\":\"1\",\"c\":\"1\"}"),
			WITH("\"freeformTags\":{\"a\":\"2\",\"b\":\"1\",\"theirs\":\"1\"}"),
			WITH("\"freeformTags\":{\"a\":\"1\",\"b\":\"2\",\"c\":\"1\",\"d\":\"1\"}")),
		"freeform_tags.a \"2\">\"1\" others\nfreeform_tags.b \"1\">\"2\" file\n"
		"freeform_tags.c ->\"1\" others\nfreeform_tags.d ->\"1\" file\n");
}

static void what_was_set_and_is_gone(void **state)
{
	(void)state;
	const char *none = "{" DEFAULTS "}";
	const char *shape = WITH("\"driverShape\":\"1\"");
	assert_string_equal(since(shape, shape, none), "shape \"1\">- file\n");
	assert_string_equal(
		since(shape, WITH("\"driverShape\":\"2\""), none), "shape \"2\">- both\n");
	/* Nothing is there any more. */
	assert_string_equal(since(shape, none, none), "");
	assert_string_equal(since(shape, WITH("\"driverShape\":\"\""), none), "");
	/* It was set to nothing: what is there is another's. */
	assert_string_equal(since(WITH("\"driverShape\":\"\""), shape, none), "");
	/* One field of a record, and all that was ours. */
	const char *size = WITH("\"driverShapeConfig\":{\"cores\":1,\"memoryInGBs\":1}");
	assert_string_equal(since(size, size, WITH("\"driverShapeConfig\":{\"memoryInGBs\":1}")),
		"size.cores 1>- file\n");
	assert_string_equal(since(WITH("\"driverShapeConfig\":{\"cores\":1}"), size, none),
		"size.cores 1>- file\n");
	assert_string_equal(since(size, size, none), "size.cores 1>- file\nsize.memory 1>- file\n");
	/* Tags that were ours, and not those of others. */
	assert_string_equal(since(WITH("\"freeformTags\":{\"a\":\"1\",\"b\":\"1\"},"
				       "\"definedTags\":{\"n\":{\"a\":\"1\"}}"),
				    WITH("\"freeformTags\":{\"a\":\"1\",\"b\":\"2\",\"c\":\"1\"},"
					 "\"definedTags\":{\"n\":{\"a\":\"1\",\"b\":\"1\"},"
					 "\"m\":{\"a\":\"1\"}}"),
				    none),
		"freeform_tags.a \"1\">- file\nfreeform_tags.b \"2\">- both\n"
		"defined_tags.n.a \"1\">- file\n");
	/* What cannot be cleared. */
	const char *hosts = WITH("\"hosts\":[\"h\"]");
	assert_string_equal(since(hosts, hosts, none), "hosts stays [\"h\"]\n");
	assert_string_equal(since(hosts, none, none), "");
}

static const char *reset(const char *set, const char *live, const char *want)
{
	struct memory m = read_text(written(thing(set)));
	struct field_changes c = {0};
	struct thing *l = thing(live), *w = thing(want);
	field_diff_since(&thing_record, l, w, &m, &arena, &c, NULL);
	return to_json(field_update_body(&thing_record, l, w, &c, &arena));
}

static void how_it_is_reset(void **state)
{
	(void)state;
	const char *none = "{" DEFAULTS "}";
	const char *all = WITH("\"driverShape\":\"1\",\"hosts\":[\"h\"],"
			       "\"driverShapeConfig\":{\"cores\":1,\"memoryInGBs\":1},"
			       "\"freeformTags\":{\"a\":\"1\"},"
			       "\"definedTags\":{\"n\":{\"a\":\"1\"}}");
	assert_string_equal(reset(all, all, none),
		"{\"driverShape\":\"\",\"driverShapeConfig\":{},\"freeformTags\":{},"
		"\"definedTags\":{}}");
	/* What others set beside it goes along. */
	assert_string_equal(
		reset(WITH("\"driverShapeConfig\":{\"cores\":1},\"freeformTags\":{\"a\":\"1\"}"),
			WITH("\"driverShapeConfig\":{\"cores\":1,\"memoryInGBs\":4},"
			     "\"freeformTags\":{\"a\":\"1\",\"b\":\"2\"}"),
			none),
		"{\"driverShapeConfig\":{\"memoryInGBs\":4},\"freeformTags\":{\"b\":\"2\"}}");
	assert_string_equal(reset(WITH("\"driverShapeConfig\":{\"cores\":1,\"memoryInGBs\":1}"),
				    WITH("\"driverShapeConfig\":{\"cores\":1,\"memoryInGBs\":4}"),
				    WITH("\"driverShapeConfig\":{\"memoryInGBs\":8}")),
		"{\"driverShapeConfig\":{\"memoryInGBs\":8}}");
}

static void secrets_stay_hidden(void **state)
{
	(void)state;
	const char *out = since(WITH("\"driverShapeConfig\":{\"token\":\"secret\"}"),
		WITH("\"driverShapeConfig\":{\"token\":\"secret\"}"), "{" DEFAULTS "}");
	assert_string_equal(out, "size.token \"(sensitive)\">- file\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_text_is_for_ever),
		cmocka_unit_test(what_is_written_is_read),
		cmocka_unit_test(what_is_remembered),
		cmocka_unit_test(digests_are_of_canonical_forms),
		cmocka_unit_test(an_edit_by_hand_is_seen),
		cmocka_unit_test(any_text_is_safe),
		cmocka_unit_test(what_does_not_fit),
		cmocka_unit_test(whose_doing_it_is),
		cmocka_unit_test(whose_doing_what_absence_clears_is),
		cmocka_unit_test(maps_and_records),
		cmocka_unit_test(what_was_set_and_is_gone),
		cmocka_unit_test(how_it_is_reset),
		cmocka_unit_test(secrets_stay_hidden),
	};
	return cmocka_run_group_tests(tests, NULL, things_clear);
}
