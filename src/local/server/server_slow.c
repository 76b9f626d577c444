/* Replies that faults cut or slow down: libmicrohttpd asks for their bytes piece by piece. */
#include "local/server/server_inside.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define NS_PER_S 1e9

enum { STEP_NS = 20 * 1000 * 1000, BLOCK = 16 * 1024 };

struct slow {
	struct call *call;    /* there as long as its connection asks */
	char *bytes;          /* owned; NULL: of the file */
	int fd;               /* owned; -1 */
	uint64_t offset, end; /* in the file; where the body is cut */
	int64_t rate, start;  /* bytes a second, 0: at once; ns */
};

static uint64_t allowed_at(const struct slow *w, int64_t now)
{
	return 1 + (uint64_t)((double)(now - w->start) * (double)w->rate / NS_PER_S);
}

/* Not busily: the connection sleeps until its next byte, or a step's worth of them. */
static void sleep_until(struct slow *w, uint64_t pos, int64_t now)
{
	int64_t due = w->start + (int64_t)((double)pos * NS_PER_S / (double)w->rate);
	MHD_suspend_connection(w->call->mhd);
	timer_add(w->call, due > now + STEP_NS ? due : now + STEP_NS);
}

static ssize_t copy(struct slow *w, uint64_t pos, char *out, size_t n)
{
	if (w->bytes) {
		memcpy(out, w->bytes + pos, n);
		return (ssize_t)n;
	}
	ssize_t got = pread(w->fd, out, n, (off_t)(w->offset + pos));
	return got > 0 ? got : MHD_CONTENT_READER_END_WITH_ERROR;
}

static ssize_t give(void *cls, uint64_t pos, char *out, size_t max)
{
	struct slow *w = cls;
	uint64_t n = w->end - pos;
	if (pos >= w->end || atomic_load(&w->call->server->closing))
		return MHD_CONTENT_READER_END_WITH_ERROR;
	if (w->rate && !faults_removed_since(w->call->server->faults, &w->call->fault)) {
		int64_t now = timer_now();
		uint64_t allowed = allowed_at(w, now);
		if (allowed <= pos) {
			sleep_until(w, pos, now);
			return 0;
		}
		n = n < allowed - pos ? n : allowed - pos;
	}
	return copy(w, pos, out, n < max ? (size_t)n : max);
}

static void slow_free(void *cls)
{
	struct slow *w = cls;
	free(w->bytes);
	if (w->fd >= 0)
		close(w->fd);
	free(w);
}

struct MHD_Response *slow_response(struct call *c, uint64_t length)
{
	const struct fault_rule *rule = c->fault.rule;
	struct reply *r = &c->reply;
	struct slow *w = xalloc(sizeof *w);
	*w = (struct slow){.call = c, .fd = r->fd, .offset = r->offset, .end = length};
	if (c->fault.action == FAULT_THROTTLE)
		w->rate = rule->rate.set ? rule->rate.v : 1;
	else
		w->end = rule->bytes.set && (uint64_t)rule->bytes.v < length
			? (uint64_t)rule->bytes.v
			: length / 2;
	if (r->fd < 0)
		w->bytes = r->body.data;
	r->fd = -1;
	r->body = (struct buf){0};
	w->start = timer_now();
	struct MHD_Response *m =
		MHD_create_response_from_callback(length, BLOCK, give, w, slow_free);
	if (!m)
		slow_free(w);
	return m;
}
