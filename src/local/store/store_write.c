#include "local/store/store.h"
#include "local/store/store_inside.h"

#include <semaphore.h>
#include <stdio.h>
#include <time.h>

enum { QUIET_MS = 200 };

static bool sql(sqlite3 *db, const char *text, struct err *err)
{
	return store_exec(db, NULL, err, text, "");
}

/* Each job in a savepoint of its own: one that fails takes only its own changes back. */
static void run_job(sqlite3 *db, struct store_job *j)
{
	struct err err;
	store_failure_clear();
	j->ok = sql(db, "SAVEPOINT job", j->err) && j->fn(db, j->ctx, j->err) &&
		!store_failed(j->err);
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

static void run_jobs(sqlite3 *db, struct store_job *jobs, struct err *err, bool *ok)
{
	for (struct store_job *j = jobs; j; j = j->next) {
		if (!*ok) {
			j->ok = true; /* not tried: fails with the rest */
			continue;
		}
		run_job(db, j);
		if (sqlite3_get_autocommit(db))
			*ok = store_failed(err) ? false
						: err_set(err, ERR_IO, "%s", sqlite3_errmsg(db));
	}
}

/* Either all that the jobs did is committed, or each has failed. */
static void transact(struct store *s, sqlite3 *db, struct store_job *jobs)
{
	struct err err, ignored;
	bool ok = sql(db, "BEGIN IMMEDIATE", &err) && store_garbage_forget(s, db, &err);
	run_jobs(db, jobs, &err, &ok);
	ok = ok && sql(db, "COMMIT", &err);
	if (!ok) {
		fail_all(jobs, &err);
		fprintf(stderr, "weir-local: write: %s\n", err.text);
		if (!sqlite3_get_autocommit(db))
			sql(db, "ROLLBACK", &ignored);
	}
}

/* jobs may be none: then only the list of removed content is cleared. */
static void run_batch(struct store *s, sqlite3 *db, struct store_job *jobs)
{
	atomic_fetch_add(&s->commits, 1); /* memos do not count from here on */
	transact(s, db, jobs);
	atomic_fetch_add(&s->commits, 1);
	s->garbage = store_garbage_remove(s, db);
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

static void *writer_main(void *arg)
{
	struct store *s = arg;
	sqlite3 *db = s->writer_conn->db;
	store_conn_take(s->writer_conn);
	s->garbage = true;
	while (!stopped(s)) {
		struct store_job *jobs = next_batch(s, !s->garbage);
		if (jobs || s->garbage)
			run_batch(s, db, jobs);
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
