/* Retention rules: while one holds, an object of the bucket is neither replaced nor removed. */
#include "base/clock.h"
#include "base/text.h"
#include "local/objectstorage/objectstorage.h"

#include <string.h>

#define DAY_MS (24 * 3600 * INT64_C(1000))
enum { RULES_MAX = 100, LOCK_DAYS = 14, PAGE_MAX = 1000, AMOUNT_MAX = 100000 };

static const char *const units[] = {"DAYS", "YEARS", NULL};
struct retention_duration {
	struct opt_i64 amount;
	const char *unit;
};
static const struct record retention_duration_record = RECORD("Duration", struct retention_duration,
	I64(struct retention_duration, amount, "timeAmount", ABSENT_REQUIRED, "How many.",
		.flags = FIELD_REQUIRED, .min = 1, .max = AMOUNT_MAX),
	ENUM(struct retention_duration, unit, units, "timeUnit", ABSENT_REQUIRED,
		"Of what; a year is 365 days.", .flags = FIELD_REQUIRED));

static bool time_ok(const char *s)
{
	int64_t ms;
	return text_parse_rfc3339(s, &ms);
}

struct retention_rule {
	const char *id, *etag, *created, *modified;
	const char *name, *locked;
	struct retention_duration *duration;
};
#define TOLD(m, api)                                                          \
	STR(struct retention_rule, m, api, ABSENT_REQUIRED, "The service's.", \
		.flags = FIELD_COMPUTED)
static const struct record rule_record = RECORD("RetentionRule", struct retention_rule,
	TOLD(id, "id"), TOLD(etag, "etag"), TOLD(created, "timeCreated"),
	TOLD(modified, "timeModified"),
	STR(struct retention_rule, name, "displayName", ABSENT_SERVER, "Its name.", .max_len = 255),
	OBJ(struct retention_rule, duration, retention_duration, "duration", ABSENT_SERVER,
		"From an object's last change on; absent: for ever."),
	STR(struct retention_rule, locked, "timeRuleLocked", ABSENT_SERVER,
		"When the rule can only become longer.", .ok = time_ok,
		.ok_doc = "a time: 2025-06-01T12:00:00Z"));

bool storage_retained(sqlite3 *db, int64_t bucket, int64_t time_modified, int64_t now)
{
	sqlite3_stmt *st = store_prepare(db,
		"SELECT 1 FROM retention_rules WHERE bucket = ?1 AND (amount IS NULL OR"
		" ?2 + amount * CASE unit WHEN 'YEARS' THEN 365 ELSE 1 END * ?4 > ?3) LIMIT 1",
		"iiii", bucket, time_modified, now, DAY_MS);
	bool yes = sqlite3_step(st) == SQLITE_ROW;
	store_done(st);
	return yes;
}

#define COLUMNS "id, etag, display_name, amount, unit, time_created, time_modified, time_locked"

static const char *time_text(struct arena *a, int64_t ms)
{
	char time[32];
	return ms ? arena_strdup(a, text_rfc3339(ms, time)) : NULL;
}

/* The row that st is at. */
static void take_rule(struct arena *a, sqlite3_stmt *st, struct retention_rule *ret)
{
	*ret = (struct retention_rule){.id = store_text(a, st, 0),
		.etag = store_text(a, st, 1),
		.name = store_text(a, st, 2),
		.created = time_text(a, sqlite3_column_int64(st, 5)),
		.modified = time_text(a, sqlite3_column_int64(st, 6)),
		.locked = time_text(a, sqlite3_column_int64(st, 7))};
	if (sqlite3_column_type(st, 3) == SQLITE_NULL)
		return;
	ret->duration = arena_new(a, struct retention_duration);
	ret->duration->amount = (struct opt_i64){true, sqlite3_column_int64(st, 3)};
	ret->duration->unit = store_text(a, st, 4);
}

static bool get_rule(sqlite3 *db, struct request *r, int64_t bucket, struct retention_rule *ret)
{
	sqlite3_stmt *st = store_prepare(db,
		"SELECT " COLUMNS " FROM retention_rules WHERE id = ? AND bucket = ?", "si",
		r->args[2], bucket);
	bool found = sqlite3_step(st) == SQLITE_ROW;
	if (found)
		take_rule(r->arena, st, ret);
	store_done(st);
	return found;
}

/* One change in the writer's thread. rule: as it shall be. */
struct rule_change {
	struct request *request;
	struct retention_rule *rule;
	int64_t now, locked; /* locked 0: not */
	int status;
	const char *code, *text;
	enum change outcome;
};

/* True: nothing is written. */
static bool refuse(struct rule_change *c, int status, const char *code, const char *text)
{
	c->status = status;
	c->code = code;
	c->text = text;
	return true;
}

