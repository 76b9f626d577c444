/* Records as bytes: what is packed comes back, and bytes that are none are found out. */
#include "field/pack.h"
#include "things.h"

#include <stdlib.h>

enum { TRIES = 500 };

static struct thing *a_thing(void)
{
	struct thing *t = rnd_thing();
	t->extra = NULL; /* ANY is not packed */
	return t;
}

static bool unpacks(const struct buf *b, size_t n, struct thing *ret)
{
	struct unpack in = {b->data, n, false};
	return unpack_record(&in, &thing_record, &arena, ret) && unpack_ended(&in);
}

static void what_is_packed_comes_back(void **state)
{
	(void)state;
	for (unsigned i = 0; i < TRIES; i++) {
		struct thing *t = a_thing(), back;
		buf_auto b = {0};
		pack_record(&b, &thing_record, t);
		assert_true(unpacks(&b, b.len, &back));
		assert_string_equal(to_json(field_encode(&thing_record, t, FORM_REPLY, &arena)),
			to_json(field_encode(&thing_record, &back, FORM_REPLY, &arena)));
	}
}

static void absent_and_empty_stay_apart(void **state)
{
	(void)state;
	const char *no_text[1];
	struct thing t = {.note = "", .arguments = {no_text, 0}}, back;
	buf_auto b = {0};
	pack_record(&b, &thing_record, &t);
	assert_true(unpacks(&b, b.len, &back));
	assert_string_equal(back.note, "");
	assert_null(back.uri);
	assert_non_null(back.arguments.v);
	assert_int_equal(back.arguments.n, 0);
	assert_null(back.hosts.v);
}

static void bytes_that_are_no_record(void **state)
{
	(void)state;
	struct thing *t = a_thing(), back;
	buf_auto b = {0};
	pack_record(&b, &thing_record, t);
	for (size_t n = 0; n < b.len; n++)
		if (unpacks(&b, n, &back))
			fail_msg("%zu of %zu bytes are a record", n, b.len);
	/* Changed bytes may be another record; they are never read past their end (see the asan preset). */
	size_t refused = 0;
	for (size_t i = 0; i < b.len; i++) {
		char *copy = malloc(b.len);
		memcpy(copy, b.data, b.len);
		copy[i] = (char)(copy[i] ^ 0xff);
		struct unpack in = {copy, b.len, false};
		refused += !unpack_record(&in, &thing_record, &arena, &back);
		free(copy);
	}
	assert_true(refused > 0);
}

static void a_layout_tells_rows_apart(void **state)
{
	(void)state;
	assert_string_equal(pack_layout(&thing_record, &arena), pack_layout(&thing_record, &arena));
	assert_string_not_equal(
		pack_layout(&thing_record, &arena), pack_layout(&base_thing_record, &arena));
	assert_string_not_equal(
		pack_layout(&size_record, &arena), pack_layout(&base_thing_record, &arena));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(what_is_packed_comes_back, things_clear),
		cmocka_unit_test_teardown(absent_and_empty_stay_apart, things_clear),
		cmocka_unit_test_teardown(bytes_that_are_no_record, things_clear),
		cmocka_unit_test_teardown(a_layout_tells_rows_apart, things_clear),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
