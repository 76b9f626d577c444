/* Lists of applications and runs: one filter besides the compartment, sorted, in pages. */
#include "local/dataflow.h"

#include "base/text.h"
#include "local/store.h"

#include <string.h>

enum { PAGE_DEFAULT = 100, PAGE_MAX = 1000 };

struct filter {
	const char *query, *where; /* ?2 is the value */
	bool (*ok)(struct arena *a, const char **value);
};
struct order {
	const char *by, *column;
	bool down; /* unless sortOrder says otherwise */
};
struct list {
	const char *table;
	const struct filter *filters; /* end with query NULL */
	const struct order *orders;   /* likewise; the first is the default */
};

/* Times are stored with milliseconds in UTC, so that they compare as texts. */
static bool time_ok(struct arena *a, const char **value)
{
	int64_t ms;
	char text[32];
	if (!text_parse_rfc3339(*value, &ms))
		return false;
	*value = arena_strdup(a, text_rfc3339(ms, text));
	return true;
}

static bool state_ok(struct arena *a, const char **value)
{
	(void)a;
	for (const char *const *s = run_state_choices; *s; s++)
		if (!strcmp(*s, *value))
			return true;
	return false;
}

static const struct list applications = {
	.table = "applications",
	.filters = (const struct filter[]){{"displayName", "display_name = ?2", NULL},
		{"displayNameStartsWith", "instr(display_name, ?2) = 1", NULL},
		{"ownerPrincipalId", "owner = ?2", NULL},
		{"sparkVersion", "spark_version = ?2", NULL}, {0}},
	.orders = (const struct order[]){{"timeCreated", "seq", true},
		{"displayName", "display_name", false}, {"language", "language", false}, {0}},
};
static const struct list runs = {
	.table = "runs",
	.filters = (const struct filter[]){{"applicationId", "application_id = ?2", NULL},
		{"poolId", "pool_id = ?2", NULL}, {"ownerPrincipalId", "owner = ?2", NULL},
		{"displayName", "display_name = ?2", NULL},
		{"displayNameStartsWith", "instr(display_name, ?2) = 1", NULL},
		{"lifecycleState", "state = ?2", state_ok},
		{"timeCreatedGreaterThan", "time_created > ?2", time_ok}, {0}},
	.orders = (const struct order[]){{"timeCreated", "seq", true},
		{"displayName", "display_name", false}, {"language", "language", false},
		{"lifecycleState", "state", false},
		{"runDurationInMilliseconds", "duration", false}, {"totalOCpu", "ocpu", false},
		{"dataReadInBytes", "data_read", false},
		{"dataWrittenInBytes", "data_written", false}, {0}},
};

/* The filter that the query names, NULL for none; false with a reply where it is wrong or there are two. */
static bool find_filter(struct request *r, const struct list *l, const struct filter **ret,
	const char **ret_value, struct reply *reply)
{
	const struct filter *found = NULL;
	for (const struct filter *f = l->filters; f->query; f++) {
		const char *value = request_query(r, f->query);
		if (!value)
			continue;
		if (found) {
			reply_error(reply, 400, "InvalidParameter",
				"%s and %s: at most one filter besides compartmentId is allowed.",
				found->query, f->query);
			return false;
		}
		found = f;
		*ret_value = value;
	}
	if (found && found->ok && !found->ok(r->arena, ret_value)) {
		reply_error(reply, 400, "InvalidParameter", "%s is not valid.", found->query);
		return false;
	}
	*ret = found;
	return true;
}

static bool find_order(struct request *r, const struct list *l, const struct order **ret,
	bool *ret_down, struct reply *reply)
{
	const char *by = request_query(r, "sortBy"), *order = request_query(r, "sortOrder");
	const struct order *o = l->orders;
	while (by && o->by && strcmp(o->by, by))
		o++;
	if (!o->by) {
		reply_error(reply, 400, "InvalidParameter", "sortBy is not one of those known.");
		return false;
	}
	if (order && strcmp(order, "ASC") && strcmp(order, "DESC")) {
		reply_error(reply, 400, "InvalidParameter", "sortOrder must be ASC or DESC.");
		return false;
	}
	*ret = o;
	*ret_down = order ? !strcmp(order, "DESC") : o->down;
	return true;
}

/* A page begins behind "SEQ VALUE", the last row of the one before and what it was sorted by. */
static bool read_after(const char *after, int64_t *ret_seq, const char **ret_value)
{
	char digits[24];
	size_t n = strcspn(after, " ");
	if (after[n] != ' ' || n >= sizeof digits)
		return false;
	memcpy(digits, after, n);
	digits[n] = '\0';
	*ret_value = after + n + 1;
	return text_i64(digits, ret_seq);
}

static void put_rows(struct request *r, struct reply *reply, sqlite3_stmt *st, int64_t limit)
{
	const char *last = NULL;
	int64_t n = 0;
	buf_addc(&reply->body, '[');
	for (; sqlite3_step(st) == SQLITE_ROW; n++) {
		if (n == limit) {
			reply_next_page(reply, r, last);
			break;
		}
		if (n)
			buf_addc(&reply->body, ',');
		buf_adds(&reply->body, (const char *)sqlite3_column_text(st, 0));
		if (n == limit - 1)
			last = arena_printf(r->arena, "%lld %s",
				(long long)sqlite3_column_int64(st, 1),
				(const char *)sqlite3_column_text(st, 2));
	}
	buf_addc(&reply->body, ']');
	reply->status = 200;
	reply_field(reply, "content-type", "application/json");
}

static void list(struct request *r, struct reply *reply, const struct list *l)
{
	const struct filter *filter;
	const struct order *order;
	const char *value = NULL, *after, *after_value = NULL;
	int64_t limit, after_seq = 0;
	bool down;
	const char *compartment = request_query(r, "compartmentId");
	if (text_empty(compartment)) {
		reply_error(reply, 400, "MissingParameter", "compartmentId is required.");
		return;
	}
	if (!find_filter(r, l, &filter, &value, reply) || !find_order(r, l, &order, &down, reply) ||
		!request_page(r, PAGE_DEFAULT, PAGE_MAX, &limit, &after, reply))
		return;
	if (*after && !read_after(after, &after_seq, &after_value)) {
		reply_error(reply, 400, "InvalidParameter",
			"page is none that a list of this kind gave.");
		return;
	}
	const char *way = down ? "DESC" : "ASC";
	const char *sql = arena_printf(r->arena,
		"SELECT summary, seq, %s FROM %s WHERE compartment_id = ?1 AND %s"
		" AND (?3 IS NULL OR (%s, seq) %c (?3, ?4)) ORDER BY %s %s, seq %s LIMIT ?5",
		order->column, l->table, filter ? filter->where : "?2 IS NULL", order->column,
		down ? '<' : '>', order->column, way, way);
	sqlite3_stmt *st = store_prepare(store_db(r->service->store), sql, "sssii", compartment,
		value, after_value, after_seq, limit + 1);
	put_rows(r, reply, st, limit);
	store_done(st);
}

void dataflow_list_applications(struct request *r, struct reply *reply)
{
	list(r, reply, &applications);
}

void dataflow_list_runs(struct request *r, struct reply *reply)
{
	list(r, reply, &runs);
}