static bool refuse_unknown(struct rule_change *c)
{
	return refuse(c, 404, "NotAuthorizedOrNotFound",
		"The bucket has no such retention rule, or you are not authorized to see it");
}

static bool run(
	struct rule_change *c, bool (*fn)(sqlite3 *, void *, struct err *), struct reply *reply)
{
	struct request *r = c->request;
	struct err err;
	if (!store_write(r->service->store, fn, c, &err))
		storage_failed(reply, &err);
	else if (c->status)
		reply_error(reply, c->status, c->code, "%s", c->text);
	else if (c->outcome != CHANGE_OK)
		storage_refuse(reply, r, c->outcome, r->args[1], NULL);
	else
		return true;
	return false;
}

/* Whether the bucket has rules, in the column that changes of objects look at. */
static bool note(sqlite3 *db, int64_t bucket, struct err *err)
{
	return store_exec(db, NULL, err,
		"UPDATE buckets SET retained = EXISTS (SELECT 1 FROM retention_rules WHERE bucket ="
		" ?1) WHERE id = ?1",
		"i", bucket);
}

static bool put_row(sqlite3 *db, struct rule_change *c, int64_t bucket, struct err *err)
{
	const struct retention_rule *x = c->rule;
	const struct retention_duration *d = x->duration;
	int64_t created = c->now;
	text_parse_rfc3339(x->created ? x->created : "", &created);
	return store_exec(db, NULL, err,
		       "INSERT OR REPLACE INTO retention_rules(bucket, " COLUMNS
		       ") VALUES(?, ?, ?, ?, nullif(?, 0), ?, ?, ?, nullif(?, 0))",
		       "isssisiii", bucket, x->id, x->etag, x->name ? x->name : "",
		       d ? d->amount.v : (int64_t)0, d ? d->unit : NULL, created, c->now,
		       c->locked) &&
		note(db, bucket, err);
}

static int64_t count_rules(sqlite3 *db, int64_t bucket)
{
	sqlite3_stmt *st = store_prepare(
		db, "SELECT count(*) FROM retention_rules WHERE bucket = ?", "i", bucket);
	int64_t n = sqlite3_step(st) == SQLITE_ROW ? sqlite3_column_int64(st, 0) : 0;
	store_done(st);
	return n;
}

static bool insert(sqlite3 *db, void *ctx, struct err *err)
{
	struct rule_change *c = ctx;
	struct bucket_brief b;
	if (!bucket_row_brief(db, c->request->args[1], &b)) {
		c->outcome = CHANGE_NO_BUCKET;
		return true;
	}
	if (b.versioned)
		return refuse(c, 409, "Conflict",
			"A bucket whose versioning is enabled can't have retention rules");
	if (count_rules(db, b.id) >= RULES_MAX)
		return refuse(c, 400, "InvalidParameter", "A bucket has 100 rules at most");
	return put_row(db, c, b.id, err);
}

static int64_t days_of(const struct retention_duration *d)
{
	return d ? d->amount.v * (text_equal(d->unit, "YEARS") ? 365 : 1) : INT64_MAX;
}

/* What a rule that is locked does not let be changed. */
static bool breaks_lock(const struct retention_rule *now, const struct retention_rule *want)
{
	return days_of(want->duration) < days_of(now->duration) ||
		!text_equal(now->name, want->name) || !text_equal(now->locked, want->locked);
}

static bool is_locked(const struct retention_rule *x, int64_t now)
{
	int64_t locked;
	return x->locked && text_parse_rfc3339(x->locked, &locked) && locked <= now;
}

/* The rule as it is; false where the change ends here. */
static bool find_to_change(
	sqlite3 *db, struct rule_change *c, int64_t *ret_bucket, struct retention_rule *ret)
{
	struct request *r = c->request;
	*ret_bucket = bucket_row_id(db, r->args[1]);
	if (!*ret_bucket)
		c->outcome = CHANGE_NO_BUCKET;
	else if (!get_rule(db, r, *ret_bucket, ret))
		refuse_unknown(c);
	else
		c->outcome = storage_condition(request_header(r, "if-match"), NULL, ret->etag);
	return !c->status && c->outcome == CHANGE_OK;
}

static bool update(sqlite3 *db, void *ctx, struct err *err)
{
	struct rule_change *c = ctx;
	struct retention_rule *want = c->rule, now;
	int64_t bucket;
	if (!find_to_change(db, c, &bucket, &now))
		return true;
	want->id = now.id;
	want->created = now.created;
	want->name = want->name ? want->name : now.name;
	want->duration = want->duration ? want->duration : now.duration;
	if (!want->locked && now.locked) {
		want->locked = now.locked;
		text_parse_rfc3339(now.locked, &c->locked);
	}
	if (want->locked && !want->duration)
		return refuse(c, 400, "InvalidParameter",
			"timeRuleLocked: a rule without a duration can't be locked");
	if (is_locked(&now, c->now) && breaks_lock(&now, want))
		return refuse(c, 409, "Conflict",
			"The rule is locked: its duration can be made longer, and nothing else");
	return put_row(db, c, bucket, err);
}

