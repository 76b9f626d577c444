/*
 * A run's logs: while it goes on the files that the runner writes, as they are; afterwards the gzipped objects in
 * the logs bucket. Which of the two is told by what there is, so that no moment lies between them. Beside them whatever
 * lies there under the names of driver's and executors' logs: here nothing else writes such, on OCI the service does.
 */
#ifndef LOCAL_DATAFLOW_LOGS_H
#define LOCAL_DATAFLOW_LOGS_H

#include "local/dataflow/dataflow.h"
#include "local/objectstorage/object_row.h"
#include "local/runner/runner_place.h"

struct dataflow_log {
	const struct runner_place_log *stream;
	const char *bucket;
	struct object_row object; /* name NULL: not there */
	int fd;                   /* of the file, the caller's to close; -1 if there is none */
	int64_t size;             /* bytes, of the object as it is stored */
	int64_t time;             /* Unix ms */
};
/* False if there is neither. */
bool dataflow_log_find(struct request *r, const struct run *run,
	const struct runner_place_log *stream, struct dataflow_log *ret);
/* The run that the request names, decoded; false with a 404. */
bool dataflow_log_run(struct request *r, struct reply *reply, struct run *ret);

#endif
