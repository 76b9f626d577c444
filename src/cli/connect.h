/*
 * From a target and the options to a session with the service: endpoint, OCI config and key, compartment.
 */
#ifndef CLI_CONNECT_H
#define CLI_CONNECT_H

#include "cli/session.h"

/* Whether it is an instance or a resource that signs, as far as command line, file and environment say. */
bool connect_is_principal(const struct session *s);
/* Whether that starts or asks something: the local service of this machine, if it does not run; who gives a
   principal its token. */
bool connect_asks(const struct session *s);
/* Fills what s has of the service, s->oci last. Beyond that nothing is sent. ask: for a pass phrase, if there is need to. */
bool connect_service(struct session *s, bool ask, struct err *err);

#endif
