/* The queue, the retries and the loop of http.h. What goes over the wire is behind transport.h. */
#include "http/http.h"

#include "base/text.h"
#include "http/http_status.h"
#include "http/http_timer.h"
#include "http/http_url.h"
#include "http/http_window.h"
#include "http/http_work.h"
#include "http/transport.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

/* How long a wait may last before the stop flag is looked at. */
static const int64_t POLL_MS = 200;
/* A signature tells its date, and services allow five minutes. One that waited longer than that is made anew. */
static const int64_t SIGNED_FOR_MS = 30 * 1000;
enum { SIGNED_AHEAD = 32 }; /* while those before them are in flight */

enum task_state { TASK_QUEUED, TASK_ACTIVE, TASK_WAITING };
/* One request, from http_start to its callback. */
struct task {
	struct task *prev, *next; /* of all */
	struct task *after;       /* in the queue, or among those that ended */
	struct http *http;
	enum task_state state;
	struct http_request request;
	http_done_fn *done;
	void *ctx;
	int attempts;
	int64_t started_ms;
	bool maybe_done, last;
	int cuts; /* of the window, when it went out */
	/* Of the attempt. */
	bool signing, is_signed, prepared; /* in the row of those; done; and it may go out */
	int64_t signed_ms;
	bool carried;        /* the transport has it */
	struct task *behind; /* in the row of those that are signed */
	struct arena arena;
	struct http_fields fields;
	struct http_attempt attempt;
};
struct task_list {
	struct task *first, **end;
};
struct http {
	struct http_options o;
	struct http_transport transport;
	struct task *all;
	struct task_list queue, ended;
	struct http_timers timers;
	struct http_workers workers;
	struct http_workers
		signers; /* apart, so that no signature waits for the hash of a large file */
	struct task_list signing; /* in the order in which they are to go out, by `behind` */
	struct http_stats stats;
	struct http_window window;
	int active, signing_n; /* in flight; and in the row */
};

static void push(struct task_list *list, struct task *t)
{
	t->after = NULL;
	if (!list->first)
		list->end = &list->first;
	*list->end = t;
	list->end = &t->after;
}

static struct task *pop(struct task_list *list)
{
	struct task *t = list->first;
	if (t)
		list->first = t->after;
	return t;
}

struct http *http_new(const struct http_options *o)
{
	struct http *h = xalloc(sizeof *h);
	h->o = *o;
	if (!o->clock)
		h->o.clock = &clock_system;
	if (!o->in_flight) {
		h->o.in_flight = 64;
		h->o.in_flight_max = 128;
	}
	if (!o->attempts)
		h->o.attempts = 8;
	if (!o->retry_total_ms)
		h->o.retry_total_ms = 600 * 1000;
	h->window = http_window_of(h->o.in_flight, h->o.in_flight_max);
	h->o.in_flight_max = h->window.max;
	h->transport = o->transport ? *o->transport : http_curl_transport(&h->o);
	http_workers_init(&h->workers, h->transport.wake, h->transport.ctx);
	http_workers_init(&h->signers, h->transport.wake, h->transport.ctx);
	return h;
}

static void unlink_task(struct task *t)
{
	if (t->prev)
		t->prev->next = t->next;
	else
		t->http->all = t->next;
	if (t->next)
		t->next->prev = t->prev;
}

static void free_task(struct task *t)
{
	buf_clear(&t->attempt.body);
	arena_clear(&t->arena);
	free(t);
}

void http_free(struct http *h)
{
	if (!h)
		return;
	http_workers_clear(&h->workers);
	http_workers_clear(&h->signers);
	for (struct task *t = h->all, *next; t; t = next) {
		next = t->next;
		if (t->state == TASK_ACTIVE && t->carried && !t->attempt.ended)
			h->transport.cancel(h->transport.ctx, &t->attempt);
		free_task(t);
	}
	http_timer_clear(&h->timers);
	if (h->transport.free)
		h->transport.free(h->transport.ctx);
	free(h);
}

void http_start(struct http *h, const struct http_request *r, http_done_fn *done, void *ctx)
{
	struct task *t = xalloc(sizeof *t);
	*t = (struct task){.http = h, .request = *r, .done = done, .ctx = ctx, .next = h->all};
	if (h->all)
		h->all->prev = t;
	h->all = t;
	push(&h->queue, t);
}

/* A line break in a value would be a header, or a request, of somebody else's. */
static bool fields_ok(const struct http_fields *fields, struct err *err)
{
	for (size_t i = 0; i < fields->n; i++)
		if (fields->v[i].value[strcspn(fields->v[i].value, "\r\n")])
			return err_set(
				err, ERR_INVALID, "line break in header %s", fields->v[i].name);
	return true;
}

