#include "base/progress.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

void progress_send(const struct progress *p, enum progress_kind kind, const char *what,
	uint64_t done, uint64_t total, const char *fmt, ...)
{
	if (!p || !p->event)
		return;
	char text[512];
	if (fmt) {
		va_list ap;
		va_start(ap, fmt);
		vsnprintf(text, sizeof text, fmt, ap);
		va_end(ap);
	}
	struct progress_event e = {kind, what, fmt ? text : NULL, done, total};
	p->event(p->ctx, &e);
}
