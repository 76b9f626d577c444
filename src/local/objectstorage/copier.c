#include "local/objectstorage/copier.h"

#include "base/text.h"
#include "local/objectstorage/copy_row.h"
#include "local/objectstorage/objectstorage.h"
#include "local/waker.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BATCH = 64, RETRY_MS = 1000, FORGET_MS = 3600 * 1000 };
#define KEPT_MS (24 * 3600 * INT64_C(1000)) /* a work request, after its end */

struct copier {
	struct service *service;
	pthread_t thread;
	struct waker waker;
	int64_t pause_ms, forgot;
};

/* Some copies on their way, in the writer's thread. */
struct batch {
	struct service *service;
	struct arena arena;
	struct copy_row rows[BATCH];
	size_t n;
};

static bool finish(
	sqlite3 *db, struct copy_row *c, const char *status, int64_t now, struct err *err)
{
	c->status = status;
	c->time_finished = now;
	return copy_row_update(db, c, err);
}

/* As in HTTP, so that who reads the errors of a work request knows them. */
static bool fail(sqlite3 *db, struct batch *b, struct copy_row *c, enum change why, int64_t now,
	struct err *err)
{
	const struct copy_details *d = &c->details;
	bool source = why == CHANGE_NO_OBJECT || why == CHANGE_NO_VERSION;
	struct storage_refusal refusal;
	storage_refusal(b->service, &b->arena, why, source ? d->source_bucket : d->bucket,
		source ? d->source : d->object, &refusal);
	c->error_code = refusal.code;
	c->error_message = refusal.message;
	return finish(db, c, "FAILED", now, err);
}

/* The source as it was when the copy was accepted. */
static enum change find_source(
	sqlite3 *db, struct arena *a, const struct copy_details *d, struct object_row *ret)
{
	bool found = d->source_version
		? object_row_get_version(db, a, d->source_bucket, d->source, d->found_version, ret)
		: object_row_get(db, a, d->source_bucket, d->source, ret);
	if (!found || !ret->sha256)
		return d->source_version ? CHANGE_NO_VERSION : CHANGE_NO_OBJECT;
	return text_equal(ret->etag, d->found_etag) ? CHANGE_OK : CHANGE_IF_MATCH;
}

/* Headers of the copy: those of the source, with other metadata where the request has some. */
static const char *headers_of(
	struct arena *a, const struct object_row *source, const struct copy_details *d)
{
	buf_auto out = {0};
	const char *at = source->headers, *name, *value;
	size_t name_len, value_len;
	if (!d->metadata.n)
		return source->headers;
	while (object_row_header(&at, &name, &name_len, &value, &value_len))
		if (!text_starts(name, "opc-meta-"))
			buf_printf(
				&out, "%.*s: %.*s\n", (int)name_len, name, (int)value_len, value);
	for (size_t i = 0; i < d->metadata.n; i++)
		storage_header_add(&out, d->metadata.v[i].name, d->metadata.v[i].value);
	return arena_strdup(a, buf_str(&out));
}

static bool copy_object(sqlite3 *db, struct batch *b, struct copy_row *c, struct err *err)
{
	const struct copy_details *d = &c->details;
	int64_t now = clock_wall(b->service->clock);
	struct bucket_brief to;
	struct object_row o;
	enum change outcome = find_source(db, &b->arena, d, &o);
	if (outcome == CHANGE_OK && object_row_is_archived(&o, now))
		outcome = CHANGE_NOT_RESTORED;
	if (outcome == CHANGE_OK && !bucket_row_brief(db, d->bucket, &to))
		outcome = CHANGE_NO_BUCKET;
	if (outcome == CHANGE_OK)
		outcome = storage_judge(db, &to, d->object, now, d->if_match, d->if_none_match);
	if (outcome != CHANGE_OK)
		return fail(db, b, c, outcome, now, err);
	o.name = d->object;
	o.headers = headers_of(&b->arena, &o, d);
	o.tier = d->tier;
	object_row_stamp(&b->arena, &o, now);
	return object_row_put(db, &to, &o, err) && finish(db, c, "COMPLETED", now, err);
}