static void append(struct task *t, const struct http_fields *more)
{
	for (size_t i = 0; i < more->n; i++)
		http_fields_add(&t->fields, &t->arena, more->v[i].name, more->v[i].value);
}

/* Everything that is new for each attempt: the URL's parts, headers, signature. */
static bool prepare(struct task *t, struct err *err)
{
	const struct http_request *r = &t->request;
	const struct http_signer *signer = &t->http->o.signer;
	struct http_url url;
	if (!http_url_parse(r->url, &t->arena, &url, err))
		return false;
	struct http_fields signature = {0};
	if (signer->sign &&
		!signer->sign(signer->ctx, r, url.host, url.target, &t->arena, &signature, err))
		return false;
	append(t, &r->fields);
	append(t, &signature);
	t->attempt.host = url.host;
	t->attempt.target = url.target;
	t->attempt.near = url.near;
	return fields_ok(&t->fields, err);
}

static void send_attempt(struct task *t)
{
	struct http *h = t->http;
	h->active++;
	t->cuts = h->window.cuts;
	if (t->attempts == 1)
		t->started_ms = clock_mono(h->o.clock);
	if (!t->prepared) {
		http_attempt_end(&t->attempt);
		return;
	}
	h->stats.requests++;
	h->stats.retries += t->attempts > 1;
	t->carried = true;
	h->transport.start(h->transport.ctx, &t->attempt);
}

static void work_on_signature(void *ctx)
{
	struct task *t = ctx;
	t->prepared = prepare(t, &t->attempt.err);
}

static void finish(struct task *t, const struct http_reply *reply);

static void interrupt(struct task *t)
{
	struct http_reply reply = {0};
	err_set(&reply.err, ERR_INTERRUPTED, "interrupted");
	buf_clear(&t->attempt.body);
	finish(t, &reply);
}

static void clear_attempt(struct task *t)
{
	arena_clear(&t->arena);
	buf_clear(&t->attempt.body);
	t->fields = (struct http_fields){0};
	t->attempt = (struct http_attempt){
		.request = &t->request, .fields = &t->fields, .arena = &t->arena};
	t->is_signed = t->prepared = t->carried = false;
}

static void sign_here(struct task *t)
{
	t->prepared = prepare(t, &t->attempt.err);
}

/* They go out in the order in which they were started, whoever is signed first. */
static void send_signed(struct http *h)
{
	struct task *t;
	while ((t = h->signing.first) && t->is_signed && (t->last || h->active < h->window.size)) {
		h->signing.first = t->behind;
		h->signing_n--;
		t->signing = false;
		if (t->last) {
			unlink_task(t);
			interrupt(t);
			continue;
		}
		if (clock_mono(h->o.clock) - t->signed_ms > SIGNED_FOR_MS) {
			clear_attempt(t);
			sign_here(t);
		}
		send_attempt(t);
	}
}

static void on_signed(void *ctx)
{
	struct task *t = ctx;
	t->is_signed = true;
	send_signed(t->http);
}

/* A signature is a quarter of a millisecond: one that nothing else goes on beside is made here. */
static void sign_and_send(struct task *t, bool alone)
{
	struct http *h = t->http;
	t->signing = h->o.signer.threads && (!alone || h->signing.first);
	if (!t->signing) {
		sign_here(t);
		send_attempt(t);
		return;
	}
	t->signed_ms = clock_mono(h->o.clock);
	h->signing_n++;
	t->behind = NULL;
	if (!h->signing.first)
		h->signing.end = &h->signing.first;
	*h->signing.end = t;
	h->signing.end = &t->behind;
	http_workers_add(&h->signers, work_on_signature, on_signed, t);
}

static void begin(struct task *t, bool alone)
{
	const struct http_request *r = &t->request;
	clear_attempt(t);
	t->state = TASK_ACTIVE;
	if (t->attempts++ && r->sink && !r->sink(r->sink_ctx, NULL, 0))
		err_set(&t->attempt.err, ERR_IO, "the reply could not be kept");
	if (t->attempt.err.kind)
		send_attempt(t);
	else
		sign_and_send(t, alone);
}

static bool has_room(const struct http *h)
{
	int ahead = h->o.signer.threads ? SIGNED_AHEAD : 0;
	return h->active + h->signing_n < h->window.size + ahead;
}

