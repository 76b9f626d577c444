/* What a job printed, and how it called what it wrote: the log into its program's lines, as JSON lines and as CSV; names of
   objects into paths. */
#include "fuzz.h"

#include "base/beneath.h"
#include "base/csv.h"
#include "report/printed.h"

#include <string.h>

static size_t count_lines(const char *text, size_t n)
{
	size_t lines = n && text[n - 1] != '\n';
	for (size_t i = 0; i < n; i++)
		lines += text[i] == '\n';
	return lines;
}

static void check_raw(const char *log, size_t n)
{
	buf_auto out = {0};
	struct printed_count c = printed(PRINTED_RAW, log, n, &out);
	FUZZ_CHECK(out.len <= n && !c.unfit);
	FUZZ_CHECK(c.kept + c.logged == count_lines(log, n), "%zu, %zu", c.kept, c.logged);
}

/* Each line is what was asked for; what is clean stays as it is. */
static void check_jsonl(const char *log, size_t n)
{
	buf_auto out = {0}, again = {0};
	struct printed_count c = printed(PRINTED_JSONL, log, n, &out);
	FUZZ_CHECK(c.kept == count_lines(buf_str(&out), out.len));
	FUZZ_CHECK(c.kept + c.logged + c.unfit <= count_lines(log, n));
	const char *at = buf_str(&out);
	for (const char *end; *at; at = end + 1) {
		end = strchr(at, '\n');
		fuzz_check_json(at, (size_t)(end - at));
		FUZZ_CHECK(*at == '{' || *at == '[', "%s", at);
	}
	printed(PRINTED_JSONL, buf_str(&out), out.len, &again);
	FUZZ_CHECK(again.len == out.len && !memcmp(buf_str(&again), buf_str(&out), out.len), "%s",
		buf_str(&out));
}

/* A table: every record has as many fields. */
static void check_csv(const char *log, size_t n)
{
	buf_auto out = {0};
	struct csv_record r;
	struct printed_count c = printed(PRINTED_CSV, log, n, &out);
	const char *at = buf_str(&out), *end = at + out.len;
	size_t records = 0, fields = 0;
	for (; csv_next(&at, end, &r); records++) {
		FUZZ_CHECK(r.sound, "%.*s", (int)r.len, r.text);
		FUZZ_CHECK(!records || r.fields == fields, "%zu, not %zu: %s", r.fields, fields,
			buf_str(&out));
		fields = r.fields;
	}
	FUZZ_CHECK(records == c.kept + c.is_columns, "%zu, not %zu", records, c.kept);
}

/* Nothing that leads out of a folder, or that no file can be called. */
static const char *check_path(struct arena *a, const char *name)
{
	const char *path = beneath_path(a, name);
	for (const char *at = path, *end;; at = end + 1) {
		end = strchrnul(at, '/');
		size_t n = (size_t)(end - at);
		FUZZ_CHECK(n && n <= 255 && strspn(at, ".") < n + (n > 2), "%s", path);
		if (!*end)
			break;
	}
	fuzz_check_shown(path, strlen(path));
	FUZZ_CHECK(!strpbrk(path, "\\\n\t"), "%s", path);
	return path;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	arena_auto a = {0};
	const char *log = (const char *)data;
	check_raw(log, n);
	check_jsonl(log, n);
	check_csv(log, n);
	struct fuzz_input in = {data, data + n};
	const char *one = fuzz_until(&in, '\n', &a), *other = fuzz_until(&in, '\n', &a);
	bool same_path = !strcmp(check_path(&a, one), check_path(&a, other));
	FUZZ_CHECK(same_path == !strcmp(one, other), "%s, %s", one, other);
	return 0;
}
