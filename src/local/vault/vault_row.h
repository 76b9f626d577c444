/*
 * Secrets as the store has them: a name, which one secret has, a compartment, and numbered versions from 1, each sealed
 * (vault_seal.h) and bound to "OCID/NUMBER". Which stages a version is in follows from its number:
 *
 *	LATEST       the last one
 *	CURRENT      the one in use: the last one that was not put as pending
 *	PENDING      behind the current one
 *	PREVIOUS     the one in use before
 *	DEPRECATED   all other ones before it
 */
#ifndef LOCAL_VAULT_ROW_H
#define LOCAL_VAULT_ROW_H

#include "base/arena.h"
#include "base/err.h"

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

enum vault_stage {
	STAGE_CURRENT = 1,
	STAGE_PENDING = 2,
	STAGE_LATEST = 4,
	STAGE_PREVIOUS = 8,
	STAGE_DEPRECATED = 16,
};
extern const char *const vault_stage_names[]; /* by bit; ends with NULL */

struct vault_secret {
	const char *id, *name, *compartment;
	int64_t created;                   /* ms */
	int64_t current, previous, latest; /* numbers of versions; previous 0: none */
};
struct vault_version {
	int64_t number, created;
	const char *name; /* of this version; NULL: none */
	const char *sealed;
};
/* By OCID, or by name; false if there is none. */
bool vault_row_get(sqlite3 *db, struct arena *a, const char *id, struct vault_secret *ret);
bool vault_row_named(sqlite3 *db, struct arena *a, const char *name, struct vault_secret *ret);
/* Its compartment; NULL: there is none. */
const char *vault_row_compartment(sqlite3 *db, struct arena *a, const char *id);
/* Stages of version `number`, as bits. */
unsigned vault_stages(const struct vault_secret *s, int64_t number);
/* The version of that number. */
bool vault_row_version(sqlite3 *db, struct arena *a, const struct vault_secret *s, int64_t number,
	struct vault_version *ret);
/* The number of the newest version in that stage; 0: none. */
int64_t vault_in_stage(const struct vault_secret *s, unsigned stage);
/* Of the version called so; 0: none. */
int64_t vault_row_version_named(sqlite3 *db, const struct vault_secret *s, const char *name);

#endif
