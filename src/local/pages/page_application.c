/* The page of an application: all that is set of it, and its runs. */
#include "local/pages/page_show.h"

#include "base/text.h"
#include "local/dataflow/dataflow_row.h"
#include "local/service.h"
#include "local/store/store.h"

enum { RUNS_SHOWN = 25 };

static const char *const about[] = {"description", "id", "lifecycleState", "language", "type",
	"sparkVersion", "compartmentId", "ownerUserName", "ownerPrincipalId", "timeCreated",
	"timeUpdated", NULL};
static const char *const program[] = {
	"fileUri", "className", "archiveUri", "arguments", "parameters", "execute", NULL};
static const char *const size[] = {"driverShape", "driverShapeConfig", "executorShape",
	"executorShapeConfig", "numExecutors", "maxDurationInMinutes", "idleTimeoutInMinutes",
	"poolId", NULL};
static const char *const places[] = {"logsBucketUri", "warehouseBucketUri", "metastoreId", NULL};
static const char *const configuration[] = {"configuration", NULL};
static const char *const tags[] = {"freeformTags", "definedTags", NULL};
static const struct page_group groups[] = {{"About", about}, {"Program", program}, {"Size", size},
	{"Where things go", places}, {"Configuration", configuration}, {"Tags", tags},
	{NULL, NULL}};
static const char *const left_out[] = {"displayName", NULL};

static void put_runs(struct request *r, struct buf *out)
{
	int64_t next, before = 0;
	const char *query = request_query(r, "before");
	if (query && (!text_i64(query, &before) || before < 0))
		before = 0;
	html(out, "<section><h2>Runs</h2>\n");
	page_put_runs(r, out,
		&(struct page_runs){
			.application = r->args[0], .before = before, .limit = RUNS_SHOWN},
		&next);
	page_more(out,
		next ? arena_printf(r->arena, "%s?before=%lld",
			       page_of_application(r->arena, r->args[0]), (long long)next)
		     : NULL,
		"Older runs");
	html(out, "</section>\n");
}

void page_show_application(struct request *r, struct reply *reply)
{
	struct dataflow_row row;
	struct buf *out = &reply->body;
	if (!dataflow_row_get(store_db(r->service->store), &dataflow_application_table, r->args[0],
		    r->arena, &row)) {
		reply_error(reply, 404, "NotAuthorizedOrNotFound",
			"There is no application of that OCID.");
		return;
	}
	dataflow_row_parse(&row, r->arena);
	const char *name = node_get_str(row.record, "displayName");
	page_begin(r, reply, &(struct page_head){.title = name, .section = PAGE_APPLICATIONS});
	html(out, "<p class=\"kind\">Application</p>\n<h1>%s</h1>\n", name);
	put_runs(r, out);
	page_put_record(r, out, row.record, groups, left_out);
	page_end(r, reply);
}
