/* The lifecycle policy of a bucket: kept and told as it was put; nothing is done by it. */
#include "base/clock.h"
#include "base/map.h"
#include "base/text.h"
#include "local/objectstorage/objectstorage.h"

#include <string.h>

enum { RULES_MAX = 1000 };

struct name_filter {
	struct strs inclusion_patterns, exclusion_patterns, inclusion_prefixes;
};
#define NAMES(m, api) STRS(struct name_filter, m, api, ABSENT_SERVER, "Names.", .max = 1000)
static const struct record name_filter_record = RECORD("ObjectNameFilter", struct name_filter,
	NAMES(inclusion_patterns, "inclusionPatterns"),
	NAMES(exclusion_patterns, "exclusionPatterns"),
	NAMES(inclusion_prefixes, "inclusionPrefixes"));

static const char *const units[] = {"DAYS", "YEARS", NULL};
static const char *const actions[] = {"ARCHIVE", "INFREQUENT_ACCESS", "DELETE", "ABORT", NULL};
static const char *const targets[] = {
	"objects", "multipart-uploads", "previous-object-versions", NULL};
struct lifecycle_rule {
	const char *name, *action, *unit, *target;
	struct opt_i64 amount;
	struct opt_bool enabled;
	struct name_filter *filter;
};
static const struct record lifecycle_rule_record =
	RECORD("ObjectLifecycleRule", struct lifecycle_rule,
		STR(struct lifecycle_rule, name, "name", ABSENT_REQUIRED, "Its name.",
			.flags = FIELD_REQUIRED, .max_len = 255),
		ENUM(struct lifecycle_rule, action, actions, "action", ABSENT_REQUIRED,
			"What is done.", .flags = FIELD_REQUIRED),
		I64(struct lifecycle_rule, amount, "timeAmount", ABSENT_REQUIRED, "After how long.",
			.flags = FIELD_REQUIRED, .min = 1, .max = 1e6),
		ENUM(struct lifecycle_rule, unit, units, "timeUnit", ABSENT_REQUIRED, "Of that.",
			.flags = FIELD_REQUIRED),
		BOOL(struct lifecycle_rule, enabled, "isEnabled", ABSENT_REQUIRED,
			"Whether it counts.", .flags = FIELD_REQUIRED),
		ENUM(struct lifecycle_rule, target, targets, "target", ABSENT_SERVER, "To what."),
		OBJ(struct lifecycle_rule, filter, name_filter, "objectNameFilter", ABSENT_SERVER,
			"To which names."));

/* In the writer's thread. */
struct policy_change {
	struct request *request;
	const char *etag, *record; /* NULL: it goes */
	bool missing;
	enum change outcome;
};

static void refuse_missing(struct request *r, struct reply *reply)
{
	reply_error(reply, 404, "LifecyclePolicyNotFound",
		"The bucket '%s' has no lifecycle policy", r->args[1]);
}

static bool refuse(struct reply *reply, const char *what, const struct lifecycle_rule *x)
{
	reply_error(reply, 400, "InvalidParameter", "items: rule '%s': %s", x->name, what);
	return false;
}

static bool rule_ok(const struct lifecycle_rule *x, struct map *names, struct reply *reply)
{
	bool uploads = text_equal(x->target, "multipart-uploads");
	if (!map_put(names, x->name, NULL))
		return refuse(reply, "there are two of that name", x);
	if (uploads != text_equal(x->action, "ABORT"))
		return refuse(
			reply, "ABORT is for the target multipart-uploads, and the only one", x);
	return true;
}

/* The rules as they are told; NULL with a reply. */
static struct node *read_rules(struct request *r, const struct node *items, struct reply *reply)
{
	struct node *out = node_seq(r->arena);
	struct map names = {.arena = r->arena};
	bool ok = true;
	size_t n = items && items->kind == NODE_SEQ ? items->u.seq.n : 0;
	if ((items && items->kind != NODE_SEQ && items->kind != NODE_NULL) || n > RULES_MAX) {
		reply_error(reply, 400, "InvalidParameter", "items: a list of at most %d rules",
			RULES_MAX);
		return NULL;
	}
	for (size_t i = 0; ok && i < n; i++) {
		struct lifecycle_rule *x = arena_new(r->arena, struct lifecycle_rule);
		ok = request_decode_node(
			     r, items->u.seq.v[i], &lifecycle_rule_record, FORM_CREATE, x, reply) &&
			rule_ok(x, &names, reply);
		if (ok && !x->target)
			x->target = "objects";
		node_append(r->arena, out,
			field_encode(&lifecycle_rule_record, x, FORM_REPLY, r->arena));
	}
	return ok ? out : NULL;
}

