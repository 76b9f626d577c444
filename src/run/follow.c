#include "run/follow.h"

#include "base/text.h"
#include "oci/dataflow.h"
#include "run/log.h"
#include "run/poll.h"

enum { PATIENCE_MS = 10000 };

/* A log that was seen, and how much of it was given. */
struct piece {
	struct piece *next;
	const char *name;
	size_t given;
};
struct follow {
	struct oci *oci;
	struct follow_options o;
	struct arena *arena;
	struct piece *pieces;
	int64_t wait, left;
	const struct run *ended; /* the run in its last state; NULL: it goes on */
	const struct run_log *list;
	size_t n, at; /* of list */
	bool had_application, news;
};

static void look(void *ctx);
static void next_piece(struct follow *f);

static struct piece *piece_of(struct follow *f, const char *name)
{
	struct piece *p = f->pieces;
	while (p && !text_equal(p->name, name))
		p = p->next;
	if (p)
		return p;
	p = arena_new(f->arena, struct piece);
	*p = (struct piece){f->pieces, arena_strdup(f->arena, name), 0};
	f->pieces = p;
	return p;
}

static void end(struct follow *f, const struct err *err)
{
	f->o.done(f->o.ctx, f->ended, err);
}

static void look_later(struct follow *f)
{
	f->wait = f->news ? POLL_MS : poll_longer(f->oci, f->wait);
	http_after(oci_http(f->oci), f->wait, look, f);
}

/* All that is listed was given: the end, or another look. */
static void end_of_look(struct follow *f)
{
	struct err none = {0};
	if (!f->ended || (!f->had_application && f->left > 0)) {
		f->left -= f->ended ? f->wait : 0;
		look_later(f);
	} else if (f->had_application) {
		end(f, &none);
	} else {
		err_set(&none, ERR_NOT_FOUND, "the service has no %s of this run",
			f->o.stream == RUN_STDOUT ? "standard output" : "standard error");
		end(f, &none);
	}
}

static bool is_source(const struct run_log *log, const char *source)
{
	return text_equal(log->source, source);
}

static bool is_stream(const struct follow *f, const struct run_log *log)
{
	return text_equal(log->type, f->o.stream == RUN_STDOUT ? "STDOUT" : "STDERR");
}

static void give(struct follow *f, struct piece *p, const char *text, size_t len, bool whole)
{
	while (!whole && len > p->given && text[len - 1] != '\n')
		len--;
	if (len <= p->given)
		return;
	f->news = true;
	f->o.lines(f->o.ctx, p->name, text + p->given, len - p->given);
	p->given = len;
}

static void on_text(void *ctx, const struct err *err, const char *text, size_t len)
{
	struct follow *f = ctx;
	const struct run_log *log = &f->list[f->at++];
	if (err->kind == ERR_INTERRUPTED)
		return;
	if (err->kind && err->kind != ERR_NOT_FOUND) {
		end(f, err);
		return;
	}
	if (!err->kind) {
		give(f, piece_of(f, log->name), text, len,
			f->ended || !is_source(log, "APPLICATION"));
		f->had_application |= is_source(log, "APPLICATION");
	}
	next_piece(f);
}

/* The application's log; while there is none, the driver's, each once. */
static bool is_wanted(struct follow *f, const struct run_log *log)
{
	if (!is_stream(f, log))
		return false;
	if (is_source(log, "APPLICATION"))
		return true;
	return !f->ended && is_source(log, "DRIVER") && !log_choose(f->list, f->n, f->o.stream) &&
		!piece_of(f, log->name)->given;
}

static void next_piece(struct follow *f)
{
	while (f->at < f->n && !is_wanted(f, &f->list[f->at]))
		f->at++;
	if (f->at < f->n)
		dataflow_run_log_get(f->oci, f->o.run_id, f->list[f->at].name, on_text, f);
	else
		end_of_look(f);
}

static void on_list(void *ctx, const struct err *err, const struct run_log *logs, size_t n)
{
	struct follow *f = ctx;
	if (err->kind == ERR_INTERRUPTED)
		return;
	if (err->kind && err->kind != ERR_NOT_FOUND) {
		end(f, err);
		return;
	}
	f->list = logs;
	f->n = err->kind ? 0 : n;
	f->at = 0;
	next_piece(f);
}

static void on_run(void *ctx, const struct err *err, const struct run *run, const char *etag)
{
	(void)etag;
	struct follow *f = ctx;
	if (err->kind == ERR_INTERRUPTED)
		return;
	if (err->kind) {
		end(f, err);
		return;
	}
	if (run_state_is_terminal(run->lifecycle_state) && !f->ended) {
		struct run *kept = arena_new(f->arena, struct run);
		field_copy(&run_record, run, kept, f->arena);
		f->ended = kept;
		/* One that was cancelled may never have begun. */
		f->left = text_equal(run->lifecycle_state, "CANCELED") ? 0 : PATIENCE_MS;
	}
	dataflow_run_log_list(f->oci, f->o.run_id, on_list, f);
}

static void look(void *ctx)
{
	struct follow *f = ctx;
	f->news = false;
	dataflow_run_get(f->oci, f->o.run_id, on_run, f);
}

void follow_run(struct oci *oci, const struct follow_options *o)
{
	struct follow *f = arena_new(oci_arena(oci), struct follow);
	*f = (struct follow){.oci = oci, .o = *o, .arena = oci_arena(oci)};
	f->wait = POLL_MS;
	look(f);
}
