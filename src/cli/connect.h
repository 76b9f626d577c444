/*
 * From a target and the options to a session with the service: endpoint, OCI config and key, compartment.
 */
#ifndef CLI_CONNECT_H
#define CLI_CONNECT_H

#include "cli/session.h"

/* Whether that needs the local service of this machine, which is started if it does not run. */
bool connect_starts(const struct session *s);
/* Fills what s has of the service, s->oci last. Nothing is sent. ask: for a pass phrase, if there is need to. */
bool connect_service(struct session *s, bool ask, struct err *err);

#endif
