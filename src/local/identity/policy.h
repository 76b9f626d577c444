/*
 * One policy statement, in OCI's own language:
 *
 *	Allow group analysts, auditors to read object-family in compartment dev:web
 *	Allow any-user to inspect compartments in tenancy
 *
 * Words of the language are taken in any case, names as they are (in quotes, if they hold a blank). Conditions
 * (`where`), dynamic groups, services, OCIDs of groups and statements but Allow are refused: what is not understood must
 * not look as if it held. A compartment's children are of it.
 */
#ifndef LOCAL_POLICY_H
#define LOCAL_POLICY_H

#include "base/arena.h"
#include "base/err.h"
#include "local/identity/permit.h"

struct policy {
	const char **groups; /* NULL: any-user */
	size_t groups_n;
	enum permit_verb verb;
	unsigned types;                   /* 1 << TYPE_... */
	const char *compartment;          /* path, or OCID; NULL: the tenancy */
	size_t groups_at, compartment_at; /* columns where they begin, from 1 */
};
/* ERR_INVALID with the column and, as hint, the cure. */
bool policy_parse(const char *text, struct arena *a, struct policy *ret, struct err *err);

#endif
