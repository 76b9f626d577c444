#include "local/dataflow/dataflow_work.h"

#include "base/text.h"
#include "local/dataflow/stepper.h"
#include "local/home.h"
#include "local/store/store.h"
#include "model/work_request.h"

#include <string.h>

enum { PAGE_DEFAULT = 100, PAGE_MAX = 1000 };
static const int64_t KEPT_MS = 7 * 24LL * 3600 * 1000;

const struct dataflow_kind dataflow_application_kind = {
	.name = "application", .table = &dataflow_application_table, .path = "/applications/"};

const struct dataflow_kind *dataflow_kind_of(const char *name)
{
	static const struct dataflow_kind *const kinds[] = {
		&dataflow_pool_kind, &dataflow_private_endpoint_kind, &dataflow_application_kind};
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		if (!strcmp(kinds[i]->name, name))
			return kinds[i];
	return NULL;
}

static struct node *resources(struct dataflow_change *c, const struct dataflow_work *w)
{
	struct arena *a = c->arena;
	struct node *list = node_seq(a), *n = node_map(a);
	node_put(a, n, "actionType", node_str(a, w->action));
	node_put(a, n, "resourceId", node_str(a, c->row.id));
	node_put(a, n, "resourceType", node_str(a, arena_printf(a, "dataflow%s", w->kind->name)));
	node_put(a, n, "resourceUri",
		node_str(a, arena_printf(a, "/20200129%s%s", w->kind->path, c->row.id)));
	node_append(a, list, n);
	return list;
}

/* The record in its JSON, with one more entry. */
static const char *logs_with(
	struct arena *a, const char *logs, const char *id, const char *message, const char *time)
{
	struct err err;
	buf_auto text = {0};
	struct node *list = node_from_json(a, logs, strlen(logs), &err);
	if (!list)
		list = node_seq(a);
	const struct work_request_log entry = {.id = {true, (int64_t)list->u.seq.n + 1},
		.work_request_id = id,
		.message = message,
		.timestamp = time};
	node_append(a, list, field_encode(&work_request_log_record, &entry, FORM_REPLY, a));
	node_to_json(list, NODE_JSON_COMPACT, &text);
	return arena_strdup(a, buf_str(&text));
}

static bool set_logs(sqlite3 *db, const char *id, const char *logs, struct err *err)
{
	return store_exec(
		db, NULL, err, "UPDATE work_requests SET logs = ? WHERE id = ?", "ss", logs, id);
}

static const char *insert_work_request(
	sqlite3 *db, struct dataflow_change *c, const struct dataflow_work *w, struct err *err)
{
	struct arena *a = c->arena;
	char now[32], past[32];
	text_rfc3339(c->now, now);
	const struct work_request request = {.id = dataflow_ocid(a, "dataflowworkrequest"),
		.compartment_id = node_get_str(c->row.record, "compartmentId"),
		.operation = w->operation,
		.status = "ACCEPTED",
		.percent_complete = {.set = true},
		.resources = resources(c, w),
		.time_accepted = now};
	struct dataflow_row row = {.id = request.id,
		.record = field_encode(&work_request_record, &request, FORM_REPLY, a)};
	const char *logs =
		logs_with(a, "[]", row.id, arena_printf(a, "%s was accepted.", w->operation), now);
	bool ok = store_exec(db, NULL, err, "DELETE FROM work_requests WHERE time_accepted < ?",
			  "s", text_rfc3339(c->now - KEPT_MS, past)) &&
		dataflow_row_insert(db, &dataflow_work_request_table, &row, a, err) &&
		set_logs(db, row.id, logs, err);
	return ok ? row.id : NULL;
}

bool dataflow_work_begin(
	sqlite3 *db, struct dataflow_change *c, const struct dataflow_work *w, struct err *err)
{
	const char *id = NULL;
	if (w->operation && !(id = insert_work_request(db, c, w, err)))
		return false;
	return store_exec(db, NULL, err,
		"INSERT INTO steps(kind, resource, states, work_request, due) VALUES(?, ?, ?, ?, ?)",
		"ssssi", w->kind->name, c->row.id, w->states, id, c->now + stepper_ms());
}

