/*
 * Regions and the addresses of services in them. Facts: the region table of the OCI Python SDK 2.189.0 and its
 * rules for regions that it does not know.
 */
#include "base/text.h"
#include "oci/config.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

struct region {
	const char *id, *key, *domain;
};

/* clang-format off */
static const struct region regions[] = {
	{"af-casablanca-1", "lej", "oraclecloud.com"},
	{"af-johannesburg-1", "jnb", "oraclecloud.com"},
	{"ap-batam-1", "hsg", "oraclecloud.com"},
	{"ap-chiyoda-1", "nja", "oraclecloud8.com"},
	{"ap-chuncheon-1", "yny", "oraclecloud.com"},
	{"ap-chuncheon-2", "bno", "oraclecloud35.com"},
	{"ap-dcc-canberra-1", "wga", "oraclecloud10.com"},
	{"ap-dcc-gazipur-1", "dac", "oraclecloud15.com"},
	{"ap-delhi-1", "onm", "oraclecloud.com"},
	{"ap-hyderabad-1", "hyd", "oraclecloud.com"},
	{"ap-ibaraki-1", "ukb", "oraclecloud8.com"},
	{"ap-kulai-2", "jbp", "oraclecloud.com"},
	{"ap-melbourne-1", "mel", "oraclecloud.com"},
	{"ap-mumbai-1", "bom", "oraclecloud.com"},
	{"ap-osaka-1", "kix", "oraclecloud.com"},
	{"ap-seoul-1", "icn", "oraclecloud.com"},
	{"ap-seoul-2", "dtz", "oraclecloud35.com"},
	{"ap-singapore-1", "sin", "oraclecloud.com"},
	{"ap-singapore-2", "xsp", "oraclecloud.com"},
	{"ap-suwon-1", "dln", "oraclecloud35.com"},
	{"ap-sydney-1", "syd", "oraclecloud.com"},
	{"ap-tokyo-1", "nrt", "oraclecloud.com"},
	{"ca-montreal-1", "yul", "oraclecloud.com"},
	{"ca-toronto-1", "yyz", "oraclecloud.com"},
	{"eu-amsterdam-1", "ams", "oraclecloud.com"},
	{"eu-budapest-1", "jsk", "oraclecloud51.com"},
	{"eu-crissier-1", "avf", "oraclecloud24.com"},
	{"eu-dcc-dublin-1", "ork", "oraclecloud14.com"},
	{"eu-dcc-dublin-2", "snn", "oraclecloud14.com"},
	{"eu-dcc-milan-1", "bgy", "oraclecloud14.com"},
	{"eu-dcc-milan-2", "mxp", "oraclecloud14.com"},
	{"eu-dcc-rating-1", "dus", "oraclecloud14.com"},
	{"eu-dcc-rating-2", "dtm", "oraclecloud14.com"},
	{"eu-dcc-zurich-1", "avz", "oraclecloud24.com"},
	{"eu-frankfurt-1", "fra", "oraclecloud.com"},
	{"eu-frankfurt-2", "str", "oraclecloud.eu"},
	{"eu-jovanovac-1", "beg", "oraclecloud20.com"},
	{"eu-madrid-1", "mad", "oraclecloud.com"},
	{"eu-madrid-2", "vll", "oraclecloud.eu"},
	{"eu-madrid-3", "orf", "oraclecloud.com"},
	{"eu-marseille-1", "mrs", "oraclecloud.com"},
	{"eu-milan-1", "lin", "oraclecloud.com"},
	{"eu-paris-1", "cdg", "oraclecloud.com"},
	{"eu-stockholm-1", "arn", "oraclecloud.com"},
	{"eu-turin-1", "nrq", "oraclecloud.com"},
	{"eu-zurich-1", "zrh", "oraclecloud.com"},
	{"il-jerusalem-1", "mtz", "oraclecloud.com"},
	{"me-abudhabi-1", "auh", "oraclecloud.com"},
	{"me-abudhabi-2", "rkt", "oraclecloud29.com"},
	{"me-abudhabi-3", "ahu", "oraclecloud26.com"},
	{"me-abudhabi-4", "shj", "oraclecloud29.com"},
	{"me-alain-1", "rba", "oraclecloud26.com"},
	{"me-alrayyan-1", "vve", "oraclecloud21.com"},
	{"me-dcc-doha-1", "doh", "oraclecloud21.com"},
	{"me-dcc-muscat-1", "mct", "oraclecloud9.com"},
	{"me-dubai-1", "dxb", "oraclecloud.com"},
	{"me-ibri-1", "ibr", "oraclecloud9.com"},
	{"me-jeddah-1", "jed", "oraclecloud.com"},
	{"me-riyadh-1", "ruh", "oraclecloud.com"},
	{"mx-monterrey-1", "mty", "oraclecloud.com"},
	{"mx-queretaro-1", "qro", "oraclecloud.com"},
	{"sa-bogota-1", "bog", "oraclecloud.com"},
	{"sa-riodejaneiro-1", "hnw", "oraclecloud52.com"},
	{"sa-santiago-1", "scl", "oraclecloud.com"},
	{"sa-saopaulo-1", "gru", "oraclecloud.com"},
	{"sa-valparaiso-1", "vap", "oraclecloud.com"},
	{"sa-vinhedo-1", "vcp", "oraclecloud.com"},
	{"uk-cardiff-1", "cwl", "oraclecloud.com"},
	{"uk-gov-cardiff-1", "brs", "oraclegovcloud.uk"},
	{"uk-gov-london-1", "ltn", "oraclegovcloud.uk"},
	{"uk-london-1", "lhr", "oraclecloud.com"},
	{"us-ashburn-1", "iad", "oraclecloud.com"},
	{"us-ashburn-2", "yxj", "oraclecloud42.com"},
	{"us-chicago-1", "ord", "oraclecloud.com"},
	{"us-gov-ashburn-1", "ric", "oraclegovcloud.com"},
	{"us-gov-chicago-1", "pia", "oraclegovcloud.com"},
	{"us-gov-phoenix-1", "tus", "oraclegovcloud.com"},
	{"us-langley-1", "lfi", "oraclegovcloud.com"},
	{"us-luke-1", "luf", "oraclegovcloud.com"},
	{"us-newark-1", "pgc", "oraclecloud42.com"},
	{"us-phoenix-1", "phx", "oraclecloud.com"},
	{"us-saltlake-2", "aga", "oraclecloud.com"},
	{"us-sanjose-1", "sjc", "oraclecloud.com"},
	{"us-somerset-1", "ebb", "oraclecloud23.com"},
	{"us-thames-1", "ebl", "oraclecloud23.com"},
};
/* clang-format on */

