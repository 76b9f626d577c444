/* follow_run against a service that is played here: what is there at each look; timers fire at once. */
#include "../unit.h"
#include "base/text.h"
#include "oci/dataflow.h"
#include "run/follow.h"

/* One look: the run's state, and its logs: "NAME=TEXT", in which the name tells source and stream. */
struct look {
	const char *state;
	const char *logs[4];
};
static struct {
	struct arena arena;
	const struct look *looks;
	size_t at, n;
	void (*later)(void *ctx);
	void *later_ctx;
	struct buf out;
	const char *end;
	enum err_kind refused;
	bool local;
	int64_t wait_max; /* ms, of all timers */
} S;

struct arena *oci_arena(struct oci *oci)
{
	(void)oci;
	return &S.arena;
}

struct http *oci_http(struct oci *oci)
{
	return (struct http *)oci;
}

bool oci_is_local(const struct oci *oci)
{
	(void)oci;
	return S.local;
}

bool oci_run(struct oci *oci, struct err *err)
{
	(void)oci, (void)err;
	return true;
}

void http_after(struct http *h, int64_t ms, void (*fn)(void *ctx), void *ctx)
{
	(void)h;
	S.wait_max = ms > S.wait_max ? ms : S.wait_max;
	S.later = fn;
	S.later_ctx = ctx;
}

void dataflow_run_get(struct oci *oci, const char *id, dataflow_run_fn *done, void *ctx)
{
	(void)oci;
	struct err err = {0};
	struct run run = {.id = id, .lifecycle_state = S.looks[S.at].state};
	if (S.refused)
		err_set(&err, S.refused, "refused");
	done(ctx, &err, S.refused ? NULL : &run, NULL);
}

static const char *name_of(const char *log)
{
	return arena_strndup(&S.arena, log, strcspn(log, "="));
}

void dataflow_run_log_list(struct oci *oci, const char *id, dataflow_log_list_fn *done, void *ctx)
{
	(void)oci, (void)id;
	struct err err = {0};
	struct run_log *logs = arena_array(&S.arena, 4, sizeof *logs);
	size_t n = 0;
	for (const char *const *l = S.looks[S.at].logs; *l; l++, n++)
		logs[n] = (struct run_log){.name = name_of(*l),
			.source = text_starts(*l, "driver") ? "DRIVER" : "APPLICATION",
			.type = strstr(name_of(*l), "err") ? "STDERR" : "STDOUT"};
	done(ctx, &err, logs, n);
}

void dataflow_run_log_get(
	struct oci *oci, const char *id, const char *name, dataflow_log_fn *done, void *ctx)
{
	(void)oci, (void)id;
	struct err err = {0};
	for (const char *const *l = S.looks[S.at].logs; *l; l++)
		if (text_equal(name_of(*l), name)) {
			const char *text = strchr(*l, '=') + 1;
			done(ctx, &err, text, strlen(text));
			return;
		}
	fail_msg("no log %s", name);
}

static void on_lines(void *ctx, const char *log, const char *text, size_t len)
{
	(void)ctx;
	buf_printf(&S.out, "[%s]%.*s", log, (int)len, text);
}

static void on_done(void *ctx, const struct run *run, const struct err *err)
{
	(void)ctx;
	S.end = arena_printf(&S.arena, "%s %s", run ? run->lifecycle_state : "-",
		err->kind ? err_kind_name(err->kind) : "ok");
}

static const char *follow(const struct look *looks, size_t n, enum run_stream stream)
{
	struct follow_options o = {
		.run_id = "r1", .stream = stream, .lines = on_lines, .done = on_done};
	S.looks = looks;
	S.n = n;
	S.at = 0;
	S.end = NULL;
	buf_truncate(&S.out, 0);
	follow_run(NULL, &o);
	for (int turns = 0; !S.end && turns < 100; turns++) {
		S.at += S.at + 1 < S.n;
		S.later(S.later_ctx);
	}
	assert_non_null(S.end);
	return buf_str(&S.out);
}

static int tear_down(void **state)
{
	(void)state;
	arena_clear(&S.arena);
	buf_clear(&S.out);
	return 0;
}

static void test_lines_as_they_come(void **state)
{
	(void)state;
	static const struct look looks[] = {{"ACCEPTED", {NULL}}, {"IN_PROGRESS", {"out=a\nhal"}},
		{"IN_PROGRESS", {"out=a\nhalf\n", "err=x\n"}}, {"SUCCEEDED", {"out=a\nhalf\nend"}}};
	assert_string_equal(follow(looks, 4, RUN_STDOUT), "[out]a\n[out]half\n[out]end");
	assert_string_equal(S.end, "SUCCEEDED ok");
}

/* As on OCI: the driver's come first, each once; the application's when the run has ended, and late. */
static void test_the_driver_until_there_is_more(void **state)
{
	(void)state;
	static const struct look looks[] = {
		{"IN_PROGRESS", {"driver_out_1=one\n", "driver_err_1=e\n"}},
		{"IN_PROGRESS", {"driver_out_1=one\n", "driver_out_2=two"}},
		{"SUCCEEDED", {"driver_out_1=one\n", "driver_out_2=two"}},
		{"SUCCEEDED", {"driver_out_1=one\n", "driver_out_2=two", "out=all\n"}}};
	assert_string_equal(
		follow(looks, 4, RUN_STDOUT), "[driver_out_1]one\n[driver_out_2]two[out]all\n");
	assert_string_equal(S.end, "SUCCEEDED ok");
}

static void test_a_log_that_does_not_come(void **state)
{
	(void)state;
	static const struct look ended[] = {{"FAILED", {NULL}}},
				 cancelled[] = {{"CANCELED", {NULL}}};
	follow(ended, 1, RUN_STDERR);
	assert_string_equal(S.end, "FAILED not-found");
	follow(cancelled, 1, RUN_STDOUT);
	assert_string_equal(S.end, "CANCELED not-found");
	S.refused = ERR_PERMISSION;
	follow(ended, 1, RUN_STDOUT);
	S.refused = ERR_NONE;
	assert_string_equal(S.end, "- permission");
}

static void test_how_often(void **state)
{
	(void)state;
	struct look looks[20];
	for (size_t i = 0; i < 20; i++)
		looks[i] = (struct look){i < 19 ? "IN_PROGRESS" : "SUCCEEDED", {"out=a\n"}};
	S.wait_max = 0;
	follow(looks, 20, RUN_STDOUT);
	assert_int_equal(S.wait_max, 5000);
	S.wait_max = 0;
	S.local = true;
	follow(looks, 20, RUN_STDOUT);
	S.local = false;
	assert_int_equal(S.wait_max, 500);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_lines_as_they_come, tear_down),
		cmocka_unit_test_teardown(test_the_driver_until_there_is_more, tear_down),
		cmocka_unit_test_teardown(test_a_log_that_does_not_come, tear_down),
		cmocka_unit_test_teardown(test_how_often, tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
