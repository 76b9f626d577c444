#include "run/save.h"

#include "base/fs.h"
#include "base/text.h"
#include "model/oci_uri.h"
#include "oci/dataflow.h"
#include "oci/objectstorage.h"
#include "run/log.h"

/* Just after its end a run's logs may be late: the waits grow from 250 ms, doubled, ten seconds in all. */
enum { FIRST_WAIT_MS = 250, LAST_WAIT_MS = 4000, PATIENCE_MS = 10000 };

struct save {
	struct oci *oci;
	struct save_options o;
	save_done_fn *done;
	void *ctx;
	struct arena *arena;
	struct folder folder;
	const char *app_name;
	struct node *script; /* of run.json */
	struct oci_uri uri;  /* of the script */
	const char *script_file;
	struct node *logs;
	const struct run_log *list;
	size_t n, at; /* of list; the one that is being had */
	const char **files;
	int64_t left, wait;
	struct save_result result;
};

/* What comes with ERR_INTERRUPTED comes from the end of the session: what is not done stays so. */
static void fail(struct save *s, const struct err *err)
{
	if (!s->result.err.kind)
		s->result.err = *err;
}

static const char *path_of(const struct save *s, const char *file)
{
	return arena_printf(s->arena, "%s/%s", s->folder.path, file); /* a file may be called "~" */
}

static struct node *application(const struct save *s)
{
	struct arena *a = s->arena;
	struct node *n = node_map(a);
	const char *before =
		node_get_str(s->folder.record ? node_get(s->folder.record, "application") : NULL,
			"display_name");
	node_put(a, n, "id", node_str(a, s->o.run->application_id));
	node_put(a, n, "display_name", node_str(a, s->app_name ? s->app_name : before));
	return n;
}

static struct node *record(const struct save *s)
{
	struct arena *a = s->arena;
	struct node *n = node_map(a);
	node_put(a, n, "format_version", node_str(a, "1.0"));
	node_put(a, n, "id", node_str(a, s->o.run->id));
	node_put(a, n, "console", node_str(a, s->o.console));
	node_put(a, n, "application", application(s));
	node_put(a, n, "script", s->script ? s->script : node_null(a));
	node_put(a, n, "logs", s->logs ? s->logs : node_seq(a));
	node_put(a, n, "complete", node_bool(a, s->result.complete));
	node_put(a, n, "run", field_encode(&run_record, s->o.run, FORM_YAML, a));
	return save_keep_hidden(a, n, s->folder.record);
}

static void write_record(struct save *s)
{
	struct err err;
	buf_auto text = {0};
	node_to_json(record(s), NODE_JSON_INDENT, &text);
	if (!text_ends(buf_str(&text), "\n"))
		buf_addc(&text, '\n');
	if (s->o.redact)
		s->o.redact(s->o.ctx, &text);
	if (!fs_write(path_of(s, FOLDER_RECORD), buf_str(&text), text.len, fs_new_mode(), &err))
		fail(s, &err);
}

static void end(struct save *s)
{
	if (s->folder.path) {
		bool ended = run_state_is_terminal(s->o.run->lifecycle_state);
		s->result.complete = s->o.logs && ended && !s->result.err.kind;
		write_record(s);
		s->result.complete = s->result.complete && !s->result.err.kind;
	}
	s->result.folder = s->folder.path;
	s->done(s->ctx, &s->result);
}

static void put_log(struct save *s, const struct run_log *log, const char *file)
{
	struct arena *a = s->arena;
	struct node *n = node_map(a);
	node_put(a, n, "name", node_str(a, log->name));
	node_put(a, n, "source", node_str(a, log->source));
	node_put(a, n, "type", node_str(a, log->type));
	if (log->size_in_bytes.set)
		node_put(a, n, "size", node_int(a, log->size_in_bytes.v));
	node_put(a, n, "uri", node_str(a, log_uri(a, s->o.run, log->name)));
	node_put(a, n, "file", node_str(a, file));
	node_append(a, s->logs, n);
}

static void next_log(struct save *s);

static void on_log(void *ctx, const struct err *err, const char *text, size_t len)
{
	struct save *s = ctx;
	struct err failed = *err;
	if (err->kind == ERR_INTERRUPTED)
		return;
	const struct run_log *log = &s->list[s->at];
	const char *file = save_log_name(s->arena, log, s->files, s->at);
	s->files[s->at++] = file;
	if (!failed.kind && !fs_write(path_of(s, file), text, len, fs_new_mode(), &failed))
		file = NULL;
	if (failed.kind)
		fail(s, &failed);
	put_log(s, log, failed.kind ? NULL : file);
	next_log(s);
}

static void next_log(struct save *s)
{
	if (s->at == s->n)
		end(s);
	else
		dataflow_run_log_get(s->oci, s->o.run->id, s->list[s->at].name, on_log, s);
}

static void list_logs(void *ctx);

/* A cancelled run may never have begun: it is not waited for logs that do not come. */
static bool may_be_late(const struct save *s, const struct run_log *logs, size_t n)
{
	bool has_both = log_choose(logs, n, RUN_STDOUT) && log_choose(logs, n, RUN_STDERR);
	return !has_both && s->o.fresh && s->left > 0 &&
		!text_equal(s->o.run->lifecycle_state, "CANCELED");
}

