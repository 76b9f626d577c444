#include "run/log.h"

#include "base/text.h"
#include "oci/dataflow.h"

#include <string.h>

/* The waits grow from 250 ms, doubled, to 4 s. */
enum { FIRST_WAIT_MS = 250, LAST_WAIT_MS = 4000 };

struct fetch {
	struct oci *oci;
	const char *run_id;
	enum run_stream stream;
	int64_t left, wait;
	log_fetch_fn *done;
	void *ctx;
};

static void look(void *ctx);

/* Nothing yet: again after a while, or the end. */
static void not_yet(struct fetch *f, const struct err *err)
{
	if (f->left <= 0) {
		f->done(f->ctx, err, NULL, 0);
		return;
	}
	int64_t wait = f->wait < f->left ? f->wait : f->left;
	f->left -= wait;
	f->wait = 2 * f->wait < LAST_WAIT_MS ? 2 * f->wait : LAST_WAIT_MS;
	http_after(oci_http(f->oci), wait, look, f);
}

static void on_text(void *ctx, const struct err *err, const char *text, size_t len)
{
	struct fetch *f = ctx;
	if (err->kind == ERR_NOT_FOUND)
		not_yet(f, err);
	else
		f->done(f->ctx, err, text, len);
}

static void on_list(void *ctx, const struct err *err, const struct run_log *logs, size_t n)
{
	struct fetch *f = ctx;
	if (err->kind && err->kind != ERR_NOT_FOUND) {
		f->done(f->ctx, err, NULL, 0);
		return;
	}
	const struct run_log *log = err->kind ? NULL : log_choose(logs, n, f->stream);
	if (log) {
		dataflow_run_log_get(f->oci, f->run_id, log->name, on_text, f);
		return;
	}
	struct err none;
	err_set(&none, ERR_NOT_FOUND, "the service has no %s of this run%s",
		f->stream == RUN_STDOUT ? "standard output" : "standard error",
		n ? "" : " yet: Data Flow has logs when a run has ended");
	not_yet(f, err->kind ? err : &none);
}

static void look(void *ctx)
{
	struct fetch *f = ctx;
	dataflow_run_log_list(f->oci, f->run_id, on_list, f);
}

void log_fetch(struct oci *oci, const char *run_id, enum run_stream stream, int64_t patience_ms,
	log_fetch_fn *done, void *ctx)
{
	struct fetch *f = arena_new(oci_arena(oci), struct fetch);
	*f = (struct fetch){oci, run_id, stream, patience_ms, FIRST_WAIT_MS, done, ctx};
	look(f);
}

const struct run_log *log_choose(const struct run_log *logs, size_t n, enum run_stream stream)
{
	const char *type = stream == RUN_STDOUT ? "STDOUT" : "STDERR";
	for (size_t i = 0; i < n; i++)
		if (text_equal(logs[i].source, "APPLICATION") && text_equal(logs[i].type, type))
			return &logs[i];
	return NULL;
}

char *log_uri(struct arena *a, const struct run *run, const char *name)
{
	const char *bucket = run->logs_bucket_uri;
	if (text_empty(bucket) || text_empty(run->opc_request_id))
		return NULL;
	return arena_printf(a, "%s%s%s/%s", bucket, text_ends(bucket, "/") ? "" : "/",
		run->opc_request_id, name);
}

int64_t log_patience(const struct run *run, int64_t now_ms)
{
	enum { FRESH_MS = 120 * 1000, PATIENCE_MS = 10 * 1000 };
	int64_t changed;
	bool fresh = run_state_is_terminal(run->lifecycle_state) && run->time_updated &&
		text_parse_rfc3339(run->time_updated, &changed) && now_ms - changed < FRESH_MS;
	return fresh ? PATIENCE_MS : 0;
}

size_t log_tail_at(const char *text, size_t len, size_t lines)
{
	size_t at = len && text[len - 1] == '\n' ? len - 1 : len;
	for (; at > 0; at--)
		if (text[at - 1] == '\n' && --lines == 0)
			return at;
	return 0;
}

size_t log_head_end(const char *text, size_t len, size_t lines)
{
	size_t at = 0;
	for (const char *end; lines && at < len; lines--) {
		end = memchr(text + at, '\n', len - at);
		at = end ? (size_t)(end - text) + 1 : len;
	}
	return at;
}

struct text_wait {
	struct arena *arena;
	struct err err;
	const char *text;
	size_t len;
};

static void on_whole(void *ctx, const struct err *err, const char *text, size_t len)
{
	struct text_wait *w = ctx;
	w->err = *err;
	w->text = err->kind ? NULL : arena_strndup(w->arena, text, len);
	w->len = len;
}

bool run_log_text(struct oci *oci, const char *run_id, enum run_stream stream, int64_t patience_ms,
	const char **ret, size_t *len, struct err *err)
{
	struct text_wait *w = arena_new(oci_arena(oci), struct text_wait);
	w->arena = oci_arena(oci);
	log_fetch(oci, run_id, stream, patience_ms, on_whole, w);
	if (!oci_run(oci, err))
		return false;
	if (w->err.kind) {
		*err = w->err;
		return false;
	}
	*ret = w->text;
	*len = w->len;
	return true;
}

struct list_wait {
	struct err err;
	const struct run_log *logs;
	size_t n;
};

static void on_listed(void *ctx, const struct err *err, const struct run_log *logs, size_t n)
{
	*(struct list_wait *)ctx = (struct list_wait){*err, logs, n};
}

bool run_logs(struct oci *oci, const char *run_id, const struct run_log **ret, size_t *ret_n,
	struct err *err)
{
	struct list_wait *w = arena_new(oci_arena(oci), struct list_wait);
	dataflow_run_log_list(oci, run_id, on_listed, w);
	if (!oci_run(oci, err))
		return false;
	if (w->err.kind) {
		*err = w->err;
		return false;
	}
	*ret = w->logs;
	*ret_n = w->n;
	return true;
}

bool run_log_named(struct oci *oci, const char *run_id, const char *name, const char **ret,
	size_t *len, struct err *err)
{
	struct text_wait *w = arena_new(oci_arena(oci), struct text_wait);
	w->arena = oci_arena(oci);
	dataflow_run_log_get(oci, run_id, name, on_whole, w);
	if (!oci_run(oci, err))
		return false;
	if (w->err.kind) {
		*err = w->err;
		return false;
	}
	*ret = w->text;
	*len = w->len;
	return true;
}
