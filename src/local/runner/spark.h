/*
 * A run as a command line of the installed Spark: pure functions from the run and where its things lie to the
 * properties file, arguments and environment of spark-submit or spark-sql. docs/local-service.md
 * tells it to users.
 *
 * Properties, in the order in which they win: what the service alone decides (master, the connector's endpoint
 * and key, UI off) over what the run's configuration says over the home's spark-defaults.conf over defaults. extraClassPath
 * and extraJavaOptions of the configuration are added to ours; the class path of spark-defaults.conf comes first. The file is the run's own (mode 0600): nothing of it is on the command line.
 *
 *	struct spark spark;
 *	spark_find(&spark, home, &arena, &err);
 *	spark_properties(&spark, run, &place, &text);
 *	argv = spark_arguments(&spark, run, &place, &arena);
 */
#ifndef LOCAL_SPARK_H
#define LOCAL_SPARK_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "local/runner/runner_archive.h"
#include "model/run.h"

#include <stdbool.h>
#include <stdint.h>

/* The installation and the machine. */
struct spark {
	const char *folder; /* what `weir local setup` made */
	const char *home;   /* SPARK_HOME */
	const char *python;
	const char *version;    /* "3.5.0" */
	const char *class_path; /* the pinned jars, those first that must come before Spark's own */
	int cores;
	int64_t memory;     /* bytes that a job's heap may have at most */
	const char *master; /* of a cluster; NULL: driver and executors are one process */
};
/* ERR_MISSING_TOOL, with what to run, if it is not there or Java is not. */
bool spark_find(struct spark *ret, const char *service_home, struct arena *a, struct err *err);

/* Where a run's things lie and how it reaches the service. */
struct spark_place {
	const char *folder;     /* of the run: also its HOME */
	const char *work;       /* working directory */
	const char *tmp;        /* for whatever is temporary */
	const char *properties; /* the file that spark_properties is written to */
	const char *file;       /* local copy of the program */
	const char *conda;      /* local copy of a conda environment (conda.h); NULL: none */
	struct runner_archive archive;
	struct pairs defaults; /* of the home's spark-defaults.conf (spark_defaults.h) */
	int port;              /* of the service, on 127.0.0.1 */
	const char *tenancy, *user, *fingerprint, *key_file;
	const char *python; /* a folder that comes first on PYTHONPATH; NULL: none */
	const char *token_file,
		*region; /* of its resource principal (runner_principal.h); NULL: it has none */
};
void spark_properties(
	const struct spark *s, const struct run *run, const struct spark_place *p, struct buf *out);
/* argv[0] is a path; ends with NULL. `${name}` in arguments is replaced. */
const char **spark_arguments(
	const struct spark *s, const struct run *run, const struct spark_place *p, struct arena *a);
/* "NAME=VALUE", ends with NULL: PATH and the like of the service, a locale of UTF-8, what Spark needs, what the run's
   configuration says by spark.driverEnv.NAME and spark.executorEnv.NAME; nothing else. */
const char **spark_environment(
	const struct spark *s, const struct run *run, const struct spark_place *p, struct arena *a);

/* The name that the copy of the program gets, by which spark-submit tells its kind: that of the object, with .py or
   .jar behind it if it has not. */
char *spark_file_name(struct arena *a, const struct run *run);
/* OCPUs of one node: the shape config's, else the number a fixed shape ends with, else 1. */
double spark_ocpus(const char *shape, const struct shape_config *config);
/* Driver and executors, rounded up: a run's totalOCpu. */
int64_t spark_total_ocpus(const struct run *run);
/* "512m", "3g" in bytes; false if it is no size. */
bool spark_parse_memory(const char *s, int64_t *ret);

#endif