static void launch(struct http *h)
{
	struct task *t;
	send_signed(h);
	while (has_room(h) && (t = pop(&h->queue)))
		begin(t, !h->active && !h->queue.first);
}

void http_attempt_end(struct http_attempt *a)
{
	struct task *t = (struct task *)((char *)a - offsetof(struct task, attempt));
	a->ended = true;
	t->http->active--;
	t->http->stats.sent += a->bytes_sent;
	t->http->stats.received += a->bytes_received;
	push(&t->http->ended, t);
}

/* Hands over the result of a task that is in no list any more: its callback may do anything. */
static void finish(struct task *t, const struct http_reply *reply)
{
	struct http_reply given = *reply;
	char span[24];
	given.attempts = t->attempts;
	given.maybe_done = t->maybe_done;
	if (given.err.kind && t->attempts > 1)
		err_hint(&given.err, "tried %d times in %s", t->attempts,
			text_duration(clock_mono(t->http->o.clock) - t->started_ms, span));
	if (given.err.kind && t->request.what)
		err_wrap(&given.err, "%s", t->request.what);
	t->done(t->ctx, &given);
	t->attempt.body = (struct buf){0};
	buf_clear(&given.body);
	free_task(t);
}

static void judge_status(const struct http *h, struct http_reply *reply)
{
	struct err *err = &reply->err;
	enum err_kind kind = http_status_kind(reply->status);
	if (!kind)
		return;
	const char *name = http_status_name(reply->status);
	if (reply->status > 599)
		err_set(err, kind, "%d: not a status of HTTP", reply->status);
	else
		err_set(err, kind, "%d%s%s", reply->status, *name ? " " : "", name);
	err->http_status = reply->status;
	if (reply->status >= 300 && reply->status < 400)
		err_hint(err, "redirects are not followed");
	if (h->o.classify)
		h->o.classify(reply, err);
	err->http_status = reply->status;
	http_status_skew(reply, clock_wall(h->o.clock), err);
}

static struct http_reply judge(struct task *t)
{
	struct http_attempt *a = &t->attempt;
	struct http_reply reply = {
		.status = a->whole ? a->status : 0, .fields = a->reply, .body = a->body};
	if (a->whole)
		judge_status(t->http, &reply);
	else
		reply.err = a->err;
	if (a->sent && (!a->whole || a->status >= 500))
		t->maybe_done = true;
	return reply;
}

static double jitter(void)
{
	uint32_t random = 0;
	(void)!getrandom(&random, sizeof random, GRND_NONBLOCK);
	return random / 4294967296.0;
}

/* ms until the next attempt, or -1. */
static int64_t retry_wait(const struct task *t, const struct http_reply *reply)
{
	const struct http_request *r = &t->request;
	const struct http_options *o = &t->http->o;
	if (t->last || r->no_retry || (r->final_status && r->final_status == reply->status))
		return -1;
	int64_t wait = http_retry_wait(t->attempts, o->attempts, &reply->err, jitter(),
		http_fields_get(&reply->fields, "retry-after"));
	int64_t spent = clock_mono(o->clock) - t->started_ms;
	return wait >= 0 && spent + wait <= o->retry_total_ms ? wait : -1;
}

static void retry(void *ctx)
{
	struct task *t = ctx;
	t->state = TASK_QUEUED;
	push(&t->http->queue, t);
}

/* "create application copy: 503, again in 2.1 s (2 of 8)" */
static void note_wait(const struct task *t, const struct err *err, int64_t wait)
{
	const char *what = t->request.what ? t->request.what : t->request.method;
	size_t line = strcspn(err->text, "\n");
	buf_auto reason = {0};
	if (err->http_status)
		buf_printf(&reason, "%d%s%s", err->http_status, *err->code ? " " : "", err->code);
	else
		buf_add(&reason, err->text, line);
	progress_send(t->http->o.progress, PROGRESS_NOTE, what, 0, 0,
		"%s: %s, again in %.1f s (%d of %d)", what, buf_str(&reason), (double)wait / 1000,
		t->attempts, t->http->o.attempts);
}

/* "get application copy: GET /20200129/applications/ocid1...: 200" */
static void tell_attempt(const struct task *t, const struct http_reply *reply)
{
	const struct http_attempt *a = &t->attempt;
	const char *what = t->request.what ? t->request.what : t->request.method;
	char status[16] = "no reply";
	if (reply->status)
		snprintf(status, sizeof status, "%d", reply->status);
	progress_send(t->http->o.progress, PROGRESS_DEBUG, what, 0, 0, "%s: %s %s: %s", what,
		t->request.method, a->target ? a->target : "", status);
}

