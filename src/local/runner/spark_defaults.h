/*
 * spark-defaults.conf in a home: Spark properties of this machine, for every run of the service. What differs between
 * this machine and the cloud (an endpoint, a trust store, a jar that must come first) is said there, and in no script.
 *
 *	# for Azurite
 *	spark.driver.extraClassPath  /spark/azure/hadoop-client-api-3.4.2.jar:/spark/azure/hadoop-azure-3.4.2.jar
 *	spark.hadoop.fs.azure.account.hns.enabled=false
 *
 * A line is a property: its name, then spaces or `=`, then its value as it stands. `#` begins a comment at the start of a line.
 * The file is read at the start of each run.
 */
#ifndef LOCAL_SPARK_DEFAULTS_H
#define LOCAL_SPARK_DEFAULTS_H

#include "base/arena.h"
#include "base/err.h"
#include "field/field.h"

#include <stdbool.h>

#define SPARK_DEFAULTS_NAME "spark-defaults.conf"

/* None where there is no such file. ERR_CONFIG with its path and line where a line is no property of Spark's. */
bool spark_defaults_read(const char *home, struct arena *a, struct pairs *ret, struct err *err);
bool spark_defaults_parse(const char *text, struct arena *a, struct pairs *ret, struct err *err);

#endif
