/*
 * A few threads for what would hold up the event loop: hashing, mostly. Started when first needed. Everything
 * here but the work itself happens on the thread of the loop.
 */
#ifndef HTTP_WORK_H
#define HTTP_WORK_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

struct http_job {
	struct http_job *next;
	void (*work)(void *ctx);
	void (*done)(void *ctx);
	void *ctx;
};
struct http_jobs {
	struct http_job *first, **end;
};
enum { HTTP_WORKERS_MAX = 4 };
struct http_workers {
	pthread_mutex_t lock;
	pthread_cond_t more, ended;
	struct http_jobs waiting, finished; /* under lock */
	bool stop;                          /* under lock */
	pthread_t threads[HTTP_WORKERS_MAX];
	size_t threads_n, outstanding;
	void (*wake)(void *ctx); /* tells the loop that one has finished; from any thread */
	void *wake_ctx;
};
void http_workers_init(struct http_workers *w, void (*wake)(void *ctx), void *wake_ctx);
void http_workers_add(
	struct http_workers *w, void (*work)(void *ctx), void (*done)(void *ctx), void *ctx);
/* Calls `done` of those that have finished; whether there were any. */
bool http_workers_collect(struct http_workers *w);
/* Waits for all that was added, and calls their `done`; what these add too. */
void http_workers_drain(struct http_workers *w);
/* Waits for what is being worked on, drops the rest, calls nothing. */
void http_workers_clear(struct http_workers *w);

#endif
