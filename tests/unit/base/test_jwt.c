/* JSON Web Tokens taken apart. */
#include "../unit.h"
#include "base/jwt.h"
#include "base/text.h"

#include <string.h>

static void a_token_has_three_parts(void **state)
{
	(void)state;
	arena_auto a = {0};
	struct jwt t;
	/* {"alg":"none"} . {"a":1} . the bytes fb ff fe */
	static const char text[] = "eyJhbGciOiJub25lIn0.eyJhIjoxfQ.-__-";
	assert_true(jwt_split(&a, text, &t));
	assert_string_equal(t.header, "{\"alg\":\"none\"}");
	assert_string_equal(t.payload, "{\"a\":1}");
	assert_int_equal(t.payload_n, 7);
	assert_int_equal(t.signed_n, strlen(text) - 5);
	assert_int_equal(t.signature_n, 3);
	assert_memory_equal(t.signature, "\xfb\xff\xfe", 3);
}

static void anything_else_is_none(void **state)
{
	(void)state;
	arena_auto a = {0};
	struct jwt t;
	static const char *const bad[] = {"", ".", "..", "e30", "e30.e30", "e30.e30.", ".e30.e30",
		"e30..e30", "e30.e30.e30.e30", "e30.e30.e30 ", "e3=.e30.e30", "e+0.e30.e30",
		"e.e30.e30", "e30.e30.e30\n", "e30.e31.e30"};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		if (jwt_split(&a, bad[i], &t))
			fail_msg("%s is taken", bad[i]);
}

static void base64url_without_padding(void **state)
{
	(void)state;
	arena_auto a = {0};
	unsigned char all[256], *back;
	size_t n;
	for (size_t i = 0; i < sizeof all; i++)
		all[i] = (unsigned char)i;
	for (size_t len = 0; len <= sizeof all; len++) {
		const char *text = text_base64url(&a, all, len);
		assert_true(text_unbase64url(&a, text, strlen(text), &back, &n));
		assert_int_equal(n, len);
		assert_memory_equal(back, all, len);
	}
	static const char *const bad[] = {"Zg==", "Zg=", "Z", "+___", "a/aa", "Zh"};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_false(text_unbase64url(&a, bad[i], strlen(bad[i]), &back, &n));
}

static void a_wiped_arena_can_be_used_again(void **state)
{
	(void)state;
	struct arena a = {0};
	char *secret = arena_strdup(&a, "sesame");
	assert_string_equal(secret, "sesame");
	arena_wipe(&a);
	assert_null(a.blocks);
	assert_string_equal(arena_strdup(&a, "again"), "again");
	arena_wipe(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_token_has_three_parts),
		cmocka_unit_test(anything_else_is_none),
		cmocka_unit_test(base64url_without_padding),
		cmocka_unit_test(a_wiped_arena_can_be_used_again),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