/* A row as it is now: it may have been cancelled since it was read. */
static bool read_again(sqlite3 *db, struct batch *b, struct copy_row *c)
{
	return copy_row_get(db, &b->arena, c->id, c) && !c->time_finished;
}

static bool begin_all(sqlite3 *db, void *ctx, struct err *err)
{
	struct batch *b = ctx;
	for (size_t i = 0; i < b->n; i++) {
		struct copy_row *c = &b->rows[i];
		if (!read_again(db, b, c) || !text_equal(c->status, "ACCEPTED"))
			continue;
		c->status = "IN_PROGRESS";
		c->time_started = clock_wall(b->service->clock);
		if (!copy_row_update(db, c, err))
			return false;
	}
	return true;
}

static bool end_all(sqlite3 *db, void *ctx, struct err *err)
{
	struct batch *b = ctx;
	for (size_t i = 0; i < b->n; i++) {
		struct copy_row *c = &b->rows[i];
		if (!read_again(db, b, c))
			continue;
		bool ok = text_equal(c->status, "CANCELING")
			? finish(db, c, "CANCELED", clock_wall(b->service->clock), err)
			: copy_object(db, b, c, err);
		if (!ok)
			return false;
	}
	return true;
}

/* One batch. Whether there may be more at once. */
static bool run_batch(struct copier *c, struct batch *b)
{
	struct store *store = c->service->store;
	struct err err;
	store_failure_clear();
	b->n = copy_row_open(store_db(store), &b->arena, BATCH, b->rows);
	bool read = !store_failed(&err); /* else nobody would come back for what is there */
	if (read && (!b->n || !waker_pause(&c->waker, c->pause_ms)))
		return false;
	bool ok = read && store_write(store, begin_all, b, &err);
	if (ok && !waker_pause(&c->waker, c->pause_ms))
		return false;
	if (ok && store_write(store, end_all, b, &err))
		return true;
	fprintf(stderr, "weir-local: copy: %s\n", err.text);
	return waker_pause(&c->waker, RETRY_MS);
}

static bool forget(sqlite3 *db, void *ctx, struct err *err)
{
	const int64_t *before = ctx;
	return copy_row_forget(db, *before, err);
}

/* Now and then; what fails is tried the next time. */
static void forget_old(struct copier *c)
{
	int64_t now = clock_wall(c->service->clock), before = now - KEPT_MS;
	struct err ignored;
	if (now - c->forgot < FORGET_MS)
		return;
	c->forgot = now;
	store_write(c->service->store, forget, &before, &ignored);
}

static void *copier_main(void *arg)
{
	struct copier *c = arg;
	struct batch *b = xalloc(sizeof *b);
	b->service = c->service;
	while (waker_wait(&c->waker, -1)) {
		for (bool more = true; more;) {
			more = run_batch(c, b);
			arena_clear(&b->arena);
		}
		forget_old(c);
	}
	free(b);
	return NULL;
}

struct copier *copier_start(struct service *s, struct err *err)
{
	struct copier *c = xalloc(sizeof *c);
	const char *pause = getenv("WEIR_LOCAL_COPY_MS");
	*c = (struct copier){.service = s};
	if (pause && (!text_i64(pause, &c->pause_ms) || c->pause_ms < 0))
		c->pause_ms = 0;
	waker_init(&c->waker);
	waker_wake(&c->waker); /* for what an earlier service left */
	if (!pthread_create(&c->thread, NULL, copier_main, c))
		return c;
	err_set(err, ERR_IO, "cannot start a thread");
	waker_clear(&c->waker);
	free(c);
	return NULL;
}

void copier_wake(struct copier *c)
{
	if (c)
		waker_wake(&c->waker);
}

void copier_stop(struct copier *c)
{
	if (!c)
		return;
	waker_stop(&c->waker);
	pthread_join(c->thread, NULL);
	waker_clear(&c->waker);
	free(c);
}
