#include "local/dataflow/dataflow_logs.h"

#include "base/fs.h"
#include "base/text.h"
#include "local/store/store.h"
#include "model/oci_uri.h"

#include <string.h>
#include <sys/stat.h>

bool dataflow_log_find(struct request *r, const struct run *run,
	const struct runner_place_log *stream, struct dataflow_log *ret)
{
	struct arena *a = r->arena;
	struct oci_uri uri;
	*ret = (struct dataflow_log){.stream = stream, .fd = -1};
	const char *name = runner_place_log_object(a, run, stream, &uri);
	ret->bucket = uri.bucket;
	if (name &&
		object_row_get(store_db(r->service->store), a, uri.bucket, name, &ret->object)) {
		ret->size = (int64_t)ret->object.size;
		ret->time = ret->object.time_created;
		return true;
	}
	ret->object.name = NULL;
	if (!stream->file)
		return false;
	struct stat st;
	struct err none;
	ret->fd = fs_open_regular(
		runner_place_log_file(a, r->service->home, run->id, stream), &st, &none);
	if (ret->fd < 0)
		return false;
	ret->size = st.st_size;
	ret->time = (int64_t)st.st_mtim.tv_sec * 1000 + st.st_mtim.tv_nsec / 1000000;
	return true;
}

bool dataflow_log_run(struct request *r, struct reply *reply, struct run *ret)
{
	struct dataflow_row row;
	if (!dataflow_row_get(
		    store_db(r->service->store), &dataflow_run_table, r->args[0], r->arena, &row)) {
		dataflow_not_found(reply);
		return false;
	}
	dataflow_row_parse(&row, r->arena);
	field_decode(&run_record, row.record, FORM_REPLY, "", r->arena, ret, NULL, NULL);
	return true;
}

#define DRIVER "spark_driver"
#define EXECUTOR "spark_executor"

static const char *source_of(const char *name)
{
	return text_starts(name, DRIVER)      ? "DRIVER"
		: text_starts(name, EXECUTOR) ? "EXECUTOR"
					      : "APPLICATION";
}

/* The two of every application, then those of driver and executors, by name; ends with object NULL. */
static const struct runner_place_log *all_logs(struct request *r, const struct run *run)
{
	struct arena *a = r->arena;
	struct oci_uri uri;
	size_t n = 0, cap = 0;
	struct runner_place_log *v = NULL;
	for (const struct runner_place_log *s = runner_place_logs; s->object; s++) {
		v = arena_grow(a, v, n, &cap, sizeof *v);
		v[n++] = *s;
	}
	const char *first =
		runner_place_log_object(a, run, &(struct runner_place_log){.object = DRIVER}, &uri);
	const char *behind = runner_place_log_object(
		a, run, &(struct runner_place_log){.object = "spark_f"}, &uri);
	sqlite3_stmt *st = store_prepare(store_db(r->service->store),
		"SELECT name FROM objects WHERE bucket = (SELECT id FROM buckets WHERE name = ?1)"
		" AND name >= ?2 AND name < ?3 ORDER BY name",
		"sss", first ? uri.bucket : "", first ? first : "", behind ? behind : "");
	while (sqlite3_step(st) == SQLITE_ROW) {
		const char *name = strrchr(store_text(a, st, 0), '/') + 1;
		bool out = strstr(name, "stdout");
		v = arena_grow(a, v, n, &cap, sizeof *v);
		v[n++] = (struct runner_place_log){
			.object = name, .type = out ? "STDOUT" : "STDERR"};
	}
	store_done(st);
	v = arena_grow(a, v, n, &cap, sizeof *v);
	v[n] = (struct runner_place_log){0};
	return v;
}

/* NULL if there is none. */
static struct node *entry_of(
	struct request *r, const struct run *run, const struct runner_place_log *s)
{
	struct dataflow_log log;
	char time[32];
	if (!dataflow_log_find(r, run, s, &log))
		return NULL;
	struct run_log entry = {.name = s->object,
		.run_id = run->id,
		.source = source_of(s->object),
		.type = s->type,
		.size_in_bytes = {true, log.size},
		.time_created = text_rfc3339(log.time, time)};
	if (log.fd >= 0)
		close(log.fd);
	return field_encode(&run_log_record, &entry, FORM_REPLY, r->arena);
}

void dataflow_list_run_logs(struct request *r, struct reply *reply)
{
	struct run run;
	int64_t limit;
	const char *after;
	if (!dataflow_log_run(r, reply, &run) || !request_page(r, 100, 1000, &limit, &after, reply))
		return;
	struct node *list = node_seq(r->arena);
	const char *last = NULL;
	for (const struct runner_place_log *s = all_logs(r, &run); s->object; s++) {
		struct node *entry = strcmp(s->object, after) > 0 ? entry_of(r, &run, s) : NULL;
		if (entry && (int64_t)list->u.seq.n == limit) {
			reply_next_page(reply, r, last);
			break;
		}
		if (entry)
			node_append(r->arena, list, entry);
		last = s->object;
	}
	reply_json(reply, 200, list);
}

static void reply_object(struct request *r, struct reply *reply, const struct dataflow_log *log)
{
	struct err err;
	uint64_t size;
	reply->fd =
		store_object_open(r->service->store, log->bucket, log->object.name, &size, &err);
	if (reply->fd < 0) {
		dataflow_not_found(reply);
		return;
	}
	reply->length = size;
	if (text_ends(log->object.name, ".gz"))
		reply_field(reply, "content-encoding", "gzip");
	reply_field(reply, "etag", log->object.etag);
}

void dataflow_get_run_log(struct request *r, struct reply *reply)
{
	struct run run;
	if (!dataflow_log_run(r, reply, &run))
		return;
	const struct runner_place_log *s = all_logs(r, &run);
	while (s->object && strcmp(s->object, r->args[1]))
		s++;
	struct dataflow_log log;
	if (!s->object || !dataflow_log_find(r, &run, s, &log)) {
		dataflow_not_found(reply);
		return;
	}
	reply->status = 200;
	reply_field(reply, "content-type", "application/octet-stream");
	if (log.object.name) {
		reply_object(r, reply, &log);
		return;
	}
	reply->fd = log.fd;
	reply->length = (uint64_t)log.size;
}
