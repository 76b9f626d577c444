#include "report/printed.h"

#include "base/csv.h"
#include "base/map.h"
#include "report/rows.h"
#include "run/logline.h"

#include <string.h>

/* A line of the program's: of n bytes, and whether a newline follows. */
typedef void line_fn(void *ctx, const char *line, size_t n, bool ended);

/* Calls fn for each; returns how many were logged. */
static size_t each_line(const char *log, size_t len, line_fn *fn, void *ctx)
{
	struct logline state = {0};
	size_t logged = 0;
	for (const char *at = log, *end = log + len, *newline; at < end; at = newline + 1) {
		newline = memchr(at, '\n', (size_t)(end - at));
		bool ended = newline;
		newline = newline ? newline : end;
		const char *line = at;
		size_t n = (size_t)(newline - at);
		if (logline_is_log(&state, &line, &n))
			logged++;
		else
			fn(ctx, line, n, ended);
	}
	return logged;
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static void trim(const char **line, size_t *n)
{
	while (*n && is_space(**line)) {
		++*line;
		--*n;
	}
	while (*n && is_space((*line)[*n - 1]))
		--*n;
}

/* The object or array that a line is; NULL: it is none. */
static struct node *json_of(struct arena *a, const char *line, size_t n)
{
	struct err err;
	if (!n || (*line != '{' && *line != '['))
		return NULL;
	return node_from_json(a, line, n, &err);
}

struct job {
	struct buf *out;
	struct printed_count count;
	struct map columns; /* of objects */
	const char **names;
};

static void on_raw(void *ctx, const char *line, size_t n, bool ended)
{
	struct job *j = ctx;
	buf_add(j->out, line, n);
	if (ended)
		buf_addc(j->out, '\n');
	j->count.kept++;
}

static void on_jsonl(void *ctx, const char *line, size_t n, bool ended)
{
	(void)ended;
	struct job *j = ctx;
	arena_auto a = {0};
	trim(&line, &n);
	if (json_of(&a, line, n)) {
		buf_add(j->out, line, n);
		buf_addc(j->out, '\n');
		j->count.kept++;
	} else {
		j->count.unfit += n != 0;
	}
}

/* The first time through: which columns there are. */
static void on_columns(void *ctx, const char *line, size_t n, bool ended)
{
	(void)ended;
	struct job *j = ctx;
	arena_auto a = {0};
	trim(&line, &n);
	const struct node *object = json_of(&a, line, n);
	bool is_object = object && object->kind == NODE_MAP;
	j->count.is_columns = j->count.is_columns || is_object;
	for (size_t i = 0; is_object && i < object->u.map.n; i++)
		if (!map_has(&j->columns, object->u.map.v[i].key))
			map_put(&j->columns, object->u.map.v[i].key, j);
}

static void on_record(void *ctx, const char *line, size_t n, bool ended)
{
	(void)ended;
	struct job *j = ctx;
	arena_auto a = {0};
	trim(&line, &n);
	const struct node *object = json_of(&a, line, n);
	if (object && object->kind == NODE_MAP) {
		rows_csv(j->names, object, j->out);
		j->count.kept++;
	} else {
		j->count.unfit += n != 0;
	}
}

static void on_text(void *ctx, const char *line, size_t n, bool ended)
{
	(void)ended;
	buf_add(ctx, line, n);
	buf_addc(ctx, '\n');
}

enum { FIELDS_MAX = 4096 };

/* How many fields most records have, of those with more than one; 1 where none has. */
static size_t usual_fields(const char *text, size_t len, size_t *counts)
{
	struct csv_record r;
	size_t usual = 1;
	for (const char *at = text; csv_next(&at, text + len, &r);) {
		if (!r.sound || r.fields < 2 || r.fields >= FIELDS_MAX)
			continue;
		counts[r.fields]++;
		if (usual == 1 || counts[r.fields] > counts[usual])
			usual = r.fields;
	}
	return usual;
}

static void pass_csv(struct job *j, const struct buf *text)
{
	arena_auto a = {0};
	struct csv_record r;
	const char *start = buf_str(text);
	size_t usual = usual_fields(start, text->len, arena_array(&a, FIELDS_MAX, sizeof(size_t)));
	for (const char *at = start; csv_next(&at, start + text->len, &r);) {
		if (r.sound && r.len && r.fields == usual) {
			buf_add(j->out, r.text, r.len);
			buf_adds(j->out, "\r\n");
			j->count.kept++;
		} else {
			j->count.unfit += r.len != 0;
		}
	}
}

static void as_csv(struct job *j, const char *log, size_t len)
{
	j->count.logged = each_line(log, len, on_columns, j);
	if (!j->count.is_columns) {
		buf_auto text = {0};
		each_line(log, len, on_text, &text);
		pass_csv(j, &text);
		return;
	}
	struct map *columns = &j->columns;
	j->names = arena_array(columns->arena, columns->n + 1, sizeof *j->names);
	for (size_t i = 0; i < columns->n; i++)
		j->names[i] = columns->v[i].key;
	rows_csv_head(j->names, j->out);
	each_line(log, len, on_record, j);
}

struct printed_count printed(enum printed_form form, const char *log, size_t len, struct buf *out)
{
	arena_auto a = {0};
	struct job j = {.out = out, .columns.arena = &a};
	if (form == PRINTED_CSV)
		as_csv(&j, log, len);
	else
		j.count.logged = each_line(log, len, form == PRINTED_RAW ? on_raw : on_jsonl, &j);
	return j.count;
}
