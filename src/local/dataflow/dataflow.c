/* Data Flow's routes, what its handlers share, and applications. */
#include "local/dataflow/dataflow_work.h"

#include "base/digest.h"
#include "base/text.h"
#include "local/identity/identity.h"
#include "local/store/store.h"
#include "model/oci_uri.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { RETRY_TOKEN_MAX = 64 };
static const int64_t DELETED_KEPT_MS = 24LL * 3600 * 1000;

bool dataflow_refuse(struct dataflow_refusal *r, int status, const char *code, const char *fmt, ...)
{
	r->status = status;
	r->code = code;
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(r->text, sizeof r->text, fmt, ap);
	va_end(ap);
	return false;
}

static const char *sha256_of(struct arena *a, const struct buf *body)
{
	unsigned char sum[DIGEST_MAX];
	size_t n = digest_bytes(DIGEST_SHA256, buf_str(body), body->len, sum);
	return text_hex(a, sum, n);
}

void dataflow_change_init(struct dataflow_change *c, struct request *r, struct reply *reply)
{
	*c = (struct dataflow_change){
		.request = r, .service = r->service, .arena = r->arena, .reply = reply};
	c->now = clock_wall(r->service->clock);
	c->id = r->args ? r->args[0] : NULL;
	c->retry.token = request_header(r, "opc-retry-token");
	c->retry.request = sha256_of(c->arena, &r->body);
}

static const char NOT_FOUND[] = "Authorization failed or requested resource not found.";

void dataflow_not_found(struct reply *reply)
{
	reply_error(reply, 404, "NotAuthorizedOrNotFound", NOT_FOUND);
}

/* The row of that id, unless it is DELETED: such an application is shown for a while, and is otherwise gone. */
static bool get_living(
	sqlite3 *db, struct dataflow_change *c, const struct dataflow_table *t, const char *id)
{
	if (!dataflow_row_get(db, t, id, c->arena, &c->row))
		return false;
	dataflow_row_parse(&c->row, c->arena);
	return !text_equal(node_get_str(c->row.record, "lifecycleState"), "DELETED");
}

bool dataflow_find(sqlite3 *db, struct dataflow_change *c, const struct dataflow_table *t)
{
	if (!get_living(db, c, t, c->id))
		return dataflow_refuse(&c->refusal, 404, "NotAuthorizedOrNotFound", NOT_FOUND);
	const char *match = request_header(c->request, "if-match");
	if (match && strcmp(match, "*") && strcmp(match, c->row.etag))
		return dataflow_refuse(&c->refusal, 412, "NoEtagMatch",
			"The resource has the etag %s, and if-match asks for %s.", c->row.etag,
			match);
	return true;
}

bool dataflow_is_new(sqlite3 *db, struct dataflow_change *c, const struct dataflow_table *t)
{
	const char *id;
	if (c->retry.token && strlen(c->retry.token) > RETRY_TOKEN_MAX)
		return dataflow_refuse(&c->refusal, 400, "InvalidParameter",
			"opc-retry-token is longer than %d characters.", RETRY_TOKEN_MAX);
	switch (dataflow_retry_find(db, &c->retry, c->now, c->arena, &id)) {
	case DATAFLOW_RETRY_NEW:
		return true;
	case DATAFLOW_RETRY_OTHER:
		return dataflow_refuse(&c->refusal, 409, "InvalidatedRetryToken",
			"The retry token was used for another request within the last 24 hours.");
	case DATAFLOW_RETRY_SAME:
		break;
	}
	if (!get_living(db, c, t, id))
		dataflow_refuse(&c->refusal, 409, "InvalidatedRetryToken",
			"What was made with this retry token has been deleted since.");
	return false;
}

bool dataflow_carry_out(
	struct dataflow_change *c, bool (*fn)(sqlite3 *db, void *ctx, struct err *err))
{
	struct err err = {.kind = ERR_NONE};
	if (store_write(c->service->store, fn, c, &err))
		return true;
	if (c->refusal.status)
		reply_error(c->reply, c->refusal.status, c->refusal.code, "%s", c->refusal.text);
	else
		reply_error(c->reply, 500, "InternalServerError", "%s", err.text);
	return false;
}

