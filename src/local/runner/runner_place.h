/*
 * Where a run's things lie: its folder in the home while it goes on, its logs in the logs bucket afterwards.
 *
 *	<home>/runs/<ocid>/key.pem, spark.properties   mode 0600
 *	                   work/                       working directory
 *	                   tmp/                        SPARK_LOCAL_DIRS, TMPDIR
 *	                   archive/                    the dependency archive, unpacked
 *	                   stdout.log, stderr.log
 *	                   executors/                  logs of a cluster's executors, at the end
 *	oci://<logs bucket>@<namespace>/<prefix><opcRequestId>/spark_application_stdout.log.gz
 *
 * The folder goes when the run has ended.
 */
#ifndef LOCAL_RUNNER_PLACE_H
#define LOCAL_RUNNER_PLACE_H

#include "base/arena.h"
#include "model/oci_uri.h"
#include "model/run.h"

struct runner_place_log {
	const char *object; /* "spark_application_stdout.log.gz" */
	const char *type;   /* "STDOUT" */
	const char *file;   /* "stdout.log" */
};
enum { RUNNER_STDERR, RUNNER_STDOUT, RUNNER_LOGS };
extern const struct runner_place_log
	runner_place_logs[]; /* by object's name; ends with object NULL */

char *runner_place_folder(struct arena *a, const char *home, const char *run_id);
char *runner_place_log_file(
	struct arena *a, const char *home, const char *run_id, const struct runner_place_log *log);
char *runner_place_executors(struct arena *a, const char *home, const char *run_id);
/* The object's name and, in *ret, its bucket; NULL if the run's logsBucketUri is no address. */
char *runner_place_log_object(struct arena *a, const struct run *run,
	const struct runner_place_log *log, struct oci_uri *ret);

#endif
