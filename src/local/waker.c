#include "local/waker.h"

#include <time.h>

void waker_init(struct waker *w)
{
	pthread_condattr_t monotonic;
	*w = (struct waker){0};
	pthread_mutex_init(&w->lock, NULL);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&w->changed, &monotonic);
	pthread_condattr_destroy(&monotonic);
}

void waker_clear(struct waker *w)
{
	pthread_mutex_destroy(&w->lock);
	pthread_cond_destroy(&w->changed);
}

static void tell(struct waker *w, bool stop)
{
	pthread_mutex_lock(&w->lock);
	w->woken = true;
	w->stop |= stop;
	pthread_cond_broadcast(&w->changed);
	pthread_mutex_unlock(&w->lock);
}

void waker_wake(struct waker *w)
{
	tell(w, false);
}

void waker_stop(struct waker *w)
{
	tell(w, true);
}

static struct timespec in_ms(int64_t ms)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	t.tv_sec += ms / 1000;
	t.tv_nsec += ms % 1000 * 1000000;
	t.tv_sec += t.tv_nsec / 1000000000;
	t.tv_nsec %= 1000000000;
	return t;
}

/* With the lock held: whether something changed before then. */
static bool change(struct waker *w, int64_t ms, const struct timespec *until)
{
	if (ms < 0)
		return !pthread_cond_wait(&w->changed, &w->lock);
	return ms && !pthread_cond_timedwait(&w->changed, &w->lock, until);
}

bool waker_wait(struct waker *w, int64_t ms)
{
	struct timespec until = in_ms(ms < 0 ? 0 : ms);
	pthread_mutex_lock(&w->lock);
	while (!w->stop && !w->woken && change(w, ms, &until))
		;
	w->woken = false;
	bool stop = w->stop;
	pthread_mutex_unlock(&w->lock);
	return !stop;
}

bool waker_pause(struct waker *w, int64_t ms)
{
	struct timespec until = in_ms(ms);
	pthread_mutex_lock(&w->lock);
	while (!w->stop && change(w, ms, &until))
		;
	bool stop = w->stop;
	pthread_mutex_unlock(&w->lock);
	return !stop;
}
