/* The seam: the loop over a transport of the test's own, which counts and answers without any network. */
#include "harness/fake_clock.h"
#include "http/transport.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

enum { MAX = 64 };
struct fake {
	struct http_attempt *open[MAX];
	int n, most, started, cancelled, freed;
	bool broken;
	const char *status; /* of every reply */
};

static void fake_start(void *ctx, struct http_attempt *a)
{
	struct fake *f = ctx;
	f->open[f->n++] = a;
	f->started++;
	if (f->n > f->most)
		f->most = f->n;
}

static void fake_cancel(void *ctx, struct http_attempt *a)
{
	struct fake *f = ctx;
	f->cancelled++;
	a->sent = true;
	for (int i = 0; i < f->n; i++)
		if (f->open[i] == a)
			f->open[i] = f->open[--f->n];
}

static bool fake_wait(void *ctx, int64_t ms, struct err *err)
{
	struct fake *f = ctx;
	(void)ms;
	if (f->broken)
		return err_set(err, ERR_NETWORK, "broken");
	if (!f->n)
		return true;
	struct http_attempt *a = f->open[0];
	f->n--;
	memmove(f->open, f->open + 1, (size_t)f->n * sizeof *f->open);
	a->whole = http_attempt_header(a, f->status, strlen(f->status)) &&
		http_attempt_header(a, "etag: x\r\n", 9) && http_attempt_header(a, "\r\n", 2) &&
		http_attempt_body(a, a->target, strlen(a->target));
	http_attempt_end(a);
	return true;
}

static void fake_wake(void *ctx)
{
	(void)ctx;
}

static void fake_free(void *ctx)
{
	((struct fake *)ctx)->freed++;
}

struct fixture {
	struct fake fake;
	struct http_transport transport;
	struct fake_clock time;
	struct clock clock;
	struct http *http;
};

static void open_fixture(struct fixture *f, int in_flight)
{
	*f = (struct fixture){.fake.status = "HTTP/1.1 200 OK\r\n"};
	f->clock = fake_clock(&f->time);
	f->transport = (struct http_transport){
		fake_start, fake_cancel, fake_wait, fake_wake, fake_free, &f->fake};
	f->http = http_new(&(struct http_options){
		.clock = &f->clock, .transport = &f->transport, .in_flight = in_flight});
}

static int done;

static void on_done(void *ctx, struct http_reply *r)
{
	const char *want = ctx;
	done++;
	assert_int_equal(r->status, 200);
	assert_string_equal(buf_str(&r->body), want);
	assert_string_equal(http_fields_get(&r->fields, "ETag"), "x");
}

static void queue_is_bounded(void **state)
{
	(void)state;
	struct fixture f;
	struct err err;
	open_fixture(&f, 7);
	done = 0;
	for (int i = 0; i < 100; i++)
		http_start(f.http, &(struct http_request){.method = "GET", .url = "https://a/b?c"},
			on_done, (void *)(uintptr_t) "/b?c");
	assert_int_equal(f.fake.started, 0);
	assert_true(http_run(f.http, NULL, &err));
	assert_int_equal(done, 100);
	assert_int_equal(f.fake.started, 100);
	assert_int_equal(f.fake.most, 7);
	http_free(f.http);
	assert_int_equal(f.fake.freed, 1);
	assert_int_equal(f.fake.cancelled, 0);
}

static bool sign_nothing(void *ctx, const struct http_request *r, const char *host,
	const char *target, struct arena *a, struct http_fields *add, struct err *err)
{
	(void)ctx, (void)r, (void)host, (void)target, (void)a, (void)add, (void)err;
	return true;
}

/* Those that are signed ahead are not in flight. */
static void bound_holds_with_signers(void **state)
{
	(void)state;
	struct fixture f;
	struct err err;
	open_fixture(&f, 7);
	http_free(f.http);
	f.http = http_new(&(struct http_options){.clock = &f.clock,
		.transport = &f.transport,
		.signer = {.sign = sign_nothing, .threads = true},
		.in_flight = 7});
	done = 0;
	for (int i = 0; i < 100; i++)
		http_start(f.http, &(struct http_request){.method = "GET", .url = "https://a/b?c"},
			on_done, (void *)(uintptr_t) "/b?c");
	assert_true(http_run(f.http, NULL, &err));
	assert_int_equal(done, 100);
	assert_int_equal(f.fake.started, 100);
	assert_in_range(f.fake.most, 1, 7);
	http_free(f.http);
}

static void never(void *ctx, struct http_reply *r)
{
	(void)ctx, (void)r;
	fail();
}

static void broken_transport_and_free(void **state)
{
	(void)state;
	struct fixture f;
	struct err err;
	open_fixture(&f, 2);
	f.fake.broken = true;
	for (int i = 0; i < 5; i++)
		http_start(f.http, &(struct http_request){.method = "GET", .url = "https://a/"},
			never, NULL);
	assert_false(http_run(f.http, NULL, &err));
	assert_int_equal(err.kind, ERR_NETWORK);
	assert_int_equal(f.fake.n, 2);
	http_free(f.http);
	assert_int_equal(f.fake.cancelled, 2);
}

static void on_failed(void *ctx, struct http_reply *r)
{
	*(struct err *)ctx = r->err;
	assert_int_equal(r->attempts, 8);
}

static void waits_do_not_hold_a_slot(void **state)
{
	(void)state;
	struct fixture f;
	struct err err, failed[3];
	open_fixture(&f, 1);
	f.fake.status = "HTTP/1.1 503 No\r\n";
	for (int i = 0; i < 3; i++)
		http_start(f.http, &(struct http_request){.method = "GET", .url = "https://a/"},
			on_failed, &failed[i]);
	assert_true(http_run(f.http, NULL, &err));
	for (int i = 0; i < 3; i++)
		assert_int_equal(failed[i].kind, ERR_SERVICE);
	/* Side by side, not one after the other. */
	assert_in_range(f.time.slept_ms, 91000, 100000);
	assert_int_equal(http_stats(f.http).requests, 24);
	http_free(f.http);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(queue_is_bounded),
		cmocka_unit_test(bound_holds_with_signers),
		cmocka_unit_test(broken_transport_and_free),
		cmocka_unit_test(waits_do_not_hold_a_slot),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
