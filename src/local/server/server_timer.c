#include "local/server/server_inside.h"

#include <time.h>

int64_t timer_now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* ---- the heap: timed[i] is due before timed[2i+1] and timed[2i+2] ---- */

static void swap(struct server *s, size_t i, size_t j)
{
	struct call *c = s->timed[i];
	s->timed[i] = s->timed[j];
	s->timed[j] = c;
}

static void push(struct server *s, struct call *c)
{
	size_t i = s->timed_n++;
	s->timed[i] = c;
	for (; i && s->timed[i]->due < s->timed[(i - 1) / 2]->due; i = (i - 1) / 2)
		swap(s, i, (i - 1) / 2);
}

static struct call *pop(struct server *s)
{
	struct call *first = s->timed[0];
	s->timed[0] = s->timed[--s->timed_n];
	for (size_t i = 0, child; (child = 2 * i + 1) < s->timed_n; i = child) {
		if (child + 1 < s->timed_n && s->timed[child + 1]->due < s->timed[child]->due)
			child++;
		if (s->timed[i]->due <= s->timed[child]->due)
			break;
		swap(s, i, child);
	}
	return first;
}

/* ---- the thread ---- */

static void wait_for_first(struct server *s)
{
	if (!s->timed_n) {
		pthread_cond_wait(&s->timer_changed, &s->timer_lock);
		return;
	}
	int64_t due = s->timed[0]->due;
	struct timespec until = {.tv_sec = due / 1000000000, .tv_nsec = due % 1000000000};
	pthread_cond_timedwait(&s->timer_changed, &s->timer_lock, &until);
}

static void *timer_main(void *arg)
{
	struct server *s = arg;
	pthread_mutex_lock(&s->timer_lock);
	while (!s->timer_stops) {
		int64_t now = timer_now();
		while (s->timed_n && s->timed[0]->due <= now)
			MHD_resume_connection(pop(s)->mhd);
		wait_for_first(s);
	}
	pthread_mutex_unlock(&s->timer_lock);
	return NULL;
}

bool timer_start(struct server *s, struct err *err)
{
	pthread_condattr_t monotonic;
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&s->timer_changed, &monotonic);
	pthread_condattr_destroy(&monotonic);
	if (pthread_create(&s->timer, NULL, timer_main, s))
		return err_set(err, ERR_IO, "cannot start a thread");
	s->timer_runs = true;
	return true;
}

void timer_add(struct call *c, int64_t due_ns)
{
	struct server *s = c->server;
	c->due = due_ns;
	pthread_mutex_lock(&s->timer_lock);
	/* A call has a connection of its own, and of those there are not more. */
	bool at_once = s->timer_stops || s->timed_n == CONNECTIONS_MAX ||
		faults_removed_since(s->faults, &c->fault);
	if (!at_once) {
		push(s, c);
		if (s->timed[0] == c)
			pthread_cond_signal(&s->timer_changed);
	}
	pthread_mutex_unlock(&s->timer_lock);
	if (at_once)
		MHD_resume_connection(c->mhd);
}

void timer_release(struct server *s)
{
	pthread_mutex_lock(&s->timer_lock);
	while (s->timed_n)
		MHD_resume_connection(s->timed[--s->timed_n]->mhd);
	pthread_mutex_unlock(&s->timer_lock);
}

void timer_stop(struct server *s)
{
	if (!s->timer_runs)
		return;
	pthread_mutex_lock(&s->timer_lock);
	s->timer_stops = true;
	pthread_cond_signal(&s->timer_changed);
	pthread_mutex_unlock(&s->timer_lock);
	pthread_join(s->timer, NULL);
	timer_release(s);
	pthread_cond_destroy(&s->timer_changed);
}
