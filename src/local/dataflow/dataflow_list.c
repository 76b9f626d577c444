/* Lists: filtered besides the compartment, sorted, in pages. */
#include "local/dataflow/dataflow.h"

#include "base/text.h"
#include "local/store/store.h"
#include "model/pool.h"
#include "model/private_endpoint.h"

#include <string.h>

enum { PAGE_DEFAULT = 100, PAGE_MAX = 1000 };

struct filter {
	const char *query;
	const char *before, *behind; /* the condition, around its value */
	bool (*ok)(struct arena *a, const char **value);
};
struct order {
	const char *by, *column;
	bool down; /* unless sortOrder says otherwise */
};
enum { FILTERS_MAX = 8 };
struct list {
	const char *table;
	const struct filter *filters; /* end with query NULL */
	const struct order *orders;   /* likewise; the first is the default */
	bool bare;                    /* an array, not {"items": [...]}; with at most one filter */
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

static bool is_one_of(const char *const *choices, const char *value)
{
	for (; *choices; choices++)
		if (!strcmp(*choices, value))
			return true;
	return false;
}

static bool run_state_ok(struct arena *a, const char **value)
{
	(void)a;
	return is_one_of(run_state_choices, *value);
}

static bool pool_state_ok(struct arena *a, const char **value)
{
	(void)a;
	return is_one_of(pool_state_choices, *value);
}

static bool private_endpoint_state_ok(struct arena *a, const char **value)
{
	(void)a;
	return is_one_of(private_endpoint_state_choices, *value);
}

#define DISPLAY_NAME                                       \
	{                                                  \
		"displayName", "display_name = ", "", NULL \
	}
#define STARTS_WITH                                                            \
	{                                                                      \
		"displayNameStartsWith", "instr(display_name, ", ") = 1", NULL \
	}
#define OWNER                                            \
	{                                                \
		"ownerPrincipalId", "owner = ", "", NULL \
	}
#define STATE(ok)                                    \
	{                                            \
		"lifecycleState", "state = ", "", ok \
	}
static const struct order by_time[] = {{"timeCreated", "seq", true}, {0}};

static const struct list applications = {
	.table = "applications",
	.bare = true,
	.filters = (const struct filter[]){DISPLAY_NAME, STARTS_WITH, OWNER,
		{"sparkVersion", "spark_version = ", "", NULL}, {0}},
	.orders = (const struct order[]){{"timeCreated", "seq", true},
		{"displayName", "display_name", false}, {"language", "language", false}, {0}},
};
static const struct list runs = {
	.table = "runs",
	.bare = true,
	.filters = (const struct filter[]){{"applicationId", "application_id = ", "", NULL},
		{"poolId", "pool_id = ", "", NULL}, OWNER, DISPLAY_NAME, STARTS_WITH,
		STATE(run_state_ok), {"timeCreatedGreaterThan", "time_created > ", "", time_ok},
		{0}},
	.orders = (const struct order[]){{"timeCreated", "seq", true},
		{"displayName", "display_name", false}, {"language", "language", false},
		{"lifecycleState", "state", false},
		{"runDurationInMilliseconds", "duration", false}, {"totalOCpu", "ocpu", false},
		{"dataReadInBytes", "data_read", false},
		{"dataWrittenInBytes", "data_written", false}, {0}},
};
static const struct list pools = {
	.table = "pools",
	.filters = (const struct filter[]){DISPLAY_NAME, STARTS_WITH, OWNER, STATE(pool_state_ok),
		{0}},
	.orders = by_time,
};
static const struct list private_endpoints = {
	.table = "private_endpoints",
	.filters = (const struct filter[]){DISPLAY_NAME, STARTS_WITH, OWNER,
		STATE(private_endpoint_state_ok), {0}},
	.orders = by_time,
};
static const struct list work_requests = {
	.table = "work_requests",
	.filters = (const struct filter[]){{0}},
	.orders = by_time,
};

/* The conditions of the filters that the query names, in SQL, and their values; NULL with a reply where one is wrong
   or there are two where one is allowed. Unused places are NULL. */
static const char *find_filters(struct request *r, const struct list *l,
	const char *ret_values[FILTERS_MAX], struct reply *reply)
{
	const struct filter *found = NULL;
	const char *sql = "";
	for (size_t i = 0; i < FILTERS_MAX; i++)
		ret_values[i] = NULL;
	for (const struct filter *f = l->filters; f->query; f++) {
		size_t i = (size_t)(f - l->filters);
		ret_values[i] = request_query(r, f->query);
		if (!ret_values[i])
			continue;
		if (found && l->bare) {
			reply_error(reply, 400, "InvalidParameter",
				"%s and %s: at most one filter besides compartmentId is allowed.",
				found->query, f->query);
			return NULL;
		}
		found = f;
		if (f->ok && !f->ok(r->arena, &ret_values[i])) {
			reply_error(reply, 400, "InvalidParameter", "%s is not valid.", f->query);
			return NULL;
		}
		sql = arena_printf(r->arena, "%s AND %s?%zu%s", sql, f->before, i + 5, f->behind);
	}
	return sql;
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
}

static void list(struct request *r, struct reply *reply, const struct list *l)
{
	const struct order *order;
	const char *v[FILTERS_MAX], *where, *after, *after_value = NULL;
	int64_t limit, after_seq = 0;
	bool down;
	const char *compartment = request_query(r, "compartmentId");
	if (text_empty(compartment)) {
		reply_error(reply, 400, "MissingParameter", "compartmentId is required.");
		return;
	}
	if (!(where = find_filters(r, l, v, reply)) || !find_order(r, l, &order, &down, reply) ||
		!request_page(r, PAGE_DEFAULT, PAGE_MAX, &limit, &after, reply))
		return;
	if (*after && !read_after(after, &after_seq, &after_value)) {
		reply_error(reply, 400, "InvalidParameter",
			"page is none that a list of this kind gave.");
		return;
	}
	const char *way = down ? "DESC" : "ASC";
	/* The values of filters are ?5 to ?12. The last is in the text whether it is used or not, so that all can be
	   bound. */
	const char *sql = arena_printf(r->arena,
		"SELECT summary, seq, %s FROM %s WHERE compartment_id = ?1%s"
		" AND (?2 IS NULL OR (%s, seq) %c (?2, ?3)) AND (1 OR ?12) ORDER BY %s %s, seq %s LIMIT ?4",
		order->column, l->table, where, order->column, down ? '<' : '>', order->column, way,
		way);
	sqlite3_stmt *st = store_prepare(store_db(r->service->store), sql, "ssiissssssss",
		compartment, after_value, after_seq, limit + 1, v[0], v[1], v[2], v[3], v[4], v[5],
		v[6], v[7]);
	if (!l->bare)
		buf_adds(&reply->body, "{\"items\":");
	put_rows(r, reply, st, limit);
	if (!l->bare)
		buf_addc(&reply->body, '}');
	store_done(st);
	reply->status = 200;
	reply_field(reply, "content-type", "application/json");
}

void dataflow_list_applications(struct request *r, struct reply *reply)
{
	list(r, reply, &applications);
}

void dataflow_list_runs(struct request *r, struct reply *reply)
{
	list(r, reply, &runs);
}

void dataflow_list_pools(struct request *r, struct reply *reply)
{
	list(r, reply, &pools);
}

void dataflow_list_private_endpoints(struct request *r, struct reply *reply)
{
	list(r, reply, &private_endpoints);
}

void dataflow_list_work_requests(struct request *r, struct reply *reply)
{
	list(r, reply, &work_requests);
}
