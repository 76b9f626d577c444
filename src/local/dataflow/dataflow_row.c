#include "local/dataflow/dataflow_row.h"

#include "base/buf.h"
#include "base/text.h"
#include "local/home.h"
#include "local/store/store.h"

#include <openssl/rand.h>
#include <stdlib.h>
#include <string.h>

static const int64_t RETRY_KEPT_MS = 24LL * 3600 * 1000;

static const char *const application_summary[] = {"compartmentId", "definedTags", "displayName",
	"freeformTags", "id", "language", "lifecycleState", "ownerPrincipalId", "ownerUserName",
	"poolId", "sparkVersion", "timeCreated", "timeUpdated", "type", NULL};
static const char *const run_summary[] = {"applicationId", "compartmentId", "dataReadInBytes",
	"dataWrittenInBytes", "definedTags", "displayName", "freeformTags", "id", "language",
	"lifecycleDetails", "lifecycleState", "opcRequestId", "ownerPrincipalId", "ownerUserName",
	"poolId", "runDurationInMilliseconds", "timeCreated", "timeUpdated", "totalOCpu", "type",
	NULL};

static const char *const pool_summary[] = {"compartmentId", "definedTags", "displayName",
	"freeformTags", "id", "lifecycleState", "ownerPrincipalId", "ownerUserName", "timeCreated",
	"timeUpdated", NULL};
static const char *const private_endpoint_summary[] = {"compartmentId", "definedTags",
	"displayName", "dnsZones", "freeformTags", "id", "lifecycleState", "maxHostCount", "nsgIds",
	"ownerPrincipalId", "ownerUserName", "scanDetails", "securityAttributes", "subnetId",
	"timeCreated", "timeUpdated", NULL};
static const char *const work_request_summary[] = {"compartmentId", "id", "operation",
	"percentComplete", "resources", "status", "timeAccepted", "timeStarted", "timeFinished",
	NULL};

#define TABLE(name)                                                                     \
	.get = "SELECT etag, record FROM " name " WHERE id = ?",                        \
	.compartment = "SELECT compartment_id FROM " name " WHERE id = ?",              \
	.insert = "INSERT INTO " name "(etag, record, summary, id) VALUES(?, ?, ?, ?)", \
	.update = "UPDATE " name " SET etag = ?, record = ?, summary = ? WHERE id = ?"

const struct dataflow_table dataflow_application_table = {
	TABLE("applications"), .summary = application_summary};
const struct dataflow_table dataflow_run_table = {TABLE("runs"), .summary = run_summary};
const struct dataflow_table dataflow_pool_table = {TABLE("pools"), .summary = pool_summary};
const struct dataflow_table dataflow_private_endpoint_table = {
	TABLE("private_endpoints"), .summary = private_endpoint_summary};
const struct dataflow_table dataflow_work_request_table = {
	TABLE("work_requests"), .summary = work_request_summary};

bool dataflow_row_get(sqlite3 *db, const struct dataflow_table *t, const char *id, struct arena *a,
	struct dataflow_row *ret)
{
	sqlite3_stmt *st = store_prepare(db, t->get, "s", id);
	bool found = sqlite3_step(st) == SQLITE_ROW;
	if (found)
		*ret = (struct dataflow_row){.id = arena_strdup(a, id),
			.etag = store_text(a, st, 0),
			.text = store_text(a, st, 1)};
	store_done(st);
	return found;
}

const char *dataflow_row_compartment(
	sqlite3 *db, const struct dataflow_table *t, const char *id, struct arena *a)
{
	sqlite3_stmt *st = store_prepare(db, t->compartment, "s", id);
	const char *compartment = sqlite3_step(st) == SQLITE_ROW ? store_text(a, st, 0) : NULL;
	store_done(st);
	return compartment;
}