void dataflow_reply_row(struct reply *reply, const struct dataflow_row *row)
{
	reply->status = 200;
	reply_field(reply, "content-type", "application/json");
	reply_field(reply, "etag", row->etag);
	buf_adds(&reply->body, row->text);
}

static void put_if_null(struct node *record, struct arena *a, const char *key, struct node *value)
{
	const struct node *now = node_get(record, key);
	if (!now || now->kind == NODE_NULL)
		node_put(a, record, key, value);
}

void dataflow_complete_application(struct node *record, struct arena *a, const struct service *s)
{
	put_if_null(record, a, "type", node_str(a, "BATCH"));
	put_if_null(record, a, "archiveUri", node_str(a, ""));
	put_if_null(record, a, "privateEndpointId", node_str(a, ""));
	put_if_null(record, a, "freeformTags", node_map(a));
	put_if_null(record, a, "definedTags", node_map(a));
	if (node_is_empty(node_get(record, "logsBucketUri")))
		node_put(a, record, "logsBucketUri",
			node_str(a, oci_uri_format(a, "dataflow-logs", s->ns, "")));
}

void dataflow_put_origin(
	struct dataflow_change *c, struct node *record, const char *id, const char *state)
{
	struct arena *a = c->arena;
	char now[32];
	text_rfc3339(c->now, now);
	node_put(a, record, "id", node_str(a, id));
	node_put(a, record, "lifecycleState", node_str(a, state));
	node_put(a, record, "ownerPrincipalId", node_str(a, c->request->caller.user));
	node_put(a, record, "ownerUserName", node_str(a, c->request->caller.who->name));
	node_put(a, record, "timeCreated", node_str(a, now));
	node_put(a, record, "timeUpdated", node_str(a, now));
}

struct node *dataflow_new_application(
	struct dataflow_change *c, const struct node *body, const char *id)
{
	struct application app;
	struct arena *a = c->arena;
	field_decode(&application_record, body, FORM_REPLY, "", a, &app, NULL, NULL);
	struct node *record = field_encode(&application_record, &app, FORM_REPLY, a);
	dataflow_complete_application(record, a, c->service);
	dataflow_put_origin(c, record, id, "ACTIVE");
	return record;
}

bool dataflow_settle_application(struct dataflow_change *c, struct node *record)
{
	struct application app;
	if (!dataflow_execute(record, c->arena, &c->refusal))
		return false;
	field_decode(&application_record, record, FORM_REPLY, "", c->arena, &app, NULL, NULL);
	return dataflow_check_application(&app, &c->refusal);
}

static bool insert_application(sqlite3 *db, void *ctx, struct err *err)
{
	struct dataflow_change *c = ctx;
	if (!dataflow_is_new(db, c, &dataflow_application_table))
		return c->refusal.status == 0;
	const char *id = dataflow_ocid(c->arena, "dataflowapplication");
	c->row =
		(struct dataflow_row){.id = id, .record = dataflow_new_application(c, c->body, id)};
	return dataflow_settle_application(c, c->row.record) &&
		dataflow_check_related(db, c, c->row.record) &&
		dataflow_row_insert(db, &dataflow_application_table, &c->row, c->arena, err) &&
		dataflow_retry_keep(db, &c->retry, id, c->now, err);
}

static void create_application(struct request *r, struct reply *reply)
{
	struct dataflow_change c;
	struct application app;
	dataflow_change_init(&c, r, reply);
	c.retry.operation = "CreateApplication";
	if (!request_decode(r, &application_record, FORM_CREATE, &app, reply))
		return;
	c.body = field_encode(&application_record, &app, FORM_CREATE, c.arena);
	if (dataflow_carry_out(&c, insert_application))
		dataflow_reply_row(reply, &c.row);
}

static void get_application(struct request *r, struct reply *reply)
{
	struct dataflow_row row;
	sqlite3 *db = store_db(r->service->store);
	if (dataflow_row_get(db, &dataflow_application_table, r->args[0], r->arena, &row))
		dataflow_reply_row(reply, &row);
	else
		dataflow_not_found(reply);
}

