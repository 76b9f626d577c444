/*
 * JSON of the API to records, of every table, in every form: what was read is written and read again as the same; it does
 * not differ from itself. The input: a byte for the table, one for the form, then JSON; behind a NUL a second one, for the
 * difference between both.
 */
#include "fuzz.h"

#include "model/application.h"
#include "model/bucket.h"
#include "model/object.h"
#include "model/pipeline.h"
#include "model/run.h"

#include <string.h>

static const struct record *const records[] = {&application_record, &run_record, &bucket_record,
	&object_record, &run_log_record, &pipeline_record};

static void take_mistake(void *ctx, const char *path, const struct node *at, struct mark mark,
	bool warning, const char *text, const char *hint)
{
	struct buf *told = ctx;
	(void)mark;
	FUZZ_CHECK(at && text && *text);
	if (!warning)
		buf_printf(told, "%s: %s%s\n", path, text, hint ? hint : "");
}

static bool decode(const struct record *r, const struct node *n, enum field_form form,
	struct arena *a, void *out)
{
	buf_auto told = {.max = 1 << 20};
	bool ok = field_decode(r, n, form, "at", a, out, take_mistake, &told);
	FUZZ_CHECK(ok == !told.len, "%s", buf_str(&told));
	return ok;
}

/* decode . encode = id */
static void again(const struct record *r, const void *x, enum field_form form, struct arena *a)
{
	void *y = arena_alloc(a, r->size);
	const struct node *n = field_encode(r, x, form, a);
	buf_auto text = {0}, twice = {0};
	node_to_json(n, NODE_JSON_COMPACT, &text);
	FUZZ_CHECK(decode(r, n, form, a, y), "%s: %s", r->name, buf_str(&text));
	const struct node *m = field_encode(r, y, form, a);
	node_to_json(m, NODE_JSON_COMPACT, &twice);
	FUZZ_CHECK(node_equal(n, m), "%s: %s became %s", r->name, buf_str(&text), buf_str(&twice));
}

static void check_same(const struct record *r, const void *x, struct arena *a)
{
	struct field_changes none = {0};
	void *copy = arena_alloc(a, r->size);
	field_copy(r, x, copy, a);
	field_diff(r, x, copy, a, &none);
	FUZZ_CHECK(none.n == 0, "%s: %s", r->name, none.v[0].path);
}

/* Two that a client may send: the update that makes one the other is one that it may send. */
static void check_update(
	const struct record *r, const void *live, const void *want, struct arena *a)
{
	struct field_changes changes = {0};
	buf_auto text = {0};
	field_diff(r, live, want, a, &changes);
	const struct node *body = field_update_body(r, live, want, &changes, a);
	void *got = arena_alloc(a, r->size);
	node_to_json(body, NODE_JSON_COMPACT, &text);
	FUZZ_CHECK(decode(r, body, FORM_UPDATE, a, got), "%s: %s", r->name, buf_str(&text));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static const enum field_form forms[] = {FORM_CREATE, FORM_UPDATE, FORM_REPLY, FORM_YAML};
	arena_auto a = {0};
	struct fuzz_input in = {data, data + n};
	struct err err;
	const struct record *r = records[fuzz_below(&in, sizeof records / sizeof *records)];
	enum field_form form = forms[fuzz_below(&in, 4)];
	const char *first = fuzz_until(&in, 0, &a);
	const struct node *one = node_from_json(&a, first, strlen(first), &err);
	void *x = arena_alloc(&a, r->size), *y = arena_alloc(&a, r->size);
	if (!one || !decode(r, one, form, &a, x))
		return 0;
	again(r, x, form, &a);
	if (r == &pipeline_record)
		return 0;
	check_same(r, x, &a);
	const char *second = fuzz_until(&in, 0, &a);
	const struct node *two = node_from_json(&a, second, strlen(second), &err);
	if (two && form == FORM_CREATE && decode(r, two, form, &a, y))
		check_update(r, x, y, &a);
	return 0;
}