static void on_list(void *ctx, const struct err *err, const struct run_log *logs, size_t n)
{
	struct save *s = ctx;
	bool none = err->kind == ERR_NOT_FOUND;
	if (err->kind == ERR_INTERRUPTED)
		return;
	if (err->kind && !none) {
		fail(s, err);
		end(s);
		return;
	}
	if (may_be_late(s, logs, n)) {
		int64_t wait = s->wait < s->left ? s->wait : s->left;
		s->left -= wait;
		s->wait = 2 * s->wait < LAST_WAIT_MS ? 2 * s->wait : LAST_WAIT_MS;
		http_after(oci_http(s->oci), wait, list_logs, s);
		return;
	}
	s->list = logs;
	s->n = n;
	s->files = arena_array(s->arena, n, sizeof *s->files);
	next_log(s);
}

static void list_logs(void *ctx)
{
	struct save *s = ctx;
	dataflow_run_log_list(s->oci, s->o.run->id, on_list, s);
}

static void after_script(struct save *s)
{
	if (s->o.logs)
		s->logs = node_seq(s->arena);
	else if (s->folder.record)
		s->logs = node_get(s->folder.record, "logs");
	if (s->o.logs)
		list_logs(s);
	else
		end(s);
}

static void on_script(void *ctx, const struct err *err)
{
	struct save *s = ctx;
	if (err->kind == ERR_INTERRUPTED)
		return;
	if (!err->kind)
		node_put(s->arena, s->script, "file", node_str(s->arena, s->script_file));
	else if (err->kind == ERR_NOT_FOUND)
		s->result.lacks = arena_strdup(s->arena, err->text);
	else
		fail(s, err);
	after_script(s);
}

/* Whether it was put there after the run had been made. Object Storage tells whole seconds: not within that of the launch. */
static bool is_later(const struct object *script, const struct run *run)
{
	int64_t made, changed;
	return script->time_modified && run->time_created &&
		text_parse_rfc3339(script->time_modified, &changed) &&
		text_parse_rfc3339(run->time_created, &made) && changed > made;
}

static struct node *script_node(struct save *s, const struct object *o)
{
	static const char *const names[] = {
		"size", "etag", "version_id", "md5", "sha256", "time_modified"};
	struct arena *a = s->arena;
	const struct node *all = field_encode(&object_record, o, FORM_YAML, a);
	struct node *n = node_map(a);
	node_put(a, n, "uri", node_str(a, s->o.run->file_uri));
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		struct node *value = node_get(all, names[i]);
		if (value)
			node_put(a, n, names[i], value);
	}
	return n;
}

static void on_head(void *ctx, const struct err *err, const struct object *object)
{
	struct save *s = ctx;
	if (err->kind == ERR_INTERRUPTED)
		return;
	if (err->kind) {
		on_script(s, err);
		return;
	}
	if (is_later(object, s->o.run)) {
		s->result.lacks = arena_printf(s->arena,
			"%s was changed after the run had been launched", s->o.run->file_uri);
		after_script(s);
		return;
	}
	s->script = script_node(s, object);
	s->script_file = save_script_name(s->arena, s->uri.object);
	storage_object_download(s->oci, s->uri.ns, s->uri.bucket, s->uri.object,
		path_of(s, s->script_file), on_script, s);
}

/* The script that was kept before is the one that ran. */
static bool has_script(struct save *s)
{
	struct node *kept = s->folder.record ? node_get(s->folder.record, "script") : NULL;
	const char *file = node_get_str(kept, "file");
	if (!file || strchr(file, '/') || !fs_exists(path_of(s, file)))
		return false;
	s->script = kept;
	return true;
}

static void have_folder(struct save *s)
{
	struct err err;
	if (!folder_claim(s->arena, s->o.base, s->app_name, s->o.run, &s->folder, &err)) {
		fail(s, &err);
		end(s);
		return;
	}
	bool kept = has_script(s);
	if (!s->folder.record)
		write_record(s);
	if (s->result.err.kind)
		end(s);
	else if (kept || !s->o.run->file_uri ||
		!oci_uri_parse(s->o.run->file_uri, s->arena, &s->uri))
		after_script(s);
	else
		storage_object_head(s->oci, s->uri.ns, s->uri.bucket, s->uri.object, on_head, s);
}

/* An application that is gone has no name any more. */
static void on_application(
	void *ctx, const struct err *err, const struct application *app, const char *etag)
{
	(void)etag;
	struct save *s = ctx;
	if (err->kind == ERR_INTERRUPTED)
		return;
	if (err->kind && err->kind != ERR_NOT_FOUND) {
		fail(s, err);
		end(s);
		return;
	}
	s->app_name = err->kind ? NULL : arena_strdup(s->arena, app->display_name);
	have_folder(s);
}

void save_run(struct oci *oci, const struct save_options *o, save_done_fn *done, void *ctx)
{
	struct save *s = arena_new(oci_arena(oci), struct save);
	*s = (struct save){.oci = oci,
		.o = *o,
		.done = done,
		.ctx = ctx,
		.arena = oci_arena(oci),
		.app_name = o->app_name,
		.left = PATIENCE_MS,
		.wait = FIRST_WAIT_MS};
	folder_find(s->arena, o->base, o->run, &s->folder);
	if (s->app_name || s->folder.path || text_empty(o->run->application_id))
		have_folder(s);
	else
		dataflow_application_get(oci, o->run->application_id, on_application, s);
}
