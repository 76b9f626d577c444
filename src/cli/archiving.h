/*
 * Archives that weir builds, for the commands that need them: where they are not as the file says, apply and run build them,
 * before anything is sent, and plan says so.
 */
#ifndef CLI_ARCHIVING_H
#define CLI_ARCHIVING_H

#include "archive/build.h"
#include "cli/session.h"

/* Of an archive of the pipeline. */
struct archive_build archiving_of(struct session *s, const struct archive_decl *decl);
/* The folder of Spark's own jars, where weir-local has it installed; NULL. */
const char *archiving_spark_jars(struct arena *a);
/* Those that are wanted are there, or the reason; sizes of the wanted objects are set. Zips of others are looked into. */
bool archiving_ready(struct session *s, struct err *err);

#endif
