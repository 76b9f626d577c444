#include "http/http_work.h"

#include "base/arena.h"

#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

static void push(struct http_jobs *q, struct http_job *job)
{
	job->next = NULL;
	if (!q->first)
		q->end = &q->first;
	*q->end = job;
	q->end = &job->next;
}

static struct http_job *pop(struct http_jobs *q)
{
	struct http_job *job = q->first;
	if (job)
		q->first = job->next;
	return job;
}

void http_workers_init(struct http_workers *w, void (*wake)(void *ctx), void *wake_ctx)
{
	*w = (struct http_workers){.wake = wake, .wake_ctx = wake_ctx};
	pthread_mutex_init(&w->lock, NULL);
	pthread_cond_init(&w->more, NULL);
	pthread_cond_init(&w->ended, NULL);
}

static void *worker(void *arg)
{
	struct http_workers *w = arg;
	pthread_mutex_lock(&w->lock);
	while (!w->stop) {
		struct http_job *job = pop(&w->waiting);
		if (!job) {
			pthread_cond_wait(&w->more, &w->lock);
			continue;
		}
		pthread_mutex_unlock(&w->lock);
		job->work(job->ctx);
		pthread_mutex_lock(&w->lock);
		push(&w->finished, job);
		pthread_cond_signal(&w->ended);
		w->wake(w->wake_ctx);
	}
	pthread_mutex_unlock(&w->lock);
	return NULL;
}

static size_t threads_wanted(void)
{
	long cores = sysconf(_SC_NPROCESSORS_ONLN);
	if (cores < 2)
		return 2;
	return cores < HTTP_WORKERS_MAX ? (size_t)cores : HTTP_WORKERS_MAX;
}

/* Signals stay with the thread that started us: it is the one that looks at the flag they set. */
static void start_threads(struct http_workers *w)
{
	sigset_t all, before;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	for (size_t want = threads_wanted(); w->threads_n < want; w->threads_n++)
		if (pthread_create(&w->threads[w->threads_n], NULL, worker, w))
			break;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
}

void http_workers_add(
	struct http_workers *w, void (*work)(void *ctx), void (*done)(void *ctx), void *ctx)
{
	struct http_job *job = xalloc(sizeof *job);
	*job = (struct http_job){.work = work, .done = done, .ctx = ctx};
	if (!w->threads_n)
		start_threads(w);
	w->outstanding++;
	if (!w->threads_n) /* no thread to be had: here and now */
		work(ctx);
	pthread_mutex_lock(&w->lock);
	push(w->threads_n ? &w->waiting : &w->finished, job);
	pthread_cond_signal(&w->more);
	pthread_mutex_unlock(&w->lock);
}

static struct http_job *finished(struct http_workers *w)
{
	pthread_mutex_lock(&w->lock);
	struct http_job *job = w->outstanding ? pop(&w->finished) : NULL;
	pthread_mutex_unlock(&w->lock);
	return job;
}

bool http_workers_collect(struct http_workers *w)
{
	bool any = false;
	struct http_job *job;
	while ((job = finished(w))) {
		struct http_job copy = *job;
		free(job);
		w->outstanding--;
		any = true;
		copy.done(copy.ctx);
	}
	return any;
}

void http_workers_drain(struct http_workers *w)
{
	while (w->outstanding) {
		pthread_mutex_lock(&w->lock);
		while (!w->finished.first)
			pthread_cond_wait(&w->ended, &w->lock);
		pthread_mutex_unlock(&w->lock);
		http_workers_collect(w);
	}
}

void http_workers_clear(struct http_workers *w)
{
	struct http_job *job;
	pthread_mutex_lock(&w->lock);
	w->stop = true;
	pthread_cond_broadcast(&w->more);
	pthread_mutex_unlock(&w->lock);
	for (size_t i = 0; i < w->threads_n; i++)
		pthread_join(w->threads[i], NULL);
	while ((job = pop(&w->waiting)) || (job = pop(&w->finished)))
		free(job);
	pthread_cond_destroy(&w->more);
	pthread_cond_destroy(&w->ended);
	pthread_mutex_destroy(&w->lock);
}
