#include "local/server/server_inside.h"

#include <poll.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>

enum { TICK_MS = 250 };

/* Nothing is left to read, and nothing will come. */
static bool is_ended(const struct conn *c)
{
	struct pollfd p = {.fd = c->fd, .events = POLLRDHUP};
	int unread = 0;
	return poll(&p, 1, 0) == 1 && p.revents & (POLLRDHUP | POLLHUP | POLLERR) &&
		!ioctl(c->fd, FIONREAD, &unread) && !unread;
}

/* libmicrohttpd does not see the end of a client's side that came together with its last bytes, and would wait for
   more. Twice seen, so that it had the time to answer what came. */
static bool is_abandoned(struct conn *c)
{
	bool was_ended = c->was_ended;
	c->was_ended = atomic_load(&c->reading) && is_ended(c);
	return was_ended && c->was_ended;
}

/* A connection whose deadline has passed is shut down; libmicrohttpd then closes it. It is taken off the list
   under the same lock before its descriptor is closed, so the descriptor is still its own here. */
static void look_at_all(struct server *s)
{
	int64_t now = server_now(s);
	for (struct conn *c = s->conns; c; c = c->next) {
		int64_t deadline = atomic_load(&c->deadline);
		if (deadline != NO_DEADLINE && (now > deadline || is_abandoned(c))) {
			atomic_store(&c->deadline, NO_DEADLINE);
			shutdown(c->fd, SHUT_RDWR);
		}
	}
}

static void *watch_main(void *arg)
{
	struct server *s = arg;
	pthread_mutex_lock(&s->conns_lock);
	while (!s->stopping) {
		struct timespec until;
		clock_gettime(CLOCK_MONOTONIC, &until);
		until.tv_nsec += TICK_MS * 1000000L;
		until.tv_sec += until.tv_nsec / 1000000000L;
		until.tv_nsec %= 1000000000L;
		pthread_cond_timedwait(&s->watch_stop, &s->conns_lock, &until);
		look_at_all(s);
	}
	pthread_mutex_unlock(&s->conns_lock);
	return NULL;
}

bool watch_start(struct server *s, struct err *err)
{
	if (pthread_create(&s->watch, NULL, watch_main, s))
		return err_set(err, ERR_IO, "cannot start a thread");
	s->watches = true;
	return true;
}

void watch_stop(struct server *s)
{
	if (!s->watches)
		return;
	pthread_mutex_lock(&s->conns_lock);
	s->stopping = true;
	pthread_cond_signal(&s->watch_stop);
	pthread_mutex_unlock(&s->conns_lock);
	pthread_join(s->watch, NULL);
}

struct conn *conn_new(struct server *s, int fd)
{
	struct conn *c = xalloc(sizeof *c);
	c->fd = fd;
	atomic_init(&c->reading, true);
	conn_deadline(s, c, IDLE_S * 1000 + s->request_ms, 0);
	pthread_mutex_lock(&s->conns_lock);
	c->next = s->conns;
	c->link = &s->conns;
	if (c->next)
		c->next->link = &c->next;
	s->conns = c;
	pthread_mutex_unlock(&s->conns_lock);
	return c;
}

void conn_free(struct server *s, struct conn *c)
{
	pthread_mutex_lock(&s->conns_lock);
	*c->link = c->next;
	if (c->next)
		c->next->link = c->link;
	pthread_mutex_unlock(&s->conns_lock);
	free(c);
}

void conn_deadline(struct server *s, struct conn *c, int64_t ms, uint64_t bytes)
{
	int64_t more = (int64_t)(bytes / SLOWEST_PER_S) * 1000;
	if (c)
		atomic_store(&c->deadline,
			bytes == UINT64_MAX ? NO_DEADLINE : server_now(s) + ms + more);
}
