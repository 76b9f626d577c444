#include "local/store.h"
#include "local/store_inside.h"

#include <semaphore.h>
#include <stdio.h>
#include <time.h>

enum { SHARDS = 256, SHARDS_AT_ONCE = 16, QUIET_MS = 200 };

static bool sql(sqlite3 *db, const char *text, struct err *err)
{
	return store_exec(db, NULL, err, text, "");
}

/* Each job in a savepoint of its own: one that fails takes only its own changes back. */
static void run_job(sqlite3 *db, struct store_job *j)
{
	struct err err;
	j->ok = sql(db, "SAVEPOINT job", j->err) && j->fn(db, j->ctx, j->err);
	if (sqlite3_get_autocommit(db))
		return; /* SQLite gave the whole transaction up (disk full, I/O): run_batch tells all */
	if (!j->ok)
		sql(db, "ROLLBACK TO job", &err);
	sql(db, "RELEASE job", &err);
}

static void fail_all(struct store_job *jobs, const struct err *why)
{
	for (struct store_job *j = jobs; j; j = j->next) {
		if (j->ok)
			*j->err = *why;
		j->ok = false;
	}
}

static void run_batch(sqlite3 *db, struct store_job *jobs)
{
	struct err err;
	bool ok = sql(db, "BEGIN IMMEDIATE", &err);
	struct store_job *ran = NULL;
	for (struct store_job *j = jobs; j && ok; j = j->next) {
		run_job(db, j);
		ran = j;
		if (sqlite3_get_autocommit(db))
			ok = err_set(&err, ERR_IO, "%s", sqlite3_errmsg(db));
	}
	for (struct store_job *j = ran ? ran->next : jobs; j && !ok; j = j->next)
		j->ok = true; /* not tried: fails with the rest */
	if (!ok || !sql(db, "COMMIT", &err)) {
		struct err ignored;
		fail_all(jobs, &err);
		if (!sqlite3_get_autocommit(db))
			sql(db, "ROLLBACK", &ignored);
	}
	for (struct store_job *j = jobs, *next; j; j = next) {
		next = j->next; /* the job is on the stack of a caller that goes on at once */
		sem_post(j->done);
	}
}

/* NULL: nothing came for a while, or stop. */
static struct store_job *next_batch(struct store *s, bool wait_long)
{
	struct timespec until;
	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_nsec += QUIET_MS * 1000000L;
	until.tv_sec += until.tv_nsec / 1000000000L;
	until.tv_nsec %= 1000000000L;
	pthread_mutex_lock(&s->jobs_lock);
	while (!s->jobs && !s->stop) {
		if (wait_long)
			pthread_cond_wait(&s->jobs_there, &s->jobs_lock);
		else if (pthread_cond_timedwait(&s->jobs_there, &s->jobs_lock, &until))
			break;
	}
	struct store_job *jobs = s->jobs;
	s->jobs = NULL;
	s->jobs_end = &s->jobs;
	pthread_mutex_unlock(&s->jobs_lock);
	return jobs;
}

static bool stopped(struct store *s)
{
	pthread_mutex_lock(&s->jobs_lock);
	bool stop = s->stop && !s->jobs;
	pthread_mutex_unlock(&s->jobs_lock);
	return stop;
}

/* Whether there may be more. */
static bool collect(struct store *s, sqlite3 *db)
{
	struct err err;
	bool more = false;
	if (!store_garbage_collect(s, db, &more, &err))
		fprintf(stderr, "weir-local: remove content: %s\n", err.text);
	return more;
}

/* Writes first; what is garbage goes when nothing else wants to be written. */
static void *writer_main(void *arg)
{
	struct store *s = arg;
	sqlite3 *db = s->writer_conn->db;
	store_conn_take(s->writer_conn);
	unsigned shard = 0;
	bool garbage = true;
	while (!stopped(s)) {
		struct store_job *jobs = next_batch(s, shard == SHARDS && !garbage);
		if (jobs) {
			run_batch(db, jobs);
			garbage = true;
		} else if (garbage) {
			garbage = collect(s, db);
		} else {
			for (int i = 0; i < SHARDS_AT_ONCE && shard < SHARDS; i++)
				store_orphans_collect(s, db, shard++);
		}
	}
	store_conn_leave(s->writer_conn);
	return NULL;
}

bool store_writer_start(struct store *s, struct err *err)
{
	if (pthread_create(&s->writer, NULL, writer_main, s))
		return err_errno(err, ERR_IO, "start the writer");
	s->writer_runs = true;
	return true;
}

void store_writer_stop(struct store *s)
{
	if (!s->writer_runs)
		return;
	pthread_mutex_lock(&s->jobs_lock);
	s->stop = true;
	pthread_cond_signal(&s->jobs_there);
	pthread_mutex_unlock(&s->jobs_lock);
	pthread_join(s->writer, NULL);
	s->writer_runs = false;
}

bool store_write(struct store *s, bool (*fn)(sqlite3 *db, void *ctx, struct err *err), void *ctx,
	struct err *err)
{
	sem_t done;
	sem_init(&done, 0, 0);
	struct store_job job = {.fn = fn, .ctx = ctx, .err = err, .done = &done};
	pthread_mutex_lock(&s->jobs_lock);
	*s->jobs_end = &job;
	s->jobs_end = &job.next;
	pthread_cond_signal(&s->jobs_there);
	pthread_mutex_unlock(&s->jobs_lock);
	while (sem_wait(&done))
		; /* EINTR */
	sem_destroy(&done);
	return job.ok;
}
