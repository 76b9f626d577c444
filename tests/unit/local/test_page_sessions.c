/* One-time addresses, the sessions that they begin, and what a form must send. */
#include "../unit.h"

#include "base/text.h"
#include "local/pages/page_sessions.h"

#include <pthread.h>
#include <string.h>

#define ANN "ocid1.user.oc1..ann"
#define BOB "ocid1.user.oc1..bob"

static struct page_sessions *sessions;
static struct arena arena;

static int setup(void **state)
{
	(void)state;
	sessions = page_sessions_new();
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	page_sessions_free(sessions);
	arena_clear(&arena);
	return 0;
}

static const char *invite(const char *user, int64_t now)
{
	return page_sessions_invite(sessions, user, "/ui/runs", now, &arena);
}

static const char *enter(const char *token, int64_t now)
{
	const char *page = NULL;
	const char *cookie = page_sessions_enter(sessions, token, now, &arena, &page);
	assert_int_equal(cookie != NULL, page != NULL);
	if (page)
		assert_string_equal(page, "/ui/runs");
	return cookie;
}

static bool is_in(const char *cookie, int64_t now, const char *user)
{
	struct page_session found;
	if (!page_sessions_find(sessions, cookie, now, &arena, &found))
		return false;
	assert_string_equal(found.user, user);
	return true;
}

static void test_an_address_lets_in_once(void **state)
{
	(void)state;
	const char *token = invite(ANN, 1000), *cookie = enter(token, 2000);
	assert_int_equal(strlen(token), 43);
	assert_int_equal(strlen(cookie), 43);
	assert_string_not_equal(token, cookie);
	assert_null(enter(token, 2000));
	assert_true(is_in(cookie, 3000, ANN));
	assert_false(is_in(token, 3000, ANN));
	assert_null(enter(cookie, 2000));
}

static void test_what_is_not_one(void **state)
{
	(void)state;
	const char *token = invite(ANN, 0);
	assert_null(enter("", 0));
	assert_null(enter("x", 0));
	assert_null(enter(arena_strndup(&arena, token, 42), 0));
	assert_null(enter(arena_printf(&arena, "%sA", token), 0));
	assert_false(is_in("", 0, ANN));
	assert_non_null(enter(token, 0));
}

static void test_both_end_by_themselves(void **state)
{
	(void)state;
	const char *late = invite(ANN, 0), *in_time = invite(ANN, 0);
	const char *cookie = enter(in_time, PAGE_INVITE_MS - 1);
	assert_non_null(cookie);
	assert_null(enter(late, PAGE_INVITE_MS));
	assert_true(is_in(cookie, PAGE_INVITE_MS - 1 + PAGE_SESSION_MS - 1, ANN));
	assert_false(is_in(cookie, PAGE_INVITE_MS - 1 + PAGE_SESSION_MS, ANN));
}

static void test_leaving(void **state)
{
	(void)state;
	const char *one = enter(invite(ANN, 0), 0), *two = enter(invite(ANN, 0), 0);
	page_sessions_leave(sessions, "nobody");
	page_sessions_leave(sessions, one);
	assert_false(is_in(one, 1, ANN));
	assert_true(is_in(two, 1, ANN));
}

/* The oldest of the same user gives way, and nobody else's. */
static void test_how_many_a_user_has(void **state)
{
	(void)state;
	const char *bobs = enter(invite(BOB, 0), 0);
	const char *cookies[PAGE_OF_USER_MAX + 1], *tokens[PAGE_OF_USER_MAX + 1];
	for (int i = 0; i <= PAGE_OF_USER_MAX; i++)
		cookies[i] = enter(invite(ANN, i + 1), i + 1);
	assert_false(is_in(cookies[0], 100, ANN));
	for (int i = 1; i <= PAGE_OF_USER_MAX; i++)
		assert_true(is_in(cookies[i], 100, ANN));
	assert_true(is_in(bobs, 100, BOB));
	for (int i = 0; i <= PAGE_OF_USER_MAX; i++)
		tokens[i] = invite(ANN, i + 1);
	assert_null(enter(tokens[0], 100));
	assert_non_null(enter(tokens[1], 100));
}

static void test_how_many_there_are(void **state)
{
	(void)state;
	const char *first = enter(invite(ANN, 0), 0), *last = NULL;
	for (int i = 1; i <= PAGE_SESSIONS_MAX; i++) {
		const char *user = arena_printf(&arena, "user%d", i);
		last = enter(invite(user, i), i);
	}
	assert_false(is_in(first, 1000, ANN));
	assert_true(is_in(last, 1000, arena_printf(&arena, "user%d", PAGE_SESSIONS_MAX)));
}

static void test_csrf_tokens(void **state)
{
	(void)state;
	struct page_session one, again, other;
	const char *cookie = enter(invite(ANN, 0), 0);
	assert_true(page_sessions_find(sessions, cookie, 1, &arena, &one));
	assert_true(page_sessions_find(sessions, cookie, 2, &arena, &again));
	assert_true(page_sessions_find(sessions, enter(invite(ANN, 0), 0), 1, &arena, &other));
	const char *token = page_session_csrf(&one, "/ui/runs/a/cancel", &arena);
	assert_int_equal(strlen(token), 43);
	assert_string_equal(token, page_session_csrf(&again, "/ui/runs/a/cancel", &arena));
	assert_string_not_equal(token, page_session_csrf(&one, "/ui/runs/b/cancel", &arena));
	assert_string_not_equal(token, page_session_csrf(&other, "/ui/runs/a/cancel", &arena));
}

static void *many(void *arg)
{
	struct arena a = {0};
	int *in = arg;
	for (int i = 0; i < 200; i++) {
		const char *page, *token = page_sessions_invite(sessions, ANN, "/", i, &a);
		struct page_session found;
		const char *cookie = page_sessions_enter(sessions, token, i, &a, &page);
		*in += cookie && page_sessions_find(sessions, cookie, i, &a, &found);
		if (cookie)
			page_sessions_leave(sessions, cookie);
	}
	arena_clear(&a);
	return NULL;
}

static void test_many_at_once(void **state)
{
	(void)state;
	enum { THREADS = 4 };
	pthread_t threads[THREADS];
	int in[THREADS] = {0};
	for (int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, many, &in[i]), 0);
	for (int i = 0; i < THREADS; i++) {
		pthread_join(threads[i], NULL);
		assert_int_equal(in[i], 200);
	}
}

int main(void)
{
#define ONE(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)
	const struct CMUnitTest tests[] = {
		ONE(test_an_address_lets_in_once),
		ONE(test_what_is_not_one),
		ONE(test_both_end_by_themselves),
		ONE(test_leaving),
		ONE(test_how_many_a_user_has),
		ONE(test_how_many_there_are),
		ONE(test_csrf_tokens),
		ONE(test_many_at_once),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
