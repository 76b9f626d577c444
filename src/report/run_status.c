/* One run for people: how it is getting on, in words, how large it is, and all of its configuration. */
#include "base/text.h"
#include "report/fields.h"
#include "report/run_text.h"

enum { MS_PER_HOUR = 3600 * 1000 };

const char *run_text_words(const struct run *run, struct arena *a)
{
	static const char *const words[][2] = {{"ACCEPTED", "it waits for its machines"},
		{"IN_PROGRESS", "it runs"}, {"SUCCEEDED", "it has ended well"},
		{"FAILED", "it has ended with an error"}, {"CANCELING", "it is being cancelled"},
		{"CANCELED", "somebody cancelled it"}, {"STOPPING", "the service is stopping it"},
		{"STOPPED", "the service stopped it before its end"}};
	const char *details = run->lifecycle_details, *said = NULL;
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (text_equal(words[i][0], run->lifecycle_state))
			said = words[i][1];
	if (!said)
		said = "a state that weir does not know";
	return text_empty(details) ? said : arena_printf(a, "%s: %s", said, details);
}

static void put_number(struct buf *out, double n, const char *one, const char *many)
{
	char text[32];
	buf_printf(out, "%s %s", text_number(n, text), n == 1 ? one : many);
}

static void put_shape(struct buf *out, const char *shape, const struct shape_config *size)
{
	buf_printf(out, " %s", shape);
	if (!size || (!size->ocpus.set && !size->memory_in_gbs.set))
		return;
	buf_adds(out, " (");
	if (size->ocpus.set)
		put_number(out, size->ocpus.v, "OCPU", "OCPUs");
	if (size->ocpus.set && size->memory_in_gbs.set)
		buf_adds(out, ", ");
	if (size->memory_in_gbs.set)
		put_number(out, size->memory_in_gbs.v, "GB", "GB");
	buf_addc(out, ')');
}

const char *run_text_size(const struct run *run, struct arena *a)
{
	buf_auto out = {0};
	if (run->driver_shape) {
		buf_adds(&out, "driver");
		put_shape(&out, run->driver_shape, run->driver_shape_config);
	}
	if (run->executor_shape && run->num_executors.set) {
		buf_adds(&out, out.len ? ", " : "");
		put_number(&out, (double)run->num_executors.v, "executor", "executors");
		put_shape(&out, run->executor_shape, run->executor_shape_config);
	}
	if (run->total_o_cpu.set) {
		buf_adds(&out, out.len ? "; " : "");
		put_number(&out, (double)run->total_o_cpu.v, "OCPU in all", "OCPUs in all");
	}
	return out.len ? arena_strdup(a, buf_str(&out)) : NULL;
}

const char *run_text_ocpu_hours(const struct run *run, int64_t now_ms, struct arena *a)
{
	int64_t ms = run_text_ms(run, now_ms);
	if (ms < 0 || !run->total_o_cpu.set || run->total_o_cpu.v <= 0)
		return NULL;
	return arena_printf(a, "%.3f", (double)run->total_o_cpu.v * (double)ms / MS_PER_HOUR);
}

const char *run_text_brief(const struct run *run, int64_t now_ms, struct arena *a)
{
	const char *hours = run_text_ocpu_hours(run, now_ms, a);
	buf_auto out = {0};
	if (run->executor_shape && run->num_executors.set) {
		buf_adds(&out, "driver and ");
		put_number(&out, (double)run->num_executors.v, "executor", "executors");
	}
	if (hours) {
		buf_adds(&out, out.len ? ", " : "");
		put_number(&out, (double)run->total_o_cpu.v, "OCPU", "OCPUs");
		buf_printf(&out, ", %s OCPU-hours", hours);
	}
	return arena_strdup(a, buf_str(&out));
}

void run_text_run(const struct run *run, const struct run_place *place, int64_t now_ms,
	struct arena *a, struct buf *out)
{
	const struct node *node = field_encode(&run_record, run, FORM_YAML, a);
	fields_line(out, "run", run->display_name ? run->display_name : run->id);
	fields_line(out, "state", run->lifecycle_state);
	fields_line(out, "that is", run_text_words(run, a));
	fields_line(out, "time", run_text_time(run, now_ms, a));
	fields_line(out, "size", run_text_size(run, a));
	fields_line(out, "ocpu_hours", run_text_ocpu_hours(run, now_ms, a));
	fields_line(out, "folder", place->folder);
	fields_line(out, "console", place->console);
	buf_addc(out, '\n');
	fields_text(node, out);
}
