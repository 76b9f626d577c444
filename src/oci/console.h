/*
 * Pages of OCI's console. Pure. Facts: /data-flow/apps/details/OCID and /data-flow/runs/details/OCID, as ADS links
 * to them; the commercial realm's console is cloud.oracle.com, which takes the region as a parameter, that of another
 * realm is console.REGION.DOMAIN, by the domain of its endpoints.
 */
#ifndef OCI_CONSOLE_H
#define OCI_CONSOLE_H

#include "base/arena.h"

/* The page of an application or a run. It is in the region that its OCID names; region (id or short key, may be
   NULL) is for one that names none. NULL: no such OCID, or no region is known. */
char *oci_console_link(struct arena *a, const char *region, const char *ocid);
/* The page of a bucket (/object-storage/buckets/NAMESPACE/BUCKET/objects), and that of a list: "apps", "runs", "buckets".
   NULL: no region is known. */
char *oci_console_bucket(struct arena *a, const char *region, const char *ns, const char *bucket);
char *oci_console_list(struct arena *a, const char *region, const char *what);

#endif
