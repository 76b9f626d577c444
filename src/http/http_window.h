/*
 * How many requests may be in flight: as many as the service bears. It begins at `min`, and grows by one for each good
 * reply up to `max`. Where the service says that it is too many (429, 503), it is halved, once for all that went out
 * before, down to FLOOR; from there on it grows by one a windowful. So TCP finds what a network bears (RFC 5681: slow
 * start, congestion avoidance).
 *
 * Pure: no clock, no I/O.
 */
#ifndef HTTP_HTTP_WINDOW_H
#define HTTP_HTTP_WINDOW_H

#include <stdbool.h>

struct http_window {
	int size, max; /* requests */
	int slow_at;   /* from this size on it grows slowly */
	int good;      /* replies since it grew last, where it is slow */
	int cuts;      /* so far: what a request is sent under */
};

/* min 1 or more; max below min counts as min: a window that never grows. */
struct http_window http_window_of(int min, int max);
/* A request was answered well. */
void http_window_good(struct http_window *w);
/* One was told to wait. True if the window is smaller now: not for those that were on their way when it was cut last. */
bool http_window_throttled(struct http_window *w, int cuts);

#endif
