/* What is to happen when: a heap of calls by due time, those of one moment in the order they were added. */
#ifndef HTTP_TIMER_H
#define HTTP_TIMER_H

#include <stddef.h>
#include <stdint.h>

struct http_timer {
	int64_t due_ms; /* of the monotonic clock */
	uint64_t order;
	void (*fn)(void *ctx);
	void *ctx;
};
struct http_timers {
	struct http_timer *v;
	size_t n, cap;
	uint64_t added;
};
void http_timer_add(struct http_timers *t, int64_t due_ms, void (*fn)(void *ctx), void *ctx);
/* ms until the first is due: 0 when it is, -1 when there is none. */
int64_t http_timer_next(const struct http_timers *t, int64_t now_ms);
/* Calls what is due, but not what these calls add. */
void http_timer_run(struct http_timers *t, int64_t now_ms);
void http_timer_clear(struct http_timers *t);

#endif