static const struct region *find(const char *name)
{
	for (size_t i = 0; i < sizeof regions / sizeof *regions; i++)
		if (!strcasecmp(name, regions[i].id) || !strcasecmp(name, regions[i].key))
			return &regions[i];
	return NULL;
}

const char *oci_region_id(const char *name)
{
	const struct region *r = find(name);
	return r ? r->id : name;
}

bool oci_region_known(const char *name)
{
	return find(name);
}

const char *oci_region_domain(const char *name)
{
	const struct region *r = find(name);
	return r ? r->domain : "oraclecloud.com";
}

const char *oci_region_near(const char *name)
{
	enum { N = sizeof regions / sizeof *regions };
	const char *ids[N + 1] = {NULL};
	for (size_t i = 0; i < N; i++)
		ids[i] = regions[i].id;
	return text_nearest(name, ids);
}

bool oci_region_ok(const char *name)
{
	for (const char *c = name; *c; c++)
		if (!isalnum((unsigned char)*c) && *c != '-' && *c != '.')
			return false;
	return *name != 0;
}

/* An id with a dot is itself the domain; one that the table lacks is taken to be of the commercial realm. */
static char *endpoint(struct arena *a, const char *service, const char *middle, const char *name)
{
	const struct region *r = find(name);
	if (!r && strchr(name, '.'))
		return arena_printf(a, "https://%s.%s", service, name);
	return arena_printf(a, "https://%s.%s%s.%s", service, oci_region_id(name), middle,
		oci_region_domain(name));
}

char *oci_endpoint_dataflow(struct arena *a, const char *region)
{
	return endpoint(a, "dataflow", ".oci", region);
}

char *oci_endpoint_objectstorage(struct arena *a, const char *region)
{
	return endpoint(a, "objectstorage", "", region);
}

char *oci_endpoint_secrets(struct arena *a, const char *region)
{
	return endpoint(a, "secrets.vaults", ".oci", region);
}

char *oci_endpoint_auth(struct arena *a, const char *region)
{
	return endpoint(a, "auth", "", region);
}

char *oci_url(struct arena *a, const char *endpoint, const char *path)
{
	size_t n = strlen(endpoint);
	while (n && endpoint[n - 1] == '/')
		n--;
	return arena_printf(a, "%.*s%s", (int)n, endpoint, path);
}
