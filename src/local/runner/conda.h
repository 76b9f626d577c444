/*
 * A published conda environment: the item of `spark.archives` whose address ends with `#conda`, as ADS and Oracle's
 * notebooks set it:
 *
 *	spark.archives = oci://bucket@namespace/path/name.tar.gz#conda
 *
 * The run has it unpacked as `conda` in its working directory, and its Python runs the program and the workers. That is
 * done by the run's own first process (spark_arguments), so that it counts, is logged and can be cancelled.
 */
#ifndef LOCAL_CONDA_H
#define LOCAL_CONDA_H

#include "base/arena.h"
#include "model/run.h"

#define CONDA_FOLDER "conda"

/* Its address, without `#conda`; NULL if the configuration names none. The first of several counts. */
char *conda_address(struct arena *a, const struct run *run);
/* spark.archives without it: "" where nothing else is there. */
char *conda_other_archives(struct arena *a, const struct run *run);

#endif
