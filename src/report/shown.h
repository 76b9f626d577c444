/*
 * One live resource, as `weir show` tells it: a document for programs (docs/reference/output.md), or lines.
 */
#ifndef REPORT_SHOWN_H
#define REPORT_SHOWN_H

#include "model/resource.h"
#include "model/run.h"

struct shown {
	const char *address; /* "apps.copy"; NULL: it was named by its OCID */
	enum resource_kind kind;
	const void *record;
	const char *uri;            /* of an object or bucket */
	const char *console;        /* NULL: there is none */
	const struct run *last_run; /* of an application; NULL: it has none */
};
/* {"format_version", "address", "kind", "uri", "console", "last_run", and the record under its kind}. */
struct node *shown_json(const struct shown *x, struct arena *a);
void shown_text(const struct shown *x, int64_t now_ms, struct arena *a, struct buf *out);

#endif
