#include "model/ocid.h"

#include "base/text.h"

#include <string.h>

enum { OCID_MAX = 255 };

static bool ok(const char *s)
{
	size_t n = strlen(s);
	return n <= OCID_MAX &&
		strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-") == n;
}

bool ocid_parse(const char *s, struct arena *a, struct ocid *ret)
{
	if (!text_starts(s, "ocid1.") || !ok(s))
		return false;
	char *rest = arena_strdup(a, s + strlen("ocid1."));
	const char *kind = strsep(&rest, "."), *realm = strsep(&rest, ".");
	const char *region = strsep(&rest, ".");
	if (!rest || !*rest || !*kind || !*realm)
		return false;
	*ret = (struct ocid){kind, realm, region};
	return true;
}

bool ocid_is(const char *s, const char *kind)
{
	arena_auto a = {0};
	struct ocid ocid;
	return ocid_parse(s, &a, &ocid) && text_equal(ocid.kind, kind);
}

const char *ocid_kind_doc(const char *kind)
{
	static const struct {
		const char *kind, *doc;
	} known[] = {
		{OCID_APPLICATION, "an application"},
		{OCID_RUN, "a run"},
		{OCID_COMPARTMENT, "a compartment"},
		{OCID_TENANCY, "a tenancy"},
		{OCID_SECRET, "a secret"},
		{"bucket", "a bucket"},
		{"dataflowpool", "a pool"},
		{"dataflowprivateendpoint", "a private endpoint"},
		{"datacatalogmetastore", "a metastore"},
		{"log", "a log"},
		{"loggroup", "a log group"},
		{"user", "a user"},
	};
	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (text_equal(kind, known[i].kind))
			return known[i].doc;
	return kind;
}
