/*
 * How a thread of the service's own waits for work, for a time, or for its end. Whoever has work for it wakes it; a
 * waking that comes before the wait is not lost. Times are of the monotonic clock.
 *
 *	while (waker_wait(&w, -1))
 *		do_what_is_there();
 */
#ifndef LOCAL_WAKER_H
#define LOCAL_WAKER_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

struct waker {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	bool woken, stop;
};
void waker_init(struct waker *w);
void waker_clear(struct waker *w); /* when nobody waits any more */
void waker_wake(struct waker *w);
void waker_stop(struct waker *w); /* from then on each wait is over at once */
/* Until it is woken, or ms have gone (negative: no limit). False: it is to stop. */
bool waker_wait(struct waker *w, int64_t ms);
/* Until ms have gone, whoever wakes meanwhile. False: it is to stop. */
bool waker_pause(struct waker *w, int64_t ms);

#endif
