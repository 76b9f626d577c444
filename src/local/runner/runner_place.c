#include "local/runner/runner_place.h"

#include "base/text.h"

const struct runner_place_log runner_place_logs[] = {
	[RUNNER_STDERR] = {"spark_application_stderr.log.gz", "STDERR", "stderr.log"},
	[RUNNER_STDOUT] = {"spark_application_stdout.log.gz", "STDOUT", "stdout.log"},
	[RUNNER_LOGS] = {.object = NULL},
};

char *runner_place_folder(struct arena *a, const char *home, const char *run_id)
{
	return arena_printf(a, "%s/runs/%s", home, run_id);
}

char *runner_place_log_file(
	struct arena *a, const char *home, const char *run_id, const struct runner_place_log *log)
{
	return arena_printf(a, "%s/runs/%s/%s", home, run_id, log->file);
}

char *runner_place_executors(struct arena *a, const char *home, const char *run_id)
{
	return arena_printf(a, "%s/runs/%s/executors", home, run_id);
}

char *runner_place_log_object(struct arena *a, const struct run *run,
	const struct runner_place_log *log, struct oci_uri *ret)
{
	if (text_empty(run->logs_bucket_uri) || !oci_uri_parse(run->logs_bucket_uri, a, ret))
		return NULL;
	bool inside = *ret->object && !text_ends(ret->object, "/");
	return arena_printf(
		a, "%s%s%s/%s", ret->object, inside ? "/" : "", run->opc_request_id, log->object);
}