void dataflow_row_parse(struct dataflow_row *row, struct arena *a)
{
	struct err err;
	row->record = node_from_json(a, row->text, strlen(row->text), &err);
	/* We wrote it. */
	if (!row->record)
		abort();
}

static char *summary_of(const struct dataflow_table *t, const struct node *record, struct arena *a)
{
	struct node *summary = node_map(a);
	for (const char *const *name = t->summary; *name; name++) {
		struct node *value = node_get(record, *name);
		node_put(a, summary, *name, value ? value : node_null(a));
	}
	buf_auto text = {0};
	node_to_json(summary, NODE_JSON_COMPACT, &text);
	return arena_strdup(a, buf_str(&text));
}

static bool write_row(sqlite3 *db, const char *sql, const struct dataflow_table *t,
	struct dataflow_row *row, struct arena *a, struct err *err)
{
	char etag[37];
	buf_auto text = {0};
	store_uuid(etag);
	node_to_json(row->record, NODE_JSON_COMPACT, &text);
	row->etag = arena_strdup(a, etag);
	row->text = arena_strdup(a, buf_str(&text));
	return store_exec(db, NULL, err, sql, "ssss", row->etag, row->text,
		summary_of(t, row->record, a), row->id);
}

bool dataflow_row_insert(sqlite3 *db, const struct dataflow_table *t, struct dataflow_row *row,
	struct arena *a, struct err *err)
{
	return write_row(db, t->insert, t, row, a, err);
}

bool dataflow_row_update(sqlite3 *db, const struct dataflow_table *t, struct dataflow_row *row,
	struct arena *a, struct err *err)
{
	return write_row(db, t->update, t, row, a, err);
}

void dataflow_row_touch(struct dataflow_row *row, int64_t now, struct arena *a)
{
	int64_t before;
	const char *was = node_get_str(row->record, "timeUpdated");
	if (was && text_parse_rfc3339(was, &before) && before >= now)
		now = before + 1;
	char text[32];
	node_put(a, row->record, "timeUpdated", node_str(a, text_rfc3339(now, text)));
}

char *dataflow_ocid(struct arena *a, const char *kind)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz234567";
	unsigned char random[57];
	char name[sizeof random + 1] = "";
	if (RAND_bytes(random, sizeof random) != 1)
		abort();
	for (size_t i = 0; i < sizeof random; i++)
		name[i] = letters[random[i] % 32];
	return arena_printf(a, "ocid1.%s." HOME_REALM_REGION ".anw%s", kind, name);
}

enum dataflow_retry_found dataflow_retry_find(sqlite3 *db, const struct dataflow_retry *r,
	int64_t now, struct arena *a, const char **ret_id)
{
	if (!r->token)
		return DATAFLOW_RETRY_NEW;
	sqlite3_stmt *st = store_prepare(db,
		"SELECT request, resource FROM retry_tokens WHERE token = ? AND operation = ? AND time_created > ?",
		"ssi", r->token, r->operation, now - RETRY_KEPT_MS);
	enum dataflow_retry_found found = DATAFLOW_RETRY_NEW;
	if (sqlite3_step(st) == SQLITE_ROW) {
		found = text_equal(store_text(a, st, 0), r->request) ? DATAFLOW_RETRY_SAME
								     : DATAFLOW_RETRY_OTHER;
		*ret_id = store_text(a, st, 1);
	}
	store_done(st);
	return found;
}

bool dataflow_retry_keep(
	sqlite3 *db, const struct dataflow_retry *r, const char *id, int64_t now, struct err *err)
{
	if (!r->token)
		return true;
	return store_exec(db, NULL, err, "DELETE FROM retry_tokens WHERE time_created <= ?", "i",
		       now - RETRY_KEPT_MS) &&
		store_exec(db, NULL, err,
			"INSERT INTO retry_tokens(token, operation, request, resource, time_created)"
			" VALUES(?, ?, ?, ?, ?)",
			"ssssi", r->token, r->operation, r->request, id, now);
}
