/*
 * An OCID: ocid1.<kind>.<realm>.[region].<unique>, such as ocid1.dataflowrun.oc1.iad.anuwcl..., and
 * ocid1.compartment.oc1..aaaa for what is of no region. Fact: OCI documentation, "Resource Identifiers". The region is
 * an id or a short key.
 */
#ifndef MODEL_OCID_H
#define MODEL_OCID_H

#include "base/arena.h"

#include <stdbool.h>

struct ocid {
	const char *kind, *realm, *region; /* region "": of none */
};
#define OCID_APPLICATION "dataflowapplication"
#define OCID_RUN "dataflowrun"
#define OCID_COMPARTMENT "compartment"
#define OCID_SECRET "vaultsecret"
#define OCID_TENANCY "tenancy" /* whose root compartment it is */

bool ocid_parse(const char *s, struct arena *a, struct ocid *ret);
bool ocid_is(const char *s, const char *kind); /* an OCID of that kind */
/* "an application", "a run", "a compartment"; of another kind its name: "vault". */
const char *ocid_kind_doc(const char *kind);

#endif
