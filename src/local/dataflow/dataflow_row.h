/*
 * Applications and runs as the store has them: the record is JSON in the form of the service's replies, and every
 * other column comes from it (store_schema.c), so a change is: get, node_put into the record, put. Reads take any
 * connection; changes take the writer's, inside store_write.
 */
#ifndef LOCAL_DATAFLOW_ROW_H
#define LOCAL_DATAFLOW_ROW_H

#include "base/arena.h"
#include "base/err.h"
#include "field/node.h"

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

struct dataflow_table {
	const char *get, *compartment, *insert, *update; /* SQL */
	const char *const *summary;                      /* what lists show: API names */
};
extern const struct dataflow_table dataflow_application_table, dataflow_run_table,
	dataflow_pool_table, dataflow_private_endpoint_table, dataflow_work_request_table;

struct dataflow_row {
	const char *id, *etag;
	const char *text;    /* the record as it is stored */
	struct node *record; /* NULL until dataflow_row_parse */
};
bool dataflow_row_get(sqlite3 *db, const struct dataflow_table *t, const char *id, struct arena *a,
	struct dataflow_row *ret);
/* Its compartment's OCID; NULL: there is none. */
const char *dataflow_row_compartment(
	sqlite3 *db, const struct dataflow_table *t, const char *id, struct arena *a);
void dataflow_row_parse(struct dataflow_row *row, struct arena *a);
/* Writes record under id with a new etag; fills etag and text. */
bool dataflow_row_insert(sqlite3 *db, const struct dataflow_table *t, struct dataflow_row *row,
	struct arena *a, struct err *err);
bool dataflow_row_update(sqlite3 *db, const struct dataflow_table *t, struct dataflow_row *row,
	struct arena *a, struct err *err);
/* Sets timeUpdated, later than it was by at least a millisecond, so that it tells any two versions apart. */
void dataflow_row_touch(struct dataflow_row *row, int64_t now, struct arena *a);

/* "ocid1.<kind>.oc1.iad.anw..." with 57 random letters. */
char *dataflow_ocid(struct arena *a, const char *kind);

/* Retry tokens, kept for 24 hours: what a create with this token made. */
struct dataflow_retry {
	const char *operation, *token; /* token NULL: the client sent none */
	const char *request;           /* SHA-256 of the body, hex */
};
enum dataflow_retry_found { DATAFLOW_RETRY_NEW, DATAFLOW_RETRY_SAME, DATAFLOW_RETRY_OTHER };
enum dataflow_retry_found dataflow_retry_find(sqlite3 *db, const struct dataflow_retry *r,
	int64_t now, struct arena *a, const char **ret_id);
bool dataflow_retry_keep(
	sqlite3 *db, const struct dataflow_retry *r, const char *id, int64_t now, struct err *err);

#endif
