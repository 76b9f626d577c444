#include "run/check.h"

#include "base/map.h"
#include "base/text.h"
#include "model/oci_uri.h"
#include "oci/dataflow.h"
#include "oci/objectstorage.h"
#include "run/log.h"
#include "run/logline.h"

#include <string.h>

enum { LOG_PATIENCE_MS = 8000, MANIFEST_MAX = 256 << 20 };

struct checking {
	struct oci *oci;
	const struct run *run;
	const struct check_decl *v;
	size_t n, at;
	struct check_result *results;
	const struct pairs *secrets;
	check_done_fn *done;
	void *ctx;
	struct arena arena; /* of what is looked at */
	bool has_printed;
	struct buf printed; /* without what was logged */
	/* Of the check under way. */
	struct oci_uri uri;
	struct check_found found;
	struct map objects;
	struct buf manifest;
	const struct run_log *logs;
	size_t logs_n, log_at;
};

static void next(struct checking *c);

static void end(struct checking *c, const struct err *err)
{
	struct err wrapped = *err;
	if (err->kind && err->kind != ERR_INTERRUPTED)
		err_wrap(&wrapped, "check %s", c->v[c->at].head.key);
	c->done(c->ctx, &wrapped, err->kind ? NULL : c->results, err->kind ? 0 : c->n);
	buf_clear(&c->printed);
	buf_clear(&c->manifest);
	arena_clear(&c->arena);
}

static void conclude(struct checking *c, bool ok, const char *text)
{
	c->results[c->at] = (struct check_result){
		.decl = &c->v[c->at], .ok = ok, .text = arena_strdup(oci_arena(c->oci), text)};
	c->at++;
	next(c);
}

/* A bucket or an object that is not there is an answer; that nobody answers is none. */
static void miss(struct checking *c, const struct err *err)
{
	if (err->kind == ERR_NOT_FOUND)
		conclude(c, false,
			arena_printf(&c->arena, "%.*s", (int)strcspn(err->text, "\n"), err->text));
	else
		end(c, err);
}

/* ---- printed ---- */

static void keep_printed(struct checking *c, const char *text, size_t len)
{
	struct logline state = {0};
	for (const char *at = text, *stop = text + len, *newline; at < stop; at = newline + 1) {
		newline = memchr(at, '\n', (size_t)(stop - at));
		newline = newline ? newline : stop;
		const char *line = at;
		size_t n = (size_t)(newline - at);
		if (logline_is_log(&state, &line, &n))
			continue;
		buf_add(&c->printed, line, n);
		buf_addc(&c->printed, '\n');
	}
	c->has_printed = true;
}

static void look_at_printed(struct checking *c)
{
	const char *text;
	bool ok = check_printed(
		c->v[c->at].printed, buf_str(&c->printed), c->printed.len, &c->arena, &text);
	conclude(c, ok, text);
}

static void on_log(void *ctx, const struct err *err, const char *text, size_t len)
{
	struct checking *c = ctx;
	if (err->kind) {
		miss(c, err);
		return;
	}
	keep_printed(c, text, len);
	look_at_printed(c);
}

/* ---- not_logged ---- */

static void look_at_next_log(struct checking *c);

static void on_next_log(void *ctx, const struct err *err, const char *text, size_t len)
{
	struct checking *c = ctx;
	const char *where, *name = c->logs[c->log_at].name;
	if (err->kind) {
		miss(c, err);
		return;
	}
	if (!check_not_logged(
		    &c->v[c->at].not_logged, c->secrets, name, text, len, &c->arena, &where)) {
		conclude(c, false, where);
		return;
	}
	c->log_at++;
	look_at_next_log(c);
}

static void look_at_next_log(struct checking *c)
{
	if (c->log_at < c->logs_n)
		dataflow_run_log_get(c->oci, c->run->id, c->logs[c->log_at].name, on_next_log, c);
	else
		conclude(c, true, arena_printf(&c->arena, "in none of %zu logs", c->logs_n));
}

static void on_logs(void *ctx, const struct err *err, const struct run_log *logs, size_t n)
{
	struct checking *c = ctx;
	if (err->kind) {
		miss(c, err);
		return;
	}
	c->logs = logs;
	c->logs_n = n;
	c->log_at = 0;
	look_at_next_log(c);
}

