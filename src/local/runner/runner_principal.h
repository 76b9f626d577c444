/*
 * The resource principal of a run, version 2.2 (contract, section 1.7), as OCI's SDKs find it in their environment:
 *
 *	OCI_RESOURCE_PRINCIPAL_RPST          <run>/principal/rpst: a token of the service (sessions.h), without a newline
 *	OCI_RESOURCE_PRINCIPAL_PRIVATE_PEM   <run>/key.pem, the run's own key
 *	OCI_RESOURCE_PRINCIPAL_REGION        the service's
 *
 * A token is good for RUNNER_TOKEN_S seconds, is renewed after half of them, and with the run ends whatever it says. It
 * may do what the user may who launched the run. In principal/ lies also the sitecustomize.py by which Python's SDK finds this service.
 * Environment: WEIR_LOCAL_TOKEN_SECONDS, for tests.
 */
#ifndef LOCAL_RUNNER_PRINCIPAL_H
#define LOCAL_RUNNER_PRINCIPAL_H

#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>

enum { RUNNER_TOKEN_S = 15 * 60 };

struct runner_job;
/* Once the run has its key: the folder, the token; job->place says where. */
bool runner_principal_make(struct runner_job *job, struct err *err);
/* A new token where it is time; when the next one is due, ms on the monotonic clock. */
int64_t runner_principal_keep(struct runner_job *job);
/* In seconds, by the environment. */
int64_t runner_principal_lifetime(void);

#endif
