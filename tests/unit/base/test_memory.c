/* arena, buf and map. */
#include "../unit.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/map.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static void arena_gives_zeroed_aligned_memory(void **state)
{
	(void)state;
	arena_auto a = {0};
	for (size_t size = 0; size < 70000; size = size * 3 + 1) {
		unsigned char *p = arena_alloc(&a, size);
		assert_int_equal((uintptr_t)p % _Alignof(max_align_t), 0);
		for (size_t i = 0; i < size; i++)
			assert_int_equal(p[i], 0);
		if (size)
			memset(p, 0xff, size);
	}
}

static void arena_pieces_do_not_overlap(void **state)
{
	(void)state;
	enum { PIECES = 500 };
	arena_auto a = {0};
	unsigned char *v[PIECES];
	size_t sizes[PIECES];
	for (size_t i = 0; i < PIECES; i++) {
		sizes[i] = i * 37 % 9000 + 1;
		v[i] = memset(arena_alloc(&a, sizes[i]), (int)(i % 251), sizes[i]);
	}
	for (size_t i = 0; i < PIECES; i++)
		for (size_t k = 0; k < sizes[i]; k++)
			assert_int_equal(v[i][k], i % 251);
}

static void arena_grow_keeps_what_is_there(void **state)
{
	(void)state;
	arena_auto a = {0};
	int *v = NULL;
	size_t cap = 0;
	for (size_t n = 0; n < 1000; n++) {
		v = arena_grow(&a, v, n, &cap, sizeof *v);
		v[n] = (int)n;
	}
	for (int i = 0; i < 1000; i++)
		assert_int_equal(v[i], i);
}

static void arena_texts(void **state)
{
	(void)state;
	arena_auto a = {0};
	assert_null(arena_strdup(&a, NULL));
	assert_string_equal(arena_strndup(&a, "abcdef", 3), "abc");
	assert_string_equal(arena_strndup(&a, NULL, 0), "");
	assert_string_equal(arena_printf(&a, "%s-%d", "x", 7), "x-7");
	char *large = arena_printf(&a, "%*d", 100000, 1);
	assert_int_equal(strlen(large), 100000);
}

static void arena_array_aborts_on_overflow(void **state)
{
	(void)state;
	pid_t child = fork();
	if (!child) {
		struct arena a = {0};
		close(STDERR_FILENO);
		arena_array(&a, SIZE_MAX / 2, 4);
		_exit(0);
	}
	int status;
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), 6);
}

static void buf_is_a_string_from_the_start(void **state)
{
	(void)state;
	buf_auto b = {0};
	assert_string_equal(buf_str(&b), "");
	assert_true(buf_add(&b, NULL, 0));
	assert_true(buf_adds(&b, "ab"));
	assert_true(buf_addc(&b, 'c'));
	assert_true(buf_printf(&b, "%03d", 4));
	assert_string_equal(buf_str(&b), "abc004");
	buf_truncate(&b, 100);
	assert_int_equal(b.len, 6);
	buf_truncate(&b, 2);
	assert_string_equal(buf_str(&b), "ab");
}

static void buf_keeps_bytes_with_nul(void **state)
{
	(void)state;
	buf_auto b = {0};
	buf_add(&b, "a\0b", 3);
	assert_int_equal(b.len, 3);
	assert_memory_equal(b.data, "a\0b", 4);
}

static void buf_never_exceeds_its_maximum(void **state)
{
	(void)state;
	buf_auto b = {.max = 10};
	assert_true(buf_adds(&b, "0123456789"));
	assert_false(b.overflow);
	assert_false(buf_addc(&b, 'x'));
	assert_true(b.overflow);
	assert_string_equal(buf_str(&b), "0123456789");
	buf_clear(&b);
	assert_false(b.overflow);
	assert_int_equal(b.max, 10);
	assert_false(buf_printf(&b, "%s", "01234567890"));
	assert_string_equal(buf_str(&b), "");
	assert_false(buf_add(&b, "", SIZE_MAX));
	assert_true(buf_printf(&b, "%s", "0123456789"));
}

static void map_keeps_order_and_finds(void **state)
{
	(void)state;
	arena_auto a = {0};
	struct map m = {.arena = &a};
	char key[16];
	int values[2000];
	assert_null(map_get(&m, "k0"));
	assert_false(map_has(&m, ""));
	for (int i = 0; i < 2000; i++) {
		snprintf(key, sizeof key, "k%d", i);
		assert_true(map_put(&m, key, &values[i]));
	}
	assert_int_equal(m.n, 2000);
	for (int i = 0; i < 2000; i++) {
		snprintf(key, sizeof key, "k%d", i);
		assert_string_equal(m.v[i].key, key);
		assert_ptr_equal(map_get(&m, key), &values[i]);
	}
	assert_false(map_put(&m, "k7", NULL));
	assert_int_equal(m.n, 2000);
	assert_null(map_get(&m, "k7"));
	assert_true(map_has(&m, "k7"));
	assert_false(map_has(&m, "k2000"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(arena_gives_zeroed_aligned_memory),
		cmocka_unit_test(arena_pieces_do_not_overlap),
		cmocka_unit_test(arena_grow_keeps_what_is_there),
		cmocka_unit_test(arena_texts),
		cmocka_unit_test(arena_array_aborts_on_overflow),
		cmocka_unit_test(buf_is_a_string_from_the_start),
		cmocka_unit_test(buf_keeps_bytes_with_nul),
		cmocka_unit_test(buf_never_exceeds_its_maximum),
		cmocka_unit_test(map_keeps_order_and_finds),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
