/*
 * Who there is, and who may do what: tenancies, their compartments, users and policies. Made once, from the set-up of
 * the home or without one (identity_setup.h), then only read, by many threads.
 *
 *	a tenancy      has an Object Storage namespace of its own; its OCID is also that of its root compartment
 *	a compartment  lies in the root or in another one; names are unique beside each other
 *	a user         signs with a key; `administrator`: may do all in the own tenancy
 *
 * OCIDs are derived, by a digest, from names and from the key of the home, so that they stay what they are. What
 * policies say is worked out beforehand into a table for each user: a request costs one look into it.
 */
#ifndef LOCAL_IDENTITY_H
#define LOCAL_IDENTITY_H

#include "base/arena.h"
#include "base/err.h"
#include "base/map.h"
#include "field/field.h"
#include "local/identity/permit.h"

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
	struct strs policies; /* as written */
	struct service *
		service; /* what is the tenancy's; set by who opens it, before anyone else has the identity */
};
struct identity_user {
	const char *id, *name, *fingerprint;
	const char *key_id; /* TENANCY/USER/FINGERPRINT, as signed */
	EVP_PKEY *key;      /* owned; with key_id and fingerprint from identity_key */
	const struct identity_tenancy *tenancy;
	struct strs groups;
	bool administrator;
	bool home; /* the home's own user, of the profile DEFAULT */
	unsigned char
		*rights; /* verb by compartment index and type; NULL: none but an administrator's */
};
struct identity {
	struct arena arena;
	struct identity_tenancy *tenancies; /* the first is the home's own */
	size_t tenancies_n;
	struct map compartments; /* by OCID */
	struct map users;        /* by OCID */
	struct map keys;         /* users by key_id */
};

enum { IDENTITY_DEFAULTS = 3 };
#define IDENTITY_HOME "weir-local"               /* the name of the home's own tenancy and user */
#define IDENTITY_ADMINISTRATORS "Administrators" /* the group that may do all */

/* One tenancy with one user, who may do all, and the compartments dev, test and prod. Takes a reference of the key,
   which may be NULL. */
struct identity_home {
	const char *tenancy, *user, *fingerprint, *ns;
	EVP_PKEY *key;
};
struct identity *identity_default(const struct identity_home *home);
/* Its parts: that tenancy and user; those compartments, which every tenancy has that names none. */
struct identity_tenancy *identity_add_home(
	struct identity *identity, const struct identity_home *home, size_t compartments);
void identity_add_defaults(struct identity *identity, struct identity_tenancy *t);
void identity_free(struct identity *identity);

/* The parts of others: what begins empty and is filled, a tenancy at a time. All strings are borrowed. */
struct identity *identity_new(size_t tenancies);
/* compartments: room for so many, the root included. */
struct identity_tenancy *identity_add_tenancy(struct identity *identity, const char *name,
	const char *id, const char *ns, size_t compartments);
/* parent NULL: the root. id NULL: made of the path. NULL if the OCID is another's. */
struct identity_compartment *identity_add_compartment(struct identity *identity,
	struct identity_tenancy *t, const struct identity_compartment *parent, const char *name,
	const char *id);
struct identity_user *identity_add_user(
	struct identity *identity, struct identity_tenancy *t, const char *name, const char *id);
/* Takes a reference. */
void identity_key(struct identity *identity, struct identity_user *user, EVP_PKEY *key,
	const char *fingerprint);
/* The user may do that in the compartment and all in it. */
void identity_grant(struct identity *identity, struct identity_user *user, enum permit_verb verb,
	unsigned types, const struct identity_compartment *in);

bool identity_allows(const struct identity_user *user, enum permit_verb verb, enum permit_type type,
	const struct identity_compartment *in);

/* By its path, or by its OCID; NULL. */
const struct identity_compartment *identity_find_compartment(
	const struct identity_tenancy *tenancy, const char *path_or_id);
/* That of a key id TENANCY/USER/FINGERPRINT, or of a tenancy's OCID alone; NULL. */
const struct identity_tenancy *identity_tenancy_of_key(
	const struct identity *identity, const char *key_id);
/* That of an Object Storage namespace; NULL. */
const struct identity_tenancy *identity_tenancy_of_namespace(
	const struct identity *identity, const char *ns);
/* NULL where there is none of that OCID in this tenancy. */
const struct identity_compartment *identity_compartment(
	const struct identity *identity, const struct identity_tenancy *tenancy, const char *id);
const struct identity_user *identity_user(const struct identity *identity, const char *id);
const struct identity_user *identity_user_of_key(
	const struct identity *identity, const char *key_id);

/* The 52 characters of base32 that end an OCID: of what, and of what it is derived from. */
const char *identity_unique(struct arena *a, const char *what, const char *from);

#endif
