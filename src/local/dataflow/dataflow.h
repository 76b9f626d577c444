/*
 * What the files of the Data Flow API (20200129) share. A change goes: check the request, then one transaction
 * that looks, decides and writes; it refuses by filling a refusal, which becomes the reply.
 *
 *	static bool change_it(sqlite3 *db, void *ctx, struct err *err)   // in the writer's thread
 *	{
 *		struct dataflow_change *c = ctx;
 *		if (!dataflow_find(db, c, &dataflow_run_table))
 *			return false;
 *		...
 *		return dataflow_row_update(db, ..., &c->row, c->arena, err);
 *	}
 *	dataflow_carry_out(&c, change_it);
 */
#ifndef LOCAL_DATAFLOW_H
#define LOCAL_DATAFLOW_H

#include "local/dataflow/dataflow_row.h"
#include "local/server/server.h"
#include "local/service.h"
#include "model/run.h"

struct dataflow_refusal {
	int status;
	const char *code;
	char text[1024];
};
/* Always false. */
bool dataflow_refuse(struct dataflow_refusal *r, int status, const char *code, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

struct dataflow_change {
	struct request *request;
	struct service *service;
	struct arena *arena;
	struct reply *reply;
	struct dataflow_refusal refusal;
	int64_t now;
	const char *id; /* the resource that the request names */
	const struct node *body;
	struct dataflow_retry retry;
	struct dataflow_row row;
};
void dataflow_change_init(struct dataflow_change *c, struct request *r, struct reply *reply);
/* The row of c->id into c->row, parsed; refuses what is not there or DELETED, and where if-match is not its etag. */
bool dataflow_find(sqlite3 *db, struct dataflow_change *c, const struct dataflow_table *t);
/* For creates: whether the token is a new one. If not, either c->row is what it made, or a refusal is set. */
bool dataflow_is_new(sqlite3 *db, struct dataflow_change *c, const struct dataflow_table *t);
/* Runs fn in a transaction. False with the reply made where it refused or failed. */
bool dataflow_carry_out(
	struct dataflow_change *c, bool (*fn)(sqlite3 *db, void *ctx, struct err *err));
void dataflow_reply_row(struct reply *reply, const struct dataflow_row *row);
void dataflow_not_found(struct reply *reply);
/* What the service sets in a new record: id, state, owner, times. */
void dataflow_put_origin(
	struct dataflow_change *c, struct node *record, const char *id, const char *state);
/* Puts null, "", [] or {} for what is absent, as the live service does. */
void dataflow_complete_application(struct node *record, struct arena *a, const struct service *s);

/* What the field table can't say: placeholders without a parameter, a program that is missing, ... */
bool dataflow_check_application(const struct application *app, struct dataflow_refusal *ret);
bool dataflow_check_run(
	const struct run *run, const struct application *app, struct dataflow_refusal *ret);
/* If the record has `execute`: file, class, language, arguments, parameters and configuration from it. */
bool dataflow_execute(struct node *record, struct arena *a, struct dataflow_refusal *ret);

/* What the body names replaces what the record has; null is as good as not named, "", [] and {} clear. */
void dataflow_merge(
	struct node *record, const struct node *body, const struct record *type, struct arena *a);
/* Puts what `execute` says into the record; then whether it is an application that can run. */
bool dataflow_settle_application(struct dataflow_change *c, struct node *record);
/* A whole application from a create request's body; inserted by the caller. */
struct node *dataflow_new_application(
	struct dataflow_change *c, const struct node *body, const char *id);

route_fn dataflow_list_applications, dataflow_list_runs;
route_fn dataflow_create_run, dataflow_get_run, dataflow_update_run, dataflow_delete_run;
route_fn dataflow_list_run_logs, dataflow_get_run_log;
route_fn dataflow_move_application, dataflow_move_run; /* to another compartment */
route_fn dataflow_move_pool, dataflow_move_private_endpoint;
/* The body of a move; NULL with a 400 reply. */
struct node *dataflow_move_body(struct request *r, struct reply *reply);
route_fn dataflow_cascade_application;
route_fn dataflow_list_pools, dataflow_create_pool, dataflow_get_pool, dataflow_update_pool,
	dataflow_delete_pool, dataflow_start_pool, dataflow_stop_pool;
route_fn dataflow_list_private_endpoints, dataflow_create_private_endpoint,
	dataflow_get_private_endpoint, dataflow_update_private_endpoint,
	dataflow_delete_private_endpoint;
route_fn dataflow_list_work_requests, dataflow_get_work_request, dataflow_list_work_request_logs,
	dataflow_list_work_request_errors;

#endif
