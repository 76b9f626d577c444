#include "http/http_timer.h"

#include "base/arena.h"

#include <stdbool.h>
#include <stdlib.h>

static bool before(const struct http_timer *a, const struct http_timer *b)
{
	return a->due_ms != b->due_ms ? a->due_ms < b->due_ms : a->order < b->order;
}

static void swap(struct http_timer *a, struct http_timer *b)
{
	struct http_timer t = *a;
	*a = *b;
	*b = t;
}

void http_timer_add(struct http_timers *t, int64_t due_ms, void (*fn)(void *ctx), void *ctx)
{
	if (t->n == t->cap) {
		t->cap = t->cap ? t->cap * 2 : 16;
		t->v = xrealloc(t->v, t->cap * sizeof *t->v);
	}
	size_t i = t->n++;
	t->v[i] = (struct http_timer){due_ms, t->added++, fn, ctx};
	for (; i && before(&t->v[i], &t->v[(i - 1) / 2]); i = (i - 1) / 2)
		swap(&t->v[i], &t->v[(i - 1) / 2]);
}

int64_t http_timer_next(const struct http_timers *t, int64_t now_ms)
{
	if (!t->n)
		return -1;
	return t->v[0].due_ms > now_ms ? t->v[0].due_ms - now_ms : 0;
}

static struct http_timer pop(struct http_timers *t)
{
	struct http_timer first = t->v[0];
	t->v[0] = t->v[--t->n];
	for (size_t i = 0, least;; i = least) {
		least = i;
		for (size_t child = 2 * i + 1; child <= 2 * i + 2 && child < t->n; child++)
			if (before(&t->v[child], &t->v[least]))
				least = child;
		if (least == i)
			return first;
		swap(&t->v[i], &t->v[least]);
	}
}

void http_timer_run(struct http_timers *t, int64_t now_ms)
{
	/* One added meanwhile may come before the others of its moment only if it is due earlier. */
	uint64_t end = t->added;
	while (t->n && t->v[0].due_ms <= now_ms && t->v[0].order < end) {
		struct http_timer timer = pop(t);
		timer.fn(timer.ctx);
	}
}

void http_timer_clear(struct http_timers *t)
{
	free(t->v);
	*t = (struct http_timers){.added = t->added};
}
