/*
 * Who a resource is in the live service, as one string: an application by its tag, an object by bucket and
 * name, a bucket by its name. Desired and live ones with one identity are one thing.
 */
#ifndef PLAN_IDENTITY_H
#define PLAN_IDENTITY_H

#include "model/resource.h"

/* "application flights/local/delays", "object scripts/weir/...", "bucket landing". An application without our
   tag is known by its OCID, or its address while it has none. */
const char *identity_of(const struct resource *r, struct arena *a);
/* That of an application with this tag. */
const char *identity_key(const char *tag, struct arena *a);
/* Addresses of the objects that an application runs: its file and archives. */
struct strs identity_uses(const struct application *app, struct arena *a);

/* A resource beside its identity. */
struct identity {
	const char *key;
	const struct resource *r;
};
/* All of r that are (or are not) foreign, sorted by identity and then by id, address. *ret_n of them. */
struct identity *identity_sort(
	const struct resources *r, bool foreign, struct arena *a, size_t *ret_n);

#endif
