#include "cli/given_ocid.h"

#include "base/text.h"

bool given_ocid_check(const char *text, const char *kind, struct err *err)
{
	arena_auto a = {0};
	struct ocid ocid;
	if (!ocid_parse(text, &a, &ocid)) {
		err_set(err, ERR_USAGE, "`%s` is no OCID", text);
		return err_hint(err, "that of %s begins with ocid1.%s.", ocid_kind_doc(kind), kind);
	}
	if (text_equal(ocid.kind, kind))
		return true;
	return err_set(err, ERR_USAGE, "`%s` is the OCID of %s, not of %s", text,
		ocid_kind_doc(ocid.kind), ocid_kind_doc(kind));
}

bool given_ocid_failed(const struct session *s, const char *text, struct err *err)
{
	arena_auto a = {0};
	struct ocid ocid;
	const char *asked = oci_region(s->oci);
	if (err->http_status != 404 || !asked || !ocid_parse(text, &a, &ocid) || !*ocid.region)
		return false;
	const char *region = oci_region_id(ocid.region);
	if (text_equal(region, oci_region_id(asked)))
		return false;
	return err_hint(err, "it is of region %s, and %s was asked: use --region %s", region,
		oci_region_id(asked), region);
}
