/*
 * What jars and wheels say of themselves: METADATA of a wheel (core metadata 2.1: License-Expression, License, Classifier,
 * Requires-Dist), the POM or the manifest (Bundle-License) of a jar. They are somebody else's: what is told is cut to a line.
 */
#ifndef ARCHIVE_DESCRIBE_H
#define ARCHIVE_DESCRIBE_H

#include "base/arena.h"
#include "model/pipeline.h"

/* Its licence in one line of at most 60 bytes; NULL: it does not say. */
const char *describe_licence(const char *path, struct arena *a);
/* Names of the packages that a wheel needs in any case. */
struct strs describe_needs(const char *path, struct arena *a);

#endif