/* The etag of the policy that there is, "" for none. */
static void etag_of(sqlite3 *db, int64_t bucket, char out[static 37])
{
	sqlite3_stmt *st = store_prepare(
		db, "SELECT etag FROM lifecycle_policies WHERE bucket = ?", "i", bucket);
	const char *etag =
		sqlite3_step(st) == SQLITE_ROW ? (const char *)sqlite3_column_text(st, 0) : "";
	memccpy(out, etag, 0, 37);
	store_done(st);
}

static bool put_policy(sqlite3 *db, void *ctx, struct err *err)
{
	struct policy_change *c = ctx;
	struct request *r = c->request;
	struct bucket_row row;
	char etag[37];
	if (!bucket_row_get(db, r->arena, r->args[1], &row)) {
		c->outcome = CHANGE_NO_BUCKET;
		return true;
	}
	etag_of(db, row.id, etag);
	c->missing = !c->record && !*etag;
	c->outcome = storage_condition(
		request_header(r, "if-match"), request_header(r, "if-none-match"), etag);
	if (c->missing || c->outcome != CHANGE_OK)
		return true;
	row.record.object_lifecycle_policy_etag = c->etag;
	if (!bucket_row_update(db, row.id, &row.record, err))
		return false;
	return c->record ? store_exec(db, NULL, err,
				   "INSERT OR REPLACE INTO lifecycle_policies VALUES(?, ?, ?)",
				   "iss", row.id, c->etag, c->record)
			 : store_exec(db, NULL, err,
				   "DELETE FROM lifecycle_policies WHERE bucket = ?", "i", row.id);
}

static bool run(struct policy_change *c, struct reply *reply)
{
	struct request *r = c->request;
	struct err err;
	if (!store_write(r->service->store, put_policy, c, &err))
		storage_failed(reply, &err);
	else if (c->missing)
		refuse_missing(r, reply);
	else if (c->outcome != CHANGE_OK)
		storage_refuse(reply, r, c->outcome, r->args[1], "");
	else
		return true;
	return false;
}

void storage_lifecycle_put(struct request *r, struct reply *reply)
{
	struct arena *a = r->arena;
	struct policy_change c = {.request = r};
	char etag[37], time[32];
	buf_auto json = {0};
	if (!storage_bucket(r, reply))
		return;
	const struct node *body = request_json(r, reply);
	if (!body)
		return;
	bool known = body->kind == NODE_MAP && body->u.map.n <= 1 &&
		(!body->u.map.n || !strcmp(body->u.map.v[0].key, "items"));
	if (!known) {
		reply_error(
			reply, 400, "InvalidParameter", "The body has `items`, and no other key");
		return;
	}
	struct node *items = read_rules(r, node_get(body, "items"), reply);
	if (!items)
		return;
	struct node *policy = node_map(a);
	node_put(a, policy, "timeCreated",
		node_str(a, text_rfc3339(clock_wall(r->service->clock), time)));
	node_put(a, policy, "items", items);
	node_to_json(policy, NODE_JSON_COMPACT, &json);
	store_uuid(etag);
	c.etag = etag;
	c.record = buf_str(&json);
	if (!run(&c, reply))
		return;
	reply_json(reply, 200, policy);
	reply_field(reply, "etag", arena_strdup(a, etag));
}

void storage_lifecycle_get(struct request *r, struct reply *reply)
{
	int64_t bucket = storage_bucket(r, reply);
	if (!bucket)
		return;
	sqlite3_stmt *st = store_prepare(store_db(r->service->store),
		"SELECT etag, record FROM lifecycle_policies WHERE bucket = ?", "i", bucket);
	bool found = sqlite3_step(st) == SQLITE_ROW;
	if (found) {
		reply->status = 200;
		reply_field(reply, "content-type", "application/json");
		reply_field(reply, "etag", store_text(r->arena, st, 0));
		buf_adds(&reply->body, (const char *)sqlite3_column_text(st, 1));
	}
	store_done(st);
	if (!found)
		refuse_missing(r, reply);
}

void storage_lifecycle_delete(struct request *r, struct reply *reply)
{
	struct policy_change c = {.request = r};
	if (storage_bucket(r, reply) && run(&c, reply))
		reply->status = 204;
}
