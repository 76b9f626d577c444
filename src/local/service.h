/*
 * What the parts of weir-local share: its home folder, identity, store, runner. One process, one home (flock).
 *
 *	$HOME_DIR/weir-local.db     SQLite, WAL, synchronous=FULL: buckets, objects, uploads, applications, runs
 *	$HOME_DIR/objects/ab/abcd.. content by SHA-256 (see store.h); written aside, fsynced, renamed
 *	$HOME_DIR/tmp/              what is being written; emptied at start
 *	$HOME_DIR/runs/<run ocid>/  working directory, key, logs of a run while it goes on
 *	$HOME_DIR/config, key.pem   an OCI config file for any client, and the home's own key (mode 0600)
 *	$HOME_DIR/identity.json     further users and tenancies, see identity_setup.h; keys/NAME.pem theirs
 *	$HOME_DIR/tenancies/NAME/   weir-local.db, objects, tmp, runs of another tenancy
 *	$HOME_DIR/sessions.pem      signs session tokens; sessions/ has those of `weir local session`
 *	$HOME_DIR/vault.key         seals the values of secrets, see vault/vault_seal.h
 *	$HOME_DIR/state.json        port, pid, version, start time of the service that runs
 *	$HOME_DIR/spark-master      address of the Spark cluster that runs go to, where there is one
 *	$HOME_DIR/spark/            what `weir local setup` installed
 */
#ifndef LOCAL_SERVICE_H
#define LOCAL_SERVICE_H

#include "base/clock.h"
#include "base/err.h"

#include <sqlite3.h>
#include <stdatomic.h>
#include <stdbool.h>

struct identity;
struct server;
struct sessions;
struct page_sessions;
struct runner;
struct copier;
struct stepper;
struct store;
/* Another one takes its place when the set-up changes; the one before stays until the service ends. */
struct identity_box {
	_Atomic(const struct identity *) now;
};
/* One a tenancy: what belongs to another one is not in its store, and so is not there. */
struct service {
	const char *
		home; /* of the home's own tenancy; of another one its folder in it, tenancies/NAME */
	const char *installed;    /* where setup put Spark */
	const char *spark_master; /* of a cluster, see runner/cluster.h; NULL: none */
	const char *tenancy, *user, *fingerprint; /* tenancy is also the root compartment */
	const char *ns;                           /* Object Storage namespace */
	const char *region;
	struct identity_box *identity; /* who there is, and who may do what */
	const struct clock *clock;
	struct store *store;
	struct runner *runner;
	struct copier *copier;
	struct stepper *stepper;
	struct sessions *sessions;
	struct page_sessions *page_sessions;
	struct server *server; /* the same for all */
};
static inline const struct identity *service_identity(const struct service *s)
{
	return atomic_load(&s->identity->now);
}

#endif
