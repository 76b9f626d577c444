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

char *oci_console_link(struct arena *a, const char *region, const char *ocid)
{
	const char *page = text_equal(part(a, ocid, 0), "ocid1") ? page_of(part(a, ocid, 1)) : NULL;
	const char *own = part(a, ocid, 3);
	if (oci_region_ok(own))
		region = own;
	if (!page || text_empty(region))
		return NULL;
	const char *id = oci_region_id(region), *domain = oci_region_domain(region);
	const char *host = text_equal(domain, "oraclecloud.com")
		? "cloud.oracle.com"
		: arena_printf(a, "console.%s.%s", id, domain);
	return arena_printf(a, "https://%s/data-flow/%s/details/%s?region=%s", host, page,
		text_percent(a, ocid), id);
}
