/* The logs of a run. */
#include "base/text.h"
#include "oci/call.h"
#include "oci/dataflow.h"
#include "oci/dataflow_call.h"

#include <string.h>
#include <zlib.h>

enum { LOG_MAX = 256 * 1024 * 1024 };
/* gzip makes a thousandth of nothing at all, a log is seldom less than a fiftieth: what is larger than so many bytes and
   so many times its gzip is made to fill the memory. */
enum { BOMB_FROM = 16 * 1024 * 1024, BOMB_TIMES = 400 };

struct listing {
	dataflow_log_list_fn *done;
	void *ctx;
	struct oci *oci;
	struct run_log *v;
	size_t n, cap;
};

static bool on_logs(void *ctx, struct call *c, const struct node *page, struct err *err)
{
	struct listing *l = ctx;
	if (page->kind != NODE_SEQ)
		return err_set(
			err, ERR_PROTOCOL, "%s: the service's reply is no list", c->http.what);
	for (size_t i = 0; i < page->u.seq.n; i++) {
		const struct run_log *log = call_decode(c, page->u.seq.v[i], &run_log_record, err);
		if (!log || !call_has(c, "name", log->name, err))
			return false;
		l->v = arena_grow(oci_arena(l->oci), l->v, l->n, &l->cap, sizeof *l->v);
		l->v[l->n++] = *log;
	}
	return true;
}

static void on_logs_end(void *ctx, const struct err *err)
{
	struct listing *l = ctx;
	l->done(l->ctx, err, l->v, err->kind ? 0 : l->n);
}

void dataflow_run_log_list(
	struct oci *oci, const char *run_id, dataflow_log_list_fn *done, void *ctx)
{
	struct listing *l = arena_new(oci_arena(oci), struct listing);
	*l = (struct listing){.done = done, .ctx = ctx, .oci = oci};
	struct call *c = dataflow_call(oci, "GET", "list logs of run %s", run_id);
	call_path(c, "/runs/%s/logs", text_percent(&c->arena, run_id));
	call_pages(c, on_logs, on_logs_end, l);
}

struct asking {
	dataflow_log_fn *done;
	void *ctx;
};

/* A log may come as its .gz bytes or, by content-encoding, as its text: the magic number tells. */
static bool is_gzip(const struct buf *b)
{
	return b->len >= 2 && (unsigned char)b->data[0] == 0x1f &&
		(unsigned char)b->data[1] == 0x8b;
}

/* Several gzip members behind one another are one text. */
static bool gunzip(const struct buf *in, struct buf *out, struct err *err)
{
	unsigned char piece[64 * 1024];
	z_stream z = {.next_in = (unsigned char *)in->data, .avail_in = (unsigned)in->len};
	int status = inflateInit2(&z, 16 + MAX_WBITS);
	bool fits = true, bomb = false;
	while (status == Z_OK && fits && !bomb) {
		z.next_out = piece;
		z.avail_out = sizeof piece;
		status = inflate(&z, Z_NO_FLUSH);
		if (status == Z_OK || status == Z_STREAM_END)
			fits = buf_add(out, piece, sizeof piece - z.avail_out);
		bomb = out->len > BOMB_FROM && out->len / BOMB_TIMES > in->len - z.avail_in;
		if (status == Z_STREAM_END && z.avail_in)
			status = inflateReset(&z);
	}
	inflateEnd(&z);
	if (bomb)
		return err_set(err, ERR_LIMIT,
			"the log's gzip holds more than %d times as many bytes: refused",
			BOMB_TIMES);
	if (!fits)
		return err_set(err, ERR_LIMIT, "the log is larger than %d MiB", LOG_MAX >> 20);
	if (status != Z_STREAM_END)
		return err_set(err, ERR_PROTOCOL, "the log's gzip is damaged");
	return true;
}

static void on_log(void *ctx, struct call *c, struct http_reply *reply)
{
	struct asking *k = ctx;
	struct err err = reply->err;
	buf_auto text = {.max = LOG_MAX};
	const struct buf *from = &reply->body;
	if (!err.kind && is_gzip(from)) {
		if (!gunzip(from, &text, &err))
			err_wrap(&err, "%s", c->http.what);
		from = &text;
	}
	if (err.kind)
		k->done(k->ctx, &err, NULL, 0);
	else
		k->done(k->ctx, &err, buf_str(from), from->len);
}

void dataflow_run_log_get(
	struct oci *oci, const char *run_id, const char *name, dataflow_log_fn *done, void *ctx)
{
	struct asking *k = arena_new(oci_arena(oci), struct asking);
	*k = (struct asking){done, ctx};
	struct call *c = dataflow_call(oci, "GET", "get log %s of run %s", name, run_id);
	call_path(c, "/runs/%s/logs/%s", text_percent(&c->arena, run_id),
		text_percent(&c->arena, name));
	c->http.max_body = LOG_MAX;
	call_start(c, on_log, k);
}