void dataflow_merge(
	struct node *record, const struct node *body, const struct record *type, struct arena *a)
{
	for (size_t i = 0; i < body->u.map.n; i++) {
		const struct node_pair *p = &body->u.map.v[i];
		const struct field *f = record_field_api(type, p->key);
		if (p->value->kind == NODE_NULL)
			continue;
		bool clears = f->kind == FIELD_OBJ && node_is_empty(p->value);
		node_put(a, record, p->key, clears ? node_null(a) : p->value);
	}
}

/* Only what the update itself names: what was there before may have gone since. */
static bool relates(sqlite3 *db, struct dataflow_change *c)
{
	struct node *named = node_map(c->arena);
	static const char *const fields[] = {"poolId", "privateEndpointId"};
	for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
		if (node_get_str(c->body, fields[i]))
			node_put(c->arena, named, fields[i], node_get(c->body, fields[i]));
	return dataflow_check_related(db, c, named);
}

static bool change_application(sqlite3 *db, void *ctx, struct err *err)
{
	struct dataflow_change *c = ctx;
	if (!dataflow_find(db, c, &dataflow_application_table))
		return false;
	if (!dataflow_check_state(c, "ACTIVE,INACTIVE", "updated"))
		return false;
	if (text_equal(node_get_str(c->row.record, "type"), "STREAMING") &&
		dataflow_application_runs(db, c->id))
		return dataflow_refuse(&c->refusal, 409, "Conflict",
			"A STREAMING application is changed when its run has ended.");
	dataflow_merge(c->row.record, c->body, &application_record, c->arena);
	dataflow_complete_application(c->row.record, c->arena, c->service);
	dataflow_row_touch(&c->row, c->now, c->arena);
	return dataflow_settle_application(c, c->row.record) && relates(db, c) &&
		dataflow_row_update(db, &dataflow_application_table, &c->row, c->arena, err);
}

static void update_application(struct request *r, struct reply *reply)
{
	struct dataflow_change c;
	struct application app;
	dataflow_change_init(&c, r, reply);
	if (!request_decode(r, &application_record, FORM_UPDATE, &app, reply))
		return;
	c.body = request_json(r, reply);
	if (dataflow_carry_out(&c, change_application))
		dataflow_reply_row(reply, &c.row);
}

static bool delete_application_row(sqlite3 *db, void *ctx, struct err *err)
{
	struct dataflow_change *c = ctx;
	char past[32];
	if (!dataflow_find(db, c, &dataflow_application_table))
		return false;
	node_put(c->arena, c->row.record, "lifecycleState", node_str(c->arena, "DELETED"));
	dataflow_row_touch(&c->row, c->now, c->arena);
	return dataflow_row_update(db, &dataflow_application_table, &c->row, c->arena, err) &&
		store_exec(db, NULL, err,
			"DELETE FROM applications WHERE state = 'DELETED' AND time_updated < ?",
			"s", text_rfc3339(c->now - DELETED_KEPT_MS, past));
}

static void delete_application(struct request *r, struct reply *reply)
{
	struct dataflow_change c;
	dataflow_change_init(&c, r, reply);
	if (dataflow_carry_out(&c, delete_application_row))
		reply->status = 204;
}

