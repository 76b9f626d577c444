#include "base/csv.h"

#include "../unit.h"

static void field_is(const char *value, const char *written)
{
	buf_auto out = {0};
	csv_field(&out, value, strlen(value));
	assert_string_equal(out.data, written);
}

static void test_fields(void **state)
{
	(void)state;
	field_is("a", "a");
	field_is("a b", "a b");
	field_is("", "\"\"");
	field_is("a,b", "\"a,b\"");
	field_is("say \"x\"", "\"say \"\"x\"\"\"");
	field_is("\"", "\"\"\"\"");
	field_is("two\nlines", "\"two\nlines\"");
	field_is("cr\r", "\"cr\r\"");
	field_is(" led", "\" led\"");
	field_is("\xc3\xa9", "\xc3\xa9");
}

static void record_is(const char **at, const char *end, const char *text, size_t fields, bool sound)
{
	struct csv_record r;
	assert_true(csv_next(at, end, &r));
	assert_int_equal(r.len, strlen(text));
	assert_memory_equal(r.text, text, r.len);
	assert_int_equal(r.sound, sound);
	if (sound)
		assert_int_equal(r.fields, fields);
}

static void test_records(void **state)
{
	(void)state;
	static const char text[] = "a,b,c\r\n"
				   "1,,\n"
				   "\n"
				   "\"x\"\"y\",\"two\nlines, one field\"\r\n"
				   "\"\",\"\"\n"
				   "last";
	const char *at = text, *end = text + strlen(text);
	record_is(&at, end, "a,b,c", 3, true);
	record_is(&at, end, "1,,", 3, true);
	record_is(&at, end, "", 1, true);
	record_is(&at, end, "\"x\"\"y\",\"two\nlines, one field\"", 2, true);
	record_is(&at, end, "\"\",\"\"", 2, true);
	record_is(&at, end, "last", 1, true);
	assert_false(csv_next(&at, end, &(struct csv_record){0}));
}

/* A quote where none may be costs its own line, not those behind it. */
static void test_stray_quotes(void **state)
{
	(void)state;
	static const char text[] = "a \"b\",c\n\"open,1\n\"x\"y,2\n\"x\" ,2\n1,2\n\"";
	const char *at = text, *end = text + strlen(text);
	record_is(&at, end, "a \"b\",c", 0, false);
	/* What is quoted up to the next quote, and what follows it. */
	record_is(&at, end, "\"open,1", 0, false);
	record_is(&at, end, "\"x\"y,2", 0, false);
	record_is(&at, end, "\"x\" ,2", 0, false);
	record_is(&at, end, "1,2", 2, true);
	record_is(&at, end, "\"", 0, false);
	assert_false(csv_next(&at, end, &(struct csv_record){0}));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fields),
		cmocka_unit_test(test_records),
		cmocka_unit_test(test_stray_quotes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
