/* The pages themselves, as route_fn of page_routes.c: each is made for who may see it, from the rows that the API has. */
#ifndef LOCAL_PAGE_SHOW_H
#define LOCAL_PAGE_SHOW_H

#include "local/pages/page.h"

route_fn page_show_home, page_show_runs, page_show_applications, page_show_buckets;
route_fn page_show_application;
route_fn page_show_run, page_show_run_news, page_show_run_log, page_cancel_run;
route_fn page_show_bucket, page_show_object;

/* `<table>` of runs, newest first. */
struct page_runs {
	const char *application; /* OCID; NULL: of all */
	int64_t before;          /* only those with a smaller seq; 0: from the newest */
	int limit;
};
/* Returns how many; *ret_next is the `before` of those that follow, 0 if there are none. */
size_t page_put_runs(
	struct request *r, struct buf *out, const struct page_runs *which, int64_t *ret_next);

/* `<dl>` of the fields of a record that are set, in groups; what no group names comes last. */
struct page_group {
	const char *title;
	const char *const *fields; /* API names; ends with NULL */
};
void page_put_record(struct request *r, struct buf *out, const struct node *record,
	const struct page_group *groups, const char *const *left_out);

#endif