bool dataflow_work_change(sqlite3 *db, struct dataflow_change *c, const char *state,
	const struct dataflow_work *w, struct err *err)
{
	node_put(c->arena, c->row.record, "lifecycleState", node_str(c->arena, state));
	dataflow_row_touch(&c->row, c->now, c->arena);
	return dataflow_row_update(db, w->kind->table, &c->row, c->arena, err) &&
		dataflow_work_begin(db, c, w, err);
}

bool dataflow_work_create(
	sqlite3 *db, struct dataflow_change *c, const struct dataflow_work *w, struct err *err)
{
	const struct dataflow_kind *k = w->kind;
	struct arena *a = c->arena;
	if (!dataflow_is_new(db, c, k->table))
		return c->refusal.status == 0;
	void *members = arena_alloc(a, k->record->size);
	field_decode(k->record, c->body, FORM_REPLY, "", a, members, NULL, NULL);
	struct node *record = field_encode(k->record, members, FORM_REPLY, a);
	c->row = (struct dataflow_row){
		.id = dataflow_ocid(a, arena_printf(a, "dataflow%s", k->name)), .record = record};
	k->complete(c, record);
	dataflow_put_origin(c, record, c->row.id, k->state);
	return dataflow_row_insert(db, k->table, &c->row, a, err) &&
		dataflow_work_begin(db, c, w, err) &&
		dataflow_retry_keep(db, &c->retry, c->row.id, c->now, err);
}

bool dataflow_work_update(sqlite3 *db, struct dataflow_change *c, const struct dataflow_kind *kind,
	const char *operation, struct err *err)
{
	const struct dataflow_work work = {.kind = kind,
		.operation = operation,
		.action = "UPDATED",
		.states = node_get_str(c->row.record, "lifecycleState")};
	dataflow_merge(c->row.record, c->body, kind->record, c->arena);
	kind->complete(c, c->row.record);
	return dataflow_work_change(db, c, "UPDATING", &work, err);
}

void dataflow_work_created(struct dataflow_change *c, const char *operation)
{
	dataflow_reply_row(c->reply, &c->row);
	c->reply->status = 202;
	dataflow_work_tell(c, operation);
}

void dataflow_work_changed(struct dataflow_change *c, const char *operation)
{
	c->reply->status = 202;
	reply_field(c->reply, "etag", c->row.etag);
	dataflow_work_tell(c, operation);
}

void dataflow_work_tell(struct dataflow_change *c, const char *operation)
{
	sqlite3_stmt *st = store_prepare(store_db(c->service->store),
		"SELECT id FROM work_requests WHERE record->>'$.resources[0].resourceId' = ?"
		" AND record->>'$.operation' = ? ORDER BY seq DESC LIMIT 1",
		"ss", c->row.id, operation);
	if (sqlite3_step(st) == SQLITE_ROW)
		reply_field(c->reply, "opc-work-request-id", store_text(c->arena, st, 0));
	store_done(st);
	stepper_wake(c->service->stepper);
}

bool dataflow_work_note(sqlite3 *db, const char *id, const char *message, bool done, int64_t now,
	struct arena *a, struct err *err)
{
	struct dataflow_row row;
	char time[32];
	text_rfc3339(now, time);
	if (!dataflow_row_get(db, &dataflow_work_request_table, id, a, &row))
		return true; /* too long ago */
	dataflow_row_parse(&row, a);
	node_put(a, row.record, "status", node_str(a, done ? "SUCCEEDED" : "INPROGRESS"));
	node_put(a, row.record, "percentComplete", node_float(a, done ? 100 : 50));
	if (node_is_empty(node_get(row.record, "timeStarted")))
		node_put(a, row.record, "timeStarted", node_str(a, time));
	if (done)
		node_put(a, row.record, "timeFinished", node_str(a, time));
	sqlite3_stmt *st =
		store_prepare(db, "SELECT logs FROM work_requests WHERE id = ?", "s", id);
	const char *logs = sqlite3_step(st) == SQLITE_ROW ? store_text(a, st, 0) : "[]";
	store_done(st);
	return dataflow_row_update(db, &dataflow_work_request_table, &row, a, err) &&
		set_logs(db, id, logs_with(a, logs, id, message, time), err);
}

bool dataflow_check_state(struct dataflow_change *c, const char *states, const char *what)
{
	const char *state = node_get_str(c->row.record, "lifecycleState");
	size_t n = strlen(state);
	for (const char *s = states; s; s = (s = strchr(s, ',')) ? s + 1 : NULL)
		if (!strncmp(s, state, n) && (!s[n] || s[n] == ','))
			return true;
	return dataflow_refuse(
		&c->refusal, 409, "IncorrectState", "It is %s and can't be %s.", state, what);
}

