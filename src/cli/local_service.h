/*
 * The local service as seen from `weir`: another program, weir-local, that lies beside this one or in PATH.
 * It is started on demand by `weir-local up`, which returns when the service is ready and tells where it is
 * (docs/local-service.md). The two must be of one version.
 */
#ifndef CLI_LOCAL_SERVICE_H
#define CLI_LOCAL_SERVICE_H

#include "cli/cli.h"

struct local_service {
	const char *endpoint, *config_file, *profile;
	bool can_run;         /* Java and Spark are there */
	const char *run_hint; /* what to do where they are not; NULL otherwise */
};
/* Path of the program; NULL with ERR_MISSING_TOOL. */
const char *local_service_program(struct arena *a, struct err *err);
bool local_service_start(struct cli *cli, struct local_service *ret, struct err *err);
/* Takes what `weir-local up -o json` printed. */
bool local_service_parse(
	struct arena *a, const char *text, size_t len, struct local_service *ret, struct err *err);

#endif
