/* URLs, timers and worker threads: the parts that http.c is made of. */
#include "base/text.h"
#include "http/http_timer.h"
#include "http/http_url.h"
#include "http/http_work.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static void urls_taken_apart(void **state)
{
	(void)state;
	static const struct {
		const char *url, *host, *target;
		bool near;
	} want[] = {
		{"https://a.b-c.com/x/%2F/../y?q=%20&r", "a.b-c.com", "/x/%2F/../y?q=%20&r", false},
		{"https://a:8443", "a:8443", "/", false},
		{"https://a?q", "a", "/?q", false},
		{"HTTPS://A/", "A", "/", false},
		{"http://127.0.0.1:1/n/", "127.0.0.1:1", "/n/", true},
		{"http://localhost/n", "localhost", "/n", true},
		{"http://LocalHost:65535/n", "LocalHost:65535", "/n", true},
		{"http://[::1]:80/n", "[::1]:80", "/n", true},
		{"http://[::1]/n", "[::1]", "/n", true},
		{"https://[2001:db8::1]/", "[2001:db8::1]", "/", false},
	};
	arena_auto a = {0};
	for (size_t i = 0; i < sizeof want / sizeof *want; i++) {
		struct http_url url;
		struct err err;
		if (!http_url_parse(want[i].url, &a, &url, &err))
			fail_msg("%s: %s", want[i].url, err.text);
		assert_string_equal(url.host, want[i].host);
		assert_string_equal(url.target, want[i].target);
		assert_int_equal(url.near, want[i].near);
	}
}

static void urls_refused(void **state)
{
	(void)state;
	static const char *const bad[] = {"", "x", "ftp://a/", "file:///etc/passwd", "//a/",
		"https://", "https:///x", "https://a b/", "https://a/ b", "https://a/\n",
		"https://a/#f", "https://u@a/", "https://u:p@a/", "https://a:/", "https://a:0/",
		"https://a:65536/", "https://a:1x/", "https://a\\b/", "https://[::1/",
		"https://[]/", "https://[::1]x/", "https://\xc3\xa9/", "https://a/\xc3\xa9",
		"https://a/\x7f", "http://a/", "http://127.0.0.1.evil.com/",
		"http://localhost.evil.com/", "http://127.0.0.2/", "http://10.0.0.1/",
		"http://[::2]/"};
	arena_auto a = {0};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct http_url url;
		struct err err;
		if (http_url_parse(bad[i], &a, &url, &err))
			fail_msg("taken: %s", bad[i]);
		assert_int_equal(err.kind, ERR_CONFIG);
	}
}

static struct http_timers timers;
static struct buf calls;

static void note(void *ctx)
{
	buf_addc(&calls, *(char *)ctx);
}

static void note_and_add(void *ctx)
{
	static char plus = '+';
	note(ctx);
	http_timer_add(&timers, 5, note, &plus);
}

static void timers_in_order(void **state)
{
	(void)state;
	static char names[] = "9ab1c";
	assert_int_equal(http_timer_next(&timers, 0), -1);
	http_timer_add(&timers, 9, note, &names[0]);
	http_timer_add(&timers, 5, note_and_add, &names[1]);
	http_timer_add(&timers, 5, note, &names[2]);
	http_timer_add(&timers, 1, note, &names[3]);
	http_timer_add(&timers, 5, note, &names[4]);
	assert_int_equal(http_timer_next(&timers, 0), 1);
	assert_int_equal(http_timer_next(&timers, 3), 0);
	http_timer_run(&timers, 0);
	assert_string_equal(buf_str(&calls), "");
	http_timer_run(&timers, 5);
	assert_string_equal(buf_str(&calls), "1abc");
	http_timer_run(&timers, 5);
	assert_string_equal(buf_str(&calls), "1abc+");
	http_timer_run(&timers, 100);
	assert_string_equal(buf_str(&calls), "1abc+9");
	assert_int_equal(http_timer_next(&timers, 100), -1);
	http_timer_clear(&timers);
	buf_clear(&calls);
}

static void timers_by_due_time(void **state)
{
	(void)state;
	static char dues[100];
	for (int i = 0; i < 100; i++) {
		dues[i] = (char)(i * 37 % 100);
		http_timer_add(&timers, dues[i], note, &dues[i]);
	}
	http_timer_run(&timers, 100);
	for (int i = 0; i < 100; i++)
		assert_int_equal(calls.data[i], i);
	http_timer_clear(&timers);
	buf_clear(&calls);
}

struct work {
	pthread_t here;
	bool elsewhere, done;
	int pipe;
};

static void wake(void *ctx)
{
	int *fd = ctx;
	assert_int_equal(write(*fd, "x", 1), 1);
}

static void work(void *ctx)
{
	struct work *w = ctx;
	w->elsewhere = !pthread_equal(w->here, pthread_self());
}

static void work_done(void *ctx)
{
	struct work *w = ctx;
	assert_true(pthread_equal(w->here, pthread_self()));
	w->done = true;
}

static void workers(void **state)
{
	(void)state;
	int fds[2];
	struct http_workers pool;
	struct work w[50] = {0};
	assert_int_equal(pipe(fds), 0);
	http_workers_init(&pool, wake, &fds[1]);
	assert_false(http_workers_collect(&pool));
	for (size_t i = 0; i < 50; i++) {
		w[i].here = pthread_self();
		http_workers_add(&pool, work, work_done, &w[i]);
	}
	while (pool.outstanding) {
		char x;
		assert_int_equal(read(fds[0], &x, 1), 1);
		http_workers_collect(&pool);
	}
	for (size_t i = 0; i < 50; i++)
		assert_true(w[i].elsewhere && w[i].done);
	/* Dropped without a call. */
	struct work dropped[50] = {0};
	for (size_t i = 0; i < 50; i++)
		http_workers_add(&pool, work, work_done, &dropped[i]);
	http_workers_clear(&pool);
	for (size_t i = 0; i < 50; i++)
		assert_false(dropped[i].done);
	close(fds[0]);
	close(fds[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(urls_taken_apart),
		cmocka_unit_test(urls_refused),
		cmocka_unit_test(timers_in_order),
		cmocka_unit_test(timers_by_due_time),
		cmocka_unit_test(workers),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