/* That it is there says that the others are, too. */
static void on_first_log(void *ctx, const struct err *err, const char *text, size_t len)
{
	struct checking *c = ctx;
	if (err->kind) {
		miss(c, err);
		return;
	}
	if (!c->has_printed)
		keep_printed(c, text, len);
	dataflow_run_log_list(c->oci, c->run->id, on_logs, c);
}

/* ---- objects ---- */

static void on_object(void *ctx, const struct err *err, const struct object *object)
{
	struct checking *c = ctx;
	const char *text;
	if (object) {
		c->found.count++;
		c->found.bytes += (uint64_t)object->size.v;
		return;
	}
	if (err->kind) {
		miss(c, err);
		return;
	}
	bool ok = check_objects(&c->v[c->at], &c->found, &c->arena, &text);
	conclude(c, ok, text);
}

/* ---- manifest ---- */

static void on_listed(void *ctx, const struct err *err, const struct object *object)
{
	struct checking *c = ctx;
	struct err wrong;
	const char *text = "";
	bool ok = false;
	if (object) {
		struct check_object *o = arena_new(&c->arena, struct check_object);
		*o = (struct check_object){
			object->size.v, object->md5 ? arena_strdup(&c->arena, object->md5) : NULL};
		map_put(&c->objects, object->name, o);
		return;
	}
	if (err->kind) {
		miss(c, err);
		return;
	}
	if (!check_manifest(buf_str(&c->manifest), c->manifest.len, &c->objects, &c->arena, &ok,
		    &text, &wrong)) {
		ok = false;
		text = wrong.text;
	}
	conclude(c, ok, arena_printf(&c->arena, "%s: %s", c->v[c->at].manifest, text));
}

static void on_manifest(void *ctx, const struct err *err, const char *bytes, size_t len)
{
	struct checking *c = ctx;
	if (err->kind) {
		miss(c, err);
		return;
	}
	buf_truncate(&c->manifest, 0);
	buf_add(&c->manifest, bytes, len);
	/* What it names lies beside it. */
	const char *slash = strrchr(c->uri.object, '/');
	const char *folder = arena_strndup(
		&c->arena, c->uri.object, slash ? (size_t)(slash + 1 - c->uri.object) : 0);
	c->objects = (struct map){.arena = &c->arena};
	storage_object_list(c->oci, c->uri.ns, c->uri.bucket, folder, on_listed, c);
}

/* ---- all ---- */

static void begin(struct checking *c, const struct check_decl *check)
{
	const char *address = check->manifest ? check->manifest : check->objects;
	if (check->printed && c->has_printed) {
		look_at_printed(c);
	} else if (check->printed) {
		log_fetch(c->oci, c->run->id, RUN_STDOUT, LOG_PATIENCE_MS, on_log, c);
	} else if (check->not_logged.n && c->has_printed) {
		dataflow_run_log_list(c->oci, c->run->id, on_logs, c);
	} else if (check->not_logged.n) {
		log_fetch(c->oci, c->run->id, RUN_STDOUT, LOG_PATIENCE_MS, on_first_log, c);
	} else if (!oci_uri_parse(address, &c->arena, &c->uri)) {
		conclude(c, false, arena_printf(&c->arena, "%s is no address", address));
	} else if (check->manifest) {
		storage_object_get(c->oci, c->uri.ns, c->uri.bucket, c->uri.object, MANIFEST_MAX,
			on_manifest, c);
	} else {
		c->found = (struct check_found){.uri = check->objects};
		storage_object_list(c->oci, c->uri.ns, c->uri.bucket, c->uri.object, on_object, c);
	}
}

static void next(struct checking *c)
{
	static const struct err none = {0};
	if (c->at == c->n)
		end(c, &none);
	else
		begin(c, &c->v[c->at]);
}

void check_run(struct oci *oci, const struct run *run, const struct keyed *checks,
	const struct pairs *secrets, check_done_fn *done, void *ctx)
{
	struct checking *c = arena_new(oci_arena(oci), struct checking);
	*c = (struct checking){.oci = oci,
		.run = run,
		.v = checks->v,
		.n = checks->n,
		.results = arena_array(oci_arena(oci), checks->n, sizeof *c->results),
		.secrets = secrets,
		.done = done,
		.ctx = ctx};
	next(c);
}
