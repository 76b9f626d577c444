#include "oci/console.h"

#include "base/text.h"
#include "oci/config.h"

/* The n-th part of an OCID (ocid1.KIND.REALM.REGION.UNIQUE), from 0 on; "" where there is none. */
static const char *part(struct arena *a, const char *ocid, int n)
{
	for (; n > 0; n--) {
		ocid = strchr(ocid, '.');
		if (!ocid)
			return "";
		ocid++;
	}
	return arena_strndup(a, ocid, strcspn(ocid, "."));
}

static const char *page_of(const char *kind)
{
	if (text_equal(kind, "dataflowapplication"))
		return "apps";
	return text_equal(kind, "dataflowrun") ? "runs" : NULL;
}

/* NULL without a region. */
static char *link_to(struct arena *a, const char *region, const char *path)
{
	if (text_empty(region))
		return NULL;
	const char *id = oci_region_id(region), *domain = oci_region_domain(region);
	const char *host = text_equal(domain, "oraclecloud.com")
		? "cloud.oracle.com"
		: arena_printf(a, "console.%s.%s", id, domain);
	return arena_printf(a, "https://%s/%s?region=%s", host, path, id);
}

char *oci_console_link(struct arena *a, const char *region, const char *ocid)
{
	const char *page = text_equal(part(a, ocid, 0), "ocid1") ? page_of(part(a, ocid, 1)) : NULL;
	const char *own = part(a, ocid, 3);
	if (!page)
		return NULL;
	return link_to(a, oci_region_ok(own) ? own : region,
		arena_printf(a, "data-flow/%s/details/%s", page, text_percent(a, ocid)));
}

char *oci_console_bucket(struct arena *a, const char *region, const char *ns, const char *bucket)
{
	return link_to(a, region,
		arena_printf(a, "object-storage/buckets/%s/%s/objects", text_percent(a, ns),
			text_percent(a, bucket)));
}

char *oci_console_list(struct arena *a, const char *region, const char *what)
{
	bool storage = text_equal(what, "buckets");
	return link_to(a, region,
		arena_printf(a, "%s/%s", storage ? "object-storage" : "data-flow", what));
}
