/*
 * Brings the objects of an import down, side by side, each checked against the hash that the service has of it. One that is
 * not there, or not for this user to read, is said so in its content and stops nothing.
 */
#ifndef IMPORT_PULL_H
#define IMPORT_PULL_H

#include "import/import.h"
#include "oci/oci.h"

/* Of a pipeline of weir's own: adds the data objects that lie under its prefix in the buckets of its contents, since a
   file that does not name them would have them deleted. */
bool pull_find_own(struct oci *oci, struct import *im, struct err *err);
/* Into the folder. ERR_IO where this machine is to blame: then nothing more is brought. */
bool pull(struct oci *oci, struct import *im, const char *folder, struct err *err);

#endif
