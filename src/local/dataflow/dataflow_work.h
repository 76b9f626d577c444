/*
 * What goes on after its reply: a resource goes through states, one each while, in the table `steps`; what tells of it is
 * a work request. Both are written with the change itself, so that none is without the others, also after kill -9.
 */
#ifndef LOCAL_DATAFLOW_WORK_H
#define LOCAL_DATAFLOW_WORK_H

#include "local/dataflow/dataflow.h"

struct dataflow_kind {
	const char *name; /* in `steps`, and in work requests: "pool" */
	const struct dataflow_table *table;
	const char *path; /* "/pools/" */
	/* Of those that are made and changed by dataflow_work_create and _update. */
	const struct record *record;
	const char *state; /* of a new one */
	/* Puts into the record what the service puts for what is absent. */
	void (*complete)(struct dataflow_change *c, struct node *record);
};
extern const struct dataflow_kind dataflow_pool_kind, dataflow_private_endpoint_kind,
	dataflow_application_kind;
const struct dataflow_kind *dataflow_kind_of(const char *name);

struct dataflow_work {
	const struct dataflow_kind *kind;
	const char *operation; /* of the work request; NULL: none */
	const char *action;    /* "CREATED" */
	const char *states;    /* "CREATING,ACTIVE" */
};
/* In the transaction that changed c->row. */
bool dataflow_work_begin(
	sqlite3 *db, struct dataflow_change *c, const struct dataflow_work *w, struct err *err);
/* A state of c->row, touched and written, with what follows it. */
bool dataflow_work_change(sqlite3 *db, struct dataflow_change *c, const char *state,
	const struct dataflow_work *w, struct err *err);
/* In a transaction: a new one of c->body, in the first state of its kind; and what c->body names put into c->row, which
   comes back to the state that it has. */
bool dataflow_work_create(
	sqlite3 *db, struct dataflow_change *c, const struct dataflow_work *w, struct err *err);
bool dataflow_work_update(sqlite3 *db, struct dataflow_change *c, const struct dataflow_kind *kind,
	const char *operation, struct err *err);
/* The replies to those: 202, with the new record or the etag of the changed one. */
void dataflow_work_created(struct dataflow_change *c, const char *operation);
void dataflow_work_changed(struct dataflow_change *c, const char *operation);
/* Tells in the reply which work request is about c->row: the last of that operation. */
void dataflow_work_tell(struct dataflow_change *c, const char *operation);
/* Writes a further line, and how far it is; done: it SUCCEEDED. */
bool dataflow_work_note(sqlite3 *db, const char *id, const char *message, bool done, int64_t now,
	struct arena *a, struct err *err);
/* Refuses with 409 unless the state of c->row is one of those, joined by commas. */
bool dataflow_check_state(struct dataflow_change *c, const char *states, const char *what);

/* Whether a run of the application, or in the pool, has not ended. */
bool dataflow_application_runs(sqlite3 *db, const char *id);
bool dataflow_pool_runs(sqlite3 *db, const char *id);

/* GET of one resource of a kind. */
void dataflow_get(struct request *r, struct reply *reply, const struct dataflow_table *t);
/* A pool or private endpoint that application or run names: there, and the caller's to use; else 400. */
bool dataflow_check_related(sqlite3 *db, struct dataflow_change *c, struct node *record);

#endif
