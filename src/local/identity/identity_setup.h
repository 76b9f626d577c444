/*
 * The set-up of who there is, `identity.json` in the home, as its user wrote it:
 *
 *	{"compartments": {"dev": {}, "dev:web": {}, "prod": {"id": "ocid1.compartment.oc1..aaaa"}},
 *	 "users": {"ann": {"groups": ["analysts"]}},
 *	 "policies": ["Allow group analysts to read object-family in compartment dev"],
 *	 "tenancies": {"other": {"users": {"eve": {"groups": ["Administrators"]}}}}}
 *
 * The outer level is the home's own tenancy, whose user of the profile DEFAULT may do all there, whatever is said here.
 * Each other user has a profile of the name, and a key in keys/NAME.pem, which is made when the user is first seen.
 */
#ifndef LOCAL_IDENTITY_SETUP_H
#define LOCAL_IDENTITY_SETUP_H

#include "base/buf.h"
#include "local/identity/identity.h"

#define IDENTITY_FILE "identity.json"

/* Who there is by this text, without keys; NULL with every mistake, a line each, in *mistakes. name is the file's, for
   messages. */
struct identity *identity_setup_make(const char *text, size_t n, const char *name,
	const struct identity_home *home, struct buf *mistakes);
/* By the home's file, or the default without one; with the keys, made where they are missing, and the config file
   written. The service's, under its lock, and `weir-local identity`'s. */
struct identity *identity_setup_load(
	const char *home, const struct identity_home *own, struct err *err);

#endif
