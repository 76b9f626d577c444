/*
 * The services of the tenancies that are not the home's own: a store and a runner each, in a folder of the home. Once
 * opened, one stays until the process ends; without a user of it nobody reaches it.
 */
#ifndef LOCAL_TENANTS_H
#define LOCAL_TENANTS_H

#include "base/arena.h"
#include "base/err.h"
#include "local/identity/identity.h"
#include "local/service.h"

enum { TENANTS_MAX = 64 };
struct tenants {
	struct arena arena;
	struct service *home; /* the own tenancy's, which others take clock and server from */
	int max_runs;         /* at once, of each */
	struct service *v[TENANTS_MAX];
	const char *names[TENANTS_MAX];
	size_t n;
};
/* What works on the store of a tenancy, also the home's own; and the end of it and of the store. */
bool tenant_begin(struct service *s, int max_runs, struct err *err);
void tenant_end(struct service *s);

/* Opens what is not open yet, and gives each tenancy of the identity its service. */
bool tenants_open(struct tenants *t, struct identity *identity, struct err *err);
bool tenants_are_busy(const struct tenants *t);
void tenants_close(struct tenants *t); /* once no request comes any more */

#endif
