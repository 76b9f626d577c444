/*
 * How a library tells what it is doing without printing: events to a sink that the command line (or
 * weir-local) draws. Never result data. Texts are borrowed for the call.
 */
#ifndef BASE_PROGRESS_H
#define BASE_PROGRESS_H

#include <stdint.h>

enum progress_kind {
	PROGRESS_START, /* something that may take over two seconds begins */
	PROGRESS_STEP,  /* done of total (bytes or things); total 0: unknown */
	PROGRESS_DONE,
	PROGRESS_FAILED,
	PROGRESS_NOTE,  /* worth a line by itself: a retry, a wait */
	PROGRESS_DEBUG, /* with -v only */
	PROGRESS_TICK,  /* nothing new but the time; what is NULL */
};
struct progress_event {
	enum progress_kind kind;
	const char *what; /* stable name of the thing: "apps.copy", "upload scripts/x.py" */
	const char *text; /* for people; may be NULL */
	uint64_t done, total;
};
struct progress {
	void (*event)(void *ctx, const struct progress_event *e); /* NULL: nobody listens */
	void *ctx;
};
void progress_send(const struct progress *p, enum progress_kind kind, const char *what,
	uint64_t done, uint64_t total, const char *fmt, ...) __attribute__((format(printf, 6, 7)));

#endif