/* clang-format off */
const struct route dataflow_routes[] = {
#define V "/20200129"
	{"GET", V "/applications", NEEDS(INSPECT, APPLICATION, QUERY), .handle = dataflow_list_applications},
	{"POST", V "/applications", NEEDS(MANAGE, APPLICATION, BODY), .handle = create_application},
	{"GET", V "/applications/{}", NEEDS(READ, APPLICATION, APPLICATION), .handle = get_application},
	{"PUT", V "/applications/{}", NEEDS(USE, APPLICATION, APPLICATION), .handle = update_application},
	{"DELETE", V "/applications/{}", NEEDS(MANAGE, APPLICATION, APPLICATION), .handle = delete_application},
	{"POST", V "/applications/{}/actions/changeCompartment", NEEDS_TO_MOVE(MANAGE, APPLICATION, APPLICATION), .handle = dataflow_move_application},
	{"GET", V "/runs", NEEDS(INSPECT, RUN, QUERY), .handle = dataflow_list_runs},
	{"POST", V "/runs", NEEDS(MANAGE, RUN, BODY), .handle = dataflow_create_run},
	{"GET", V "/runs/{}", NEEDS(READ, RUN, RUN), .handle = dataflow_get_run},
	{"PUT", V "/runs/{}", NEEDS(USE, RUN, RUN), .handle = dataflow_update_run},
	{"DELETE", V "/runs/{}", NEEDS(MANAGE, RUN, RUN), .handle = dataflow_delete_run},
	{"GET", V "/runs/{}/logs", NEEDS(READ, RUN, RUN), .handle = dataflow_list_run_logs},
	{"GET", V "/runs/{}/logs/{}", NEEDS(READ, RUN, RUN), .handle = dataflow_get_run_log},
	{"POST", V "/runs/{}/actions/changeCompartment", NEEDS_TO_MOVE(MANAGE, RUN, RUN), .handle = dataflow_move_run},
	{"POST", V "/applications/{}/actions/cascadingDeleteApplication", NEEDS(MANAGE, APPLICATION, APPLICATION), .handle = dataflow_cascade_application},
	{"GET", V "/pools", NEEDS(INSPECT, POOL, QUERY), .handle = dataflow_list_pools},
	{"POST", V "/pools", NEEDS(MANAGE, POOL, BODY), .handle = dataflow_create_pool},
	{"GET", V "/pools/{}", NEEDS(READ, POOL, POOL), .handle = dataflow_get_pool},
	{"PUT", V "/pools/{}", NEEDS(USE, POOL, POOL), .handle = dataflow_update_pool},
	{"DELETE", V "/pools/{}", NEEDS(MANAGE, POOL, POOL), .handle = dataflow_delete_pool},
	{"POST", V "/pools/{}/actions/changeCompartment", NEEDS_TO_MOVE(MANAGE, POOL, POOL), .handle = dataflow_move_pool},
	{"POST", V "/pools/{}/actions/start", NEEDS(USE, POOL, POOL), .handle = dataflow_start_pool},
	{"POST", V "/pools/{}/actions/stop", NEEDS(USE, POOL, POOL), .handle = dataflow_stop_pool},
	{"GET", V "/privateEndpoints", NEEDS(INSPECT, PRIVATE_ENDPOINT, QUERY), .handle = dataflow_list_private_endpoints},
	{"POST", V "/privateEndpoints", NEEDS(MANAGE, PRIVATE_ENDPOINT, BODY), .handle = dataflow_create_private_endpoint},
	{"GET", V "/privateEndpoints/{}", NEEDS(READ, PRIVATE_ENDPOINT, PRIVATE_ENDPOINT), .handle = dataflow_get_private_endpoint},
	{"PUT", V "/privateEndpoints/{}", NEEDS(USE, PRIVATE_ENDPOINT, PRIVATE_ENDPOINT), .handle = dataflow_update_private_endpoint},
	{"DELETE", V "/privateEndpoints/{}", NEEDS(MANAGE, PRIVATE_ENDPOINT, PRIVATE_ENDPOINT), .handle = dataflow_delete_private_endpoint},
	{"POST", V "/privateEndpoints/{}/actions/changeCompartment", NEEDS_TO_MOVE(MANAGE, PRIVATE_ENDPOINT, PRIVATE_ENDPOINT), .handle = dataflow_move_private_endpoint},
	{"GET", V "/workRequests", NEEDS(INSPECT, WORK_REQUEST, QUERY), .handle = dataflow_list_work_requests},
	{"GET", V "/workRequests/{}", NEEDS(READ, WORK_REQUEST, WORK_REQUEST), .handle = dataflow_get_work_request},
	{"GET", V "/workRequests/{}/logs", NEEDS(READ, WORK_REQUEST, WORK_REQUEST), .handle = dataflow_list_work_request_logs},
	{"GET", V "/workRequests/{}/errors", NEEDS(READ, WORK_REQUEST, WORK_REQUEST), .handle = dataflow_list_work_request_errors},
#undef V
	{0},
};
/* clang-format on */