static bool remove_rule(sqlite3 *db, void *ctx, struct err *err)
{
	struct rule_change *c = ctx;
	struct retention_rule now;
	int64_t bucket;
	if (!find_to_change(db, c, &bucket, &now))
		return true;
	if (is_locked(&now, c->now))
		return refuse(c, 409, "Conflict", "The rule is locked: it goes with its bucket");
	return store_exec(db, NULL, err, "DELETE FROM retention_rules WHERE id = ?", "s", now.id) &&
		note(db, bucket, err);
}

static void reply_rule(struct request *r, const struct retention_rule *x, struct reply *reply)
{
	char time[32];
	int64_t modified = 0;
	reply_json(reply, 200, field_encode(&rule_record, x, FORM_REPLY, r->arena));
	reply_field(reply, "etag", x->etag);
	if (text_parse_rfc3339(x->modified, &modified))
		reply_field(reply, "last-modified",
			arena_strdup(r->arena, text_http_date(modified, time)));
}

/* Reads the rule of a request; false with a reply. */
static bool read_rule(
	struct rule_change *c, enum field_form form, struct retention_rule *x, struct reply *reply)
{
	struct request *r = c->request;
	char id[37], text[32];
	if (!storage_bucket(r, reply) || !request_decode(r, &rule_record, form, x, reply))
		return false;
	c->now = clock_wall(r->service->clock);
	c->rule = x;
	if (x->locked && text_parse_rfc3339(x->locked, &c->locked)) {
		x->locked = arena_strdup(r->arena, text_rfc3339(c->locked, text));
		if (c->locked < c->now + LOCK_DAYS * DAY_MS) {
			reply_error(reply, 400, "InvalidParameter",
				"timeRuleLocked: it lies less than %d days ahead", LOCK_DAYS);
			return false;
		}
	}
	store_uuid(id);
	x->etag = arena_strdup(r->arena, id);
	x->modified = arena_strdup(r->arena, text_rfc3339(c->now, text));
	return true;
}

void storage_retention_create(struct request *r, struct reply *reply)
{
	struct retention_rule x;
	struct rule_change c = {.request = r};
	char id[37];
	if (!read_rule(&c, FORM_CREATE, &x, reply))
		return;
	if (x.locked && !x.duration) {
		reply_error(reply, 400, "InvalidParameter",
			"timeRuleLocked: a rule without a duration can't be locked");
		return;
	}
	store_uuid(id);
	x.id = id;
	x.name = x.name ? x.name : "";
	x.created = x.modified;
	if (run(&c, insert, reply))
		reply_rule(r, &x, reply);
}

void storage_retention_update(struct request *r, struct reply *reply)
{
	struct retention_rule x;
	struct rule_change c = {.request = r};
	if (read_rule(&c, FORM_UPDATE, &x, reply) && run(&c, update, reply))
		reply_rule(r, &x, reply);
}

void storage_retention_delete(struct request *r, struct reply *reply)
{
	struct rule_change c = {.request = r, .now = clock_wall(r->service->clock)};
	if (storage_bucket(r, reply) && run(&c, remove_rule, reply))
		reply->status = 204;
}

void storage_retention_get(struct request *r, struct reply *reply)
{
	struct retention_rule x;
	int64_t bucket = storage_bucket(r, reply);
	struct rule_change c = {.request = r};
	if (!bucket)
		return;
	if (get_rule(store_db(r->service->store), r, bucket, &x)) {
		reply_rule(r, &x, reply);
		return;
	}
	refuse_unknown(&c);
	reply_error(reply, c.status, c.code, "%s", c.text);
}

/* All of them, at most RULES_MAX, are one page. */
void storage_retention_list(struct request *r, struct reply *reply)
{
	int64_t bucket = storage_bucket(r, reply), limit;
	const char *after;
	struct retention_rule x;
	if (!bucket || !request_page(r, PAGE_MAX, PAGE_MAX, &limit, &after, reply))
		return;
	struct node *list = node_seq(r->arena), *n = node_map(r->arena);
	sqlite3_stmt *st = store_prepare(store_db(r->service->store),
		"SELECT " COLUMNS " FROM retention_rules WHERE bucket = ? AND id > ? ORDER BY id",
		"is", bucket, after);
	while (sqlite3_step(st) == SQLITE_ROW) {
		take_rule(r->arena, st, &x);
		node_append(r->arena, list, field_encode(&rule_record, &x, FORM_REPLY, r->arena));
	}
	store_done(st);
	node_put(r->arena, n, "items", list);
	reply_json(reply, 200, n);
}
