/* The fields of a record, in groups, by what they hold: texts, lists, names with values. */
#include "local/pages/page_show.h"

#include "base/text.h"

#include <ctype.h>
#include <string.h>

/* What the rule below gets wrong. */
static const char *const labels[][2] = {
	{"id", "OCID"},
	{"totalOCpu", "OCPUs"},
	{"fileUri", "File"},
	{"archiveUri", "Archive"},
	{"execute", "spark-submit"},
	{"configuration", "Spark properties"},
	{"logsBucketUri", "Logs bucket"},
	{"warehouseBucketUri", "Warehouse bucket"},
	{"opcRequestId", "Request, and folder of the logs"},
	{"memoryInGBs", "Memory in GB"},
	{"ocpus", "OCPUs"},
	{"lifecycleState", "State"},
	{"lifecycleDetails", "Details"},
	{"maxDurationInMinutes", "At most in progress, minutes"},
	{"idleTimeoutInMinutes", "At most idle, minutes"},
	{"numExecutors", "Executors"},
	{"driverShapeConfig", "Driver size"},
	{"executorShapeConfig", "Executor size"},
	{"timeCreated", "Created"},
	{"timeUpdated", "Changed last"},
	{"ownerUserName", "Owner"},
	{"ownerPrincipalId", "Owner\xE2\x80\x99s OCID"},
	{"compartmentId", "Compartment"},
	{"applicationId", "Application"},
};

/* "driverShapeConfig" is "Driver shape config". */
static const char *label_of(struct arena *a, const char *name)
{
	for (size_t i = 0; i < sizeof labels / sizeof *labels; i++)
		if (!strcmp(labels[i][0], name))
			return labels[i][1];
	char *out = arena_alloc(a, 2 * strlen(name) + 1), *p = out;
	for (const char *s = name; *s; s++) {
		bool upper = isupper((unsigned char)*s);
		if (upper && s != name)
			*p++ = ' ';
		*p++ = (char)(s == name ? toupper((unsigned char)*s) : tolower((unsigned char)*s));
	}
	return text_ends(out, " id") ? arena_printf(a, "%.*s OCID", (int)(p - out - 3), out) : out;
}

static void put_text(struct request *r, struct buf *out, const char *field, const char *text)
{
	const char *address = NULL;
	if (text_starts(text, "oci://"))
		address = page_of_oci_uri(r, text);
	else if (text_equal(field, "applicationId"))
		address = page_of_application(r->arena, text);
	if (text_starts(field, "time"))
		page_time(out, text);
	else if (text_equal(field, "lifecycleState"))
		page_state(out, text);
	else if (address)
		html(out, "<a href=\"%s\">%s</a>", address, text);
	else if (text_equal(field, "compartmentId"))
		html(out, "%s <span class=\"fine\">%s</span>", page_compartment_name(r, text),
			text);
	else
		html(out, "<span class=\"%s\">%s</span>",
			text_starts(text, "ocid1.") ? "value ocid" : "value", text);
}

static void put_value(
	struct request *r, struct buf *out, const char *field, const struct node *value);

static void put_pair(struct request *r, struct buf *out, const char *name, const struct node *value)
{
	html(out, "<tr><th scope=\"row\">%s</th><td>", name);
	if (!node_is_empty(value))
		put_value(r, out, "", value);
	html(out, "</td></tr>\n");
}

static bool are_named(const struct node *list)
{
	for (size_t i = 0; i < list->u.seq.n; i++)
		if (!node_get_str(list->u.seq.v[i], "name"))
			return false;
	return true;
}

static void put_list(struct request *r, struct buf *out, const struct node *list)
{
	if (are_named(list)) { /* parameters */
		html(out, "<table class=\"pairs\"><tbody>\n");
		for (size_t i = 0; i < list->u.seq.n; i++)
			put_pair(r, out, node_get_str(list->u.seq.v[i], "name"),
				node_get(list->u.seq.v[i], "value"));
		html(out, "</tbody></table>");
		return;
	}
	html(out, "<ol class=\"values\">\n");
	for (size_t i = 0; i < list->u.seq.n; i++) {
		html(out, "<li>");
		put_value(r, out, "", list->u.seq.v[i]);
		html(out, "</li>\n");
	}
	html(out, "</ol>");
}

static void put_map(struct request *r, struct buf *out, const struct node *map, bool of_fields)
{
	html(out, "<table class=\"pairs\"><tbody>\n");
	for (size_t i = 0; i < map->u.map.n; i++) {
		const struct node_pair *p = &map->u.map.v[i];
		put_pair(r, out, of_fields ? label_of(r->arena, p->key) : p->key, p->value);
	}
	html(out, "</tbody></table>");
}

static void put_value(
	struct request *r, struct buf *out, const char *field, const struct node *value)
{
	if (value->kind == NODE_SEQ)
		put_list(r, out, value);
	else if (value->kind == NODE_MAP)
		put_map(r, out, value, text_ends(field, "Config"));
	else
		put_text(r, out, field, value->text);
}

static bool is_in(const char *const *names, const char *name)
{
	for (; names && *names; names++)
		if (!strcmp(*names, name))
			return true;
	return false;
}

static void put_field(struct request *r, struct buf *out, const char *field,
	const struct node *value, const char *title, bool *begun)
{
	if (node_is_empty(value))
		return;
	if (!*begun)
		html(out, "<section><h2>%s</h2>\n<dl>\n", title);
	*begun = true;
	html(out, "<div><dt>%s</dt><dd>", label_of(r->arena, field));
	put_value(r, out, field, value);
	html(out, "</dd></div>\n");
}

static void end_group(struct buf *out, bool begun)
{
	if (begun)
		html(out, "</dl></section>\n");
}

void page_put_record(struct request *r, struct buf *out, const struct node *record,
	const struct page_group *groups, const char *const *left_out)
{
	bool begun = false;
	html(out, "<div class=\"facts\">\n");
	for (const struct page_group *g = groups; g->title; g++) {
		begun = false;
		for (const char *const *name = g->fields; *name; name++)
			put_field(r, out, *name, node_get(record, *name), g->title, &begun);
		end_group(out, begun);
	}
	begun = false;
	for (size_t i = 0; i < record->u.map.n; i++) {
		const struct node_pair *p = &record->u.map.v[i];
		bool shown = is_in(left_out, p->key);
		for (const struct page_group *g = groups; g->title && !shown; g++)
			shown = is_in(g->fields, p->key);
		if (!shown)
			put_field(r, out, p->key, p->value, "Further", &begun);
	}
	end_group(out, begun);
	html(out, "</div>\n");
}