static void adapt(struct http *h, const struct task *t, const struct http_reply *reply)
{
	bool many = reply->status == 429 || reply->status == 503;
	if (many && http_window_throttled(&h->window, t->cuts))
		progress_send(h->o.progress, PROGRESS_DEBUG, NULL, 0, 0,
			"%d: at most %d requests in flight from here on", reply->status,
			h->window.size);
	else if (reply->status && reply->status < 500 && !many)
		http_window_good(&h->window);
}

static void deliver(struct http *h)
{
	struct task *t;
	while ((t = pop(&h->ended))) {
		struct http_reply reply = judge(t);
		tell_attempt(t, &reply);
		adapt(h, t, &reply);
		int64_t wait = retry_wait(t, &reply);
		if (wait < 0) {
			unlink_task(t);
			finish(t, &reply);
			continue;
		}
		note_wait(t, &reply.err, wait);
		t->state = TASK_WAITING;
		http_after(h, wait, retry, t);
	}
}

void http_after(struct http *h, int64_t ms, void (*fn)(void *ctx), void *ctx)
{
	http_timer_add(&h->timers, clock_mono(h->o.clock) + ms, fn, ctx);
}

void http_work(struct http *h, void (*work)(void *ctx), void (*done)(void *ctx), void *ctx)
{
	http_workers_add(&h->workers, work, done, ctx);
}

static bool idle(const struct http *h)
{
	return !h->active && !h->signing.first && !h->queue.first && !h->ended.first &&
		!h->timers.n && !h->workers.outstanding;
}

static bool wait_for_any(struct http *h, struct err *err)
{
	int64_t next = http_timer_next(&h->timers, clock_mono(h->o.clock));
	int64_t ms = next >= 0 && next < POLL_MS ? next : POLL_MS;
	if (h->ended.first)
		return true;
	if (h->active || h->signing.first || h->workers.outstanding)
		return h->transport.wait(h->transport.ctx, ms, err);
	if (ms && next >= 0)
		h->o.clock->sleep_ms(h->o.clock->ctx, ms);
	return true;
}

static bool is_set(const bool *stop)
{
	return stop && __atomic_load_n(stop, __ATOMIC_RELAXED);
}

bool http_run(struct http *h, const bool *stop, struct err *err)
{
	return http_run_until(h, stop, NULL, err);
}

void http_kick(struct http *h)
{
	enum { STEPS = 3 };  /* libcurl connects in one, and sends in another */
	enum { KICKED = 8 }; /* each is signed here */
	struct err ignored;
	struct task *t;
	http_workers_drain(&h->signers);
	for (int i = 0; i < KICKED && h->active < h->window.size && (t = pop(&h->queue)); i++)
		begin(t, true);
	for (int i = 0; i < STEPS && h->active && !h->ended.first; i++)
		h->transport.wait(h->transport.ctx, 0, &ignored);
}

bool http_run_until(struct http *h, const bool *stop, const bool *done, struct err *err)
{
	while (!idle(h) && !is_set(stop) && !is_set(done)) {
		launch(h);
		if (!wait_for_any(h, err))
			return false;
		deliver(h);
		http_workers_collect(&h->workers);
		http_workers_collect(&h->signers);
		http_timer_run(&h->timers, clock_mono(h->o.clock));
		progress_send(h->o.progress, PROGRESS_TICK, NULL, 0, 0, NULL);
	}
	return true;
}

/* Takes those out that can be cancelled. What has ended is delivered as it is, but not tried again. */
static struct task *take_cancelled(struct http *h)
{
	struct task *taken = NULL;
	for (struct task *t = h->all, *next; t; t = next) {
		next = t->next;
		t->last = true;
		/* One that is being signed ends when it is. */
		if (t->state == TASK_ACTIVE && (t->attempt.ended || t->signing))
			continue;
		if (t->state == TASK_ACTIVE) {
			h->transport.cancel(h->transport.ctx, &t->attempt);
			t->maybe_done = t->maybe_done || t->attempt.sent;
			h->active--;
		}
		unlink_task(t);
		t->after = taken;
		taken = t;
	}
	h->queue = (struct task_list){0};
	http_timer_clear(&h->timers);
	return taken;
}

void http_cancel_all(struct http *h)
{
	for (struct task *t = take_cancelled(h), *next; t; t = next) {
		next = t->after;
		interrupt(t);
	}
	send_signed(h);
	http_workers_drain(&h->signers);
	http_workers_drain(&h->workers);
}

struct http_stats http_stats(const struct http *h)
{
	return h->stats;
}
