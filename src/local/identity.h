/*
 * Who there is: tenancies, their compartments and their users. Made once, then only read, by many threads.
 *
 *	a tenancy      has an Object Storage namespace of its own; its OCID is also that of its root compartment
 *	a compartment  lies in the root or in another one; names are unique beside each other
 *	a user         signs with a key; `administrator`: may do all in the own tenancy
 *
 * OCIDs are derived, by a digest, from names and from the key of the home, so that they stay what they are.
 */
#ifndef LOCAL_IDENTITY_H
#define LOCAL_IDENTITY_H

#include "base/arena.h"
#include "base/map.h"

#include <openssl/types.h>
#include <stdbool.h>

struct identity_compartment {
	const char *id, *name;
	const char *path;                          /* "dev:web"; "" for the root */
	const struct identity_compartment *parent; /* NULL for the root */
	const struct identity_tenancy *tenancy;
	size_t index; /* in the tenancy's compartments */
};
struct identity_tenancy {
	const char *id, *name, *ns;
	struct identity_compartment *compartments; /* the root first, parents before children */
	size_t compartments_n;
};
struct identity_user {
	const char *id, *name, *fingerprint;
	const char *key_id; /* TENANCY/USER/FINGERPRINT, as signed */
	EVP_PKEY *key;      /* owned */
	const struct identity_tenancy *tenancy;
	bool administrator;
};
struct identity {
	struct arena arena;
	struct identity_tenancy *tenancies; /* the first is the home's own */
	size_t tenancies_n;
	struct map compartments; /* by OCID */
	struct map users;        /* by OCID */
	struct map keys;         /* users by key_id */
};

/* One tenancy with one user, who may do all, and the compartments dev, test and prod. Takes a reference of the key,
   which may be NULL. */
struct identity_home {
	const char *tenancy, *user, *fingerprint, *ns;
	EVP_PKEY *key;
};
struct identity *identity_default(const struct identity_home *home);
void identity_free(struct identity *identity);

/* NULL where there is none of that OCID in this tenancy. */
const struct identity_compartment *identity_compartment(
	const struct identity *identity, const struct identity_tenancy *tenancy, const char *id);
const struct identity_user *identity_user(const struct identity *identity, const char *id);
const struct identity_user *identity_user_of_key(
	const struct identity *identity, const char *key_id);

/* The 52 characters of base32 that end an OCID: of what, and of what it is derived from. */
const char *identity_unique(struct arena *a, const char *what, const char *from);

#endif
