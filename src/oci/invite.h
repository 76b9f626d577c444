/* weir-local's own call, POST /weir/pages (docs/local-service.md): a one-time address that lets a browser in. */
#ifndef OCI_INVITE_H
#define OCI_INVITE_H

#include "oci/oci.h"

/* In the session's arena. */
struct invite {
	const char *address;
	const char *time_expires; /* RFC 3339 */
};
typedef void invite_fn(void *ctx, const struct err *err, const struct invite *invite);
/* page: the path of one, "/" or "/ui/..."; it is shown when the address is opened. */
void oci_invite(struct oci *oci, const char *page, invite_fn *done, void *ctx);

#endif
