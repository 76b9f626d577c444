#include "http/http_window.h"

enum { FLOOR = 4 };

struct http_window http_window_of(int min, int max)
{
	if (max < min)
		max = min;
	return (struct http_window){.size = min, .max = max, .slow_at = max};
}

void http_window_good(struct http_window *w)
{
	if (w->size >= w->max)
		return;
	if (w->size >= w->slow_at && ++w->good < w->size)
		return;
	w->good = 0;
	w->size++;
}

bool http_window_throttled(struct http_window *w, int cuts)
{
	if (cuts != w->cuts || w->size <= FLOOR)
		return false;
	w->cuts++;
	w->good = 0;
	w->size = w->size / 2 > FLOOR ? w->size / 2 : FLOOR;
	w->slow_at = w->size;
	return true;
}
