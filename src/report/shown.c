#include "report/shown.h"

#include "report/fields.h"
#include "report/run_text.h"

#include "base/text.h"

#define SHOWN_VERSION "1.0"

static struct node *fields_of(const struct shown *x, struct arena *a)
{
	return field_encode(resource_types[x->kind].record, x->record, FORM_YAML, a);
}

struct node *shown_json(const struct shown *x, struct arena *a)
{
	const char *kind = resource_types[x->kind].name;
	struct node *doc = node_map(a);
	node_add(a, doc, "format_version", node_str(a, SHOWN_VERSION));
	node_add(a, doc, "address", node_str(a, x->address));
	node_add(a, doc, "kind", node_str(a, kind));
	node_add(a, doc, kind, fields_of(x, a));
	if (x->uri)
		node_add(a, doc, "uri", node_str(a, x->uri));
	node_add(a, doc, "console", node_str(a, x->console));
	if (x->kind == RESOURCE_APPLICATION)
		node_add(a, doc, "last_run",
			x->last_run ? field_encode(&run_record, x->last_run, FORM_YAML, a)
				    : node_null(a));
	return doc;
}

/* "flights-copy-20261120T153639Z SUCCEEDED 31.9s ocid1.dataflowrun..." */
static const char *last_run(const struct run *run, int64_t now_ms, struct arena *a)
{
	if (!run)
		return "none";
	const char *time = run_text_time(run, now_ms, a);
	return arena_printf(a, "%s %s%s%s %s", run->display_name ? run->display_name : "-",
		run->lifecycle_state ? run->lifecycle_state : "-", time ? " " : "",
		time ? time : "", run->id);
}

void shown_text(const struct shown *x, int64_t now_ms, struct arena *a, struct buf *out)
{
	fields_line(out, resource_types[x->kind].name, x->address);
	fields_line(out, "uri", x->uri);
	fields_line(out, "console", x->console);
	if (x->kind == RESOURCE_APPLICATION)
		fields_line(out, "last run", last_run(x->last_run, now_ms, a));
	if (out->len)
		buf_addc(out, '\n');
	fields_text(fields_of(x, a), out);
}