void dataflow_get(struct request *r, struct reply *reply, const struct dataflow_table *t)
{
	struct dataflow_row row;
	if (dataflow_row_get(store_db(r->service->store), t, r->args[0], r->arena, &row))
		dataflow_reply_row(reply, &row);
	else
		dataflow_not_found(reply);
}

static bool find_related(sqlite3 *db, struct dataflow_change *c, const char *field,
	const struct dataflow_table *t, enum permit_type type, const char *id,
	struct dataflow_row *ret)
{
	if (dataflow_row_get(db, t, id, c->arena, ret)) {
		dataflow_row_parse(ret, c->arena);
		const char *state = node_get_str(ret->record, "lifecycleState");
		if (!text_equal(state, "DELETED") && !text_equal(state, "DELETING") &&
			permit_in(c->request, VERB_USE, type,
				node_get_str(ret->record, "compartmentId")))
			return true;
	}
	return dataflow_refuse(&c->refusal, 400, "RelatedResourceNotAuthorizedOrNotFound",
		"%s: authorization failed or there is no %s.", field, id);
}

static void put_endpoint(struct dataflow_change *c, struct node *run, const struct node *endpoint)
{
	static const char *const fields[][2] = {{"privateEndpointDnsZones", "dnsZones"},
		{"privateEndpointMaxHostCount", "maxHostCount"},
		{"privateEndpointNsgIds", "nsgIds"}, {"privateEndpointSubnetId", "subnetId"}};
	for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
		if (node_get(run, fields[i][0]))
			node_put(c->arena, run, fields[i][0], node_get(endpoint, fields[i][1]));
}

bool dataflow_check_related(sqlite3 *db, struct dataflow_change *c, struct node *record)
{
	struct dataflow_row row;
	const char *pool = node_get_str(record, "poolId");
	const char *endpoint = node_get_str(record, "privateEndpointId");
	if (!text_empty(pool) &&
		!find_related(db, c, "poolId", &dataflow_pool_table, TYPE_POOL, pool, &row))
		return false;
	if (text_empty(endpoint))
		return true;
	if (!find_related(db, c, "privateEndpointId", &dataflow_private_endpoint_table,
		    TYPE_PRIVATE_ENDPOINT, endpoint, &row))
		return false;
	put_endpoint(c, record, row.record); /* of a run, which tells them */
	return true;
}

void dataflow_get_work_request(struct request *r, struct reply *reply)
{
	dataflow_get(r, reply, &dataflow_work_request_table);
}

/* A page of one of the JSON lists of a work request, as {"items": [...]}. */
static void list_told(struct request *r, struct reply *reply, const char *sql)
{
	struct err err;
	int64_t limit, first = 0;
	const char *after;
	if (!request_page(r, PAGE_DEFAULT, PAGE_MAX, &limit, &after, reply))
		return;
	if (*after && (!text_i64(after, &first) || first < 0)) {
		reply_error(reply, 400, "InvalidParameter",
			"page is none that a list of this kind gave.");
		return;
	}
	sqlite3_stmt *st = store_prepare(store_db(r->service->store), sql, "s", r->args[0]);
	const char *text = sqlite3_step(st) == SQLITE_ROW ? store_text(r->arena, st, 0) : NULL;
	store_done(st);
	const struct node *all = text ? node_from_json(r->arena, text, strlen(text), &err) : NULL;
	if (!all) {
		dataflow_not_found(reply);
		return;
	}
	struct node *items = node_seq(r->arena), *body = node_map(r->arena);
	int64_t n = (int64_t)all->u.seq.n, i = first;
	for (; i < n && i - first < limit; i++)
		node_append(r->arena, items, all->u.seq.v[i]);
	node_put(r->arena, body, "items", items);
	reply_json(reply, 200, body);
	if (i < n)
		reply_next_page(reply, r, arena_printf(r->arena, "%lld", (long long)i));
}

void dataflow_list_work_request_logs(struct request *r, struct reply *reply)
{
	list_told(r, reply, "SELECT logs FROM work_requests WHERE id = ?");
}

void dataflow_list_work_request_errors(struct request *r, struct reply *reply)
{
	list_told(r, reply, "SELECT errors FROM work_requests WHERE id = ?");
}
