/* `weir output oci://...`: objects of Object Storage as files. */
#ifndef CLI_OUTPUT_OBJECTS_H
#define CLI_OUTPUT_OBJECTS_H

#include "cli/session.h"

/* "oci://b@ns/x", or "oci://b/x" of the namespace that the session has. */
bool output_objects(struct session *s, const char *uri, const char *folder, struct err *err);

#endif
