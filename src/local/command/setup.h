/*
 * `weir-local setup`: installs what runs need and this program does not have: Spark (PyPI's pyspark in a virtual
 * environment) and the jars of the oci:// connector (Maven), each as pinned in spark.pins.
 *
 *	FOLDER/venv/        the virtual environment
 *	FOLDER/jars/        the jars, checked against the pins
 *	FOLDER/azure/       with --azure: the jars of azure.pins, which one home's spark-defaults.conf may name
 *	FOLDER/setup.log    what pip and mvn said
 *	FOLDER/.weir-spark  this folder is ours to empty
 *	FOLDER/stamp        written last: the digest of the pins that it was installed from; azure.stamp likewise
 *
 * FOLDER is $WEIR_LOCAL_SPARK (one installation for several homes), else <home>/spark. A virtual environment can't
 * be moved, so it is made in place: without the stamp, what is there is half-made and is made anew.
 */
#ifndef LOCAL_SETUP_H
#define LOCAL_SETUP_H

#include "base/arena.h"
#include "base/err.h"
#include "local/command/setup_pins.h"

#include <stdbool.h>

int setup_main(int argc, char **argv);

char *setup_folder(struct arena *a, const char *home);
/* The stamp is there and is that of these pins. */
bool setup_is_complete(const char *folder, const struct setup_pins *pins);
/* The first line of `java -version`, of $JAVA_HOME or PATH, names this: "17.0.15" is 17, "1.8.0_292" is 8; 0 if
   it names none. */
int setup_java_major(const char *line);

#endif
